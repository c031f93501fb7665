//! Editions, the ledger that says when they take effect, and metadata.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, &STATEMENTS).await
    }
}

const STATEMENTS: [&str; 14] = [
    "CREATE TABLE code (
    id {serial},
    family {key} NOT NULL,
    code_key {key} NOT NULL,
    UNIQUE (family, code_key)
)",
    "CREATE TABLE edition (
    id {bigserial},
    kind {key} NOT NULL,
    scheme {key},
    return_id bigint,
    partnership_id integer,
    collection_id integer,
    withdraws bigint REFERENCES edition (id),
    created_at bigint NOT NULL
)",
    "CREATE INDEX edition_return ON edition (return_id)",
    "CREATE INDEX edition_answer ON edition (partnership_id, collection_id, scheme)",
    "CREATE TABLE metadata (
    code_id integer NOT NULL REFERENCES code (id),
    edition_id bigint NOT NULL REFERENCES edition (id),
    family {key} NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (code_id, edition_id)
)",
    "CREATE INDEX metadata_edition ON metadata (edition_id)",
    "CREATE TABLE release (
    id {bigserial},
    public_id {uuid} NOT NULL UNIQUE,
    action {key} NOT NULL,
    released_by {key} NOT NULL,
    audience {key} NOT NULL,
    effective_at bigint NOT NULL,
    created_at bigint NOT NULL,
    note text,
    reason text,
    change_reason text,
    version integer NOT NULL,
    cancelled_at bigint,
    anchor {key} NOT NULL
)",
    "CREATE TABLE release_part (
    release_id bigint NOT NULL REFERENCES release (id),
    edition_id bigint NOT NULL REFERENCES edition (id),
    PRIMARY KEY (release_id, edition_id)
)",
    // One row an edition. A cancelled release leaves its rows behind without an instant, so that servers can follow.
    "CREATE TABLE publication (
    edition_id bigint PRIMARY KEY REFERENCES edition (id),
    effective_at bigint,
    audience {key} NOT NULL,
    release_id bigint REFERENCES release (id),
    version bigint NOT NULL
)",
    "CREATE INDEX publication_effect ON publication (effective_at)",
    "CREATE INDEX publication_version ON publication (version)",
    "CREATE TABLE ledger_head (
    id integer PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL,
    epoch {key} NOT NULL
)",
    "INSERT INTO ledger_head (id, version, epoch) VALUES (1, 0, {random})",
    "CREATE TABLE ledger_hold (
    id {uuid} PRIMARY KEY,
    at bigint NOT NULL,
    made_at bigint NOT NULL
)",
];
