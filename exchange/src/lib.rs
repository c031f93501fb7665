//! What the indicator exchange does, free of HTTP and GraphQL.
//!
//! - [`rules`]: pure functions over values; no I/O and no clock.
//! - [`store`]: all SQL, one file a family of tables.
//! - [`service`]: one file a capability: authorise, load, apply the rule, write in one transaction, audit.
//!
//! REST and GraphQL are two faces of [`service`]; neither holds a query or a rule.

pub mod caller;
pub mod clock;
pub mod problem;
pub mod rules;
pub mod service;
pub mod store;

pub use caller::{Caller, Scope};
pub use clock::{Clock, Instant};
pub use entity::vocabulary;
pub use problem::{Error, Place, Problem, ProblemCode, Refusal, Report, ReportOutcome, Result};
pub use service::{Exchange, Settings, view::View};
