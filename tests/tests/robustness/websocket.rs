//! GraphQL over WebSocket (`graphql-transport-ws`): what the real server says, and with which code it closes.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::{Forged, Server, TokenSpec};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::{HeaderValue, Request, header},
    },
};

use crate::{
    embedded, respondent,
    socket::{Answer, Connection},
};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

fn handshake(server: &Server, protocol: Option<&'static str>) -> Request<()> {
    let url = format!("{}/graphql", server.url().replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    }
    request
}

impl Client {
    async fn open(server: &Server) -> Self {
        Self(connect_async(handshake(server, Some("graphql-transport-ws"))).await.unwrap().0)
    }

    /// A connection that is acknowledged.
    async fn welcome(server: &Server) -> Self {
        let mut client = Self::open(server).await;
        client.say(&json!({ "type": "connection_init" })).await;
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        client
    }

    async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str, variables: &Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(&json!({ "id": id, "type": "subscribe", "payload": payload })).await;
    }

    async fn frame(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.0.next()).await.expect("the server says nothing").map(Result::unwrap)
    }

    /// The next message.
    async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Some(Message::Ping(_)) => {}
                other => panic!("expected a message, not {other:?}"),
            }
        }
    }

    /// The code and the reason that the server closes with; what it says before is passed over.
    async fn closed(mut self) -> (u16, String) {
        loop {
            match self.frame().await {
                Some(Message::Close(Some(close))) => return (close.code.into(), close.reason.to_string()),
                Some(_) => {}
                None => panic!("the server has gone without a word"),
            }
        }
    }
}

#[tokio::test]
async fn a_query_is_answered_as_by_post() {
    let server = Server::start(&embedded());
    let (query, variables) = ("query q($n: Int) { partnerships(first: $n) { nodes { code } } }", json!({ "n": 1 }));
    let posted = server.client().graphql(query, &variables).await.expect(200).json();
    let mut client = Client::welcome(&server).await;
    client.subscribe("1", query, &variables).await;
    assert_eq!(client.hear().await, json!({ "id": "1", "type": "next", "payload": posted }));
    assert_eq!(client.hear().await, json!({ "id": "1", "type": "complete" }));
}

#[tokio::test]
async fn changes_are_told_as_they_take_effect_and_followed_from_any_of_them() {
    let server = Server::start(&embedded());
    let editor = server.client_for(&TokenSpec::subject("editor").scope("metadata:write"));
    let put = |name: &'static str| {
        let area = json!({ "code": "X1", "name": name, "kind": "REGION" });
        editor.put("/v1/areas/X1").json(&area)
    };
    let follow = "subscription ($after: String) { changes(after: $after) { cursor kind document { to } } }";
    let mut client = Client::welcome(&server).await;
    let latest = server.client().get("/v1/changes?after=latest").await.expect(200).at("/next");
    client.subscribe("1", follow, &json!({ "after": latest })).await;
    put("Somewhere").await.expect(200);
    let told = client.hear().await;
    let change = &told["payload"]["data"]["changes"];
    assert_eq!((&change["kind"], &change["document"]["to"]["name"]), (&json!("ADDED"), &json!("Somewhere")), "{told}");
    put("Elsewhere").await.expect(200);
    assert_eq!(client.hear().await["payload"]["data"]["changes"]["kind"], "REVISED");

    // Another connection goes on after the first change, and ends when it has had enough.
    let mut again = Client::welcome(&server).await;
    again.subscribe("1", follow, &json!({ "after": change["cursor"] })).await;
    assert_eq!(again.hear().await["payload"]["data"]["changes"]["document"]["to"]["name"], "Elsewhere");
    again.say(&json!({ "id": "1", "type": "complete" })).await;
    again.subscribe("2", follow, &json!({ "after": "nowhere" })).await;
    let refused = again.hear().await;
    assert_eq!(refused["payload"]["errors"][0]["extensions"]["code"], "INVALID_CURSOR", "{refused}");
}

#[tokio::test]
async fn operations_run_side_by_side() {
    let server = Server::start(&embedded());
    let mut client = Client::welcome(&server).await;
    client.subscribe("a", "{ __typename }", &Value::Null).await;
    client.subscribe("b", "{ partnerships { nodes { code } } }", &Value::Null).await;
    let mut told = Vec::new();
    for _ in 0..4 {
        let message = client.hear().await;
        told.push(format!("{} {}", message["id"].as_str().unwrap(), message["type"].as_str().unwrap()));
    }
    told.sort();
    assert_eq!(told, ["a complete", "a next", "b complete", "b next"]);
}

#[tokio::test]
async fn an_error_before_execution_has_a_code() {
    let server = Server::start(&embedded());
    let mut client = Client::welcome(&server).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ partnerships { nodes { peerGroups { nothing } } } }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        client.subscribe("1", query, &Value::Null).await;
        let error = client.hear().await;
        assert_eq!((&error["id"], &error["type"]), (&json!("1"), &json!("error")), "{query}: {error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{query}: {error}");
    }
    // An error of execution is a result.
    client.subscribe("1", "{ returns { nodes { id } } }", &Value::Null).await;
    let result = client.hear().await;
    assert_eq!(result["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{result}");
    assert_eq!(client.hear().await["type"], "complete");
}

