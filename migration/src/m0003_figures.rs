//! The fact table, its dimensions that are not codes of metadata, and the lines that the facts were made from.
//!
//! A comparison reads one range an indicator and period; a framework or a page of one partnership reads one range a
//! partnership. Each has an index that answers it alone: on PostgreSQL by INCLUDE, on SQLite because the table is its primary
//! key and the second index repeats the columns.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, &DIMENSIONS).await?;
        if crate::is_postgres(manager) {
            crate::run(manager, &[&figure(") INCLUDE (", ") WITH (autovacuum_vacuum_insert_scale_factor = 0.02)")])
                .await?;
            crate::run(manager, &[&by_partnership(") INCLUDE (")]).await
        } else {
            crate::run(manager, &[&figure("", ") WITHOUT ROWID"), &by_partnership(", ")]).await
        }
    }
}

const DIMENSIONS: [&str; 3] = [
    "CREATE TABLE period (
    id {serial},
    code {key} NOT NULL UNIQUE,
    kind {key} NOT NULL,
    start_date date NOT NULL,
    end_date date NOT NULL
)",
    "CREATE TABLE breakdown (
    id {serial},
    dimension {key} NOT NULL,
    member {key} NOT NULL,
    UNIQUE (dimension, member)
)",
    "CREATE TABLE published_line (
    edition_id bigint NOT NULL,
    line_no integer NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (edition_id, line_no)
)",
];

/// What a hot read returns beside the key.
const PAYLOAD: &str = "value, decimals, numerator, denominator, flags, line_no";

/// `include` opens the list of columns that the primary key carries along; empty where the table is its own primary key.
fn figure(include: &str, end: &str) -> String {
    let carried = if include.is_empty() { String::new() } else { format!("{include}{PAYLOAD}") };
    format!(
        "CREATE TABLE figure (
    indicator_id integer NOT NULL,
    period_id integer NOT NULL,
    kind smallint NOT NULL,
    partnership_id integer NOT NULL,
    area_id integer NOT NULL,
    breakdown_id integer NOT NULL,
    measure smallint NOT NULL,
    line_variant smallint NOT NULL,
    edition_id bigint NOT NULL,
    value bigint,
    decimals smallint NOT NULL,
    numerator bigint,
    denominator bigint,
    flags integer NOT NULL,
    line_no integer NOT NULL,
    PRIMARY KEY (indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant, edition_id
    {carried})
{end}"
    )
}

fn by_partnership(include: &str) -> String {
    format!(
        "CREATE INDEX figure_by_partnership ON figure (
    partnership_id, period_id, indicator_id, kind, area_id, breakdown_id, measure, line_variant, edition_id
    {include}{PAYLOAD})"
    )
}
