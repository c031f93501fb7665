//! The audit trail: every write, only ever added to, in one chain a partnership.

use sea_orm::entity::prelude::*;

/// One row of `audit`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// The number, in order of writing.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The chain: the code of the partnership concerned, or empty for what concerns none.
    pub chain: String,
    /// The place in the chain, from 1 without a gap.
    pub seq: i64,
    /// When, in microseconds since 1970 (UTC).
    pub at: i64,
    /// The subject of the token.
    pub subject: String,
    /// The client named by the token.
    pub client: Option<String>,
    /// What was done.
    pub action: crate::AuditAction,
    /// To what: a path such as `returns/0193…`.
    pub object: String,
    /// What it was before, as JSON.
    pub before: Option<String>,
    /// What it is now, as JSON.
    pub after: Option<String>,
    /// The hash of this entry, which covers that of the one before it in the chain.
    pub hash: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
