//! All SQL: one file a family of tables, every function over a connection or a transaction.

pub mod audit;
pub mod database;
pub mod dimensions;
pub mod figures;
pub mod idempotency;
pub mod ledger;
pub mod listening;
pub mod metadata;
pub mod releases;
pub mod returns;
pub mod walk;

pub use database::{Database, Engine, Tx};
pub use walk::Walk;
