//! A certified OpenID provider on loopback: `oidc-provider` under Node, installed once into a folder outside of the repository.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::run_directory::RunDirectory;

/// The release that is installed: it runs on Node 18 and newer.
const RELEASE: &str = "oidc-provider@8.8.1";

/// The provider's program.
const PROGRAM: &str = include_str!("oidc_provider.mjs");

/// What kind of key a provider signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// P-256, `ES256`.
    Elliptic,
    /// RSA of 2048 bits, `RS256`.
    Rsa,
    /// Ed25519, `EdDSA`.
    Edwards,
}

/// An OpenID provider, stopped when dropped.
#[derive(Debug)]
pub struct OidcProvider {
    process: Child,
    issuer: String,
    registration: PathBuf,
}

impl OidcProvider {
    /// A provider on a free port with a fresh key; `None`, and a loud line on standard error, where Node or npm is not
    /// installed. Panics when they are but it does not start, and with `CI=true` when they are not installed.
    #[track_caller]
    pub fn start(key: &str, kind: KeyKind) -> Option<Self> {
        Self::at(0, key, kind)
    }

    /// The same issuer after it was stopped, with another key and without the one before.
    #[track_caller]
    #[must_use]
    pub fn with_another_key(mut self, key: &str, kind: KeyKind) -> Self {
        self.end();
        let port = self.issuer.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        Self::at(port, key, kind).expect("it was there before")
    }

    /// Ends it, and answers with its issuer.
    pub fn stop(mut self) -> String {
        self.end();
        self.issuer.clone()
    }

    /// Its issuer, which is its address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A token for a client, `southwark-desk` or `lambeth-desk`, with scopes, for an audience.
    pub async fn token(&self, client: &str, scope: &str, audience: &str) -> String {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let body = format!("grant_type=client_credentials&scope={}&resource={audience}", scope.replace(' ', "+"));
        let request = http.post(format!("{}/token", self.issuer)).body(body);
        let request = request.basic_auth(client, Some("a-secret-of-the-tests-alone"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer: serde_json::Value = request.send().await.expect("a provider").json().await.expect("JSON");
        answer["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
    }

    #[track_caller]
    fn at(port: u16, key: &str, kind: KeyKind) -> Option<Self> {
        let folder = installed()?;
        let run = RunDirectory::of_this_run();
        let program = run.path().join("oidc_provider.mjs");
        fs::write(&program, PROGRAM).expect("cannot write the provider's program");
        let kind = match kind {
            KeyKind::Elliptic => "EC",
            KeyKind::Rsa => "RSA",
            KeyKind::Edwards => "OKP",
        };
        let mut process = Command::new("node")
            .arg(&program)
            .arg(&folder)
            .args([&port.to_string(), key, kind])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("cannot run node");
        // The watchdog ends it if the run is ended in mid-test: its command line names the run's folder.
        let registration = run.path().join("servers").join(process.id().to_string());
        fs::write(&registration, "").expect("cannot register a provider");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("cannot read what the provider says");
        let issuer = line.trim().strip_prefix("issuer ").unwrap_or_else(|| panic!("the provider says {line:?}"));
        Some(Self { issuer: issuer.to_owned(), process, registration })
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_file(&self.registration);
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        self.end();
    }
}

/// The folder in which the provider is installed, once for all runs.
#[track_caller]
fn installed() -> Option<PathBuf> {
    let is_there = |program: &str| {
        let ran = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        ran.is_ok_and(|status| status.success())
    };
    if !is_there("node") || !is_there("npm") {
        let reason = "Node and npm are not installed";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}, and CI must test with a real OpenID provider");
        let thread = std::thread::current();
        let _ = writeln!(
            io::stderr(),
            "\n*** SKIPPED, NOT TESTED: {}: {reason}.\n*** Install them: apt-get or brew install nodejs npm\n",
            thread.name().unwrap_or("a test"),
        );
        return None;
    }
    let run = RunDirectory::of_this_run();
    match run.once("oidc-provider", install) {
        Ok(folder) => Some(PathBuf::from(folder)),
        Err(reason) => panic!("{RELEASE} cannot be installed: {reason}"),
    }
}

fn install() -> Result<String, String> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    let folder = cache.unwrap_or_else(std::env::temp_dir).join("indicator-exchange-tests").join(RELEASE);
    if folder.join("node_modules/oidc-provider/package.json").exists() {
        return Ok(folder.display().to_string());
    }
    // Made beside it and moved, so that a run that is ended in between leaves nothing half done.
    let making = folder.with_extension(format!("making-{}", std::process::id()));
    fs::create_dir_all(&making).map_err(|failure| format!("{}: {failure}", making.display()))?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--prefix"]).arg(&making).args(["--no-audit", "--no-fund", "--ignore-scripts", "--no-save"]);
    let ran = npm.arg(RELEASE).stdin(Stdio::null()).output().map_err(|failure| failure.to_string())?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    if let Err(failure) = fs::rename(&making, &folder) {
        let _ = fs::remove_dir_all(&making);
        if !folder.exists() {
            return Err(failure.to_string());
        }
    }
    Ok(folder.display().to_string())
}
