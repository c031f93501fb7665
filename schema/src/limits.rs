//! How much one request may ask for, and what its parts cost.
//!
//! A field costs 1 and what is below it. A list costs that for each item that it may hold, and what needs a statement
//! of its own costs more.

use exchange::service::page::{DEFAULT_LIMIT, MAXIMUM_LIMIT};

/// The most that a request may cost.
pub const MAXIMUM_COMPLEXITY: usize = 200_000;
/// How deep fields may be nested. The introspection query of common tools takes 15.
pub const MAXIMUM_DEPTH: usize = 18;
/// How many directives one field may carry.
pub const MAXIMUM_DIRECTIVES: usize = 4;
/// How many directives an operation may carry in all.
pub const MAXIMUM_DIRECTIVES_IN_ALL: usize = 200;
/// How many fragments a request may define.
pub const MAXIMUM_FRAGMENTS: usize = 100;
/// How many errors an answer tells.
pub const MAXIMUM_ERRORS: usize = 20;
/// How many fields a request may name, each spread of a fragment counted again.
pub const MAXIMUM_FIELDS: usize = 1_000;
/// How many of them may be `__typename`, which costs nothing otherwise.
pub const MAXIMUM_TYPENAMES: usize = 100;

/// What a statement of its own costs, where a field below a list needs one for each item.
pub const STATEMENT: usize = 100;
/// What an object costs by its identifier, before its parts: it is looked for among returns, releases and reports.
pub const NODE: usize = 3 * STATEMENT;
/// What the comparison of one partnership costs, before its parts: no more than some fifty fit into a request.
pub const COMPARISON: usize = 4_000;
/// What a page of changes costs, before its items: no more than some twenty fit into a request.
pub const CHANGES: usize = 10_000;
/// What the framework of one partnership costs, before its parts: no more than some two hundred fit into a request.
pub const FRAMEWORK: usize = 1_000;
/// How many members a peer group is taken to have.
pub const MEMBERS: usize = 16;
/// How many lines a return is taken to have, how many codes a list of a collection, and how many items one of a plan.
pub const LINES: usize = 100;
/// How many plans a partnership is taken to have.
pub const PLANS: usize = 4;
/// How many indicators a priority, a commitment or an action of a plan is taken to name.
pub const CITED: usize = 4;
/// How many sections a framework is taken to have.
pub const SECTIONS: usize = 10;
/// How many lines a section of a framework is taken to have.
pub const SECTION_LINES: usize = 10;
/// How many figures each list of a framework's line is taken to have.
pub const LINE_FIGURES: usize = 3;

/// What a page of a list costs.
pub fn page(first: Option<u32>, item: usize) -> usize {
    let first = first.unwrap_or(DEFAULT_LIMIT).clamp(1, MAXIMUM_LIMIT);
    (first as usize).saturating_mul(item).saturating_add(1)
}

/// What the figures of some indicators in some periods cost.
pub fn figures(indicators: &[String], periods: &[String], figure: usize) -> usize {
    indicators.len().saturating_mul(periods.len()).saturating_mul(figure).saturating_add(1)
}

/// What comparisons of some indicators in some periods cost.
pub fn comparisons(indicators: &[String], periods: &[String], comparison: usize) -> usize {
    figures(indicators, periods, comparison).saturating_add(COMPARISON)
}
