//! A caller who asks too often is told to wait, and a server with too much work sends away who comes last.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait};
use serde_json::json;
use tests::{Answer, Client, Database, Engine, Server, TokenSpec};
use tokio::time::sleep;

use crate::{embedded, respondent};

fn refused(answer: &Answer) {
    assert_eq!(answer.problem_code(), "RATE_LIMITED");
    let wait: u64 = answer.expect_header("retry-after").parse().unwrap();
    assert!((1..=61).contains(&wait), "{answer:?}");
}

#[tokio::test]
async fn nobody_asks_more_often_than_the_limit_and_all_are_told_how_they_stand() {
    let server = Server::with(&embedded()).args(["--rate-limit-reads", "3", "--rate-limit-writes", "1"]).start();
    let anybody = server.client();
    for (remaining, seconds) in [(2, 20), (1, 40), (0, 60)] {
        let answer = anybody.get("/v1/partnerships").await.expect(200);
        assert_eq!(answer.expect_header("ratelimit-policy"), "\"reads\";q=3;w=60");
        assert_eq!(answer.expect_header("ratelimit"), format!("\"reads\";r={remaining};t={seconds}"));
        assert!(answer.header("retry-after").is_none());
    }
    let answer = anybody.get("/v1/partnerships").await.expect(429);
    refused(&answer);
    assert!(answer.expect_header("ratelimit").starts_with("\"reads\";r=0;t="), "{answer:?}");
    // Who asks by GraphQL is the same client; a token that is not valid is counted for the address, too.
    refused(&anybody.graphql("{ state { state } }", &json!({})).await.expect(429));
    refused(&anybody.with_token("nonsense").get("/v1/actuals").await.expect(429));
    for path in ["/healthz", "/readyz", "/metrics"] {
        let answer = anybody.get(path).await.expect(200);
        assert!(answer.header("ratelimit").is_none(), "{path}");
    }

    let (anna, again) = (server.client_for(&respondent()), server.client_for(&respondent().scope("audit:read")));
    for client in [&anna, &again, &anna] {
        client.get("/v1/returns").await.expect(200);
    }
    refused(&again.get("/v1/returns").await.expect(429));
    let ben = server.client_for(&TokenSpec::subject("ben").scope("returns:read"));
    ben.get("/v1/returns").await.expect(200);
}

#[tokio::test]
async fn writes_are_counted_apart_and_mutations_are_writes() {
    let server = Server::with(&embedded()).args(["--rate-limit-writes", "2"]).start();
    let anna = server.client_for(&respondent());
    let post = || anna.post("/v1/returns").header("idempotency-key", "12345678").json(&json!({}));
    let answer = post().await.expect(422);
    assert_eq!(answer.expect_header("ratelimit-policy"), "\"writes\";q=2;w=60");
    let mutation = "mutation { submitReturn(id: \"00000000-0000-0000-0000-000000000000\", version: 1) { state } }";
    anna.graphql(mutation, &json!({})).await.expect(200);
    refused(&anna.graphql(mutation, &json!({})).await.expect(429));
    refused(&post().await.expect(429));
    anna.get("/v1/returns").await.expect(200);
}

#[tokio::test]
async fn a_client_is_seen_through_the_proxies_that_are_trusted_and_no_others() {
    let from = |client: &Client, header: &str, address: &str| client.get("/v1/problems").header(header, address);
    let limited = |more: &[&str]| Server::with(&embedded()).args(["--rate-limit-reads", "1"]).args(more).start();

    let server = limited(&["--trusted-proxies", "1"]);
    let client = server.client();
    from(&client, "x-forwarded-for", "192.0.2.1").await.expect(200);
    from(&client, "x-forwarded-for", "192.0.2.2").await.expect(200);
    refused(&from(&client, "x-forwarded-for", "192.0.2.99, 192.0.2.1").await.expect(429));
    from(&client, "x-forwarded-for", "2001:db8::1").await.expect(200);
    refused(&from(&client, "x-forwarded-for", "2001:db8::2").await.expect(429));
    from(&client, "forwarded", "for=192.0.2.3").await.expect(200);
    refused(&from(&client, "forwarded", "for=192.0.2.4").await.expect(429));

    let server = limited(&["--trusted-proxies", "10.0.0.0/8"]);
    from(&server.client(), "x-forwarded-for", "192.0.2.1").await.expect(200);
    refused(&from(&server.client(), "x-forwarded-for", "192.0.2.2").await.expect(429));

    let server = limited(&["--trusted-proxies", "127.0.0.0/8", "--forwarded-header", "forwarded"]);
    from(&server.client(), "forwarded", "for=192.0.2.1").await.expect(200);
    from(&server.client(), "forwarded", "for=\"[2001:db8::1]:99\"").await.expect(200);
    refused(&from(&server.client(), "forwarded", "for=192.0.2.1;proto=https").await.expect(429));
}

#[tokio::test]
async fn a_limit_of_nothing_is_none() {
    let server = Server::with(&embedded()).args(["--rate-limit-reads", "0"]).start();
    let answer = server.client().get("/v1/partnerships").await.expect(200);
    assert!(answer.header("ratelimit").is_none());
    let refusal = Server::with(&embedded()).args(["--trusted-proxies", "proxy"]).expect_refusal();
    assert!(refusal.stderr.contains("`proxy` is neither a number nor a network"), "{}", refusal.stderr);
}

/// With one place, and a writer who holds it because the database is locked.
#[tokio::test]
async fn a_server_with_too_much_work_sends_away_who_comes_last() {
    let database = Database::with_catalogue(Engine::Sqlite).expect("SQLite is part of the server");
    let server = Server::with(&database).args(["--max-requests", "1"]).start();
    let mut options = ConnectOptions::new(database.url());
    options.max_connections(1);
    let other = sea_orm::Database::connect(options).await.unwrap();
    other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();

    // Who waits for changes takes no place, nor does who has not sent its body yet.
    let follower = server.client();
    let waiting = tokio::spawn(async move { follower.get("/v1/changes?after=latest&wait=20").await });
    let anna = server.client_for(&respondent());
    let body = json!({ "partnership": "southwark", "collection": "fy2008-09", "lines": [] });
    let posted =
        tokio::spawn(async move { anna.post("/v1/returns").header("idempotency-key", "12345678").json(&body).await });
    sleep(Duration::from_millis(500)).await;

    let queued = server.client();
    let queued = tokio::spawn(async move { queued.get("/v1/partnerships").await });
    sleep(Duration::from_millis(200)).await;
    let answer = server.client().get("/v1/partnerships").await.expect(503);
    assert_eq!(answer.problem_code(), "OVERLOADED");
    assert_eq!(answer.expect_header("retry-after"), "1");
    assert_eq!(queued.await.unwrap().expect(503).problem_code(), "OVERLOADED");
    let metrics = server.client().get("/metrics").await.expect(200);
    assert!(metrics.text().contains("\nhttp_requests_shed_total 2\n"), "{}", metrics.text());
    server.client().get("/readyz").await.expect(200);

    other.execute_unprepared("ROLLBACK").await.unwrap();
    let written = posted.await.unwrap();
    assert!(written.status.is_success() || written.status.as_u16() == 422, "{written:?}");
    server.client().get("/v1/partnerships").await.expect(200);
    waiting.abort();
}
