//! Automatic persisted queries: a client names a query by its hash, and sends it in full once.

use serde_json::{Value, json};
use tests::{Answer, Request, Server};

use crate::embedded;

const QUERY: &str = "query q($first: Int) { partnerships(first: $first) { nodes { code } } }";
/// `printf '%s' "$QUERY" | sha256sum`
const HASH: &str = "c8aaae425099cb3b2f130cc8017a5b7b8e11c63c79d2a0a14493a15d9d24c8f7";

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

fn post(server: &Server, body: &Value) -> Request {
    server.client().post("/graphql").json(body)
}

#[track_caller]
fn assert_not_found(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
    assert_eq!(answer.at("/errors/0/message"), "PersistedQueryNotFound");
    assert_eq!(answer.graphql_codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
    assert!(answer.json().get("data").is_none(), "{answer:?}");
}

#[tokio::test]
async fn a_query_is_sent_once_and_named_by_its_hash_from_then_on() {
    let server = Server::start(&embedded());
    let by_hash = json!({ "extensions": persisted(HASH), "variables": { "first": 1 } });
    assert_not_found(&post(&server, &by_hash).await);
    // That somebody asks it without its hash does not register it.
    server.client().graphql(QUERY, &Value::Null).await.expect(200);
    assert_not_found(&post(&server, &by_hash).await);

    let with_text = json!({ "query": QUERY, "extensions": persisted(HASH) });
    let whole = post(&server, &with_text).await.expect(200).graphql_data();
    assert_eq!(post(&server, &json!({ "extensions": persisted(HASH) })).await.expect(200).graphql_data(), whole);
    assert_eq!(post(&server, &json!({ "query": "", "extensions": persisted(HASH) })).await.graphql_data(), whole);
    let extensions = persisted(HASH).to_string();
    let by_get = server.client().get("/graphql").query("extensions", &extensions).query("operationName", "q");
    assert_eq!(by_get.await.expect(200).graphql_data(), whole);
    let stream = server.client().get("/graphql/stream").query("extensions", &extensions);
    assert!(stream.await.expect(200).text().starts_with("event: next\ndata: {\"data\":{\"partnerships\""));
}

#[tokio::test]
async fn a_hash_is_that_of_its_query() {
    let server = Server::start(&embedded());
    for other in ["{ __typename }", &format!("{QUERY} ")] {
        let answer = post(&server, &json!({ "query": other, "extensions": persisted(HASH) })).await.expect(400);
        assert_eq!(answer.graphql_codes(), ["INVALID_PARAMETER"]);
        assert!(answer.text().contains("sha256Hash"), "{answer:?}");
    }
    assert_not_found(&post(&server, &json!({ "extensions": persisted(HASH) })).await);
    for extension in [
        json!(null),
        json!({}),
        json!({ "version": 2, "sha256Hash": HASH }),
        json!({ "version": 1, "sha256Hash": "abc" }),
        json!({ "version": 1, "sha256Hash": HASH.replace('a', "g") }),
    ] {
        let answer = post(&server, &json!({ "query": QUERY, "extensions": { "persistedQuery": extension } })).await;
        assert_eq!(answer.expect(400).problem_code(), "MALFORMED_BODY", "{extension}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_registered() {
    let server = Server::start(&embedded());
    for (query, hash, code) in [
        ("{ a", "4380513ea5360928ecc67762e4beefa047a01c44d201f6ab9323f7de34c6f2d2", "GRAPHQL_PARSE_FAILED"),
        (
            "{ a @a @a @a @a @a }",
            "9acc6c75f89c8a829374aabcc725c6472e43c21868bf86214e82456a5023f172",
            "GRAPHQL_LIMIT_EXCEEDED",
        ),
    ] {
        let answer = post(&server, &json!({ "query": query, "extensions": persisted(hash) })).await.expect(400);
        assert_eq!(answer.graphql_codes(), [code]);
        assert_not_found(&post(&server, &json!({ "extensions": persisted(hash) })).await);
    }
}

#[tokio::test]
async fn a_mutation_that_is_named_by_its_hash_is_not_taken_by_get_either() {
    let server = Server::start(&embedded());
    let mutation = "mutation { submitReturn(id: \"00000000-0000-0000-0000-000000000000\", version: 1) { id } }";
    let hash = "1daf76f23e3fc73d62038728af7c12e07e6671f6116eda00a665621b4e8d7da4";
    let answer = post(&server, &json!({ "query": mutation, "extensions": persisted(hash) })).await;
    assert_eq!(answer.graphql_codes(), ["UNAUTHENTICATED"]);
    let answer = server.client().get("/graphql").query("extensions", &persisted(hash).to_string()).await.expect(405);
    assert_eq!(answer.problem_code(), "METHOD_NOT_ALLOWED");
}
