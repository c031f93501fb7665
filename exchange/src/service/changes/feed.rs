//! The feed: every change in the order of effect, resumable at any place.

use std::{collections::BTreeMap, fmt};

use chrono::Duration;
use entity::EditionKind;

use super::{ChangeQuery, PublishedChange, Wanted};
use crate::{
    clock::{Instant, instant},
    problem::{Error, ProblemCode, Result},
    rules::ledger::{Ledger, Published},
    service::{
        Exchange,
        page::{PageRequest, open, seal},
        view::View,
    },
};

const LIST: &str = "changes";

/// How many publications one page looks into, so that a question that few of them answer is still answered soon.
const MOST_PUBLICATIONS: usize = 200;

/// Where a reader of the feed begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum From {
    /// With the first change that there was.
    #[default]
    Beginning,
    /// With the next change that takes effect.
    Latest,
    /// After a cursor.
    Cursor(String),
}

impl From {
    /// Reads `latest` or a cursor; nothing means the beginning.
    pub fn parse(text: Option<&str>) -> Self {
        match text {
            None | Some("") => Self::Beginning,
            Some("latest") => Self::Latest,
            Some(cursor) => Self::Cursor(cursor.to_owned()),
        }
    }
}

/// A page of the feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The changes, each with the cursor after it.
    pub items: Vec<(String, PublishedChange)>,
    /// The cursor after the page, also of an empty one.
    pub next: String,
    /// Whether nothing more has taken effect by now.
    pub is_caught_up: bool,
}

/// A place in the feed: how many publications had taken effect by an instant, and how much of what they changed is past.
///
/// The number and the instant together are the state of the ledger: in another history they do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    publications: usize,
    at: i64,
    /// `None` after all of it.
    past: Option<Past>,
}

/// How much of an instant is past: all partnerships before one, and so many of its changes. Documents come before them all, as
/// if they were of a partnership without a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Past {
    partnership: String,
    changes: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.publications, self.at)?;
        match &self.past {
            None => Ok(()),
            Some(Past { partnership, changes }) => write!(f, " {changes} {partnership}"),
        }
    }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ' ');
        let (publications, at) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let past = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(changes), partnership) => {
                Some(Past { partnership: partnership?.to_owned(), changes: changes.parse().ok()? })
            }
        };
        Some(Self { publications, at, past })
    }

    /// After everything that is in effect at an instant.
    fn end_of(ledger: &Ledger, at: Instant) -> Self {
        let state = ledger.state(at);
        Self { publications: state.publications, at: state.newest, past: None }
    }

    fn seal(&self, epoch: &str) -> String {
        seal(LIST, &format!("{epoch}\n{self}"))
    }
}

impl Exchange {
    /// A page of the feed: as many changes as asked for, or fewer where many publications say nothing of what was asked.
    ///
    /// # Errors
    /// `RESYNC_REQUIRED` for a cursor of a history that was undone by restoring a backup, `INVALID_CURSOR`,
    /// `INVALID_PARAMETER`.
    pub async fn changes(&self, view: &View, query: &ChangeQuery, from: &From, limit: Option<u32>) -> Result<Feed> {
        let limit = PageRequest { limit, ..PageRequest::default() }.limit()?;
        let asked = Self::wanted(view, query)?;
        let ledger = view.ledger();
        let begin = begin(view, from)?;
        let concerns = |publication: &Published| {
            view.shows(publication)
                && match publication.kind {
                    EditionKind::Metadata => asked.takes_documents(),
                    _ => asked.takes_partnership(publication.partnership_id),
                }
        };
        // Within an instant that is not past its publications are looked into again.
        let before = instant(begin.at) - Duration::microseconds(i64::from(begin.past.is_some()));
        let coming = ledger.between(before, view.as_of);
        let mut page = FeedPage { items: Vec::new(), limit, epoch: view.epoch(), last_place: None };
        let mut looked_into = 0;
        for together in coming.chunk_by(|one, other| one.effective_at == other.effective_at) {
            let Some(at) = together.first().map(|first| first.effective_at) else { continue };
            let publications: Vec<&Published> = together.iter().filter(|of| concerns(of)).collect();
            if publications.is_empty() {
                continue;
            }
            if page.is_full() || looked_into >= MOST_PUBLICATIONS {
                return Ok(page.cut(&Place::end_of(ledger, at - Duration::microseconds(1))));
            }
            looked_into += publications.len();
            let here = Place::end_of(ledger, at);
            let past = begin.past.clone().filter(|_| here.at == begin.at).unwrap_or_default();
            if let Some(cut) = self.changes_at(view, &here, past, &publications, &asked, &mut page).await? {
                return Ok(page.cut(&cut));
            }
        }
        // Where nothing has come the cursor stays as it is: it may be from a little after this reader's time.
        let end = Place::end_of(ledger, view.as_of);
        let end = if end.at <= begin.at && page.items.is_empty() { begin } else { end };
        Ok(Feed { next: end.seal(view.epoch()), items: page.items, is_caught_up: true })
    }

