//! A small schema, and a client that speaks with it over channels.

use std::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use async_graphql::{EmptyMutation, Object, Request as Operation, Response as Executed, Schema, Subscription};
use axum::extract::ws::Message as Frame;
use chrono::TimeDelta;
use exchange::Clock;
use futures_util::{
    sink,
    stream::{self, BoxStream},
};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::super::*;

struct Query;

#[Object]
#[allow(clippy::unused_async, reason = "async-graphql takes a resolver only if it is async")]
impl Query {
    async fn answer(&self) -> i32 {
        42
    }

    async fn never(&self) -> i32 {
        std::future::pending().await
    }

    async fn refused(&self) -> async_graphql::Result<i32> {
        Err("refused".into())
    }

    async fn broken(&self) -> i32 {
        assert!(!std::hint::black_box(true), "broken");
        0
    }
}

/// Counts, and says how many numbers it has been asked for.
struct Counting(Arc<AtomicUsize>);

#[Subscription]
#[allow(clippy::unused_async, reason = "async-graphql takes a resolver only if it is async")]
impl Counting {
    async fn count(&self, to: Option<i32>) -> impl Stream<Item = i32> {
        let asked = Arc::clone(&self.0);
        stream::iter(1..=to.unwrap_or(i32::MAX)).inspect(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
        })
    }

    async fn nothing(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }
}

struct Host {
    schema: Schema<Query, EmptyMutation, Counting>,
    open: bool,
}

impl crate::graphql::operation::Host for Host {
    fn documents(&self) -> &schema::Documents {
        static DOCUMENTS: std::sync::LazyLock<schema::Documents> = std::sync::LazyLock::new(schema::Documents::default);
        &DOCUMENTS
    }

    async fn admit(&self, authorization: Option<&str>) -> exchange::Result<Arc<Caller>> {
        let mut caller = match authorization {
            None if self.open => Caller::anonymous(),
            None => return Err(Error::problem(ProblemCode::Unauthenticated, "This needs a token.")),
            Some("Bearer good" | "Bearer brief") => Caller::identified("anna"),
            Some(_) => return Err(Error::problem(ProblemCode::InvalidToken, "The token cannot be read.")),
        };
        if authorization == Some("Bearer brief") {
            caller.expires_at = Some(Clock::System.local()? + TimeDelta::seconds(40));
        }
        Ok(Arc::new(caller))
    }

    fn run(&self, operation: Operation, _: Arc<Caller>) -> BoxStream<'static, Executed> {
        self.schema.execute_stream(operation)
    }
}

/// The client's end of a connection.
pub struct Client {
    pub frames: mpsc::UnboundedSender<Result<Frame, axum::Error>>,
    pub heard: mpsc::Receiver<Frame>,
    pub server: JoinHandle<()>,
    pub stopping: CancellationToken,
    /// How many numbers have been counted.
    pub counted: Arc<AtomicUsize>,
}

/// How many frames there is room for between the server and a client that does not read.
pub const ROOM: usize = 4;

impl Client {
    pub fn connect(open: bool, header: Option<&'static str>) -> Self {
        let counted = Arc::default();
        let schema = Schema::new(Query, EmptyMutation, Counting(Arc::clone(&counted)));
        let host = Host { schema, open };
        let stopping = CancellationToken::new();
        let terms =
            Terms { stopping: stopping.clone(), request: Duration::from_secs(30), patience: Duration::from_secs(15) };
        let (frames, from_client) = mpsc::unbounded_channel();
        let (to_client, heard) = mpsc::channel(ROOM);
        let server = tokio::spawn(async move {
            let mut stream = Box::pin(stream::unfold(from_client, |mut from| async {
                from.recv().await.map(|frame| (frame, from))
            }));
            let mut sink: Pin<Box<dyn Sink<Frame, Error = ()> + Send>> =
                Box::pin(sink::unfold(to_client, |to: mpsc::Sender<Frame>, frame| async move {
                    to.send(frame).await.map(|()| to).map_err(drop)
                }));
            converse(&mut sink, &mut stream, &host, header, &terms).await;
        });
        Self { frames, heard, server, stopping, counted }
    }

    /// A connection that is acknowledged.
    pub async fn welcome() -> Self {
        let mut client = Self::connect(true, None);
        client.say(&json!({ "type": "connection_init" }));
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        client
    }

    pub fn say(&self, message: &Value) {
        self.frame(Frame::Text(message.to_string().into()));
    }

    pub fn frame(&self, frame: Frame) {
        let _ = self.frames.send(Ok(frame));
    }

    pub fn subscribe(&self, id: &str, query: &str) {
        self.say(&json!({ "id": id, "type": "subscribe", "payload": { "query": query } }));
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.heard.recv().await {
                Some(Frame::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Some(Frame::Ping(_)) => {}
                other => panic!("expected a message, not {other:?}"),
            }
        }
    }

    /// The code and the reason that the server closes with. What it says before is passed over.
    pub async fn closed(mut self) -> (u16, String) {
        loop {
            match self.heard.recv().await {
                Some(Frame::Close(Some(close))) => {
                    // Answered, as a client does.
                    drop(self.frames);
                    self.server.await.unwrap();
                    return (close.code, close.reason.to_string());
                }
                Some(_) => {}
                None => panic!("the server has gone without a word"),
            }
        }
    }
}

pub fn next(id: &str, data: &Value) -> Value {
    json!({ "id": id, "type": "next", "payload": { "data": data } })
}

pub fn complete(id: &str) -> Value {
    json!({ "id": id, "type": "complete" })
}
