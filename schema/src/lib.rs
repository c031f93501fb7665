//! The GraphQL schema of the indicator exchange: one of the two faces of [`exchange::service`].
//!
//! A resolver calls the exchange and says what it answers; queries, rules and authorisation are the exchange's. What is
//! read in one request is read in one view for each `asOf`, which every object carries along.
//!
//! Each request brings a [`Session`] in its data, which knows the caller:
//!
//! ```ignore
//! let schema = schema::build(Arc::clone(&exchange), schema::Settings::default());
//! let request = async_graphql::Request::new(query)
//!     .variables(schema::variables(given))
//!     .data(schema::Session::new(exchange, caller));
//! let response = schema.execute(request).await;
//! ```

#![allow(clippy::unused_async, reason = "async-graphql takes a resolver only if it is async")]
#![allow(clippy::too_many_arguments, reason = "a resolver takes the arguments of its field")]

mod connection;
mod cost;
mod documents;
mod error;
mod guard;
mod inputs;
mod json;
mod limits;
mod loaders;
mod mutation;
mod node;
mod objects;
mod query;
mod scalars;
mod session;
mod subscription;

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};
use exchange::Exchange;

pub use self::{
    cost::Cost,
    documents::{Document, Documents, Hash, hash},
    json::variables,
    mutation::Mutation,
    query::Query,
    session::{Seen, Session},
    subscription::Subscription,
};

/// The schema.
pub type ExchangeSchema = Schema<Query, Mutation, Subscription>;

/// What of the schema is a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether `__schema` and `__type` are answered.
    pub introspection: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { introspection: true }
    }
}

/// Builds the schema over an exchange.
pub fn build(exchange: Arc<Exchange>, settings: Settings) -> ExchangeSchema {
    let documents = Arc::new(Documents::default());
    let builder = builder(Arc::clone(&documents), settings).data(exchange).data(documents);
    if settings.introspection { builder.finish() } else { builder.disable_introspection().finish() }
}

/// The documents that a schema has read.
pub fn documents(schema: &ExchangeSchema) -> Arc<Documents> {
    schema.data::<Arc<Documents>>().map(Arc::clone).unwrap_or_default()
}

/// The schema in the schema definition language, as it is published in `schema/schema.graphql`.
///
/// Types come in alphabetical order, fields in that of their documentation.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by().use_space_ident();
    builder(Arc::default(), Settings::default()).finish().sdl_with_options(options)
}

fn builder(documents: Arc<Documents>, settings: Settings) -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        // Suggestions would tell a stranger the schema one guess at a time, and cost time to make.
        .disable_suggestions()
        .extension(guard::Guard::new(documents, settings.introspection))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What has a name of our own and no description, at any depth.
    fn undescribed(of: &Value, within: &str, found: &mut Vec<String>) {
        let name = of["name"].as_str().unwrap_or_default();
        if name.starts_with("__") || name == "ID" {
            return;
        }
        let within = format!("{within}.{name}");
        if of.get("description").is_some_and(Value::is_null) {
            found.push(within.clone());
        }
        for members in ["types", "fields", "args", "inputFields", "enumValues"] {
            for member in of[members].as_array().into_iter().flatten() {
                undescribed(member, &within, found);
            }
        }
    }

    #[tokio::test]
    async fn everything_has_a_description() {
        let query = "{ __schema { types { name description
            fields { name description args { name description } }
            inputFields { name description } enumValues { name description } } } }";
        let response = builder(Arc::default(), Settings::default()).finish().execute(query).await;
        assert_eq!(response.errors, []);
        let mut found = Vec::new();
        undescribed(&response.data.into_json().unwrap()["__schema"], "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
