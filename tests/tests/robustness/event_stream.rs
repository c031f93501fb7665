//! GraphQL over server-sent events: what the real server sends, and where.

use serde_json::{Value, json};
use tests::{Answer, Server};

use crate::embedded;

/// The events of an answer: names and data.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    assert!(answer.expect_header("content-type").starts_with("text/event-stream"), "{answer:?}");
    assert_eq!(answer.expect_header("cache-control"), "no-store");
    assert_eq!(answer.expect_header("x-accel-buffering"), "no");
    let events = answer.text().split_terminator("\n\n").map(|event| {
        let (name, data) = event.split_once('\n').unwrap_or_else(|| panic!("no event: {event}"));
        let data = data.strip_prefix("data: ").unwrap();
        let name = name.strip_prefix("event: ").unwrap();
        (name.to_owned(), serde_json::from_str(data).unwrap_or(Value::Null))
    });
    events.collect()
}

#[tokio::test]
async fn a_query_is_answered_as_by_post() {
    let server = Server::start(&embedded());
    let client = server.client();
    let query = "{ partnerships { nodes { code } } }";
    let posted = client.graphql(query, &Value::Null).await.expect(200).json();
    let expected = [("next".to_owned(), posted), ("complete".to_owned(), Value::Null)];
    let body = json!({ "query": query });
    for request in [
        client.post("/graphql/stream").json(&body),
        client.get("/graphql/stream").query("query", query),
        client.post("/graphql").header("accept", "text/event-stream").json(&body),
        client.get("/graphql").header("accept", "text/event-stream, */*;q=0.1").query("query", query),
    ] {
        assert_eq!(events(&request.await.expect(200)), expected);
    }
    // Who would rather have one body, has it.
    let whole = client.post("/graphql").header("accept", "application/json, text/event-stream").json(&body).await;
    assert_eq!(whole.expect(200).json(), expected[0].1);
}

#[tokio::test]
async fn errors_are_results() {
    let server = Server::start(&embedded());
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ returns { nodes { id } } }", "UNAUTHENTICATED"),
    ] {
        let answer = server.client().post("/graphql/stream").json(&json!({ "query": query })).await.expect(200);
        let events = events(&answer);
        assert_eq!(events.len(), 2, "{answer:?}");
        assert_eq!(events[0].1["errors"][0]["extensions"]["code"], code, "{answer:?}");
        assert_eq!(events[1].0, "complete");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_elsewhere() {
    let server = Server::start(&embedded());
    let client = server.client();
    let mutation = r#"mutation { submitReturn(id: "00000000-0000-0000-0000-000000000000", version: 1) { id } }"#;
    let get = |path: &str| client.get(path).header("accept", "text/event-stream").query("query", mutation);
    for path in ["/graphql", "/graphql/stream"] {
        assert_eq!(get(path).await.expect(405).problem_code(), "METHOD_NOT_ALLOWED");
    }
    let post = || client.post("/graphql/stream");
    assert_eq!(post().json(&json!([])).await.expect(400).problem_code(), "MALFORMED_BODY");
    assert_eq!(post().body("text/plain", "{}").await.expect(415).problem_code(), "UNSUPPORTED_MEDIA_TYPE");
    let json_alone = post().header("accept", "application/json").json(&json!({ "query": "{ __typename }" }));
    assert_eq!(json_alone.await.expect(406).problem_code(), "NOT_ACCEPTABLE");
    let server = Server::with(&embedded()).arg("--require-token").start();
    let nobody = server.client().post("/graphql/stream").json(&json!({ "query": "{ __typename }" })).await;
    assert_eq!(nobody.expect(401).problem_code(), "UNAUTHENTICATED");
}
