//! Releases.

use async_graphql::{ComplexObject, Context, SimpleObject};
use exchange::{
    service::releases,
    vocabulary::{Audience, EditionKind},
};
use uuid::Uuid;

use super::Partnership;
use crate::{
    error::Result,
    scalars::DateTime,
    session::{linked, session},
};

/// An act of publishing.
#[derive(Debug, SimpleObject)]
pub struct Release {
    /// Its identifier.
    id: Uuid,
    /// The subject of the token that released.
    released_by: String,
    /// Whom it is for.
    audience: Audience,
    /// When it takes effect.
    effective_at: DateTime,
    /// When it was made.
    created_at: DateTime,
    /// What the releasing office says about it.
    note: Option<String>,
    /// What it published.
    returns: Vec<ReleasedReturn>,
}

impl From<releases::Release> for Release {
    fn from(release: releases::Release) -> Self {
        let returns = release.returns.into_iter().map(|released| ReleasedReturn {
            partnership: released.partnership,
            id: released.id,
            parts: released.parts,
        });
        Self {
            id: release.id,
            released_by: release.released_by,
            audience: release.audience,
            effective_at: DateTime(release.effective_at),
            created_at: DateTime(release.created_at),
            note: release.note,
            returns: returns.collect(),
        }
    }
}

/// A return in a release.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct ReleasedReturn {
    #[graphql(skip)]
    partnership: String,
    /// The return.
    id: Uuid,
    /// Which of its figures: the national ones (`RETURN_NATIONAL`) or the partnership's own (`RETURN_LOCAL`).
    parts: Vec<EditionKind>,
}

#[ComplexObject]
impl ReleasedReturn {
    /// The partnership.
    async fn partnership(&self, ctx: &Context<'_>) -> Result<Partnership> {
        let reading = session(ctx)?.reading(None).await?;
        linked(reading.partnership(&self.partnership), &self.partnership)
    }
}
