//! Releases: signed-off returns enter the ledger, or published figures are withdrawn, at once or at an embargo instant. That is
//! all that publishing takes.

mod parts;
mod reading;
mod rescheduling;

use std::collections::BTreeSet;

use chrono::Duration;
use entity::{Audience, AuditAction, ReleaseAction, ReleaseState, Scheme, edition};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

pub use reading::ReleaseQuery;
pub use rescheduling::Reschedule;

use parts::{Chosen, choose};

use super::{
    Exchange,
    idempotency::{IdempotencyKey, Once, trace},
    publishing::Announced,
    returns::check_reason,
};
use crate::{
    caller::{Caller, Scope},
    clock::Instant,
    problem::{Error, ProblemCode, Result},
    rules::{catalogue::Catalogue, free_text},
    store::{self, Tx, ledger, releases::NewRelease},
};

/// What is to be released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    /// Signed-off returns, by identifier; to withdraw figures, released ones.
    pub returns: Vec<Uuid>,
    /// Only their lines in these schemes; all that are the caller's to release unless given.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub schemes: Vec<Scheme>,
    /// What it does; it publishes unless given.
    #[serde(default = "publish")]
    pub action: ReleaseAction,
    /// Whom the release is for; everybody unless given. A withdrawal is for whom the figures were for.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// The embargo instant; at once unless given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = json!(null))]
    pub effective_at: Option<Instant>,
    /// What the releasing office says about it.
    #[serde(default)]
    pub note: Option<String>,
    /// Why figures are withdrawn; readers see it. A withdrawal must say it.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub reason: Option<String>,
}

impl ReleaseRequest {
    /// The release of returns at once, to everybody.
    pub fn of(returns: Vec<Uuid>) -> Self {
        Self {
            returns,
            schemes: Vec::new(),
            action: ReleaseAction::Publish,
            audience: None,
            effective_at: None,
            note: None,
            reason: None,
        }
    }
}

const fn publish() -> ReleaseAction {
    ReleaseAction::Publish
}

/// An act of publishing, or of withdrawing what was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Release {
    /// Its identifier. As `as_of` it reads what is published just after the release.
    pub id: Uuid,
    /// What it does.
    pub action: ReleaseAction,
    /// Where it stands.
    pub state: ReleaseState,
    /// The subject of the token that released; only for those who may see one of its returns.
    #[schema(example = "gol")]
    pub released_by: Option<String>,
    /// Whom it is for.
    pub audience: Audience,
    /// When it takes effect, or was to.
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Instant,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// What the releasing office says about it.
    pub note: Option<String>,
    /// Why figures are withdrawn.
    pub reason: Option<String>,
    /// Why it was moved or cancelled last.
    pub change_reason: Option<String>,
    /// Counts its changes; the entity tag of the release is this number in quotes.
    #[schema(example = 1)]
    pub version: i32,
    /// When it was cancelled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cancelled_at: Option<Instant>,
    /// The hash of the audit trail's anchor that was made with it, or with its last change.
    pub anchor: String,
    /// What it is about, as far as the reader may see it.
    pub returns: Vec<ReleasedReturn>,
}

/// A return in a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleasedReturn {
    /// The return.
    pub id: Uuid,
    /// The partnership, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// Which of its lines, by scheme.
    pub schemes: Vec<Scheme>,
}

impl ReleasedReturn {
    /// Enters a part of a return among the returns of a release.
    fn enter(returns: &mut Vec<Self>, id: Uuid, partnership: &str, scheme: Option<Scheme>) {
        match returns.iter_mut().find(|known| known.id == id) {
            Some(known) => known.schemes.extend(scheme),
            None => {
                let schemes = scheme.into_iter().collect();
                returns.push(Self { id, partnership: partnership.to_owned(), schemes });
            }
        }
    }
}

/// How far ahead an embargo may lie.
const LONGEST_EMBARGO: Duration = Duration::days(3653);

/// How many returns one release may name.
const MOST_RETURNS: usize = 1000;

