//! What one GraphQL request may ask for. Whatever is refused says why with a code, and the server goes on.

use serde_json::{Value, json};
use tests::{Answer, Server};

use crate::embedded;

/// Asks a document that must be refused before anything of it is executed; the errors carry `code`, and the first says
/// `words`.
#[track_caller]
fn assert_refused(answer: &Answer, code: &str, words: &[&str]) {
    assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
    assert!(answer.json().get("data").is_none(), "{answer:?}");
    assert!(answer.graphql_codes().iter().all(|given| given == code), "{answer:?}");
    let message = answer.at("/errors/0/message");
    for word in words {
        assert!(message.as_str().unwrap().contains(word), "{message} does not say {word}");
    }
}

async fn ask(server: &Server, document: &str) -> Answer {
    let answer = server.client().graphql(document, &Value::Null).await;
    server.client().graphql("{ __typename }", &Value::Null).await.expect(200);
    answer
}

/// A query as deep as this.
fn nested(depth: usize) -> String {
    let below: Vec<&str> = ["partnerships { ", "area { "].into_iter().cycle().take(depth - 3).collect();
    format!("{{ areas {{ nodes {{ {} __typename {} }} }} }}", below.concat(), "} ".repeat(depth - 3))
}

#[tokio::test]
async fn fifty_thousand_aliases_are_refused() {
    let server = Server::start(&embedded());
    let aliases = |count: usize, field: &str| {
        let aliases = (0..count).map(|number| format!("a{number}: {field} "));
        format!("{{ {} }}", aliases.collect::<String>())
    };
    assert_refused(
        &ask(&server, &aliases(50_000, "__typename")).await,
        "GRAPHQL_VALIDATION_FAILED",
        &["fields", "1000"],
    );
    assert_refused(
        &ask(&server, &aliases(101, "__typename")).await,
        "GRAPHQL_VALIDATION_FAILED",
        &["__typename", "100"],
    );
    assert_refused(
        &ask(&server, &aliases(501, "state { state }")).await,
        "GRAPHQL_VALIDATION_FAILED",
        &["fields", "1000"],
    );
    ask(&server, &aliases(100, "__typename")).await.expect(200);
    ask(&server, &aliases(500, "state { state }")).await.expect(200);
}

#[tokio::test]
async fn twenty_thousand_directives_are_refused() {
    let server = Server::start(&embedded());
    let directives = "@skip(if: false) ".repeat(20_000);
    let answer = ask(&server, &format!("{{ __typename {directives} }}")).await;
    assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
    let message = answer.at("/errors/0/message");
    assert!(message.as_str().unwrap().contains("directives: 200 are the most"), "{message}");
    assert_eq!(answer.graphql_codes().len(), 1);
}

#[tokio::test]
async fn directives_elsewhere_are_refused_too() {
    let server = Server::start(&embedded());
    let directives = "@skip(if: false) ".repeat(20_000);
    for document in [
        format!("query {directives} {{ __typename }}"),
        format!("{{ ... {directives} {{ __typename }} }}"),
        format!("{{ ...f {directives} }} fragment f on Query {{ __typename }}"),
        format!("query($v: Int {directives}) {{ partnerships(first: $v) {{ nodes {{ code }} }} }}"),
    ] {
        assert_refused(&ask(&server, &document).await, "GRAPHQL_VALIDATION_FAILED", &[]);
    }
}

#[tokio::test]
async fn a_refusal_is_no_longer_than_what_was_asked() {
    let server = Server::start(&embedded());
    let directives = "@skip(if: false) ".repeat(20_000);
    let answer = ask(&server, &format!("{{ ... {directives} {{ __typename }} }}")).await;
    assert!(answer.body.len() < directives.len(), "{} bytes", answer.body.len());
}

