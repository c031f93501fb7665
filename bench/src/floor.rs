//! The floor: the cases by hand.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_postgres::{Client, Error, NoTls, Row, Statement};

/// Actuals, as the fact table stores their kind.
const ACTUAL: i16 = 0;

/// Where the floor writes: beside the tables of the exchange, and shaped like its own.
const OWN_TABLE: &str = "CREATE SEQUENCE IF NOT EXISTS floor_return;
    CREATE TABLE IF NOT EXISTS floor_line (
        return_id bigint, line_no integer, content text NOT NULL, PRIMARY KEY (return_id, line_no)
    )";

/// What the fact table is joined with: small, and read once.
#[derive(Default)]
struct Codes {
    partnerships: HashMap<String, i32>,
    indicators: HashMap<String, i32>,
    periods: HashMap<String, i32>,
    names: HashMap<i32, String>,
}

struct Connection {
    client: Client,
    range: Statement,
    framework: Statement,
    page: Statement,
    take: Statement,
}

/// Prepared statements over a few connections.
pub struct Floor {
    connections: Vec<Connection>,
    next: AtomicUsize,
    codes: Codes,
}

impl Floor {
    pub async fn over(url: &str, connections: usize) -> Result<Self, Error> {
        let mut floor = Self { connections: Vec::new(), next: AtomicUsize::new(0), codes: Codes::default() };
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(OWN_TABLE).await?;
        for _ in 0..connections {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            let range = client
                .prepare(
                    "SELECT indicator_id, period_id, partnership_id, value, decimals FROM unnest($1::int[]) AS i
                    CROSS JOIN unnest($2::int[]) AS p JOIN figure ON indicator_id = i AND period_id = p
                    WHERE kind = $3 AND partnership_id = ANY($4)",
                )
                .await?;
            let framework = client
                .prepare(
                    "SELECT indicator_id, kind, value, decimals, numerator, denominator FROM figure
                    WHERE partnership_id = $1 AND period_id = $2 AND indicator_id = ANY($3)",
                )
                .await?;
            let page = client
                .prepare(
                    "SELECT indicator_id, kind, value, decimals, numerator, denominator FROM figure
                    WHERE partnership_id = $1 AND period_id = $2 AND kind = $3 ORDER BY indicator_id LIMIT 100",
                )
                .await?;
            let take = client
                .prepare(
                    "WITH key AS (INSERT INTO idempotency_key (subject, key, request_hash, outcome, created_at)
                        VALUES ('floor', $1, '', '{}', 0) RETURNING nextval('floor_return') AS id)
                    INSERT INTO floor_line (return_id, line_no, content)
                    SELECT key.id, number, document FROM key, unnest($2::int[], $3::text[]) AS added (number, document)",
                )
                .await?;
            floor.connections.push(Connection { client, range, framework, page, take });
        }
        let client = &floor.connections[0].client;
        for row in client.query("SELECT family, code_key, id FROM code", &[]).await? {
            let (family, key, id): (String, String, i32) = (row.get(0), row.get(1), row.get(2));
            floor.codes.names.insert(id, key.clone());
            match family.as_str() {
                "PARTNERSHIP" => floor.codes.partnerships.insert(key, id),
                "INDICATOR" => floor.codes.indicators.insert(key, id),
                _ => None,
            };
        }
        for row in client.query("SELECT code, id FROM period", &[]).await? {
            floor.codes.periods.insert(row.get(0), row.get(1));
        }
        Ok(floor)
    }

    fn connection(&self) -> &Connection {
        &self.connections[self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len()]
    }

    /// The indicators that bear the numbers from one on, in the order of their codes.
    fn indicators(&self, first: usize, count: usize) -> Vec<i32> {
        let sorted: BTreeMap<&String, &i32> = self.codes.indicators.iter().collect();
        sorted.into_values().skip(first - 1).take(count).copied().collect()
    }
}

#[derive(Deserialize)]
pub struct Asked {
    partnership: String,
    #[serde(default)]
    first: usize,
    #[serde(default)]
    periods: String,
    /// The period before each.
    #[serde(default)]
    before: String,
    #[serde(default)]
    period: String,
}

fn json(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

fn failed(failure: &Error) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()).into_response()
}

/// A stored figure as a JSON number.
fn number(value: Option<i64>, decimals: i16) -> String {
    let Some(value) = value else { return "null".to_owned() };
    let places = usize::try_from(decimals).unwrap_or_default();
    let (whole, part) = (value / 1_000_000, (value % 1_000_000).abs());
    let part = format!("{part:06}");
    if places == 0 { whole.to_string() } else { format!("{whole}.{}", &part[..places.min(6)]) }
}

/// A member of a group: its number, its value and the decimals of that.
type Member = (i32, i64, i16);

