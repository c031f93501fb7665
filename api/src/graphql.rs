//! GraphQL over HTTP: a thin layer over the schema. JSON bodies only, no batches, no mutation by GET.

use std::sync::Arc;

use async_graphql::{
    Request as Operation, Response as Executed,
    parser::{parse_query, types::OperationType},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use exchange::{Error, ProblemCode};
use serde_json::{Map, Value};

use crate::{
    application::Application,
    extract::{Params, body, media_type, parse_json},
    failure::Failure,
    identity::Identity,
};

const RESPONSE: &str = "application/graphql-response+json";
const LEGACY: &str = "application/json";

/// How many characters of an error's message are sent.
const LONGEST_MESSAGE: usize = 1000;

/// `POST /graphql`
pub async fn post(
    State(application): State<Arc<Application>>,
    identity: Identity,
    request: Request,
) -> Result<Response, Failure> {
    let kind = answer_kind(request.headers())?;
    if media_type(request.headers()).as_deref() != Some("application/json") {
        return Err(Error::problem(ProblemCode::UnsupportedMediaType, "The body must be `application/json`.").into());
    }
    let Value::Object(members) = parse_json(&body(request).await?)? else {
        return Err(Error::problem(
            ProblemCode::MalformedBody,
            "The body is not a JSON object; batches are not taken.",
        )
        .into());
    };
    execute(&application, identity, operation(members)?, kind, false).await
}

/// `GET /graphql`, for queries alone.
pub async fn get(
    State(application): State<Arc<Application>>,
    identity: Identity,
    headers: HeaderMap,
    Params(params): Params<Map<String, Value>>,
) -> Result<Response, Failure> {
    let kind = answer_kind(&headers)?;
    let mut members = Map::new();
    for (name, value) in params {
        let json = matches!(name.as_str(), "variables" | "extensions");
        let value = match (&value, json) {
            (Value::String(text), true) if text.is_empty() => Value::Null,
            (Value::String(text), true) => parse_json(text.as_bytes())?,
            _ => value,
        };
        members.insert(name, value);
    }
    execute(&application, identity, operation(members)?, kind, true).await
}

/// The media type of the answer, by Accept: old clients know `application/json` alone, and are answered in it.
fn answer_kind(headers: &HeaderMap) -> Result<&'static str, Failure> {
    let accept: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let accept = accept.join(",").to_ascii_lowercase();
    let names: Vec<&str> = accept.split(',').filter_map(|range| range.split(';').next()).map(str::trim).collect();
    if accept.is_empty() || names.iter().any(|name| [RESPONSE, "*/*", "application/*"].contains(name)) {
        // A client that names the old type before the new one, or does not care, is answered in the new one only if named.
        return Ok(if names.contains(&RESPONSE) { RESPONSE } else { LEGACY });
    }
    if names.contains(&LEGACY) {
        return Ok(LEGACY);
    }
    let detail = format!("GraphQL is answered in `{RESPONSE}` or `{LEGACY}`.");
    Err(Error::problem(ProblemCode::NotAcceptable, detail).into())
}

/// Reads a request's members, none of which may be of another type than the specification says.
fn operation(mut members: Map<String, Value>) -> Result<Operation, Failure> {
    let wrong = |what: &str| Failure::from(Error::problem(ProblemCode::MalformedBody, what));
    let Some(Value::String(query)) = members.remove("query") else {
        return Err(wrong("The member `query` must be a string."));
    };
    let mut operation = Operation::new(query);
    match members.remove("operationName") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) if name.is_empty() => {}
        Some(Value::String(name)) => operation = operation.operation_name(name),
        Some(_) => return Err(wrong("The member `operationName` must be a string.")),
    }
    match members.remove("variables") {
        None | Some(Value::Null) => {}
        Some(Value::Object(variables)) => {
            operation = operation.variables(schema::variables(variables));
        }
        Some(_) => return Err(wrong("The member `variables` must be an object.")),
    }
    match members.remove("extensions") {
        None | Some(Value::Null | Value::Object(_)) => Ok(operation),
        Some(_) => Err(wrong("The member `extensions` must be an object.")),
    }
}

async fn execute(
    application: &Arc<Application>,
    Identity(caller): Identity,
    operation: Operation,
    kind: &'static str,
    by_get: bool,
) -> Result<Response, Failure> {
    if by_get && mutates(&operation) {
        let detail = "A mutation is sent by POST.";
        let mut response = Failure::from(Error::problem(ProblemCode::MethodNotAllowed, detail)).into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return Ok(response);
    }
    if !application.open_reading {
        caller.subject()?;
    }
    let session = schema::Session::new(Arc::clone(&application.exchange), caller);
    let executed = application.schema.execute(operation.data(session)).await;
    Ok(answer(&executed, kind))
}

/// Whether the operation to run is a mutation. What cannot be read is not; the schema says what is wrong with it.
fn mutates(operation: &Operation) -> bool {
    let Ok(document) = parse_query(&operation.query) else { return false };
    let mut operations = document.operations.iter();
    match &operation.operation_name {
        Some(wanted) => operations
            .any(|(name, found)| name.is_some_and(|name| name == wanted) && found.node.ty == OperationType::Mutation),
        None => operations.any(|(_, found)| found.node.ty == OperationType::Mutation),
    }
}

/// 200 where there is data; otherwise the request itself was at fault.
fn answer(executed: &Executed, kind: &'static str) -> Response {
    let request_failed =
        executed.data == async_graphql::Value::Null && executed.errors.iter().any(|error| error.path.is_empty());
    let status = if request_failed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut members = Map::new();
    if !executed.errors.is_empty() {
        let errors = executed.errors.iter().map(|error| {
            let mut error = error.clone();
            // A parser repeats the line that it stumbled over, however long it is.
            if let Some((end, _)) = error.message.char_indices().nth(LONGEST_MESSAGE) {
                error.message.truncate(end);
                error.message.push('…');
            }
            serde_json::to_value(error).unwrap_or_default()
        });
        members.insert("errors".to_owned(), errors.collect());
    }
    if !request_failed {
        match serde_json::to_value(&executed.data) {
            Ok(data) => members.insert("data".to_owned(), data),
            Err(_) => members.insert("data".to_owned(), Value::Null),
        };
    }
    let bytes = serde_json::to_vec(&members).unwrap_or_default();
    let content_type = if kind == LEGACY {
        "application/json; charset=utf-8"
    } else {
        "application/graphql-response+json; charset=utf-8"
    };
    let mut response = (status, bytes).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}
