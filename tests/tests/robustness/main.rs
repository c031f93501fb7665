//! The real server against clients that are slow, greedy, careless or hostile, over real sockets.
//!
//! | file | what it tests |
//! |---|---|
//! | `connections.rs` | slow headers, slow bodies, idle connections, many of them, and a server that is told to stop |
//! | `bodies.rs` | the limit of a body's size, and media types |
//! | `graphql.rs` | what one GraphQL request may ask for |
//! | `persisted.rs` | queries that are named by their hash |
//! | `websocket.rs` | GraphQL over WebSocket, its close codes, slow readers, a server that stops |
//! | `event_stream.rs` | GraphQL over server-sent events |
//! | `numbers.rs` | figures come back digit for digit |
//! | `identity_provider.rs` | tokens of an OpenID provider that changes its keys and goes away |
//! | `protection.rs` | rates of requests, and a server with too much work |
//! | `signals.rs` | the metrics |
//! | `logs.rs` | request ids, and what never stands in a log |
//! | `socket.rs` | a connection of which a test says every byte |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic with a readable message is how a failure is told"
)]

mod bodies;
mod connections;
mod event_stream;
mod graphql;
mod identity_provider;
mod logs;
mod numbers;
mod persisted;
mod protection;
mod signals;
mod socket;
mod websocket;

use tests::{Database, Engine, TokenSpec};

/// A database where the engine does not matter.
fn embedded() -> Database {
    Database::fresh(Engine::Sqlite).expect("SQLite is part of the server")
}

/// Somebody who posts returns for Southwark.
fn respondent() -> TokenSpec {
    TokenSpec::subject("anna").scope("returns:read returns:write").partnership("southwark")
}
