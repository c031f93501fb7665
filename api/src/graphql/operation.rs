//! What all transports of GraphQL share: reading an operation, running it for a caller, writing its result.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    ErrorExtensionValues, Request as Operation, Response as Executed, ServerError, Value as Carried,
    parser::types::OperationType,
};
use exchange::{Caller, ProblemCode};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use schema::Documents;
use serde_json::{Map, Value};

use crate::application::Application;

/// The extension by which clients name a query by its hash (automatic persisted queries).
const PERSISTED: &str = "persistedQuery";

/// How many characters of an error's message are sent.
const LONGEST_MESSAGE: usize = 1000;

/// What stands behind a transport: the application, or a small schema in a test.
pub trait Host: Send + Sync + 'static {
    /// The caller behind the value of an Authorization header, who may be nobody in particular if the host takes such.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `INVALID_TOKEN`, `NOT_READY`
    fn admit(&self, authorization: Option<&str>) -> impl Future<Output = exchange::Result<Arc<Caller>>> + Send;

    /// The documents that have been read.
    fn documents(&self) -> &Documents;

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

    fn documents(&self) -> &Documents {
        &self.read_documents
    }

    fn run(&self, operation: Operation, caller: Arc<Caller>) -> BoxStream<'static, Executed> {
        let kind = kind(self.documents(), &operation);
        if let Err(refusal) = self.count(kind, &caller) {
            return stream::once(std::future::ready(refused(ProblemCode::RateLimited, &refusal.to_string()))).boxed();
        }
        self.metrics.graphql(word(kind), "streamed", None);
        let session = schema::Session::new(Arc::clone(&self.exchange), caller);
        self.schema.execute_stream(operation.data(session))
    }
}

impl Application {
    /// Counts a mutation as a write.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub(super) fn count(&self, kind: Option<OperationType>, caller: &Caller) -> exchange::Result<()> {
        if kind == Some(OperationType::Mutation) { self.protection.count_write(caller) } else { Ok(()) }
    }
}

/// What an operation is, in a word.
pub fn word(kind: Option<OperationType>) -> &'static str {
    match kind {
        Some(OperationType::Query) => "query",
        Some(OperationType::Mutation) => "mutation",
        Some(OperationType::Subscription) => "subscription",
        None => "unreadable",
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
    let operation = match recalled(host.documents(), operation) {
        Ok(operation) => operation,
        Err(refused) => return stream::once(std::future::ready(*refused)).boxed(),
    };
    let goes_on = kind(host.documents(), &operation) == Some(OperationType::Subscription);
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
    let persisted = match members.remove("extensions") {
        None | Some(Value::Null) => None,
        Some(Value::Object(mut extensions)) => extensions.remove(PERSISTED).map(hash_in).transpose()?,
        Some(_) => return Err("The member `extensions` must be an object."),
    };
    let query = match (members.remove("query"), &persisted) {
        (Some(Value::String(query)), _) => query,
        (None | Some(Value::Null), Some(_)) => String::new(),
        _ => return Err("The member `query` must be a string."),
    };
    let mut operation = Operation::new(query);
    if let Some(hash) = persisted {
        operation.extensions.insert(PERSISTED.to_owned(), Carried::String(hash));
    }
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
    Ok(operation)
}

/// The hash that an extension names a query by, in hexadecimal digits.
fn hash_in(persisted: Value) -> Result<String, &'static str> {
    const WRONG: &str = "The extension `persistedQuery` must have the members `version`, 1, and `sha256Hash`, of 64 \
                         hexadecimal digits.";
    let Value::Object(mut persisted) = persisted else { return Err(WRONG) };
    match (persisted.remove("version"), persisted.remove("sha256Hash")) {
        (Some(Value::Number(version)), Some(Value::String(hash))) if version.as_u64() == Some(1) => {
            let is_hash = hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
            if is_hash { Ok(hash) } else { Err(WRONG) }
        }
        _ => Err(WRONG),
    }
}

/// The operation with the text of the query that it names by its hash. A text that comes beside its hash is registered, if
/// it can be asked at all.
///
/// # Errors
/// `PERSISTED_QUERY_NOT_FOUND`; `INVALID_PARAMETER` for the hash of another text.
pub fn recalled(documents: &Documents, mut operation: Operation) -> Result<Operation, Box<Executed>> {
    let Some(Carried::String(given)) = operation.extensions.remove(PERSISTED) else {
        return Ok(operation);
    };
    let mut hash = schema::Hash::default();
    for (place, byte) in hash.iter_mut().enumerate() {
        let digits = given.get(2 * place..2 * place + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        *byte = digits.unwrap_or_default();
    }
    if operation.query.is_empty() {
        let known = documents.registered(&hash);
        // Clients know this message, whatever the code is.
        let not_found = || Box::new(refused(ProblemCode::PersistedQueryNotFound, "PersistedQueryNotFound"));
        operation.query = known.ok_or_else(not_found)?.to_string();
    } else if schema::hash(&operation.query) != hash {
        let message = "Parameter `sha256Hash`: it is not the SHA-256 hash of `query`.";
        return Err(Box::new(refused(ProblemCode::InvalidParameter, message)));
    } else {
        // What cannot be asked is not registered; it is told why when it is run.
        let _ = documents.register(hash, &operation.query);
    }
    Ok(operation)
}

/// What the operation to run is. What cannot be read is nothing; the schema says what is wrong with it.
pub fn kind(documents: &Documents, operation: &Operation) -> Option<OperationType> {
    documents.read(&operation.query).ok()?.kind(operation.operation_name.as_deref())
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
