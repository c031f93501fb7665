//! GraphQL over HTTP: a thin layer over the schema. JSON bodies only, no batches, no mutation by GET.

pub mod event_stream;
mod operation;
pub mod page;
pub mod websocket;

use std::sync::Arc;

use async_graphql::{Request as Operation, Response as Executed, parser::types::OperationType};
use axum::{
    Extension,
    body::HttpBody,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use exchange::{Caller, Error, ProblemCode, View};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value};

use self::operation::{Outcome, kind, recalled};
use crate::{
    accept,
    answers::{self, Key},
    application::Application,
    cli::Limits,
    coding::Coding,
    extract::{Params, body, media_type, parse_json},
    failure::Failure,
    identity::Identity,
};

const RESPONSE: &str = "application/graphql-response+json";
const LEGACY: &str = "application/json";

/// `POST /graphql`
pub async fn post(
    State(application): State<Arc<Application>>,
    Extension(limits): Extension<Limits>,
    identity: Identity,
    request: Request,
) -> Result<Response, Failure> {
    let answer = if event_stream::is_preferred(request.headers()) {
        Answer::Events(limits)
    } else {
        Answer::Whole(Form::of(request.headers())?)
    };
    let operation = posted(request).await?;
    execute(&application, identity, operation, answer, false).await
}

/// `GET /graphql`, for queries alone, for what the other transports ask by it, and for people.
pub async fn get(
    State(application): State<Arc<Application>>,
    Extension(limits): Extension<Limits>,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    if websocket::is_asked_for(&parts.headers) {
        return websocket::upgrade(application, limits, &mut parts).await;
    }
    if page::is_wanted(&parts) {
        return Ok(page::page());
    }
    let identity = Identity::from_request_parts(&mut parts, &application).await?;
    let answer = if event_stream::is_preferred(&parts.headers) {
        Answer::Events(limits)
    } else {
        Answer::Whole(Form::of(&parts.headers)?)
    };
    let operation = asked(&mut parts).await?;
    execute(&application, identity, operation, answer, true).await
}

/// The operation in a body.
async fn posted(request: Request) -> Result<Operation, Failure> {
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
    read(members)
}

/// The operation in an address.
async fn asked(parts: &mut Parts) -> Result<Operation, Failure> {
    let Params(params) = Params::<Map<String, Value>>::from_request_parts(parts, &()).await?;
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
    read(members)
}

fn read(members: Map<String, Value>) -> Result<Operation, Failure> {
    operation::read(members).map_err(|wrong| Error::problem(ProblemCode::MalformedBody, wrong).into())
}

/// The media type of the answer, by Accept: old clients know `application/json` alone, and are answered in it.
fn answer_kind(headers: &HeaderMap) -> Result<&'static str, Failure> {
    let ranges = accept::ranges(headers);
    let names: Vec<&str> = ranges.iter().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() || names.iter().any(|name| [RESPONSE, "*/*", "application/*"].contains(name)) {
        // A client that names the old type before the new one, or does not care, is answered in the new one only if named.
        return Ok(if names.contains(&RESPONSE) { RESPONSE } else { LEGACY });
    }
    if names.contains(&LEGACY) {
        return Ok(LEGACY);
    }
    let detail = format!("GraphQL is answered in `{RESPONSE}` or `{LEGACY}`.");
    Err(Error::problem(ProblemCode::NotAcceptable, detail).into())
}

/// What one body is like.
#[derive(Debug, Clone, Copy)]
struct Form {
    media_type: &'static str,
    coding: Coding,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        Ok(Self { media_type: answer_kind(headers)?, coding: Coding::preferred(headers) })
    }
}

/// How an operation is answered.
enum Answer {
    /// In one body.
    Whole(Form),
    /// By events, as they come.
    Events(Limits),
}

