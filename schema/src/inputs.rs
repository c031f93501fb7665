//! What mutations take: the documents of REST, in `camelCase`.

mod metadata;
mod release;
mod returned;

pub use self::{
    metadata::{
        AreaInput, BreakInput, CollectionInput, DefinitionInput, IndicatorInput, PartnershipInput, PeerGroupInput,
    },
    release::ReleaseInput,
    returned::ReturnInput,
};
