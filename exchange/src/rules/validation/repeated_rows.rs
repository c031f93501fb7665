//! Lines for the same key: the same source row twice is an error; another row is kept apart if it says something else.

use std::collections::BTreeMap;

use super::report;
use crate::{
    problem::{Problem, ProblemCode},
    rules::{
        line::{Breakdown, Line},
        posted::PostedLine,
    },
};

/// Finds lines for the same key. The same source row twice is an error; another row is kept apart if it says something else.
pub(super) fn keep_apart(lines: &mut [Line], posted: &[PostedLine], problems: &mut Vec<Problem>) {
    type Key = (String, String, String, Option<Breakdown>);
    let mut seen: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for index in 0..lines.len() {
        let line = &lines[index];
        if line.indicator.is_empty() || line.period.is_empty() {
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
    one.entries().eq(other.entries()) && one.reported_light == other.reported_light
}
