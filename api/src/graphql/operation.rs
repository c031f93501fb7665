//! What all transports of GraphQL share: reading an operation, running it for a caller, writing its result.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    ErrorExtensionValues, Request as Operation, Response as Executed, ServerError,
    parser::{parse_query, types::OperationType},
};
use exchange::{Caller, ProblemCode};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde_json::{Map, Value};

use crate::application::Application;

/// How many characters of an error's message are sent.
const LONGEST_MESSAGE: usize = 1000;

/// What stands behind a transport: the application, or a small schema in a test.
pub trait Host: Send + Sync + 'static {
    /// The caller behind the value of an Authorization header, who may be nobody in particular if the host takes such.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `INVALID_TOKEN`, `NOT_READY`
    fn admit(&self, authorization: Option<&str>) -> impl Future<Output = exchange::Result<Arc<Caller>>> + Send;

    /// Runs an operation of any kind: the one result of a query or a mutation, or those of a subscription.
    fn run(&self, operation: Operation, caller: Arc<Caller>) -> BoxStream<'static, Executed>;
}

impl Host for Application {
    async fn admit(&self, authorization: Option<&str>) -> exchange::Result<Arc<Caller>> {
        let caller = self.gate.admit(authorization).await?;
        if !self.open_reading {
            caller.subject()?;
        }
        Ok(Arc::new(caller))
    }

    fn run(&self, operation: Operation, caller: Arc<Caller>) -> BoxStream<'static, Executed> {
        let session = schema::Session::new(Arc::clone(&self.exchange), caller);
        self.schema.execute_stream(operation.data(session))
    }
}

/// Runs an operation for a caller on a transport that has no time limit of its own: a query or a mutation is given as
/// long as any other request, a subscription may go on.
pub fn run<H: Host + ?Sized>(
    host: &H,
    operation: Operation,
    caller: Arc<Caller>,
    limit: Duration,
) -> BoxStream<'static, Executed> {
    let goes_on = kind(&operation) == Some(OperationType::Subscription);
    let mut results = host.run(operation, caller);
    if goes_on {
        return results;
    }
    let result = async move {
        tokio::time::timeout(limit, results.next())
            .await
            .unwrap_or_else(|_| Some(refused(ProblemCode::RequestTimeout, "The request was not answered in time.")))
    };
    stream::once(result).filter_map(std::future::ready).boxed()
}

/// Reads an operation's members, none of which may be of another type than the specification says.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn read(mut members: Map<String, Value>) -> Result<Operation, &'static str> {
    let Some(Value::String(query)) = members.remove("query") else {
        return Err("The member `query` must be a string.");
    };
    let mut operation = Operation::new(query);
    match members.remove("operationName") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) if name.is_empty() => {}
        Some(Value::String(name)) => operation = operation.operation_name(name),
        Some(_) => return Err("The member `operationName` must be a string."),
    }
    match members.remove("variables") {
        None | Some(Value::Null) => {}
        Some(Value::Object(variables)) => {
            operation = operation.variables(schema::variables(variables));
        }
        Some(_) => return Err("The member `variables` must be an object."),
    }
    match members.remove("extensions") {
        None | Some(Value::Null | Value::Object(_)) => Ok(operation),
        Some(_) => Err("The member `extensions` must be an object."),
    }
}

/// What the operation to run is. What cannot be read is nothing; the schema says what is wrong with it.
pub fn kind(operation: &Operation) -> Option<OperationType> {
    let document = parse_query(&operation.query).ok()?;
    let mut operations = document.operations.iter();
    let found = match &operation.operation_name {
        Some(wanted) => operations.find(|(name, _)| name.is_some_and(|name| name == wanted)),
        None => operations.next(),
    };
    found.map(|(_, found)| found.node.ty)
}

/// The result of an operation that is refused outside the schema.
pub fn refused(code: ProblemCode, message: &str) -> Executed {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    extensions.set("status", code.status());
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions);
    Executed::from_errors(vec![error])
}

/// A result as it is sent.
pub enum Outcome {
    /// The request itself was at fault, and nothing was executed: the errors.
    Failed(Vec<Value>),
    /// The members `errors`, if there are any, and `data`.
    Executed(Map<String, Value>),
}

impl Outcome {
    /// What became of an operation.
    pub fn of(executed: &Executed) -> Self {
        let errors: Vec<Value> = executed.errors.iter().map(written).collect();
        if executed.data == async_graphql::Value::Null && executed.errors.iter().any(|error| error.path.is_empty()) {
            return Self::Failed(errors);
        }
        let mut members = Map::new();
        if !errors.is_empty() {
            members.insert("errors".to_owned(), errors.into());
        }
        members.insert("data".to_owned(), serde_json::to_value(&executed.data).unwrap_or_default());
        Self::Executed(members)
    }

    /// All members of the result.
    pub fn members(self) -> Map<String, Value> {
        match self {
            Self::Failed(errors) => Map::from_iter([("errors".to_owned(), errors.into())]),
            Self::Executed(members) => members,
        }
    }
}

fn written(error: &ServerError) -> Value {
    let mut error = error.clone();
    // A parser repeats the line that it stumbled over, however long it is.
    if let Some((end, _)) = error.message.char_indices().nth(LONGEST_MESSAGE) {
        error.message.truncate(end);
        error.message.push('…');
    }
    serde_json::to_value(error).unwrap_or_default()
}
