//! What every write leaves behind: its idempotency key and its trace in the audit trail.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, &STATEMENTS).await?;
        if crate::is_postgres(manager) {
            crate::run(manager, &[REFUSE]).await?;
        }
        for table in ["audit", "audit_anchor"] {
            for (at, what) in [("change", "UPDATE"), ("removal", "DELETE")] {
                let trigger = if crate::is_postgres(manager) {
                    format!(
                        "CREATE TRIGGER {table}_{at} BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION only_added_to()"
                    )
                } else {
                    format!(
                        "CREATE TRIGGER {table}_{at} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
                    )
                };
                crate::run(manager, &[&trigger]).await?;
            }
            if crate::is_postgres(manager) {
                let emptying = format!(
                    "CREATE TRIGGER {table}_emptying BEFORE TRUNCATE ON {table} EXECUTE FUNCTION only_added_to()"
                );
                crate::run(manager, &[&emptying]).await?;
            }
        }
        Ok(())
    }
}

/// A slip is refused by the database; whoever takes the triggers away is found by the hashes.
const REFUSE: &str = "CREATE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$";

const STATEMENTS: [&str; 8] = [
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
    chain {key} NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    subject {key} NOT NULL,
    client {key},
    action {key} NOT NULL,
    object {key} NOT NULL,
    before text,
    after text,
    hash {key} NOT NULL,
    UNIQUE (chain, seq)
)",
    "CREATE INDEX audit_object ON audit (object, id)",
    "CREATE INDEX audit_subject ON audit (subject, id)",
    "CREATE TABLE audit_head (
    chain {key} PRIMARY KEY,
    seq bigint NOT NULL,
    hash {key} NOT NULL
)",
    // How far each chain is anchored; apart from its head, so that a publication waits for nobody's write.
    "CREATE TABLE audit_anchored (
    chain {key} PRIMARY KEY,
    seq bigint NOT NULL
)",
    "CREATE TABLE audit_anchor (
    seq bigint PRIMARY KEY,
    at bigint NOT NULL,
    heads text NOT NULL,
    hash {key} NOT NULL
)",
];
