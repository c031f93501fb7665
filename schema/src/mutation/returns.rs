//! Returns on their way to release.

use async_graphql::{Context, Object};
use exchange::service::{idempotency::IdempotencyKey, returns::Step};
use uuid::Uuid;

use crate::{
    error::Result,
    inputs::ReturnInput,
    objects::{Receipt, Return},
    session::{exchange, session},
};

/// Changes of returns.
#[derive(Default)]
pub struct ReturnMutations;

#[Object]
impl ReturnMutations {
    /// Takes a return as a draft, or refuses it with everything that is wrong: the error `RETURN_REFUSED` holds the
    /// report in its `extensions`. Pointers in problems use the spelling of REST (`/lines/0/actual/as_printed`).
    async fn create_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The return.")] input: ReturnInput,
        #[graphql(
            desc = "The client's own name for this write, such as a UUID: a repetition returns the first answer."
        )]
        idempotency_key: String,
        #[graphql(desc = "Whether only to check it; nothing is kept then but the report.", default)] dry_run: bool,
    ) -> Result<Receipt> {
        let key = IdempotencyKey::new(&idempotency_key)?;
        let session = session(ctx)?;
        let receipt = exchange(ctx)?.create_return(session.caller(), input.posted(), dry_run, Some(&key)).await?;
        Ok(receipt.into())
    }

    /// Replaces the lines of a draft, or of a return that was sent back.
    async fn replace_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The return.")] id: Uuid,
        #[graphql(desc = "The version that the change is based on.")] version: i32,
        #[graphql(desc = "What it is to say.")] input: ReturnInput,
    ) -> Result<Receipt> {
        let session = session(ctx)?;
        let receipt = exchange(ctx)?.replace_return(session.caller(), id, Some(version), input.posted()).await?;
        Ok(receipt.into())
    }

    /// Hands a draft in.
    async fn submit_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The return.")] id: Uuid,
        #[graphql(desc = "The version that the change is based on.")] version: i32,
    ) -> Result<Return> {
        advance(ctx, id, version, Step::Submit).await
    }

    /// Confirms a submitted return, as somebody else than its submitter.
    async fn sign_off_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The return.")] id: Uuid,
        #[graphql(desc = "The version that the change is based on.")] version: i32,
    ) -> Result<Return> {
        advance(ctx, id, version, Step::SignOff).await
    }

    /// Sends a submitted return back to its respondent.
    async fn send_back_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The return.")] id: Uuid,
        #[graphql(desc = "The version that the change is based on.")] version: i32,
        #[graphql(desc = "Why.")] reason: String,
    ) -> Result<Return> {
        advance(ctx, id, version, Step::SendBack(&reason)).await
    }

    /// Takes a return back before it is signed off.
    async fn withdraw_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The return.")] id: Uuid,
        #[graphql(desc = "The version that the change is based on.")] version: i32,
        #[graphql(desc = "Why.")] reason: String,
    ) -> Result<Return> {
        advance(ctx, id, version, Step::Withdraw(&reason)).await
    }

    /// Reopens a released return as a revision: a new draft with its lines, to be corrected, submitted, signed off and
    /// released in its place. What is published stays until then.
    async fn reopen_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The released return.")] id: Uuid,
        #[graphql(desc = "Why; it is published with the revision.")] reason: String,
        #[graphql(
            desc = "The client's own name for this write, such as a UUID: a repetition returns the first answer."
        )]
        idempotency_key: String,
    ) -> Result<Return> {
        let key = IdempotencyKey::new(&idempotency_key)?;
        Ok(exchange(ctx)?.reopen_return(session(ctx)?.caller(), id, &reason, Some(&key)).await?.into())
    }
}

async fn advance(ctx: &Context<'_>, id: Uuid, version: i32, step: Step<'_>) -> Result<Return> {
    let summary = exchange(ctx)?.advance_return(session(ctx)?.caller(), id, Some(version), step).await?;
    Ok(summary.into())
}
