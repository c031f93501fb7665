//! The audit trail: only ever added to, in the transaction of the write that it tells of.

use std::collections::BTreeMap;

use entity::{AuditAction, audit, audit_anchor, audit_head};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{
    database::{Engine, statement},
    walk::Walk,
};
use crate::{
    clock::{Instant, micros},
    problem::{Error, Result},
    rules::audit_chain::{Content, anchor_hash, entry_hash},
};

pub use audit::Model as StoredEntry;
pub use audit_anchor::Model as StoredAnchor;
pub use audit_head::Model as StoredHead;

/// One thing that was done.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// When.
    pub at: Instant,
    /// By the holder of which token.
    pub subject: &'a str,
    /// With which client program.
    pub client: Option<&'a str>,
    /// What.
    pub action: AuditAction,
    /// To what: a path such as `returns/0193…`.
    pub object: String,
    /// The partnership concerned, by code; empty for none.
    pub chain: String,
    /// What it was before, as JSON.
    pub before: Option<String>,
    /// What it is now, as JSON.
    pub after: Option<String>,
}

/// Adds entries, each to its chain. The heads of the chains stay locked until the transaction ends, in the order of their
/// codes, so that nobody waits for each other.
pub async fn record(connection: &impl ConnectionTrait, entries: Vec<Entry<'_>>) -> Result<()> {
    const COLUMNS: usize = 11;
    let mut chains: BTreeMap<String, Vec<Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        chains.entry(entry.chain.clone()).or_default().push(entry);
    }
    let mut rows = Vec::new();
    for (chain, entries) in chains {
        let (mut seq, mut hash) = locked_head(connection, &chain).await?;
        for entry in entries {
            seq += 1;
            let content = Content {
                chain: &chain,
                seq,
                at: micros(entry.at),
                subject: entry.subject,
                client: entry.client,
                action: entry.action.as_str(),
                object: &entry.object,
                before: entry.before.as_deref(),
                after: entry.after.as_deref(),
            };
            hash = entry_hash(&hash, &content);
            rows.push(audit::ActiveModel {
                id: NotSet,
                chain: Set(chain.clone()),
                seq: Set(seq),
                at: Set(micros(entry.at)),
                subject: Set(entry.subject.to_owned()),
                client: Set(entry.client.map(str::to_owned)),
                action: Set(entry.action),
                object: Set(entry.object),
                before: Set(entry.before),
                after: Set(entry.after),
                hash: Set(hash.clone()),
            });
        }
        audit_head::Entity::update_many()
            .col_expr(audit_head::Column::Seq, Expr::value(seq))
            .col_expr(audit_head::Column::Hash, Expr::value(hash))
            .filter(audit_head::Column::Chain.eq(chain))
            .exec(connection)
            .await?;
    }
    for chunk in rows.chunks(Engine::of(connection).rows_per_insert(COLUMNS)) {
        audit::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// The head of a chain, which is begun if it is new; locked until the transaction ends.
async fn locked_head(connection: &impl ConnectionTrait, chain: &str) -> Result<(i64, String)> {
    let sql = "INSERT INTO audit_head (chain, seq, hash) VALUES ($1, 0, '')
        ON CONFLICT (chain) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash";
    let row = connection
        .query_one_raw(statement(connection, sql, [chain.into()]))
        .await?
        .ok_or_else(|| Error::internal("auditing", "a chain has no head"))?;
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

/// Seals the heads of all chains that have grown since the last anchor, and returns the anchor's hash. The head of the ledger
/// must be locked: anchors are made one at a time.
pub async fn anchor(connection: &impl ConnectionTrait, at: Instant) -> Result<String> {
    let last = audit_anchor::Entity::find().order_by_desc(audit_anchor::Column::Seq).one(connection).await?;
    let (last_seq, last_hash) = last.map(|last| (last.seq, last.hash)).unwrap_or_default();
    let sql = "SELECT h.chain, h.seq, h.hash FROM audit_head h LEFT JOIN audit_anchored a ON a.chain = h.chain
        WHERE a.seq IS NULL OR a.seq < h.seq ORDER BY h.chain";
    let mut heads: Vec<(String, i64, String)> = Vec::new();
    for row in connection.query_all_raw(statement(connection, sql, [])).await? {
        heads.push((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?));
    }
    for chunk in heads.chunks(Engine::of(connection).rows_per_insert(2)) {
        let rows: Vec<String> = (1..=chunk.len()).map(|row| format!("(${}, ${})", 2 * row - 1, 2 * row)).collect();
        let sql = format!(
            "INSERT INTO audit_anchored (chain, seq) VALUES {} ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq",
            rows.join(", ")
        );
        let values = chunk.iter().flat_map(|(chain, seq, _)| [chain.into(), (*seq).into()]);
        connection.execute_raw(statement(connection, sql, values)).await?;
    }
    let heads = serde_json::to_string(&heads).map_err(|failure| Error::internal("anchoring", failure))?;
    let seq = last_seq + 1;
    let hash = anchor_hash(&last_hash, seq, micros(at), &heads);
    let row =
        audit_anchor::ActiveModel { seq: Set(seq), at: Set(micros(at)), heads: Set(heads), hash: Set(hash.clone()) };
    audit_anchor::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(hash)
}

/// Which entries a list shows. `None` means any.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only these chains.
    pub chains: Option<Vec<String>>,
    /// Only what this subject did.
    pub subject: Option<String>,
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only this object.
    pub object: Option<String>,
    /// Only what was done at or after this instant.
    pub from: Option<Instant>,
    /// Only what was done before this instant.
    pub until: Option<Instant>,
}

/// Reads entries in the order in which they were written, or against it.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: &AuditFilter,
    walk: Walk<i64>,
    limit: u64,
) -> Result<Vec<StoredEntry>> {
    let mut query = audit::Entity::find();
    if let Some(chains) = &filter.chains {
        query = query.filter(audit::Column::Chain.is_in(chains.iter().map(String::as_str)));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(audit::Column::Subject.eq(subject.as_str()));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit::Column::Action.eq(action));
    }
    if let Some(object) = &filter.object {
        query = query.filter(audit::Column::Object.eq(object.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit::Column::At.gte(micros(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit::Column::At.lt(micros(until)));
    }
    Ok(walk.along(query, audit::Column::Id).limit(limit).all(connection).await?)
}

/// Reads a chain in its order, after one of its entries.
pub async fn chain(connection: &impl ConnectionTrait, chain: &str, after: i64, limit: u64) -> Result<Vec<StoredEntry>> {
    let query = audit::Entity::find().filter(audit::Column::Chain.eq(chain)).filter(audit::Column::Seq.gt(after));
    Ok(query.order_by_asc(audit::Column::Seq).limit(limit).all(connection).await?)
}

/// The chains that have entries, whatever their heads say.
pub async fn chains(connection: &impl ConnectionTrait) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT chain FROM audit ORDER BY chain";
    let rows = connection.query_all_raw(statement(connection, sql, [])).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// The heads of all chains.
pub async fn heads(connection: &impl ConnectionTrait) -> Result<Vec<StoredHead>> {
    Ok(audit_head::Entity::find().order_by_asc(audit_head::Column::Chain).all(connection).await?)
}

/// Reads anchors in their order, or against it.
pub async fn anchors(connection: &impl ConnectionTrait, walk: Walk<i64>, limit: u64) -> Result<Vec<StoredAnchor>> {
    let query = walk.along(audit_anchor::Entity::find(), audit_anchor::Column::Seq);
    Ok(query.limit(limit).all(connection).await?)
}
