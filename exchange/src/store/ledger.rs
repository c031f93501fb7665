//! Editions, the ledger and releases.

use std::{collections::HashMap, fmt};

use entity::{Audience, EditionKind, edition, ledger_head, publication, release};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::database::{Engine, statement};
use crate::{
    clock::{Instant, instant, micros},
    problem::{Error, Result},
    rules::ledger::{Ledger, Published},
};

/// The head of the ledger, and the database's clock where it has one.
#[derive(Debug, Clone)]
pub struct Head {
    /// Counts the changes of the ledger.
    pub version: i64,
    /// Drawn at random when the database was made or restored.
    pub epoch: String,
    /// The database's clock.
    pub clock: Option<Instant>,
}

/// Reads the head in one statement.
pub async fn head(connection: &impl ConnectionTrait) -> Result<Head> {
    let clock = match Engine::of(connection) {
        Engine::Postgres => "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint",
        Engine::Sqlite => "NULL",
    };
    let sql = format!("SELECT version, epoch, {clock} FROM ledger_head WHERE id = 1");
    let row = connection
        .query_one_raw(statement(connection, sql, []))
        .await?
        .ok_or_else(|| Error::internal("reading the ledger's head", "its row is missing"))?;
    let clock: Option<i64> = row.try_get_by_index(2)?;
    Ok(Head { version: row.try_get_by_index(0)?, epoch: row.try_get_by_index(1)?, clock: clock.map(instant) })
}

/// Locks the head until the transaction ends: whoever writes to the ledger, or to what it publishes, comes one at a time.
/// A writer of SQLite has the whole file already.
pub async fn lock(connection: &impl ConnectionTrait) -> Result<()> {
    if Engine::of(connection) == Engine::Postgres {
        let sql = "SELECT version FROM ledger_head WHERE id = 1 FOR UPDATE";
        connection.query_one_raw(statement(connection, sql, [])).await?;
    }
    Ok(())
}

/// Counts a change of the ledger, so that every server reads it again.
pub async fn count(connection: &impl ConnectionTrait) -> Result<()> {
    ledger_head::Entity::update_many()
        .col_expr(ledger_head::Column::Version, Expr::col(ledger_head::Column::Version).add(1))
        .filter(ledger_head::Column::Id.eq(1))
        .exec(connection)
        .await?;
    Ok(())
}

/// The clock has come too near to the instant of effect before the transaction could end; run again, it draws a later one.
#[derive(Debug)]
pub struct TooLate;

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the publication would have taken effect before its transaction ended")
    }
}

impl std::error::Error for TooLate {}

/// Reads the whole ledger.
pub async fn load(connection: &impl ConnectionTrait, head: Head) -> Result<Ledger> {
    let sql = "SELECT p.edition_id, p.effective_at, p.audience, e.kind, e.partnership_id, e.collection_id, r.public_id, l.public_id
        FROM publication p
        JOIN edition e ON e.id = p.edition_id
        LEFT JOIN indicator_return r ON r.id = e.return_id
        LEFT JOIN release l ON l.id = p.release_id";
    let mut published = Vec::new();
    for row in connection.query_all_raw(statement(connection, sql, [])).await? {
        published.push(Published {
            edition_id: row.try_get_by_index(0)?,
            effective_at: instant(row.try_get_by_index(1)?),
            audience: row.try_get_by_index::<Audience>(2)?,
            kind: row.try_get_by_index::<EditionKind>(3)?,
            partnership_id: row.try_get_by_index(4)?,
            collection_id: row.try_get_by_index(5)?,
            return_id: row.try_get_by_index(6)?,
            release_id: row.try_get_by_index(7)?,
        });
    }
    Ok(Ledger::new(head.version, head.epoch, published))
}

/// Makes an edition and returns its number.
pub async fn insert_edition(
    connection: &impl ConnectionTrait,
    kind: EditionKind,
    of: Option<EditionOf>,
    now: Instant,
) -> Result<i64> {
    let edition = edition::ActiveModel {
        id: NotSet,
        kind: Set(kind),
        return_id: Set(of.map(|of| of.return_id)),
        partnership_id: Set(of.map(|of| of.partnership_id)),
        collection_id: Set(of.map(|of| of.collection_id)),
        created_at: Set(micros(now)),
    };
    Ok(edition::Entity::insert(edition).exec(connection).await?.last_insert_id)
}

/// The return that an edition holds figures of.
#[derive(Debug, Clone, Copy)]
pub struct EditionOf {
    /// The return.
    pub return_id: i64,
    /// The partnership reported for.
    pub partnership_id: i32,
    /// The collection answered.
    pub collection_id: i32,
}

