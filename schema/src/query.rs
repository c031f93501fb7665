//! What can be asked.

mod figures;
mod metadata;
mod nodes;
mod publishing;
mod returns;

use async_graphql::MergedObject;

use self::{
    figures::FigureQueries, metadata::MetadataQueries, nodes::NodeQueries, publishing::PublishingQueries,
    returns::ReturnQueries,
};

/// What can be asked. What is published is read at one instant: now, or `asOf`.
#[derive(Default, MergedObject)]
pub struct Query(NodeQueries, MetadataQueries, FigureQueries, ReturnQueries, PublishingQueries);
