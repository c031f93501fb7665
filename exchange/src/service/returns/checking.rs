//! Whom a posted return is for, and what is wrong with it.

use chrono::{FixedOffset, NaiveDate, Offset};
use entity::{AuditAction, Severity};
use serde_json::{Value, json};
use uuid::Uuid;

use super::not_yours;
use crate::{
    caller::Caller,
    clock::Instant,
    problem::{Error, Place, Problem, ProblemCode, Refusal, Report, ReportOutcome, Result},
    rules::{
        catalogue::{Catalogue, Collection, Known, Partnership},
        posted::{PostedReturn, from_json},
        validation::{Context, Validated, validate},
    },
    service::idempotency::trace,
    store::{
        audit::Entry,
        returns::{NumberedComparison, StoredReturn},
    },
};

/// What a posted return is for.
pub(super) struct Addressed<'a> {
    pub(super) partnership: &'a Known<Partnership>,
    pub(super) collection: &'a Known<Collection>,
}

/// How a return is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Posting {
    /// To be kept.
    Return,
    /// To be kept as the revision of a released one.
    Revision,
    /// To be told what is wrong with it.
    DryRun,
}

/// A return that has been checked.
pub(super) struct Checked {
    pub(super) note: Option<String>,
    pub(super) validated: Validated,
    pub(super) report: Report,
}

impl Checked {
    pub(super) fn new(
        caller: &Caller,
        catalogue: &Catalogue,
        addressed: &Addressed<'_>,
        posted: PostedReturn,
        now: Instant,
        kind: Posting,
    ) -> Self {
        let Addressed { partnership, collection } = addressed;
        let note = posted.note.clone();
        let context = Context {
            catalogue,
            caller,
            partnership,
            collection,
            today: london_day(now),
            is_revision: kind == Posting::Revision,
        };
        let mut validated = validate(posted, context);
        let count = |severity| {
            let of_severity = validated.problems.iter().filter(|problem| problem.severity == severity);
            u32::try_from(of_severity.count()).unwrap_or(u32::MAX)
        };
        let outcome = match (validated.is_acceptable(), kind == Posting::DryRun) {
            (true, false) => ReportOutcome::Accepted,
            (false, false) => ReportOutcome::Refused,
            (true, true) => ReportOutcome::WouldBeAccepted,
            (false, true) => ReportOutcome::WouldBeRefused,
        };
        let report = Report {
            id: Uuid::now_v7(),
            partnership: partnership.code.clone(),
            collection: collection.code.clone(),
            outcome,
            lines: u32::try_from(validated.lines.len()).unwrap_or(u32::MAX),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            problems: std::mem::take(&mut validated.problems),
            created_at: now,
        };
        Self { note, validated, report }
    }

    /// What the audit trail keeps of the report, which is readable elsewhere.
    pub(super) fn trace<'a>(&self, caller: &'a Caller, subject: &'a str, action: AuditAction) -> Entry<'a> {
        let Report { id, partnership, collection, outcome, lines, errors, warnings, created_at, .. } = &self.report;
        let mut entry = trace(caller, subject, *created_at, action, format!("reports/{id}"));
        entry.chain.clone_from(partnership);
        let tally = json!({ "collection": collection, "outcome": outcome, "lines": lines, "errors": errors,
            "warnings": warnings });
        entry.after = Some(tally.to_string());
        entry
    }

    pub(super) fn refuse(&self) -> Result<()> {
        if self.report.outcome != ReportOutcome::Refused {
            return Ok(());
        }
        let detail = format!(
            "The return has {} that must be put right first; the report lists all of them.",
            if self.report.errors == 1 { "one error".to_owned() } else { format!("{} errors", self.report.errors) }
        );
        let report = Some(self.report.clone());
        Err(Refusal { code: ProblemCode::ReturnRefused, detail, problems: Vec::new(), report }.into())
    }
}

