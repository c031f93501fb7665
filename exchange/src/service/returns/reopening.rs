//! Reopening: a released return is corrected by a revision of it, which says why, and goes the whole way again.

use entity::AuditAction;
use serde_json::json;
use uuid::Uuid;

use super::{ReturnSummary, check_reason, own_return, summary};
use crate::{
    caller::{Caller, Scope},
    problem::{Error, ProblemCode, Result},
    service::{
        Exchange,
        idempotency::{IdempotencyKey, Once, trace},
    },
    store::{
        self,
        returns::{NewReturn, Revision},
    },
};

impl Exchange {
    /// Opens a revision of a return that is released, at least in part: a draft with its lines, to be corrected, submitted,
    /// signed off and released in its place. What is published stays until then.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_YOUR_PARTNERSHIP`; `WRONG_STATE` if nothing of it is released, `REVISION_REQUIRED` if a later one is;
    /// `INVALID_DOCUMENT` for a reason that says nothing.
    pub async fn reopen_return(
        &self,
        caller: &Caller,
        id: Uuid,
        reason: &str,
        key: Option<&IdempotencyKey>,
    ) -> Result<ReturnSummary> {
        let subject = caller.require(Scope::ReturnsWrite)?;
        let (catalogue, now) = self.newest_catalogue().await?;
        let catalogue = &*catalogue;
        let input = json!({ "id": id, "reason": reason });
        let once = Once { subject, key, operation: "POST returns/{id}/revisions", now };
        let new_id = Uuid::now_v7();
        self.once(once, &input, move |tx| async move {
            let (before, partnership) = own_return(store::returns::find(&*tx, id).await?, caller, catalogue, id)?;
            if !caller.speaks_for(partnership) {
                return Err(super::not_yours(partnership));
            }
            check_reason(reason)?;
            match store::ledger::newest_answer(&*tx, before.partnership_id, before.collection_id).await? {
                Some(newest) if newest == id => {}
                Some(newest) => {
                    let detail = format!("A later return for the collection is released: reopen {newest}.");
                    return Err(Error::problem(ProblemCode::RevisionRequired, detail));
                }
                None => {
                    let detail = format!("Nothing of the return is released; it is {}.", before.state);
                    return Err(Error::problem(ProblemCode::WrongState, detail));
                }
            }
            let new = NewReturn {
                public_id: new_id,
                partnership_id: before.partnership_id,
                collection_id: before.collection_id,
                report_id: before.report_id,
                note: before.note.as_deref(),
                revision: Some(Revision { of: id, number: before.revision + 1, reason }),
                created_by: subject,
                created_at: now,
            };
            let stored = store::returns::insert(&*tx, new).await?;
            let lines = store::returns::lines(&*tx, before.id).await?;
            let comparisons = store::returns::reported_comparisons(&*tx, before.id).await?;
            store::returns::add_lines(&*tx, (stored.id, stored.partnership_id), &lines, &comparisons).await?;
            let summary = summary(&stored, catalogue, stored.state);
            let mut entry = trace(caller, subject, now, AuditAction::ReturnReopened, format!("returns/{new_id}"));
            entry.chain.clone_from(&partnership.code);
            entry.before = Some(json!({ "return": id, "revision": before.revision }).to_string());
            entry.after = serde_json::to_string(&summary).ok();
            store::audit::record(&*tx, vec![entry]).await?;
            Ok(summary)
        })
        .await
    }
}
