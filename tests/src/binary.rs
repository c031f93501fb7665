//! The program under test: found, built when it is missing or stale, and run.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;

use crate::run_directory::RunDirectory;

/// The environment variables that the program takes its options from, besides those of `JWT_…`.
const SETTINGS: [&str; 22] = [
    "DATABASE_CONNECTIONS",
    "DATABASE_URL",
    "DRAIN_TIMEOUT",
    "FORWARDED_HEADER",
    "HEADER_TIMEOUT",
    "JWKS_MAX_AGE",
    "LISTEN",
    "LOG_FORMAT",
    "MAX_BODY_BYTES",
    "MAX_CONNECTIONS",
    "MAX_REQUESTS",
    "METRICS_LISTEN",
    "PUBLIC_URL",
    "RATE_LIMIT_READS",
    "RATE_LIMIT_WRITES",
    "RELEASE_MARGIN_MS",
    "REQUEST_TIMEOUT",
    "REQUIRE_TOKEN",
    "RUST_LOG",
    "TEST_CLOCK",
    "TRUST",
    "TRUSTED_PROXIES",
];

/// What a run of the program to its end has said.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// What it printed, if it ended well; panics with all that it said if not.
    #[track_caller]
    pub fn expect_success(self) -> String {
        assert!(self.status.success(), "indicator-exchange was to succeed: {self:#?}");
        self.stdout
    }
}

/// Runs `indicator-exchange` with these arguments to its end.
pub fn indicator_exchange<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    let output = command().args(arguments).output().expect("cannot run indicator-exchange");
    Ran {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The program, without arguments, in the folder of the run and without the visitor's own settings for it.
pub(crate) fn command() -> Command {
    let mut command = Command::new(path());
    command.current_dir(RunDirectory::of_this_run().path());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = ["INDICATOR_EXCHANGE_", "PG", "JWT_"].iter().any(|prefix| text.starts_with(prefix));
        if ours || SETTINGS.contains(&&*text) {
            command.env_remove(name);
        }
    }
    command
}

/// Where the program is: `INDICATOR_EXCHANGE_BIN`, or what `cargo build` makes beside this test.
fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        if let Some(path) = std::env::var_os("INDICATOR_EXCHANGE_BIN").filter(|path| !path.is_empty()) {
            // Cargo starts tests in the folder of their package; whoever sets the variable means the workspace.
            return workspace().join(path).canonicalize().expect("INDICATOR_EXCHANGE_BIN must name a file");
        }
        let built = RunDirectory::of_this_run().once("binary", build);
        PathBuf::from(built.unwrap_or_else(|reason| panic!("there is no indicator-exchange to test: {reason}")))
    })
}

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace")
}

/// Lets Cargo, which knows best what is stale, build the program into the folder that this test was built into.
///
/// Cargo has let go of its build lock by the time that it runs tests.
fn build() -> Result<String, String> {
    let this_test = std::env::current_exe().map_err(|error| format!("where are we? {error}"))?;
    // <target>[/<triple>]/<profile>/deps/<test>
    let profile_folder = this_test.ancestors().nth(2).ok_or("the test is not in a target folder")?;
    let outer = profile_folder.parent().ok_or("the test is not in a target folder")?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).args(["build", "--quiet", "--bin", "indicator-exchange"]);
    match profile_folder.file_name().and_then(OsStr::to_str).ok_or("a profile has a name")? {
        "debug" => {}
        profile => drop(cargo.args(["--profile", profile])),
    }
    if outer.join(".rustc_info.json").exists() {
        cargo.arg("--target-dir").arg(outer);
    } else if let (Some(target), Some(triple)) = (outer.parent(), outer.file_name()) {
        cargo.arg("--target-dir").arg(target).arg("--target").arg(triple);
    }
    // What Cargo says about this package to its tests would mislead the build scripts of others.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text.starts_with("NEXTEST") {
            cargo.env_remove(name);
        }
    }
    let program = profile_folder.join(format!("indicator-exchange{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        // Written directly, because the test runner hides what `eprintln!` says in a test that passes.
        let _ =
            writeln!(io::stderr(), "\nBuilding indicator-exchange for its tests; the first time takes some minutes …");
    }
    let output = cargo.output().map_err(|error| format!("cannot run {cargo:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{cargo:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    if program.exists() { Ok(program.display().to_string()) } else { Err(format!("no {}", program.display())) }
}
