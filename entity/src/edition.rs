//! Editions: everything that is published carries the number of one, and it never changes.

use sea_orm::entity::prelude::*;

/// One row of `edition`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "edition")]
pub struct Model {
    /// The number, in order of making.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What it holds.
    pub kind: crate::EditionKind,
    /// The scheme of the indicators that it is about; empty for metadata.
    pub scheme: Option<crate::Scheme>,
    /// The return whose figures it holds; empty for metadata.
    pub return_id: Option<i64>,
    /// The number of the partnership's code; empty for metadata.
    pub partnership_id: Option<i32>,
    /// The number of the collection's code; empty for metadata.
    pub collection_id: Option<i32>,
    /// For a withdrawal: the edition that it withdraws.
    pub withdraws: Option<i64>,
    /// When it was made, in microseconds since 1970 (UTC).
    pub created_at: i64,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
