//! Being told of changes of the ledger by the database, where it can.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};

use super::{Database, Engine, ledger::CHANNEL};

/// After a failure to listen, the connection rests.
const REST: Duration = Duration::from_secs(5);

/// Hears of changes of the ledger, on a connection of its own.
#[derive(Debug)]
pub struct Listener(Option<PgListener>);

impl Listener {
    /// A listener over a database. Over one that tells nothing, or through a pooler that keeps no session, it hears nothing.
    pub async fn over(database: &Database) -> Self {
        if database.engine() != Engine::Postgres {
            return Self(None);
        }
        let connected = async {
            // A pool of its own: who listens takes no connection away from those who read.
            let options = database.reader().get_postgres_connection_pool().connect_options();
            let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with((*options).clone());
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            Ok::<_, sea_orm::sqlx::Error>(listener)
        };
        Self(connected.await.inspect_err(|failure| tracing::debug!(%failure, "the ledger is not listened to")).ok())
    }

    /// Waits until something is told.
    pub async fn told(&mut self) {
        match &mut self.0 {
            None => std::future::pending().await,
            Some(listener) => {
                if let Err(failure) = listener.recv().await {
                    tracing::debug!(%failure, "the ledger could not be listened to");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}
