//! The command line of the indicator exchange.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match api::command::run(api::cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("indicator-exchange: {failure}");
            ExitCode::FAILURE
        }
    }
}