#[tokio::test]
async fn pings_are_answered() {
    let server = Server::start(&embedded());
    let mut client = Client::open(&server).await;
    client.say(&json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong", "payload": { "n": 1 } }));
    client.0.send(Message::Ping("x".into())).await.unwrap();
    assert_eq!(client.frame().await, Some(Message::Pong("x".into())));
}

#[tokio::test]
async fn who_does_not_keep_to_the_protocol_is_told_by_a_code() {
    let server = Server::start(&embedded());
    let init = json!({ "type": "connection_init" });
    let query = json!({ "id": "1", "type": "subscribe", "payload": { "query": "{ __typename }" } });
    let long = "x".repeat(1024 * 1024);
    for (messages, code) in [
        (vec![json!({ "type": "hello" })], 4400),
        (vec![init.clone(), json!({ "id": "1", "type": "subscribe", "payload": { "query": 1 } })], 4400),
        (vec![query.clone()], 4401),
        (vec![init.clone(), init.clone()], 4429),
        (vec![json!({ "type": "ping", "payload": { "long": long } })], 1009),
    ] {
        let mut client = Client::open(&server).await;
        for message in &messages {
            client.say(message).await;
        }
        assert_eq!(client.closed().await.0, code, "{messages:?}");
    }
    let (socket, _) = connect_async(handshake(&server, None)).await.unwrap();
    assert_eq!(Client(socket).closed().await.0, 4406);
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let server = Server::start(&embedded());
    assert_eq!(Client::open(&server).await.closed().await.0, 4408);
}

#[tokio::test]
async fn an_id_belongs_to_one_operation_at_a_time() {
    let server = Server::start(&embedded());
    // Enough to be read in one go while the first one runs.
    let query = "{ partnerships(first: 1000) { nodes { code name } } areas(first: 1000) { nodes { code } } }";
    let mut client = Client::welcome(&server).await;
    let message = json!({ "id": "1", "type": "subscribe", "payload": { "query": query } }).to_string();
    for _ in 0..50 {
        client.0.feed(Message::text(message.clone())).await.unwrap();
    }
    client.0.flush().await.unwrap();
    assert_eq!(client.closed().await, (4409, "Subscriber for 1 already exists".to_owned()));
}

#[tokio::test]
async fn a_token_comes_with_the_first_message_or_with_the_handshake() {
    let server = Server::with(&embedded()).arg("--require-token").start();
    let good = format!("Bearer {}", server.token(&respondent()));
    let expired = format!("Bearer {}", Forged::EXPIRED);
    for (payload, header, code) in [
        (None, None, Some(4403)),
        (Some(&good), None, None),
        (None, Some(&good), None),
        (Some(&expired), Some(&good), Some(4403)),
        (None, Some(&expired), Some(4403)),
    ] {
        let mut request = handshake(&server, Some("graphql-transport-ws"));
        if let Some(header) = header {
            request.headers_mut().insert(header::AUTHORIZATION, header.parse().unwrap());
        }
        let mut client = Client(connect_async(request).await.unwrap().0);
        client.say(&json!({ "type": "connection_init", "payload": { "Authorization": payload } })).await;
        match code {
            Some(code) => assert_eq!(client.closed().await.0, code),
            None => {
                assert_eq!(client.hear().await["type"], "connection_ack");
                client.subscribe("1", "{ returns { nodes { id } } }", &Value::Null).await;
                assert_eq!(client.hear().await["payload"]["data"]["returns"]["nodes"], json!([]));
            }
        }
    }
    let log = server.stderr();
    assert!(!log.contains(good.rsplit('.').next().unwrap()), "the log has the token: {log}");
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_does_not_wait() {
    let mut server = Server::with(&embedded()).args(["--drain-timeout", "3600"]).start();
    let (waiting, silent) = (Client::welcome(&server).await, Client::open(&server).await);
    server.terminate();
    for client in [waiting, silent] {
        let (code, reason) = client.closed().await;
        assert_eq!((code, reason.contains("resume")), (1012, true), "{reason}");
    }
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_slow_reader_is_told_to_resume() {
    let server = Server::with(&embedded()).args(["--write-timeout", "6"]).start();
    let mut client = Client::welcome(&server).await;
    // Answers of half a megabyte each, until the server takes no more questions: it repeats what it is sent.
    let ping = json!({ "type": "ping", "payload": { "long": "x".repeat(500_000) } });
    let sending = async {
        loop {
            if client.0.send(Message::text(ping.to_string())).await.is_err() {
                break;
            }
        }
    };
    assert!(timeout(Duration::from_secs(4), sending).await.is_err(), "the server takes more and more");
    let (code, reason) = client.closed().await;
    assert_eq!((code, reason.contains("resume")), (1013, true), "{reason}");
    server.client().get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_connection_keeps_its_place_for_as_long_as_it_is_open() {
    let server = Server::with(&embedded()).args(["--max-connections", "1"]).start();
    let client = Client::welcome(&server).await;
    let mut second = Connection::open(&server).await;
    second.send("GET /healthz HTTP/1.1\r\nHost: exchange\r\n\r\n").await;
    assert!(timeout(Duration::from_millis(300), second.answer()).await.is_err(), "there was no place");
    drop(client);
    assert_eq!(second.answer().await.status, 200);
}

#[tokio::test]
async fn a_handshake_that_is_none_is_refused() {
    let server = Server::start(&embedded());
    let mut connection = Connection::open(&server).await;
    connection
        .send("GET /graphql HTTP/1.1\r\nHost: exchange\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        .await;
    let answer: Answer = connection.answer().await;
    assert_eq!((answer.status, answer.problem_code().as_str()), (400, "MALFORMED_BODY"));
}
