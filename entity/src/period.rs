//! Periods that some figure is for.

use sea_orm::entity::prelude::*;

/// One row of `period`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "period")]
pub struct Model {
    /// The number; never leaves the exchange.
    #[sea_orm(primary_key)]
    pub id: i32,
    /// The canonical code, for example `FY2008-09`.
    #[sea_orm(unique)]
    pub code: String,
    /// The kind of period.
    pub kind: crate::PeriodKind,
    /// The first day.
    pub start_date: Date,
    /// The last day.
    pub end_date: Date,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
