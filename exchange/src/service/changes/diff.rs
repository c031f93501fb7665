//! The difference between two moments, page by page.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{ChangeQuery, PublishedChange};
use crate::{
    caller::Caller,
    clock::{Instant, instant, micros},
    problem::{Error, ProblemCode, Result},
    rules::ledger::Published,
    service::{
        Exchange,
        page::{Page, PageRequest, seal},
        view::{AsOf, View},
    },
};

/// A page of what changed between two moments.
#[derive(Debug, Clone)]
pub struct Diff {
    /// The earlier moment.
    pub from: Instant,
    /// The later one.
    pub to: Instant,
    /// The changes: documents first, then figures by partnership.
    pub changes: Page<PublishedChange>,
}

const LIST: &str = "diff";

/// Where a page begins: the difference between two instants never changes, so that places in it can be counted.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    /// From when to when.
    between: (i64, i64),
    /// Of which partnership; empty for documents.
    partnership: String,
    /// After how many of its changes.
    after: usize,
}

impl Exchange {
    /// The views of a difference. Without a later moment it is the one of the newest publication, so that equal states have equal
    /// answers; a page after the first goes on with that of the first.
    ///
    /// # Errors
    /// As of [`Exchange::view`]; `INVALID_CURSOR`.
    pub async fn diff_views(
        &self,
        caller: &Arc<Caller>,
        (from, to): (AsOf, Option<AsOf>),
        request: &PageRequest,
    ) -> Result<(View, View)> {
        let begun = place(request)?.map(|place| AsOf::Instant(instant(place.between.1)));
        let from = self.view(Arc::clone(caller), Some(from)).await?;
        let to = match to.or(begun) {
            Some(to) => self.view(Arc::clone(caller), Some(to)).await?,
            None => {
                let now = self.view(Arc::clone(caller), None).await?;
                let newest = instant(now.state.newest).max(from.as_of.min(now.as_of));
                self.view_at(&now, newest).await?
            }
        };
        Ok((from, to))
    }

    /// What reads otherwise at `to` than at `from`: from what to what, since when and why.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` where `to` lies before `from`, or for a code that is not known; `INVALID_CURSOR`.
    pub async fn diff(&self, from: &View, to: &View, query: &ChangeQuery, request: &PageRequest) -> Result<Diff> {
        let between = (micros(from.as_of), micros(to.as_of));
        if between.0 > between.1 {
            return Err(Error::parameter("to", "it lies before `from`."));
        }
        let limit = request.limit()?;
        let wanted = Self::wanted(to, query)?;
        let place = place(request)?;
        if place.as_ref().is_some_and(|place| place.between != between) {
            return Err(Error::problem(ProblemCode::InvalidCursor, "The cursor is of another difference."));
        }
        let (begun_with, skip) = place.map(|place| (place.partnership, place.after)).unwrap_or_default();

        let shown = to.ledger().between(from.as_of, to.as_of).iter().filter(|publication| to.shows(publication));
        let shown: Vec<&Published> = shown.collect();
        let mut by_partnership: BTreeMap<&str, (i32, Vec<&Published>)> = BTreeMap::new();
        for publication in shown.iter().filter(|of| wanted.takes_partnership(of.partnership_id)) {
            let known = publication.partnership_id.and_then(|id| to.catalogue.partnerships.by_id(id));
            if let Some(known) = known {
                by_partnership.entry(&known.code).or_insert((known.id, Vec::new())).1.push(publication);
            }
        }

        let mut items: Vec<(String, PublishedChange)> = Vec::new();
        let mut take = |partnership: &str, first: usize, changes: Vec<PublishedChange>| {
            for (at, change) in changes.into_iter().enumerate() {
                let place = Place { between, partnership: partnership.to_owned(), after: first + at + 1 };
                items.push((seal(LIST, &serde_json::to_string(&place).unwrap_or_default()), change));
            }
            items.len()
        };
        let mut have = 0;
        if begun_with.is_empty() {
            let documents = self.document_changes(from, to, &shown, &wanted, (skip, limit + 1)).await?;
            have = take("", skip, documents);
        }
        for (code, (id, publications)) in by_partnership {
            if have > limit {
                break;
            }
            if code < begun_with.as_str() {
                continue;
            }
            let skip = if code == begun_with { skip } else { 0 };
            let part = (skip, limit + 1 - have);
            let changes = self.figure_changes((from, to), id, &publications, &wanted, part).await?;
            have = take(code, skip, changes);
        }
        let has_more = items.len() > limit;
        items.truncate(limit);
        Ok(Diff { from: from.as_of, to: to.as_of, changes: Page { items, has_more } })
    }
}

fn place(request: &PageRequest) -> Result<Option<Place>> {
    let read = |key: String| {
        serde_json::from_str(&key)
            .map_err(|_| Error::problem(ProblemCode::InvalidCursor, "The cursor was not given out by this list."))
    };
    request.from(LIST)?.map(read).transpose()
}
