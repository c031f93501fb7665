//! A database for each test, with the newest schema or with the catalogue too: made once a run, copied for each test.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use uuid::Uuid;

use crate::binary::{indicator_exchange, workspace};
use crate::clock::TestClock;
use crate::postgres::Cluster;
use crate::run_directory::RunDirectory;

/// Since when the catalogue of [`Database::with_catalogue`] is in effect. Clocks of its servers must show a later instant.
pub const CATALOGUE_SINCE: &str = "2009-04-01T00:00:00Z";
const A_SECOND_BEFORE: &str = "2009-03-31T23:59:59Z";

/// The kinds of database that the exchange runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file, inside the server.
    Sqlite,
    /// A cluster of its own.
    Postgres,
}

/// One test's own database; it is gone when its last copy is dropped, servers' copies included.
#[derive(Clone, Debug)]
pub struct Database {
    place: Arc<Place>,
}

#[derive(Debug)]
enum Place {
    Sqlite { file: PathBuf, _folder: TempDir },
    Postgres { cluster: Cluster, name: String },
}

impl Database {
    /// A database with the newest schema and nothing else in it; `None` where PostgreSQL is asked for but not installed
    /// (see [`Cluster::of_this_run`]).
    pub fn fresh(engine: Engine) -> Option<Self> {
        Self::copy(engine, Template::Migrated)
    }

    /// A database with the metadata of the folder `data`, in effect since [`CATALOGUE_SINCE`], and no returns; `None` as for
    /// [`Database::fresh`].
    pub fn with_catalogue(engine: Engine) -> Option<Self> {
        Self::copy(engine, Template::WithCatalogue)
    }

    fn copy(engine: Engine, template: Template) -> Option<Self> {
        let run = RunDirectory::of_this_run();
        let name = template.name();
        let place = match engine {
            Engine::Sqlite => {
                let file = run.path().join(format!("{name}.sqlite"));
                remembered(run.once(&format!("template-{name}-sqlite"), || template.make(&make_sqlite(&file)?)));
                let place = Place::sqlite();
                if let Place::Sqlite { file: copy, .. } = &place {
                    copy_sqlite(&file, copy);
                }
                place
            }
            Engine::Postgres => {
                let cluster = Cluster::of_this_run()?;
                remembered(run.once(&format!("template-{name}-postgres"), || {
                    cluster.create_database(name, None);
                    template.make(&cluster.url(name))
                }));
                Place::postgres(cluster, Some(name))
            }
        };
        Some(Self { place: Arc::new(place) })
    }

    /// A database in which there is nothing, not even a schema; `None` as for [`Database::fresh`].
    pub fn unmigrated(engine: Engine) -> Option<Self> {
        let place = match engine {
            Engine::Sqlite => {
                let place = Place::sqlite();
                if let Place::Sqlite { file, .. } = &place {
                    make_sqlite(file).unwrap();
                }
                place
            }
            Engine::Postgres => Place::postgres(Cluster::of_this_run()?, None),
        };
        Some(Self { place: Arc::new(place) })
    }

    /// Its kind.
    pub fn engine(&self) -> Engine {
        match *self.place {
            Place::Sqlite { .. } => Engine::Sqlite,
            Place::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Its address: `sqlite:///folder/file.sqlite` or `postgres://exchange@127.0.0.1:port/name`.
    pub fn url(&self) -> String {
        match &*self.place {
            Place::Sqlite { file, .. } => sqlite_url(file),
            Place::Postgres { cluster, name } => cluster.url(name),
        }
    }
}

/// What databases are copied from.
#[derive(Clone, Copy, Debug)]
enum Template {
    Migrated,
    WithCatalogue,
}

impl Template {
    const fn name(self) -> &'static str {
        match self {
            Self::Migrated => "migrated",
            Self::WithCatalogue => "with_catalogue",
        }
    }

    /// Makes the template in the empty database at `url`.
    fn make(self, url: &str) -> Result<String, String> {
        said(&["migrate", "--database-url", url])?;
        if let Self::WithCatalogue = self {
            let (folder, clock) = (catalogue()?, TestClock::at(A_SECOND_BEFORE));
            let (folder, clock) = (folder.display().to_string(), clock.file().display().to_string());
            said(&["load", &folder, "--database-url", url, "--test-clock", &clock, "--release-margin-ms", "1000"])?;
        }
        Ok(url.to_owned())
    }
}

impl Place {
    fn sqlite() -> Self {
        let prefix = tempfile::Builder::new().prefix("database-").tempdir_in(RunDirectory::of_this_run().path());
        let folder = prefix.expect("cannot make a folder for a database");
        Self::Sqlite { file: folder.path().join("exchange.sqlite"), _folder: folder }
    }

