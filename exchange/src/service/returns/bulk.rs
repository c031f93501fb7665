//! Many returns at once: judged by the same rules as a posted one, and written as signed off, in one transaction.

use entity::{AuditAction, ReturnState};
use serde_json::json;
use uuid::Uuid;

use super::{Addressed, Checked, Posting, address, change, check_answers};
use crate::{
    caller::{Caller, Scope},
    clock::{Instant, micros},
    problem::{Error, ProblemCode, Result},
    rules::{catalogue::Catalogue, posted::PostedReturn},
    service::{Exchange, idempotency::trace},
    store::{
        self, Tx,
        audit::Entry,
        returns::{NewReturn, StoredReturn},
    },
};

impl Exchange {
    /// Takes returns that somebody else has signed off, all or none, and returns their identifiers. As with every sign-off
    /// nobody sees their figures until they are released.
    ///
    /// # Errors
    /// `MISSING_SCOPE`, `NOT_YOUR_PARTNERSHIP`, `SECOND_PERSON_REQUIRED`; `RETURN_REFUSED` with the report of the first return
    /// that is wrong; `REVISION_REQUIRED` where one is released for the same collection.
    pub async fn take_signed_off(
        &self,
        respondent: &Caller,
        signatory: &Caller,
        returns: Vec<PostedReturn>,
    ) -> Result<Vec<Uuid>> {
        let (posted_by, signed_off_by) =
            (respondent.require(Scope::ReturnsWrite)?, signatory.require(Scope::ReturnsSignOff)?);
        if posted_by == signed_off_by {
            let detail = format!("`{posted_by}` posts the returns; somebody else has to sign them off.");
            return Err(Error::problem(ProblemCode::SecondPersonRequired, detail));
        }
        let (catalogue, now) = self.newest_catalogue().await?;
        let catalogue = &*catalogue;
        let mut checked = Vec::with_capacity(returns.len());
        for posted in returns {
            let addressed = address(respondent, catalogue, &posted)?;
            let of_return = Checked::new(respondent, catalogue, &addressed, posted, now, Posting::Return);
            of_return.refuse()?;
            checked.push((Uuid::now_v7(), addressed, of_return));
        }
        let (ids, checked) = (checked.iter().map(|(id, ..)| *id).collect(), &checked);
        let write = |tx: Tx| async move {
            let mut entries = Vec::with_capacity(3 * checked.len());
            for (id, addressed, of_return) in checked {
                let taking = Taking { id: *id, catalogue, addressed, of_return, posted_by, signed_off_by, now };
                self.take(&tx, &taking).await?;
                let after = json!({ "lines": of_return.report.lines, "report": of_return.report.id }).to_string();
                let done = [
                    (respondent, posted_by, AuditAction::ReturnCreated),
                    (respondent, posted_by, AuditAction::ReturnSubmitted),
                    (signatory, signed_off_by, AuditAction::ReturnSignedOff),
                ];
                entries.extend(done.map(|(caller, subject, action)| Entry {
                    chain: addressed.partnership.code.clone(),
                    after: Some(after.clone()),
                    ..trace(caller, subject, now, action, format!("returns/{id}"))
                }));
            }
            store::audit::record(&*tx, entries).await
        };
        self.database.write(write).await?;
        Ok(ids)
    }

    async fn take(&self, tx: &Tx, taking: &Taking<'_>) -> Result<()> {
        let Taking { id, catalogue, addressed, of_return, posted_by, signed_off_by, now } = *taking;
        let partnership_id = addressed.partnership.id;
        check_answers(tx, partnership_id, addressed.collection.id, None).await?;
        store::returns::insert_report(&**tx, partnership_id, &of_return.report).await?;
        let new = NewReturn {
            public_id: id,
            partnership_id,
            collection_id: addressed.collection.id,
            report_id: of_return.report.id,
            note: of_return.note.as_deref(),
            revision: None,
            created_by: posted_by,
            created_at: now,
        };
        let draft = store::returns::insert(&**tx, new).await?;
        self.store_lines(tx, (draft.id, partnership_id), catalogue, &of_return.validated).await?;
        let signed_off = StoredReturn {
            state: ReturnState::SignedOff,
            submitted_by: Some(posted_by.to_owned()),
            submitted_at: Some(micros(now)),
            signed_off_by: Some(signed_off_by.to_owned()),
            signed_off_at: Some(micros(now)),
            ..draft.clone()
        };
        change(tx, &draft, signed_off).await?;
        self.write_figures(tx, &draft, catalogue, now).await
    }
}

/// A return that is about to be taken.
struct Taking<'a> {
    id: Uuid,
    catalogue: &'a Catalogue,
    addressed: &'a Addressed<'a>,
    of_return: &'a Checked,
    posted_by: &'a str,
    signed_off_by: &'a str,
    now: Instant,
}
