//! How PostgreSQL answers the hot reads: by an index alone, whichever kind of plan it makes.

use exchange::{
    store::{
        Walk,
        figures::{Filter, framework_statement, page_statement, range_statement},
    },
    vocabulary::FigureKind,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait, Value as Bound};
use serde_json::Value;
use tests::{Database, Engine};

use crate::loaded::exchange_over;

/// 100 partnerships, 80 indicators, 20 periods and 2 kinds of figure: 320,000 rows, most with one version.
const FILL: &str = "INSERT INTO figure
    SELECT indicator, period, kind, partnership, partnership, 0, 0, 0, edition, indicator * 1000000, 2, NULL, NULL, 0, 1
    FROM generate_series(1, 80) indicator, generate_series(1, 20) period, generate_series(0, 1) kind,
        generate_series(1, 100) partnership, LATERAL (
            SELECT period * 1000 + partnership AS edition
            UNION ALL SELECT 100000 + partnership WHERE period % 5 = 0 AND indicator % 10 = 0
        ) editions";

/// All of the table's pages that are not known to be visible to everybody.
const UNKNOWN_PAGES: &str = "SELECT relpages - relallvisible AS pages FROM pg_class WHERE oid = 'figure'::regclass";

/// A statement, as `PREPARE` and `EXECUTE` take it: the types of its parameters, and their values.
fn parameters(statement: &Statement) -> (Vec<&'static str>, Vec<String>) {
    let values = statement.values.as_ref().unwrap();
    values
        .iter()
        .map(|value| match value {
            Bound::BigInt(Some(number)) => ("bigint", number.to_string()),
            Bound::Array(_, Some(items)) => {
                let number = |item: &Bound| match item {
                    Bound::BigInt(Some(number)) => number.to_string(),
                    other => panic!("{other:?}"),
                };
                ("bigint[]", format!("'{{{}}}'", items.iter().map(number).collect::<Vec<_>>().join(",")))
            }
            other => panic!("{other:?}"),
        })
        .unzip()
}

/// Every node of a plan, the topmost first.
fn nodes(plan: &Value) -> Vec<&Value> {
    let below = plan["Plans"].as_array().into_iter().flatten();
    std::iter::once(plan).chain(below.flat_map(nodes)).collect()
}

