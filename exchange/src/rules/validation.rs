//! From a posted return to typed lines, with everything that is wrong said at once.

mod line_reader;
mod repeated_rows;
mod stated_changes;

use std::{collections::BTreeSet, fmt::Display};

use chrono::NaiveDate;
use entity::Severity;

use line_reader::LineReader;
use repeated_rows::{compare_shared, keep_apart};

use super::{
    catalogue::{Catalogue, Collection, Known, Partnership},
    free_text,
    line::{Line, ReportedComparison},
    posted::PostedReturn,
};
use crate::{
    caller::Caller,
    problem::{Place, Problem, ProblemCode},
};

/// How many lines, and how many reported comparisons, one return may have.
pub const MOST_LINES: usize = 5000;

/// What a return is judged against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// All metadata.
    pub catalogue: &'a Catalogue,
    /// Who posts.
    pub caller: &'a Caller,
    /// For whom.
    pub partnership: &'a Known<Partnership>,
    /// In answer to what.
    pub collection: &'a Known<Collection>,
    /// The day, in Europe/London.
    pub today: NaiveDate,
    /// Whether it revises a released return: mistakes are found after a collection has closed, too.
    pub is_revision: bool,
}

/// A return with its lines typed, as far as they can be.
#[derive(Debug, Clone, Default)]
pub struct Validated {
    /// The lines.
    pub lines: Vec<Line>,
    /// The reported comparisons.
    pub reported_comparisons: Vec<ReportedComparison>,
    /// Everything that is wrong or worth knowing, in the order of places.
    pub problems: Vec<Problem>,
}

impl Validated {
    /// Whether nothing stops the return.
    pub fn is_acceptable(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity != Severity::Error)
    }
}

/// Checks a posted return and types its lines.
pub fn validate(posted: PostedReturn, context: Context<'_>) -> Validated {
    let mut problems = posted.problems;
    check_collection(context, posted.is_csv, &mut problems);
    if let Some(Err(why)) = posted.note.as_deref().map(free_text::check) {
        report(&mut problems, ProblemCode::UnfitText, Place::pointer("/note"), why, "a text that can be shown");
    }
    let unreadable = |problem: &Problem| matches!(problem.place.pointer.as_deref(), Some("" | "/lines"));
    if posted.lines.is_empty() && posted.reported_comparisons.is_empty() && !problems.iter().any(unreadable) {
        let place = if posted.is_csv { Place::default() } else { Place::pointer("/lines") };
        report(&mut problems, ProblemCode::RequiredField, place, "The return has no lines.", "at least one line");
    }
    if posted.lines.len() > MOST_LINES || posted.reported_comparisons.len() > MOST_LINES {
        let place = if posted.is_csv { Place::default() } else { Place::pointer("/lines") };
        let message = format!("The return has more than {MOST_LINES} lines.");
        report(
            &mut problems,
            ProblemCode::TooManyLines,
            place,
            message,
            "several returns, each for a collection of its own",
        );
        return Validated { problems, ..Validated::default() };
    }
    let mut lines = Vec::with_capacity(posted.lines.len());
    for posted in &posted.lines {
        lines.push(LineReader { context, line: posted, problems: &mut problems }.line());
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let of_lines = errors.filter(|problem| !is_of_comparison(problem)).filter_map(|problem| problem.place.line);
    let spoiled = posted.lines.iter().filter(|line| line.unreadable || !line.spoiled.is_empty());
    let wrong: BTreeSet<u32> = of_lines.chain(spoiled.map(|line| line.line)).collect();
    let reported_comparisons: Vec<ReportedComparison> = posted
        .reported_comparisons
        .iter()
        .map(|posted| LineReader { context, line: posted, problems: &mut problems }.reported_comparison())
        .collect();
    keep_apart(&mut lines, &posted.lines, &wrong, &mut problems);
    compare_shared(&lines, &posted.lines, &wrong, &mut problems);
    stated_changes::check_targets(&lines, &posted.lines, &wrong, &mut problems);
    let (posted, own_area) = (&posted.reported_comparisons, &context.partnership.area);
    stated_changes::check_comparisons(&reported_comparisons, posted, &lines, &wrong, own_area, &mut problems);
    problems.sort_by(|a, b| {
        (a.place.line, &a.place.pointer, &a.place.column).cmp(&(b.place.line, &b.place.pointer, &b.place.column))
    });
    Validated { lines, reported_comparisons, problems }
}

fn report(problems: &mut Vec<Problem>, code: ProblemCode, place: Place, message: impl Display, expected: impl Display) {
    let severity = match code {
        ProblemCode::Conflict
        | ProblemCode::NotAsked
        | ProblemCode::ChangeUnexplained
        | ProblemCode::PrintedDiffers
        | ProblemCode::Implausible
        | ProblemCode::UnitDiffers
        | ProblemCode::Doubted => Severity::Warning,
        ProblemCode::RepeatedRow | ProblemCode::ReturnedLate => Severity::Info,
        _ => Severity::Error,
    };
    problems.push(Problem {
        code,
        severity,
        message: message.to_string(),
        expected: Some(expected.to_string()),
        place,
    });
}

/// Problems of form come for both lists together; those of reported comparisons are told by their pointers.
fn is_of_comparison(problem: &Problem) -> bool {
    problem.place.pointer.as_deref().is_some_and(|pointer| pointer.starts_with("/reported_comparisons"))
}

fn check_collection(context: Context<'_>, is_csv: bool, problems: &mut Vec<Problem>) {
    let Collection { name, opens, due, closes, partnerships, .. } = &context.collection.document;
    // Beside a CSV body, what the return is for stands in the address.
    let place = |pointer: &str| if is_csv { Place::default() } else { Place::pointer(pointer) };
    if context.today < *opens {
        let message = format!("The collection “{name}” opens on {opens}.");
        report(problems, ProblemCode::CollectionNotOpen, place("/collection"), message, "a collection that is open");
    } else if closes.is_some_and(|closes| closes < context.today) && !context.is_revision {
        let message = format!("The collection “{name}” has closed.");
        report(problems, ProblemCode::CollectionNotOpen, place("/collection"), message, "a collection that is open");
    } else if *due < context.today {
        let message = format!("The return was due by {due}; it is taken and marked late.");
        report(problems, ProblemCode::ReturnedLate, place("/collection"), message, format!("a return by {due}"));
    }
    if !partnerships.is_empty() && !partnerships.contains(&context.partnership.code) {
        let message = format!("The collection “{name}” does not ask `{}`.", context.partnership.code);
        report(
            problems,
            ProblemCode::NotAsked,
            place("/partnership"),
            message,
            "a collection that asks the partnership",
        );
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
