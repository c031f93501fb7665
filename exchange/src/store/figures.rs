//! The fact table. Reads are prepared statements over `figure` alone, decoded by position; each is answered by one index.

use std::collections::{BTreeSet, HashMap};

use entity::{FigureKind, figure};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, EntityTrait, QueryResult, Statement, Value,
    sqlx::{ColumnIndex, Decode, Row, Type},
};

use super::{
    database::{Engine, statement},
    walk::Walk,
};
use crate::{
    problem::{Error, Result},
    rules::{
        decimal::Figure,
        fact::{Fact, FactKey, kind_stored_as, measure_stored_as, stored_kind, stored_measure},
        flags::Flags,
        line::Line,
    },
};

const COLUMNS: &str = "indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant,
    edition_id, value, decimals, numerator, denominator, flags, line_no";

/// What a page of facts is of. Empty lists mean any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Kinds of figure; never empty.
    pub kinds: Vec<FigureKind>,
    /// Partnerships.
    pub partnerships: Vec<i32>,
    /// Indicators.
    pub indicators: Vec<i32>,
    /// Periods.
    pub periods: Vec<i32>,
    /// Editions; `None` means any.
    pub editions: Option<Vec<i64>>,
}

/// The statement that reads all versions of the figures of some indicators, periods, kinds and partnerships: a comparison.
///
/// On PostgreSQL the leading columns of the key are joined, not filtered: one descent of the index a pair, however large the
/// table, and with the plan that a prepared statement settles on too.
pub fn range_statement(
    connection: &impl ConnectionTrait,
    indicators: &[i32],
    periods: &[i32],
    kinds: &[FigureKind],
    partnerships: &[i32],
    editions: Option<&[i64]>,
) -> Statement {
    let engine = Engine::of(connection);
    let kinds: Vec<i64> = kinds.iter().map(|kind| i64::from(stored_kind(*kind))).collect();
    let (indicators, periods) = (widen(indicators), widen(periods));
    let (of_kinds, kinds) = engine.is_one_of("kind", 3, &kinds);
    let (of_partnerships, partnerships) = engine.is_one_of("partnership_id", 4, &widen(partnerships));
    let (of_indicators, indicators) = engine.is_one_of("indicator_id", 1, &indicators);
    let (of_periods, periods) = engine.is_one_of("period_id", 2, &periods);
    let (of_editions, editions) = of_editions(engine, 5, editions);
    let sql = match engine {
        Engine::Postgres => format!(
            "SELECT {COLUMNS} FROM unnest($1) AS wanted_indicator CROSS JOIN unnest($2) AS wanted_period
            JOIN figure ON indicator_id = wanted_indicator AND period_id = wanted_period
            WHERE {of_kinds} AND {of_partnerships}{of_editions}"
        ),
        Engine::Sqlite => format!(
            "SELECT {COLUMNS} FROM figure
            WHERE {of_indicators} AND {of_periods} AND {of_kinds} AND {of_partnerships}{of_editions}"
        ),
    };
    statement(connection, sql, [indicators, periods, kinds, partnerships].into_iter().chain(editions))
}

/// The condition that figures are of some editions, if only those are wanted, and the value to bind at a place.
fn of_editions(engine: Engine, place: usize, editions: Option<&[i64]>) -> (String, Option<Value>) {
    editions.map_or_else(Default::default, |editions| {
        let (condition, value) = engine.is_among("edition_id", place, editions);
        (format!(" AND {condition}"), Some(value))
    })
}

/// Reads all versions of the figures of some indicators, periods, kinds and partnerships, or those of some editions, in one
/// statement.
pub async fn range(
    connection: &impl ConnectionTrait,
    indicators: &[i32],
    periods: &[i32],
    kinds: &[FigureKind],
    partnerships: &[i32],
    editions: Option<&[i64]>,
) -> Result<Vec<Fact>> {
    let statement = range_statement(connection, indicators, periods, kinds, partnerships, editions);
    connection.query_all_raw(statement).await?.iter().map(fact).collect()
}

