//! What changed.

use std::sync::Arc;

use async_graphql::SimpleObject;
use exchange::{
    service::changes::{self, Feed},
    vocabulary::{ChangeKind, MetadataFamily},
};
use uuid::Uuid;

use super::Figure;
use crate::{
    connection::Connection,
    scalars::{DateTime, Document},
    session::Reading,
};

/// One figure or document that reads otherwise than before.
#[derive(SimpleObject)]
pub struct PublishedChange {
    /// Asks for what comes after the change in the feed, as `after`; null in a difference.
    cursor: Option<String>,
    /// What became of it.
    kind: ChangeKind,
    /// When that took effect; between two moments the last time.
    effective_at: DateTime,
    /// The release that did it; null for metadata.
    release_id: Option<Uuid>,
    /// Why, if it revises or withdraws what was published.
    reason: Option<String>,
    /// The figure, before and after; null for metadata.
    figure: Option<FigureChange>,
    /// The document of metadata, before and after; null for a figure.
    document: Option<DocumentChange>,
}

impl PublishedChange {
    /// A change as a reading tells it.
    pub fn new(reading: &Arc<Reading>, cursor: Option<String>, change: changes::PublishedChange) -> Self {
        Self {
            cursor,
            kind: change.kind,
            effective_at: DateTime(change.effective_at),
            release_id: change.release_id,
            reason: change.reason,
            figure: change.figure.map(|figure| FigureChange {
                from: figure.from.map(|figure| Figure::new(reading, figure)),
                to: figure.to.map(|figure| Figure::new(reading, figure)),
            }),
            document: change.document.map(|document| DocumentChange {
                family: document.family,
                code: document.code,
                from: document.from.map(Document),
                to: document.to.map(Document),
            }),
        }
    }
}

/// A figure before and after.
#[derive(SimpleObject)]
pub struct FigureChange {
    /// As it read before; null if it was not there.
    from: Option<Figure>,
    /// As it reads now; null if it is not there any more.
    to: Option<Figure>,
}

/// A document of metadata before and after.
#[derive(SimpleObject)]
pub struct DocumentChange {
    /// Its family.
    family: MetadataFamily,
    /// Its code, as the catalogue sorts it.
    code: String,
    /// As it read before; null if it was not there.
    from: Option<Document>,
    /// As it reads now.
    to: Option<Document>,
}

/// A page of the feed.
#[derive(SimpleObject)]
pub struct ChangeFeed {
    /// The changes, in the order of effect.
    nodes: Vec<PublishedChange>,
    /// Asks for what comes after the page, as `after`; there is always one, also where nothing has come yet.
    next: String,
    /// Whether nothing more has taken effect by now.
    is_caught_up: bool,
}

impl ChangeFeed {
    /// A page as a reading tells it.
    pub fn new(reading: &Arc<Reading>, feed: Feed) -> Self {
        let nodes = feed
            .items
            .into_iter()
            .map(|(cursor, change)| PublishedChange::new(reading, Some(cursor), change))
            .collect();
        Self { nodes, next: feed.next, is_caught_up: feed.is_caught_up }
    }
}

/// What changed between two moments.
#[derive(SimpleObject)]
pub struct Diff {
    /// The earlier moment.
    pub from: DateTime,
    /// The later one.
    pub to: DateTime,
    /// The changes: documents first, then figures by partnership, indicator and period.
    pub changes: Connection<PublishedChange>,
}
