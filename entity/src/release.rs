//! Releases: the acts of publishing returns.

use sea_orm::entity::prelude::*;

/// One row of `release`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release")]
pub struct Model {
    /// The number; never leaves the exchange.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The public identifier.
    #[sea_orm(unique)]
    pub public_id: Uuid,
    /// What it does.
    pub action: crate::ReleaseAction,
    /// The subject of the token that released.
    pub released_by: String,
    /// Whom the release is for.
    pub audience: crate::Audience,
    /// When it takes effect, in microseconds since 1970 (UTC).
    pub effective_at: i64,
    /// When it was made, in microseconds since 1970 (UTC).
    pub created_at: i64,
    /// What the releasing office says about it.
    pub note: Option<String>,
    /// Why figures are withdrawn.
    pub reason: Option<String>,
    /// Why it was moved or cancelled last.
    pub change_reason: Option<String>,
    /// Counts its changes; its entity tag.
    pub version: i32,
    /// When it was cancelled, in microseconds since 1970 (UTC).
    pub cancelled_at: Option<i64>,
    /// The hash of the audit trail's anchor that was made with it.
    pub anchor: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
