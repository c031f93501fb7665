//! What stands in front of every route: request id, log, metrics, token, rates, limits of size and time, and a net under
//! panics.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use exchange::{Error, ProblemCode};
use http_body_util::BodyExt;
use tower_http::{
    catch_panic::CatchPanicLayer,
    limit::RequestBodyLimitLayer,
    timeout::{RequestBodyTimeoutLayer, TimeoutLayer},
};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    accept::EVENTS,
    application::Application,
    cli::Limits,
    failure::{Failure, ProblemDocument},
    graphql::OperationCost,
    metrics::{self, Open},
    protection::{
        Visit,
        address::Peer,
        rate::{Rate, Tally},
    },
};

/// The header that carries the request id, in and out.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around a router; the outermost comes last.
pub fn around(router: Router, application: Arc<Application>, limits: Limits) -> Router {
    router
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(limits.max_body_bytes))
        .layer(RequestBodyTimeoutLayer::new(limits.request()))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, limits.request()))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("a handler panicked");
            internal()
        }))
        .layer(from_fn_with_state(application, receive))
}

/// Receives a request: gives it an id, counts it, looks at its token, lets it in or sends it away, and writes one line about
/// it. Neither query values nor headers are logged: they may be private. All in one layer, as each costs allocations.
async fn receive(State(application): State<Arc<Application>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let in_flight = application.metrics.arrived();
    let given = request.headers().get(&REQUEST_ID).filter(|id| is_plain(id)).cloned();
    let id = given.or_else(|| HeaderValue::from_str(&Uuid::now_v7().to_string()).ok());
    let id = id.unwrap_or_else(|| HeaderValue::from_static("unknown"));
    request.headers_mut().insert(REQUEST_ID.clone(), id.clone());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // Whoever watches over the server must be answered also when nobody else is.
    let is_exempt = matches!(path.as_str(), "/healthz" | "/readyz" | metrics::PATH);
    let visit = Arc::new(Visit::new(Arc::clone(&application.protection), is_exempt));
    request.extensions_mut().insert(Arc::clone(&visit));
    #[cfg(feature = "otel")]
    let traced = if is_exempt { tracing::Span::none() } else { crate::traces::begin(&request, &id) };
    let answering = async {
        if is_exempt {
            return as_problem(next.run(request).await);
        }
        let mut tally = None;
        let mut response = match let_in(&application, &mut request, &visit, &mut tally).await {
            Ok(()) => as_problem(next.run(request).await),
            Err(refusal) => refusal.into_response(),
        };
        visit.leave();
        if let Some(tally) = tally {
            tally.write(response.headers_mut());
        }
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(visit.retry_after()));
        }
        application.resource.challenge(&mut response);
        response
    };
    let answering = answering.instrument(span.clone());
    #[cfg(feature = "otel")]
    let answering = answering.instrument(traced.clone());
    let mut response = answering.await;
    let (status, took) = (response.status(), began.elapsed());
    drop(in_flight);
    application.metrics.answered(visit.route(), &method, status, took);
    #[cfg(feature = "otel")]
    crate::traces::end(&traced, &method, visit.route(), status);
    if let Some(operation) = response.extensions().get::<OperationCost>() {
        application.metrics.graphql(operation.kind(), operation.outcome.word(), Some(operation.estimated));
    }
    span.in_scope(|| tracing::info!(%method, path, status = status.as_u16(), ms = took.as_millis(), "answered"));
    response.headers_mut().insert(REQUEST_ID.clone(), id);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == EVENTS) {
        let open = application.metrics.open(Open::Events);
        return response.map(|body| {
            // The guard goes with the body.
            Body::new(body.map_frame(move |frame| {
                let _ = &open;
                frame
            }))
        });
    }
    response
}

/// Lets a request in: looks at its token, counts it for its caller, and waits for a place, unless it still has a body to send.
async fn let_in(
    application: &Application,
    request: &mut Request,
    visit: &Visit,
    tally: &mut Option<Tally>,
) -> Result<(), Failure> {
    let admission = application.gate.admission(request.headers()).await;
    let protection = &application.protection;
    if protection.rates.is_limited() {
        let peer = request.extensions().get::<Peer>();
        if let Some(client) = protection.client(admission.known(), peer, request.headers()) {
            let changes = !request.method().is_safe() && !request.uri().path().starts_with("/graphql");
            match visit.count(client, if changes { Rate::Writes } else { Rate::Reads }) {
                Ok(counted) => *tally = counted,
                Err(spent) => {
                    let refusal = Error::problem(ProblemCode::RateLimited, spent.told());
                    *tally = Some(spent);
                    return Err(refusal.into());
                }
            }
        }
    }
    request.extensions_mut().insert(admission);
    // One that sends its body slowly would keep a place from others: it takes one when the body is there.
    if request.body().is_end_stream() {
        visit.enter().await?;
    }
    Ok(())
}

fn internal() -> Response {
    let detail = "The exchange could not answer; the request id finds the reason in its log.";
    ProblemDocument::new(ProblemCode::Internal, detail).into_response()
}

/// Errors of libraries come as plain text, or as nothing: they leave as problem documents like all others.
fn as_problem(response: Response) -> Response {
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

/// Whether a client's request id can stand in a log as it is.
fn is_plain(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=128).contains(&bytes.len()) && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
}