/// What CSV cannot say of a return that it replaces stays as it is: whom it is for, what it answers, its note and what it
/// reports of comparisons. They are judged again, beside the new lines.
pub(super) fn complete(
    posted: &mut PostedReturn,
    stored: &StoredReturn,
    reported: Vec<NumberedComparison>,
    catalogue: &Catalogue,
) -> Result<()> {
    let partnership = catalogue.partnerships.by_id(stored.partnership_id);
    let collection = catalogue.collections.by_id(stored.collection_id);
    posted.partnership = posted.partnership.take().or_else(|| partnership.map(|known| known.code.clone()));
    posted.collection = posted.collection.take().or_else(|| collection.map(|known| known.code.clone()));
    posted.note.clone_from(&stored.note);
    let again = reported.into_iter().map(|NumberedComparison { comparison, .. }| {
        let mut fields =
            serde_json::to_value(comparison).map_err(|why| Error::internal("reading a comparison", why))?;
        // Its place is counted anew.
        fields.as_object_mut().and_then(|fields| fields.remove("line"));
        Ok(fields)
    });
    let again: Vec<Value> = again.collect::<Result<_>>()?;
    posted.reported_comparisons = from_json(&json!({ "reported_comparisons": again })).reported_comparisons;
    Ok(())
}

/// Finds whom a return is for and what it answers, and whether the caller may post it.
pub(super) fn address<'a>(caller: &Caller, catalogue: &'a Catalogue, posted: &PostedReturn) -> Result<Addressed<'a>> {
    let mut problems = Vec::new();
    let mut lacking = |code, pointer: &str, message: String, expected: &str| {
        problems.push(Problem {
            code,
            severity: Severity::Error,
            message,
            expected: Some(expected.to_owned()),
            place: Place::pointer(pointer),
        });
    };
    let partnership = posted.partnership.as_deref().and_then(|code| catalogue.partnership(code));
    if let Some(partnership) = partnership
        && !caller.speaks_for(partnership)
    {
        return Err(not_yours(partnership));
    }
    match (&posted.partnership, partnership) {
        (None, _) => {
            lacking(
                ProblemCode::RequiredField,
                "/partnership",
                "The return names no partnership.".into(),
                "its code, such as `southwark`",
            );
        }
        (Some(code), None) => {
            let message = format!("`{code}` is not the code of a partnership.");
            lacking(
                ProblemCode::UnknownPartnership,
                "/partnership",
                message,
                "a registered partnership, such as `southwark`",
            );
        }
        _ => {}
    }
    let collection = posted.collection.as_deref().and_then(|code| catalogue.collection(code));
    match (&posted.collection, collection) {
        (None, _) => {
            lacking(
                ProblemCode::RequiredField,
                "/collection",
                "The return names no collection.".into(),
                "its code, such as `fy2008-09`",
            );
        }
        (Some(code), None) => {
            let message = format!("`{code}` is not the code of a collection.");
            lacking(
                ProblemCode::UnknownCollection,
                "/collection",
                message,
                "a registered collection, such as `fy2008-09`",
            );
        }
        _ => {}
    }
    match (partnership, collection) {
        (Some(partnership), Some(collection)) => Ok(Addressed { partnership, collection }),
        _ => {
            problems.extend(posted.problems.iter().cloned());
            let detail = "The return does not say whom it is for, or what it answers.".to_owned();
            Err(Refusal { code: ProblemCode::InvalidDocument, detail, problems, report: None }.into())
        }
    }
}

/// The day in Europe/London, by which deadlines go: an hour ahead of UTC from the last Sunday of March, 01:00 UTC, to the
/// last Sunday of October, 01:00 UTC (the rule since 1996).
pub(super) fn london_day(now: Instant) -> NaiveDate {
    use chrono::{Datelike, Weekday};
    let change = |month: u32| {
        let last = NaiveDate::from_ymd_opt(now.year(), month, 31)?;
        let sunday =
            std::iter::successors(Some(last), NaiveDate::pred_opt).find(|day| day.weekday() == Weekday::Sun)?;
        Some(sunday.and_hms_opt(1, 0, 0)?.and_utc())
    };
    let summer = matches!((change(3), change(10)), (Some(begins), Some(ends)) if (begins..ends).contains(&now));
    let offset = if summer { FixedOffset::east_opt(3600) } else { None };
    offset.map_or_else(|| now.date_naive(), |offset| now.with_timezone(&offset.fix()).date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_london() {
        let at = |text: &str| london_day(text.parse().unwrap()).to_string();
        assert_eq!(at("2009-06-30T22:59:59Z"), "2009-06-30");
        assert_eq!(at("2009-06-30T23:00:00Z"), "2009-07-01");
        assert_eq!(at("2009-12-31T23:30:00Z"), "2009-12-31");
    }
}
