//! Metadata: public, in memory, and dated by `asOf`.

use std::sync::Arc;

use async_graphql::{Context, Object, OutputType};
use exchange::{
    Error,
    rules::catalogue::{Catalogue, Family, Known},
    service::page::PageRequest,
    vocabulary::{AreaKind, Scheme},
};

use crate::{
    connection::{Connection, part},
    error::Result,
    limits,
    objects::{Area, Collection, Indicator, Partnership, PeerGroup, Plan, State},
    scalars::AsOf,
    session::{Reading, session},
};

/// Questions about metadata.
#[derive(Default)]
pub struct MetadataQueries;

#[Object]
impl MetadataQueries {
    /// What answers speak of. Ask for `asOf` here, and put it into further questions that are to speak of the same
    /// instant.
    async fn state(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<State> {
        let reading = session(ctx)?.reading(as_of).await?;
        Ok(State::from(&*reading.view))
    }

    /// Partnerships, by code.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn partnerships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "Only those of a region, by the code of its area.")] region: Option<String>,
        #[graphql(desc = "Only invented ones, or only real ones.")] fictional: Option<bool>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<Partnership>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let catalogue = reading.catalogue();
        let region = region.map(|code| area_code(catalogue, &code)).transpose()?;
        let part = part(first, after, last, before)?;
        page(
            &reading,
            ("partnerships", &catalogue.partnerships),
            &part,
            |partnership| {
                region.as_ref().is_none_or(|region| partnership.region.as_ref() == Some(region))
                    && fictional.is_none_or(|fictional| partnership.fictional == fictional)
            },
            |known| Partnership::new(&reading, known),
        )
    }

    /// A partnership; null if there is none with this code.
    async fn partnership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code: `southwark`.")] code: String,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Option<Result<Partnership>> {
        found(ctx, as_of, |reading| reading.partnership(&code)).await
    }

    /// Indicators, in the order of their qualified codes.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn indicators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "Only those of a scheme.")] scheme: Option<Scheme>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<Indicator>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let part = part(first, after, last, before)?;
        page(
            &reading,
            ("indicators", &reading.catalogue().indicators),
            &part,
            |indicator| scheme.is_none() || indicator.scheme() == scheme,
            |known| Indicator::new(&reading, known),
        )
    }

    /// An indicator; null if the catalogue, which is partial, has none with this code or alias.
    async fn indicator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code or an alias, in any spelling: `NI 15`, `NI15`, `southwark:LI 1`.")] code: String,
        #[graphql(desc = "The partnership whose local indicator a code without an owner means.")] partnership: Option<
            String,
        >,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Option<Result<Indicator>> {
        found(ctx, as_of, |reading| reading.indicator(&code, partnership.as_deref())).await
    }

    /// Areas, by code.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn areas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "Only those of a kind.")] kind: Option<AreaKind>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<Area>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let part = part(first, after, last, before)?;
        page(
            &reading,
            ("areas", &reading.catalogue().areas),
            &part,
            |area| kind.is_none_or(|kind| area.kind == kind),
            |known| Area::new(&reading, known),
        )
    }

    /// An area; null if there is none with this code.
    async fn area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its GSS code or its old code: `E09000028`, `00BE`.")] code: String,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Option<Result<Area>> {
        found(ctx, as_of, |reading| reading.area(&code)).await
    }

    /// Peer groups, by code.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn peer_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "Only those of a partnership, by its code.")] owner: Option<String>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<PeerGroup>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let catalogue = reading.catalogue();
        let owner = owner.map(|code| partnership_code(catalogue, &code)).transpose()?;
        let part = part(first, after, last, before)?;
        page(
            &reading,
            ("peer_groups", &catalogue.peer_groups),
            &part,
            |group| owner.as_ref().is_none_or(|owner| group.owner == *owner),
            |known| PeerGroup::new(&reading, known),
        )
    }

    /// A peer group; null if there is none with this code.
    async fn peer_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code: `southwark-msg-2008`.")] code: String,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Option<Result<PeerGroup>> {
        found(ctx, as_of, |reading| reading.peer_group(&code)).await
    }

    /// A plan; null if there is no such partnership or plan.
    async fn plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partnership whose plan it is, by code: `southwark`.")] partnership: String,
        #[graphql(desc = "Its code: `rolling-plan-2008-12`.")] code: String,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Option<Result<Plan>> {
        found(ctx, as_of, |reading| reading.plan(&partnership, &code)).await
    }

    /// Collections, by code.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<Collection>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let part = part(first, after, last, before)?;
        page(
            &reading,
            ("collections", &reading.catalogue().collections),
            &part,
            |_| true,
            |known| Collection::new(&reading, known),
        )
    }

    /// A collection; null if there is none with this code.
    async fn collection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code: `fy2008-09`.")] code: String,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Option<Result<Collection>> {
        found(ctx, as_of, |reading| reading.collection(&code)).await
    }
}

/// What is found in a reading. An error stands within the option: then the field is null beside it, as it must be.
async fn found<T>(
    ctx: &Context<'_>,
    as_of: Option<AsOf>,
    find: impl FnOnce(&Arc<Reading>) -> Option<T>,
) -> Option<Result<T>> {
    let reading = async { session(ctx)?.reading(as_of).await };
    match reading.await {
        Ok(reading) => find(&reading).map(Ok),
        Err(refused) => Some(Err(refused)),
    }
}

/// A page of one family's documents, each told by `object`.
fn page<T: Clone, O: OutputType>(
    reading: &Arc<Reading>,
    (list, family): (&str, &Family<T>),
    part: &PageRequest,
    keep: impl Fn(&T) -> bool,
    object: impl Fn(&Known<T>) -> O,
) -> Result<Connection<O>> {
    let page = reading.view.documents(list, family, part, keep)?;
    Ok(Connection::new(part, page, |known| object(&known)))
}

/// The code of the area that a filter names.
fn area_code(catalogue: &Catalogue, code: &str) -> Result<String> {
    let area = catalogue.area(code).map(|area| area.code.clone());
    area.ok_or_else(|| Error::parameter("region", format!("`{code}` is not the code of an area.")).into())
}

/// The code of the partnership that a filter names.
fn partnership_code(catalogue: &Catalogue, code: &str) -> Result<String> {
    let partnership = catalogue.partnership(code).map(|partnership| partnership.code.clone());
    partnership.ok_or_else(|| Error::parameter("owner", format!("`{code}` is not the code of a partnership.")).into())
}
