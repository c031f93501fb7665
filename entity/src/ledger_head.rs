//! The head of the ledger: one row, locked by whoever writes to the ledger.

use sea_orm::entity::prelude::*;

/// One row of `ledger_head`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_head")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Counts the changes of the ledger, so that a server knows when what it remembers is out of date.
    pub version: i64,
    /// Drawn at random when the database was made or restored; part of every entity tag.
    pub epoch: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
