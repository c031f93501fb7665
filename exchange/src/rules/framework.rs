//! A performance framework: which figures belong to which line of a plan, and what the exchange computes beside the
//! printed ones. Nothing of it is stored.

mod judgement;

use std::collections::{HashMap, HashSet};

use entity::FigureKind;

use super::{
    catalogue::{Catalogue, Known, Partnership, Plan},
    fact::Fact,
    line::{Breakdown, Line},
    period::Period,
};

pub use judgement::{ComputedChange, Direction, Judgement, TargetMet, judge};

/// A visible figure of a partnership, with the line that it was made from.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The figure.
    pub fact: &'a Fact,
    /// The period that it is for.
    pub period: &'a Period,
    /// The member of a breakdown that it is for.
    pub breakdown: Option<&'a Breakdown>,
    /// The line that it was made from.
    pub line: &'a Line,
}

/// Which figures belong to each line of a plan, by their places in the lists.
///
/// A figure belongs to a line with its indicator, area and breakdown: where several lines have them, to the one of its own
/// source row, else to the first. Figures of other indicators, areas and breakdowns belong to none.
pub fn assign(
    plan: &Plan,
    partnership: &Known<Partnership>,
    catalogue: &Catalogue,
    figures: &[Placed<'_>],
) -> Vec<Vec<usize>> {
    type Key<'a> = (i32, i32, Option<&'a Breakdown>);
    let mut lines_of: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    for (at, line) in plan.lines.iter().enumerate() {
        let area = line.area.as_deref().unwrap_or(&partnership.area);
        if let (Some(indicator), Some(area)) = (catalogue.indicator(&line.indicator, None), catalogue.area(area)) {
            lines_of.entry((indicator.id, area.id, line.breakdown.as_ref())).or_default().push(at);
        }
    }
    let mut belonging = vec![Vec::new(); plan.lines.len()];
    for (at, figure) in figures.iter().enumerate() {
        let key = (figure.fact.key.indicator_id, figure.fact.key.area_id, figure.breakdown);
        let Some(lines) = lines_of.get(&key) else { continue };
        let own_row = |line: &&usize| figure.line.source_row.as_ref() == Some(&plan.lines[**line].source_row);
        if let Some(line) = lines.iter().find(own_row).or(lines.first()) {
            belonging[*line].push(at);
        }
    }
    belonging
}

/// Which of some figures are shown for a period: those of return lines that say something of a period that ends within it, and
/// the baselines of what is shown, whatever they are for; all of them if no period is asked for.
pub fn shown_for(period: Option<&Period>, figures: &[Placed<'_>]) -> Vec<bool> {
    let Some(period) = period else { return vec![true; figures.len()] };
    let within = |of: &Period| period.start() <= of.end() && of.end() <= period.end();
    let line_of = |figure: &Placed<'_>| (figure.fact.edition_id, figure.fact.line_no);
    let of_whom = |figure: &Placed<'_>| {
        let key = &figure.fact.key;
        (key.partnership_id, key.indicator_id, key.area_id, key.breakdown_id)
    };
    let is_baseline = |figure: &Placed<'_>| figure.fact.key.kind == FigureKind::Baseline;
    let telling = || figures.iter().filter(|figure| !is_baseline(figure) && within(figure.period));
    let lines: HashSet<_> = telling().map(line_of).collect();
    // Lines that share a baseline have it once, so that it may be another line's.
    let told_of: HashSet<_> = telling().map(of_whom).collect();
    let shown = |figure: &Placed<'_>| {
        if is_baseline(figure) { told_of.contains(&of_whom(figure)) } else { lines.contains(&line_of(figure)) }
    };
    figures.iter().map(shown).collect()
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