async fn execute(
    application: &Arc<Application>,
    Identity(caller): Identity,
    operation: Operation,
    answer: Answer,
    by_get: bool,
) -> Result<Response, Failure> {
    let documents = application.read_documents.as_ref();
    let operation = match (recalled(documents, operation), &answer) {
        (Ok(operation), _) => operation,
        (Err(refused), Answer::Whole(form)) => return Ok(whole(&refused, None, form.media_type)),
        (Err(refused), Answer::Events(_)) => {
            let end = crate::stream::end(&application.stopping, &caller);
            return Ok(event_stream::answer(stream::once(std::future::ready(*refused)).boxed(), end));
        }
    };
    let kind = kind(documents, &operation);
    if by_get && kind == Some(OperationType::Mutation) {
        let detail = "A mutation is sent by POST.";
        let mut response = Failure::from(Error::problem(ProblemCode::MethodNotAllowed, detail)).into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return Ok(response);
    }
    if !application.open_reading {
        caller.subject()?;
    }
    match answer {
        Answer::Whole(form) => {
            application.count(kind, &caller)?;
            let known = match kind {
                Some(OperationType::Query) => known(application, &caller, &operation, form).await,
                _ => None,
            };
            if let Some(response) = known.as_ref().and_then(|(key, _)| application.answers.recall(key)) {
                return Ok(response);
            }
            let session = schema::Session::new(Arc::clone(&application.exchange), caller);
            let seen = session.seen();
            let executed = application.schema.execute(operation.data(session)).await;
            let mut response = whole(&executed, kind, form.media_type);
            if let Some((key, view)) = known
                && executed.errors.is_empty()
                && seen.is_of(&view)
            {
                let bytes = response.body().size_hint().exact();
                answers::mark(&mut response, key, bytes);
            }
            Ok(response)
        }
        Answer::Events(limits) => {
            let end = crate::stream::end(&application.stopping, &caller);
            let results = operation::run(application.as_ref(), operation, caller, limits.request());
            Ok(event_stream::answer(results, end))
        }
    }
}

/// By what the answer to a query is kept, if it is one that everybody gets, and the view that it would be of.
async fn known(
    application: &Application,
    caller: &Arc<Caller>,
    operation: &Operation,
    form: Form,
) -> Option<(Key, View)> {
    if !application.answers.are_kept() {
        return None;
    }
    // Whatever is wrong is told when the query is executed.
    let view = application.exchange.view(Arc::clone(caller), None).await.ok()?;
    if !application.open_reading || view.is_private() {
        return None;
    }
    let variables = serde_json::to_string(&operation.variables).ok()?;
    let state = view.state.to_string();
    let name = operation.operation_name.as_deref().unwrap_or_default();
    let parts =
        ["graphql", view.epoch(), &state, form.media_type, form.coding.name(), name, &operation.query, &variables];
    let key = Key::of(parts);
    Some((key, view))
}

/// What an operation has cost that was answered in one body: in the extensions of its HTTP response, for whoever measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationCost {
    /// Whether it was a query or a mutation; nothing where its document cannot be read.
    pub kind: Option<OperationType>,
    /// Whether it was answered without errors, with some, or not at all.
    pub outcome: OperationOutcome,
    /// As estimated before it was executed; 0 for what was refused before.
    pub estimated: usize,
    /// Fields and items of its answer; 0 for what was refused before.
    pub answered: usize,
}

impl OperationCost {
    /// What the operation was, in a word.
    pub fn kind(&self) -> &'static str {
        operation::word(self.kind)
    }
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationOutcome {
    /// Answered without errors.
    Answered,
    /// Answered in parts, with errors.
    Partial,
    /// Not executed, or nothing of it answered.
    Refused,
}

impl OperationOutcome {
    /// The outcome in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Partial => "partial",
            Self::Refused => "refused",
        }
    }
}

/// 200 where there is data; otherwise the request itself was at fault.
fn whole(executed: &Executed, kind: Option<OperationType>, media_type: &'static str) -> Response {
    let outcome = Outcome::of(executed);
    let schema::Cost { estimated, answered } = schema::Cost::of(executed).unwrap_or_default();
    let became = match &outcome {
        Outcome::Failed(_) => OperationOutcome::Refused,
        Outcome::Executed(_) if executed.errors.is_empty() => OperationOutcome::Answered,
        Outcome::Executed(_) => OperationOutcome::Partial,
    };
    let status = match outcome {
        Outcome::Failed(_) => StatusCode::BAD_REQUEST,
        Outcome::Executed(_) => StatusCode::OK,
    };
    let bytes = serde_json::to_vec(&outcome.members()).unwrap_or_default();
    let content_type = if media_type == LEGACY {
        "application/json; charset=utf-8"
    } else {
        "application/graphql-response+json; charset=utf-8"
    };
    let mut response = (status, bytes).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response.extensions_mut().insert(OperationCost { kind, outcome: became, estimated, answered });
    response
}