/// The statement of a batch of facts from behind a key, in the order of the index that suits the filter: by partnership, period
/// and indicator where partnerships are asked for, else by indicator, period and kind; or against it.
pub fn page_statement(
    connection: &impl ConnectionTrait,
    filter: &Filter,
    walk: Walk<FactKey>,
    limit: u64,
) -> Statement {
    const BY_INDICATOR: &str =
        "indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant";
    const BY_PARTNERSHIP: &str =
        "partnership_id, period_id, indicator_id, kind, area_id, breakdown_id, measure, line_variant";
    let engine = Engine::of(connection);
    let by_partnership = !filter.partnerships.is_empty();
    let order = if by_partnership { BY_PARTNERSHIP } else { BY_INDICATOR };
    let kinds: Vec<i64> = filter.kinds.iter().map(|kind| i64::from(stored_kind(*kind))).collect();
    let lists = [
        ("kind", kinds),
        ("partnership_id", widen(&filter.partnerships)),
        ("indicator_id", widen(&filter.indicators)),
        ("period_id", widen(&filter.periods)),
    ];
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    for (column, numbers) in lists.iter().filter(|(_, numbers)| !numbers.is_empty()) {
        // One number is compared plainly, which lets either engine keep the order of the index.
        if let [number] = numbers[..] {
            values.push(number.into());
            conditions.push(format!("{column} = ${}", values.len()));
        } else {
            let (condition, value) = engine.is_one_of(column, values.len() + 1, numbers);
            conditions.push(condition);
            values.push(value);
        }
    }
    if let Some(key) = walk.from {
        let leading = if by_partnership {
            [key.partnership_id, key.period_id, key.indicator_id, i32::from(stored_kind(key.kind))]
        } else {
            [key.indicator_id, key.period_id, i32::from(stored_kind(key.kind)), key.partnership_id]
        };
        let last = [key.area_id, key.breakdown_id, stored_measure(key.measure).into(), key.line_variant.into()];
        let first = values.len() + 1;
        values.extend(leading.into_iter().chain(last).map(|number| Value::from(i64::from(number))));
        let places: Vec<String> = (first..first + 8).map(|place| format!("${place}")).collect();
        conditions.push(format!("({order}) {} ({})", walk.comparison(), places.join(", ")));
    }
    let (of_editions, editions) = of_editions(engine, values.len() + 1, filter.editions.as_deref());
    values.extend(editions);
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    let direction = walk.direction();
    let sorted = format!("{order}, edition_id").replace(',', &format!(" {direction},"));
    let sql = format!(
        "SELECT {COLUMNS} FROM figure WHERE {}{of_editions} ORDER BY {sorted} {direction} LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    statement(connection, sql, values)
}

/// Reads a batch of facts, all versions of each, in the order of the walk.
pub async fn page(
    connection: &impl ConnectionTrait,
    filter: &Filter,
    walk: Walk<FactKey>,
    limit: u64,
) -> Result<Vec<Fact>> {
    connection.query_all_raw(page_statement(connection, filter, walk, limit)).await?.iter().map(fact).collect()
}

/// The statement that reads lines by edition and number: one descent of the index a line.
pub fn lines_statement(connection: &impl ConnectionTrait, wanted: &[(i64, i32)]) -> Statement {
    match Engine::of(connection) {
        Engine::Postgres => {
            let (editions, lines): (Vec<i64>, Vec<i32>) = wanted.iter().copied().unzip();
            let sql = "SELECT edition_id, line_no, content FROM unnest($1, $2) AS wanted (edition, line)
                JOIN published_line ON edition_id = edition AND line_no = line";
            statement(connection, sql, [editions.into(), lines.into()])
        }
        Engine::Sqlite => {
            let pairs: Vec<String> = wanted.iter().map(|(edition, line)| format!("[{edition},{line}]")).collect();
            let sql = "SELECT edition_id, line_no, content FROM json_each($1) AS wanted CROSS JOIN published_line
                ON edition_id = json_extract(wanted.value, '$[0]') AND line_no = json_extract(wanted.value, '$[1]')";
            statement(connection, sql, [format!("[{}]", pairs.join(",")).into()])
        }
    }
}

/// The lines that facts were made from, by edition and number.
pub async fn lines(connection: &impl ConnectionTrait, facts: &[Fact]) -> Result<HashMap<(i64, i32), Line>> {
    let wanted: BTreeSet<(i64, i32)> = facts.iter().map(|fact| (fact.edition_id, fact.line_no)).collect();
    let mut lines = HashMap::with_capacity(wanted.len());
    if wanted.is_empty() {
        return Ok(lines);
    }
    let wanted: Vec<(i64, i32)> = wanted.into_iter().collect();
    for row in connection.query_all_raw(lines_statement(connection, &wanted)).await? {
        let content: String = row.try_get_by_index(2)?;
        let line =
            serde_json::from_str(&content).map_err(|failure| Error::internal("reading a published line", failure))?;
        lines.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?), line);
    }
    Ok(lines)
}

