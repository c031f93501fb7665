//! The command line of the indicator exchange.

use std::process::ExitCode;

use api::{cli::Cli, command};
use clap::{Parser, error::ErrorKind};
use mimalloc::MiMalloc;

/// Answers are made of many small pieces: with the system's allocator a fifth of the time went to it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What a wrong command line ends with; other failures end with 1.
const WRONG_USAGE: u8 = 2;

/// What clap calls an error and is none: somebody asks for help.
const HELP: [ErrorKind; 3] =
    [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand];

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) if HELP.contains(&answer.kind()) => answer.exit(),
        Err(failure) => {
            eprintln!("indicator-exchange: {}", one_line(&failure.to_string()));
            return ExitCode::from(WRONG_USAGE);
        }
    };
    match command::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("indicator-exchange: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What is wrong, without the usage that follows it.
fn one_line(message: &str) -> String {
    let what = message.split("\n\nUsage:").next().unwrap_or_default();
    let what = what.split("\n\nFor more information").next().unwrap_or_default().trim().trim_start_matches("error: ");
    let words: Vec<&str> = what.split_whitespace().collect();
    format!("{} (--help lists the options)", words.join(" "))
}
