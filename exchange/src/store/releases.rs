//! Releases and what they are about.

use entity::{Audience, ReleaseAction, edition, release, release_part};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    database::{Engine, statement},
    walk::Walk,
};
use crate::{
    clock::{Instant, micros},
    problem::Result,
};

pub use release::Model as StoredRelease;

/// A release that is about to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewRelease<'a> {
    /// The public identifier.
    pub public_id: Uuid,
    /// What it does.
    pub action: ReleaseAction,
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
    /// Why figures are withdrawn.
    pub reason: Option<&'a str>,
    /// The hash of the audit trail's anchor that is made with it.
    pub anchor: &'a str,
}

/// Writes a release down with its editions, and returns its number.
pub async fn insert(connection: &impl ConnectionTrait, new: NewRelease<'_>, editions: &[i64]) -> Result<i64> {
    let row = release::ActiveModel {
        id: NotSet,
        public_id: Set(new.public_id),
        action: Set(new.action),
        released_by: Set(new.released_by.to_owned()),
        audience: Set(new.audience),
        effective_at: Set(micros(new.effective_at)),
        created_at: Set(micros(new.created_at)),
        note: Set(new.note.map(str::to_owned)),
        reason: Set(new.reason.map(str::to_owned)),
        change_reason: Set(None),
        version: Set(1),
        cancelled_at: Set(None),
        anchor: Set(new.anchor.to_owned()),
    };
    let release_id = release::Entity::insert(row).exec(connection).await?.last_insert_id;
    let parts = editions
        .iter()
        .map(|edition_id| release_part::ActiveModel { release_id: Set(release_id), edition_id: Set(*edition_id) });
    release_part::Entity::insert_many(parts).exec_without_returning(connection).await?;
    Ok(release_id)
}

/// Reads a release by its public identifier.
pub async fn find(connection: &impl ConnectionTrait, public_id: Uuid) -> Result<Option<StoredRelease>> {
    Ok(release::Entity::find().filter(release::Column::PublicId.eq(public_id)).one(connection).await?)
}

/// Reads releases in the order in which they were made, or against it.
pub async fn list(connection: &impl ConnectionTrait, walk: Walk<i64>, limit: u64) -> Result<Vec<StoredRelease>> {
    let query = walk.along(release::Entity::find(), release::Column::Id);
    Ok(query.limit(limit).all(connection).await?)
}

/// The hashes of the anchors that releases tell.
pub async fn anchors(connection: &impl ConnectionTrait) -> Result<Vec<String>> {
    let query = release::Entity::find().select_only().column(release::Column::Anchor);
    Ok(query.into_tuple().all(connection).await?)
}

/// A change of a release before it takes effect.
#[derive(Debug, Clone, Copy)]
pub struct Rescheduled<'a> {
    /// When it is to take effect, or was to.
    pub effective_at: Instant,
    /// When it was cancelled.
    pub cancelled_at: Option<Instant>,
    /// Why.
    pub reason: &'a str,
    /// The hash of the audit trail's anchor that is made with it.
    pub anchor: &'a str,
}

/// Changes a release, if nobody else has changed it since it was read; `false` if somebody has.
pub async fn reschedule(
    connection: &impl ConnectionTrait,
    before: &StoredRelease,
    change: Rescheduled<'_>,
) -> Result<bool> {
    let outcome = release::Entity::update_many()
        .col_expr(release::Column::EffectiveAt, Expr::value(micros(change.effective_at)))
        .col_expr(release::Column::CancelledAt, Expr::value(change.cancelled_at.map(micros)))
        .col_expr(release::Column::ChangeReason, Expr::value(change.reason))
        .col_expr(release::Column::Anchor, Expr::value(change.anchor))
        .col_expr(release::Column::Version, Expr::value(before.version + 1))
        .filter(release::Column::Id.eq(before.id))
        .filter(release::Column::Version.eq(before.version))
        .exec(connection)
        .await?;
    Ok(outcome.rows_affected == 1)
}

/// An edition that a release is about, with its return.
#[derive(Debug, Clone)]
pub struct Part {
    /// The release.
    pub release_id: i64,
    /// The edition.
    pub edition: edition::Model,
    /// The public identifier of its return.
    pub return_id: Uuid,
}

/// What releases are about, in the order of their editions.
pub async fn parts(connection: &impl ConnectionTrait, releases: &[i64]) -> Result<Vec<Part>> {
    if releases.is_empty() {
        return Ok(Vec::new());
    }
    let (of_releases, releases) = Engine::of(connection).is_one_of("x.release_id", 1, releases);
    let sql = format!(
        "SELECT x.release_id, r.public_id, e.id, e.kind, e.scheme, e.return_id, e.partnership_id, e.collection_id,
            e.withdraws, e.created_at
        FROM release_part x JOIN edition e ON e.id = x.edition_id JOIN indicator_return r ON r.id = e.return_id
        WHERE {of_releases} ORDER BY x.release_id, e.id"
    );
    let part = |row: QueryResult| {
        let edition = edition::Model {
            id: row.try_get_by_index(2)?,
            kind: row.try_get_by_index(3)?,
            scheme: row.try_get_by_index(4)?,
            return_id: row.try_get_by_index(5)?,
            partnership_id: row.try_get_by_index(6)?,
            collection_id: row.try_get_by_index(7)?,
            withdraws: row.try_get_by_index(8)?,
            created_at: row.try_get_by_index(9)?,
        };
        Ok(Part { release_id: row.try_get_by_index(0)?, return_id: row.try_get_by_index(1)?, edition })
    };
    connection.query_all_raw(statement(connection, sql, [releases])).await?.into_iter().map(part).collect()
}
