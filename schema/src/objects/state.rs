//! The state of the ledger.

use async_graphql::SimpleObject;
use exchange::View;

use crate::scalars::DateTime;

/// What an answer speaks of.
#[derive(SimpleObject)]
pub struct State {
    /// Names the newest publication in effect: two answers of the same state and arguments are the same.
    state: String,
    /// The instant of the answer. Ask further questions with this `asOf`, and all answers speak of one instant.
    as_of: DateTime,
}

impl From<&View> for State {
    fn from(view: &View) -> Self {
        Self { state: view.state.to_string(), as_of: DateTime(view.as_of) }
    }
}
