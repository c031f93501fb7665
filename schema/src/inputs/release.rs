//! Releases.

use async_graphql::InputObject;
use exchange::{service::releases::ReleaseRequest, vocabulary::Audience};
use uuid::Uuid;

use crate::scalars::DateTime;

/// What is to be released.
#[derive(Debug, InputObject)]
pub struct ReleaseInput {
    /// Signed-off returns, by identifier.
    returns: Vec<Uuid>,
    /// Whom the release is for; everybody unless given.
    #[graphql(default_with = "Audience::Public")]
    audience: Audience,
    /// The embargo instant; at once unless given.
    effective_at: Option<DateTime>,
    /// What the releasing office says about it.
    note: Option<String>,
}

impl From<ReleaseInput> for ReleaseRequest {
    fn from(input: ReleaseInput) -> Self {
        let ReleaseInput { returns, audience, effective_at, note } = input;
        Self { returns, audience, effective_at: effective_at.map(|DateTime(instant)| instant), note }
    }
}
