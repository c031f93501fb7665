//! The ledger: when each edition takes effect, and for whom. It alone decides what a reader sees.

use sea_orm::entity::prelude::*;

/// One row of `publication`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// The edition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_id: i64,
    /// The instant from which readers see it, in microseconds since 1970 (UTC); all of a release have the same, and no
    /// other release or change of the catalogue has it. Empty after the release was cancelled.
    pub effective_at: Option<i64>,
    /// Whom it is for.
    pub audience: crate::Audience,
    /// The release that published it; empty for metadata.
    pub release_id: Option<i64>,
    /// The version of the ledger that wrote the row last.
    pub version: i64,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
