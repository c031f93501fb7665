//! Reading releases: those in effect by whom they are for, those to come and those cancelled by who may see their returns.

use std::collections::HashMap;

use entity::ReleaseState;
use uuid::Uuid;

use super::{Release, ReleasedReturn, state};
use crate::{
    clock::instant,
    problem::{Error, Result},
    service::{
        Exchange,
        page::{Page, PageRequest, seal},
        view::View,
    },
    store::{
        self,
        releases::{Part, StoredRelease},
    },
};

/// How many releases are read at a time: a reader may be shown few of them.
const BATCH: u16 = 1000;

/// Which releases a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseQuery {
    /// Only in this state.
    pub state: Option<ReleaseState>,
    /// Only of this partnership's returns, by code.
    pub partnership: Option<String>,
}

impl Exchange {
    /// Reads a release, as far as the caller may see it.
    ///
    /// # Errors
    /// `NOT_FOUND` for a release that is not there, or not to be seen.
    pub async fn find_release(&self, view: &View, id: Uuid) -> Result<Release> {
        let reader = self.database().reader();
        let missing = || Error::not_found(format!("release {id}"));
        let stored = store::releases::find(reader, id).await?.ok_or_else(missing)?;
        let parts = store::releases::parts(reader, &[stored.id]).await?;
        told(view, &stored, &parts).ok_or_else(missing)
    }

    /// Lists the releases that the caller may see, in the order in which they were made.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`, `INVALID_CURSOR`.
    pub async fn list_releases(
        &self,
        view: &View,
        query: &ReleaseQuery,
        request: &PageRequest,
    ) -> Result<Page<Release>> {
        const LIST: &str = "releases";
        let limit = request.limit()?;
        let mut walk = request.walk(LIST)?;
        if let Some(code) = &query.partnership
            && view.catalogue.partnership(code).is_none()
        {
            return Err(Error::parameter("partnership", format!("`{code}` is not registered.")));
        }
        let is_asked_for = |release: &Release| {
            query.state.is_none_or(|state| state == release.state)
                && query.partnership.as_ref().is_none_or(|code| {
                    release.returns.iter().any(|released| released.partnership.eq_ignore_ascii_case(code))
                })
        };
        let reader = self.database().reader();
        let mut items = Vec::new();
        loop {
            let batch = store::releases::list(reader, walk, BATCH.into()).await?;
            let exhausted = batch.len() < BATCH.into();
            walk.from = batch.last().map(|stored| stored.id).or(walk.from);
            let numbers: Vec<i64> = batch.iter().map(|stored| stored.id).collect();
            let mut parts: HashMap<i64, Vec<Part>> = HashMap::new();
            for part in store::releases::parts(reader, &numbers).await? {
                parts.entry(part.release_id).or_default().push(part);
            }
            for stored in &batch {
                let parts = parts.get(&stored.id).map(Vec::as_slice).unwrap_or_default();
                if let Some(release) = told(view, stored, parts).filter(&is_asked_for) {
                    items.push((seal(LIST, &stored.id.to_string()), release));
                }
            }
            if exhausted || items.len() > limit {
                return Ok(Page::walked(request, limit, items));
            }
        }
    }
}

/// A release as a reader may see it, if there is anything to be seen.
pub(super) fn told(view: &View, stored: &StoredRelease, parts: &[Part]) -> Option<Release> {
    let effective_at = instant(stored.effective_at);
    let cancelled_at = stored.cancelled_at.map(instant);
    let state = state(effective_at, cancelled_at, view.as_of);
    let mut returns = Vec::new();
    let mut is_own = false;
    for Part { edition, return_id, .. } in parts {
        let Some(partnership) = edition.partnership_id.and_then(|id| view.catalogue.partnerships.by_id(id)) else {
            continue;
        };
        let own = view.caller.may_see_unpublished(partnership);
        is_own |= own;
        let is_shown = || view.ledger().publication(edition.id).is_some_and(|publication| view.shows(publication));
        if !own && !is_shown() {
            continue;
        }
        ReleasedReturn::enter(&mut returns, *return_id, &partnership.code, edition.scheme);
    }
    if returns.is_empty() || (!is_own && state != ReleaseState::Effective) {
        return None;
    }
    Some(Release {
        id: stored.public_id,
        action: stored.action,
        state,
        released_by: is_own.then(|| stored.released_by.clone()),
        audience: stored.audience,
        effective_at,
        created_at: instant(stored.created_at),
        note: stored.note.clone(),
        reason: stored.reason.clone(),
        change_reason: stored.change_reason.clone(),
        version: stored.version,
        cancelled_at,
        anchor: stored.anchor.clone(),
        returns,
    })
}
