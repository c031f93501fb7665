//! The program sends its traces to a collector. Only with the feature `otel`.

use std::{fs, path::Path, process::Stdio};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, header},
    routing::post,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
    sync::mpsc,
};

const TRACE: [u8; 16] =
    [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c];
const PARENT: [u8; 8] = [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31];

/// The program, without its visitor's settings.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_indicator-exchange"));
    command.args(arguments).env_clear().kill_on_drop(true);
    command
}

fn holds(body: &[u8], part: impl AsRef<[u8]>) -> bool {
    let part = part.as_ref();
    body.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn a_request_is_told_to_the_collector_as_a_part_of_its_callers_trace() {
    let (told, mut heard) = mpsc::unbounded_channel();
    let collector = Router::new().route(
        "/v1/traces",
        post(|headers: HeaderMap, body: Bytes| async move {
            told.send((headers, body)).unwrap();
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, collector).await });

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::new_v4().to_string());
    fs::create_dir_all(&folder).unwrap();
    let secret = folder.join("secret");
    fs::write(&secret, "a secret of more than thirty-two bytes").unwrap();
    let (secret, database) = (secret.to_str().unwrap(), format!("sqlite://{}/traces.sqlite", folder.display()));
    assert!(program(&["migrate", "--database-url", &database]).status().await.unwrap().success());
    let mut server = program(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database])
        .args(["--jwt-secret-file", secret, "--otlp-endpoint", &endpoint])
        // The log has nothing; the traces are the same. They are sent only because the server stops.
        .env("RUST_LOG", "off")
        .env("OTEL_BSP_SCHEDULE_DELAY", "3600000")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let base = loop {
        let line = lines.next_line().await.unwrap().expect("the server was to say where it listens");
        if let Some(base) = line.strip_prefix("listening on ") {
            break base.to_owned();
        }
    };

    let client = reqwest::Client::new();
    let asked = client
        .get(format!("{base}/v1/partnerships?colour=value-of-the-query"))
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .bearer_auth("token-of-the-caller")
        .send()
        .await
        .unwrap();
    assert!(asked.status().is_client_error(), "{}", asked.status());
    assert!(client.get(format!("{base}/healthz")).send().await.unwrap().status().is_success());
    let id = server.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert!(server.wait().await.unwrap().success());

    let (headers, body) = heard.recv().await.unwrap();
    assert_eq!(headers[header::CONTENT_TYPE], "application/x-protobuf");
    // Fields of a span as OTLP encodes them: number and type, length, bytes.
    assert!(holds(&body, [&[0x0a, 16], &TRACE[..]].concat()), "the trace is the caller's");
    assert!(holds(&body, [&[0x22, 8], &PARENT[..]].concat()), "the parent is the caller's span");
    assert!(holds(&body, [0x30, 2]), "the span is a server's");
    let status = [&b"http.response.status_code\x12\x03\x18"[..], &varint(asked.status().as_u16())].concat();
    assert!(holds(&body, status), "the status is a number");
    for told in ["indicator-exchange", "GET /v1/partnerships", "http.route", "http.request.method", "url.path"] {
        assert!(holds(&body, told), "{told} was to be told");
    }
    for private in ["value-of-the-query", "colour", "token-of-the-caller", "healthz"] {
        assert!(!holds(&body, private), "{private} was told");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// A number of two groups of seven bits, as protobuf writes it.
fn varint(number: u16) -> [u8; 2] {
    [number.to_le_bytes()[0] | 0x80, (number << 1).to_be_bytes()[0]]
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_with_an_example() {
    let refused = program(&["serve", "--otlp-endpoint", "collector:4318"]).output().await.unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("no address of a collector, such as http://127.0.0.1:4318"), "{said}");
}
