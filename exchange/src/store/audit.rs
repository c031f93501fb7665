//! The audit trail: only ever added to, in the transaction of the write that it tells of.

use entity::{AuditAction, audit};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait,
};

use crate::{
    clock::{Instant, micros},
    problem::Result,
};

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
    /// The partnership concerned.
    pub partnership_id: Option<i32>,
    /// What it was before, as JSON.
    pub before: Option<String>,
    /// What it is now, as JSON.
    pub after: Option<String>,
}

/// Adds entries.
pub async fn record(connection: &impl ConnectionTrait, entries: Vec<Entry<'_>>) -> Result<()> {
    const COLUMNS: usize = 9;
    let rows: Vec<_> = entries
        .into_iter()
        .map(|entry| audit::ActiveModel {
            id: NotSet,
            at: Set(micros(entry.at)),
            subject: Set(entry.subject.to_owned()),
            client: Set(entry.client.map(str::to_owned)),
            action: Set(entry.action),
            object: Set(entry.object),
            partnership_id: Set(entry.partnership_id),
            before: Set(entry.before),
            after: Set(entry.after),
        })
        .collect();
    for chunk in rows.chunks(super::Engine::of(connection).rows_per_insert(COLUMNS)) {
        audit::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(connection).await?;
    }
    Ok(())
}