/// The editions of a return, oldest first.
pub async fn editions_of(connection: &impl ConnectionTrait, return_id: i64) -> Result<Vec<edition::Model>> {
    let query = edition::Entity::find().filter(edition::Column::ReturnId.eq(return_id));
    Ok(query.order_by_asc(edition::Column::Id).all(connection).await?)
}

/// The editions of several returns, by return.
pub async fn editions_by_return(connection: &impl ConnectionTrait, returns: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    let mut by_return: HashMap<i64, Vec<i64>> = HashMap::new();
    if returns.is_empty() {
        return Ok(by_return);
    }
    let query = edition::Entity::find().filter(edition::Column::ReturnId.is_in(returns.iter().copied()));
    for edition in query.all(connection).await? {
        if let Some(return_id) = edition.return_id {
            by_return.entry(return_id).or_default().push(edition.id);
        }
    }
    Ok(by_return)
}

/// Whether something takes effect at an instant already.
pub async fn is_taken(connection: &impl ConnectionTrait, at: Instant) -> Result<bool> {
    let query = publication::Entity::find().filter(publication::Column::EffectiveAt.eq(micros(at)));
    Ok(query.one(connection).await?.is_some())
}

/// Whether there is an edition of a kind for a partnership and a collection.
pub async fn has_edition(connection: &impl ConnectionTrait, kind: EditionKind, of: EditionOf) -> Result<bool> {
    let query = edition::Entity::find()
        .filter(edition::Column::PartnershipId.eq(of.partnership_id))
        .filter(edition::Column::CollectionId.eq(of.collection_id))
        .filter(edition::Column::Kind.eq(kind));
    Ok(query.one(connection).await?.is_some())
}

/// Enters editions in the ledger, all at one instant.
pub async fn publish(
    connection: &impl ConnectionTrait,
    editions: &[i64],
    effective_at: Instant,
    audience: Audience,
    release_id: Option<i64>,
) -> Result<()> {
    let rows = editions.iter().map(|edition_id| publication::ActiveModel {
        edition_id: Set(*edition_id),
        effective_at: Set(micros(effective_at)),
        audience: Set(audience),
        release_id: Set(release_id),
    });
    publication::Entity::insert_many(rows).exec_without_returning(connection).await?;
    Ok(())
}

/// Whether an edition is in the ledger already.
pub async fn is_published(connection: &impl ConnectionTrait, edition_id: i64) -> Result<bool> {
    Ok(publication::Entity::find_by_id(edition_id).one(connection).await?.is_some())
}

/// Whether an edition that is to take effect at an instant would upset the order of the editions of one answer: a later one
/// is in the ledger already, or an earlier one is to take effect after it.
pub async fn is_out_of_order(connection: &impl ConnectionTrait, edition: &edition::Model, at: Instant) -> Result<bool> {
    let sql = "SELECT 1 FROM edition e JOIN publication p ON p.edition_id = e.id
        WHERE e.partnership_id = $1 AND e.collection_id = $2 AND e.kind = $3
        AND (e.id > $4 OR (e.id < $4 AND p.effective_at > $5)) LIMIT 1";
    let values = [
        edition.partnership_id.into(),
        edition.collection_id.into(),
        edition.kind.into(),
        edition.id.into(),
        micros(at).into(),
    ];
    Ok(connection.query_one_raw(statement(connection, sql, values)).await?.is_some())
}

/// A release that is about to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewRelease<'a> {
    /// The public identifier.
    pub public_id: Uuid,
    /// The subject of the token that releases.
    pub released_by: &'a str,
    /// Whom it is for.
    pub audience: Audience,
    /// When it takes effect.
    pub effective_at: Instant,
    /// When it is made.
    pub created_at: Instant,
    /// What the releasing office says about it.
    pub note: Option<&'a str>,
}

/// Writes a release down and returns its number.
pub async fn insert_release(connection: &impl ConnectionTrait, new: NewRelease<'_>) -> Result<i64> {
    let row = release::ActiveModel {
        id: NotSet,
        public_id: Set(new.public_id),
        released_by: Set(new.released_by.to_owned()),
        audience: Set(new.audience),
        effective_at: Set(micros(new.effective_at)),
        created_at: Set(micros(new.created_at)),
        note: Set(new.note.map(str::to_owned)),
    };
    Ok(release::Entity::insert(row).exec(connection).await?.last_insert_id)
}
