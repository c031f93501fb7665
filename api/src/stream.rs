//! What long answers share, whichever way they are sent: when they end, and what keeps them alive on their way.

use std::{convert::Infallible, pin::pin, time::Duration};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use exchange::{Caller, Clock};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// After as long without an event a comment is sent, so that nobody on the way takes the connection for a dead one.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// Tells nginx, and what has learnt it from nginx, to pass events on as they come.
static UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Why a long answer ends before it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The caller's token has expired.
    Expired,
    /// The server is told to stop.
    Stopping,
}

/// Resolves when a long answer to a caller must end. What is left of the token's time is computed once, here.
pub fn end(stopping: &CancellationToken, caller: &Caller) -> impl Future<Output = End> + Send + use<> {
    let stopping = stopping.clone();
    let left = caller.expires_at.map(|expires_at| match Clock::System.local() {
        Ok(now) => (expires_at - now).to_std().unwrap_or_default(),
        Err(_) => Duration::ZERO,
    });
    // A timer that is made here counts from here, not from the first poll.
    let expired = left.map(tokio::time::sleep);
    async move {
        let expired = async {
            match expired {
                Some(timer) => timer.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stopping.cancelled() => End::Stopping,
            () = pin!(expired) => End::Expired,
        }
    }
}

/// An event as it is sent (`text/event-stream`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event(String);

impl Event {
    /// An event with a name and data, of which each line becomes a field. Without data a browser would not notice it; empty
    /// data are data.
    pub fn new(name: &str, data: &str) -> Self {
        Self(format!("event: {name}\n")).with_data(data)
    }

    /// An event with an id, from which a client resumes: it sends the last one that it has seen in `Last-Event-ID`.
    /// Neither name nor id may contain a line break.
    pub fn with_id(name: &str, id: &str, data: &str) -> Self {
        Self(format!("id: {id}\nevent: {name}\n")).with_data(data)
    }

    fn with_data(mut self, data: &str) -> Self {
        for line in data.split(['\n', '\r']) {
            self.0.push_str("data: ");
            self.0.push_str(line);
            self.0.push('\n');
        }
        self.0.push('\n');
        self
    }
}

/// The answer that sends events as they come, with heartbeats. The next event is asked for when there is room for it.
pub fn events(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let alive = stream::unfold(Box::pin(events), |mut events| async {
        let text = match timeout(HEARTBEAT, events.next()).await {
            Ok(event) => event?.0,
            Err(_) => ":\n\n".to_owned(),
        };
        Some((Ok::<_, Infallible>(text), events))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (UNBUFFERED.clone(), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(alive)).into_response()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use tokio::time::Instant;

    use super::*;

    fn caller_for(seconds: i64) -> Caller {
        let now = Clock::System.local().unwrap();
        let mut caller = Caller::identified("anna");
        caller.expires_at = Some(now + TimeDelta::seconds(seconds));
        caller
    }

    #[test]
    fn each_line_of_the_data_is_a_field() {
        assert_eq!(Event::new("next", "{}").0, "event: next\ndata: {}\n\n");
        assert_eq!(Event::new("complete", "").0, "event: complete\ndata: \n\n");
        assert_eq!(Event::with_id("change", "7", "a\nb").0, "id: 7\nevent: change\ndata: a\ndata: b\n\n");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_with_its_token() {
        let began = Instant::now();
        assert_eq!(end(&CancellationToken::new(), &caller_for(3600)).await, End::Expired);
        let took = began.elapsed().as_secs();
        assert!((3599..=3600).contains(&took), "{took}");
        assert_eq!(end(&CancellationToken::new(), &caller_for(-5)).await, End::Expired);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_with_the_server() {
        let stopping = CancellationToken::new();
        let (anybody, holder) = (end(&stopping, &Caller::anonymous()), end(&stopping, &caller_for(3600)));
        stopping.cancel();
        assert_eq!((anybody.await, holder.await), (End::Stopping, End::Stopping));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_in_particular_may_stay() {
        let end = end(&CancellationToken::new(), &Caller::anonymous());
        assert!(tokio::time::timeout(Duration::from_secs(1_000_000), end).await.is_err());
    }
}
