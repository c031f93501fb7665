//! The database: connecting, the differences between engines, and transactions that are run again when they must be.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use migration::SchemaState;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
    sqlx::{
        Connection, PgConnection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::problem::{Error, ProblemCode, Result};

/// A transaction in which a write runs.
pub type Tx = Arc<DatabaseTransaction>;

/// How often a write is tried before the client is asked to come back.
const ATTEMPTS: u32 = 5;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Which engine holds the data. Differences between engines are asked of it, never of a product's name in passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl Engine {
    /// The engine behind a connection.
    pub fn of(connection: &impl ConnectionTrait) -> Self {
        match connection.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// A condition that a column is one of the numbers bound at a place, and the value to bind there.
    ///
    /// One statement text serves lists of any length, so that it is prepared once.
    pub fn is_one_of(self, column: &str, place: usize, numbers: &[i64]) -> (String, Value) {
        match self {
            Self::Postgres => (format!("{column} = ANY(${place})"), Value::from(numbers.to_vec())),
            Self::Sqlite => {
                let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
                let condition = format!("{column} IN (SELECT value FROM json_each(${place}))");
                (condition, Value::from(format!("[{}]", list.join(","))))
            }
        }
    }

    /// A condition that a column is among the numbers bound at a place, which may be many. It is looked up row by row and never
    /// drives the plan, so that rows still come in the order of their index.
    pub fn is_among(self, column: &str, place: usize, numbers: &[i64]) -> (String, Value) {
        let (condition, value) = self.is_one_of(&format!("+{column}"), place, numbers);
        match self {
            Self::Postgres => (format!("({column} IN (SELECT unnest(${place}::bigint[]))) IS TRUE"), value),
            Self::Sqlite => (condition, value),
        }
    }

    /// How many variables one statement may bind.
    const fn variables(self) -> usize {
        match self {
            Self::Postgres => 65_535,
            Self::Sqlite => 32_766,
        }
    }

    /// How many rows of so many columns one INSERT may carry.
    pub const fn rows_per_insert(self, columns: usize) -> usize {
        self.variables() / columns
    }
}

/// A pool of connections to one database.
#[derive(Debug, Clone)]
pub struct Database {
    connection: DatabaseConnection,
    engine: Engine,
    statements: Arc<AtomicU64>,
    retried: Arc<AtomicU64>,
    given_up: Arc<AtomicU64>,
}

/// The connections of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// How many are open.
    pub open: usize,
    /// How many of these nobody uses.
    pub idle: usize,
    /// How many there may be.
    pub most: u32,
}

