//! What one GraphQL request may ask for. Whatever is refused says why with a code, and the server goes on.

use serde_json::{Value, json};
use tests::{Answer, Server, TokenSpec};

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

/// The refusal names the limit, how much it takes and how much was found.
#[track_caller]
fn assert_limited(answer: &Answer, limited: &str, limit: u64, cost: u64) {
    assert_refused(answer, "GRAPHQL_LIMIT_EXCEEDED", &[&limit.to_string(), &cost.to_string()]);
    let extensions = answer.at("/errors/0/extensions");
    let given =
        json!({ "code": "GRAPHQL_LIMIT_EXCEEDED", "status": 400, "limited": limited, "limit": limit, "cost": cost });
    assert_eq!(extensions, given);
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
    assert_limited(&ask(&server, &aliases(50_000, "__typename")).await, "TOKENS", 20_000, 150_002);
    assert_limited(&ask(&server, &aliases(5_000, "__typename")).await, "FIELDS", 1_000, 5_000);
    assert_limited(&ask(&server, &aliases(101, "__typename")).await, "TYPENAMES", 100, 101);
    assert_limited(&ask(&server, &aliases(501, "state { state }")).await, "FIELDS", 1_000, 1_002);
    ask(&server, &aliases(100, "__typename")).await.expect(200);
    ask(&server, &aliases(500, "state { state }")).await.expect(200);
}

#[tokio::test]
async fn twenty_thousand_directives_are_refused() {
    let server = Server::start(&embedded());
    let directives = "@skip(if: false) ".repeat(20_000);
    assert_limited(&ask(&server, &format!("{{ __typename {directives} }}")).await, "TOKENS", 20_000, 140_003);
    let directives = "@skip(if: false) ".repeat(2_000);
    assert_limited(&ask(&server, &format!("{{ __typename {directives} }}")).await, "DIRECTIVES", 200, 2_000);
}

