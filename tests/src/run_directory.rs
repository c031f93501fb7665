//! The folder that the tests of one run share (cluster, templates, logs), and the watchdog that clears it up.
//!
//! A run is this process under `cargo test`, and all test processes together under `cargo nextest`. Rust drops no
//! statics, and a killed process drops nothing at all, so clearing up is left to a small shell that outlives the run.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// Waits for the owner of the run to vanish, then ends what the run has started and removes its folder.
///
/// `$1` is `pipe` (the owner holds our standard input open for as long as it lives) or the owner's process id. A server
/// is ended only if its command line names our folder: its process id may by then belong to somebody else.
const WATCHDOG: &str = r#"
trap '' HUP INT TERM
owner=$1 folder=$2
if [ "$owner" = pipe ]; then
    read -r _
else
    while kill -0 "$owner" 2>/dev/null; do sleep 1; done
fi
for file in "$folder"/servers/*; do
    [ -e "$file" ] || continue
    pid=${file##*/}
    if [ -r "/proc/$pid/cmdline" ]; then
        line=$(tr '\0' ' ' <"/proc/$pid/cmdline")
    else
        line=$(ps -o args= -p "$pid")
    fi
    case $line in *"$folder"*) kill -KILL "$pid" ;; esac
done
if [ -f "$folder/stop-cluster" ]; then sh "$folder/stop-cluster"; fi
rm -rf "$folder"
"#;

/// The folder of this run.
pub(crate) struct RunDirectory {
    path: PathBuf,
    /// Kept for its standard input, which the watchdog of this process waits on.
    watchdog: Mutex<Option<Child>>,
}

impl RunDirectory {
    /// The one folder of this run, made by whoever asks first.
    pub(crate) fn of_this_run() -> &'static Self {
        static RUN: OnceLock<RunDirectory> = OnceLock::new();
        RUN.get_or_init(|| Self::make().expect("cannot make a folder for this test run"))
    }

    fn make() -> io::Result<Self> {
        let nextest = nextest();
        let path = match &nextest {
            Some((run, _)) => {
                let path = std::env::temp_dir().join(format!("indicator-exchange-tests-{run}"));
                match fs::create_dir(&path) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => path,
                }
            }
            None => tempfile::Builder::new().prefix("indicator-exchange-tests-").tempdir()?.keep(),
        };
        // The cluster may have to run as another user, who must be able to reach its own folder in this one.
        fs::set_permissions(&path, Permissions::from_mode(0o711))?;
        let run = Self { path: path.canonicalize()?, watchdog: Mutex::new(None) };
        let owner = nextest.map_or_else(|| "pipe".to_owned(), |(_, parent)| parent.to_string());
        run.once("watchdog", || run.watch(&owner)).map_err(io::Error::other)?;
        Ok(run)
    }

    fn watch(&self, owner: &str) -> Result<String, String> {
        fs::create_dir(self.path.join("servers"))
            .map_err(|error| format!("cannot make a folder for servers: {error}"))?;
        let child = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog", owner])
            .arg(&self.path)
            .current_dir("/")
            .stdin(if owner == "pipe" { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start the watchdog of the test run: {error}"))?;
        let started = child.id().to_string();
        *self.watchdog.lock().unwrap() = Some(child);
        Ok(started)
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the tests run as root, which PostgreSQL refuses.
    pub(crate) fn belongs_to_root(&self) -> bool {
        self.path.metadata().is_ok_and(|metadata| metadata.uid() == 0)
    }

    /// Makes something once a run, failures included, and remembers what `make` said of it.
    pub(crate) fn once(&self, name: &str, make: impl FnOnce() -> Result<String, String>) -> Result<String, String> {
        let _turn = self.turn(name);
        let done = self.path.join(format!("{name}.done"));
        let failed = self.path.join(format!("{name}.failed"));
        if let Ok(said) = fs::read_to_string(&done) {
            return Ok(said);
        }
        if let Ok(said) = fs::read_to_string(&failed) {
            return Err(said);
        }
        let result = make();
        let (file, said) = match &result {
            Ok(said) => (done, said),
            Err(said) => (failed, said),
        };
        fs::write(file, said).expect("cannot write to the folder of this test run");
        result
    }

    /// Waits for one's turn at `name`, between the threads and the processes of the run; dropping it ends it.
    pub(crate) fn turn(&self, name: &str) -> File {
        let lock = File::create(self.path.join(format!("{name}.lock"))).expect("cannot make a lock file");
        lock.lock().expect("cannot lock a file");
        lock
    }
}

/// The id of the nextest run and the process id of nextest, if it is nextest that has started this process.
fn nextest() -> Option<(String, u32)> {
    let run = std::env::var("NEXTEST_RUN_ID").ok()?;
    let parent = parent_id();
    let name = fs::read_to_string(format!("/proc/{parent}/comm")).or_else(|_| {
        let ps = Command::new("ps").args(["-o", "comm=", "-p", &parent.to_string()]).output()?;
        Ok::<_, io::Error>(String::from_utf8_lossy(&ps.stdout).into_owned())
    });
    name.is_ok_and(|name| name.contains("nextest")).then_some((run, parent))
}
