//! A migrated database for each test: migrated once a run, copied for each test.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use uuid::Uuid;

use crate::binary::indicator_exchange;
use crate::postgres::Cluster;
use crate::run_directory::RunDirectory;

/// The name of the migrated database that others are copied from.
const TEMPLATE: &str = "migrated";

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
        let run = RunDirectory::of_this_run();
        let place = match engine {
            Engine::Sqlite => {
                let template = run.path().join(format!("{TEMPLATE}.sqlite"));
                remembered(run.once("template-sqlite", || migrate(&make_sqlite(&template)?)));
                let place = Place::sqlite();
                if let Place::Sqlite { file, .. } = &place {
                    copy_sqlite(&template, file);
                }
                place
            }
            Engine::Postgres => {
                let cluster = Cluster::of_this_run()?;
                remembered(run.once("template-postgres", || {
                    cluster.create_database(TEMPLATE, None);
                    migrate(&cluster.url(TEMPLATE))
                }));
                Place::postgres(cluster, Some(TEMPLATE))
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
    fs::copy(from, to).expect("cannot copy the migrated database");
    let log = |file: &Path| PathBuf::from(format!("{}-wal", file.display()));
    if log(from).exists() {
        fs::copy(log(from), log(to)).expect("cannot copy the log of the migrated database");
    }
}

fn migrate(url: &str) -> Result<String, String> {
    let ran = indicator_exchange(["migrate", "--database-url", url]);
    if ran.status.success() { Ok(url.to_owned()) } else { Err(format!("migrate {url} failed: {ran:#?}")) }
}

fn remembered(template: Result<String, String>) {
    if let Err(reason) = template {
        panic!("there is no migrated database to copy: {reason}");
    }
}

/// Makes of each `async fn name(db: Database) { … }` the tests `name::on_sqlite` and `name::on_postgres`.
///
/// Attributes (documentation, `#[ignore = "…"]`) go to both tests. The package must depend on tokio.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($database:ident: Database) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "the test is written as if it stood outside")]
            use super::*;

            async fn test($database: $crate::Database) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                if let Some(database) = $crate::Database::fresh($crate::Engine::Sqlite) {
                    test(database).await;
                }
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = $crate::Database::fresh($crate::Engine::Postgres) {
                    test(database).await;
                }
            }
        }
    )+};
}
