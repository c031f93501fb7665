//! Returns: posted, told what is wrong, corrected, submitted, signed off by a second person, or sent back.

mod bulk;
mod checking;
mod reading;
mod reopening;
mod signing_off;
mod steps;

use entity::{AuditAction, ReturnState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use reading::{ReturnDocument, ReturnQuery};
pub use steps::Step;

use checking::{Addressed, Checked, Posting, address, complete, london_day};

use super::{
    Exchange,
    idempotency::{IdempotencyKey, Once, trace},
};
use crate::{
    caller::{Caller, Scope},
    clock::{Instant, instant},
    problem::{Error, ProblemCode, Report, Result},
    rules::{
        catalogue::{Catalogue, Known, Partnership},
        free_text,
        posted::PostedReturn,
        validation::Validated,
    },
    store::{
        self, Tx,
        returns::{NewReturn, NumberedComparison, StoredReturn},
    },
};

/// A return without its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReturnSummary {
    /// Its identifier.
    pub id: Uuid,
    /// The partnership reported for, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The collection answered, by code.
    #[schema(example = "fy2008-09")]
    pub collection: String,
    /// Where it stands.
    pub state: ReturnState,
    /// Counts its changes; the entity tag of the return is this number in quotes.
    #[schema(example = 1)]
    pub version: i32,
    /// Its newest validation report, at `/v1/reports/{report}`.
    pub report: Uuid,
    /// What the respondent says about the return as a whole.
    pub note: Option<String>,
    /// Why it was sent back or withdrawn.
    pub reason: Option<String>,
    /// 1 for a first answer to its collection, then counted on.
    #[schema(example = 1)]
    pub revision: i32,
    /// The return that it revises.
    pub revises: Option<Uuid>,
    /// Why that was reopened.
    pub revision_reason: Option<String>,
    /// The subject of the token that created it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// The subject of the token that submitted it.
    pub submitted_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub submitted_at: Option<Instant>,
    /// Whether it was submitted after the collection's due date; absent until it is submitted.
    pub late: Option<bool>,
    /// The subject of the token that signed it off.
    pub signed_off_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub signed_off_at: Option<Instant>,
}

/// What became of a posted return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The draft; absent after a dry run.
    #[serde(rename = "return")]
    pub draft: Option<ReturnSummary>,
    /// What is wrong with it or worth knowing.
    pub report: Report,
}

impl Exchange {
    /// Takes a return as a draft, or refuses it with everything that is wrong. A dry run does neither.
    ///
    /// # Errors
    /// `MISSING_SCOPE`, `NOT_YOUR_PARTNERSHIP`; `RETURN_REFUSED` with the report.
    pub async fn create_return(
        &self,
        caller: &Caller,
        posted: PostedReturn,
        dry_run: bool,
        key: Option<&IdempotencyKey>,
    ) -> Result<Receipt> {
        let subject = caller.require(Scope::ReturnsWrite)?;
        let (catalogue, now) = self.newest_catalogue().await?;
        let catalogue = &*catalogue;
        let addressed = &address(caller, catalogue, &posted)?;
        let once = Once { subject, key: key.filter(|_| !dry_run), operation: "POST returns", now };
        let posting = if dry_run { Posting::DryRun } else { Posting::Return };
        let checked = &Checked::new(caller, catalogue, addressed, posted.clone(), now, posting);
        let id = Uuid::now_v7();
        if dry_run {
            self.database
                .write(move |tx| async move {
                    store::returns::insert_report(&*tx, addressed.partnership.id, &checked.report).await?;
                    store::audit::record(&*tx, vec![checked.trace(caller, subject, AuditAction::ReturnTried)]).await
                })
                .await?;
            return Ok(Receipt { draft: None, report: checked.report.clone() });
        }
        self.once(once, &posted, move |tx| async move {
            let (partnership, collection) = (addressed.partnership.id, addressed.collection.id);
            check_answers(&tx, partnership, collection, None).await?;
            store::returns::insert_report(&*tx, partnership, &checked.report).await?;
            if let Err(refused) = checked.refuse() {
                store::audit::record(&*tx, vec![checked.trace(caller, subject, AuditAction::ReturnRefused)]).await?;
                return Err(refused);
            }
            let new = NewReturn {
                public_id: id,
                partnership_id: addressed.partnership.id,
                collection_id: addressed.collection.id,
                report_id: checked.report.id,
                note: checked.note.as_deref(),
                revision: None,
                created_by: subject,
                created_at: now,
            };
            let stored = store::returns::insert(&*tx, new).await?;
            self.store_lines(&tx, (stored.id, stored.partnership_id), catalogue, &checked.validated).await?;
            let mut entry = trace(caller, subject, now, AuditAction::ReturnCreated, format!("returns/{id}"));
            entry.chain.clone_from(&addressed.partnership.code);
            entry.after = serde_json::to_string(&checked.validated.lines).ok();
            store::audit::record(&*tx, vec![entry]).await?;
            Ok(Receipt { draft: Some(summary(&stored, catalogue, stored.state)), report: checked.report.clone() })
        })
        .await
    }

