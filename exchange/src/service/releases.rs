//! Releases: signed-off returns enter the ledger, at once or at an embargo instant. That is all that publishing takes.

use std::collections::BTreeSet;

use chrono::Duration;
use entity::{Audience, AuditAction, EditionKind, ReturnState, edition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Exchange,
    idempotency::{IdempotencyKey, Once, trace},
    returns::own_return,
};
use crate::{
    caller::{Caller, Scope},
    clock::{Instant, instant, micros},
    problem::{Error, ProblemCode, Result},
    rules::{
        catalogue::{Known, Partnership},
        free_text,
    },
    store::{self, Tx, ledger, returns::StoredReturn},
};

/// What is to be released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    /// Signed-off returns, by identifier.
    pub returns: Vec<Uuid>,
    /// Whom the release is for; everybody unless given.
    #[serde(default = "public")]
    pub audience: Audience,
    /// The embargo instant; at once unless given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = json!(null))]
    pub effective_at: Option<Instant>,
    /// What the releasing office says about it.
    #[serde(default)]
    pub note: Option<String>,
}

const fn public() -> Audience {
    Audience::Public
}

/// An act of publishing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Release {
    /// Its identifier.
    pub id: Uuid,
    /// The subject of the token that released.
    #[schema(example = "gol")]
    pub released_by: String,
    /// Whom it is for.
    pub audience: Audience,
    /// When it takes effect.
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Instant,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// What the releasing office says about it.
    pub note: Option<String>,
    /// What it published.
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
    /// Which of its figures: the national ones (`RETURN_NATIONAL`) or the partnership's own (`RETURN_LOCAL`).
    pub parts: Vec<EditionKind>,
}

/// How far ahead an embargo may lie.
const LONGEST_EMBARGO: Duration = Duration::days(3653);

/// How many returns one release may name.
const MOST_RETURNS: usize = 1000;

impl Exchange {
    /// Releases signed-off returns: a regional office the national indicators of its region's partnerships, a partnership
    /// its own local ones. All of a release takes effect at one instant.
    ///
    /// # Errors
    /// `NOT_FOUND` for a return that is not there or not yours, `WRONG_STATE` for one that is not signed off or has nothing
    /// left to release, `NOT_YOUR_PARTNERSHIP` where nothing of it is yours to release, `RELEASE_OUT_OF_ORDER`.
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
        let id = Uuid::now_v7();
        let once = Once { subject, key, operation: "POST releases", now };
        let release = self
            .once(once, request, move |tx| async move {
                ledger::lock(&*tx).await?;
                // Whatever can be refused is, before anything is written: a refusal is kept under its key.
                self.check_embargo(&tx, request.effective_at).await?;
                let mut parts = Vec::new();
                let mut returns = Vec::new();
                for return_id in &request.returns {
                    let (stored, partnership) = own_return(store::returns::find(&*tx, *return_id).await?, caller, catalogue, *return_id)?;
                    let kinds = releasable(&tx, caller, &stored, partnership, &mut parts).await?;
                    returns.push((
                        stored,
                        ReleasedReturn { id: *return_id, partnership: partnership.code.clone(), parts: kinds },
                    ));
                }
                // Within a release the order of sign-off decides, as it does between releases.
                parts.sort_by_key(|edition| edition.id);
                for edition in &parts {
                    if ledger::is_out_of_order(&*tx, edition, request.effective_at.unwrap_or(now)).await? {
                        let detail = "A later return for the same partnership and collection is released already, or an \
                                      earlier one is to take effect later.";
                        return Err(Error::problem(ProblemCode::ReleaseOutOfOrder, detail));
                    }
                }
                let entries = returns.iter().map(|(stored, released)| {
                    let mut entry =
                        trace(caller, subject, now, AuditAction::Released, format!("returns/{}", released.id));
                    entry.partnership_id = Some(stored.partnership_id);
                    entry.after = serde_json::to_string(released).ok();
                    entry
                });
                store::audit::record(&*tx, entries.collect()).await?;
                // Drawn last: the margin is for what still has to be done.
                let effective_at = self.slot(&tx, request.effective_at).await?;
                let release = ledger::NewRelease {
                    public_id: id,
                    released_by: subject,
                    audience: request.audience,
                    effective_at,
                    created_at: now,
                    note: request.note.as_deref(),
                };
                let number = ledger::insert_release(&*tx, release).await?;
                let parts: Vec<i64> = parts.iter().map(|edition| edition.id).collect();
                ledger::publish(&*tx, &parts, effective_at, request.audience, Some(number)).await?;
                ledger::count(&*tx).await?;
                self.in_time(&tx, effective_at).await?;
                Ok(Release {
                    id,
                    released_by: subject.to_owned(),
                    audience: request.audience,
                    effective_at,
                    created_at: now,
                    note: request.note.clone(),
                    returns: returns.into_iter().map(|(_, released)| released).collect(),
                })
            })
            .await?;
        if request.effective_at.is_none() {
            self.clock.wait_until(self.now().await?, release.effective_at).await;
        }
        Ok(release)
    }

    /// Checks that an embargo lies ahead, and not beyond all reason.
    async fn check_embargo(&self, tx: &Tx, embargo: Option<Instant>) -> Result<()> {
        let Some(embargo) = embargo else { return Ok(()) };
        let now = self.time(ledger::head(&**tx).await?.clock)?;
        let detail = if embargo < now + self.margin() {
            format!("The embargo {} is over; it is {} now.", embargo.to_rfc3339(), now.to_rfc3339())
        } else if embargo > now + LONGEST_EMBARGO {
            format!("The embargo {} is more than ten years away.", embargo.to_rfc3339())
        } else {
            return Ok(());
        };
        Err(Error::problem(ProblemCode::InvalidDocument, detail))
    }

    fn margin(&self) -> Duration {
        Duration::from_std(self.settings.margin).unwrap_or_default()
    }

    /// An instant of effect that no other release or change of the catalogue has: the embargo, or the margin ahead of the
    /// clock. The ledger's head must be locked.
    pub(super) async fn slot(&self, tx: &Tx, embargo: Option<Instant>) -> Result<Instant> {
        let earliest = self.time(ledger::head(&**tx).await?.clock)? + self.margin();
        if embargo.is_some_and(|embargo| embargo < earliest) {
            // It has come so near since it was checked: run again, it is refused.
            return Err(Error::internal("publishing", ledger::TooLate));
        }
        let mut slot = instant(micros(embargo.unwrap_or(earliest)));
        while ledger::is_taken(&**tx, slot).await? {
            slot += Duration::microseconds(1);
        }
        Ok(slot)
    }

    /// Fails when the clock has passed an instant of effect, so that nothing can appear in the past.
    pub(super) async fn in_time(&self, tx: &Tx, effective_at: Instant) -> Result<()> {
        let now = self.time(ledger::head(&**tx).await?.clock)?;
        // Half the margin is left for the transaction to end, which may have to reach a disk or a standby.
        if now + self.margin() / 2 > effective_at {
            Err(Error::internal("publishing", ledger::TooLate))
        } else {
            Ok(())
        }
    }
}

