//! Validation reports of returns, kept at their own addresses.

use sea_orm::entity::prelude::*;

/// One row of `report`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report")]
pub struct Model {
    /// The public identifier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The number of the code of the partnership reported for.
    pub partnership_id: i32,
    /// The report, as JSON.
    pub content: String,
    /// When, in microseconds since 1970 (UTC).
    pub created_at: i64,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
