//! Releases.

use async_graphql::InputObject;
use exchange::{
    service::releases::ReleaseRequest,
    vocabulary::{Audience, ReleaseAction, Scheme},
};
use uuid::Uuid;

use crate::scalars::DateTime;

/// What is to be released.
#[derive(Debug, InputObject)]
pub struct ReleaseInput {
    /// Signed-off returns, by identifier; to withdraw figures, released ones.
    returns: Vec<Uuid>,
    /// Only their lines in these schemes; all that are the caller's to release unless given.
    #[graphql(default)]
    schemes: Vec<Scheme>,
    /// What it does; it publishes unless given.
    #[graphql(default_with = "ReleaseAction::Publish")]
    action: ReleaseAction,
    /// Whom the release is for; everybody unless given. A withdrawal is for whom the figures were for.
    audience: Option<Audience>,
    /// The embargo instant; at once unless given.
    effective_at: Option<DateTime>,
    /// What the releasing office says about it.
    note: Option<String>,
    /// Why figures are withdrawn; readers see it. A withdrawal must say it.
    reason: Option<String>,
}

impl From<ReleaseInput> for ReleaseRequest {
    fn from(input: ReleaseInput) -> Self {
        let ReleaseInput { returns, schemes, action, audience, effective_at, note, reason } = input;
        let effective_at = effective_at.map(|DateTime(instant)| instant);
        Self { returns, schemes, action, audience, effective_at, note, reason }
    }
}
