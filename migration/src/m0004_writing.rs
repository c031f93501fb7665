//! What every write leaves behind: its idempotency key and its trace in the audit trail.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, &STATEMENTS).await
    }
}

const STATEMENTS: [&str; 4] = [
    "CREATE TABLE idempotency_key (
    subject {key} NOT NULL,
    key {key} NOT NULL,
    request_hash {key} NOT NULL,
    outcome text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (subject, key)
)",
    "CREATE INDEX idempotency_key_age ON idempotency_key (created_at)",
    "CREATE TABLE audit (
    id {bigserial},
    at bigint NOT NULL,
    subject {key} NOT NULL,
    client {key},
    action {key} NOT NULL,
    object {key} NOT NULL,
    partnership_id integer,
    before text,
    after text
)",
    "CREATE INDEX audit_object ON audit (object, id)",
];
