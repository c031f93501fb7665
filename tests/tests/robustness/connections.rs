//! Clients that are slow or leave connections open hold nobody up: neither others, nor a server that is told to stop.

use std::time::Duration;

use tests::Server;

use crate::{
    embedded, respondent,
    socket::{Answer, Connection},
};

/// A whole request.
const WHOLE: &str = "GET /healthz HTTP/1.1\r\nHost: exchange\r\n\r\n";

/// The beginning of a request whose header never ends.
const HALF_A_HEADER: &str = "GET /healthz HTTP/1.1\r\nHost: exchange\r\nX-Slow: ";

/// The beginning of a request whose body never ends.
const HALF_A_BODY: &str = "POST /graphql HTTP/1.1\r\nHost: exchange\r\nContent-Type: application/json\r\n\
    Content-Length: 1000\r\n\r\n{\"query\": \"";

/// Nobody waits for it in a test.
const AN_HOUR: &str = "3600";

#[tokio::test]
async fn a_header_that_never_ends_is_not_waited_for() {
    let server = Server::with(&embedded()).args(["--header-timeout", "1"]).start();
    let mut silent = Connection::open(&server).await;
    silent.send(HALF_A_HEADER).await;
    let said = silent.until_closed().await;
    assert!(said.is_empty() || Answer::first_of(&said).status == 408, "{said}");
}

#[tokio::test]
async fn a_header_that_trickles_in_is_not_waited_for() {
    let server = Server::with(&embedded()).args(["--header-timeout", "1"]).start();
    let mut slow = Connection::open(&server).await;
    slow.send(HALF_A_HEADER).await;
    let said = slow.drip_until_closed("x", Duration::from_millis(100)).await;
    assert!(said.is_empty() || Answer::first_of(&said).status == 408, "{said}");
}

#[tokio::test]
async fn a_connection_that_never_says_anything_is_closed() {
    let server = Server::with(&embedded()).args(["--header-timeout", "1"]).start();
    assert_eq!(Connection::open(&server).await.until_closed().await, "");
}

#[tokio::test]
async fn a_connection_on_which_nothing_more_is_asked_is_closed() {
    let server = Server::with(&embedded()).args(["--header-timeout", "1"]).start();
    let mut idle = Connection::open(&server).await;
    for _ in 0..3 {
        idle.send(WHOLE).await;
        assert_eq!(idle.answer().await.status, 200);
    }
    let said = idle.until_closed().await;
    assert!(said.is_empty() || Answer::first_of(&said).status == 408, "{said}");
}

#[tokio::test]
async fn a_body_that_stays_away_ends_with_a_timeout() {
    let server = Server::with(&embedded()).args(["--request-timeout", "2"]).start();
    let mut silent = Connection::open(&server).await;
    silent.send(HALF_A_BODY).await;
    let answer = Answer::first_of(&silent.until_closed().await);
    assert_eq!((answer.status, answer.problem_code().as_str()), (408, "REQUEST_TIMEOUT"));
}

#[tokio::test]
async fn a_body_that_trickles_in_ends_with_a_timeout() {
    let server = Server::with(&embedded()).args(["--request-timeout", "2"]).start();
    let token = server.token(&respondent());
    for (path, header) in [
        ("/graphql", String::new()),
        ("/v1/returns", format!("Authorization: Bearer {token}\r\nIdempotency-Key: 12345678\r\n")),
    ] {
        let mut slow = Connection::open(&server).await;
        slow.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: exchange\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n{header}\r\n"
        ))
        .await;
        let said = slow.drip_until_closed(" ", Duration::from_millis(100)).await;
        let answer = Answer::first_of(&said);
        assert_eq!((answer.status, answer.problem_code().as_str()), (408, "REQUEST_TIMEOUT"), "{path}");
    }
}

#[tokio::test]
async fn a_slow_body_that_nobody_reads_does_not_keep_the_connection_open() {
    let server = Server::with(&embedded()).args(["--request-timeout", "2", "--header-timeout", "1"]).start();
    let mut slow = Connection::open(&server).await;
    slow.send("POST /v1/returns HTTP/1.1\r\nHost: exchange\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        .await;
    let said = slow.drip_until_closed(" ", Duration::from_millis(100)).await;
    assert_eq!(Answer::first_of(&said).status, 401, "{said}");
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_given_up() {
    let server = Server::with(&embedded()).args(["--write-timeout", "1", "--request-timeout", AN_HOUR]).start();
    let connection = Connection::open(&server).await;
    // Asks for the longest answer that there is, again and again, and reads none.
    connection.ask_until_closed("GET /openapi.json HTTP/1.1\r\nHost: exchange\r\n\r\n").await;
}

#[tokio::test]
async fn hundreds_of_slow_clients_keep_nobody_from_an_answer_and_do_not_hold_up_a_stop() {
    let server = Server::with(&embedded())
        .args(["--header-timeout", AN_HOUR, "--request-timeout", AN_HOUR, "--drain-timeout", "1"])
        .start();
    let mut slow = Vec::new();
    for number in 0..400 {
        let mut connection = Connection::open(&server).await;
        connection.send(if number % 2 == 0 { HALF_A_HEADER } else { HALF_A_BODY }).await;
        slow.push(connection);
    }
    for _ in 0..10 {
        server.client().get("/v1/partnerships").await.expect(200);
        let mut another = Connection::open(&server).await;
        another.send(WHOLE).await;
        assert_eq!(another.answer().await.status, 200);
    }
    // `stop` gives up long before an hour.
    assert!(server.stop().success());
    drop(slow);
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_a_stop() {
    let server = Server::with(&embedded()).args(["--header-timeout", AN_HOUR, "--drain-timeout", AN_HOUR]).start();
    let mut idle = Connection::open(&server).await;
    idle.send(WHOLE).await;
    assert_eq!(idle.answer().await.status, 200);
    assert!(server.stop().success());
    assert_eq!(idle.until_closed().await, "");
}

#[tokio::test]
async fn a_client_beyond_the_limit_waits_for_a_place() {
    let server = Server::with(&embedded()).args(["--max-connections", "2", "--header-timeout", "1"]).start();
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut connection = Connection::open(&server).await;
        connection.send(HALF_A_HEADER).await;
        slow.push(connection);
    }
    let mut third = Connection::open(&server).await;
    third.send(WHOLE).await;
    assert_eq!(third.answer().await.status, 200);
}
