//! What the ledger costs readers: a comparison and a page of figures with 1, 100 and 10,000 editions behind them, in one run.
//!
//! `cargo bench -p tests --bench ledger`. *Behind the same figures*: one partnership's return was revised so often, each time
//! with all of its figures. *Beside them*: so many returns of other partnerships were published. Only the ratios carry over to
//! another machine.

#![allow(clippy::unwrap_used, reason = "a benchmark may stop where it stands")]

use std::{sync::Arc, time::Instant};

use api::{demo, load};
use exchange::{
    Caller, Clock, Exchange, Settings,
    service::{comparison::ComparisonQuery, figures::FigureQuery, page::PageRequest},
    store,
};
use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection, Statement};
use tests::{Database, Engine};

const PARTNERSHIP: &str = "fictional-kestrelby";
const INDICATORS: &str = "NI 15,NI 16,NI 18,NI 19,NI 28,NI 29,NI 34,NI 17,NI 21,NI 27";
const EDITIONS: [i64; 3] = [1, 100, 10_000];
const ROUNDS: usize = 60;

/// Where the editions lie.
#[derive(Clone, Copy, PartialEq)]
enum Where {
    Behind,
    Beside,
}

async fn over(database: &Database) -> Arc<Exchange> {
    let database = store::Database::connect(&database.url(), 4).await.unwrap();
    Arc::new(Exchange::new(database, Clock::System, Settings::default()))
}

/// Copies the fullest edition of a partnership, or of another one, so often.
async fn publish(connection: &DatabaseConnection, place: Where, copies: i64) {
    let whose = match place {
        Where::Behind => format!("IN (SELECT id FROM code WHERE code_key = '{PARTNERSHIP}')"),
        Where::Beside => format!("NOT IN (SELECT id FROM code WHERE code_key = '{PARTNERSHIP}')"),
    };
    let fullest = format!(
        "SELECT f.edition_id FROM figure f JOIN edition e ON e.id = f.edition_id WHERE f.partnership_id {whose}
        GROUP BY f.edition_id ORDER BY count(*) DESC, f.edition_id LIMIT 1"
    );
    let backend = connection.get_database_backend();
    let number = async |sql: String| -> i64 {
        let row = connection.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    };
    let edition = number(fullest).await;
    let last = number("SELECT max(id) FROM edition".to_owned()).await;
    let version = number("SELECT version + 1 FROM ledger_head".to_owned()).await;
    // Beside the figures each copy answers a collection of its own: nothing replaces anything.
    let collection = if place == Where::Behind { "collection_id" } else { "1000000 + n" };
    let series =
        format!("WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {copies})");
    let said = "value, decimals, numerator, denominator, flags, line_no";
    let key = "indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant";
    let statements = [
        format!(
            "{series} INSERT INTO edition (id, kind, scheme, return_id, partnership_id, collection_id, created_at)
            SELECT {last} + n, kind, scheme, return_id, partnership_id, {collection}, created_at
            FROM edition CROSS JOIN copies WHERE id = {edition}"
        ),
        format!(
            "{series} INSERT INTO publication (edition_id, effective_at, audience, release_id, version)
            SELECT {last} + n, effective_at + n, audience, release_id, {version}
            FROM publication CROSS JOIN copies WHERE edition_id = {edition}"
        ),
        format!(
            "{series} INSERT INTO published_line (edition_id, line_no, content)
            SELECT {last} + n, line_no, content FROM published_line CROSS JOIN copies WHERE edition_id = {edition}"
        ),
        format!(
            "{series} INSERT INTO figure ({key}, edition_id, {said})
            SELECT {key}, {last} + n, {said} FROM figure CROSS JOIN copies WHERE edition_id = {edition}"
        ),
        "UPDATE ledger_head SET version = version + 1".to_owned(),
    ];
    for statement in statements {
        connection.execute_unprepared(&statement).await.unwrap();
    }
    let tidy = if backend == sea_orm::DbBackend::Postgres { "VACUUM ANALYZE" } else { "ANALYZE" };
    connection.execute_unprepared(tidy).await.unwrap();
}

/// Milliseconds of the first read of a server, and the median of many more.
async fn timed<W: Future>(read: impl Fn() -> W) -> (f64, f64) {
    let once = async || {
        let began = Instant::now();
        read().await;
        began.elapsed().as_secs_f64() * 1000.0
    };
    let first = once().await;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        times.push(once().await);
    }
    times.sort_by(f64::total_cmp);
    (first, times[ROUNDS / 2])
}

async fn measure(engine: Engine, place: Where) {
    let database = Database::fresh(engine).unwrap();
    load::push(&over(&database).await, demo::source().unwrap()).await.unwrap();
    let connection = Connection::connect(database.url()).await.unwrap();
    let (mut there, mut base) = (1, None);
    for editions in EDITIONS {
        if editions > there {
            publish(&connection, place, editions - there).await;
            there = editions;
        }
        let exchange = over(&database).await;
        let view = || exchange.view(Arc::new(Caller::anonymous()), None);
        let words = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let comparison = ComparisonQuery {
            partnership: PARTNERSHIP.to_owned(),
            indicators: words(INDICATORS),
            periods: words("FY2009-10,FY2010-11"),
            peer_group: None,
            rank_order: None,
        };
        let compare = timed(|| async { exchange.compare(&view().await.unwrap(), &comparison).await.unwrap() }).await;
        let figures = FigureQuery { partnerships: vec![PARTNERSHIP.to_owned()], ..FigureQuery::default() };
        let page = PageRequest { limit: Some(100), ..PageRequest::default() };
        let page = timed(|| async { exchange.figures(&view().await.unwrap(), &figures, &page).await.unwrap() }).await;
        let (base_compare, base_page) = *base.get_or_insert((compare.1, page.1));
        let place = if place == Where::Behind { "behind the same figures" } else { "beside them" };
        println!(
            "{engine:?} | {editions} {place} | comparison {:.2} ms ({:.2}), first {:.1} ms | page of 100 {:.2} ms ({:.2})",
            compare.1,
            compare.1 / base_compare,
            compare.0,
            page.1,
            page.1 / base_page
        );
        exchange.database().close().await;
    }
    connection.close().await.unwrap();
}

#[tokio::main]
async fn main() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        for place in [Where::Behind, Where::Beside] {
            measure(engine, place).await;
        }
    }
}
