//! Metadata: a document is put whole, and takes effect at once. Pointers in problems use the spelling of REST.

use std::sync::Arc;

use async_graphql::{Context, Object};
use exchange::rules::metadata::Document;

use crate::{
    error::Result,
    inputs::{
        AreaInput, BreakInput, CollectionInput, DefinitionInput, IndicatorInput, MetadataInput, PartnershipInput,
        PeerGroupInput, PlanInput,
    },
    objects::PutReceipt,
    session::{exchange, session},
};

/// Changes of metadata.
#[derive(Default)]
pub struct MetadataMutations;

#[Object]
impl MetadataMutations {
    /// Puts an area.
    async fn put_area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole area.")] input: AreaInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::Area(input.into())).await
    }

    /// Puts a partnership.
    async fn put_partnership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole partnership.")] input: PartnershipInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::Partnership(input.into())).await
    }

    /// Puts an indicator.
    async fn put_indicator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole indicator.")] input: IndicatorInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::Indicator(input.into())).await
    }

    /// Puts what an indicator means from a day on.
    async fn put_definition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole definition.")] input: DefinitionInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::Definition(input.into())).await
    }

    /// Puts a break between figures of an indicator.
    async fn put_break(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole break.")] input: BreakInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::Break(input.into())).await
    }

    /// Puts a peer group.
    async fn put_peer_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole peer group.")] input: PeerGroupInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::PeerGroup(input.into())).await
    }

    /// Puts a collection.
    async fn put_collection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole collection.")] input: CollectionInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::Collection(input.into())).await
    }

    /// Puts a plan. Its warnings name what it declares doubtful, and where its resource tables disagree.
    async fn put_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole plan.")] input: PlanInput,
    ) -> Result<PutReceipt> {
        put(ctx, Document::Plan(Arc::new(input.into()))).await
    }

    /// Puts up to 200 documents, all or none, as one edition: readers see none of them before they see all. They may name
    /// each other. Areas are read first, then partnerships, indicators, definitions, breaks, peer groups, collections and
    /// plans; those of one kind in their order. Pointers in problems lead into the list: `/documents/1/partnership/area`.
    ///
    /// An area and whose it is: `putMetadata(documents: [{ area: { code: "anytown", name: "Anytown", kind:
    /// PARTNERSHIP_AREA } }, { partnership: { code: "anytown", name: "Safer Anytown", area: "anytown" } }]) { created
    /// effectiveAt }`
    async fn put_metadata(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The documents, each whole.")] documents: Vec<MetadataInput>,
    ) -> Result<PutReceipt> {
        let session = session(ctx)?;
        let documents = documents.into_iter().map(Document::from).collect();
        let receipt = exchange(ctx)?.put_listed(session.caller(), documents).await?;
        session.forget();
        Ok(receipt.into())
    }
}

async fn put(ctx: &Context<'_>, document: Document) -> Result<PutReceipt> {
    let session = session(ctx)?;
    let receipt = exchange(ctx)?.put_metadata(session.caller(), vec![document]).await?;
    session.forget();
    Ok(receipt.into())
}