/// Checks the shape of a request.
fn check(request: &ReleaseRequest) -> Result<()> {
    let distinct: BTreeSet<&Uuid> = request.returns.iter().collect();
    let detail = if request.returns.is_empty() {
        "The release names no returns."
    } else if request.returns.len() > MOST_RETURNS {
        "The release names more than 1,000 returns."
    } else if distinct.len() < request.returns.len() {
        "The release names a return twice."
    } else if request.note.as_deref().is_some_and(|note| free_text::check(note).is_err()) {
        "The note is too long, or has control characters in it."
    } else {
        return Ok(());
    };
    Err(Error::problem(ProblemCode::InvalidDocument, detail))
}

/// Collects the editions of a return that the caller may release now.
async fn releasable(
    tx: &Tx,
    caller: &Caller,
    stored: &StoredReturn,
    partnership: &Known<Partnership>,
    parts: &mut Vec<edition::Model>,
) -> Result<Vec<EditionKind>> {
    let id = stored.public_id;
    if stored.state != ReturnState::SignedOff {
        let detail = format!("The return {id} is {}; only a signed-off return can be released.", stored.state);
        return Err(Error::problem(ProblemCode::WrongState, detail));
    }
    let mut kinds = Vec::new();
    let mut left = 0;
    for edition in ledger::editions_of(&**tx, stored.id).await? {
        if ledger::is_published(&**tx, edition.id).await? {
            continue;
        }
        left += 1;
        let yours = match edition.kind {
            EditionKind::ReturnNational => caller.speaks_for_region_of(partnership),
            EditionKind::ReturnLocal => caller.speaks_for(partnership),
            EditionKind::Metadata => false,
        };
        if !yours {
            continue;
        }
        kinds.push(edition.kind);
        parts.push(edition);
    }
    if left == 0 {
        let detail = format!("Everything of the return {id} has been released.");
        return Err(Error::problem(ProblemCode::WrongState, detail));
    }
    if kinds.is_empty() {
        let detail = format!(
            "What is left of the return {id} is not yours to release: a regional office releases the national indicators of \
             its region, a partnership its own local ones."
        );
        return Err(Error::problem(ProblemCode::NotYourPartnership, detail));
    }
    Ok(kinds)
}
