//! What changed: between two moments, and as a feed in the order of effect that loses nothing and repeats nothing.
//!
//! Nothing is stored for it. What a publication changed is the difference between what was read just before its instant and at
//! it; both stay readable for ever, and nothing can appear before an instant that has been read. So the feed has no gaps and is
//! the same on every server, and an embargo stands in it where it took effect.

mod comparing;
mod diff;
mod feed;
mod following;

use entity::{ChangeKind, MetadataFamily};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Exchange, figures::PublishedFigure, view::View};
use crate::{clock::Instant, problem::Result};

pub use diff::Diff;
pub use feed::{Feed, From};
pub use following::Followed;

/// One figure or document that reads otherwise than before.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublishedChange {
    /// What became of it.
    pub kind: ChangeKind,
    /// When that took effect; between two moments the last time.
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Instant,
    /// The release that did it; absent for metadata.
    pub release_id: Option<Uuid>,
    /// Why, if it revises or withdraws what was published.
    pub reason: Option<String>,
    /// The figure, before and after; absent for metadata.
    pub figure: Option<FigureChange>,
    /// The document of metadata, before and after; absent for a figure.
    pub document: Option<DocumentChange>,
}

/// A figure before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureChange {
    /// As it read before; absent if it was not there.
    pub from: Option<PublishedFigure>,
    /// As it reads now; absent if it is not there any more.
    pub to: Option<PublishedFigure>,
}

impl FigureChange {
    /// The figure as it reads now, or read last.
    pub fn newest(&self) -> Option<&PublishedFigure> {
        self.to.as_ref().or(self.from.as_ref())
    }
}

/// A document of metadata before and after.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DocumentChange {
    /// Its family.
    pub family: MetadataFamily,
    /// Its code, as the catalogue sorts it.
    #[schema(example = "southwark-msg-2008")]
    pub code: String,
    /// As it read before; absent if it was not there.
    #[schema(value_type = Option<Object>)]
    pub from: Option<Box<RawValue>>,
    /// As it reads now.
    #[schema(value_type = Option<Object>)]
    pub to: Option<Box<RawValue>>,
}

/// Which changes are told; empty lists mean any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Partnerships, by code: their figures, and the metadata that is theirs.
    pub partnerships: Vec<String>,
    /// Indicators, by any code: their figures alone.
    pub indicators: Vec<String>,
}

/// A query in numbers.
#[derive(Debug, Clone, Default)]
struct Wanted {
    partnerships: Vec<i32>,
    codes: Vec<String>,
    indicators: Vec<i32>,
}

impl Exchange {
    fn wanted(view: &View, query: &ChangeQuery) -> Result<Wanted> {
        let mut wanted = Wanted::default();
        for code in &query.partnerships {
            let known = view.catalogue.partnership(code).ok_or_else(|| {
                crate::Error::parameter("partnerships", format!("`{code}` is not the code of a partnership."))
            })?;
            wanted.partnerships.push(known.id);
            wanted.codes.push(known.code.clone());
        }
        let owner = match query.partnerships.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        };
        let indicators = super::figures::known_indicators(&view.catalogue, &query.indicators, owner)?;
        wanted.indicators = indicators.iter().map(|indicator| indicator.id).collect();
        Ok(wanted)
    }
}

impl Wanted {
    fn takes_partnership(&self, id: Option<i32>) -> bool {
        self.partnerships.is_empty() || id.is_some_and(|id| self.partnerships.contains(&id))
    }

    fn takes_documents(&self) -> bool {
        self.indicators.is_empty()
    }

    fn takes_document_of(&self, owner: Option<&str>) -> bool {
        self.codes.is_empty() || owner.is_some_and(|owner| self.codes.iter().any(|code| code == owner))
    }
}
