//! Errors on their way out: `application/problem+json` after RFC 9457. A client never sees a cause that is not its own.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use exchange::{Error, Problem, ProblemCode, Report, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::resource::Needed;

/// A request that ends early.
#[derive(Debug)]
pub enum Failure {
    /// With an error.
    Error(Box<Error>),
    /// For want of a scope.
    MissingScope(Box<Error>, Scope),
    /// With an answer that is there already: the client has it, or the server has kept it.
    Answered(Box<Response>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(Box::new(error))
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// The address of the page that explains the problem.
    #[serde(rename = "type")]
    #[schema(example = "/v1/problems/not-in-catalogue")]
    pub kind: String,
    /// A short title, the same for every occurrence.
    #[schema(example = "The return was refused")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// The code; it never changes its meaning.
    pub code: ProblemCode,
    /// What went wrong this time.
    pub detail: String,
    /// Everything that is wrong, with places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The validation report of a return that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// The address of the page that explains a code.
pub fn address_of(code: ProblemCode) -> String {
    format!("/v1/problems/{}", code.slug())
}

impl ProblemDocument {
    /// The document of a code with a sentence.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: address_of(code),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            problems: Vec::new(),
            report: None,
        }
    }

    /// The document of an error; the cause of an internal one goes to the log alone.
    pub fn of(error: Error) -> Self {
        match error {
            Error::Refusal(refusal) => {
                let document = Self::new(refusal.code, refusal.detail);
                Self { problems: refusal.problems, report: refusal.report, ..document }
            }
            Error::Internal { context, source } => {
                tracing::error!(context, %source, "a request failed");
                Self::new(
                    ProblemCode::Internal,
                    "The exchange could not answer; the request id finds the reason in its log.",
                )
            }
        }
    }
}

impl IntoResponse for ProblemDocument {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = self.code;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        // For what stands in front of every route: challenges, metrics.
        response.extensions_mut().insert(code);
        response
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Error(error) => ProblemDocument::of(*error).into_response(),
            Self::MissingScope(error, scope) => {
                let mut response = ProblemDocument::of(*error).into_response();
                response.extensions_mut().insert(Needed(scope));
                response
            }
            Self::Answered(response) => *response,
        }
    }
}