#[tokio::test]
async fn a_query_that_goes_too_deep_is_refused() {
    let server = Server::start(&embedded());
    ask(&server, &nested(10)).await.expect(200);
    for depth in [20, 30, 60] {
        let answer = ask(&server, &nested(depth)).await;
        assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
        assert!(answer.graphql_codes()[0].starts_with("GRAPHQL_"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_how_much_is_allowed() {
    let server = Server::start(&embedded());
    assert_refused(&ask(&server, &nested(20)).await, "GRAPHQL_VALIDATION_FAILED", &["18"]);
    let costly =
        "{ partnerships(first: 1000) { nodes { peerGroups { members { peerGroups { members { code } } } } } } }";
    assert_refused(&ask(&server, costly).await, "GRAPHQL_VALIDATION_FAILED", &["200000"]);
}

#[tokio::test]
async fn a_query_beyond_a_limit_is_not_said_to_be_unreadable() {
    let server = Server::start(&embedded());
    assert_refused(&ask(&server, &nested(40)).await, "GRAPHQL_VALIDATION_FAILED", &["depth"]);
    let directives = "@skip(if: false) ".repeat(5);
    let answer = ask(&server, &format!("{{ __typename {directives} }}")).await;
    assert_refused(&answer, "GRAPHQL_VALIDATION_FAILED", &["directives"]);
}

#[tokio::test]
async fn a_query_that_costs_too_much_is_refused() {
    let server = Server::start(&embedded());
    let costly =
        "{ partnerships(first: 1000) { nodes { peerGroups { members { peerGroups { members { code } } } } } } }";
    assert_refused(&ask(&server, costly).await, "GRAPHQL_VALIDATION_FAILED", &["complex"]);
}

#[tokio::test]
async fn a_document_that_is_nested_without_end_is_refused() {
    let server = Server::start(&embedded());
    for (opening, middle, closing) in [("{a", "", "}"), ("{...on Query", "{a}", "}"), ("[", "", "]"), ("{a:", "1", "}")]
    {
        let deep = format!("{}{middle}{}", opening.repeat(100_000), closing.repeat(100_000));
        for document in [deep.clone(), format!("{{ a(b: {deep}) }}"), format!("query($v: {deep}) {{ a }}")] {
            assert_refused(&ask(&server, &document).await, "GRAPHQL_PARSE_FAILED", &[]);
        }
    }
}

#[tokio::test]
async fn fragments_that_spread_themselves_are_refused() {
    let server = Server::start(&embedded());
    for document in [
        "{ ...f } fragment f on Query { ...f }",
        "{ ...f } fragment f on Query { state { state } ...g } fragment g on Query { ...f }",
        "{ ...f ...f } fragment f on Query { ...f ...f }",
        "{ state { state } } fragment f on Query { ...g } fragment g on Query { ...f }",
    ] {
        let answer = ask(&server, document).await;
        assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
        assert!(answer.graphql_codes()[0].starts_with("GRAPHQL_"), "{answer:?}");
    }
}

#[tokio::test]
async fn fragments_that_double_twelve_times_are_refused() {
    let server = Server::start(&embedded());
    let doubling = (0..12).map(|n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }} ", m = n + 1));
    let document =
        format!("{{ ...f0 }} {} fragment f12 on Query {{ state {{ state }} }}", doubling.collect::<String>());
    assert_refused(&ask(&server, &document).await, "GRAPHQL_VALIDATION_FAILED", &["fields", "1000"]);
}

#[tokio::test]
async fn fragments_that_multiply_without_end_are_refused() {
    let server = Server::with(&embedded()).args(["--request-timeout", "5", "--drain-timeout", "1"]).start();
    let ten_times = (0..25).map(|n| format!("fragment f{n} on Query {{ {} }} ", format!("...f{} ", n + 1).repeat(10)));
    let ten_times: String = ten_times.collect();
    for last in ["state { state }", "...nothing"] {
        let document = format!("{{ ...f0 }} {ten_times} fragment f25 on Query {{ {last} }}");
        let answer = server.client().graphql(&document, &Value::Null).try_send().await;
        let answer = answer.unwrap_or_else(|failure| panic!("{last}: {failure}"));
        assert_refused(&answer, "GRAPHQL_VALIDATION_FAILED", &[]);
    }
}

#[tokio::test]
async fn a_hundred_thousand_fragments_do_not_bring_the_server_down() {
    let server = Server::start(&embedded());
    let chain: Vec<String> = (0..100_000).map(|n| format!("fragment f{n} on Query {{ ...f{} }}", n + 1)).collect();
    let chain = chain.join(" ");
    for first in ["state { state }", "...f0"] {
        let document = format!("{{ {first} }} {chain} fragment f100000 on Query {{ state {{ state }} }}");
        let answer = server.client().graphql(&document, &Value::Null).try_send().await;
        let answer = answer.unwrap_or_else(|failure| panic!("{first}: {failure}"));
        assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
    }
    server.client().get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_mutation_is_not_taken_by_get() {
    let server = Server::start(&embedded());
    let client = server.client();
    let mutation = r#"mutation m { submitReturn(id: "00000000-0000-0000-0000-000000000000", version: 1) { id } }"#;
    let get = |query: &str| client.get("/graphql").query("query", query);
    for request in [
        get(mutation),
        get(mutation).query("operationName", "m"),
        get(&format!("query q {{ __typename }} {mutation}")).query("operationName", "m"),
        get(&format!("# query\n,,\u{feff} {mutation}")),
    ] {
        let answer = request.await.expect(405);
        assert_eq!(answer.problem_code(), "METHOD_NOT_ALLOWED");
        assert!(answer.expect_header("allow").contains("POST"), "{answer:?}");
    }
    get(&format!("query q {{ __typename }} {mutation}")).query("operationName", "q").await.expect(200);
    // By POST it is taken, and asks who we are.
    let answer = client.graphql(mutation, &json!({})).await;
    assert_eq!(answer.graphql_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn every_error_has_a_code() {
    let server = Server::start(&embedded());
    for (document, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ state { stat } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query a { __typename } query b { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { anything }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: Int!) { partnerships(first: $v) { nodes { code } } }", "GRAPHQL_VALIDATION_FAILED"),
        (r#"{ partnerships(first: "x") { nodes { code } } }"#, "GRAPHQL_VALIDATION_FAILED"),
        (r#"{ state(asOf: "yesterday") { state } }"#, "GRAPHQL_VALIDATION_FAILED"),
        (r#"{ state(asOf: "2999-01-01T00:00:00Z") { state } }"#, "FUTURE_AS_OF"),
        (r#"{ partnerships(after: "x") { nodes { code } } }"#, "INVALID_CURSOR"),
        ("{ partnerships(first: 1001) { nodes { code } } }", "INVALID_PARAMETER"),
        ("{ returns { nodes { id } } }", "UNAUTHENTICATED"),
    ] {
        let answer = ask(&server, document).await;
        assert!(answer.graphql_codes().iter().all(|given| given == code), "{document}: {answer:?}");
    }
}

#[tokio::test]
async fn a_wrong_name_is_answered_without_a_hint_at_the_right_one() {
    let server = Server::start(&embedded());
    let answer = ask(&server, "{ partnershipz { nodes { code } } }").await;
    assert_refused(&answer, "GRAPHQL_VALIDATION_FAILED", &["partnershipz"]);
    assert!(!answer.text().contains("partnerships"), "{answer:?}");
}
