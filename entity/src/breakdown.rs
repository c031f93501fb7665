//! Members of breakdowns that some figure is for. The whole has the number 0 and no row.

use sea_orm::entity::prelude::*;

/// One row of `breakdown`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "breakdown")]
pub struct Model {
    /// The number; never leaves the exchange.
    #[sea_orm(primary_key)]
    pub id: i32,
    /// The dimension, for example `ETHNIC_GROUP`.
    pub dimension: String,
    /// The member as its source prints it, for example `Mixed`.
    pub member: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
