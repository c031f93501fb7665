//! What every handler shares, and the router.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::Request,
    middleware::{from_fn, map_request},
    routing::get,
};
use exchange::Exchange;
use schema::ExchangeSchema;
use tokio_util::sync::CancellationToken;
use tower::Layer;

use crate::{
    cli::{Limits, Publishing},
    coding,
    graphql::{self, event_stream},
    identity::Gate,
    layers, methods, openapi, reading, rest,
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
    pub(crate) schema: ExchangeSchema,
    pub(crate) read_documents: Arc<schema::Documents>,
    pub(crate) documents: openapi::Documents,
}

impl Application {
    /// Puts the parts together.
    pub fn new(exchange: Arc<Exchange>, gate: Gate, publishing: Publishing) -> Result<Arc<Self>, String> {
        let schema = schema::build(Arc::clone(&exchange), publishing.schema());
        let read_documents = schema::documents(&schema);
        let documents = openapi::Documents::new()?;
        let stopping = CancellationToken::new();
        let open_reading = !publishing.require_token;
        Ok(Arc::new(Self { exchange, gate, open_reading, publishing, stopping, schema, read_documents, documents }))
    }
}

/// The router with everything that stands in front of it.
pub fn router(application: Arc<Application>, limits: Limits) -> Router {
    let origins = application.publishing.cors_origins.clone();
    let (rest, _) = openapi::router().split_for_parts();
    let routes = rest
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphql/stream", get(event_stream::get).post(event_stream::post))
        .route("/openapi.json", get(openapi::document))
        .route("/graphql/schema.graphql", get(openapi::sdl))
        .merge(openapi::docs())
        .route("/", get(rest::entry))
        .fallback(rest::nothing_here)
        .method_not_allowed_fallback(rest::not_this_method)
        .layer(from_fn(reading::json_after_writing))
        .layer(Extension(limits))
        .with_state(application);
    // What names the form of an answer is taken off its address before routes are matched.
    let spelled = map_request(|request: Request| async { reading::take_spelling(request) }).layer(routes);
    let coded = coding::around(methods::around(Router::new().fallback_service(spelled)));
    methods::shared_with(layers::around(coded, limits), &origins)
}
