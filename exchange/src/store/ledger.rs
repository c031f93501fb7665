//! Editions and the ledger: its head, announcements of changes that are under way, and publications.

use std::{collections::HashMap, fmt};

use entity::{Audience, EditionKind, Scheme, edition, ledger_head, ledger_hold, publication};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult,
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
    /// The earliest instant that a change under way may touch: nobody's time may reach it before the change is done.
    pub held_at: Option<Instant>,
    /// When the oldest such change was announced.
    pub held_since: Option<Instant>,
}

/// Reads the head in one statement, outside transactions.
pub async fn head(connection: &impl ConnectionTrait) -> Result<Head> {
    let clock = match Engine::of(connection) {
        // Of the beginning of the statement's own transaction, which is before it sees anything: what a reader sees is at least
        // as new as its time.
        Engine::Postgres => "(extract(epoch FROM transaction_timestamp()) * 1000000)::bigint",
        Engine::Sqlite => "NULL",
    };
    let holds = "SELECT min(at) FROM ledger_hold), (SELECT min(made_at) FROM ledger_hold";
    let sql = format!("SELECT version, epoch, {clock}, ({holds}) FROM ledger_head WHERE id = 1");
    let row = connection
        .query_one_raw(statement(connection, sql, []))
        .await?
        .ok_or_else(|| Error::internal("reading the ledger's head", "its row is missing"))?;
    let instant_at = |at: usize| Ok::<_, Error>(row.try_get_by_index::<Option<i64>>(at)?.map(instant));
    Ok(Head {
        version: row.try_get_by_index(0)?,
        epoch: row.try_get_by_index(1)?,
        clock: instant_at(2)?,
        held_at: instant_at(3)?,
        held_since: instant_at(4)?,
    })
}

/// The database's clock at this moment, where it has one: for writers, whose transactions began earlier.
pub async fn clock(connection: &impl ConnectionTrait) -> Result<Option<Instant>> {
    if Engine::of(connection) == Engine::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    let row = connection.query_one_raw(statement(connection, sql, [])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(instant))
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

/// Announces a change of the ledger that touches nothing before an instant.
pub async fn announce(connection: &impl ConnectionTrait, id: Uuid, at: Instant, now: Instant) -> Result<()> {
    let row = ledger_hold::ActiveModel { id: Set(id), at: Set(micros(at)), made_at: Set(micros(now)) };
    ledger_hold::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

/// Takes an announcement back, in the transaction of the change or after it has failed; `false` if it is gone already.
pub async fn take_back(connection: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    Ok(ledger_hold::Entity::delete_by_id(id).exec(connection).await?.rows_affected == 1)
}

/// Removes announcements from before an instant that their writers have left behind. One whose transaction is still under way
/// stays.
pub async fn remove_abandoned(connection: &impl ConnectionTrait, before: Instant) -> Result<()> {
    let locked = match Engine::of(connection) {
        Engine::Postgres => "FOR UPDATE SKIP LOCKED",
        // Whoever writes has the whole file.
        Engine::Sqlite => "",
    };
    let sql = format!("DELETE FROM ledger_hold WHERE id IN (SELECT id FROM ledger_hold WHERE made_at < $1 {locked})");
    connection.execute_raw(statement(connection, sql, [micros(before).into()])).await?;
    Ok(())
}

/// Counts a change of the ledger, so that every server follows it, and returns the new version. The head must be locked.
pub async fn count(connection: &impl ConnectionTrait) -> Result<i64> {
    ledger_head::Entity::update_many()
        .col_expr(ledger_head::Column::Version, Expr::col(ledger_head::Column::Version).add(1))
        .filter(ledger_head::Column::Id.eq(1))
        .exec(connection)
        .await?;
    version(connection).await
}

/// The version of the ledger.
pub async fn version(connection: &impl ConnectionTrait) -> Result<i64> {
    let row = ledger_head::Entity::find_by_id(1).one(connection).await?;
    row.map(|head| head.version).ok_or_else(|| Error::internal("reading the ledger's head", "its row is missing"))
}

/// Draws a new restore epoch, so that nobody takes what is said now for what was said before.
pub async fn begin_epoch(connection: &impl ConnectionTrait, epoch: &str) -> Result<()> {
    ledger_head::Entity::update_many()
        .col_expr(ledger_head::Column::Epoch, Expr::value(epoch))
        .filter(ledger_head::Column::Id.eq(1))
        .exec(connection)
        .await?;
    Ok(())
}

/// Tells servers that wait that the ledger has changed, when the transaction has ended. It only hurries them: they look by
/// themselves.
pub async fn notify(connection: &impl ConnectionTrait) -> Result<()> {
    if Engine::of(connection) == Engine::Postgres {
        connection.execute_raw(statement(connection, format!("NOTIFY {CHANNEL}"), [])).await?;
    }
    Ok(())
}

/// The channel on which PostgreSQL tells of changes of the ledger.
pub const CHANNEL: &str = "exchange_ledger";

/// The clock has come too near to the instant of effect before the transaction could end; run again, it draws a later one.
#[derive(Debug)]
pub struct TooLate;

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the change of the ledger could not be announced in time")
    }
}

