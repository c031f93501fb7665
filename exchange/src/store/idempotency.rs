//! Answers already given to writes that carried an idempotency key.

use entity::idempotency_key;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, TryInsertResult, sea_query::Expr,
};

use super::database::{Engine, is_lock_timeout};
use crate::{
    clock::{Instant, micros},
    problem::{Error, ProblemCode, Result},
};

pub use idempotency_key::Model as StoredKey;

/// Claims a key: `None` when it was free, else what is stored under it.
///
/// Whoever comes second waits at the unique index until the first transaction has ended, but not for ever.
pub async fn claim(
    connection: &impl ConnectionTrait,
    subject: &str,
    key: &str,
    request_hash: &str,
    now: Instant,
) -> Result<Option<StoredKey>> {
    if Engine::of(connection) == Engine::Postgres {
        connection.execute_unprepared("SET LOCAL lock_timeout = '5s'").await?;
    }
    let row = idempotency_key::ActiveModel {
        subject: Set(subject.to_owned()),
        key: Set(key.to_owned()),
        request_hash: Set(request_hash.to_owned()),
        outcome: Set(String::new()),
        created_at: Set(micros(now)),
    };
    let inserted = idempotency_key::Entity::insert(row)
        .on_conflict_do_nothing_on([idempotency_key::Column::Subject, idempotency_key::Column::Key])
        .exec_without_returning(connection)
        .await;
    match inserted {
        Ok(TryInsertResult::Inserted(1)) => Ok(None),
        Ok(_) => Ok(idempotency_key::Entity::find_by_id((subject.to_owned(), key.to_owned())).one(connection).await?),
        Err(failure) if is_lock_timeout(&failure) => {
            let detail = "The first request with this idempotency key is still running.";
            Err(Error::problem(ProblemCode::IdempotencyKeyInUse, detail))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Stores the answer under a claimed key.
pub async fn settle(connection: &impl ConnectionTrait, subject: &str, key: &str, outcome: &str) -> Result<()> {
    idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::Outcome, Expr::value(outcome))
        .filter(idempotency_key::Column::Subject.eq(subject))
        .filter(idempotency_key::Column::Key.eq(key))
        .exec(connection)
        .await?;
    Ok(())
}
