//! The harness of the end-to-end tests: the real binary, over a real socket, on SQLite and on PostgreSQL.
//!
//! A test states once what a user would see, and runs on both databases:
//!
//! ```no_run
//! use tests::{Server, TokenSpec, on_both_databases};
//!
//! on_both_databases! {
//!     /// A draft is nobody else's business.
//!     async fn a_draft_is_private(db: Database) {
//!         let server = Server::start(&db);
//!         let lambeth = TokenSpec::subject("lambeth").scope("returns:write").partnership("lambeth");
//!         let lambeth = server.client_for(&lambeth);
//!         let answer = lambeth.get("/v1/returns/0197-of-southwark").await.expect(404);
//!         assert_eq!(answer.problem_code(), "NOT_FOUND");
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `run_directory.rs` | the folder that the tests of one run share, and the watchdog that clears it up |
//! | `postgres.rs` | a throw-away PostgreSQL cluster |
//! | `database.rs` | a database for each test, with or without the catalogue, and [`on_both_databases!`] |
//! | `binary.rs` | the program under test: found, built when stale, run |
//! | `server.rs` | a server over a database, started, stopped, killed |
//! | `token.rs` | the test keys and the tokens made with them |
//! | `oidc_provider.rs` | an OpenID provider under Node |
//! | `clock.rs` | a clock that tests set, shared by servers |
//! | `client.rs` | requests and answers |
//!
//! Set `INDICATOR_EXCHANGE_BIN` to test a program that is already built. Without PostgreSQL 15 or newer on the machine
//! its half of the tests is skipped, loudly; with `CI=true` that is a failure. So are those that need an OpenID provider
//! without Node and npm.
//! `TMPDIR=/dev/shm` puts clusters and databases in memory, where a PostgreSQL database is copied ten times as fast.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "this crate serves tests, where a panic with a readable message is how a failure is told"
)]

mod binary;
mod client;
mod clock;
mod database;
mod oidc_provider;
mod postgres;
mod run_directory;
mod server;
mod token;

pub use binary::{Ran, indicator_exchange};
pub use client::{Answer, Client, Request};
pub use clock::TestClock;
pub use database::{CATALOGUE_SINCE, Database, Engine};
pub use oidc_provider::{KeyKind, OidcProvider};
pub use postgres::Cluster;
pub use server::{Refusal, Server, ServerOptions};
pub use token::{Forged, Key, TokenSpec};