    fn postgres(cluster: Cluster, template: Option<&str>) -> Self {
        let name = format!("exchange_{}", Uuid::new_v4().simple());
        cluster.create_database(&name, template);
        Self::Postgres { cluster, name }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Postgres { cluster, name } = self {
            cluster.drop_database(name);
        }
    }
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// Makes an empty file, which to SQLite is an empty database, and answers its address.
fn make_sqlite(file: &Path) -> Result<String, String> {
    fs::write(file, "").map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(sqlite_url(file))
}

/// Copies a database that nobody has open; its write-ahead log holds what has not been checkpointed.
fn copy_sqlite(from: &Path, to: &Path) {
    fs::copy(from, to).expect("cannot copy a database");
    let log = |file: &Path| PathBuf::from(format!("{}-wal", file.display()));
    if log(from).exists() {
        fs::copy(log(from), log(to)).expect("cannot copy the log of a database");
    }
}

/// A folder with the metadata of the folder `data`, plans among it, without its returns.
fn catalogue() -> Result<PathBuf, String> {
    let run = RunDirectory::of_this_run();
    let copied = run.once("catalogue", || {
        let (from, to) = (workspace().join("data"), run.path().join("data"));
        let told = |error: io::Error| format!("cannot copy {}: {error}", from.display());
        fs::create_dir(&to).map_err(told)?;
        fs::create_dir(to.join("plans")).map_err(told)?;
        for within in ["", "plans"] {
            for file in fs::read_dir(from.join(within)).map_err(told)? {
                let file = file.map_err(told)?.path();
                let extension = file.extension().and_then(OsStr::to_str);
                if let (Some(name), Some("csv" | "json")) = (file.file_name(), extension) {
                    fs::copy(&file, to.join(within).join(name)).map_err(told)?;
                }
            }
        }
        Ok(to.display().to_string())
    });
    copied.map(PathBuf::from)
}

/// What the program prints, if it ends well.
fn said(arguments: &[&str]) -> Result<String, String> {
    let ran = indicator_exchange(arguments);
    if ran.status.success() { Ok(ran.stdout) } else { Err(format!("{arguments:?} failed: {ran:#?}")) }
}

fn remembered(template: Result<String, String>) {
    if let Err(reason) = template {
        panic!("there is no database to copy: {reason}");
    }
}

/// Makes of each `async fn name(db: Database) { … }` the tests `name::on_sqlite` and `name::on_postgres`, each with a
/// [`Database::fresh`], or with a [`Database::with_catalogue`] after the words `with_catalogue:`.
///
/// Attributes (documentation, `#[ignore = "…"]`) go to both tests. The package must depend on tokio.
#[macro_export]
macro_rules! on_both_databases {
    (with_catalogue: $($tests:tt)+) => { $crate::on_both_databases! { @with_catalogue $($tests)+ } };
    (@$kind:ident $($(#[$attribute:meta])* async fn $name:ident($database:ident: Database) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "the test is written as if it stood outside")]
            use super::*;

            async fn test($database: $crate::Database) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                if let Some(database) = $crate::Database::$kind($crate::Engine::Sqlite) {
                    test(database).await;
                }
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = $crate::Database::$kind($crate::Engine::Postgres) {
                    test(database).await;
                }
            }
        }
    )+};
    ($($tests:tt)+) => { $crate::on_both_databases! { @fresh $($tests)+ } };
}