impl Exchange {
    /// Releases signed-off returns, or withdraws released ones: a regional office the national indicators and crime measures
    /// of its region's partnerships, a partnership its own local ones. All of a release takes effect at one instant.
    ///
    /// # Errors
    /// `NOT_FOUND` for a return that is not there or not yours, `WRONG_STATE` for one that is not in the state for it or has
    /// nothing left to release, `NOT_YOUR_PARTNERSHIP` where nothing of it is yours to release, `RELEASE_OUT_OF_ORDER`.
    pub async fn release(
        &self,
        caller: &Caller,
        request: &ReleaseRequest,
        key: Option<&IdempotencyKey>,
    ) -> Result<Release> {
        let subject = caller.require(Scope::ReleasesWrite)?;
        check(request)?;
        let (catalogue, now) = self.newest_catalogue().await?;
        let catalogue = &catalogue;
        let once = Once { subject, key, operation: "POST releases", now };
        let id = Uuid::now_v7();
        let write = |announced: Announced| {
            self.once(once, request, move |tx| async move {
                self.begin_change(&tx, announced).await?;
                let making = Making { caller, subject, catalogue, now, id };
                self.write_release(&tx, making, request, announced).await
            })
        };
        let release = self.announced(request.effective_at, write).await?;
        if request.effective_at.is_none() {
            self.reach(release.effective_at).await?;
        }
        Ok(release)
    }

    /// Whatever can be refused is, before anything is written: a refusal is kept under its key.
    async fn write_release(
        &self,
        tx: &Tx,
        making: Making<'_>,
        request: &ReleaseRequest,
        announced: Announced,
    ) -> Result<Release> {
        let Making { caller, subject, catalogue, now, id } = making;
        let effective_at = ledger::first_free(&**tx, request.effective_at.unwrap_or(announced.at)).await?;
        let chosen = choose(tx, caller, catalogue, request, effective_at).await?;
        let audience = audience(request, &chosen)?;
        for part in &chosen {
            let is_withdrawal = request.action == ReleaseAction::Withdraw;
            check_order(tx, &part.as_entered(is_withdrawal), part.audience, effective_at).await?;
        }
        if let Some(embargo) = request.effective_at {
            self.check_embargo(tx, embargo).await?;
        }
        let mut editions = Vec::with_capacity(chosen.len());
        for Chosen { edition, audience, .. } in &chosen {
            let edition_id = match request.action {
                ReleaseAction::Publish => edition.id,
                ReleaseAction::Withdraw => parts::withdrawal_of(tx, edition, now).await?,
            };
            editions.push((edition_id, *audience));
        }
        let returns = parts::by_return(&chosen);
        let action = match request.action {
            ReleaseAction::Publish => AuditAction::Released,
            ReleaseAction::Withdraw => AuditAction::Withdrew,
        };
        let entries = returns.iter().map(|released| {
            let mut entry = trace(caller, subject, now, action, format!("returns/{}", released.id));
            entry.chain.clone_from(&released.partnership);
            entry.after = Some(
                json!({ "release": id, "schemes": released.schemes, "audience": audience, "effective_at": effective_at,
                    "note": request.note, "reason": request.reason })
                .to_string(),
            );
            entry
        });
        store::audit::record(&**tx, entries.collect()).await?;
        let (version, anchor) = self.end_change(tx, now).await?;
        let release = NewRelease {
            public_id: id,
            action: request.action,
            released_by: subject,
            audience,
            effective_at,
            created_at: now,
            note: request.note.as_deref(),
            reason: request.reason.as_deref(),
            anchor: &anchor,
        };
        let numbers: Vec<i64> = editions.iter().map(|(edition, _)| *edition).collect();
        let number = store::releases::insert(&**tx, release, &numbers).await?;
        let entries: Vec<ledger::Entry> = editions
            .iter()
            .map(|(edition_id, audience)| ledger::Entry {
                edition_id: *edition_id,
                audience: *audience,
                release_id: Some(number),
            })
            .collect();
        ledger::publish(&**tx, &entries, effective_at, version).await?;
        Ok(Release {
            id,
            action: request.action,
            // As it stands when the answer comes, which is repeated as it is.
            state: if request.effective_at.is_some() { ReleaseState::Scheduled } else { ReleaseState::Effective },
            released_by: Some(subject.to_owned()),
            audience,
            effective_at,
            created_at: now,
            note: request.note.clone(),
            reason: request.reason.clone(),
            change_reason: None,
            version: 1,
            cancelled_at: None,
            anchor,
            returns,
        })
    }

