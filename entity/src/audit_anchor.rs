//! Anchors of the audit trail: each publication seals the heads of all chains that have grown since the one before it.

use sea_orm::entity::prelude::*;

/// One row of `audit_anchor`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_anchor")]
pub struct Model {
    /// The number, from 1 without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// When it was made, in microseconds since 1970 (UTC).
    pub at: i64,
    /// The heads, as a JSON list of chain, place and hash.
    pub heads: String,
    /// The hash of this anchor, which covers that of the one before it.
    pub hash: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
