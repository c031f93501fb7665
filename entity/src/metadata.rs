//! Metadata: one row a version of an area, a partnership, an indicator and so on.
//!
//! A version is a document whose shape is the domain type of its family, with the columns that identify and order it beside
//! it. Versions are only ever added; which of them is in effect is for the ledger to say.

use sea_orm::entity::prelude::*;

/// One row of `metadata`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "metadata")]
pub struct Model {
    /// What it is a version of: the number of its code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_id: i32,
    /// The edition that brought it; a later one replaces it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_id: i64,
    /// The family, repeated from the code.
    pub family: crate::MetadataFamily,
    /// The document, as JSON.
    pub document: String,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
