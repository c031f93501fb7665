//! Lines for the same key, of those that are not wrong in themselves: the same source row twice is an error; another row is
//! kept apart if it says something else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{Basis, FigureForm, FigureKind, MissingReason, ObsStatus, TrafficLight, Unit};

use super::report;
use crate::{
    problem::{Problem, ProblemCode},
    rules::{
        decimal::Figure,
        line::{Breakdown, Entry, Line},
        posted::PostedLine,
    },
};

/// Finds lines for the same key. The same source row twice is an error; another row with the same kinds of figure is kept
/// apart, and told whether it contradicts or repeats.
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
        // A row that says no more than an earlier one adds no contradiction.
        let repeated = earlier.iter().find(|at| says_no_more(line, &lines[**at]));
        let contradiction = || earlier.iter().find_map(|at| contradicted(&lines[*at], line));
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
        } else if let (None, Some((said, kind))) = (repeated, contradiction()) {
            let message = format!("{} gives another {kind} of {} and {}.", named(said), line.indicator, line.period);
            let expected = "one figure a key; both are kept, and nothing is computed from them";
            report(problems, ProblemCode::Conflict, place, message, expected);
        } else if let Some(same) = repeated.or_else(|| earlier.iter().find(|at| repeats(&lines[**at], line))) {
            let message =
                format!("{} gives the same figures for {} and {}.", named(&lines[*same]), line.indicator, line.period);
            report(problems, ProblemCode::RepeatedRow, place, message, "nothing: both rows are kept");
        }
        // Lines that give different kinds of figure, such as targets with and without stretch, can share a key.
        let taken = earlier.iter().filter(|at| shares_a_kind(&lines[**at], line)).map(|at| lines[*at].line_variant);
        let variant = taken.max().map_or(0, |last| last.saturating_add(1));
        earlier.push(index);
        lines[index].line_variant = variant;
    }
}

/// A line as the report names it to whoever looks at the source.
fn named(line: &Line) -> String {
    match &line.source_row {
        Some(row) => format!("Line {} (row {row})", line.line),
        None => format!("Line {}", line.line),
    }
}

/// The figures of two lines that are of one kind and for one period.
fn in_common<'a>(one: &'a Line, other: &'a Line) -> impl Iterator<Item = (FigureKind, &'a Entry, &'a Entry)> {
    one.entries().filter_map(|(kind, entry)| {
        let (_, same) = other.entries().find(|(of, _)| *of == kind)?;
        (one.period_of(entry) == other.period_of(same)).then_some((kind, entry, same))
    })
}

/// The same without empty cells, which say nothing.
fn said_by_both<'a>(one: &'a Line, other: &'a Line) -> impl Iterator<Item = (FigureKind, &'a Entry, &'a Entry)> {
    in_common(one, other).filter(|(_, one, other)| !is_blank(one) && !is_blank(other))
}

fn is_blank(entry: &Entry) -> bool {
    entry.missing == Some(MissingReason::Blank)
}

fn lights(one: &Line, other: &Line) -> Option<(TrafficLight, TrafficLight)> {
    let light = |line: &Line| line.reported_light.as_ref().map(|reported| reported.light);
    light(one).zip(light(other))
}

fn shares_a_kind(one: &Line, other: &Line) -> bool {
    in_common(one, other).next().is_some() || lights(one, other).is_some()
}

/// An earlier line with the first kind of figure that a line gives otherwise.
fn contradicted<'a>(earlier: &'a Line, line: &Line) -> Option<(&'a Line, FigureKind)> {
    let differs = said_by_both(earlier, line).find(|(_, one, other)| what(one) != what(other)).map(|(kind, ..)| kind);
    let other_light = lights(earlier, line).filter(|(one, other)| one != other).map(|_| FigureKind::ReportedLight);
    differs.or(other_light).map(|kind| (earlier, kind))
}

/// Whether a line says something that an earlier one says too, and contradicts nothing.
fn repeats(earlier: &Line, line: &Line) -> bool {
    (said_by_both(earlier, line).next().is_some() || lights(earlier, line).is_some())
        && contradicted(earlier, line).is_none()
}

/// Whether an earlier line says all that a line says.
fn says_no_more(line: &Line, earlier: &Line) -> bool {
    let said = line.entries().filter(|(_, entry)| !is_blank(entry)).count();
    said == said_by_both(earlier, line).count()
        && (line.reported_light.is_none() || earlier.reported_light.is_some())
        && repeats(earlier, line)
}

/// What a figure says, whatever its cell looks like.
#[derive(PartialEq, Eq)]
struct Said<'a> {
    value: Option<i64>,
    secondary: (Option<i64>, Option<Unit>, Option<FigureForm>),
    unit: Option<Unit>,
    missing: Option<MissingReason>,
    status: &'a [ObsStatus],
    form: FigureForm,
    basis: Basis,
}

fn what(entry: &Entry) -> Said<'_> {
    Said {
        value: entry.value.map(Figure::scaled),
        secondary: (entry.secondary_value.map(Figure::scaled), entry.secondary_unit, entry.secondary_form),
        unit: entry.unit,
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
        for (kind, entry) in line.entries().filter(|(_, entry)| !is_blank(entry)) {
            let key =
                (line.indicator.as_str(), kind, line.period_of(entry), line.area.as_str(), line.breakdown.as_ref());
            match seen.get(&key) {
                Some((first, known)) if first.period != line.period && what(known) != what(entry) => {
                    let period = line.period_of(entry);
                    let message = format!("{} gives another {kind} of {} for {period}.", named(first), line.indicator);
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
