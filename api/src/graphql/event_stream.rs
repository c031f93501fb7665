//! GraphQL over server-sent events, each operation on a connection of its own: the mode "distinct connections" of the
//! graphql-sse protocol.
//!
//! Each result is an event `next`, and an event `complete` follows the last one. A stream that ends without it has not told
//! all: the client asks again. The next result is asked for when there is room for it, so that a slow reader holds one.

use std::{pin::Pin, sync::Arc};

use async_graphql::Response as Executed;
use axum::{
    Extension,
    extract::{Request, State},
    http::HeaderMap,
    response::Response,
};
use exchange::{Error, ProblemCode};
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use serde_json::Value;

use super::{
    Answer, asked, execute,
    operation::{Outcome, refused},
    posted,
};
use crate::{
    accept::{EVENTS, prefers_events, ranges},
    application::Application,
    cli::Limits,
    failure::Failure,
    identity::Identity,
    stream::{End, Event, events},
};

/// `POST /graphql/stream`
pub async fn post(
    State(application): State<Arc<Application>>,
    Extension(limits): Extension<Limits>,
    identity: Identity,
    request: Request,
) -> Result<Response, Failure> {
    check_accept(request.headers())?;
    let operation = posted(request).await?;
    execute(&application, identity, operation, Answer::Events(limits), false).await
}

/// `GET /graphql/stream`, for queries and subscriptions.
pub async fn get(
    State(application): State<Arc<Application>>,
    Extension(limits): Extension<Limits>,
    identity: Identity,
    request: Request,
) -> Result<Response, Failure> {
    check_accept(request.headers())?;
    let (mut parts, _) = request.into_parts();
    let operation = asked(&mut parts).await?;
    execute(&application, identity, operation, Answer::Events(limits), true).await
}

/// Whether a client of `/graphql` would rather have events than one body.
pub fn is_preferred(headers: &HeaderMap) -> bool {
    prefers_events(headers, &[super::RESPONSE, super::LEGACY, "application/*", "*/*"])
}

fn check_accept(headers: &HeaderMap) -> Result<(), Failure> {
    let ranges = ranges(headers);
    if ranges.is_empty()
        || ranges.iter().any(|(name, weight)| *weight > 0 && [EVENTS, "text/*", "*/*"].contains(&name.as_str()))
    {
        return Ok(());
    }
    let detail = format!("This address answers in `{EVENTS}`.");
    Err(Error::problem(ProblemCode::NotAcceptable, detail).into())
}

/// The answer that sends results as they come, until they or the time to send them end.
pub(super) fn answer(
    results: BoxStream<'static, Executed>,
    end: impl Future<Output = End> + Send + 'static,
) -> Response {
    events(told(results, Box::pin(end)).map(|told| match told {
        None => Event::new("complete", ""),
        Some(result) => Event::new("next", &result),
    }))
}

/// How far a stream is.
enum Stage {
    Running(BoxStream<'static, Executed>, Pin<Box<dyn Future<Output = End> + Send>>),
    LastWord,
    Over,
}

/// Each result as one line of JSON, and `None` when the operation is complete.
fn told(
    results: BoxStream<'static, Executed>,
    end: Pin<Box<dyn Future<Output = End> + Send>>,
) -> impl Stream<Item = Option<String>> + Send {
    stream::unfold(Stage::Running(results, end), |stage| async {
        let (mut results, mut end) = match stage {
            Stage::Running(results, end) => (results, end),
            Stage::LastWord => return Some((None, Stage::Over)),
            Stage::Over => return None,
        };
        tokio::select! {
            biased;
            end = &mut end => match end {
                End::Expired => {
                    let expired = refused(ProblemCode::InvalidToken, "The token has expired.");
                    Some((Some(line(&expired)), Stage::LastWord))
                }
                End::Stopping => None,
            },
            result = results.next() => match result {
                Some(executed) => Some((Some(line(&executed)), Stage::Running(results, end))),
                None => Some((None, Stage::Over)),
            },
        }
    })
}

fn line(executed: &Executed) -> String {
    Value::Object(Outcome::of(executed).members()).to_string()
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use axum::http::{HeaderValue, header};
    use http_body_util::BodyExt;
    use tokio::sync::oneshot;

    use super::*;

    /// Numbers without end, counted as they are asked for.
    fn numbers(asked: &Arc<AtomicUsize>) -> BoxStream<'static, Executed> {
        let asked = Arc::clone(asked);
        stream::iter(0..)
            .map(move |n: i32| {
                asked.fetch_add(1, Ordering::Relaxed);
                Executed::new(n)
            })
            .boxed()
    }

    #[test]
    fn events_are_preferred_if_they_weigh_more_or_come_first() {
        let preferred = |accept: &'static str| {
            is_preferred(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(!is_preferred(&HeaderMap::new()));
        for accept in [
            "text/event-stream",
            "TEXT/Event-Stream; charset=utf-8",
            "text/event-stream, application/json",
            "text/event-stream, */*",
            "application/json;q=0.9, text/event-stream",
            "application/json; q=0.25, */*;q=0.1, text/event-stream; q=0.5",
        ] {
            assert!(preferred(accept), "{accept}");
        }
        for accept in [
            "*/*",
            "text/*",
            "application/json",
            "application/json, text/event-stream",
            "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
            "text/event-stream;q=0.5, application/json",
            "text/event-stream;q=0",
        ] {
            assert!(!preferred(accept), "{accept}");
        }
    }

    #[tokio::test]
    async fn results_are_followed_by_complete() {
        let results = stream::iter([1, 2]).map(Executed::new).boxed();
        let response = answer(results, std::future::pending());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let expected =
            "event: next\ndata: {\"data\":1}\n\nevent: next\ndata: {\"data\":2}\n\nevent: complete\ndata: \n\n";
        assert_eq!(String::from_utf8_lossy(&body), expected);
    }

    #[tokio::test]
    async fn a_result_is_asked_for_when_it_is_wanted() {
        let asked = Arc::default();
        let mut told = Box::pin(told(numbers(&asked), Box::pin(std::future::pending())));
        for n in 0..3 {
            assert_eq!(asked.load(Ordering::Relaxed), n);
            assert_eq!(told.next().await.unwrap().unwrap(), format!(r#"{{"data":{n}}}"#));
        }
    }

    #[tokio::test]
    async fn an_expired_token_is_the_last_that_is_told() {
        let asked = Arc::default();
        let (expire, expired) = oneshot::channel::<()>();
        let end = Box::pin(async { expired.await.map(|()| End::Expired).unwrap() });
        let mut told = Box::pin(told(numbers(&asked), end));
        assert!(told.next().await.unwrap().is_some());
        expire.send(()).unwrap();
        let last: Value = serde_json::from_str(&told.next().await.unwrap().unwrap()).unwrap();
        assert_eq!(last["errors"][0]["extensions"]["code"], "INVALID_TOKEN");
        assert_eq!(told.next().await, Some(None));
        assert_eq!(told.next().await, None);
    }

    #[tokio::test]
    async fn a_server_that_stops_ends_the_stream_without_complete() {
        let asked = Arc::default();
        let mut told = Box::pin(told(numbers(&asked), Box::pin(async { End::Stopping })));
        assert_eq!(told.next().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_is_kept_alive() {
        let response = answer(stream::pending().boxed(), std::future::pending());
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut body = response.into_body();
        let frame = tokio::time::timeout(Duration::from_secs(16), body.frame()).await.unwrap().unwrap().unwrap();
        assert!(frame.into_data().unwrap().starts_with(b":"));
    }
}
