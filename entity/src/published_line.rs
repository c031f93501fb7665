//! The lines that editions were made from, whole: what a figure's source says in words. Keeps the fact table narrow. They are
//! copies: the lines of a return may change, what was published does not.

use sea_orm::entity::prelude::*;

/// One row of `published_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "published_line")]
pub struct Model {
    /// The edition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_id: i64,
    /// The line of the return.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i32,
    /// The line as JSON, as it was signed off.
    pub content: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
