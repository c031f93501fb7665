//! The pages of problem codes, to which the `type` of every problem document leads.

use axum::Json;
use exchange::{Error, ProblemCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    extract::Segment,
    failure::{Failure, ProblemDocument, address_of},
};

/// What a problem code means.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemPage {
    /// The address of this page.
    #[serde(rename = "type")]
    #[schema(example = "/v1/problems/not-in-catalogue")]
    pub kind: String,
    /// The code.
    pub code: ProblemCode,
    /// The HTTP status of an answer that fails with it.
    #[schema(example = 422)]
    pub status: u16,
    /// A short title.
    #[schema(example = "Not in the catalogue")]
    pub title: &'static str,
    /// What it means and what to do about it.
    pub explanation: &'static str,
}

impl From<ProblemCode> for ProblemPage {
    fn from(code: ProblemCode) -> Self {
        Self {
            kind: address_of(code),
            code,
            status: code.status(),
            title: code.title(),
            explanation: code.explanation(),
        }
    }
}

/// Every problem code.
#[utoipa::path(get, path = "/v1/problems", operation_id = "listProblemCodes", tag = "Problems", security(()),
    responses((status = 200, description = "Every problem code, with what it means.", body = [ProblemPage])))]
pub async fn list() -> Json<Vec<ProblemPage>> {
    Json(ProblemCode::ALL.iter().copied().map(ProblemPage::from).collect())
}

/// One problem code.
#[utoipa::path(get, path = "/v1/problems/{code}", operation_id = "getProblemCode", tag = "Problems", security(()),
    params(("code" = String, Path, description = "The code in lower case with hyphens.", example = "not-in-catalogue")),
    responses(
        (status = 200, description = "What the code means.", body = ProblemPage),
        (status = 404, description = "There is no such code.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn page(Segment(code): Segment<String>) -> Result<Json<ProblemPage>, Failure> {
    let code = ProblemCode::from_slug(&code).ok_or_else(|| Error::not_found(format!("problem code `{code}`")))?;
    Ok(Json(code.into()))
}
