//! What every handler shares, and the router.

use std::sync::Arc;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{from_fn, map_request},
    routing::get,
};
use exchange::Exchange;
use schema::ExchangeSchema;
use tokio_util::sync::CancellationToken;
use tower::{Layer, util::MapRequestLayer};

use crate::{
    answers::{self, Answers},
    cli::{Limits, Publishing},
    coding,
    graphql::{self, event_stream},
    identity::Gate,
    layers, methods,
    metrics::{self, Metrics},
    openapi,
    protection::{Protection, Visit},
    reading,
    resource::Resource,
    rest,
};

/// What every handler shares.
pub struct Application {
    /// The exchange.
    pub exchange: Arc<Exchange>,
    /// The gate in front of it.
    pub gate: Gate,
    /// Whether published data may be read without a token.
    pub open_reading: bool,
    /// How what is published may be used.
    pub publishing: Publishing,
    /// Cancelled when the server is told to stop: what would go on for ever ends with it.
    pub stopping: CancellationToken,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// What keeps callers from taking all of the server.
    pub protection: Arc<Protection>,
    /// What the server is to clients that ask for tokens.
    pub resource: Resource,
    pub(crate) schema: ExchangeSchema,
    pub(crate) read_documents: Arc<schema::Documents>,
    pub(crate) documents: openapi::Documents,
    pub(crate) answers: Arc<Answers>,
}

impl Application {
    /// Puts the parts together, without any protection.
    pub fn new(exchange: Arc<Exchange>, gate: Gate, publishing: Publishing) -> Result<Arc<Self>, String> {
        Self::protected(exchange, gate, publishing, Protection::default(), Resource::default())
    }

    /// Puts the parts together.
    pub fn protected(
        exchange: Arc<Exchange>,
        gate: Gate,
        publishing: Publishing,
        protection: Protection,
        resource: Resource,
    ) -> Result<Arc<Self>, String> {
        let schema = schema::build(Arc::clone(&exchange), publishing.schema());
        Ok(Arc::new(Self {
            read_documents: schema::documents(&schema),
            schema,
            documents: openapi::Documents::new()?,
            answers: Answers::of_bytes(publishing.keep_answers_bytes),
            stopping: CancellationToken::new(),
            metrics: Arc::new(Metrics::new()?),
            protection: Arc::new(protection),
            exchange,
            gate,
            open_reading: !publishing.require_token,
            publishing,
            resource,
        }))
    }
}

/// The router with everything that stands in front of it.
pub fn router(application: Arc<Application>, limits: Limits) -> Router {
    router_with(application, limits, true)
}

/// The metrics alone, for an address of their own.
pub fn metrics_router(application: Arc<Application>) -> Router {
    Router::new().route(metrics::PATH, get(metrics::answer)).with_state(application)
}

/// The router, with the metrics or without them.
pub fn router_with(application: Arc<Application>, limits: Limits, metrics_here: bool) -> Router {
    let origins = application.publishing.cors_origins.clone();
    let answers = Arc::clone(&application.answers);
    let (rest, _) = openapi::router().split_for_parts();
    let rest = if metrics_here { rest.route(metrics::PATH, get(metrics::answer)) } else { rest };
    let routes = rest
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphql/page.js", get(graphql::page::script))
        .route("/graphql/page.css", get(graphql::page::style))
        .route("/graphql/stream", get(event_stream::get).post(event_stream::post))
        .route("/openapi.json", get(openapi::document))
        .route("/graphql/schema.graphql", get(openapi::sdl))
        .route("/docs", get(openapi::docs::page))
        .route("/docs/", get(openapi::docs::page))
        .route("/docs/{file}", get(openapi::docs::file))
        .route("/", get(rest::entry))
        .fallback(rest::nothing_here)
        .method_not_allowed_fallback(rest::not_this_method)
        .layer(from_fn(reading::json_after_writing))
        // One layer for both: each costs every request an allocation.
        .layer(MapRequestLayer::new(move |mut request: Request| {
            if let (Some(visit), Some(route)) =
                (request.extensions().get::<Arc<Visit>>(), request.extensions().get::<MatchedPath>())
            {
                visit.takes(route.clone());
            }
            request.extensions_mut().insert(limits);
            request
        }))
        .with_state(Arc::clone(&application));
    // What names the form of an answer is taken off its address before routes are matched.
    let spelled = map_request(|request: Request| async { reading::take_spelling(request) }).layer(routes);
    let coded = coding::around(methods::around(Router::new().fallback_service(spelled)));
    let kept = answers::around(coded, answers);
    methods::shared_with(layers::around(kept, application, limits), &origins)
}
