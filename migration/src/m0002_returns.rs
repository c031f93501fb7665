//! Returns from draft to sign-off, and their validation reports.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, &STATEMENTS).await
    }
}

const STATEMENTS: [&str; 6] = [
    "CREATE TABLE report (
    id {uuid} PRIMARY KEY,
    partnership_id integer NOT NULL REFERENCES code (id),
    content text NOT NULL,
    created_at bigint NOT NULL
)",
    "CREATE TABLE indicator_return (
    id {bigserial},
    public_id {uuid} NOT NULL UNIQUE,
    partnership_id integer NOT NULL REFERENCES code (id),
    collection_id integer NOT NULL REFERENCES code (id),
    state {key} NOT NULL,
    version integer NOT NULL,
    report_id {uuid} NOT NULL REFERENCES report (id),
    note text,
    reason text,
    revision integer NOT NULL,
    revises {uuid} REFERENCES indicator_return (public_id),
    revision_reason text,
    created_by {key} NOT NULL,
    created_at bigint NOT NULL,
    submitted_by {key},
    submitted_at bigint,
    signed_off_by {key},
    signed_off_at bigint
)",
    "CREATE INDEX indicator_return_answer ON indicator_return (partnership_id, collection_id)",
    "CREATE TABLE return_line (
    return_id bigint NOT NULL REFERENCES indicator_return (id),
    line_no integer NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (return_id, line_no)
)",
    "CREATE TABLE reported_comparison (
    return_id bigint NOT NULL REFERENCES indicator_return (id),
    line_no integer NOT NULL,
    partnership_id integer NOT NULL,
    indicator_id integer NOT NULL,
    period_id integer NOT NULL,
    edition_id bigint,
    content text NOT NULL,
    PRIMARY KEY (return_id, line_no)
)",
    "CREATE INDEX reported_comparison_read ON reported_comparison (partnership_id, indicator_id, period_id)",
];