impl std::error::Error for TooLate {}

const PUBLICATIONS: &str = "SELECT p.edition_id, p.effective_at, p.audience, e.kind, e.partnership_id, e.collection_id,
        r.public_id, l.public_id, e.scheme, e.withdraws, r.revision,
        CASE WHEN e.kind = 'WITHDRAWAL' THEN l.reason ELSE r.revision_reason END
    FROM publication p
    JOIN edition e ON e.id = p.edition_id
    LEFT JOIN indicator_return r ON r.id = e.return_id
    LEFT JOIN release l ON l.id = p.release_id";

/// Reads the ledger: what has changed since the one that is known, or all of it.
pub async fn load(connection: &impl ConnectionTrait, head: Head, known: &Ledger) -> Result<Ledger> {
    let follows = known.epoch() == head.epoch && known.version() < head.version;
    let rows = if follows {
        let sql = format!("{PUBLICATIONS} WHERE p.version > $1");
        connection.query_all_raw(statement(connection, sql, [known.version().into()])).await?
    } else {
        connection.query_all_raw(statement(connection, PUBLICATIONS, [])).await?
    };
    let (mut changed, mut cancelled) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match row.try_get_by_index::<Option<i64>>(1)? {
            Some(effective_at) => changed.push(published(&row, instant(effective_at))?),
            None => cancelled.push(row.try_get_by_index(0)?),
        }
    }
    Ok(if follows {
        known.with(head.version, changed, &cancelled)
    } else {
        Ledger::new(head.version, head.epoch, changed)
    })
}

fn published(row: &QueryResult, effective_at: Instant) -> Result<Published> {
    Ok(Published {
        edition_id: row.try_get_by_index(0)?,
        effective_at,
        audience: row.try_get_by_index::<Audience>(2)?,
        kind: row.try_get_by_index::<EditionKind>(3)?,
        partnership_id: row.try_get_by_index(4)?,
        collection_id: row.try_get_by_index(5)?,
        return_id: row.try_get_by_index(6)?,
        release_id: row.try_get_by_index(7)?,
        scheme: row.try_get_by_index::<Option<Scheme>>(8)?,
        withdraws: row.try_get_by_index(9)?,
        revision: row.try_get_by_index(10)?,
        reason: row.try_get_by_index(11)?,
    })
}

/// Makes an edition of metadata and returns its number.
pub async fn insert_metadata_edition(connection: &impl ConnectionTrait, now: Instant) -> Result<i64> {
    insert(connection, EditionKind::Metadata, None, None, now).await
}

/// Makes an edition of a return's figures in one scheme and returns its number.
pub async fn insert_edition(connection: &impl ConnectionTrait, of: EditionOf, now: Instant) -> Result<i64> {
    insert(connection, EditionKind::Return, Some(of), None, now).await
}

/// Makes an edition that withdraws another one and returns its number.
pub async fn insert_withdrawal(
    connection: &impl ConnectionTrait,
    of: EditionOf,
    withdraws: i64,
    now: Instant,
) -> Result<i64> {
    insert(connection, EditionKind::Withdrawal, Some(of), Some(withdraws), now).await
}

