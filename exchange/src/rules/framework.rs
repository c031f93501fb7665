//! A performance framework: which figures belong to which line of a plan, and what the exchange computes beside the
//! printed ones. Nothing of it is stored.

mod judgement;
mod needed;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use entity::{FigureKind, PlanStatus};

use super::{
    catalogue::{Catalogue, Known, Partnership, Plan},
    fact::Fact,
    line::{Breakdown, Line},
    period::Period,
};

pub use judgement::{ComputedChange, Direction, Judgement, TargetMet, judge};
pub use needed::{needed_for, tells_of};

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

/// Whether a figure is shown for a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is not.
    Not,
    /// It is, beside what return lines say of the period: as one of their baselines, or as what they say too.
    Beside,
    /// Its own line says something of the period.
    Told,
}

/// Which of some figures are shown for a period: all of a return line that gives an actual, a target, a change or a light for a
/// period that ends within it, what such a line shares with others, and baselines of the period itself. All, if no period is
/// asked for.
pub fn shown_for(period: Option<&Period>, figures: &[Placed<'_>]) -> Vec<Shown> {
    let Some(period) = period else { return vec![Shown::Told; figures.len()] };
    let within = |of: &Period| period.start() <= of.end() && of.end() <= period.end();
    let is_baseline = |figure: &Placed<'_>| figure.fact.key.kind == FigureKind::Baseline;
    let line_of = |figure: &Placed<'_>| (figure.fact.edition_id, figure.fact.line_no);
    let of_whom = |figure: &Placed<'_>| {
        let key = &figure.fact.key;
        (key.partnership_id, key.indicator_id, key.area_id, key.breakdown_id)
    };
    let telling = figures.iter().filter(|figure| !is_baseline(figure) && within(figure.period));
    let telling: HashMap<_, _> = telling.map(|figure| (line_of(figure), figure)).collect();
    // Lines that say the same of a baseline or a target share one figure, so that it may stand with another line.
    let shared = telling.values().flat_map(|figure| {
        let said = figure.line.entries().filter_map(|(kind, entry)| {
            Some((of_whom(figure), kind, Period::parse(figure.line.period_of(entry)).ok()?))
        });
        said.collect::<Vec<_>>()
    });
    let shared: HashSet<_> = shared.collect();
    let shown = |figure: &Placed<'_>| {
        if telling.contains_key(&line_of(figure)) {
            Shown::Told
        } else if shared.contains(&(of_whom(figure), figure.fact.key.kind, *figure.period))
            || is_baseline(figure) && within(figure.period)
        {
            Shown::Beside
        } else {
            Shown::Not
        }
    };
    figures.iter().map(shown).collect()
}

/// The plan whose framework a partnership goes by: of those that have one, the agreed and revised before drafts and those
/// before what is superseded, and of these the newest.
pub fn usual_plan<'a>(plans: impl IntoIterator<Item = &'a Known<Arc<Plan>>>) -> Option<&'a Known<Arc<Plan>>> {
    let standing = |status: PlanStatus| match status {
        PlanStatus::Agreed | PlanStatus::Revised => 2,
        PlanStatus::Draft => 1,
        PlanStatus::Superseded => 0,
    };
    let order = |plan: &&Known<Arc<Plan>>| (!plan.lines.is_empty(), standing(plan.status), plan.valid_from, plan.id);
    plans.into_iter().max_by_key(order)
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
