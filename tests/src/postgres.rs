//! A throw-away PostgreSQL cluster: one a test run, on a loopback port, gone when the run ends.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::run_directory::RunDirectory;

/// The oldest PostgreSQL that the exchange runs on.
const OLDEST: u32 = 15;

/// The superuser, for the harness alone.
const ADMINISTRATOR: &str = "postgres";

/// The role of the exchange: it may create databases and is otherwise nobody special, as in production.
const ROLE: &str = "exchange";

/// What makes a cluster quick and small. Nobody relies on these figures after a power cut; a `kill -9` they survive.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
fsync = off
full_page_writes = off
max_wal_size = 128MB
shared_buffers = 64MB
";

/// The PostgreSQL cluster of this test run.
#[derive(Clone, Debug)]
pub struct Cluster {
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// The cluster, started by whoever asks first; `None`, and a loud line on standard error, where PostgreSQL is not
    /// installed. Panics when it is installed but does not start, and with `CI=true` when it is not installed.
    pub fn of_this_run() -> Option<Self> {
        let Some(programs) = programs() else {
            let reason =
                format!("PostgreSQL {OLDEST} or newer is not installed (no initdb in PATH or the usual folders)");
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}, and CI must test on it");
            let thread = std::thread::current();
            // Written directly, because the test runner hides what `eprintln!` says in a test that passes.
            let _ = writeln!(
                io::stderr(),
                "\n*** SKIPPED, NOT TESTED: {}: {reason}.\n*** Install it: apt-get or brew install postgresql\n",
                thread.name().unwrap_or("a test"),
            );
            return None;
        };
        let run = RunDirectory::of_this_run();
        match run.once("cluster", || start(run, &programs)) {
            Ok(port) => Some(Self { programs, port: port.parse().expect("a port") }),
            Err(reason) => panic!("PostgreSQL is installed in {} but does not start: {reason}", programs.display()),
        }
    }

    /// The address of a database, for the role of the exchange.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/{database}", self.port)
    }

    /// Creates a database, empty or as a copy of `template`, to which nobody may be connected.
    pub fn create_database(&self, name: &str, template: Option<&str>) {
        let mut command = self.client_program("createdb");
        command.args(["--maintenance-db=postgres", "--template", template.unwrap_or("template0"), name]);
        // A template cannot be copied while another copy is at it.
        let _turn = RunDirectory::of_this_run().turn("createdb");
        said(&mut command).unwrap_or_else(|reason| panic!("cannot create the database {name}: {reason}"));
    }

    /// Drops a database, whoever is still connected to it.
    pub fn drop_database(&self, name: &str) {
        let mut command = self.client_program("dropdb");
        command.args(["--maintenance-db=postgres", "--force", "--if-exists", name]);
        if let Err(reason) = said(&mut command) {
            eprintln!("cannot drop the database {name}: {reason}");
        }
    }

    /// What `psql` prints for a statement: one line a row, columns separated by `|`.
    pub fn psql(&self, database: &str, statement: &str) -> String {
        let mut command = self.client_program("psql");
        command.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1"]);
        command.args(["--dbname", database, "--command", statement]);
        said(&mut command).unwrap_or_else(|reason| panic!("{statement}: {reason}")).trim_end().to_owned()
    }

    /// One of PostgreSQL's client programs (`pg_dump`, …), with the address of the cluster.
    pub fn client_program(&self, name: &str) -> Command {
        client_program(&self.programs, name, self.port, ROLE)
    }
}

fn client_program(programs: &Path, name: &str, port: u16, role: &str) -> Command {
    let mut command = Command::new(programs.join(name));
    clear_environment(&mut command);
    command.args(["--host=127.0.0.1", "--no-password", "--username", role, "--port", &port.to_string()]);
    command
}

/// Takes away the visitor's own PostgreSQL settings (`PGHOST`, `PGOPTIONS`, …).
fn clear_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
}

/// Initialises and starts the cluster; answers its port.
fn start(run: &RunDirectory, programs: &Path) -> Result<String, String> {
    let home = run.path().join("cluster");
    let wrong = |what: &str, error: &io::Error| format!("cannot {what} {}: {error}", home.display());
    fs::create_dir(&home).map_err(|error| wrong("make", &error))?;
    fs::set_permissions(&home, Permissions::from_mode(0o700)).map_err(|error| wrong("protect", &error))?;
    let user = if run.belongs_to_root() { Some(User::other_than_root()?) } else { None };
    if let Some(user) = &user {
        chown(&home, Some(user.id), Some(user.group)).map_err(|error| wrong("give away", &error))?;
    }
    let program = |name: &str| {
        let mut command = User::run(user.as_ref(), &programs.join(name));
        clear_environment(&mut command);
        command.current_dir("/");
        command
    };

    let data = home.join("data");
    let mut initdb = program("initdb");
    initdb.args([
        "--auth=trust",
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C",
        "--username",
        ADMINISTRATOR,
        "--pgdata",
    ]);
    said(initdb.arg(&data)).map_err(|reason| {
        let here = std::env::temp_dir();
        format!("{reason}\nIf it may not enter {}, set TMPDIR to a folder that everybody may.", here.display())
    })?;
    let mut settings = File::options().append(true).open(data.join("postgresql.conf")).map_err(|e| wrong("set", &e))?;
    writeln!(settings, "{SETTINGS}unix_socket_directories = '{}'", home.display()).map_err(|e| wrong("set", &e))?;

    // The watchdog runs this when the test run is over.
    let mut stop = program("pg_ctl");
    stop.args(["stop", "--silent", "--mode=immediate", "--timeout=30", "--pgdata"]).arg(&data);
    let words: Vec<String> = std::iter::once(stop.get_program()).chain(stop.get_args()).map(quoted).collect();
    fs::write(run.path().join("stop-cluster"), words.join(" ")).map_err(|error| wrong("watch", &error))?;

    let port = start_on_a_free_port(&program, &home, &data)?;
    let mut createuser = client_program(programs, "createuser", port, ADMINISTRATOR);
    said(createuser.args(["--createdb", ROLE]))?;
    Ok(port.to_string())
}