/// The lines of whole editions, each with its edition.
pub async fn lines_of_editions(connection: &impl ConnectionTrait, editions: &[i64]) -> Result<Vec<(i64, Line)>> {
    let (of_editions, editions) = Engine::of(connection).is_one_of("edition_id", 1, editions);
    let sql = format!("SELECT edition_id, content FROM published_line WHERE {of_editions}");
    let rows = connection.query_all_raw(statement(connection, sql, [editions])).await?;
    let line = |row: &QueryResult| {
        let content: String = row.try_get_by_index(1)?;
        let line =
            serde_json::from_str(&content).map_err(|failure| Error::internal("reading a published line", failure))?;
        Ok((row.try_get_by_index(0)?, line))
    };
    rows.iter().map(line).collect()
}

/// The statement that reads all versions of the figures of some partnerships and indicators, of all kinds and periods: a
/// framework.
pub fn framework_statement(
    connection: &impl ConnectionTrait,
    partnerships: &[i32],
    indicators: &[i32],
    editions: Option<&[i64]>,
) -> Statement {
    let engine = Engine::of(connection);
    let (of_partnerships, partnerships) = engine.is_one_of("partnership_id", 1, &widen(partnerships));
    let (of_indicators, indicators) = engine.is_one_of("indicator_id", 2, &widen(indicators));
    let (of_editions, editions) = of_editions(engine, 3, editions);
    let sql = match engine {
        Engine::Postgres => format!(
            // One range a partnership, whatever plan a prepared statement settles on: OFFSET keeps the join from being turned
            // into one over all partnerships.
            "SELECT found.* FROM unnest($1) AS wanted CROSS JOIN LATERAL
                (SELECT {COLUMNS} FROM figure WHERE partnership_id = wanted AND {of_indicators}{of_editions} OFFSET 0)
                AS found"
        ),
        Engine::Sqlite => {
            format!("SELECT {COLUMNS} FROM figure WHERE {of_partnerships} AND {of_indicators}{of_editions}")
        }
    };
    statement(connection, sql, [partnerships, indicators].into_iter().chain(editions))
}

/// Reads all versions of the figures of some partnerships and indicators, or those of some editions, in one statement.
pub async fn of_partnerships(
    connection: &impl ConnectionTrait,
    partnerships: &[i32],
    indicators: &[i32],
    editions: Option<&[i64]>,
) -> Result<Vec<Fact>> {
    let statement = framework_statement(connection, partnerships, indicators, editions);
    connection.query_all_raw(statement).await?.iter().map(fact).collect()
}

