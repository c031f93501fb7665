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

/// Whether the server can answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// The trusted issuers whose keys are fetched, and how these stand.
    pub issuers: Vec<IssuerKeys>,
}

/// How the keys of an issuer stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuerKeys {
    /// The issuer.
    #[schema(example = "https://id.example")]
    pub issuer: String,
    /// How many of its keys tokens are checked by.
    #[schema(example = 2)]
    pub keys: usize,
    /// How many seconds ago they were fetched.
    #[schema(example = 120)]
    pub age_seconds: Option<u64>,
    /// Whether the last attempt to fetch them failed, so that those of before are used.
    pub is_stale: bool,
}

/// Whether the server lives.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "Operation", security(()),
    responses((status = 200, description = "The server lives.", body = Health)))]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the server can answer: the database does, and the keys of every trusted issuer were had.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "Operation", security(()),
    responses(
        (status = 200, description = "The server can answer.", body = Readiness),
        (status = 503, description = "The database does not answer, or the keys of an issuer were never had.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn ready(State(application): State<Arc<Application>>) -> Response {
    if let Err(failure) = application.exchange.database().ping().await {
        tracing::warn!(%failure, "the database does not answer");
        return ProblemDocument::new(ProblemCode::NotReady, "The database does not answer.").into_response();
    }
    let issuers = application.gate.standings().map(|(issuer, standing)| IssuerKeys {
        issuer: issuer.to_owned(),
        keys: standing.keys,
        age_seconds: standing.age.map(|age| age.as_secs()),
        is_stale: standing.is_stale,
    });
    let issuers: Vec<_> = issuers.collect();
    let missing: Vec<_> = issuers.iter().filter(|issuer| issuer.keys == 0).map(|issuer| &*issuer.issuer).collect();
    if !missing.is_empty() {
        let detail = format!("The keys of {} could not be had yet.", missing.join(" and "));
        return ProblemDocument::new(ProblemCode::NotReady, detail).into_response();
    }
    Json(Readiness { status: "ok", issuers }).into_response()
}
