//! Comparisons with a peer group as a source prints them.

use sea_orm::entity::prelude::*;

/// One row of `reported_comparison`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reported_comparison")]
pub struct Model {
    /// The return that reports it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub return_id: i64,
    /// Its place among the return's reported comparisons, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i32,
    /// The number of the partnership's code.
    pub partnership_id: i32,
    /// The number of the indicator's code.
    pub indicator_id: i32,
    /// The period.
    pub period_id: i32,
    /// The edition that publishes it; empty until sign-off.
    pub edition_id: Option<i64>,
    /// The typed comparison, as JSON.
    pub content: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
