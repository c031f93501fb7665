//! Returns: one respondent's answer to a collection for a partnership.

use sea_orm::entity::prelude::*;

/// One row of `indicator_return`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator_return")]
pub struct Model {
    /// The number; never leaves the exchange.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The public identifier.
    #[sea_orm(unique)]
    pub public_id: Uuid,
    /// The number of the partnership's code.
    pub partnership_id: i32,
    /// The number of the collection's code.
    pub collection_id: i32,
    /// Where it stands. `RELEASED` is never stored: the ledger says it.
    pub state: crate::ReturnState,
    /// Counts its changes; its entity tag.
    pub version: i32,
    /// The newest validation report.
    pub report_id: Uuid,
    /// What the respondent says about the return as a whole.
    pub note: Option<String>,
    /// Why it was sent back or withdrawn.
    pub reason: Option<String>,
    /// 1 for a first answer to its collection, then counted on.
    pub revision: i32,
    /// The return that it revises.
    pub revises: Option<Uuid>,
    /// Why it was reopened.
    pub revision_reason: Option<String>,
    /// The subject of the token that created it.
    pub created_by: String,
    /// When, in microseconds since 1970 (UTC).
    pub created_at: i64,
    /// The subject of the token that submitted it.
    pub submitted_by: Option<String>,
    /// When, in microseconds since 1970 (UTC).
    pub submitted_at: Option<i64>,
    /// The subject of the token that signed it off.
    pub signed_off_by: Option<String>,
    /// When, in microseconds since 1970 (UTC).
    pub signed_off_at: Option<i64>,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