async fn insert(
    connection: &impl ConnectionTrait,
    kind: EditionKind,
    of: Option<EditionOf>,
    withdraws: Option<i64>,
    now: Instant,
) -> Result<i64> {
    let edition = edition::ActiveModel {
        id: NotSet,
        kind: Set(kind),
        scheme: Set(of.map(|of| of.scheme)),
        return_id: Set(of.map(|of| of.return_id)),
        partnership_id: Set(of.map(|of| of.partnership_id)),
        collection_id: Set(of.map(|of| of.collection_id)),
        withdraws: Set(withdraws),
        created_at: Set(micros(now)),
    };
    Ok(edition::Entity::insert(edition).exec(connection).await?.last_insert_id)
}

/// What an edition holds figures of.
#[derive(Debug, Clone, Copy)]
pub struct EditionOf {
    /// The return.
    pub return_id: i64,
    /// The partnership reported for.
    pub partnership_id: i32,
    /// The collection answered.
    pub collection_id: i32,
    /// The scheme of the indicators.
    pub scheme: Scheme,
}

/// The editions of a return's figures, oldest first.
pub async fn editions_of(connection: &impl ConnectionTrait, return_id: i64) -> Result<Vec<edition::Model>> {
    let query = edition::Entity::find()
        .filter(edition::Column::ReturnId.eq(return_id))
        .filter(edition::Column::Kind.eq(EditionKind::Return));
    Ok(query.order_by_asc(edition::Column::Id).all(connection).await?)
}

/// The editions of several returns' figures, by return.
pub async fn editions_by_return(connection: &impl ConnectionTrait, returns: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    let mut by_return: HashMap<i64, Vec<i64>> = HashMap::new();
    if returns.is_empty() {
        return Ok(by_return);
    }
    let query = edition::Entity::find()
        .filter(edition::Column::ReturnId.is_in(returns.iter().copied()))
        .filter(edition::Column::Kind.eq(EditionKind::Return));
    for edition in query.all(connection).await? {
        if let Some(return_id) = edition.return_id {
            by_return.entry(return_id).or_default().push(edition.id);
        }
    }
    Ok(by_return)
}

/// The first instant from one on at which nothing takes effect yet.
pub async fn first_free(connection: &impl ConnectionTrait, from: Instant) -> Result<Instant> {
    const LOOK: i64 = 10_000;
    let mut free = micros(from);
    loop {
        let sql = "SELECT DISTINCT effective_at FROM publication WHERE effective_at >= $1 AND effective_at < $2
            ORDER BY effective_at";
        let rows = connection.query_all_raw(statement(connection, sql, [free.into(), (free + LOOK).into()])).await?;
        let end = free + LOOK;
        for row in rows {
            if row.try_get_by_index::<i64>(0)? != free {
                return Ok(instant(free));
            }
            free += 1;
        }
        if free < end {
            return Ok(instant(free));
        }
    }
}

/// Whether there is an edition of a scheme for a partnership and a collection.
pub async fn has_edition(connection: &impl ConnectionTrait, of: EditionOf) -> Result<bool> {
    let query = edition::Entity::find()
        .filter(edition::Column::PartnershipId.eq(of.partnership_id))
        .filter(edition::Column::CollectionId.eq(of.collection_id))
        .filter(edition::Column::Scheme.eq(of.scheme));
    Ok(query.one(connection).await?.is_some())
}

/// An edition that enters the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The edition.
    pub edition_id: i64,
    /// Whom it is for.
    pub audience: Audience,
    /// The release that publishes it.
    pub release_id: Option<i64>,
}

