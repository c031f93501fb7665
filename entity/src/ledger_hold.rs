//! Announcements of changes of the ledger that are under way: while one stands, no reader's time passes its instant.

use sea_orm::entity::prelude::*;

/// One row of `ledger_hold`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_hold")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The earliest instant that the change may touch, in microseconds since 1970 (UTC).
    pub at: i64,
    /// When it was made, in microseconds since 1970 (UTC).
    pub made_at: i64,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
