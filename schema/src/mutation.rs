//! What can be changed. A request's mutations run one after the other, and each is written whole or not at all.

mod metadata;
mod releases;
mod returns;

use async_graphql::MergedObject;

use self::{metadata::MetadataMutations, releases::ReleaseMutations, returns::ReturnMutations};

/// What can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(ReturnMutations, ReleaseMutations, MetadataMutations);
