//! Reading returns and their reports: by their partnership and its regional office, and by nobody else.

use std::collections::HashMap;

use entity::ReturnState;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ReturnSummary, own_return, summary};
use crate::{
    caller::{Caller, Scope},
    clock::Instant,
    problem::{Error, Report, Result},
    rules::{
        ledger::Ledger,
        line::{Line, ReportedComparison},
    },
    service::{
        Exchange,
        page::{Page, PageRequest, seal},
    },
    store::{
        self,
        returns::{ReturnFilter, StoredReturn},
    },
};

/// A return with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReturnDocument {
    /// What it is and where it stands.
    #[serde(flatten)]
    pub summary: ReturnSummary,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Comparisons with a peer group as the source prints them.
    pub reported_comparisons: Vec<ReportedComparison>,
}

/// Which returns a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnQuery {
    /// Only this partnership.
    pub partnership: Option<String>,
    /// Only this collection.
    pub collection: Option<String>,
    /// Only this state.
    pub state: Option<ReturnState>,
}

const READING: [Scope; 3] = [Scope::ReturnsRead, Scope::ReturnsWrite, Scope::ReturnsSignOff];

impl Exchange {
    /// Reads a return.
    ///
    /// # Errors
    /// `MISSING_SCOPE`; `NOT_FOUND` for a return that is not there or not yours.
    pub async fn find_return(&self, caller: &Caller, id: Uuid) -> Result<ReturnDocument> {
        caller.require_any(&READING)?;
        let reader = self.database().reader();
        let (ledger, now) = self.ledger().await?;
        let catalogue = self.catalogue(&ledger, Instant::MAX_UTC).await?;
        loop {
            let (stored, _) = own_return(store::returns::find(reader, id).await?, caller, &catalogue, id)?;
            let lines = store::returns::lines(reader, stored.id).await?;
            let comparisons = store::returns::reported_comparisons(reader, stored.id).await?;
            let states = self.states(std::slice::from_ref(&stored), &ledger, now).await?;
            let again = store::returns::find(reader, id).await?;
            if again.is_none_or(|again| again.version != stored.version) {
                // It was changed while it was read.
                continue;
            }
            let state = states.get(&stored.id).copied().unwrap_or(stored.state);
            return Ok(ReturnDocument {
                summary: summary(&stored, &catalogue, state),
                lines,
                reported_comparisons: comparisons.into_iter().map(|numbered| numbered.comparison).collect(),
            });
        }
    }

    /// Lists the returns that the caller may see, oldest first.
    ///
    /// # Errors
    /// `MISSING_SCOPE`, `INVALID_PARAMETER`, `INVALID_CURSOR`.
    pub async fn list_returns(
        &self,
        caller: &Caller,
        query: &ReturnQuery,
        request: &PageRequest,
    ) -> Result<Page<ReturnSummary>> {
        const LIST: &str = "returns";
        caller.require_any(&READING)?;
        let limit = request.limit()?;
        let mut walk = request.walk(LIST)?;
        let (ledger, now) = self.ledger().await?;
        let catalogue = self.catalogue(&ledger, Instant::MAX_UTC).await?;
        let wanted = query.partnership.as_deref().map(|code| {
            catalogue
                .partnership(code)
                .map(|known| known.id)
                .ok_or_else(|| Error::parameter("partnership", format!("`{code}` is not registered.")))
        });
        let wanted = wanted.transpose()?;
        let collection = query.collection.as_deref().map(|code| {
            catalogue
                .collection(code)
                .map(|known| known.id)
                .ok_or_else(|| Error::parameter("collection", format!("`{code}` is not registered.")))
        });
        let visible =
            catalogue.partnerships.iter().filter(|(_, known)| caller.may_see(known)).map(|(_, known)| known.id);
        let mut filter = ReturnFilter {
            partnerships: visible.filter(|id| wanted.is_none_or(|wanted| wanted == *id)).collect(),
            collection: collection.transpose()?,
            // What the ledger makes of a return is not stored: it is read as signed off, and judged below.
            states: match query.state {
                None => Vec::new(),
                Some(ReturnState::Released) => vec![ReturnState::SignedOff],
                Some(ReturnState::Superseded) => vec![ReturnState::SignedOff, ReturnState::Superseded],
                Some(ReturnState::Withdrawn) => vec![ReturnState::SignedOff, ReturnState::Withdrawn],
                Some(other) => vec![other],
            },
        };
        filter.partnerships.sort_unstable();
        let mut items = Vec::new();
        loop {
            let batch = store::returns::list(self.database().reader(), &filter, walk, limit as u64 + 1).await?;
            let exhausted = batch.len() <= limit;
            let states = self.states(&batch, &ledger, now).await?;
            for stored in batch {
                walk.from = Some(stored.id);
                let state = states.get(&stored.id).copied().unwrap_or(stored.state);
                if query.state.is_none_or(|wanted| wanted == state) {
                    items.push((seal(LIST, &stored.id.to_string()), summary(&stored, &catalogue, state)));
                }
            }
            if exhausted || items.len() > limit {
                return Ok(Page::walked(request, limit, items));
            }
        }
    }

    /// Reads a validation report.
    ///
    /// # Errors
    /// `MISSING_SCOPE`; `NOT_FOUND` for a report that is not there or not yours.
    pub async fn find_report(&self, caller: &Caller, id: Uuid) -> Result<Report> {
        caller.require_any(&READING)?;
        let (catalogue, _) = self.newest_catalogue().await?;
        let found = store::returns::find_report(self.database().reader(), id).await?;
        let mine = found.filter(|(partnership, _)| {
            catalogue.partnership(partnership).is_some_and(|partnership| caller.may_see(partnership))
        });
        mine.map(|(_, report)| report).ok_or_else(|| Error::not_found(format!("report {id}")))
    }

    /// Where returns stand, by their numbers: released when all of their editions are in effect, withdrawn or superseded when
    /// all of those have been withdrawn or replaced. One statement for all returns.
    async fn states(
        &self,
        returns: &[StoredReturn],
        ledger: &Ledger,
        now: Instant,
    ) -> Result<HashMap<i64, ReturnState>> {
        let signed_off = returns.iter().filter(|stored| stored.state == ReturnState::SignedOff).map(|stored| stored.id);
        let signed_off: Vec<i64> = signed_off.collect();
        let editions = store::ledger::editions_by_return(self.database().reader(), &signed_off).await?;
        let state = |stored: &StoredReturn| {
            let Some(editions) = editions.get(&stored.id) else { return stored.state };
            let in_effect: Vec<_> = editions
                .iter()
                .filter_map(|edition| ledger.publication(*edition))
                .filter(|publication| publication.effective_at <= now)
                .collect();
            let replaced: Vec<_> =
                in_effect.iter().filter_map(|publication| ledger.replaced_by(publication, now)).collect();
            if in_effect.len() < editions.len() {
                ReturnState::SignedOff
            } else if replaced.len() < in_effect.len() {
                ReturnState::Released
            } else if replaced.iter().all(|by| by.withdraws.is_some() && by.return_id == Some(stored.public_id)) {
                ReturnState::Withdrawn
            } else {
                ReturnState::Superseded
            }
        };
        Ok(returns.iter().map(|stored| (stored.id, state(stored))).collect())
    }
}
