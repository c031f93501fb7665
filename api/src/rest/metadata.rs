//! Metadata that one code names: areas, partnerships, peer groups and collections. [`super::indicators`] holds the rest.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use exchange::{
    Error, ProblemCode,
    rules::{
        catalogue::key_of,
        free_text::shortened,
        metadata::{Area, Collection, Document as Metadata, Partnership, PeerGroup},
    },
    service::metadata::PutReceipt,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    opened, part,
    refusals::{PutRefusals, ReadRefusals},
};
use crate::{
    application::Application,
    csv::{Row, Table},
    extract::{Document, Params, Segment},
    failure::{Failure, ProblemDocument},
    identity::{EditsMetadata, Identity},
    reading::{AsOfParam, Asked},
};

/// Which part of a list of metadata is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
    /// Answer as the exchange would have answered at this instant (RFC 3339), or just after this release took effect; for
    /// one that is still to come a preview, for those who may see it. Now unless given.
    #[param(example = "2026-01-31T12:00:00Z")]
    pub as_of: Option<String>,
}

/// Puts one document whose code, folded, must be the one of its address.
pub(super) async fn put(
    application: &Application,
    EditsMetadata(caller): EditsMetadata,
    addressed: &str,
    document: Metadata,
) -> Result<Response, Failure> {
    let said = key_of(&document);
    if addressed != said {
        let detail = format!("The address says `{}`, the document `{}`.", shortened(addressed), shortened(&said));
        return Err(Error::problem(ProblemCode::InvalidDocument, detail).into());
    }
    Ok(Json(application.exchange.put_metadata(&caller, vec![document]).await?).into_response())
}

/// Makes the three addresses of a family: its list, one of it, and the putting of one.
macro_rules! family {
    (
        $module:ident, $document:ident, $page:ident, $family:ident, $find:ident, $tag:tt,
        $list_path:tt, $path:tt, $list_id:tt, $get_id:tt, $put_id:tt, $example:tt
    ) => {
        #[doc = concat!("A page of ", stringify!($family), ".")]
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $page {
            /// The documents, in the order of their codes.
            pub items: Vec<$document>,
            /// The cursor of the next page; absent on the last.
            pub next: Option<String>,
            /// The state of the ledger that the answer speaks of.
            #[schema(example = "4-1245000000000000")]
            pub state: String,
        }

        impl Table for $page {
            const COLUMNS: &'static [&'static str] = $document::COLUMNS;
            const OF: &'static [&'static str] = $document::OF;
            const OTHERWISE: &'static [(&'static str, &'static str)] = $document::OTHERWISE;
            const KEY: &'static [&'static str] = $document::KEY;

            fn rows(&self) -> Vec<Vec<String>> {
                self.items.iter().map(Row::cells).collect()
            }
        }

        #[doc = concat!("Handlers of ", $list_path, ".")]
        pub mod $module {
            use super::*;

            /// List them, in the order of their codes.
            #[utoipa::path(get, path = $list_path, operation_id = $list_id, tag = $tag, params(ListParams),
                responses(
                    (status = 200, description = "A page of the list; the Link header leads to the next.", content(
                        ($page = "application/json"),
                        (String = "text/csv"),
                    )),
            ReadRefusals,
                ))]
            pub async fn list(
                State(application): State<Arc<Application>>,
                identity: Identity,
                asked: Asked,
                Params(params): Params<ListParams>,
            ) -> Result<Response, Failure> {
                let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
                let family = &reading.view.catalogue.$family;
                let page = reading.view.documents(stringify!($family), family, &part(params.limit, params.cursor), |_| true)?;
                let (items, next) = opened(&page);
                let items = items.into_iter().map(|known| known.document).collect();
                Ok(reading.page(&$page { items, next, state: reading.view.state.to_string() }, &page))
            }

            /// Read one, by its code.
            #[utoipa::path(get, path = $path, operation_id = $get_id, tag = $tag,
                params(("code" = String, Path, description = "Its code.", example = $example), AsOfParam),
                responses(
                    (status = 200, description = "The document in effect.", content(
                        ($document = "application/json"),
                        (String = "text/csv"),
                    )),
            ReadRefusals,
                    (status = 404, description = "There is none with this code.", body = ProblemDocument, content_type = "application/problem+json"),
                ))]
            pub async fn get(
                State(application): State<Arc<Application>>,
                identity: Identity,
                asked: Asked,
                Segment(code): Segment<String>,
                Params(params): Params<AsOfParam>,
            ) -> Result<Response, Failure> {
                let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
                let found = reading.view.catalogue.$find(&code);
                let found = found.ok_or_else(|| Error::not_found(format!("{} `{code}`", stringify!($find))))?;
                Ok(reading.answer(&One(&found.document)))
            }

            /// Put one: make it, or replace what it says from now on. Earlier versions stay readable by `as_of`.
            #[utoipa::path(put, path = $path, operation_id = $put_id, tag = $tag,
                params(("code" = String, Path, description = "Its code; the document says the same.", example = $example)),
                request_body(content = $document, description = "The document, whole."),
                responses(
                    (status = 200, description = "What became of it, and when it takes effect.", body = PutReceipt),
            PutRefusals,
                ))]
            pub async fn put(
                State(application): State<Arc<Application>>,
                identity: EditsMetadata,
                Segment(code): Segment<String>,
                Document(document): Document<$document>,
            ) -> Result<Response, Failure> {
                let address = $document { code, ..document.clone() };
                let addressed = key_of(&Metadata::$document(address));
                super::put(&application, identity, &addressed, Metadata::$document(document)).await
            }
        }
    };
}

/// A single document is a table of one row.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct One<'a, T>(&'a T);

impl<T: Row> Table for One<'_, T> {
    const COLUMNS: &'static [&'static str] = T::COLUMNS;
    const OF: &'static [&'static str] = T::OF;
    const OTHERWISE: &'static [(&'static str, &'static str)] = T::OTHERWISE;
    const KEY: &'static [&'static str] = T::KEY;

    fn rows(&self) -> Vec<Vec<String>> {
        vec![self.0.cells()]
    }
}

family!(
    areas,
    Area,
    AreaPage,
    areas,
    area,
    "Areas",
    "/v1/areas",
    "/v1/areas/{code}",
    "listAreas",
    "getArea",
    "putArea",
    "E09000028"
);
family!(
    partnerships,
    Partnership,
    PartnershipPage,
    partnerships,
    partnership,
    "Partnerships",
    "/v1/partnerships",
    "/v1/partnerships/{code}",
    "listPartnerships",
    "getPartnership",
    "putPartnership",
    "southwark"
);
family!(
    peer_groups,
    PeerGroup,
    PeerGroupPage,
    peer_groups,
    peer_group,
    "Peer groups",
    "/v1/peer-groups",
    "/v1/peer-groups/{code}",
    "listPeerGroups",
    "getPeerGroup",
    "putPeerGroup",
    "southwark-msg-2008"
);
family!(
    collections,
    Collection,
    CollectionPage,
    collections,
    collection,
    "Collections",
    "/v1/collections",
    "/v1/collections/{code}",
    "listCollections",
    "getCollection",
    "putCollection",
    "fy2008-09"
);
