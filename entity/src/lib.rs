//! The tables of the indicator exchange, one file each, and the [vocabulary] stored in them.
//!
//! Entity models serve the small tables and the writes. The hot reads of the fact table are prepared statements in
//! `exchange::store`, decoded by position.

pub mod audit;
pub mod audit_anchor;
pub mod audit_head;
pub mod breakdown;
pub mod code;
pub mod edition;
pub mod figure;
pub mod idempotency_key;
pub mod indicator_return;
pub mod ledger_head;
pub mod ledger_hold;
pub mod metadata;
pub mod period;
pub mod publication;
pub mod published_line;
pub mod release;
pub mod release_part;
pub mod report;
pub mod reported_comparison;
pub mod return_line;
pub mod vocabulary;

pub use vocabulary::*;
