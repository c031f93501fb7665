//! The feed: every change in the order of effect, resumable at any place.

use std::fmt;

use chrono::Duration;
use entity::EditionKind;

use super::{ChangeQuery, PublishedChange};
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

/// A place in the feed: how many publications had taken effect by an instant, and how many changes of the last are past.
///
/// The number and the instant together are the state of the ledger: in another history they do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    publications: usize,
    at: i64,
    /// `None` after all of them.
    past: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.publications, self.at)?;
        self.past.map_or(Ok(()), |past| write!(f, "-{past}"))
    }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (publications, at) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let past = parts.next().map(str::parse).transpose().ok()?;
        parts.next().is_none().then_some(Self { publications, at, past })
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
        let limit = PageRequest { limit, cursor: None }.limit()?;
        let asked = Self::wanted(view, query)?;
        let ledger = view.ledger();
        let end = Place::end_of(ledger, view.as_of);
        let begin = match from {
            From::Beginning => Place { publications: 0, at: 0, past: None },
            From::Latest => end.clone(),
            From::Cursor(cursor) => opened(ledger, view, cursor)?,
        };
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
        let mut items = Vec::new();
        let mut looked_into = 0;
        for together in coming.chunk_by(|one, other| one.effective_at == other.effective_at) {
            let Some(at) = together.first().map(|first| first.effective_at) else { continue };
            let publications: Vec<&Published> = together.iter().filter(|of| concerns(of)).collect();
            if publications.is_empty() {
                continue;
            }
            if looked_into == MOST_PUBLICATIONS {
                let place = Place::end_of(ledger, at - Duration::microseconds(1));
                return Ok(Feed { items, next: place.seal(view.epoch()), is_caught_up: false });
            }
            looked_into += 1;
            let state = ledger.state(at);
            let past = begin.past.filter(|_| state.newest == begin.at).unwrap_or(0);
            let here = |past| Place { publications: state.publications, at: state.newest, past };
            let next_ones = (past, limit + 1 - items.len());
            let (changes, count) = self.changes_at(view, at, &publications, &asked, next_ones).await?;
            for (number, change) in changes.into_iter().enumerate() {
                if items.len() == limit {
                    let next = items.last().map(|(cursor, _): &(String, PublishedChange)| cursor.clone());
                    let next = next.unwrap_or_else(|| begin.seal(view.epoch()));
                    return Ok(Feed { items, next, is_caught_up: false });
                }
                let done = past + number + 1;
                items.push((here(Some(done).filter(|done| *done < count)).seal(view.epoch()), change));
            }
        }
        Ok(Feed { items, next: end.seal(view.epoch()), is_caught_up: true })
    }

    /// What publications at one instant changed: documents first, then figures by partnership; and how many there are.
    async fn changes_at(
        &self,
        view: &View,
        at: Instant,
        publications: &[&Published],
        wanted: &super::Wanted,
        (skip, take): (usize, usize),
    ) -> Result<(Vec<PublishedChange>, usize)> {
        let before = self.view_at(view, at - Duration::microseconds(1)).await?;
        let after = self.view_at(view, at).await?;
        let documents = self.document_changes(&before, &after, publications, wanted).await?;
        let mut count = documents.len();
        let mut changes: Vec<PublishedChange> = documents.into_iter().skip(skip).take(take).collect();
        let mut partnerships: Vec<i32> = publications.iter().filter_map(|of| of.partnership_id).collect();
        partnerships.sort_unstable();
        partnerships.dedup();
        for partnership in partnerships {
            let of_it: Vec<&Published> =
                publications.iter().copied().filter(|of| of.partnership_id == Some(partnership)).collect();
            let part = (skip.saturating_sub(count), take - changes.len());
            let (found, of_partnership) =
                self.figure_changes((&before, &after), partnership, &of_it, wanted, part).await?;
            changes.extend(found);
            count += of_partnership;
        }
        Ok((changes, count))
    }
}

/// The place of a cursor, if it is one of this history.
fn opened(ledger: &Ledger, view: &View, cursor: &str) -> Result<Place> {
    let key = open(LIST, cursor)?;
    let (epoch, place) = key.split_once('\n').unwrap_or_default();
    let foreign = || Error::problem(ProblemCode::InvalidCursor, "The cursor was not given out by this feed.");
    let place = Place::parse(place).ok_or_else(foreign)?;
    let known = Place::end_of(ledger, instant(place.at).min(view.as_of));
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
        for place in [
            Place { publications: 0, at: 0, past: None },
            Place { publications: 7, at: 1_245_000_000_000_000, past: Some(3) },
        ] {
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for text in ["", "7", "7-x", "7-8-9-1", "7-8-"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
