//! The lines of returns as typed at acceptance. Their figures go to `figure` at sign-off.

use sea_orm::entity::prelude::*;

/// One row of `return_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "return_line")]
pub struct Model {
    /// The return.
    #[sea_orm(primary_key, auto_increment = false)]
    pub return_id: i64,
    /// The line, from 1 in the order posted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i32,
    /// The typed line, as JSON.
    pub content: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
