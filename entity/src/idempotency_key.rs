//! Answers already given to writes that carried an idempotency key.

use sea_orm::entity::prelude::*;

/// One row of `idempotency_key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// The subject of the token that wrote.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// A hash of the operation and its input.
    pub request_hash: String,
    /// Whether the write was accepted or refused, with the answer, as JSON.
    pub outcome: String,
    /// When, in microseconds since 1970 (UTC).
    pub created_at: i64,
}

/// The table has no relations that sea-orm follows: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
