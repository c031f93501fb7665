//! The fact table: one row a figure and edition; rows are only ever added.
//!
//! It has no foreign keys: its writer validates whole sets in the transaction that inserts them.

use sea_orm::entity::prelude::*;

/// One row of `figure`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "figure")]
pub struct Model {
    /// The number of the indicator's code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub indicator_id: i32,
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_id: i32,
    /// Actual, baseline, target …: the stored number of a `FigureKind`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: i16,
    /// The partnership that it is reported for; 0 for none.
    #[sea_orm(primary_key, auto_increment = false)]
    pub partnership_id: i32,
    /// The area that it measures.
    #[sea_orm(primary_key, auto_increment = false)]
    pub area_id: i32,
    /// The member of a breakdown; 0 for the whole.
    #[sea_orm(primary_key, auto_increment = false)]
    pub breakdown_id: i32,
    /// Primary or secondary value: the stored number of a `Measure`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub measure: i16,
    /// Keeps rows of one source that contradict each other apart; 0 for the first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_variant: i16,
    /// The edition; of several visible ones that counts which took effect last.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_id: i64,
    /// The value in millionths; empty where there is none.
    pub value: Option<i64>,
    /// The decimals that it was given with.
    pub decimals: i16,
    /// The numerator in millionths.
    pub numerator: Option<i64>,
    /// The denominator in millionths.
    pub denominator: Option<i64>,
    /// Status, missing reason, basis, form, light and tombstone, packed by `exchange::rules::flags`.
    pub flags: i32,
    /// The line of the return.
    pub line_no: i32,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
