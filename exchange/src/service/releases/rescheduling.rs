//! Before its embargo is over a release can be moved or cancelled, with a reason.

use entity::AuditAction;
use serde_json::json;
use uuid::Uuid;

use super::{Release, check_order, parts::may_release, reading::told};
use crate::{
    caller::{Caller, Scope},
    clock::{Instant, instant},
    problem::{Error, ProblemCode, Result},
    service::{Exchange, idempotency::trace, publishing::Announced, returns::check_reason, view::View},
    store::{
        self, Tx, ledger,
        releases::{Part, Rescheduled, StoredRelease},
    },
};

/// What is to become of a release whose embargo is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reschedule<'a> {
    /// It is to take effect at another instant.
    Move {
        /// When.
        to: Instant,
        /// Why.
        reason: &'a str,
    },
    /// It is not to take effect at all; its returns can be released again.
    Cancel {
        /// Why.
        reason: &'a str,
    },
}

impl Reschedule<'_> {
    const fn reason(&self) -> &str {
        match self {
            Self::Move { reason, .. } | Self::Cancel { reason } => reason,
        }
    }
}

impl Exchange {
    /// Moves or cancels a release before its embargo is over.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_YOUR_PARTNERSHIP`; `PRECONDITION_FAILED` if it is no longer at `version`; `WRONG_STATE` once it is in
    /// effect or cancelled, `RELEASE_OUT_OF_ORDER` where revisions would change places.
    pub async fn reschedule_release(
        &self,
        view: &View,
        id: Uuid,
        version: Option<i32>,
        change: Reschedule<'_>,
    ) -> Result<Release> {
        let caller = &*view.caller;
        caller.require(Scope::ReleasesWrite)?;
        let before = self.own_release(view, id).await?.0;
        check_version(&before, version)?;
        let now = self.now().await?;
        let touched = match change {
            Reschedule::Move { to, .. } => instant(before.effective_at).min(to),
            Reschedule::Cancel { .. } => instant(before.effective_at),
        };
        let write = |announced: Announced| {
            self.database().write(move |tx| async move {
                self.begin_change(&tx, announced).await?;
                self.write_rescheduled(&tx, view, (id, version), (change, announced), now).await
            })
        };
        self.announced(Some(touched), write).await
    }

    /// A release that the caller may change, with its parts.
    async fn own_release(&self, view: &View, id: Uuid) -> Result<(StoredRelease, Vec<Part>)> {
        let reader = self.database().reader();
        let stored =
            store::releases::find(reader, id).await?.ok_or_else(|| Error::not_found(format!("release {id}")))?;
        let parts = store::releases::parts(reader, &[stored.id]).await?;
        if told(view, &stored, &parts).is_none() {
            return Err(Error::not_found(format!("release {id}")));
        }
        if parts.iter().all(|part| is_yours(&view.caller, view, part)) {
            return Ok((stored, parts));
        }
        let detail = "The release is not yours: who may release all that it is about may change it.";
        Err(Error::problem(ProblemCode::NotYourPartnership, detail))
    }

    async fn write_rescheduled(
        &self,
        tx: &Tx,
        view: &View,
        (id, version): (Uuid, Option<i32>),
        (change, announced): (Reschedule<'_>, Announced),
        now: Instant,
    ) -> Result<Release> {
        let caller = &*view.caller;
        let subject = caller.subject()?;
        let before =
            store::releases::find(&**tx, id).await?.ok_or_else(|| Error::not_found(format!("release {id}")))?;
        check_version(&before, version)?;
        let parts = store::releases::parts(&**tx, &[before.id]).await?;
        let clock = self.time(ledger::clock(&**tx).await?)?;
        // One that is about to take effect could only be changed behind the back of readers who are there already.
        if before.cancelled_at.is_some() || instant(before.effective_at) < announced.at {
            let stands = match before.cancelled_at {
                Some(_) => "is cancelled",
                None if instant(before.effective_at) <= clock => "has taken effect",
                None => "is about to take effect",
            };
            let detail = format!("The release {stands}; only one whose embargo is not over can be moved or cancelled.");
            return Err(Error::problem(ProblemCode::WrongState, detail));
        }
        let (effective_at, cancelled_at) = match change {
            Reschedule::Move { to, .. } => (ledger::first_free(&**tx, to).await?, None),
            Reschedule::Cancel { .. } => (instant(before.effective_at), Some(now)),
        };
        for part in &parts {
            if cancelled_at.is_none() {
                check_order(tx, &part.edition, before.audience, effective_at).await?;
            } else if ledger::is_withdrawn(&**tx, part.edition.id).await? {
                let detail = "What it releases is to be withdrawn later: cancel the withdrawal first.";
                return Err(Error::problem(ProblemCode::ReleaseOutOfOrder, detail));
            }
        }
        check_reason(change.reason())?;
        if let Reschedule::Move { to, .. } = change {
            self.check_embargo(tx, to).await?;
        }
        let action = if cancelled_at.is_some() { AuditAction::ReleaseCancelled } else { AuditAction::ReleaseMoved };
        let mut entries = Vec::new();
        for part in &parts {
            let partnership = part.edition.partnership_id.and_then(|id| view.catalogue.partnerships.by_id(id));
            let chain = partnership.map(|known| known.code.clone()).unwrap_or_default();
            if entries.iter().any(|entry: &store::audit::Entry<'_>| entry.chain == chain) {
                continue;
            }
            let mut entry = trace(caller, subject, now, action, format!("releases/{id}"));
            entry.chain = chain;
            entry.before = Some(json!({ "effective_at": instant(before.effective_at) }).to_string());
            let after = (cancelled_at.is_none()).then_some(effective_at);
            entry.after = Some(json!({ "effective_at": after, "reason": change.reason() }).to_string());
            entries.push(entry);
        }
        store::audit::record(&**tx, entries).await?;
        let (ledger_version, anchor) = self.end_change(tx, now).await?;
        ledger::reschedule(&**tx, before.id, cancelled_at.is_none().then_some(effective_at), ledger_version).await?;
        let rescheduled = Rescheduled { effective_at, cancelled_at, reason: change.reason(), anchor: &anchor };
        if !store::releases::reschedule(&**tx, &before, rescheduled).await? {
            return Err(changed_meanwhile());
        }
        let after = store::releases::find(&**tx, id).await?.ok_or_else(|| Error::not_found(format!("release {id}")))?;
        told(view, &after, &parts).ok_or_else(|| Error::not_found(format!("release {id}")))
    }
}

fn is_yours(caller: &Caller, view: &View, part: &Part) -> bool {
    let partnership = part.edition.partnership_id.and_then(|id| view.catalogue.partnerships.by_id(id));
    partnership.is_some_and(|partnership| may_release(caller, part.edition.scheme, partnership))
}

fn check_version(stored: &StoredRelease, version: Option<i32>) -> Result<()> {
    match version {
        Some(version) if version == stored.version => Ok(()),
        Some(_) => Err(changed_meanwhile()),
        None => {
            let detail = "Changing a release needs If-Match with its entity tag.";
            Err(Error::problem(ProblemCode::PreconditionRequired, detail))
        }
    }
}

fn changed_meanwhile() -> Error {
    Error::problem(ProblemCode::PreconditionFailed, "The release has changed since the version that was given.")
}
