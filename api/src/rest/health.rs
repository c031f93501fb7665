//! Whether the server lives, and whether it can answer.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use exchange::ProblemCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{application::Application, failure::ProblemDocument};

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// Whether the server lives.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "Operation", security(()),
    responses((status = 200, description = "The server lives.", body = Health)))]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the server can answer: the database does.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "Operation", security(()),
    responses(
        (status = 200, description = "The server can answer.", body = Health),
        (status = 503, description = "The database does not answer.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn ready(State(application): State<Arc<Application>>) -> Response {
    match application.exchange.database().ping().await {
        Ok(()) => Json(Health { status: "ok" }).into_response(),
        Err(failure) => {
            tracing::warn!(%failure, "the database does not answer");
            ProblemDocument::new(ProblemCode::NotReady, "The database does not answer.").into_response()
        }
    }
}
