//! What the server counts and measures, as somebody reads it who watches over it.

use serde_json::json;
use tests::{Client, Server};

use crate::{embedded, respondent};

async fn metrics(client: &Client) -> String {
    let answer = client.get("/metrics").await.expect(200);
    assert_eq!(answer.expect_header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    answer.text().to_owned()
}

/// The value of a series, written as it stands there.
fn value(metrics: &str, series: &str) -> Option<f64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
    Some(line.parse().unwrap())
}

#[tokio::test]
async fn requests_are_counted_by_route_method_and_outcome() {
    let server = Server::start(&embedded());
    let client = server.client();
    client.get("/v1/partnerships").await.expect(200);
    client.get("/v1/partnerships.csv").await.expect(200);
    client.get("/v1/partnerships/nobody-of-that-name").await.expect(404);
    client.get("/v1/partnerships/nobody-else").await.expect(404);
    client.get("/v1/no/such/address").await.expect(404);
    client.delete("/v1/partnerships").await.expect(405);
    client.with_token("nonsense").get("/v1/returns").await.expect(401);
    client.graphql("{ state { state } }", &json!({})).await.expect(200);
    client.graphql("{ nothing }", &json!({})).await.expect(400);
    server.client_for(&respondent()).graphql("mutation { nothing }", &json!({})).await.expect(400);
    let metrics = metrics(&client).await;
    for (series, expected) in [
        ("http_requests_total{route=\"/v1/partnerships\",method=\"GET\",status=\"2xx\"}", 2.0),
        ("http_requests_total{route=\"/v1/partnerships\",method=\"DELETE\",status=\"4xx\"}", 1.0),
        ("http_requests_total{route=\"/v1/partnerships/{code}\",method=\"GET\",status=\"4xx\"}", 2.0),
        ("http_requests_total{route=\"unmatched\",method=\"GET\",status=\"4xx\"}", 1.0),
        ("http_request_duration_seconds_count{route=\"/v1/partnerships\",method=\"GET\"}", 2.0),
        ("http_requests_in_flight", 1.0),
        ("http_requests_shed_total", 0.0),
        ("http_requests_rate_limited_total{policy=\"reads\"}", 0.0),
        ("tokens_refused_total{reason=\"unreadable\"}", 1.0),
        ("tokens_refused_total{reason=\"expired\"}", 0.0),
        ("graphql_operations_total{type=\"query\",outcome=\"answered\"}", 1.0),
        ("graphql_operations_total{type=\"query\",outcome=\"refused\"}", 1.0),
        ("graphql_operations_total{type=\"mutation\",outcome=\"refused\"}", 1.0),
        ("graphql_operation_cost_count", 3.0),
        ("ledger_readable", 1.0),
        ("ledger_held", 0.0),
        ("database_connections_max", 16.0),
        ("database_writes_retried_total", 0.0),
    ] {
        assert_eq!(value(&metrics, series), Some(expected), "{series} in\n{metrics}");
    }
    assert_eq!(value(&metrics, "ledger_publications"), Some(0.0));
    assert!(!metrics.contains("nobody-"), "what a client makes up is no label");
}

#[tokio::test]
async fn every_metric_says_what_it_is() {
    let server = Server::start(&embedded());
    server.client().get("/v1/partnerships").await.expect(200);
    let metrics = metrics(&server.client()).await;
    for line in metrics.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let name = line.split(['{', ' ']).next().unwrap();
        let name = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(metrics.contains(&format!("# HELP {name} ")), "{name} has no help");
        assert!(metrics.contains(&format!("# TYPE {name} ")), "{name} has no type");
    }
}

#[tokio::test]
async fn the_metrics_may_have_an_address_of_their_own() {
    let server = Server::with(&embedded()).args(["--metrics-listen", "127.0.0.1:0"]).start();
    server.client().get("/metrics").await.expect(404);
    let printed = server.stdout();
    let url = printed.lines().find_map(|line| line.strip_prefix("metrics on ")?.strip_suffix("/metrics"));
    let apart = Client::new(url.unwrap_or_else(|| panic!("{printed}")));
    assert!(metrics(&apart).await.contains("http_requests_total{route=\"unmatched\""));
    apart.get("/v1/partnerships").await.expect(404);
}

#[tokio::test]
async fn open_streams_are_counted_until_they_end() {
    let server = Server::start(&embedded());
    let client = server.client();
    let url = format!("{}/v1/changes?after=latest", server.url());
    let stream = reqwest::Client::builder().no_proxy().build().unwrap();
    let stream = stream.get(url).header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(value(&metrics(&client).await, "streams_open{kind=\"events\"}"), Some(1.0));
    drop(stream);
    for _ in 0..100 {
        if value(&metrics(&client).await, "streams_open{kind=\"events\"}") == Some(0.0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the stream is still counted");
}
