//! Changes that a return states away from the figures that they should follow from: beside a target, or in a comparison.

use std::collections::{BTreeSet, HashMap};

use entity::{ChangeMatch, FigureForm, FigureKind};

use super::report;
use crate::{
    problem::{Problem, ProblemCode},
    rules::{
        change::classify,
        decimal::Figure,
        line::{Breakdown, Line, ReportedComparison},
        period::Period,
        posted::PostedLine,
    },
};

/// The levels of the past that a return gives, by what they are of.
struct Levels<'a> {
    by_key: HashMap<(&'a str, &'a str, Option<&'a Breakdown>), Vec<Level<'a>>>,
}

struct Level<'a> {
    period: &'a str,
    source_row: Option<&'a str>,
    value: Figure,
}

impl<'a> Levels<'a> {
    fn of(lines: impl Iterator<Item = &'a Line>) -> Self {
        let mut by_key: HashMap<_, Vec<Level<'a>>> = HashMap::new();
        for line in lines {
            for (kind, entry) in line.entries() {
                let is_level = entry.form.is_none_or(|form| form == FigureForm::Level);
                if let (FigureKind::Actual | FigureKind::Baseline, Some(value), true) = (kind, entry.value, is_level) {
                    let key = (line.indicator.as_str(), line.area.as_str(), line.breakdown.as_ref());
                    let (period, source_row) = (line.period_of(entry), line.source_row.as_deref());
                    by_key.entry(key).or_default().push(Level { period, source_row, value });
                }
            }
        }
        Self { by_key }
    }

    /// The level that a change stated for a period starts from: of the period that it names, else of the newest before it;
    /// rather that of its own row.
    fn before(&self, line: &Line, target: &str, named: Option<&str>) -> Option<Figure> {
        let levels = self.by_key.get(&(line.indicator.as_str(), line.area.as_str(), line.breakdown.as_ref()))?;
        let row = line.source_row.as_deref();
        let of_row = |level: &&Level<'_>| level.source_row == row;
        let end = |code: &str| Period::parse(code).ok().map(|period| period.end());
        let target = end(target);
        let wanted = |level: &&Level<'_>| match named {
            Some(period) => level.period == period,
            None => end(level.period) < target,
        };
        let newest = |levels: &mut dyn Iterator<Item = &Level<'_>>| {
            levels.max_by_key(|level| end(level.period)).map(|level| level.value)
        };
        let own = newest(&mut levels.iter().filter(of_row).filter(wanted));
        own.or_else(|| newest(&mut levels.iter().filter(wanted)))
    }
}

/// Finds changes stated beside targets (`687 +7%`) that do not follow from the target and the level that they start from.
pub(super) fn check_targets(lines: &[Line], posted: &[PostedLine], wrong: &BTreeSet<u32>, problems: &mut Vec<Problem>) {
    let sound = || lines.iter().filter(|line| !wrong.contains(&line.line));
    let levels = Levels::of(sound());
    for (line, posted) in lines.iter().zip(posted).filter(|(line, _)| !wrong.contains(&line.line)) {
        for (kind, entry) in line.entries() {
            let (Some(after), Some(stated), Some(form)) = (entry.value, entry.secondary_value, entry.secondary_form)
            else {
                continue;
            };
            let Some(before) = levels.before(line, line.period_of(entry), entry.baseline_used.as_deref()) else {
                continue;
            };
            if classify(before, after, stated, form) == Some(ChangeMatch::Unexplained) {
                let place = posted.place_of(&format!("{}/secondary_value", kind.as_str().to_ascii_lowercase()));
                let message = format!(
                    "The stated change {stated} follows from {before} and {after} neither relatively nor in points."
                );
                report(problems, ProblemCode::ChangeUnexplained, place, message, "a change that follows, or a comment");
            }
        }
    }
}

/// Finds own changes of reported comparisons, which are on the period before, that do not follow from that period's baseline and
/// the actual of the same return.
pub(super) fn check_comparisons(
    comparisons: &[ReportedComparison],
    posted: &[PostedLine],
    lines: &[Line],
    wrong: &BTreeSet<u32>,
    own_area: &str,
    problems: &mut Vec<Problem>,
) {
    let value = |line: &Line, kind| line.entry(kind).and_then(|entry| entry.value);
    for (comparison, posted) in comparisons.iter().zip(posted) {
        let Some(stated) = comparison.own_change else { continue };
        let same = |line: &&Line| {
            !wrong.contains(&line.line)
                && line.breakdown.is_none()
                && line.area == own_area
                && (&line.indicator, &line.period) == (&comparison.indicator, &comparison.period)
        };
        let Some(line) = lines.iter().find(same) else { continue };
        let before = Period::parse(&line.period).ok().and_then(|period| period.previous()).map(|period| period.code());
        let is_of_period_before = line.baseline.as_ref().map(|baseline| line.period_of(baseline)) == before.as_deref();
        let (Some(before), Some(after), true) =
            (value(line, FigureKind::Baseline), value(line, FigureKind::Actual), is_of_period_before)
        else {
            continue;
        };
        if classify(before, after, stated, FigureForm::RelativeChange) == Some(ChangeMatch::Unexplained) {
            let place = posted.place_of("own_change");
            let message =
                format!("The own change {stated} does not follow from {before} and {after} of line {}.", line.line);
            report(problems, ProblemCode::ChangeUnexplained, place, message, "a change that follows, or a comment");
        }
    }
}

#[cfg(test)]
mod tests;