/// Adds facts, in as few statements as the engine allows.
pub async fn insert(connection: &impl ConnectionTrait, facts: &[Fact]) -> Result<()> {
    const COLUMNS: usize = 15;
    match Engine::of(connection) {
        Engine::Postgres => {
            for chunk in facts.chunks(ROWS_OF_ARRAYS) {
                connection.execute_raw(insert_statement(connection, chunk)).await?;
            }
        }
        engine @ Engine::Sqlite => {
            for chunk in facts.chunks(engine.rows_per_insert(COLUMNS)) {
                figure::Entity::insert_many(chunk.iter().map(row)).exec_without_returning(connection).await?;
            }
        }
    }
    Ok(())
}

/// How many rows one statement adds whose values are bound column by column, as arrays.
const ROWS_OF_ARRAYS: usize = 10_000;

fn row(fact: &Fact) -> figure::ActiveModel {
    figure::ActiveModel {
        indicator_id: Set(fact.key.indicator_id),
        period_id: Set(fact.key.period_id),
        kind: Set(stored_kind(fact.key.kind)),
        partnership_id: Set(fact.key.partnership_id),
        area_id: Set(fact.key.area_id),
        breakdown_id: Set(fact.key.breakdown_id),
        measure: Set(stored_measure(fact.key.measure)),
        line_variant: Set(fact.key.line_variant),
        edition_id: Set(fact.edition_id),
        value: Set(fact.value.map(Figure::scaled)),
        decimals: Set(stored_decimals(fact)),
        numerator: Set(fact.numerator.map(Figure::scaled)),
        denominator: Set(fact.denominator.map(Figure::scaled)),
        flags: Set(fact.flags.pack()),
        line_no: Set(fact.line_no),
    }
}

fn stored_decimals(fact: &Fact) -> i16 {
    fact.value.map_or(0, |value| i16::from(value.decimals()))
}

/// The statement that adds facts on PostgreSQL: one text for any number of them, so that it is prepared once.
fn insert_statement(connection: &impl ConnectionTrait, facts: &[Fact]) -> Statement {
    // An array holds no NULL here; a figure is never that small.
    const NONE: i64 = i64::MIN;
    let of = |number: fn(&Fact) -> i32| Value::from(facts.iter().map(number).collect::<Vec<i32>>());
    let small = |number: fn(&Fact) -> i16| Value::from(facts.iter().map(number).collect::<Vec<i16>>());
    let exact = |figure: fn(&Fact) -> Option<Figure>| {
        Value::from(facts.iter().map(|fact| figure(fact).map_or(NONE, Figure::scaled)).collect::<Vec<i64>>())
    };
    let values = [
        of(|fact| fact.key.indicator_id),
        of(|fact| fact.key.period_id),
        small(|fact| stored_kind(fact.key.kind)),
        of(|fact| fact.key.partnership_id),
        of(|fact| fact.key.area_id),
        of(|fact| fact.key.breakdown_id),
        small(|fact| stored_measure(fact.key.measure)),
        small(|fact| fact.key.line_variant),
        Value::from(facts.iter().map(|fact| fact.edition_id).collect::<Vec<i64>>()),
        exact(|fact| fact.value),
        small(stored_decimals),
        exact(|fact| fact.numerator),
        exact(|fact| fact.denominator),
        of(|fact| fact.flags.pack()),
        of(|fact| fact.line_no),
        NONE.into(),
    ];
    let sql = format!(
        "INSERT INTO figure ({COLUMNS})
        SELECT indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant, edition_id,
            nullif(value, $16), decimals, nullif(numerator, $16), nullif(denominator, $16), flags, line_no
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS added ({COLUMNS})"
    );
    statement(connection, sql, values)
}

/// Keeps the lines that an edition is made from.
pub async fn insert_lines(connection: &impl ConnectionTrait, edition_id: i64, lines: &[&Line]) -> Result<()> {
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let content = serde_json::to_string(line).map_err(|failure| Error::internal("publishing a line", failure))?;
        let number = i32::try_from(line.line).map_err(|failure| Error::internal("publishing a line", failure))?;
        rows.push((number, content));
    }
    insert_documents(connection, "published_line (edition_id, line_no, content)", edition_id, rows).await
}

