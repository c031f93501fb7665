//! The size of a body is limited at every address, whether the client says it beforehand or not.

use serde_json::json;
use tests::Server;

use crate::{
    embedded, respondent,
    socket::{Answer, Connection},
};

const LIMIT: usize = 10_000;

/// A body of so many bytes that is well-formed JSON.
fn body(length: usize) -> String {
    let filling = "x".repeat(length - r#"{"query":"{ # }"}"#.len());
    let body = format!(r#"{{"query":"{{ #{filling} }}"}}"#);
    assert_eq!(body.len(), length);
    body
}

/// The same body in chunks of 1,000 bytes, as HTTP/1.1 writes them.
fn chunked(body: &str) -> String {
    let chunks = body
        .as_bytes()
        .chunks(1_000)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
    chunks.chain(["0\r\n\r\n".to_owned()]).collect()
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_large_is_refused() {
    let server = Server::with(&embedded()).args(["--max-body-bytes", &LIMIT.to_string()]).start();
    let client = server.client_for(&respondent());
    for path in ["/graphql", "/v1/returns", "/v1/releases", "/v1/nothing"] {
        let post =
            |length| client.post(path).header("idempotency-key", "12345678").body("application/json", body(length));
        let answer = post(LIMIT + 1).await.expect(413);
        assert_eq!(answer.problem_code(), "BODY_TOO_LARGE", "{path}");
        assert!(answer.header("x-request-id").is_some(), "{answer:?}");
        let answer = post(LIMIT).await;
        assert_ne!(answer.status.as_u16(), 413, "{answer:?}");
    }
}

#[tokio::test]
async fn a_body_that_turns_out_to_be_too_large_is_refused() {
    let server = Server::with(&embedded()).args(["--max-body-bytes", &LIMIT.to_string()]).start();
    let token = server.token(&respondent());
    for path in ["/graphql", "/v1/returns"] {
        for (length, too_large) in [(LIMIT, false), (LIMIT + 1, true), (10 * LIMIT, true)] {
            let mut connection = Connection::open(&server).await;
            connection
                .send(&format!(
                    "POST {path} HTTP/1.1\r\nHost: exchange\r\nContent-Type: application/json\r\nIdempotency-Key: 12345678\r\n\
                     Authorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{}",
                    chunked(&body(length))
                ))
                .await;
            let answer = Answer::first_of(&connection.until_closed().await);
            assert_eq!(answer.status == 413, too_large, "{path} with {length} bytes: {answer:?}");
            if too_large {
                assert_eq!(answer.problem_code(), "BODY_TOO_LARGE");
            }
        }
    }
}

#[tokio::test]
async fn a_graphql_request_is_one_json_object() {
    let server = Server::start(&embedded());
    let client = server.client();
    let query = json!({ "query": "{ __typename }" });
    client.post("/graphql").json(&query).await.expect(200);
    for batch in [json!([query]), json!([query, query]), json!([]), json!("{ __typename }"), json!(null), json!({})] {
        let answer = client.post("/graphql").json(&batch).await.expect(400);
        assert_eq!(answer.problem_code(), "MALFORMED_BODY", "{batch}");
    }
    // What a page on another site could send without asking first.
    let multipart =
        "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{ __typename }\"}\r\n--x--";
    for (media_type, body) in [
        ("text/plain", query.to_string()),
        ("text/plain; charset=application/json", query.to_string()),
        ("application/x-www-form-urlencoded", "query=%7B__typename%7D".to_owned()),
        ("application/graphql", "{ __typename }".to_owned()),
        ("multipart/form-data; boundary=x", multipart.to_owned()),
    ] {
        let answer = client.post("/graphql").body(media_type, body).await.expect(415);
        assert_eq!(answer.problem_code(), "UNSUPPORTED_MEDIA_TYPE", "{media_type}");
    }
}

#[tokio::test]
async fn a_body_without_a_media_type_is_refused() {
    let server = Server::start(&embedded());
    let body = r#"{"query":"{ __typename }"}"#;
    let mut connection = Connection::open(&server).await;
    let length = body.len();
    connection
        .send(&format!("POST /graphql HTTP/1.1\r\nHost: exchange\r\nContent-Length: {length}\r\n\r\n{body}"))
        .await;
    let answer = connection.answer().await;
    assert_eq!((answer.status, answer.problem_code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"));
}

#[tokio::test]
async fn json_that_is_nested_without_end_is_refused() {
    let server = Server::start(&embedded());
    let client = server.client_for(&respondent());
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for (path, body) in [
        ("/graphql", format!(r#"{{"query":"{{ __typename }}","variables":{{"deep":{deep}}}}}"#)),
        ("/v1/returns", format!(r#"{{"partnership":"southwark","collection":"c","lines":{deep}}}"#)),
    ] {
        let request = client.post(path).header("idempotency-key", "12345678").body("application/json", body);
        let answer = request.await.expect(400);
        assert_eq!(answer.problem_code(), "MALFORMED_BODY", "{path}");
    }
}