/// Enters editions in the ledger, all at one instant, as its version `version`. One whose release was cancelled may enter again.
pub async fn publish(
    connection: &impl ConnectionTrait,
    entries: &[Entry],
    effective_at: Instant,
    version: i64,
) -> Result<()> {
    let again = publication::Entity::delete_many()
        .filter(publication::Column::EditionId.is_in(entries.iter().map(|entry| entry.edition_id)))
        .filter(publication::Column::EffectiveAt.is_null());
    again.exec(connection).await?;
    let rows = entries.iter().map(|entry| publication::ActiveModel {
        edition_id: Set(entry.edition_id),
        effective_at: Set(Some(micros(effective_at))),
        audience: Set(entry.audience),
        release_id: Set(entry.release_id),
        version: Set(version),
    });
    publication::Entity::insert_many(rows).exec_without_returning(connection).await?;
    Ok(())
}

/// Gives what a release publishes another instant, or none: it is cancelled.
pub async fn reschedule(
    connection: &impl ConnectionTrait,
    release_id: i64,
    effective_at: Option<Instant>,
    version: i64,
) -> Result<()> {
    publication::Entity::update_many()
        .col_expr(publication::Column::EffectiveAt, Expr::value(effective_at.map(micros)))
        .col_expr(publication::Column::Version, Expr::value(version))
        .filter(publication::Column::ReleaseId.eq(release_id))
        .exec(connection)
        .await?;
    Ok(())
}

/// The place of an edition in the ledger, unless it is in none or was taken out.
pub async fn publication_of(connection: &impl ConnectionTrait, edition_id: i64) -> Result<Option<publication::Model>> {
    let found = publication::Entity::find_by_id(edition_id).one(connection).await?;
    Ok(found.filter(|publication| publication.effective_at.is_some()))
}

/// Whether an edition that is to take effect at an instant would upset the order of the editions of one answer: a later one
/// takes effect before it, or an earlier one after it. A withdrawal stands just behind what it withdraws.
///
/// Of revisions for other audiences than that of the figures a withdrawal does not take account: who sees only the older ones must
/// not go on reading what is known to be wrong.
pub async fn is_out_of_order(
    connection: &impl ConnectionTrait,
    edition: &edition::Model,
    audience: Audience,
    at: Instant,
) -> Result<bool> {
    const PLACE: &str = "(2 * coalesce(e.withdraws, e.id) + CASE WHEN e.withdraws IS NULL THEN 0 ELSE 1 END)";
    let sql = format!(
        "SELECT 1 FROM edition e JOIN publication p ON p.edition_id = e.id
        WHERE e.partnership_id = $1 AND e.collection_id = $2 AND e.scheme = $3
        AND (({PLACE} > $4 AND p.effective_at <= $5) OR ({PLACE} < $4 AND p.effective_at > $5))
        AND ($6 OR p.audience = $7) LIMIT 1"
    );
    let place = edition.withdraws.map_or(2 * edition.id, |withdraws| 2 * withdraws + 1);
    let values = [
        edition.partnership_id.into(),
        edition.collection_id.into(),
        edition.scheme.into(),
        place.into(),
        micros(at).into(),
        (edition.kind == EditionKind::Return).into(),
        audience.into(),
    ];
    Ok(connection.query_one_raw(statement(connection, sql, values)).await?.is_some())
}

/// The return whose figures for a partnership and a collection come last in the ledger, in effect or to come.
pub async fn newest_answer(
    connection: &impl ConnectionTrait,
    partnership_id: i32,
    collection_id: i32,
) -> Result<Option<Uuid>> {
    let sql = "SELECT r.public_id FROM edition e JOIN publication p ON p.edition_id = e.id
        JOIN indicator_return r ON r.id = e.return_id
        WHERE e.partnership_id = $1 AND e.collection_id = $2 AND e.kind = 'RETURN' AND p.effective_at IS NOT NULL
        ORDER BY e.id DESC LIMIT 1";
    let values = [partnership_id.into(), collection_id.into()];
    let row = connection.query_one_raw(statement(connection, sql, values)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Whether an edition is withdrawn, or to be.
pub async fn is_withdrawn(connection: &impl ConnectionTrait, edition_id: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM edition e JOIN publication p ON p.edition_id = e.id
        WHERE e.withdraws = $1 AND p.effective_at IS NOT NULL LIMIT 1";
    Ok(connection.query_one_raw(statement(connection, sql, [edition_id.into()])).await?.is_some())
}
