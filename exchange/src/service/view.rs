//! The view: what one reader sees at one instant. Every read takes one, and all reads of a request share it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound};
use entity::{Audience, EditionKind};
use uuid::Uuid;

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

/// A moment that answers may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AsOf {
    /// An instant that has come.
    Instant(Instant),
    /// Just after a release took effect; for one that is still to come a preview, for those who may see it.
    Release(Uuid),
}

impl AsOf {
    /// Reads an RFC 3339 instant or the identifier of a release.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(release) = Uuid::parse_str(text) {
            return Ok(Self::Release(release));
        }
        let instant = DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc().trunc_subsecs(6));
        instant.map(Self::Instant).map_err(|_| {
            format!("`{text}` is neither an instant such as `2009-06-30T09:30:00Z` nor the identifier of a release.")
        })
    }
}

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
    /// Up to when everything in effect is shown; later only in a preview what its reader may see unpublished.
    now: Instant,
    /// The clock, which readers' time may stand behind for a moment.
    clock: Instant,
}

/// How an edition stands with a reader.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Its publication.
    pub publication: &'a Published,
    /// The publication that withdraws it: its figures are shown as withdrawn.
    pub withdrawn: Option<&'a Published>,
}

impl Standing<'_> {
    /// When what the reader sees of it took effect.
    pub fn since(&self) -> Instant {
        self.withdrawn.unwrap_or(self.publication).effective_at
    }
}

