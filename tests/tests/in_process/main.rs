//! The exchange and its router inside the test: what a socket and another process would only hide.
//!
//! | file | what it tests |
//! |---|---|
//! | `demo.rs` | the demo data: what is invented says so, and can be compared |
//! | `plans.rs` | whatever the plans print comes back, and what is computed stands beside it |
//! | `statements.rs` | the number of statements does not grow with what is asked for |
//! | `parity.rs` | REST, CSV and GraphQL give the same figures |
//! | `plan_parity.rs` | REST, CSV and GraphQL give the same plans and frameworks |
//! | `both_databases.rs` | SQLite and PostgreSQL give the same answers |
//! | `query_plans.rs` | the hot reads are answered by an index alone |
//! | `relay.rs` | lists are walked both ways, and identifiers lead back |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic with a readable message is how a failure is told"
)]

mod both_databases;
mod demo;
mod loaded;
mod parity;
mod plan_parity;
mod plans;
mod query_plans;
mod relay;
mod statements;
