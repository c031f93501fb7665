//! Published figures and what is computed from them.

use async_graphql::{Context, Object};
use exchange::{
    rules::fact::TARGETS,
    service::{comparison::ComparisonQuery, figures::FigureQuery, framework::FrameworkQuery},
    vocabulary::{FigureKind, RankOrder},
};

use crate::{
    connection::{Connection, part},
    error::Result,
    limits,
    objects::{ComparisonAnswer, Figure, Framework},
    scalars::AsOf,
    session::session,
};

/// Questions about figures.
#[derive(Default)]
pub struct FigureQueries;

#[Object]
impl FigureQueries {
    /// Published figures of any kind.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only figures of these kinds.", default)] kinds: Vec<FigureKind>,
        #[graphql(desc = "Only these partnerships, by code.", default)] partnerships: Vec<String>,
        #[graphql(desc = "Only these indicators, by any code.", default)] indicators: Vec<String>,
        #[graphql(desc = "Only these periods, in any spelling.", default)] periods: Vec<String>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<Figure>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let query = FigureQuery { kinds, partnerships, indicators, periods };
        Figure::page(&reading, &query, part(first, after, last, before)?).await
    }

    /// Published outturns.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn actuals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these partnerships, by code.", default)] partnerships: Vec<String>,
        #[graphql(desc = "Only these indicators, by any code.", default)] indicators: Vec<String>,
        #[graphql(desc = "Only these periods, in any spelling.", default)] periods: Vec<String>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<Figure>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let query = FigureQuery { kinds: vec![FigureKind::Actual], partnerships, indicators, periods };
        Figure::page(&reading, &query, part(first, after, last, before)?).await
    }

    /// Published targets, with and without stretch.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these partnerships, by code.", default)] partnerships: Vec<String>,
        #[graphql(desc = "Only these indicators, by any code.", default)] indicators: Vec<String>,
        #[graphql(desc = "Only these periods, in any spelling.", default)] periods: Vec<String>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<Connection<Figure>> {
        let reading = session(ctx)?.reading(as_of).await?;
        let query = FigureQuery { kinds: TARGETS.to_vec(), partnerships, indicators, periods };
        Figure::page(&reading, &query, part(first, after, last, before)?).await
    }

    /// The comparison of a partnership with its peers: one for each indicator and period, 200 at most.
    #[graphql(complexity = "limits::comparisons(&indicators, &periods, child_complexity)")]
    async fn comparison(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partnership, by code.")] partnership: String,
        #[graphql(desc = "Indicators, by any code.")] indicators: Vec<String>,
        #[graphql(desc = "Periods, in any spelling.")] periods: Vec<String>,
        #[graphql(desc = "A peer group, by code; the partnership's own in each period unless given.")]
        peer_group: Option<String>,
        #[graphql(desc = "Which end of the ranking comes first; the best figure unless given.")] rank_order: Option<
            RankOrder,
        >,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Result<ComparisonAnswer> {
        let reading = session(ctx)?.reading(as_of).await?;
        let query = ComparisonQuery { partnership, indicators, periods, peer_group, rank_order };
        ComparisonAnswer::read(&reading, &query).await
    }

    /// The performance framework of a plan, with the published figures that belong to it; null if there is no such
    /// partnership or plan.
    #[graphql(complexity = "limits::FRAMEWORK + child_complexity")]
    async fn framework(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partnership, by code.")] partnership: String,
        #[graphql(
            desc = "The plan, by code; the partnership's newest agreed or revised one unless given, else its newest draft."
        )]
        plan: Option<String>,
        #[graphql(desc = "Only what return lines say of this period, in any spelling.")] period: Option<String>,
        #[graphql(desc = "The instant, or the release, to read at; now unless given.")] as_of: Option<AsOf>,
    ) -> Option<Result<Framework>> {
        let query = FrameworkQuery { partnership, plan, period };
        framework(ctx, query, as_of).await.transpose()
    }
}

async fn framework(ctx: &Context<'_>, query: FrameworkQuery, as_of: Option<AsOf>) -> Result<Option<Framework>> {
    let reading = session(ctx)?.reading(as_of).await?;
    Framework::read(&reading, query).await
}
