//! The operations of one connection, each in a task of its own.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Response as Executed;
use exchange::ProblemCode;
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::message::Farewell;
use crate::graphql::operation::{Outcome, refused};

/// How many operations may run at a time.
pub const MOST_OPERATIONS: usize = 100;

/// How many bytes the requests of running operations may have together.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A message on its way to the client.
#[derive(Debug)]
pub struct Outgoing {
    /// The message.
    pub text: String,
    /// The operation that it belongs to.
    of: Option<CancellationToken>,
}

impl Outgoing {
    /// A message that belongs to no operation.
    pub fn plain(message: &Value) -> Self {
        Self { text: message.to_string(), of: None }
    }

    /// Whether the client has no more use for it: the operation was cancelled, and its id may be that of another by now.
    pub fn is_stale(&self) -> bool {
        self.of.as_ref().is_some_and(CancellationToken::is_cancelled)
    }
}

/// What runs on a connection. All of it is cancelled when this is dropped.
pub struct Operations {
    running: Running,
    outgoing: mpsc::Sender<Outgoing>,
    all: CancellationToken,
    _cancels: DropGuard,
}

/// The running operations by their ids, with what cancels them and the bytes of their requests.
type Running = Arc<Mutex<HashMap<String, (CancellationToken, usize)>>>;

impl Operations {
    /// None yet.
    pub fn new(outgoing: mpsc::Sender<Outgoing>) -> Self {
        let all = CancellationToken::new();
        Self { running: Running::default(), outgoing, _cancels: all.clone().drop_guard(), all }
    }

    /// Starts one that was asked for with so many bytes.
    ///
    /// # Errors
    /// 4409 if its id is in use, 1008 if there are too many.
    pub fn start(
        &self,
        id: String,
        bytes: usize,
        results: impl FnOnce() -> BoxStream<'static, Executed>,
    ) -> Result<(), Farewell> {
        let token = self.all.child_token();
        {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            if running.contains_key(&id) {
                return Err(Farewell::duplicate(&id));
            }
            if running.len() >= MOST_OPERATIONS {
                return Err(Farewell::too_many(format!("{MOST_OPERATIONS} operations may run at a time")));
            }
            if running.values().map(|(_, bytes)| bytes).sum::<usize>() + bytes > MOST_BYTES {
                return Err(Farewell::too_many(format!("Running operations may have {MOST_BYTES} bytes together")));
            }
            running.insert(id.clone(), (token.clone(), bytes));
        }
        let operation = One { id, token, running: Arc::clone(&self.running), outgoing: self.outgoing.clone() };
        let results = results();
        tokio::spawn(async move {
            let token = operation.token.clone();
            token.run_until_cancelled(operation.answer(results)).await;
        });
        Ok(())
    }

    /// Cancels one; it may have completed already.
    pub fn cancel(&self, id: &str) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, _)) = running.remove(id) {
            token.cancel();
        }
    }
}

/// One that runs.
struct One {
    id: String,
    token: CancellationToken,
    running: Running,
    outgoing: mpsc::Sender<Outgoing>,
}

impl One {
    async fn answer(&self, results: BoxStream<'static, Executed>) {
        let told = AssertUnwindSafe(self.tell(results)).catch_unwind().await;
        let last = told.unwrap_or_else(|_| {
            tracing::error!("a resolver panicked");
            let failed = refused(ProblemCode::Internal, "The exchange could not answer.");
            self.error(Outcome::of(&failed))
        });
        // The id is free before the client can know it; nobody comes between, as nothing is waited for.
        if let Ok(room) = self.outgoing.reserve().await {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.token.is_cancelled() {
                running.remove(&self.id);
                room.send(self.message(&last));
            }
        }
    }

    /// Sends the results, and answers the message to end with.
    async fn tell(&self, mut results: BoxStream<'static, Executed>) -> Value {
        let mut first = true;
        while let Some(executed) = results.next().await {
            let outcome = Outcome::of(&executed);
            drop(executed);
            if first && matches!(outcome, Outcome::Failed(_)) {
                return self.error(outcome);
            }
            first = false;
            let next = json!({ "id": self.id, "type": "next", "payload": outcome.members() });
            if self.outgoing.send(self.message(&next)).await.is_err() {
                // Nobody listens any more. A stream that is always ready would not notice otherwise.
                return Value::Null;
            }
        }
        json!({ "id": self.id, "type": "complete" })
    }

    fn error(&self, outcome: Outcome) -> Value {
        json!({ "id": self.id, "type": "error", "payload": outcome.members().remove("errors") })
    }

    fn message(&self, message: &Value) -> Outgoing {
        Outgoing { text: message.to_string(), of: Some(self.token.clone()) }
    }
}
