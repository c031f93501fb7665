//! Pure functions over values: no I/O and no clock. Each has its unit tests beside it.

pub mod audit_chain;
pub mod catalogue;
pub mod change;
pub mod changes;
pub mod comparison;
pub mod decimal;
pub mod fact;
pub mod figure_json;
pub mod flags;
pub mod framework;
pub mod free_text;
mod given_text;
pub mod indicator_code;
pub mod ledger;
pub mod line;
pub mod line_facts;
pub mod metadata;
pub mod metadata_check;
pub mod period;
pub mod posted;
pub mod ranking;
pub mod status;
pub mod traffic_light;
pub mod validation;
