//! The real server over a real socket: started on a database, stopped, killed.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::binary;
use crate::client::Client;
use crate::clock::TestClock;
use crate::database::Database;
use crate::run_directory::RunDirectory;
use crate::token::{Key, TokenSpec};

/// How long a server may take to say that it listens, or to end once asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often we look whether it has.
const LOOK: Duration = Duration::from_millis(5);

/// Milliseconds after which a release takes effect, unless a test says otherwise: soon, as tests wait for it.
const RELEASE_MARGIN: &str = "40";

/// What a server prints before its address once it answers requests.
const READY: &str = "listening on ";

/// How a server is to be started.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    database: Database,
    clock: Option<TestClock>,
    key: Key,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl ServerOptions {
    /// With this clock, which other servers may share.
    #[must_use]
    pub fn clock(mut self, clock: &TestClock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Trusting this key.
    #[must_use]
    pub fn key(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    /// With one more word on the command line.
    #[must_use]
    pub fn arg(mut self, word: impl Into<OsString>) -> Self {
        self.arguments.push(word.into());
        self
    }

    /// With more words on the command line.
    #[must_use]
    pub fn args<W: Into<OsString>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.arguments.extend(words.into_iter().map(Into::into));
        self
    }

    /// With an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The server, once it answers requests; panics with all that it said if it does not.
    #[track_caller]
    pub fn start(self) -> Server {
        match self.try_start() {
            Ok(server) => server,
            Err(refusal) => panic!("the server does not start: {refusal:#?}"),
        }
    }

    /// What the server says when it refuses to start; panics if it starts.
    #[track_caller]
    pub fn expect_refusal(self) -> Refusal {
        match self.try_start() {
            Ok(server) => panic!("the server was to refuse to start, but listens at {}", server.url()),
            Err(refusal) => refusal,
        }
    }

    fn try_start(self) -> Result<Server, Refusal> {
        let run = RunDirectory::of_this_run();
        let log = run.path().join(format!("server-{}", Uuid::new_v4().simple()));
        let (stdout, stderr) = (log.with_extension("out"), log.with_extension("err"));
        let file = |path: &Path| File::create(path).expect("cannot make a log for a server");
        let mut command = binary::command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &self.database.url(), "--jwt-key-file"]);
        command.arg(self.key.file());
        if let Some(clock) = &self.clock {
            command.arg("--test-clock").arg(clock.file());
        }
        // By the environment, so that a test may still give `--release-margin-ms`.
        command.env("RELEASE_MARGIN_MS", RELEASE_MARGIN);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(file(&stdout)).stderr(file(&stderr));
        let process = command.spawn().expect("cannot run indicator-exchange");
        // The watchdog ends the servers of a test run that was itself ended in mid-test.
        let registration = run.path().join("servers").join(process.id().to_string());
        fs::write(&registration, "").expect("cannot register a server");

        let mut server = Server {
            process,
            registration,
            url: String::new(),
            stdout,
            stderr,
            key: self.key,
            tokens: Mutex::default(),
            _clock: self.clock,
            _database: self.database,
        };
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Looked at first: what it said before it ended is then all there.
            let ended = server.process.try_wait().expect("cannot look after a server");
            if let Some(url) = server.address() {
                server.url = url;
                return Ok(server);
            }
            if ended.is_some() || Instant::now() > deadline {
                return Err(Refusal { status: ended, stdout: server.stdout(), stderr: server.stderr() });
            }
            sleep(LOOK);
        }
    }
}

/// What a server said that did not start.
#[derive(Debug)]
pub struct Refusal {
    /// How it ended; `None` if it neither listened nor ended and was killed.
    pub status: Option<ExitStatus>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A server that answers requests. It is stopped when dropped; if that is because its test failed, its log is shown.
#[derive(Debug)]
pub struct Server {
    process: Child,
    registration: PathBuf,
    url: String,
    stdout: PathBuf,
    stderr: PathBuf,
    key: Key,
    tokens: Mutex<HashMap<TokenSpec, String>>,
    /// Neither may go before the server does.
    _clock: Option<TestClock>,
    _database: Database,
}

impl Server {
    /// A server over a database, as it comes. Any number may run over one database.
    #[track_caller]
    pub fn start(database: &Database) -> Self {
        Self::with(database).start()
    }

    /// A server over a database, with options.
    pub fn with(database: &Database) -> ServerOptions {
        ServerOptions {
            database: database.clone(),
            clock: None,
            key: Key::OfTheServer,
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Its address: `http://127.0.0.1:port`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client without a token.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// A client with a token for `spec`.
    pub fn client_for(&self, spec: &TokenSpec) -> Client {
        self.client().with_token(&self.token(spec))
    }

    /// A token that this server trusts, made once for each spec.
    pub fn token(&self, spec: &TokenSpec) -> String {
        let mut tokens = self.tokens.lock().unwrap();
        tokens.entry(spec.clone()).or_insert_with(|| spec.signed_with(self.key)).clone()
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.stdout).unwrap_or_default()).into_owned()
    }

    /// What it has logged so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.stderr).unwrap_or_default()).into_owned()
    }

    /// Its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to stop (`SIGTERM`) and says how it ended; panics if it does not end in time.
    #[track_caller]
    pub fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.wait().unwrap_or_else(|| panic!("the server does not stop:\n{}", self.stderr()))
    }

    /// Kills it (`SIGKILL`), as a power cut would.
    pub fn kill(mut self) {
        self.process.kill().expect("cannot kill a server");
        self.process.wait().expect("cannot wait for a killed server");
    }

    /// Asks it to stop, without waiting for it.
    pub fn terminate(&mut self) {
        // Until we have waited for it, no other process can have its number.
        if matches!(self.process.try_wait(), Ok(None)) {
            let pid = self.process.id().to_string();
            let _ = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid]).status();
        }
    }

    fn wait(&mut self) -> Option<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => sleep(LOOK),
                _ => return None,
            }
        }
    }

    fn address(&self) -> Option<String> {
        let stdout = self.stdout();
        // The last line may still be in the making.
        let (lines, _) = stdout.rsplit_once('\n')?;
        lines.lines().find_map(|line| line.strip_prefix(READY)).map(|url| url.trim().trim_end_matches('/').to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ready = !self.url.is_empty();
        if ready {
            self.terminate();
        }
        if !ready || self.wait().is_none() {
            if ready {
                eprintln!("the server at {} does not stop and is killed", self.url);
            }
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        let _ = fs::remove_file(&self.registration);
        if ready && std::thread::panicking() {
            eprintln!("the log of the server at {}:\n{}", self.url, self.stderr());
        }
        let _ = fs::remove_file(&self.stdout);
        let _ = fs::remove_file(&self.stderr);
    }
}
