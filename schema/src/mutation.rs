//! What can be changed. A request's mutations run one after the other, and each is written whole or not at all.

mod metadata;
mod returns;

use async_graphql::MergedObject;

use self::{metadata::MetadataMutations, returns::ReturnMutations};

/// What can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(ReturnMutations, MetadataMutations);
