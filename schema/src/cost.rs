//! What an answered operation has cost.

use async_graphql::{Response, Value, value};

/// The member of a response's extensions that holds the cost. The transports of the exchange do not send it.
const MEMBER: &str = "cost";

/// What an operation was estimated to cost, and what its answer holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// As estimated before it was executed: 200,000 at most.
    pub estimated: usize,
    /// Fields, items of lists and `__typename` that were answered: 250,000 at most.
    pub answered: usize,
}

impl Cost {
    /// The cost of an executed operation; nothing for one that was refused before.
    pub fn of(response: &Response) -> Option<Self> {
        let Value::Object(cost) = response.extensions.get(MEMBER)? else { return None };
        let member = |name| match cost.get(name) {
            Some(Value::Number(number)) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
            _ => None,
        };
        Some(Self { estimated: member("estimated")?, answered: member("answered")? })
    }
}

/// A response that knows its cost.
pub fn attach(response: Response, Cost { estimated, answered }: Cost) -> Response {
    response.extension(MEMBER, value!({ "estimated": estimated, "answered": answered }))
}
