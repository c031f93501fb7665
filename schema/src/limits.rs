//! How much one request may ask for, and what its parts cost.
//!
//! A field costs 1 and what is below it. A list costs that for each item that it may hold, and what needs a statement
//! of its own costs more.

use async_graphql::{ErrorExtensionValues, ServerError};
use exchange::{
    ProblemCode,
    service::page::{DEFAULT_LIMIT, MAXIMUM_LIMIT},
};

/// What is limited. Each is found before an operation is executed, but for the nodes of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Tokens of a document.
    Tokens,
    /// Brackets within brackets of a document, and sets of fields and fragments within each other.
    Nesting,
    /// Fragments that a document defines.
    Fragments,
    /// Fields and fragments that an operation names, each spread of a fragment counted again.
    Fields,
    /// Those of them that are `__typename`.
    Typenames,
    /// Directives of an operation.
    Directives,
    /// Directives on one field.
    DirectivesOnOne,
    /// Fields within fields.
    Depth,
    /// What an operation may cost, as estimated before it is executed.
    Cost,
    /// Fields, items of lists and `__typename` that are really answered.
    Nodes,
}

impl Limit {
    /// Its name in `extensions.limited`, the most that is taken, and of what.
    const fn told(self) -> (&'static str, usize, &'static str) {
        match self {
            Self::Tokens => ("TOKENS", 20_000, "tokens of the document"),
            Self::Nesting => ("NESTING", 32, "levels of brackets or fragments within each other"),
            Self::Fragments => ("FRAGMENTS", 100, "fragments of the document"),
            Self::Fields => ("FIELDS", 1_000, "fields and fragments that the operation names"),
            Self::Typenames => ("TYPENAMES", 100, "fields `__typename` that the operation names"),
            Self::Directives => ("DIRECTIVES", 200, "directives of the operation"),
            Self::DirectivesOnOne => ("DIRECTIVES_ON_ONE_FIELD", 4, "directives on one field"),
            // The introspection query of common tools takes 15.
            Self::Depth => ("DEPTH", 18, "levels of fields"),
            Self::Cost => ("COST", 200_000, "estimated cost of the operation"),
            Self::Nodes => ("NODES", 250_000, "fields and items of the answer"),
        }
    }

    /// The most that is taken.
    pub const fn most(self) -> usize {
        self.told().1
    }

    /// Whether so much is taken.
    ///
    /// # Errors
    /// What was found, where it is more.
    pub const fn check(self, found: usize) -> Result<(), Exceeded> {
        if found > self.most() { Err(Exceeded { limit: self, found }) } else { Ok(()) }
    }
}

/// More than a limit takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which limit.
    pub limit: Limit,
    /// How much was found.
    pub found: usize,
}

/// `extensions` name what is `limited`, the `limit`, and the `cost` that was found.
impl From<Exceeded> for ServerError {
    fn from(Exceeded { limit, found }: Exceeded) -> Self {
        let (name, most, words) = limit.told();
        // The answer is given up as soon as it has become too large.
        let message = match limit {
            Limit::Nodes => format!("Too many {words}: {most} are the most. Ask for smaller pages or fewer fields."),
            Limit::Cost => {
                format!("The {words} is {found}; {most} is the most. Ask for smaller pages or fewer fields.")
            }
            _ => format!("Too many {words}: {found}, and {most} are the most."),
        };
        let mut error = Self::new(message, None);
        let mut extensions = ErrorExtensionValues::default();
        let code = ProblemCode::GraphqlLimitExceeded;
        extensions.set("code", code.as_str());
        extensions.set("status", code.status());
        extensions.set("limited", name);
        extensions.set("limit", most);
        extensions.set("cost", found);
        error.extensions = Some(extensions);
        error
    }
}

/// How many errors an answer tells.
pub const MAXIMUM_ERRORS: usize = 20;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_limit_and_what_was_found() {
        let error = ServerError::from(Limit::Depth.check(20).unwrap_err());
        assert_eq!(error.message, "Too many levels of fields: 20, and 18 are the most.");
        let extensions = error.extensions.unwrap();
        assert_eq!(extensions.get("code"), Some(&"GRAPHQL_LIMIT_EXCEEDED".into()));
        assert_eq!(extensions.get("limited"), Some(&"DEPTH".into()));
        assert_eq!((extensions.get("limit"), extensions.get("cost")), (Some(&18.into()), Some(&20.into())));
        assert_eq!(Limit::Depth.check(18), Ok(()));
    }
}