/// Adds numbered documents that belong to one number: `into` names the table and its three columns.
pub(super) async fn insert_documents(
    connection: &impl ConnectionTrait,
    into: &str,
    of: i64,
    rows: Vec<(i32, String)>,
) -> Result<()> {
    const BOUND: usize = 2;
    match Engine::of(connection) {
        Engine::Postgres => {
            let (numbers, documents): (Vec<i32>, Vec<String>) = rows.into_iter().unzip();
            let sql = format!(
                "INSERT INTO {into} SELECT $1, number, document FROM unnest($2, $3) AS added (number, document)"
            );
            let values = [of.into(), numbers.into(), documents.into()];
            connection.execute_raw(statement(connection, sql, values)).await?;
        }
        engine @ Engine::Sqlite => {
            for chunk in rows.chunks(engine.rows_per_insert(BOUND) - 1) {
                let places: Vec<String> =
                    (1..=chunk.len()).map(|row| format!("($1, ${}, ${})", 2 * row, 2 * row + 1)).collect();
                let sql = format!("INSERT INTO {into} VALUES {}", places.join(", "));
                let bound = chunk.iter().flat_map(|(number, document)| [(*number).into(), document.as_str().into()]);
                let values = std::iter::once(of.into()).chain(bound);
                connection.execute_raw(statement(connection, sql, values)).await?;
            }
        }
    }
    Ok(())
}

fn widen(numbers: &[i32]) -> Vec<i64> {
    numbers.iter().copied().map(i64::from).collect()
}

/// A row of either engine, decoded by position: its columns are those that the statement names, so that nothing of their types
/// is asked again.
fn fact(row: &QueryResult) -> Result<Fact> {
    match (row.try_as_pg_row(), row.try_as_sqlite_row()) {
        (Some(row), _) => decoded(row),
        (None, Some(row)) => decoded(row),
        (None, None) => Err(damaged()),
    }
}

fn decoded<'r, R: Row>(row: &'r R) -> Result<Fact>
where
    usize: ColumnIndex<R>,
    i16: Decode<'r, R::Database>,
    i32: Decode<'r, R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let unread = |failure| Error::internal("reading the fact table", failure);
    let number = |at: usize| row.try_get_unchecked::<i32, _>(at).map_err(unread);
    let small = |at: usize| row.try_get_unchecked::<i16, _>(at).map_err(unread);
    let scaled = |at: usize| row.try_get_unchecked::<Option<i64>, _>(at).map_err(unread);
    let decimals = u8::try_from(small(10)?).map_err(|_| damaged())?;
    let exact = |scaled: Option<i64>, read: fn(i64, u8) -> Option<Figure>| match scaled {
        Some(scaled) => read(scaled, decimals).map(Some).ok_or_else(damaged),
        None => Ok(None),
    };
    Ok(Fact {
        key: FactKey {
            indicator_id: number(0)?,
            period_id: number(1)?,
            kind: kind_stored_as(small(2)?).ok_or_else(damaged)?,
            partnership_id: number(3)?,
            area_id: number(4)?,
            breakdown_id: number(5)?,
            measure: measure_stored_as(small(6)?).ok_or_else(damaged)?,
            line_variant: small(7)?,
        },
        edition_id: row.try_get_unchecked(8).map_err(unread)?,
        value: exact(scaled(9)?, Figure::from_stored)?,
        numerator: exact(scaled(11)?, |scaled, _| Figure::from_scaled(scaled))?,
        denominator: exact(scaled(12)?, |scaled, _| Figure::from_scaled(scaled))?,
        flags: Flags::unpack(number(13)?).ok_or_else(damaged)?,
        line_no: number(14)?,
    })
}

fn damaged() -> Error {
    Error::internal("reading the fact table", "a stored number means nothing to this program")
}
