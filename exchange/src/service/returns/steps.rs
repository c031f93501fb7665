//! The steps of a return on its way to release: handed in, confirmed by a second person, or sent back, or taken back.

use entity::{AuditAction, ReturnState};
use serde_json::json;
use uuid::Uuid;

use super::{
    ReturnSummary, change, check_answers, check_reason, check_version, checking::london_day, not_yours, own_return,
    summary, wrong_state,
};
use crate::{
    caller::{Caller, Scope},
    clock::{Instant, micros},
    problem::{Error, ProblemCode, Result},
    rules::catalogue::Catalogue,
    service::{Exchange, idempotency::trace},
    store::{self, returns::StoredReturn},
};

/// A step of a return on its way to release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Hand a draft in.
    Submit,
    /// Confirm a submitted return, as somebody else than its submitter.
    SignOff,
    /// Send a submitted return back, with a reason.
    SendBack(&'a str),
    /// Take a return back before it is signed off, with a reason.
    Withdraw(&'a str),
}

impl Step<'_> {
    const fn name(self) -> &'static str {
        match self {
            Self::Submit => "submitted",
            Self::SignOff => "signed off",
            Self::SendBack(_) => "sent back",
            Self::Withdraw(_) => "withdrawn",
        }
    }

    const fn scope(self) -> Scope {
        match self {
            Self::Submit | Self::Withdraw(_) => Scope::ReturnsWrite,
            Self::SignOff | Self::SendBack(_) => Scope::ReturnsSignOff,
        }
    }

    /// The states from which the step is possible.
    const fn from(self) -> &'static [ReturnState] {
        match self {
            Self::Submit => &[ReturnState::Draft, ReturnState::Returned],
            Self::SignOff | Self::SendBack(_) => &[ReturnState::Submitted],
            Self::Withdraw(_) => &[ReturnState::Draft, ReturnState::Returned, ReturnState::Submitted],
        }
    }

    /// A reason is there to be read.
    fn check_reason(self) -> Result<()> {
        match self {
            Self::SendBack(reason) | Self::Withdraw(reason) => check_reason(reason),
            Self::Submit | Self::SignOff => Ok(()),
        }
    }

    const fn action(self) -> AuditAction {
        match self {
            Self::Submit => AuditAction::ReturnSubmitted,
            Self::SignOff => AuditAction::ReturnSignedOff,
            Self::SendBack(_) => AuditAction::ReturnSentBack,
            Self::Withdraw(_) => AuditAction::ReturnWithdrawn,
        }
    }
}

impl Exchange {
    /// Takes a return one step further.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` if the return is no longer at `version`, `WRONG_STATE` if the step makes no sense,
    /// `SECOND_PERSON_REQUIRED` if the submitter signs off.
    pub async fn advance_return(
        &self,
        caller: &Caller,
        id: Uuid,
        version: Option<i32>,
        step: Step<'_>,
    ) -> Result<ReturnSummary> {
        let subject = caller.require(step.scope())?;
        let (catalogue, now) = self.newest_catalogue().await?;
        let catalogue = &*catalogue;
        self.database
            .write(move |tx| async move {
                if step == Step::SignOff {
                    // Neither a release nor another sign-off may come between.
                    store::ledger::lock(&*tx).await?;
                }
                let (before, partnership) = own_return(store::returns::find(&*tx, id).await?, caller, catalogue, id)?;
                if step.scope() == Scope::ReturnsWrite && !caller.speaks_for(partnership) {
                    return Err(not_yours(partnership));
                }
                check_version(&before, version)?;
                if !step.from().contains(&before.state) {
                    return Err(wrong_state(&before, step.name(), step.from()));
                }
                step.check_reason()?;
                let summary_before = summary(&before, catalogue, before.state);
                let mut after = before.clone();
                let mut entries = Vec::new();
                match step {
                    Step::Submit => {
                        check_open(catalogue, &before, now)?;
                        after.state = ReturnState::Submitted;
                        after.submitted_by = Some(subject.to_owned());
                        after.submitted_at = Some(micros(now));
                    }
                    Step::SignOff => {
                        if before.submitted_by.as_deref() == Some(subject) {
                            let detail = format!("`{subject}` submitted the return; somebody else has to sign it off.");
                            return Err(Error::problem(ProblemCode::SecondPersonRequired, detail));
                        }
                        check_answers(&tx, before.partnership_id, before.collection_id, before.revises).await?;
                        after.state = ReturnState::SignedOff;
                        after.signed_off_by = Some(subject.to_owned());
                        after.signed_off_at = Some(micros(now));
                    }
                    Step::SendBack(reason) => {
                        after.state = ReturnState::Returned;
                        after.reason = Some(reason.to_owned());
                    }
                    Step::Withdraw(reason) => {
                        after.state = ReturnState::Withdrawn;
                        after.reason = Some(reason.to_owned());
                    }
                }
                change(&tx, &before, after).await?;
                if step == Step::SignOff {
                    self.write_figures(&tx, &before, catalogue, now).await?;
                    let superseded = store::returns::supersede_others(&*tx, &before).await?;
                    entries.extend(superseded.into_iter().map(|other| {
                        let action = AuditAction::ReturnSuperseded;
                        let mut entry = trace(caller, subject, now, action, format!("returns/{other}"));
                        entry.chain.clone_from(&partnership.code);
                        entry.after = Some(json!({ "superseded_by": id }).to_string());
                        entry
                    }));
                }
                let stored = store::returns::find(&*tx, id).await?.ok_or_else(|| Error::not_found("return"))?;
                let summary = summary(&stored, catalogue, stored.state);
                let mut entry = trace(caller, subject, now, step.action(), format!("returns/{id}"));
                entry.chain.clone_from(&partnership.code);
                entry.before = serde_json::to_string(&summary_before).ok();
                entry.after = serde_json::to_string(&summary).ok();
                entries.insert(0, entry);
                store::audit::record(&*tx, entries).await?;
                Ok(summary)
            })
            .await
    }
}

/// A draft of the last day is not handed in a year later; a mistake may be found then.
fn check_open(catalogue: &Catalogue, stored: &StoredReturn, now: Instant) -> Result<()> {
    if stored.revises.is_some() {
        return Ok(());
    }
    let collection = catalogue.collections.by_id(stored.collection_id);
    match collection.and_then(|collection| collection.closes).filter(|closes| *closes < london_day(now)) {
        Some(closes) => {
            let detail = format!("The collection closed on {closes}.");
            Err(Error::problem(ProblemCode::CollectionNotOpen, detail))
        }
        None => Ok(()),
    }
}
