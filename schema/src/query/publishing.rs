//! Releases, what changed, and the audit trail.

use async_graphql::{Context, Object};
use exchange::{
    service::{
        audit::AuditQuery,
        changes::{ChangeQuery, From},
        releases::ReleaseQuery,
    },
    vocabulary::{AuditAction, ReleaseState},
};
use uuid::Uuid;

use crate::{
    connection::{Connection, part},
    error::Result,
    limits,
    objects::{AuditAnchor, AuditEntry, ChangeFeed, Diff, PublishedChange, Release},
    scalars::{AsOf, DateTime},
    session::{exchange, session},
};

/// Questions about publishing.
#[derive(Default)]
pub struct PublishingQueries;

#[Object]
impl PublishingQueries {
    /// A release, as far as the caller may see it.
    #[graphql(complexity = "limits::STATEMENT + child_complexity")]
    async fn release(&self, ctx: &Context<'_>, #[graphql(desc = "Its identifier.")] id: Uuid) -> Result<Release> {
        let reading = session(ctx)?.reading(None).await?;
        Ok(exchange(ctx)?.find_release(&reading.view, id).await?.into())
    }

    /// Releases, in the order in which they were made: those in effect for whom they were released, those still to come and
    /// those cancelled for the partnerships that they are about and their regional offices.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn releases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in a state.")] state: Option<ReleaseState>,
        #[graphql(desc = "Only those of a partnership's returns, by its code.")] partnership: Option<String>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
    ) -> Result<Connection<Release>> {
        let reading = session(ctx)?.reading(None).await?;
        let part = part(first, after, last, before)?;
        let query = ReleaseQuery { state, partnership };
        let page = exchange(ctx)?.list_releases(&reading.view, &query, &part).await?;
        Ok(Connection::new(&part, page, Release::from))
    }

    /// What changed, in the order of effect, as the subscription of the same name tells it.
    #[graphql(complexity = "limits::CHANGES + limits::page(first, child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what comes after this cursor; `latest` for what takes effect from now on; from the \
                          beginning unless given.")]
        after: Option<String>,
        #[graphql(desc = "Only of these partnerships, by code.", default)] partnerships: Vec<String>,
        #[graphql(desc = "Only figures of these indicators, by any code.", default)] indicators: Vec<String>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
    ) -> Result<ChangeFeed> {
        let reading = session(ctx)?.reading(None).await?;
        let query = ChangeQuery { partnerships, indicators };
        let feed = exchange(ctx)?.changes(&reading.view, &query, &From::parse(after.as_deref()), first).await?;
        Ok(ChangeFeed::new(&reading, feed))
    }

    /// What reads otherwise at one moment than at another: from what to what, since when and why.
    #[graphql(complexity = "limits::CHANGES + limits::page(first, child_complexity)")]
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier moment.")] from: AsOf,
        #[graphql(desc = "The later moment; now unless given.")] to: Option<AsOf>,
        #[graphql(desc = "Only of these partnerships, by code.", default)] partnerships: Vec<String>,
        #[graphql(desc = "Only figures of these indicators, by any code.", default)] indicators: Vec<String>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Diff> {
        let part = part(first, after, None, None)?;
        let session = session(ctx)?;
        let moments = (from.0, to.map(|AsOf(to)| to));
        let (before, after) = exchange(ctx)?.diff_views(&session.shared_caller(), moments, &part).await?;
        let reading = session.reading_of(after);
        let query = ChangeQuery { partnerships, indicators };
        let diff = exchange(ctx)?.diff(&before, &reading.view, &query, &part).await?;
        let changes = Connection::new(&part, diff.changes, |change| PublishedChange::new(&reading, None, change));
        Ok(Diff { from: DateTime(diff.from), to: DateTime(diff.to), changes })
    }

    /// The audit trail, in the order in which it was written: of the caller's partnerships and regions, or all of it for
    /// an auditor who speaks for nobody in particular.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of a partnership, by its code.")] partnership: Option<String>,
        #[graphql(desc = "Only by this subject.")] subject: Option<String>,
        #[graphql(desc = "Only this action.")] action: Option<AuditAction>,
        #[graphql(desc = "Only of this object, such as `returns/0193…`.")] object: Option<String>,
        #[graphql(desc = "Only at or after this instant.")] from: Option<DateTime>,
        #[graphql(desc = "Only before this instant.")] until: Option<DateTime>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
    ) -> Result<Connection<AuditEntry>> {
        let instant = |given: Option<DateTime>| given.map(|DateTime(instant)| instant);
        let query = AuditQuery { partnership, subject, action, object, from: instant(from), until: instant(until) };
        let part = part(first, after, last, before)?;
        let page = exchange(ctx)?.audit(session(ctx)?.caller(), &query, &part).await?;
        Ok(Connection::new(&part, page, AuditEntry::from))
    }

    /// The anchors of the audit trail, oldest first. Whoever keeps one can have proved later that nothing that was written
    /// up to then was changed or cut off since.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn audit_anchors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
    ) -> Result<Connection<AuditAnchor>> {
        let part = part(first, after, last, before)?;
        let page = exchange(ctx)?.audit_anchors(&part).await?;
        Ok(Connection::new(&part, page, AuditAnchor::from))
    }
}
