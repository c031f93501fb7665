//! Refusals that many addresses share, as the OpenAPI document describes them.

use utoipa::IntoResponses;

use crate::failure::ProblemDocument;

/// What a read of published data may answer instead of data.
#[derive(IntoResponses)]
pub enum ReadRefusals {
    /// Nothing has changed since the entity tag in If-None-Match.
    #[response(status = 304)]
    NotModified,
    /// A parameter is not valid.
    #[response(status = 400, content_type = "application/problem+json")]
    Parameter(ProblemDocument),
    /// The token is not valid.
    #[response(status = 401, content_type = "application/problem+json")]
    Token(ProblemDocument),
    /// Neither JSON nor CSV is acceptable.
    #[response(status = 406, content_type = "application/problem+json")]
    NotAcceptable(ProblemDocument),
}

/// What the putting of a document may answer instead of a receipt.
#[derive(IntoResponses)]
pub enum PutRefusals {
    /// The body cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Unreadable(ProblemDocument),
    /// A valid token is needed.
    #[response(status = 401, content_type = "application/problem+json")]
    Token(ProblemDocument),
    /// The token lacks `metadata:write`, or speaks for others.
    #[response(status = 403, content_type = "application/problem+json")]
    Scope(ProblemDocument),
    /// There is no such address.
    #[response(status = 404, content_type = "application/problem+json")]
    NoAddress(ProblemDocument),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemDocument),
    /// The body is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(ProblemDocument),
    /// The document is not valid; the problems name the places.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemDocument),
}

/// What the changing of something that stands at a version may answer instead.
#[derive(IntoResponses)]
pub enum ChangeRefusals {
    /// The body cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Unreadable(ProblemDocument),
    /// A valid token is needed.
    #[response(status = 401, content_type = "application/problem+json")]
    Token(ProblemDocument),
    /// The token lacks the scope, it is not yours to change, or a second person is required.
    #[response(status = 403, content_type = "application/problem+json")]
    Scope(ProblemDocument),
    /// It is not there, or not yours to see.
    #[response(status = 404, content_type = "application/problem+json")]
    NotThere(ProblemDocument),
    /// It is in another state, or revisions would take effect out of order.
    #[response(status = 409, content_type = "application/problem+json")]
    State(ProblemDocument),
    /// It has changed since.
    #[response(status = 412, content_type = "application/problem+json")]
    Changed(ProblemDocument),
    /// The body is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(ProblemDocument),
    /// The body is not valid.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemDocument),
    /// If-Match is missing.
    #[response(status = 428, content_type = "application/problem+json")]
    Unconditional(ProblemDocument),
}
