//! The protocol, spoken with a small schema over channels. Time is tokio's, and passes when nothing else happens.

mod client;

use std::sync::atomic::Ordering;

use serde_json::Value;

use self::client::{Client, ROOM, complete, next};
use super::*;

#[tokio::test(start_paused = true)]
async fn a_query_has_one_result() {
    let mut client = Client::welcome().await;
    client.subscribe("q", "{ answer }");
    assert_eq!(client.hear().await, next("q", &json!({ "answer": 42 })));
    assert_eq!(client.hear().await, complete("q"));
}

#[tokio::test(start_paused = true)]
async fn an_error_of_execution_is_a_result() {
    let mut client = Client::welcome().await;
    client.subscribe("q", "{ refused }");
    let result = client.hear().await;
    assert_eq!((&result["type"], &result["payload"]["data"]), (&json!("next"), &Value::Null));
    assert_eq!(result["payload"]["errors"][0]["path"], json!(["refused"]));
    assert_eq!(client.hear().await, complete("q"));
}

#[tokio::test(start_paused = true)]
async fn an_error_before_execution_ends_the_operation() {
    let mut client = Client::welcome().await;
    for query in ["{ nothing }", "{", "subscription { count nothing_else }", "mutation { a }"] {
        client.subscribe("q", query);
        let error = client.hear().await;
        assert_eq!(error["type"], "error", "{query}: {error}");
        assert!(error["payload"][0]["message"].is_string(), "{error}");
    }
    // Nothing follows, and the id is free.
    client.subscribe("q", "{ answer }");
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_has_many_results() {
    let mut client = Client::welcome().await;
    client.subscribe("s", "subscription { count(to: 20) }");
    for n in 1..=20 {
        assert_eq!(client.hear().await, next("s", &json!({ "count": n })));
    }
    assert_eq!(client.hear().await, complete("s"));
}

#[tokio::test(start_paused = true)]
async fn operations_run_side_by_side() {
    let mut client = Client::welcome().await;
    client.subscribe("silent", "subscription { nothing }");
    client.subscribe("endless", "subscription { count }");
    client.subscribe("q", "{ answer }");
    while client.hear().await != next("q", &json!({ "answer": 42 })) {}
    while client.hear().await != complete("q") {}
    assert_eq!(client.hear().await["id"], "endless");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_operation_is_silent_and_its_id_is_free() {
    let mut client = Client::welcome().await;
    client.subscribe("1", "subscription { count }");
    client.hear().await;
    client.say(&complete("1"));
    client.say(&complete("unknown"));
    client.say(&json!({ "type": "ping" }));
    // What was under way may still arrive before the answer to what was said later.
    while client.hear().await["type"] != "pong" {}
    client.subscribe("1", "{ answer }");
    assert_eq!(client.hear().await, next("1", &json!({ "answer": 42 })));
    assert_eq!(client.hear().await, complete("1"));
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_answered_with_what_it_brought() {
    let mut client = Client::connect(true, None);
    client.say(&json!({ "type": "ping", "payload": { "n": 1 } }));
    assert_eq!(client.hear().await, json!({ "type": "pong", "payload": { "n": 1 } }));
    client.say(&json!({ "type": "pong" }));
    client.say(&json!({ "type": "ping" }));
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
}

#[tokio::test(start_paused = true)]
async fn who_does_not_keep_to_the_protocol_is_told_by_a_code() {
    let init = json!({ "type": "connection_init" });
    let query = json!({ "id": "1", "type": "subscribe", "payload": { "query": "subscription { nothing }" } });
    for (messages, code) in [
        (vec![json!({ "type": "hello" })], 4400),
        (vec![init.clone(), json!({ "type": "next", "id": "1" })], 4400),
        (vec![json!("hello")], 4400),
        (vec![query.clone()], 4401),
        (vec![], 4408),
        (vec![json!({ "type": "ping" })], 4408),
        (vec![init.clone(), query.clone(), query.clone()], 4409),
        (vec![init.clone(), init.clone()], 4429),
    ] {
        let client = Client::connect(true, None);
        for message in &messages {
            client.say(message);
        }
        assert_eq!(client.closed().await.0, code, "{messages:?}");
    }
    let client = Client::welcome().await;
    client.frame(Frame::Binary(Bytes::from_static(b"{}")));
    assert_eq!(client.closed().await.0, 4400);
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_arrives_before_the_close_that_follows_it() {
    let mut client = Client::connect(true, None);
    client.say(&json!({ "type": "connection_init" }));
    client.say(&json!({ "type": "connection_init" }));
    assert_eq!(client.hear().await["type"], "connection_ack");
    assert_eq!(client.closed().await.0, 4429);
}

#[tokio::test(start_paused = true)]
async fn a_token_comes_in_the_payload_or_in_the_header() {
    for (payload, header, open, admitted) in [
        (None, None, true, true),
        (None, None, false, false),
        (None, Some("Bearer good"), false, true),
        (None, Some("Bearer bad"), true, false),
        (Some("Bearer good"), None, false, true),
        (Some("Bearer good"), Some("Bearer bad"), false, true),
        (Some("Bearer bad"), Some("Bearer good"), true, false),
        (Some("good"), None, true, false),
    ] {
        for name in ["Authorization", "authorization"] {
            let mut client = Client::connect(open, header);
            let payload = payload.map(|token| json!({ name: token }));
            client.say(&json!({ "type": "connection_init", "payload": payload }));
            if admitted {
                assert_eq!(client.hear().await["type"], "connection_ack");
            } else {
                let (code, reason) = client.closed().await;
                assert_eq!((code, reason.starts_with("Forbidden: ")), (4403, true), "{reason}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_ends_the_connection() {
    let mut client = Client::connect(true, None);
    client.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer brief" } }));
    client.hear().await;
    client.subscribe("s", "subscription { nothing }");
    assert_eq!(client.closed().await, (4403, "Forbidden: The token has expired.".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_says_so() {
    for initialised in [false, true] {
        let client = if initialised { Client::welcome().await } else { Client::connect(true, None) };
        client.stopping.cancel();
        let (code, reason) = client.closed().await;
        assert_eq!((code, reason.contains("resume")), (1012, true), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_costs_little_and_is_told_to_resume() {
    let client = Client::welcome().await;
    client.subscribe("s", "subscription { count }");
    while !client.server.is_finished() && client.heard.capacity() > 0 {
        tokio::task::yield_now().await;
    }
    // Time passes when the server has nothing left to do.
    sleep(Duration::from_secs(16)).await;
    let counted = client.counted.load(Ordering::Relaxed);
    assert!((ROOM..ROOM + QUEUE + 5).contains(&counted), "{counted}");
    let (code, reason) = client.closed().await;
    assert_eq!((code, reason.contains("resume")), (1013, true), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_without_reading_is_not_listened_to() {
    let client = Client::welcome().await;
    for _ in 0..1000 {
        client.say(&json!({ "type": "ping" }));
    }
    let frames = client.frames.clone();
    assert_eq!(
        {
            sleep(Duration::from_secs(16)).await;
            client.closed().await.0
        },
        1013
    );
    assert!(frames.is_closed());
}

#[tokio::test(start_paused = true)]
async fn there_is_an_end_to_operations_and_messages() {
    let client = Client::welcome().await;
    for n in 0..=operations::MOST_OPERATIONS {
        client.subscribe(&n.to_string(), "subscription { nothing }");
    }
    assert_eq!(client.closed().await, (1008, "100 operations may run at a time".to_owned()));

    let client = Client::welcome().await;
    for n in 0..=4 {
        let filling = "#".repeat(LONGEST_MESSAGE - 200);
        client.subscribe(&n.to_string(), &format!("subscription {{ nothing }} {filling}"));
    }
    assert_eq!(client.closed().await.0, 1008);

    let client = Client::welcome().await;
    client.say(&json!({ "type": "ping", "payload": { "filling": "x".repeat(LONGEST_MESSAGE) } }));
    assert_eq!(client.closed().await.0, 1009);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gives_no_sign_of_life_is_given_up() {
    let mut client = Client::welcome().await;
    let began = Instant::now();
    let mut pings = 0;
    while let Some(frame) = client.heard.recv().await {
        assert_eq!(frame, Frame::Ping(Bytes::new()));
        pings += 1;
        // The first one is answered.
        if pings == 1 {
            client.frame(Frame::Pong(Bytes::new()));
        }
    }
    assert_eq!((pings, began.elapsed().as_secs()), (3, 85));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_takes_its_operations_along() {
    let mut client = Client::welcome().await;
    client.subscribe("s", "subscription { count }");
    client.hear().await;
    client.frame(Frame::Close(None));
    while client.heard.recv().await.is_some() {}
    client.server.await.unwrap();
    let counted = client.counted.load(Ordering::Relaxed);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(client.counted.load(Ordering::Relaxed), counted);
}

#[tokio::test(start_paused = true)]
async fn a_query_that_takes_too_long_or_panics_ends_with_an_error() {
    let mut client = Client::welcome().await;
    for (query, code) in [("{ never }", "REQUEST_TIMEOUT"), ("{ broken }", "INTERNAL")] {
        client.subscribe("q", query);
        let error = client.hear().await;
        assert_eq!(error["type"], "error", "{error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code);
    }
}
