//! The heads of the audit trail's chains: what the next entry of each is joined to.

use sea_orm::entity::prelude::*;

/// One row of `audit_head`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_head")]
pub struct Model {
    /// The chain.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain: String,
    /// The place of its last entry.
    pub seq: i64,
    /// The hash of its last entry.
    pub hash: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
