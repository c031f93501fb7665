//! Releases.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use exchange::service::releases::{Release, ReleaseRequest};

use crate::{
    application::Application,
    extract::{Document, Key},
    failure::{Failure, ProblemDocument},
    identity::Releases,
};

/// Release signed-off returns, at once or at an embargo instant.
///
/// A regional office releases the national indicators of its region's partnerships, a partnership its own local ones. The
/// answer to a release at once comes when it has taken effect.
#[utoipa::path(post, path = "/v1/releases", operation_id = "createRelease", tag = "Releases",
    params(("Idempotency-Key" = String, Header, description = "The client's own name for this write: 8 to 255 visible ASCII characters.",
        min_length = 8, max_length = 255, pattern = "^[!-~]{8,255}$", example = "b1f7c8f2-0001-4000-8000-000000000002")),
    request_body(content = ReleaseRequest, description = "What to release, for whom, and when."),
    responses(
        (status = 201, description = "The release.", body = Release),
        (status = 400, description = "A header or the body cannot be read.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks `releases:write`, or nothing of a return is yours to release.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "A return is not there, or not yours.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "A return is not signed off, is released already, or was overtaken.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The request is not valid, or the idempotency key was used for another.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn create(
    State(application): State<Arc<Application>>,
    Releases(caller): Releases,
    key: Key,
    Document(request): Document<ReleaseRequest>,
) -> Result<Response, Failure> {
    let release = application.exchange.release(&caller, &request, Some(&key.required()?)).await?;
    Ok((StatusCode::CREATED, Json(release)).into_response())
}
