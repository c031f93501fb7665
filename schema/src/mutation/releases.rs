//! Releases.

use async_graphql::{Context, Object};
use exchange::service::{idempotency::IdempotencyKey, releases::Reschedule};
use uuid::Uuid;

use crate::{
    error::Result,
    inputs::ReleaseInput,
    objects::Release,
    scalars::DateTime,
    session::{exchange, session},
};

/// Changes of what is published.
#[derive(Default)]
pub struct ReleaseMutations;

#[Object]
impl ReleaseMutations {
    /// Releases signed-off returns, or withdraws released ones, at once or at an embargo instant: a regional office the
    /// national indicators and crime measures of its region's partnerships, a partnership its own local ones.
    async fn release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be released.")] input: ReleaseInput,
        #[graphql(
            desc = "The client's own name for this write, such as a UUID: a repetition returns the first answer."
        )]
        idempotency_key: String,
    ) -> Result<Release> {
        let key = IdempotencyKey::new(&idempotency_key)?;
        let session = session(ctx)?;
        let release = exchange(ctx)?.release(session.caller(), &input.into(), Some(&key)).await?;
        session.forget();
        Ok(release.into())
    }

    /// Moves the embargo of a release that has not taken effect.
    async fn reschedule_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The release.")] id: Uuid,
        #[graphql(desc = "The version that the change is based on.")] version: i32,
        #[graphql(desc = "The new embargo instant.")] effective_at: DateTime,
        #[graphql(desc = "Why.")] reason: String,
    ) -> Result<Release> {
        reschedule(ctx, id, version, Reschedule::Move { to: effective_at.0, reason: &reason }).await
    }

    /// Cancels a release that has not taken effect. Its returns are signed off as before, and can be released again.
    async fn cancel_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The release.")] id: Uuid,
        #[graphql(desc = "The version that the change is based on.")] version: i32,
        #[graphql(desc = "Why.")] reason: String,
    ) -> Result<Release> {
        reschedule(ctx, id, version, Reschedule::Cancel { reason: &reason }).await
    }
}

async fn reschedule(ctx: &Context<'_>, id: Uuid, version: i32, change: Reschedule<'_>) -> Result<Release> {
    let session = session(ctx)?;
    let reading = session.reading(None).await?;
    let release = exchange(ctx)?.reschedule_release(&reading.view, id, Some(version), change).await?;
    session.forget();
    Ok(release.into())
}