/// One partnership with its peers: ranks, averages and changes between the two periods.
pub async fn comparison(State(floor): State<Arc<Floor>>, Query(asked): Query<Asked>) -> Response {
    let codes = &floor.codes;
    let own: usize = asked.partnership.trim_start_matches("generated-").parse().unwrap_or(1);
    let partnerships = codes.partnerships.len();
    let member = |place: usize| format!("generated-{:04}", (own - 1 + place * 7) % partnerships + 1);
    let members: Vec<i32> = (0..15).filter_map(|place| codes.partnerships.get(&member(place)).copied()).collect();
    let indicators = floor.indicators(asked.first, 10);
    let numbers = |codes_given: &str| -> Vec<i32> {
        codes_given.split(',').filter_map(|code| codes.periods.get(code).copied()).collect()
    };
    let (periods, before) = (numbers(&asked.periods), numbers(&asked.before));
    let all: Vec<i32> = periods.iter().chain(&before).copied().collect();
    let connection = floor.connection();
    let rows = connection.client.query(&connection.range, &[&indicators, &all, &ACTUAL, &members]).await;
    let rows = match rows {
        Ok(rows) => rows,
        Err(failure) => return failed(&failure),
    };
    let mut groups: HashMap<(i32, i32), Vec<Member>> = HashMap::new();
    for row in &rows {
        let group = groups.entry((row.get(0), row.get(1))).or_default();
        group.push((row.get(2), row.get::<_, Option<i64>>(3).unwrap_or_default(), row.get(4)));
    }
    for group in groups.values_mut() {
        group.sort_by_key(|(_, value, _)| *value);
    }
    let mut text = String::with_capacity(32 * 1024);
    text.push_str("{\"comparisons\":[");
    for indicator in &indicators {
        for (period, earlier) in periods.iter().zip(&before) {
            let of = |period: &i32| groups.get(&(*indicator, *period)).map(Vec::as_slice).unwrap_or_default();
            let (group, past) = (of(period), of(earlier));
            let sum: i128 = group.iter().map(|(_, value, _)| i128::from(*value)).sum();
            let average = i64::try_from(sum / group.len().max(1) as i128).ok();
            let _ = write!(
                text,
                "{{\"indicator\":\"{}\",\"period\":{period},\"used\":{},\"average\":{},\"members\":[",
                codes.names.get(indicator).map_or("", String::as_str),
                group.len(),
                number(average, 2)
            );
            for (rank, (partnership, value, decimals)) in group.iter().enumerate() {
                let name = codes.names.get(partnership).map_or("", String::as_str);
                let was = past.iter().position(|(other, ..)| other == partnership);
                let change = was.map(|was| value - past[was].1);
                let progress = was.map_or(0, |was| i64::try_from(was).unwrap_or_default())
                    - i64::try_from(rank).unwrap_or_default();
                let _ = write!(
                    text,
                    "{{\"partnership\":\"{name}\",\"value\":{},\"rank\":{},\"change\":{},\"progress\":{progress}}},",
                    number(Some(*value), *decimals),
                    rank + 1,
                    number(change, 2)
                );
            }
            text.pop();
            text.push_str("]},");
        }
    }
    text.pop();
    text.push_str("]}");
    json(text)
}

fn figures(floor: &Floor, rows: &[Row]) -> String {
    let mut text = String::with_capacity(16 * 1024);
    text.push_str("{\"items\":[");
    for row in rows {
        let name = floor.codes.names.get(&row.get::<_, i32>(0)).map_or("", String::as_str);
        let _ = write!(
            text,
            "{{\"indicator\":\"{name}\",\"kind\":{},\"value\":{},\"numerator\":{},\"denominator\":{}}},",
            row.get::<_, i16>(1),
            number(row.get(2), row.get(3)),
            number(row.get(4), 0),
            number(row.get(5), 0)
        );
    }
    text.pop();
    text.push_str("]}");
    text
}

/// The figures of one partnership's eighty indicators in a period.
pub async fn framework(State(floor): State<Arc<Floor>>, Query(asked): Query<Asked>) -> Response {
    let (partnership, period) =
        (floor.codes.partnerships.get(&asked.partnership), floor.codes.periods.get(&asked.period));
    let connection = floor.connection();
    let indicators = floor.indicators(1, 80);
    match connection.client.query(&connection.framework, &[&partnership, &period, &indicators]).await {
        Ok(rows) => json(figures(&floor, &rows)),
        Err(failure) => failed(&failure),
    }
}

/// A hundred actuals of one partnership in a period.
pub async fn page(State(floor): State<Arc<Floor>>, Query(asked): Query<Asked>) -> Response {
    let (partnership, period) =
        (floor.codes.partnerships.get(&asked.partnership), floor.codes.periods.get(&asked.period));
    let connection = floor.connection();
    match connection.client.query(&connection.page, &[&partnership, &period, &ACTUAL]).await {
        Ok(rows) => json(figures(&floor, &rows)),
        Err(failure) => failed(&failure),
    }
}

#[derive(Deserialize)]
struct Returned<'a> {
    #[serde(borrow)]
    lines: Vec<&'a RawValue>,
}

/// The lines of a return and its key, in one statement.
pub async fn take(State(floor): State<Arc<Floor>>, body: Bytes) -> Response {
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let Ok(returned) = serde_json::from_slice::<Returned<'_>>(&body) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_nanos());
    let key = format!("{since}-{taken}");
    let lines: Vec<&str> = returned.lines.iter().map(|line| line.get()).collect();
    let numbers: Vec<i32> = (1..).take(lines.len()).collect();
    let connection = floor.connection();
    match connection.client.execute(&connection.take, &[&key, &numbers, &lines]).await {
        Ok(_) => (StatusCode::CREATED, "{}").into_response(),
        Err(failure) => failed(&failure),
    }
}