    /// Replaces a draft or a return that was sent back. CSV replaces its lines, and leaves the rest as it is.
    ///
    /// # Errors
    /// As [`Exchange::create_return`]; `PRECONDITION_FAILED` if the return is no longer at `version`, `WRONG_STATE` if it is
    /// no draft any more.
    pub async fn replace_return(
        &self,
        caller: &Caller,
        id: Uuid,
        version: Option<i32>,
        mut posted: PostedReturn,
    ) -> Result<Receipt> {
        let subject = caller.require(Scope::ReturnsWrite)?;
        // Whether the return is the caller's, and still at this version, comes before what is wrong with its replacement.
        let (catalogue, now) = self.newest_catalogue().await?;
        let catalogue = &*catalogue;
        let stored = store::returns::find(self.database.reader(), id).await?;
        let (stored, _) = own_return(stored, caller, catalogue, id)?;
        check_version(&stored, version)?;
        if posted.is_csv {
            // They are of this version, or the replacement fails: it checks the version again.
            let reported = store::returns::reported_comparisons(self.database.reader(), stored.id).await?;
            complete(&mut posted, &stored, reported, catalogue)?;
        }
        let addressed = &address(caller, catalogue, &posted)?;
        let posting = if stored.revises.is_some() { Posting::Revision } else { Posting::Return };
        let checked = &Checked::new(caller, catalogue, addressed, posted.clone(), now, posting);
        let once = Once { subject, key: None, operation: "PUT returns", now };
        self.once(once, &posted, move |tx| async move {
            let (before, partnership) = own_return(store::returns::find(&*tx, id).await?, caller, catalogue, id)?;
            check_version(&before, version)?;
            if !matches!(before.state, ReturnState::Draft | ReturnState::Returned) {
                return Err(wrong_state(&before, "replaced", &[ReturnState::Draft, ReturnState::Returned]));
            }
            if (before.partnership_id, before.collection_id) != (addressed.partnership.id, addressed.collection.id) {
                let detail =
                    format!("The return is for {}; partnership and collection cannot change.", partnership.code);
                return Err(Error::problem(ProblemCode::InvalidDocument, detail));
            }
            store::returns::insert_report(&*tx, addressed.partnership.id, &checked.report).await?;
            if let Err(refused) = checked.refuse() {
                let entry = checked.trace(caller, subject, AuditAction::ReturnRefused);
                store::audit::record(&*tx, vec![entry]).await?;
                return Err(refused);
            }
            let lines_before = store::returns::lines(&*tx, before.id).await?;
            let after = StoredReturn {
                state: ReturnState::Draft,
                report_id: checked.report.id,
                note: checked.note.clone(),
                reason: None,
                ..before.clone()
            };
            change(&tx, &before, after).await?;
            store::returns::clear_lines(&*tx, before.id).await?;
            self.store_lines(&tx, (before.id, before.partnership_id), catalogue, &checked.validated).await?;
            let mut entry = trace(caller, subject, now, AuditAction::ReturnReplaced, format!("returns/{id}"));
            entry.chain.clone_from(&partnership.code);
            entry.before = serde_json::to_string(&lines_before).ok();
            entry.after = serde_json::to_string(&checked.validated.lines).ok();
            store::audit::record(&*tx, vec![entry]).await?;
            let stored = store::returns::find(&*tx, id).await?.ok_or_else(|| Error::not_found("return"))?;
            Ok(Receipt { draft: Some(summary(&stored, catalogue, stored.state)), report: checked.report.clone() })
        })
        .await
    }

    async fn store_lines(
        &self,
        tx: &Tx,
        stored: (i64, i32),
        catalogue: &Catalogue,
        validated: &Validated,
    ) -> Result<()> {
        let codes = validated.reported_comparisons.iter().map(|comparison| comparison.period.clone());
        let periods = self.numbered_periods(tx, codes.collect()).await?;
        let comparisons = validated.reported_comparisons.iter().filter_map(|comparison| {
            Some(NumberedComparison {
                indicator_id: catalogue.indicator(&comparison.indicator, None)?.id,
                period_id: *periods.get(&comparison.period)?,
                comparison: comparison.clone(),
            })
        });
        let comparisons: Vec<_> = comparisons.collect();
        store::returns::add_lines(&**tx, stored, &validated.lines, &comparisons).await
    }
}

