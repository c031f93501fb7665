//! The steps of a return on its way to release, and back from there.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use exchange::{
    Caller,
    service::returns::{ReturnSummary, Step},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    super::{located, refusals::ChangeRefusals},
    tagged,
};
use crate::{
    application::Application,
    extract::{Document, Key, Segment, Version},
    failure::{Failure, ProblemDocument},
    identity::{SignsOffReturns, WritesReturns},
};

/// Why a return is sent back, withdrawn or reopened, or a release cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The reason, for whoever is concerned to read.
    #[schema(example = "NI 16 is last year's figure.")]
    pub reason: String,
}

async fn advance(
    application: &Application,
    caller: &Caller,
    id: Uuid,
    Version(version): Version,
    step: Step<'_>,
) -> Result<Response, Failure> {
    let summary = application.exchange.advance_return(caller, id, version, step).await?;
    Ok(tagged(StatusCode::OK, summary.version, &summary))
}

/// Documents a step of a return once for all of them.
macro_rules! step {
    ($(#[$doc:meta])* $name:ident by $authority:ident, $path:tt, $operation:tt, $([$reason:ident: $body:ident])? => $step:expr) => {
        $(#[$doc])*
        #[utoipa::path(post, path = $path, operation_id = $operation, tag = "Returns",
            params(
                ("id" = Uuid, Path, description = "The return."),
                ("If-Match" = String, Header, description = "The entity tag of the version that the step is based on.", example = "\"1\""),
            ),
            $(request_body(content = $body, description = "Why."),)?
            responses(
                (status = 200, description = "The return after the step.", body = ReturnSummary, headers(("ETag" = String, description = "Its version, for If-Match."))),
                ChangeRefusals,
            ))]
        pub async fn $name(
            State(application): State<Arc<Application>>,
            $authority(caller): $authority,
            Segment(id): Segment<Uuid>,
            version: Version,
            $(Document($reason): Document<$body>,)?
        ) -> Result<Response, Failure> {
            advance(&application, &caller, id, version, $step).await
        }
    };
}

step! {
    /// Submit a draft.
    submit by WritesReturns, "/v1/returns/{id}/submit", "submitReturn", => Step::Submit
}
step! {
    /// Sign off a submitted return, as somebody other than its submitter.
    ///
    /// Its figures are written; they are seen once they are released.
    sign_off by SignsOffReturns, "/v1/returns/{id}/sign-off", "signOffReturn", => Step::SignOff
}
step! {
    /// Send a submitted return back to its respondent.
    send_back by SignsOffReturns, "/v1/returns/{id}/send-back", "sendBackReturn", [reason: Reason] => Step::SendBack(&reason.reason)
}
step! {
    /// Withdraw a return before it is signed off.
    withdraw by WritesReturns, "/v1/returns/{id}/withdraw", "withdrawReturn", [reason: Reason] => Step::Withdraw(&reason.reason)
}

/// Reopen a released return as a revision.
///
/// The answer is a new draft with the lines of the released return, to be corrected (`PUT`), submitted, signed off and released
/// in its place. What is published stays until then; the reason is published with the revision.
#[utoipa::path(post, path = "/v1/returns/{id}/revisions", operation_id = "reopenReturn", tag = "Returns",
    params(
        ("id" = Uuid, Path, description = "The released return."),
        ("Idempotency-Key" = String, Header, description = "The client's own name for this write: 8 to 255 visible ASCII characters.",
            min_length = 8, max_length = 255, pattern = "^[!-~]{8,255}$", example = "b1f7c8f2-0001-4000-8000-000000000003"),
    ),
    request_body(content = Reason, description = "Why."),
    responses(
        (status = 201, description = "The revision, as a draft.", body = ReturnSummary,
            headers(("Location" = String, description = "The address of the revision."), ("ETag" = String, description = "Its version, for If-Match."))),
        (status = 400, description = "A header or the body cannot be read.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks `returns:write`, or does not speak for the partnership.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The return is not there, or not yours.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Nothing of the return is released, or a later one is.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The body is not valid, or the idempotency key was used for another request.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn reopen(
    State(application): State<Arc<Application>>,
    WritesReturns(caller): WritesReturns,
    Segment(id): Segment<Uuid>,
    key: Key,
    Document(reason): Document<Reason>,
) -> Result<Response, Failure> {
    let key = key.required()?;
    let summary = application.exchange.reopen_return(&caller, id, &reason.reason, Some(&key)).await?;
    let response = tagged(StatusCode::CREATED, summary.version, &summary);
    Ok(located(response, &format!("/v1/returns/{}", summary.id)))
}
