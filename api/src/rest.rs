//! The REST interface: each handler extracts, calls `exchange`, and answers.

pub mod audit;
pub mod changes;
pub mod comparison;
pub mod figures;
pub mod framework;
pub mod health;
pub mod indicators;
pub mod metadata;
pub mod package;
pub mod plan_lists;
pub mod plans;
pub mod problems;
pub mod refusals;
pub mod releases;
pub mod returns;

use axum::{
    Json,
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use exchange::{
    ProblemCode,
    service::page::{Page, PageRequest},
};
use serde_json::json;

use crate::failure::ProblemDocument;

/// Where to find what.
pub async fn entry() -> Json<serde_json::Value> {
    Json(json!({
        "name": "Indicator exchange",
        "documentation": "/docs",
        "openapi": "/openapi.json",
        "graphql": "/graphql",
        "graphql_schema": "/graphql/schema.graphql",
        "rest": "/v1/partnerships",
        "data_package": "/v1/datapackage.json",
        "problems": "/v1/problems",
        "health": "/healthz",
        "ready": "/readyz",
    }))
}

/// No route matched.
pub async fn nothing_here() -> Response {
    ProblemDocument::new(ProblemCode::NotFound, "There is nothing at this address.").into_response()
}

/// A route matched, but not for this method.
pub async fn not_this_method(method: Method) -> Response {
    ProblemDocument::new(ProblemCode::MethodNotAllowed, format!("This address does not take {method}.")).into_response()
}

/// The answer to a create, with the address of what it has made.
fn located(mut response: Response, place: &str) -> Response {
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// Which part of a list is asked for; an empty cursor is none.
fn part(limit: Option<u32>, cursor: Option<String>) -> PageRequest {
    PageRequest { limit, cursor: cursor.filter(|cursor| !cursor.is_empty()), backwards: false }
}

/// The items of a page and the cursor of the next one.
fn opened<T: Clone>(page: &Page<T>) -> (Vec<T>, Option<String>) {
    (page.items.iter().map(|(_, item)| item.clone()).collect(), page.next().map(str::to_owned))
}
