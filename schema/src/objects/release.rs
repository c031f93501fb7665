//! Releases.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use exchange::{
    service::releases,
    vocabulary::{Audience, ReleaseAction, ReleaseState, Scheme},
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
#[graphql(complex)]
pub struct Release {
    #[graphql(skip)]
    id: Uuid,
    /// What it does.
    action: ReleaseAction,
    /// Where it stands.
    state: ReleaseState,
    #[graphql(skip)]
    released_by: Option<String>,
    /// Whom it is for.
    audience: Audience,
    /// When it takes effect, or was to.
    effective_at: DateTime,
    /// When it was made.
    created_at: DateTime,
    /// What the releasing office says about it.
    note: Option<String>,
    /// Why figures are withdrawn.
    reason: Option<String>,
    /// Why it was moved or cancelled last.
    change_reason: Option<String>,
    /// Counts its changes; every change names the version that it is based on.
    version: i32,
    /// When it was cancelled.
    cancelled_at: Option<DateTime>,
    /// The hash of the audit trail's anchor that was made with it, or with its last change.
    anchor: String,
    /// What it is about, as far as the reader may see it.
    returns: Vec<ReleasedReturn>,
}

impl From<releases::Release> for Release {
    fn from(release: releases::Release) -> Self {
        let returns = release.returns.into_iter().map(|released| ReleasedReturn {
            partnership: released.partnership,
            id: released.id,
            schemes: released.schemes,
        });
        Self {
            id: release.id,
            action: release.action,
            state: release.state,
            released_by: release.released_by,
            audience: release.audience,
            effective_at: DateTime(release.effective_at),
            created_at: DateTime(release.created_at),
            note: release.note,
            reason: release.reason,
            change_reason: release.change_reason,
            version: release.version,
            cancelled_at: release.cancelled_at.map(DateTime),
            anchor: release.anchor,
            returns: returns.collect(),
        }
    }
}

#[ComplexObject]
impl Release {
    /// Its identifier, a UUID: the same on every interface.
    pub async fn id(&self) -> ID {
        self.id.into()
    }

    /// The subject of the token that released; only for those who may see one of its returns. Others are told
    /// `UNAUTHENTICATED`, `MISSING_SCOPE` or `NOT_YOUR_PARTNERSHIP`, and all else that they ask for.
    async fn released_by(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        let untold = || Err(session(ctx)?.caller().refused_unpublished(UNTOLD).into());
        Some(self.released_by.as_deref().map_or_else(untold, Ok))
    }
}

/// What somebody is told who asks who released what is not theirs.
const UNTOLD: &str = "Who released is told to those who speak for a partnership of the release, or for its region.";

/// A return in a release.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct ReleasedReturn {
    #[graphql(skip)]
    partnership: String,
    /// The return.
    id: Uuid,
    /// Which of its lines, by scheme.
    schemes: Vec<Scheme>,
}

#[ComplexObject]
impl ReleasedReturn {
    /// The partnership.
    async fn partnership(&self, ctx: &Context<'_>) -> Result<Partnership> {
        let reading = session(ctx)?.reading(None).await?;
        linked(reading.partnership(&self.partnership), &self.partnership)
    }
}
