//! Each request has an id that finds its line in the log; what is secret never stands there.

use serde_json::json;
use tests::{Key, Server, indicator_exchange};
use uuid::Uuid;

use crate::{embedded, respondent};

#[tokio::test]
async fn the_clients_request_id_is_echoed_and_logged() {
    let server = Server::start(&embedded());
    let client = server.client();
    for (path, status) in [("/healthz", 200), ("/v1/partnerships", 200), ("/v1/nothing", 404), ("/v1/returns", 401)] {
        let id = format!("test-{}:{status}_a.b", Uuid::new_v4());
        let answer = client.get(path).header("x-request-id", &id).await.expect(status);
        assert_eq!(answer.expect_header("x-request-id"), id);
        assert!(server.stderr().contains(&id), "{path}");
    }
    let id = format!("test-{}", Uuid::new_v4());
    let answer = client.delete("/v1/partnerships").header("x-request-id", &id).await.expect(405);
    assert_eq!(answer.expect_header("x-request-id"), id);
}

#[tokio::test]
async fn a_request_without_an_id_is_given_one() {
    let server = Server::start(&embedded());
    let (one, other) = (server.client().get("/healthz").await, server.client().get("/v1/nothing").await);
    let [one, other] = [&one, &other].map(|answer| Uuid::parse_str(answer.expect_header("x-request-id")).unwrap());
    assert_ne!(one, other);
    assert!(server.stderr().contains(&other.to_string()));
}

#[tokio::test]
async fn a_request_id_that_would_spoil_the_log_is_replaced() {
    let server = Server::start(&embedded());
    let too_long = "x".repeat(129);
    for wrong in ["two words", "a\tb", "{\"quoted\"}", "id=1", "a;b", "%0aforged", "", &too_long] {
        let answer = server.client().get("/healthz").header("x-request-id", wrong).await.expect(200);
        let given = answer.expect_header("x-request-id");
        assert!(Uuid::parse_str(given).is_ok(), "{wrong:?} became {given:?}");
    }
    let log = server.stderr();
    assert!(!log.contains("forged") && !log.contains("quoted") && !log.contains(&too_long), "{log}");
    let longest = "y".repeat(128);
    let answer = server.client().get("/healthz").header("x-request-id", &longest).await;
    assert_eq!(answer.expect_header("x-request-id"), longest);
}

#[tokio::test]
async fn a_token_in_an_address_or_a_header_is_neither_logged_nor_answered() {
    let server = Server::start(&embedded());
    let token = server.token(&respondent());
    let signature = token.rsplit('.').next().unwrap();
    let client = server.client();
    for request in [
        client.get("/v1/partnerships").query("access_token", &token),
        client.get("/v1/actuals").query("cursor", &token),
        client.get("/v1/actuals").query("as_of", "2999-01-01T00:00:00Z").query("access_token", &token),
        client.get("/v1/nothing").query("token", &token),
        client.get("/graphql").query("query", "{ __typename }").query("access_token", &token),
        client.graphql("{ __typename }", &serde_json::json!({ "token": token })),
        client.get("/v1/returns").header("authorization", &format!("Bearer {token}")),
        client.get("/v1/returns").header("authorization", &format!("Bearer {token}x")),
        client.get("/v1/returns").header("authorization", &format!("Token {token}")),
        client.get("/v1/returns").header("authorization", &token),
        client.get("/v1/returns").header("x-request-id", &token),
    ] {
        let answer = request.await;
        assert!(!answer.text().contains(signature), "{answer:?}");
    }
    let log = server.stderr();
    assert!(log.contains("/v1/returns"), "each request is logged: {log}");
    assert!(!log.contains(signature), "the log has the token: {log}");
}

#[tokio::test]
async fn a_token_in_an_address_opens_nothing() {
    let server = Server::start(&embedded());
    let token = server.token(&respondent());
    let answer = server.client().get("/v1/returns").query("access_token", &token).await.expect(401);
    assert_eq!(answer.problem_code(), "UNAUTHENTICATED");
    server.client_for(&respondent()).get("/v1/returns").await.expect(200);
}

#[tokio::test]
async fn nothing_that_a_client_sends_stands_in_a_log_for_debugging() {
    let server = Server::with(&embedded()).env("RUST_LOG", "debug").start();
    let client = server.client_for(&respondent());
    let token = server.token(&respondent());
    let body = json!({ "partnership": "the-body-of-it", "collection": "fy2008-09", "lines": [] });
    client.post("/v1/returns").header("idempotency-key", "the-key-of-it").json(&body).await;
    client
        .post("/v1/returns")
        .header("idempotency-key", "the-key-of-it")
        .body("application/json", "{the-body-of-it")
        .await;
    client.get("/v1/actuals").query("partnerships", "the-query-of-it").await;
    client.get("/v1/partnerships").query("the-query-of-it", "x").header("cookie", "the-cookie-of-it").await;
    client.graphql("{ partnership(code: \"the-body-of-it\") { name } }", &json!({})).await.expect(200);
    client.graphql("{ the-body-of-it }", &json!({ "a": "the-body-of-it" })).await;
    server.client().with_token("the-token-of-it").get("/v1/returns").await.expect(401);
    let log = server.stderr();
    assert!(log.contains("/v1/returns"), "{log}");
    for part in token.split('.') {
        assert!(!log.contains(part), "the log has a part of the token");
    }
    for secret in ["the-body", "the-key", "the-query", "the-cookie", "the-token"] {
        assert!(!log.contains(secret), "the log has {secret}…: {log}");
    }
}

#[test]
fn the_password_of_a_database_is_not_told() {
    for url in [
        "postgres://exchange:the-password@127.0.0.1:1/exchange",
        "postgres://exchange:the-password@127.0.0.1:99999999/exchange",
        "postgres://exchange:the-password@127.0.0.1:1/exchange?sslmode=the-mode",
        "mysql://exchange:the-password@127.0.0.1/exchange",
        "postgres://exchange:the-password@[::1/exchange",
    ] {
        let key = Key::OfTheServer.file();
        for words in [&["migrate"][..], &["verify-audit"], &["serve", "--jwt-key-file", key.to_str().unwrap()]] {
            let ran = indicator_exchange(words.iter().copied().chain(["--database-url", url]));
            assert!(!ran.status.success(), "{words:?} {url}");
            let told = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!told.contains("the-password"), "{words:?} {url}: {told}");
        }
    }
}
