//! What stands around every operation: its document is read by way of those that are known, what it may cost is checked
//! before it is executed and what it is answered while it is, and every error has a code.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{
    Response, ServerError, ServerResult, ValidationResult, Value, Variables,
    async_trait::async_trait,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery, NextRequest, NextResolve,
        NextSubscribe, NextValidation, ResolveInfo,
    },
    parser::types::{ExecutableDocument, OperationType},
};
use exchange::ProblemCode;
use futures_util::{StreamExt, stream::BoxStream};

use crate::{
    cost::{self, Cost},
    documents::{Document, Documents},
    error,
    limits::{Exceeded, Limit, MAXIMUM_ERRORS},
};

/// Makes a watch for every request.
pub struct Guard {
    documents: Arc<Documents>,
    introspection: bool,
}

impl Guard {
    /// A guard that reads documents by way of those that are known.
    pub const fn new(documents: Arc<Documents>, introspection: bool) -> Self {
        Self { documents, introspection }
    }
}

impl ExtensionFactory for Guard {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Watch {
            documents: Arc::clone(&self.documents),
            introspection: self.introspection,
            document: OnceLock::new(),
            estimated: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
        })
    }
}

/// Watches over one request.
struct Watch {
    documents: Arc<Documents>,
    introspection: bool,
    document: OnceLock<Arc<Document>>,
    estimated: AtomicUsize,
    answered: AtomicUsize,
}

impl Watch {
    /// Counts what is about to be answered, or has been.
    fn count(&self, nodes: usize) -> Result<(), Exceeded> {
        let before = self.answered.fetch_add(nodes, Ordering::Relaxed);
        Limit::Nodes.check(before + nodes)
    }
}

#[async_trait]
impl Extension for Watch {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        tidied(next.run(ctx).await)
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        next.run(ctx, stream).map(tidied).boxed()
    }

    /// The library's own parser, and the limits that it keeps, are passed by: the document has been read and counted.
    async fn parse_query(
        &self,
        _: &ExtensionContext<'_>,
        query: &str,
        _: &Variables,
        _: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = self.documents.read(query)?;
        if document.measured.introspects && !self.introspection {
            let mut error = ServerError::new("Introspection is switched off on this server.", None);
            error::code_if_none(&mut error, ProblemCode::IntrospectionDisabled);
            return Err(error);
        }
        let parsed = document.parsed.clone();
        let _ = self.document.set(document);
        Ok(parsed)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        self.estimated.store(result.complexity, Ordering::Relaxed);
        Limit::Cost.check(result.complexity).map_err(|exceeded| vec![exceeded.into()])?;
        Ok(result)
    }

    /// Runs once for a query or a mutation, and once for every event of a subscription.
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        self.answered.store(0, Ordering::Relaxed);
        let response = next.run(ctx, operation_name).await;
        let answered = self.answered.load(Ordering::Relaxed);
        let kind = self.document.get().and_then(|document| document.kind(operation_name));
        let cost = Cost { estimated: self.estimated.load(Ordering::Relaxed), answered };
        let response = match Limit::Nodes.check(answered) {
            // What a mutation has written is told as far as it goes.
            Err(exceeded) if kind != Some(OperationType::Mutation) => Response::from_errors(vec![exceeded.into()]),
            _ => response,
        };
        cost::attach(response, cost)
    }

    /// Runs for every field but `__typename`, and for every item of a list.
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        self.count(1)?;
        let named =
            self.document.get().filter(|document| document.measured.names_types).map(|document| (document, info.field));
        let value = next.run(ctx, info).await?;
        if let (Some((document, field)), Some(Value::Object(_))) = (named, &value) {
            self.count(document.measured.typenames(field))?;
        }
        Ok(value)
    }
}

/// A response with no more errors than may be told, each of them with a code.
fn tidied(mut response: Response) -> Response {
    response.errors.truncate(MAXIMUM_ERRORS);
    for error in &mut response.errors {
        error::code_if_none(error, ProblemCode::GraphqlValidationFailed);
    }
    response
}