#[tokio::test]
async fn directives_elsewhere_are_refused_too() {
    let server = Server::start(&embedded());
    let directives = "@skip(if: false) ".repeat(2_000);
    for document in [
        format!("query {directives} {{ __typename }}"),
        format!("{{ ... {directives} {{ __typename }} }}"),
        format!("{{ ...f {directives} }} fragment f on Query {{ __typename }}"),
        format!("query($v: Int {directives}) {{ partnerships(first: $v) {{ nodes {{ code }} }} }}"),
    ] {
        assert_limited(&ask(&server, &document).await, "DIRECTIVES", 200, 2_000);
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
async fn a_refusal_says_how_much_is_allowed_and_how_much_was_asked() {
    let server = Server::start(&embedded());
    assert_limited(&ask(&server, &nested(20)).await, "DEPTH", 18, 20);
    assert_limited(&ask(&server, &nested(40)).await, "NESTING", 32, 40);
    let directives = "@skip(if: false) ".repeat(5);
    let answer = ask(&server, &format!("{{ __typename {directives} }}")).await;
    assert_limited(&answer, "DIRECTIVES_ON_ONE_FIELD", 4, 5);
    let costly =
        "{ partnerships(first: 1000) { nodes { peerGroups { members { peerGroups { members { code } } } } } } }";
    assert_limited(&ask(&server, costly).await, "COST", 200_000, 291_001);
    let fragments = (0..101).map(|n| format!("fragment f{n} on Query {{ __typename }}")).collect::<Vec<_>>().join(" ");
    assert_limited(&ask(&server, &format!("{{ ...f0 }} {fragments}")).await, "FRAGMENTS", 100, 101);
}

/// What is answered is counted, too: a list that has no pages may be longer than it was taken to be.
#[tokio::test]
async fn an_answer_that_grows_too_large_is_given_up() {
    let server = Server::start(&embedded());
    let editor = TokenSpec::subject("editor").scope("metadata:write");
    let editor = server.client_for(&editor);
    for area in 0..8 {
        let populations = |year: u32| json!({ "year": 2001, "vintage": year.to_string(), "people": 1 });
        let area = json!({ "code": format!("X{area}"), "name": "Somewhere", "kind": "PARTNERSHIP_AREA",
            "fictional": true, "populations": (0..2_000).map(populations).collect::<Vec<_>>() });
        editor.put(&format!("/v1/areas/{}", area["code"].as_str().unwrap())).json(&area).await.expect(200);
    }
    let all = "year vintage people source a: year b: vintage c: people d: source e: year f: vintage g: people h: source
        i: year j: vintage k: people l: source";
    let query =
        |typename: &str| format!("{{ areas(first: 1000) {{ nodes {{ populations {{ {all} {typename} }} }} }} }}");
    let answer = ask(&server, &query("")).await;
    assert_refused(&answer, "GRAPHQL_LIMIT_EXCEEDED", &["250000", "smaller pages"]);
    assert_eq!(answer.at("/errors/0/extensions/limited"), "NODES");
    assert!(answer.at("/errors/0/extensions/cost").as_u64().unwrap() > 250_000, "{answer:?}");
    assert_eq!(answer.graphql_codes().len(), 1);
    // `__typename` counts as any field does, within fragments too.
    let few = "{ areas(first: 1000) { nodes { populations { year __typename } } } }";
    ask(&server, few).await.expect(200);
    let types = (0..16).map(|n| format!("t{n}: __typename")).collect::<Vec<_>>().join(" ");
    let many = format!(
        "{{ areas(first: 1000) {{ nodes {{ populations {{ ...f }} }} }} }} fragment f on Population {{ {types} }}"
    );
    assert_eq!(ask(&server, &many).await.at("/errors/0/extensions/limited"), "NODES");
}

#[tokio::test]
async fn a_document_that_is_nested_without_end_is_refused() {
    let server = Server::start(&embedded());
    for (opening, middle, closing) in [("{a", "", "}"), ("{...on Query", "{a}", "}"), ("[", "", "]"), ("{a:", "1", "}")]
    {
        let deep = format!("{}{middle}{}", opening.repeat(100_000), closing.repeat(100_000));
        for document in [deep.clone(), format!("{{ a(b: {deep}) }}"), format!("query($v: {deep}) {{ a }}")] {
            assert_refused(&ask(&server, &document).await, "GRAPHQL_LIMIT_EXCEEDED", &[]);
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
    assert_limited(&ask(&server, &document).await, "FIELDS", 1_000, 24_574);
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
        assert_refused(&answer, "GRAPHQL_LIMIT_EXCEEDED", &[]);
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

/// Neither of a field, nor of an argument, a type, a word or a member of an input.
#[tokio::test]
async fn a_wrong_name_is_answered_without_a_hint_at_the_right_one() {
    let server = Server::start(&embedded());
    for (document, wrong, right) in [
        ("{ partnershipz { nodes { code } } }", "partnershipz", "partnerships"),
        ("{ partnerships(firzt: 1) { nodes { code } } }", "firzt", "first"),
        ("{ partnerships { nodes { ... on Partnershib { code } } } }", "Partnershib", "`Partnership`"),
        ("{ indicators(scheme: LOCALE) { nodes { code } } }", "LOCALE", "CRIME"),
        (
            "mutation { release(input: { returns: [], returnz: [] }, idempotencyKey: \"12345678\") { id } }",
            "returnz",
            "schemes",
        ),
        ("query ($i: ReleaseInputt!) { __typename }", "ReleaseInputt", "ReleaseInput\\\""),
    ] {
        let answer = ask(&server, document).await;
        assert!(answer.text().contains(wrong), "{document}: {answer:?}");
        assert!(!answer.text().contains(right), "{document}: {answer:?}");
        assert!(!answer.text().to_lowercase().contains("did you mean"), "{document}: {answer:?}");
    }
}

#[tokio::test]
async fn introspection_may_be_switched_off() {
    let server = Server::with(&embedded()).args(["--introspection", "false"]).start();
    for document in [
        "{ __schema { queryType { name } } }",
        "query { __type(name: \"Area\") { name } }",
        "{ ...f } fragment f on Query { a: __schema { types { name } } }",
        "mutation { __schema { types { name } } }",
    ] {
        assert_refused(&ask(&server, document).await, "INTROSPECTION_DISABLED", &["switched off"]);
    }
    assert_eq!(ask(&server, "{ __typename }").await.graphql_data(), json!({ "__typename": "Query" }));
    let server = Server::start(&embedded());
    let answer = ask(&server, "{ __schema { queryType { name } } }").await.graphql_data();
    assert_eq!(answer, json!({ "__schema": { "queryType": { "name": "Query" } } }));
}

#[tokio::test]
async fn a_browser_is_shown_a_page_that_needs_nobody_else() {
    let server = Server::with(&embedded()).args(["--require-token"]).start();
    let client = server.client();
    let page = client.get("/graphql").header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").await.expect(200);
    assert_eq!(page.expect_header("content-type"), "text/html; charset=utf-8");
    assert!(page.expect_header("content-security-policy").starts_with("default-src 'self';"), "{page:?}");
    assert!(!page.text().contains("http") && !page.text().contains("<script>"), "{page:?}");
    for (path, media_type) in [("page.js", "text/javascript"), ("page.css", "text/css")] {
        let asset = client.get(&format!("/graphql/{path}")).await.expect(200);
        assert!(asset.expect_header("content-type").starts_with(media_type), "{asset:?}");
        assert!(page.text().contains(&format!("\"/graphql/{path}\"")) && !asset.text().contains("http"), "{path}");
    }
    // Whoever asks something is answered by GraphQL, or told that it has no such form.
    let asked = client.get("/graphql").query("query", "{ __typename }");
    asked.header("accept", "text/html").await.expect(406);
    client.get("/graphql").header("accept", "application/json").await.expect(400);
}