/// Starts the cluster. A port that was free a moment ago may be taken by now; then another one is tried.
fn start_on_a_free_port(program: &dyn Fn(&str) -> Command, home: &Path, data: &Path) -> Result<u16, String> {
    let mut last = String::new();
    for attempt in 1..=5 {
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("no free port: {error}"))?.port();
        let log = home.join(format!("log-{attempt}"));
        let mut pg_ctl = program("pg_ctl");
        pg_ctl.args(["start", "--wait", "--silent", "--timeout=60", "--options", &format!("-p {port}"), "--pgdata"]);
        match said(pg_ctl.arg(data).arg("--log").arg(&log)) {
            Ok(_) => return Ok(port),
            Err(reason) => last = format!("{reason}\n{}", fs::read_to_string(&log).unwrap_or_default()),
        }
    }
    Err(last)
}

/// Who runs the cluster when the tests run as root, and how to become them.
struct User {
    id: u32,
    group: u32,
    /// The words that a command line is put after.
    becoming: Vec<String>,
}

impl User {
    fn other_than_root() -> Result<Self, String> {
        for name in ["postgres", "nobody"] {
            let number = |flag: &str| said(Command::new("id").args([flag, name])).ok()?.trim().parse().ok();
            let (Some(id), Some(group)) = (number("-u"), number("-g")) else {
                continue;
            };
            let ways = [
                format!("setpriv --reuid={id} --regid={group} --clear-groups --"),
                format!("runuser -u {name} --"),
                // `su` takes a script; the words that follow are its arguments.
                format!("su -s /bin/sh {name} -c exec\u{a0}\"$0\"\u{a0}\"$@\" --"),
            ];
            for way in ways {
                let becoming = way.split(' ').map(|word| word.replace('\u{a0}', " ")).collect();
                let user = Self { id, group, becoming };
                let mut who = Self::run(Some(&user), Path::new("id"));
                if said(who.arg("-u").current_dir("/")).is_ok_and(|said| said.trim() == id.to_string()) {
                    return Ok(user);
                }
            }
        }
        Err("PostgreSQL does not run as root, and neither setpriv, runuser nor su makes us `postgres` or `nobody`; \
             run the tests as an ordinary user"
            .to_owned())
    }

    /// A command, run as `user` or, without one, as ourselves.
    fn run(user: Option<&Self>, program: &Path) -> Command {
        let Some(user) = user else { return Command::new(program) };
        let mut command = Command::new(&user.becoming[0]);
        command.args(&user.becoming[1..]).arg(program);
        command
    }
}

/// What a command says on standard output, or what is wrong with it.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} ended with {}\n{stderr}", output.status))
}

fn quoted(word: &OsStr) -> String {
    format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"))
}

/// The folder of PostgreSQL's programs: that of the `initdb` in `PATH`, else the newest of the usual folders.
fn programs() -> Option<PathBuf> {
    static PROGRAMS: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAMS.get_or_init(find_programs).clone()
}

fn find_programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A link in PATH says where its neighbours are only once it is followed.
    let in_path = std::env::split_paths(&path).filter_map(|folder| folder.join("initdb").canonicalize().ok());
    if let Some(folder) =
        in_path.filter_map(|initdb| initdb.parent().map(Path::to_owned)).find(|f| version(f).is_some())
    {
        return Some(folder);
    }
    let parents = ["/usr/lib/postgresql", "/usr", "/usr/local", "/opt/homebrew/opt", "/usr/local/opt"];
    let folders = parents.iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten().flatten();
    let bins = folders.map(|folder| folder.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    bins.filter_map(|bin| Some((version(&bin)?, bin))).max().map(|(_, bin)| bin)
}

/// The major version of the programs in a folder, if all that we need are there and it is new enough.
fn version(folder: &Path) -> Option<u32> {
    if !["initdb", "pg_ctl", "createdb", "createuser", "dropdb", "psql"].iter().all(|name| folder.join(name).exists()) {
        return None;
    }
    // `initdb (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`
    let said = said(Command::new(folder.join("initdb")).arg("--version")).ok()?;
    let number = said.split_whitespace().nth(2)?;
    let major = number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    (major >= OLDEST).then_some(major)
}
