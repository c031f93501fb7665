//! What stands in front of every route: request id, log, limits of size and time, and a net under panics.

use std::time::Instant;

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use exchange::ProblemCode;
use tower_http::{
    catch_panic::CatchPanicLayer,
    limit::RequestBodyLimitLayer,
    timeout::{RequestBodyTimeoutLayer, TimeoutLayer},
};
use tracing::Instrument;
use uuid::Uuid;

use crate::{cli::Limits, failure::ProblemDocument};

/// The header that carries the request id, in and out.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around a router; the outermost comes last.
pub fn around(router: Router, limits: Limits) -> Router {
    router
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(limits.max_body_bytes))
        .layer(RequestBodyTimeoutLayer::new(limits.request()))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, limits.request()))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("a handler panicked");
            internal()
        }))
        .layer(from_fn(as_problems))
        .layer(from_fn(log))
}

fn internal() -> Response {
    let detail = "The exchange could not answer; the request id finds the reason in its log.";
    ProblemDocument::new(ProblemCode::Internal, detail).into_response()
}

/// Errors of libraries come as plain text, or as nothing: they leave as problem documents like all others.
async fn as_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let told = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"application/problem+json")
            || kind.starts_with(b"application/json")
            || kind.starts_with(b"application/graphql-response+json")
    });
    if told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => (ProblemCode::NotFound, "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => (ProblemCode::MethodNotAllowed, "This address does not take this method."),
        StatusCode::REQUEST_TIMEOUT => (ProblemCode::RequestTimeout, "The request was not answered in time."),
        StatusCode::PAYLOAD_TOO_LARGE => (ProblemCode::BodyTooLarge, "The request body exceeds the server's limit."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (ProblemCode::UnsupportedMediaType, "This address does not take this media type.")
        }
        status if status.is_client_error() => (ProblemCode::MalformedBody, "The request cannot be read."),
        _ => return internal(),
    };
    let mut problem = ProblemDocument::new(code, detail).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

/// Gives each request an id, and writes one line about it. Neither query values nor headers are logged: they may be private.
async fn log(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID).filter(|id| is_plain(id)).cloned();
    let id = given.or_else(|| HeaderValue::from_str(&Uuid::now_v7().to_string()).ok());
    let id = id.unwrap_or_else(|| HeaderValue::from_static("unknown"));
    request.headers_mut().insert(REQUEST_ID.clone(), id.clone());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(%method, path, status, ms = began.elapsed().as_millis(), "answered"));
    response.headers_mut().insert(REQUEST_ID.clone(), id);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.map(Body::new)
}

/// Whether a client's request id can stand in a log as it is.
fn is_plain(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=128).contains(&bytes.len()) && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
}
