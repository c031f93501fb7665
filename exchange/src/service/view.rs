//! The view: what one reader sees at one instant. Every read takes one, and all reads of a request share it.

use std::sync::Arc;

use entity::Audience;

use super::Exchange;
use crate::{
    caller::Caller,
    clock::Instant,
    problem::{Error, ProblemCode, Result},
    rules::{
        catalogue::Catalogue,
        fact::{Fact, newest_visible},
        ledger::{Ledger, Published, State},
    },
};

/// What one reader sees at one instant.
///
/// What it shows never changes: publications take effect only after the instants of views taken before they were made.
#[derive(Debug, Clone)]
pub struct View {
    /// The instant.
    pub as_of: Instant,
    /// What the answers speak of.
    pub state: State,
    /// All metadata in effect.
    pub catalogue: Arc<Catalogue>,
    /// Who reads.
    pub caller: Arc<Caller>,
    ledger: Arc<Ledger>,
}

impl View {
    /// The publication of an edition, if the reader sees it and no later answer to the same collection has replaced it for
    /// this reader: a return replaces its predecessor whole, with what it leaves out.
    pub fn publication(&self, edition_id: i64) -> Option<&Published> {
        let publication = self.ledger.publication(edition_id)?;
        let newest = self.ledger.answers_like(publication).find(|publication| self.shows(publication))?;
        (newest.edition_id == edition_id).then_some(publication)
    }

    /// Of each figure's versions the one that the reader sees: that of the newest publication.
    pub fn newest(&self, facts: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
        newest_visible(facts, |edition| self.publication(edition).map(|publication| publication.effective_at))
    }

    /// The random mark of the database that entity tags carry.
    pub fn epoch(&self) -> &str {
        self.ledger.epoch()
    }

    /// Whether answers may differ between readers of the same instant, and so must not be shared between them.
    pub fn is_private(&self) -> bool {
        !self.caller.is_anonymous()
            && self.ledger.in_effect(self.as_of).iter().any(|publication| publication.audience != Audience::Public)
    }

    fn shows(&self, publication: &Published) -> bool {
        publication.effective_at <= self.as_of && self.is_for_caller(publication)
    }

    fn is_for_caller(&self, publication: &Published) -> bool {
        if publication.audience == Audience::Public {
            return true;
        }
        let Some(reported_for) = publication.partnership_id.and_then(|id| self.catalogue.partnerships.by_id(id)) else {
            return false;
        };
        if self.caller.may_see(reported_for) {
            return true;
        }
        let mut own = self.caller.partnerships.iter().filter_map(|code| self.catalogue.partnership(code));
        match publication.audience {
            Audience::Public => true,
            Audience::Region => own.any(|own| own.region.is_some() && own.region == reported_for.region),
            Audience::PeerGroup => {
                let group = self.catalogue.peer_group_of(&reported_for.code, publication.effective_at.date_naive());
                own.any(|own| group.is_some_and(|group| group.members.contains(&own.code)))
            }
        }
    }
}

impl Exchange {
    /// Takes a view: of now, or of an earlier instant.
    ///
    /// # Errors
    /// `FUTURE_AS_OF` for an instant that has not come.
    pub async fn view(&self, caller: Arc<Caller>, as_of: Option<Instant>) -> Result<View> {
        let (ledger, now) = self.ledger().await?;
        if let Some(asked) = as_of.filter(|asked| *asked > now) {
            let detail = format!("`as_of` is {}; it is {} now.", asked.to_rfc3339(), now.to_rfc3339());
            return Err(Error::problem(ProblemCode::FutureAsOf, detail));
        }
        let as_of = as_of.unwrap_or(now);
        let catalogue = self.catalogue(&ledger, as_of).await?;
        Ok(View { as_of, state: ledger.state(as_of), catalogue, caller, ledger })
    }
}
