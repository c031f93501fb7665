//! Returns and reports, which are private, and the list of what can be wrong.

use async_graphql::{Context, Object};
use exchange::{ProblemCode, service::returns::ReturnQuery, vocabulary::ReturnState};
use uuid::Uuid;

use crate::{
    connection::{Connection, part},
    error::Result,
    limits,
    objects::{ProblemType, Report, Return},
    session::{exchange, session},
};

/// Questions about returns.
#[derive(Default)]
pub struct ReturnQueries;

#[Object]
impl ReturnQueries {
    /// A return as it stands now, for its partnership and its regional office.
    #[graphql(complexity = "limits::STATEMENT + child_complexity")]
    async fn r#return(&self, ctx: &Context<'_>, #[graphql(desc = "Its identifier.")] id: Uuid) -> Result<Return> {
        let found = exchange(ctx)?.find_return(session(ctx)?.caller(), id).await?;
        Ok(found.into())
    }

    /// The returns that the caller may see as they stand now, oldest first.
    #[graphql(complexity = "limits::page(first.or(last), child_complexity)")]
    async fn returns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of a partnership, by its code.")] partnership: Option<String>,
        #[graphql(desc = "Only those that answer a collection, by its code.")] collection: Option<String>,
        #[graphql(desc = "Only those in a state.")] state: Option<ReturnState>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
    ) -> Result<Connection<Return>> {
        let query = ReturnQuery { partnership, collection, state };
        let part = part(first, after, last, before)?;
        let page = exchange(ctx)?.list_returns(session(ctx)?.caller(), &query, &part).await?;
        Ok(Connection::new(&part, page, Return::from))
    }

    /// The validation report of a return, for its partnership and its regional office.
    #[graphql(complexity = "limits::STATEMENT + child_complexity")]
    async fn report(&self, ctx: &Context<'_>, #[graphql(desc = "Its identifier.")] id: Uuid) -> Result<Report> {
        let found = exchange(ctx)?.find_report(session(ctx)?.caller(), id).await?;
        Ok(found.into())
    }

    /// Every code that an error or a problem may carry.
    async fn problem_codes(&self) -> Vec<ProblemType> {
        ProblemCode::ALL.iter().copied().map(ProblemType::from).collect()
    }
}
