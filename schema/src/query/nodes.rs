//! Objects by their identifiers.

use async_graphql::{Context, ID, Object};
use exchange::Error;

use crate::{
    error::Result,
    limits,
    node::{self, MAXIMUM_NODES, Node},
    scalars::AsOf,
    session::session,
};

/// Questions for what an identifier leads to.
#[derive(Default)]
pub struct NodeQueries;

#[Object]
impl NodeQueries {
    /// The object with an identifier; null if there is none, or none that the caller may see.
    #[graphql(complexity = "limits::NODE + child_complexity")]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of any object that has one.")] id: ID,
        #[graphql(
            desc = "The instant, or the release, to read at; now unless given. Returns and reports are read as they \
                          stand now."
        )]
        as_of: Option<AsOf>,
    ) -> Option<Result<Node>> {
        let found = async { node::find(ctx, &session(ctx)?.reading(as_of).await?, &id).await };
        found.await.transpose()
    }

    /// The objects with some identifiers, in their order; null for each that there is not, or that the caller may not see.
    #[graphql(complexity = "ids.len().saturating_mul(limits::NODE + child_complexity) + 1")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Each the `id` of any object that has one: 100 at most.")] ids: Vec<ID>,
        #[graphql(
            desc = "The instant, or the release, to read at; now unless given. Returns and reports are read as they \
                          stand now."
        )]
        as_of: Option<AsOf>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAXIMUM_NODES {
            let why = format!("{} identifiers are given; {MAXIMUM_NODES} are the most.", ids.len());
            return Err(Error::parameter("ids", why).into());
        }
        let reading = session(ctx)?.reading(as_of).await?;
        let mut found = Vec::with_capacity(ids.len());
        for id in &ids {
            found.push(node::find(ctx, &reading, id).await?);
        }
        Ok(found)
    }
}
