//! What a source printed where it says more than the typed figure; keeps the fact table narrow.

use sea_orm::entity::prelude::*;

/// One row of `figure_text`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "figure_text")]
pub struct Model {
    /// The edition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_id: i64,
    /// The line of the return.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i32,
    /// The stored number of a `FigureKind`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: i16,
    /// The cell as printed.
    pub as_printed: Option<String>,
    /// The comment of the line; stands with its actual.
    pub comment: Option<String>,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