/// Runs a statement as it would run once prepared, under a plan of its own (`force_custom_plan`) or for any values
/// (`force_generic_plan`), and answers how it was run.
async fn explained(connection: &DatabaseConnection, statement: &Statement, mode: &str) -> Value {
    let transaction = connection.begin().await.unwrap();
    let connection = &transaction;
    let (types, values) = parameters(statement);
    connection.execute_unprepared(&format!("SET LOCAL plan_cache_mode = {mode}")).await.unwrap();
    let prepare = format!("PREPARE hot_read ({}) AS {}", types.join(", "), statement.sql);
    connection.execute_unprepared(&prepare).await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE hot_read ({})", values.join(", "));
    let backend = connection.get_database_backend();
    let row = connection.query_one_raw(Statement::from_string(backend, explain)).await.unwrap().unwrap();
    let mut plan: Value = row.try_get_by_index(0).unwrap();
    connection.execute_unprepared("DEALLOCATE hot_read").await.unwrap();
    transaction.rollback().await.unwrap();
    plan[0]["Plan"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_reads_touch_an_index_alone() {
    let Some(database) = Database::fresh(Engine::Postgres) else { return };
    let exchange = exchange_over(&database).await;
    let reader = exchange.database().reader();
    reader.execute_unprepared(FILL).await.unwrap();
    // A transaction that is still open somewhere keeps a page from being known to be visible to everybody.
    for attempt in 1.. {
        reader.execute_unprepared("VACUUM (ANALYZE) figure").await.unwrap();
        let backend = reader.get_database_backend();
        let row = reader.query_one_raw(Statement::from_string(backend, UNKNOWN_PAGES)).await.unwrap().unwrap();
        if row.try_get_by_index::<i32>(0).unwrap() == 0 {
            break;
        }
        assert!(attempt < 100, "the visibility map stays incomplete");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }

    let both = [FigureKind::Actual, FigureKind::Baseline];
    let numbers = |from: i32, to: i32| (from..=to).collect::<Vec<i32>>();
    let (all, two) = (numbers(1, 80), numbers(19, 20));
    let of_one = |indicators: &[i32], periods: &[i32]| Filter {
        kinds: both.to_vec(),
        partnerships: vec![17],
        indicators: indicators.to_vec(),
        periods: periods.to_vec(),
        editions: None,
    };
    let first = page_statement(reader, &of_one(&[], &[]), Walk::after(None), 126);
    let after = {
        let page = exchange::store::figures::page(reader, &of_one(&[], &[]), Walk::after(None), 126).await.unwrap();
        let last = page.last().unwrap().key;
        page_statement(reader, &of_one(&[], &[]), Walk::after(Some(last)), 126)
    };
    let before = {
        let backwards = Walk { from: None, backwards: true };
        let page = exchange::store::figures::page(reader, &of_one(&[], &[]), backwards, 126).await.unwrap();
        let walk = Walk { from: Some(page.last().unwrap().key), backwards: true };
        page_statement(reader, &of_one(&[], &[]), walk, 126)
    };
    let reads = [
        (
            "comparison",
            range_statement(reader, &numbers(11, 20), &numbers(17, 20), &both, &numbers(1, 15), None),
            10 * 4 * 2 * 15,
        ),
        ("page of a partnership", first, 126),
        ("next page of a partnership", after, 126),
        ("page before of a partnership", before, 126),
        ("indicators of a partnership as a range", range_statement(reader, &all, &two, &both, &[17], None), 80 * 2 * 2),
        (
            "indicators of a partnership as a page",
            page_statement(reader, &of_one(&all, &two), Walk::after(None), 1_251),
            80 * 2 * 2,
        ),
        ("framework", framework_statement(reader, &[17], &all, None), 80 * 20 * 2),
        (
            "frameworks of twenty partnerships",
            framework_statement(reader, &numbers(11, 30), &all, None),
            20 * 80 * 20 * 2,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, statement, at_least) in reads {
        for mode in ["force_custom_plan", "force_generic_plan"] {
            let plan = explained(reader, &statement, mode).await;
            let nodes = nodes(&plan);
            let names: Vec<String> = nodes
                .iter()
                .map(|node| {
                    let index = node["Index Name"].as_str().map(|index| format!(" by {index}")).unwrap_or_default();
                    format!("{}{index}", node["Node Type"].as_str().unwrap())
                })
                .collect();
            println!("{name}, {mode}: {} → {} rows", names.join(" ← "), plan["Actual Rows"]);
            let rows = plan["Actual Rows"].as_f64().unwrap();
            assert!(rows >= f64::from(at_least), "{name}: {rows} rows of {at_least}");
            for (node, told) in nodes.iter().zip(&names) {
                let touches = node["Relation Name"] == "figure" || node["Index Name"].is_string();
                if touches && node["Node Type"] != "Index Only Scan" {
                    wrong.push(format!("{name}, {mode}: {told}"));
                }
                if touches && node["Node Type"] == "Index Only Scan" && node["Heap Fetches"] != 0 {
                    wrong.push(format!("{name}, {mode}: {told} fetched {} rows from the table", node["Heap Fetches"]));
                }
                // A framework is a partnership's: it must not read the figures of others.
                if touches && name.starts_with("framework") && node["Index Name"] != "figure_by_partnership" {
                    wrong.push(format!("{name}, {mode}: {told}"));
                }
                // Sorting as the rows come, a little at a time, is no full sort.
                if name.contains("page of a partnership") && node["Node Type"] == "Sort" {
                    wrong.push(format!("{name}, {mode}: {told}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
