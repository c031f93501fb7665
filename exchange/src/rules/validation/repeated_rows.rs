//! Lines for the same key, of those that are not wrong in themselves: the same source row twice is an error; another row is kept apart if it says something else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{Basis, FigureForm, FigureKind, MissingReason, ObsStatus};

use super::report;
use crate::{
    problem::{Problem, ProblemCode},
    rules::{
        decimal::Figure,
        line::{Breakdown, Entry, Line},
        posted::PostedLine,
    },
};

/// Finds lines for the same key. The same source row twice is an error; another row is kept apart if it says something else.
pub(super) fn keep_apart(
    lines: &mut [Line],
    posted: &[PostedLine],
    wrong: &BTreeSet<u32>,
    problems: &mut Vec<Problem>,
) {
    type Key = (String, String, String, Option<Breakdown>);
    let mut seen: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for index in 0..lines.len() {
        let line = &lines[index];
        if wrong.contains(&line.line) {
            continue;
        }
        let key = (line.indicator.clone(), line.period.clone(), line.area.clone(), line.breakdown.clone());
        let earlier = seen.entry(key).or_default();
        let place = posted[index].place.clone();
        if let Some(first) = earlier.iter().find(|at| lines[**at].source_row == line.source_row) {
            let message = format!(
                "Line {} already gives {} for {} from this source row.",
                lines[*first].line, line.indicator, line.period
            );
            report(
                problems,
                ProblemCode::SameRowTwice,
                place,
                message,
                "each figure once, or the source row that each line is from",
            );
        } else if let Some(same) = earlier.iter().find(|at| same_figures(&lines[**at], line)) {
            let message = format!(
                "Line {} gives the same figures for {} and {}.",
                lines[*same].line, line.indicator, line.period
            );
            report(problems, ProblemCode::RepeatedRow, place, message, "nothing: both rows are kept");
        } else if let Some(other) = earlier.first() {
            let message =
                format!("Line {} gives other figures for {} and {}.", lines[*other].line, line.indicator, line.period);
            report(
                problems,
                ProblemCode::Conflict,
                place,
                message,
                "one figure a key; both are kept, and nothing is computed from them",
            );
        }
        let variant = i16::try_from(earlier.len()).unwrap_or(i16::MAX);
        earlier.push(index);
        lines[index].line_variant = variant;
    }
}

fn same_figures(one: &Line, other: &Line) -> bool {
    fn said(line: &Line) -> Vec<(FigureKind, &str, Said<'_>)> {
        line.entries().map(|(kind, entry)| (kind, line.period_of(entry), what(entry))).collect()
    }
    let light = |line: &Line| line.reported_light.as_ref().map(|reported| reported.light);
    said(one) == said(other) && light(one) == light(other)
}

/// What a figure says, whatever its cell looks like.
#[derive(PartialEq, Eq)]
struct Said<'a> {
    value: Option<i64>,
    secondary: Option<i64>,
    missing: Option<MissingReason>,
    status: &'a [ObsStatus],
    form: FigureForm,
    basis: Basis,
}

fn what(entry: &Entry) -> Said<'_> {
    Said {
        value: entry.value.map(Figure::scaled),
        secondary: entry.secondary_value.map(Figure::scaled),
        missing: entry.missing,
        status: &entry.status,
        form: entry.form.unwrap_or(FigureForm::Level),
        basis: entry.basis.unwrap_or(Basis::Official),
    }
}

/// Finds baselines and targets of the same period that lines of different periods give differently.
pub(super) fn compare_shared(
    lines: &[Line],
    posted: &[PostedLine],
    wrong: &BTreeSet<u32>,
    problems: &mut Vec<Problem>,
) {
    type Key<'a> = (&'a str, FigureKind, &'a str, &'a str, Option<&'a Breakdown>);
    let mut seen: HashMap<Key<'_>, (&Line, &Entry)> = HashMap::new();
    for (line, posted) in lines.iter().zip(posted).filter(|(line, _)| !wrong.contains(&line.line)) {
        for (kind, entry) in line.entries() {
            let key =
                (line.indicator.as_str(), kind, line.period_of(entry), line.area.as_str(), line.breakdown.as_ref());
            match seen.get(&key) {
                Some((first, known)) if first.period != line.period && what(known) != what(entry) => {
                    let period = line.period_of(entry);
                    let message =
                        format!("Line {} gives another {kind} of {} for {period}.", first.line, line.indicator);
                    let place = posted.place_of(&format!("{}/value", kind.as_str().to_ascii_lowercase()));
                    report(problems, ProblemCode::Conflict, place, message, "one figure a key; both are kept");
                }
                Some(_) => {}
                None => {
                    seen.insert(key, (line, entry));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