impl Database {
    /// Connects.
    ///
    /// # Errors
    /// When the database cannot be reached, with one line that says why.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, String> {
        if url.starts_with("postgres") {
            // A pool only says that it waited in vain; a single connection says why.
            let connection = PgConnection::connect(url);
            let outcome = tokio::time::timeout(CONNECT_TIMEOUT, connection).await;
            let connection = outcome.map_err(|_| "it does not answer")?.map_err(|failure| failure.to_string())?;
            let _ = connection.close().await;
        }
        let mut options = ConnectOptions::new(url);
        options
            .sqlx_logging(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .acquire_timeout(CONNECT_TIMEOUT)
            .max_connections(connections)
            // A ping before each checkout costs a fifth of the throughput; idle connections alone are asked.
            .test_before_acquire_if_idle_for(Duration::from_secs(30))
            .map_sqlx_sqlite_opts(|options| {
                options
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // An answered write survives a power cut.
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
            })
            .map_sqlx_postgres_opts(|options| options.application_name("indicator-exchange"));
        let mut connection = sea_orm::Database::connect(options).await.map_err(|failure| plain(&failure))?;
        let statements = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&statements);
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let engine = Engine::of(&connection);
        let (retried, given_up) = (Arc::default(), Arc::default());
        Ok(Self { connection, engine, statements, retried, given_up })
    }

    /// The pool, for reading.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// How many statements have been run over this pool outside transactions.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How often a write was run again because another one was in its way.
    pub fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    /// How many writes were given up because others were always in their way.
    pub fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    /// The connections of the pool.
    pub fn connections(&self) -> Connections {
        match self.engine {
            Engine::Postgres => {
                let pool = self.connection.get_postgres_connection_pool();
                let most = pool.options().get_max_connections();
                Connections { open: pool.size() as usize, idle: pool.num_idle(), most }
            }
            Engine::Sqlite => {
                let pool = self.connection.get_sqlite_connection_pool();
                let most = pool.options().get_max_connections();
                Connections { open: pool.size() as usize, idle: pool.num_idle(), most }
            }
        }
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), String> {
        migration::migrate(&self.connection).await.map_err(|failure| plain(&failure))
    }

    /// Checks that the schema is the one that this program knows.
    ///
    /// # Errors
    /// When it is not, with what to do about it.
    pub async fn check_schema(&self) -> Result<(), String> {
        match migration::schema_state(&self.connection).await.map_err(|failure| plain(&failure))? {
            SchemaState::Current => Ok(()),
            SchemaState::Behind { missing } => Err(format!(
                "the database lacks {missing} migrations of this program: run `indicator-exchange migrate` first"
            )),
            SchemaState::Unknown { names } => {
                Err(format!("the database has migrations that this program does not know: {}", names.join(", ")))
            }
        }
    }

    /// Writes a consistent copy of an embedded database to a file that is not there yet, while writers go on.
    pub async fn copy_to(&self, file: &Path) -> Result<(), String> {
        if self.engine != Engine::Sqlite {
            return Err("only an embedded database is copied; use pg_dump".to_owned());
        }
        let name = file.to_str().ok_or("the file's name is not UTF-8")?;
        if file.exists() {
            return Err(format!("{name} is there already"));
        }
        let copy = statement(&self.connection, "VACUUM INTO $1", [name.into()]);
        self.connection.execute_raw(copy).await.map(|_| ()).map_err(|failure| plain(&failure))
    }

    /// Lets the engine settle what was written in bulk: PostgreSQL then answers reads of figures from its indexes alone, and
    /// knows how many there are. An embedded database needs nothing of the kind.
    pub async fn settle(&self) -> Result<()> {
        if self.engine == Engine::Postgres {
            self.connection.execute_unprepared("VACUUM (ANALYZE)").await?;
        }
        Ok(())
    }

    /// Ends all connections, so that an embedded database leaves no journal behind.
    pub async fn close(&self) {
        let _ = self.connection.clone().close().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.connection.ping().await?)
    }

    /// Runs a write in one transaction: committed when it succeeds, rolled back when it fails, and run again when the
    /// database could not serialise it with another. The write must therefore draw ids and the time outside.
    pub async fn write<T, F, W>(&self, work: F) -> Result<T>
    where
        F: Fn(Tx) -> W,
        W: Future<Output = Result<T>>,
    {
        let mut attempt = 1;
        loop {
            match self.attempt(&work).await {
                Err(Error::Internal { source, .. }) if attempt < ATTEMPTS && is_transient(&*source) => {
                    self.retried.fetch_add(1, Ordering::Relaxed);
                    tracing::debug!(attempt, %source, "the write is run again");
                    tokio::time::sleep(Duration::from_millis(u64::from(10 * attempt * attempt))).await;
                    attempt += 1;
                }
                Err(Error::Internal { source, .. }) if is_transient(&*source) => {
                    self.given_up.fetch_add(1, Ordering::Relaxed);
                    tracing::warn!(%source, "the write was given up");
                    return Err(Error::problem(
                        ProblemCode::Overloaded,
                        "Other writes were in the way; repeat the request.",
                    ));
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt<T, F, W>(&self, work: &F) -> Result<T>
    where
        F: Fn(Tx) -> W,
        W: Future<Output = Result<T>>,
    {
        let options = TransactionOptions {
            // A reader that turns writer would find the file busy; a writer says so from the start.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = Arc::new(self.connection.begin_with_options(options).await?);
        let outcome = work(Arc::clone(&tx)).await;
        let tx = Arc::try_unwrap(tx)
            .map_err(|_| Error::internal("ending a transaction", "the write kept a handle of its transaction"))?;
        match outcome {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            Err(failure) => {
                if let Err(rollback) = tx.rollback().await {
                    tracing::warn!(%rollback, "a transaction could not be rolled back");
                }
                Err(failure)
            }
        }
    }
}

/// A statement with values bound by place.
pub(super) fn statement(
    connection: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

/// Whether a failure passes by itself: serialisation failure and deadlock of PostgreSQL, a busy SQLite file.
fn is_transient(source: &(dyn std::error::Error + 'static)) -> bool {
    let code = source.downcast_ref::<DbErr>().and_then(code);
    code.is_some_and(|code| ["40001", "40P01", LOCK_TIMEOUT, "5", "6", "517"].contains(&code.as_str()))
}

/// PostgreSQL's code for a lock that was not had in time.
const LOCK_TIMEOUT: &str = "55P03";

/// Whether a statement waited for a lock longer than it was allowed to.
pub(super) fn is_lock_timeout(failure: &DbErr) -> bool {
    code(failure).as_deref() == Some(LOCK_TIMEOUT)
}

/// The engine's own code of a failure.
fn code(failure: &DbErr) -> Option<String> {
    match failure {
        DbErr::Exec(RuntimeErr::SqlxError(failure)) | DbErr::Query(RuntimeErr::SqlxError(failure)) => {
            failure.as_database_error().and_then(|failure| failure.code().map(std::borrow::Cow::into_owned))
        }
        _ => None,
    }
}

/// One line that an operator can act on.
fn plain(failure: &DbErr) -> String {
    let text = failure.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}