impl View {
    /// How an edition stands, if the reader sees it and no later answer to the same collection has replaced it for this
    /// reader: a return replaces its predecessor whole, with what it leaves out.
    pub fn standing(&self, edition_id: i64) -> Option<Standing<'_>> {
        let publication = self.ledger.publication(edition_id)?;
        if publication.kind == EditionKind::Metadata {
            return self.shows(publication).then_some(Standing { publication, withdrawn: None });
        }
        let newest = self.ledger.answers_like(publication).find(|publication| self.shows(publication))?;
        if newest.edition_id == edition_id {
            Some(Standing { publication, withdrawn: None })
        } else if newest.withdraws == Some(edition_id) {
            Some(Standing { publication, withdrawn: Some(newest) })
        } else {
            None
        }
    }

    /// The publication of an edition that the reader sees and that is not withdrawn.
    pub fn publication(&self, edition_id: i64) -> Option<&Published> {
        self.standing(edition_id).filter(|standing| standing.withdrawn.is_none()).map(|standing| standing.publication)
    }

    /// Of each figure's versions the one that the reader sees: that of the newest publication. One that is withdrawn keeps
    /// its place, and says nothing any more.
    pub fn newest(&self, facts: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
        newest_visible(facts, |edition| {
            let standing = self.standing(edition)?;
            // A tombstone stands in the place of what it withdraws: what was published later counts all the same.
            Some((standing.publication.effective_at, standing.withdrawn.is_some()))
        })
    }

    /// The editions whose figures the reader sees of some partnerships, or of all if none are named, where they are few among all
    /// that have been published: a read of figures then leaves the others in the database.
    pub(super) fn editions_of(&self, partnerships: &[i32]) -> Option<Vec<i64>> {
        let newest = self.ledger.newest_answers(partnerships, |publication| self.shows(publication))?;
        Some(newest.map(|publication| publication.withdraws.unwrap_or(publication.edition_id)).collect())
    }

    /// The random mark of the database that entity tags carry.
    pub fn epoch(&self) -> &str {
        self.ledger.epoch()
    }

    /// Whether answers may differ between readers of the same instant, and so must not be shared between them.
    pub fn is_private(&self) -> bool {
        self.state.preview.is_some() || !self.caller.is_anonymous() && self.ledger.is_restricted(self.as_of)
    }

    /// How far any reader's time may have come when the view was taken.
    pub(super) fn latest(&self) -> Instant {
        self.clock
    }

    /// The ledger that the view rests on.
    pub(super) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Whether the reader sees a publication, be it replaced or not.
    pub(super) fn shows(&self, publication: &Published) -> bool {
        publication.effective_at <= self.as_of
            && self.is_for_caller(publication)
            && (publication.effective_at <= self.now || self.may_preview(publication))
    }

    /// What is still to come is for those who may see the return that it comes from.
    fn may_preview(&self, publication: &Published) -> bool {
        let reported_for = publication.partnership_id.and_then(|id| self.catalogue.partnerships.by_id(id));
        reported_for.is_none_or(|partnership| self.caller.may_see_unpublished(partnership))
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
    /// Takes a view: of now, of an earlier instant, or as it reads after a release.
    ///
    /// # Errors
    /// `FUTURE_AS_OF` for an instant that has not come; `INVALID_PARAMETER` for a release that is not there, was cancelled, or
    /// is still to come and not the caller's to see.
    pub async fn view(&self, caller: Arc<Caller>, as_of: Option<AsOf>) -> Result<View> {
        let (ledger, now, clock) = match as_of {
            None => self.glance().await?,
            Some(AsOf::Instant(asked)) => self.ledger_of(asked).await?,
            // One that is still to come is there to be previewed as soon as it is made.
            Some(AsOf::Release(_)) => self.ledger_and_clock().await?,
        };
        let as_of = match as_of {
            None => now,
            Some(AsOf::Instant(asked)) => asked,
            Some(AsOf::Release(release)) => {
                let effect = ledger.effect_of(release);
                return self.view_after(caller, ledger, (now, clock), release, effect).await;
            }
        };
        let catalogue = self.catalogue(&ledger, as_of).await?;
        Ok(View { as_of, state: ledger.state(as_of), catalogue, caller, ledger, now, clock })
    }

    async fn view_after(
        &self,
        caller: Arc<Caller>,
        ledger: Arc<Ledger>,
        (now, clock): (Instant, Instant),
        release: Uuid,
        effect: Option<Instant>,
    ) -> Result<View> {
        // What a stranger may not know of reads as if it were not there.
        let unknown = || Error::parameter("as_of", format!("there is no release {release} that you may read after."));
        let as_of = effect.ok_or_else(unknown)?;
        let catalogue = self.catalogue(&ledger, as_of).await?;
        // What else a preview shows may come into effect before it does, or be changed.
        let state = if as_of > now {
            State { preview: Some((ledger.version(), release)), ..ledger.state(now) }
        } else {
            ledger.state(as_of)
        };
        let view = View { as_of, state, catalogue, caller, ledger, now, clock };
        let of_release = view.ledger.in_effect(as_of).iter().rev().take_while(|other| other.effective_at == as_of);
        if of_release.filter(|other| other.release_id == Some(release)).any(|other| view.shows(other)) {
            Ok(view)
        } else {
            Err(unknown())
        }
    }

    /// The ledger once readers' time has reached an instant: it may be held for a moment by a change that is under way.
    async fn ledger_of(&self, asked: Instant) -> Result<(Arc<Ledger>, Instant, Instant)> {
        let (ledger, now, clock) = self.glance().await?;
        if asked <= now {
            return Ok((ledger, now, clock));
        }
        for _ in 0..ATTEMPTS {
            let (ledger, now, clock) = self.ledger_and_clock().await?;
            if asked <= now {
                return Ok((ledger, now, clock));
            }
            if asked > clock {
                let detail = format!("`as_of` is {}; it is {} now.", asked.to_rfc3339(), now.to_rfc3339());
                return Err(Error::problem(ProblemCode::FutureAsOf, detail));
            }
            tokio::time::sleep(PAUSE).await;
        }
        let detail = "A publication is under way that may touch this instant; repeat the request.";
        Err(Error::problem(ProblemCode::Overloaded, detail))
    }

    /// The view of a caller at an instant that has come, over a ledger that is known.
    pub(super) async fn view_at(&self, of: &View, as_of: Instant) -> Result<View> {
        let catalogue = self.catalogue(&of.ledger, as_of).await?;
        let state = of.ledger.state(as_of);
        let (caller, ledger) = (Arc::clone(&of.caller), Arc::clone(&of.ledger));
        Ok(View { as_of, state, catalogue, caller, ledger, now: of.now, clock: of.clock })
    }
}

/// How often a reader looks whether time goes on, and how long it waits between.
const ATTEMPTS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);