    /// Checks that an embargo lies ahead, and not beyond all reason.
    async fn check_embargo(&self, tx: &Tx, embargo: Instant) -> Result<()> {
        let now = self.time(ledger::clock(&**tx).await?)?;
        let detail = if embargo < now + self.margin() {
            format!("The embargo {} is over; it is {} now.", embargo.to_rfc3339(), now.to_rfc3339())
        } else if embargo > now + LONGEST_EMBARGO {
            format!("The embargo {} is more than ten years away.", embargo.to_rfc3339())
        } else {
            return Ok(());
        };
        Err(Error::problem(ProblemCode::InvalidDocument, detail))
    }
}

/// Revisions of one answer take effect in their order.
async fn check_order(tx: &Tx, edition: &edition::Model, audience: Audience, at: Instant) -> Result<()> {
    if !ledger::is_out_of_order(&**tx, edition, audience, at).await? {
        return Ok(());
    }
    let detail = "A later revision of the same answer takes effect before this instant, or an earlier one after it.";
    Err(Error::problem(ProblemCode::ReleaseOutOfOrder, detail))
}

/// Who makes which release, and when.
#[derive(Clone, Copy)]
struct Making<'a> {
    caller: &'a Caller,
    subject: &'a str,
    catalogue: &'a Catalogue,
    now: Instant,
    id: Uuid,
}

/// Where a release stands at an instant.
fn state(effective_at: Instant, cancelled_at: Option<Instant>, now: Instant) -> ReleaseState {
    match cancelled_at {
        Some(_) => ReleaseState::Cancelled,
        None if effective_at <= now => ReleaseState::Effective,
        None => ReleaseState::Scheduled,
    }
}

/// Whom a release is for: as asked, or, for a withdrawal, whom the figures were for.
fn audience(request: &ReleaseRequest, chosen: &[Chosen]) -> Result<Audience> {
    let of_parts: BTreeSet<Audience> = chosen.iter().map(|part| part.audience).collect();
    let mut of_parts = of_parts.into_iter();
    match (of_parts.next(), of_parts.next()) {
        (Some(audience), None) => Ok(audience),
        (Some(one), Some(other)) => {
            let detail = format!("The figures were released for {one} and for {other}: withdraw them in two releases.");
            Err(Error::problem(ProblemCode::InvalidDocument, detail))
        }
        (None, _) => Ok(request.audience.unwrap_or(Audience::Public)),
    }
}

/// Checks the shape of a request.
fn check(request: &ReleaseRequest) -> Result<()> {
    let distinct: BTreeSet<&Uuid> = request.returns.iter().collect();
    let withdraws = request.action == ReleaseAction::Withdraw;
    let detail = if request.returns.is_empty() {
        "The release names no returns."
    } else if request.returns.len() > MOST_RETURNS {
        "The release names more than 1,000 returns."
    } else if distinct.len() < request.returns.len() {
        "The release names a return twice."
    } else if request.note.as_deref().is_some_and(|note| free_text::check(note).is_err()) {
        "The note is too long, or has control characters in it."
    } else if withdraws && request.audience.is_some() {
        "A withdrawal is for whom the figures were for: it names no audience."
    } else if withdraws && request.reason.is_none() {
        "A withdrawal needs a reason."
    } else if !withdraws && request.reason.is_some() {
        "A release that publishes has a note; the reason of a revision stands in its return."
    } else {
        return request.reason.as_deref().map_or(Ok(()), check_reason);
    };
    Err(Error::problem(ProblemCode::InvalidDocument, detail))
}
