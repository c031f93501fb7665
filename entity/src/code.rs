//! Every code of metadata ever used, folded, with the small number that the fact table knows it by.

use sea_orm::entity::prelude::*;

/// One row of `code`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code")]
pub struct Model {
    /// The number; never leaves the exchange.
    #[sea_orm(primary_key)]
    pub id: i32,
    /// The family whose code it is.
    pub family: crate::MetadataFamily,
    /// The code, folded so that all its spellings are one; unique in its family.
    pub code_key: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
