//! What mutations take: the documents of REST, in `camelCase`.

mod metadata;
mod plan;
mod release;
mod returned;

pub use self::{
    metadata::{
        AreaInput, BreakInput, CollectionInput, DefinitionInput, IndicatorInput, MetadataInput, PartnershipInput,
        PeerGroupInput,
    },
    plan::PlanInput,
    release::ReleaseInput,
    returned::ReturnInput,
};