/// A stored return with its partnership, if the caller may know of it: what is private and not the caller's is not there.
pub(super) fn own_return<'a>(
    stored: Option<StoredReturn>,
    caller: &Caller,
    catalogue: &'a Catalogue,
    id: Uuid,
) -> Result<(StoredReturn, &'a Known<Partnership>)> {
    let found = stored.and_then(|stored| {
        let partnership = catalogue.partnerships.by_id(stored.partnership_id)?;
        caller.may_see(partnership).then_some((stored, partnership))
    });
    found.ok_or_else(|| Error::not_found(format!("return {id}")))
}

/// A reason is there to be read.
pub(super) fn check_reason(reason: &str) -> Result<()> {
    let checked = if reason.trim().is_empty() { Err("It is empty.".to_owned()) } else { free_text::check(reason) };
    checked.map_err(|why| Error::problem(ProblemCode::InvalidDocument, format!("The reason cannot be taken: {why}")))
}

fn not_yours(partnership: &Partnership) -> Error {
    let detail = format!("The token does not speak for `{}`.", partnership.code);
    Error::problem(ProblemCode::NotYourPartnership, detail)
}

/// Checks the version that a change is based on.
fn check_version(stored: &StoredReturn, version: Option<i32>) -> Result<()> {
    match version {
        Some(version) if version == stored.version => Ok(()),
        Some(_) => {
            let detail = format!("The return is at version {}, which is not the one given.", stored.version);
            Err(Error::problem(ProblemCode::PreconditionFailed, detail))
        }
        None => {
            let detail = "Changing a return needs If-Match with its entity tag.";
            Err(Error::problem(ProblemCode::PreconditionRequired, detail))
        }
    }
}

/// What is released for a collection is only replaced by a revision of the newest answer, which says why.
async fn check_answers(tx: &Tx, partnership: i32, collection: i32, revises: Option<Uuid>) -> Result<()> {
    match store::ledger::newest_answer(&**tx, partnership, collection).await? {
        Some(newest) if revises != Some(newest) => {
            let detail = format!(
                "The return {newest} is released for this collection, or is to be: reopen it as a revision \
                 (`POST /v1/returns/{newest}/revisions`), with a reason."
            );
            Err(Error::problem(ProblemCode::RevisionRequired, detail))
        }
        _ => Ok(()),
    }
}

fn wrong_state(stored: &StoredReturn, step: &str, from: &[ReturnState]) -> Error {
    let possible: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
    let detail = format!("The return is {}; only one that is {} can be {step}.", stored.state, possible.join(" or "));
    Error::problem(ProblemCode::WrongState, detail)
}

async fn change(tx: &Tx, before: &StoredReturn, after: StoredReturn) -> Result<()> {
    if store::returns::update(&**tx, before, after).await? {
        return Ok(());
    }
    Err(Error::problem(ProblemCode::PreconditionFailed, "The return was changed by somebody else at the same time."))
}

/// A stored return as it is told; `state` is what the ledger makes of the stored one.
fn summary(stored: &StoredReturn, catalogue: &Catalogue, state: ReturnState) -> ReturnSummary {
    let partnership = catalogue.partnerships.by_id(stored.partnership_id);
    let collection = catalogue.collections.by_id(stored.collection_id);
    ReturnSummary {
        id: stored.public_id,
        partnership: partnership.map(|partnership| partnership.code.clone()).unwrap_or_default(),
        collection: collection.map(|collection| collection.code.clone()).unwrap_or_default(),
        state,
        version: stored.version,
        report: stored.report_id,
        note: stored.note.clone(),
        reason: stored.reason.clone(),
        revision: stored.revision,
        revises: stored.revises,
        revision_reason: stored.revision_reason.clone(),
        created_by: stored.created_by.clone(),
        created_at: instant(stored.created_at),
        submitted_by: stored.submitted_by.clone(),
        submitted_at: stored.submitted_at.map(instant),
        late: stored.submitted_at.zip(collection).map(|(at, collection)| collection.due < london_day(instant(at))),
        signed_off_by: stored.signed_off_by.clone(),
        signed_off_at: stored.signed_off_at.map(instant),
    }
}