    /// Where a reader begins, as a cursor; for a cursor itself.
    ///
    /// # Errors
    /// As of [`Exchange::changes`].
    pub fn feed_begins(view: &View, query: &ChangeQuery, from: &From) -> Result<From> {
        Self::wanted(view, query)?;
        Ok(From::Cursor(begin(view, from)?.seal(view.epoch())))
    }

    /// Adds what publications at one instant changed, after what is past of it: documents first, then figures by partnership.
    /// Returns the place where the page was full.
    async fn changes_at(
        &self,
        view: &View,
        here: &Place,
        past: Past,
        publications: &[&Published],
        wanted: &Wanted,
        page: &mut FeedPage<'_>,
    ) -> Result<Option<Place>> {
        let at = instant(here.at);
        let before = self.view_at(view, at - Duration::microseconds(1)).await?;
        let after = self.view_at(view, at).await?;
        if past.partnership.is_empty() {
            let wished = (past.changes, page.room());
            let changes = self.document_changes(&before, &after, publications, wanted, wished).await?;
            page.add(here, "", past.changes, changes);
        }
        let mut by_partnership: BTreeMap<&str, (i32, Vec<&Published>)> = BTreeMap::new();
        for publication in publications {
            let known = publication.partnership_id.and_then(|id| after.catalogue.partnerships.by_id(id));
            if let Some(known) = known.filter(|known| known.code >= past.partnership) {
                by_partnership.entry(&known.code).or_insert((known.id, Vec::new())).1.push(publication);
            }
        }
        for (code, (id, publications)) in by_partnership {
            if page.is_full() {
                let past = Past { partnership: code.to_owned(), changes: 0 };
                return Ok(Some(Place { past: Some(past), ..here.clone() }));
            }
            let skip = if code == past.partnership { past.changes } else { 0 };
            let wished = (skip, page.room());
            let changes = self.figure_changes((&before, &after), id, &publications, wanted, wished).await?;
            page.add(here, code, skip, changes);
        }
        // A full page may have ended in the middle.
        Ok(page.is_full().then(|| page.last_place.clone()).flatten())
    }
}

/// Where a reader begins.
fn begin(view: &View, from: &From) -> Result<Place> {
    match from {
        From::Beginning => Ok(Place { publications: 0, at: 0, past: None }),
        From::Latest => Ok(Place::end_of(view.ledger(), view.as_of)),
        From::Cursor(cursor) => opened(view, cursor),
    }
}

/// A page in the making.
struct FeedPage<'a> {
    items: Vec<(String, PublishedChange)>,
    limit: usize,
    epoch: &'a str,
    last_place: Option<Place>,
}

impl FeedPage<'_> {
    fn room(&self) -> usize {
        self.limit - self.items.len()
    }

    fn is_full(&self) -> bool {
        self.room() == 0
    }

    fn add(&mut self, here: &Place, partnership: &str, first: usize, changes: Vec<PublishedChange>) {
        for (at, change) in changes.into_iter().enumerate() {
            let past = Past { partnership: partnership.to_owned(), changes: first + at + 1 };
            let place = Place { past: Some(past), ..here.clone() };
            self.items.push((place.seal(self.epoch), change));
            self.last_place = Some(place);
        }
    }

    fn cut(self, place: &Place) -> Feed {
        Feed { next: place.seal(self.epoch), items: self.items, is_caught_up: false }
    }
}

/// The place of a cursor, if it is one of this history.
fn opened(view: &View, cursor: &str) -> Result<Place> {
    let key = open(LIST, cursor)?;
    let (epoch, place) = key.split_once('\n').unwrap_or_default();
    let foreign = || Error::problem(ProblemCode::InvalidCursor, "The cursor was not given out by this feed.");
    let place = Place::parse(place).ok_or_else(foreign)?;
    let known = Place::end_of(view.ledger(), instant(place.at).min(view.latest()));
    if epoch == view.epoch() && (known.publications, known.at) == (place.publications, place.at) {
        return Ok(place);
    }
    let detail = "The cursor is of a history that is no more: a backup was restored. Read what is published anew, then follow \
                  the feed from `latest`.";
    Err(Error::problem(ProblemCode::ResyncRequired, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let past = |partnership: &str| Some(Past { partnership: partnership.to_owned(), changes: 3 });
        for place in [
            Place { publications: 0, at: 0, past: None },
            Place { publications: 7, at: 1_245_000_000_000_000, past: past("southwark") },
            Place { publications: 7, at: 1_245_000_000_000_000, past: past("") },
        ] {
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for text in ["", "7", "7 x", "7 8 9", "7 8 x southwark"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
