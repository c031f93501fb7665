//! What each release is about. The ledger says whether and when it takes effect.

use sea_orm::entity::prelude::*;

/// One row of `release_part`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release_part")]
pub struct Model {
    /// The release.
    #[sea_orm(primary_key, auto_increment = false)]
    pub release_id: i64,
    /// The edition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_id: i64,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
