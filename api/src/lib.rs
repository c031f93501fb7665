//! The server of the indicator exchange and its command line: HTTP, REST handlers, identity, configuration, observability.
//!
//! A request travels `server` (connection, timers) → `layers` (id, log, metrics, token, limits) → `rest` or `graphql` (extract, call
//! `exchange`, answer). Nothing in this crate contains a query or a rule.

mod accept;
mod answers;
pub mod application;
mod chance;
pub mod cli;
mod coding;
pub mod command;
pub mod csv;
pub mod demo;
pub mod extract;
pub mod failure;
pub mod generate;
pub mod graphql;
pub mod identity;
pub mod keys;
pub mod layers;
pub mod load;
mod methods;
pub mod metrics;
pub mod openapi;
pub mod protection;
pub mod reading;
pub mod resource;
pub mod rest;
pub mod server;
pub mod stream;
#[cfg(feature = "otel")]
pub mod traces;
