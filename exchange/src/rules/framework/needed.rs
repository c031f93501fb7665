//! What an answer for one period needs of all that a partnership has published.

use std::collections::HashSet;

use entity::{FigureForm, FigureKind};

use crate::rules::{
    fact::{Fact, Measure, TARGETS},
    line::Line,
    period::Period,
};

/// Of whom and what figures are judged together: partnership, indicator, area and member of a breakdown.
type Group = (i32, i32, i32, i32);

fn group_of(fact: &Fact) -> Group {
    (fact.key.partnership_id, fact.key.indicator_id, fact.key.area_id, fact.key.breakdown_id)
}

/// Whether a figure is judged by whatever was published before it: a stated change, or a target that is one.
fn looks_back(fact: &Fact) -> bool {
    let is_change = fact.key.measure != Measure::Primary || fact.flags.form != FigureForm::Level;
    fact.key.kind == FigureKind::ReportedChange || TARGETS.contains(&fact.key.kind) && is_change
}

/// Whether a figure's line says something of a period: what is shown for the period follows from such lines.
pub fn tells_of(period: &Period, fact: &Fact, of: &Period) -> bool {
    fact.key.kind != FigureKind::Baseline && is_within(period, of)
}

fn is_within(period: &Period, of: &Period) -> bool {
    period.start() <= of.end() && of.end() <= period.end()
}

/// Which facts an answer for a period needs, in their order: what is shown for it, and whatever that is judged by. `line_of` knows
/// at least the lines of the facts that tell of the period.
///
/// Most of what is published are figures of other periods that nothing shown refers to. Needed are baselines, whatever stands on
/// a line with what is shown, figures of the periods of such lines and of those before, all of a group in which something shown
/// looks further back, and the first figure of each group, which says by what definition the group is judged.
pub fn needed_for<'a>(
    period: &Period,
    facts: &[Fact],
    period_of: impl Fn(&Fact) -> Option<Period>,
    line_of: impl Fn(&Fact) -> Option<&'a Line>,
) -> Vec<bool> {
    let place = |fact: &Fact| (fact.edition_id, fact.line_no);
    let told: HashSet<(i64, i32)> =
        facts.iter().filter(|fact| period_of(fact).is_none_or(|of| tells_of(period, fact, &of))).map(place).collect();
    let mut shared: HashSet<(Group, FigureKind, Period)> = HashSet::new();
    for fact in facts.iter().filter(|fact| told.contains(&place(fact))) {
        for (kind, entry) in line_of(fact).into_iter().flat_map(Line::entries) {
            let of = line_of(fact).and_then(|line| Period::parse(line.period_of(entry)).ok());
            shared.extend(of.map(|of| (group_of(fact), kind, of)));
        }
    }
    let is_baseline = |fact: &Fact| fact.key.kind == FigureKind::Baseline;
    let is_shown = |fact: &&Fact| {
        let of = period_of(fact);
        told.contains(&place(fact))
            || of.is_none_or(|of| {
                shared.contains(&(group_of(fact), fact.key.kind, of)) || is_baseline(fact) && is_within(period, &of)
            })
    };
    let (mut lines, mut looking_back) = (HashSet::new(), HashSet::new());
    for fact in facts.iter().filter(is_shown) {
        lines.insert(place(fact));
        if looks_back(fact) {
            looking_back.insert(group_of(fact));
        }
    }
    // What is judged by may be contradicted by others of its period.
    let mut periods = HashSet::new();
    for fact in facts.iter().filter(|fact| lines.contains(&place(fact))) {
        for of in period_of(fact).into_iter().flat_map(|of| [Some(of), of.previous()]).flatten() {
            periods.insert((group_of(fact), of));
        }
    }
    let mut met = HashSet::new();
    let needed = facts.iter().map(|fact| {
        let group = group_of(fact);
        met.insert(group)
            || is_baseline(fact)
            || looking_back.contains(&group)
            || lines.contains(&place(fact))
            || period_of(fact).is_none_or(|of| periods.contains(&(group, of)))
    });
    needed.collect()
}

#[cfg(test)]
mod tests {
    use entity::{FigureForm, Polarity};
    use proptest::prelude::*;

    use super::*;
    use crate::rules::{
        framework::{
            Direction, Placed, Shown, judge,
            samples::{Published, in_form, level, of_period, southwark},
            shown_for,
        },
        line::{Entry, Line},
    };

    const PERIODS: [&str; 7] =
        ["FY2006-07", "FY2007-08", "FY2008-09", "FY2008-09-Q3", "FY2008-09-Q4", "FY2009-10-Q1", "FY2009-10"];

    fn entry() -> impl Strategy<Value = Option<Entry>> {
        let number = (1..40u8).prop_map(|number| number.to_string());
        prop_oneof![
            3 => Just(None),
            3 => number.clone().prop_map(|value| level(&value)),
            2 => (number.clone(), 0..PERIODS.len()).prop_map(|(value, at)| of_period(&value, PERIODS[at])),
            1 => number.prop_map(|value| in_form(&value, FigureForm::RelativeChange)),
        ]
    }

    fn line() -> impl Strategy<Value = Line> {
        let actual = prop_oneof![1 => Just(None), 4 => (1..40u8).prop_map(|value| level(&value.to_string()))];
        let rarely = || prop_oneof![3 => Just(None), 1 => entry()];
        (0..PERIODS.len(), actual, rarely(), rarely(), prop_oneof![9 => Just(None), 1 => entry()]).prop_map(
            |(at, actual, baseline, target, reported_change)| Line {
                actual,
                baseline,
                target,
                reported_change,
                ..southwark("NI 16", PERIODS[at])
            },
        )
    }

    /// Which are needed, where nothing is known but the lines of what tells of the period.
    fn needed_of(period: &Period, published: &Published) -> Vec<bool> {
        let all = published.placed();
        let of = |fact: &Fact| all.iter().find(|placed| std::ptr::eq(placed.fact, fact)).unwrap();
        let place = |fact: &Fact| (fact.edition_id, fact.line_no);
        let telling = all.iter().filter(|placed| tells_of(period, placed.fact, placed.period));
        let told: Vec<(i64, i32)> = telling.map(|placed| place(placed.fact)).collect();
        let line_of = |fact: &Fact| told.contains(&place(fact)).then(|| of(fact).line);
        needed_for(period, &published.facts, |fact| Some(*of(fact).period), line_of)
    }

    /// What is shown of figures for a period, with what is computed from it.
    fn answer(figures: &[Placed<'_>], period: &Period, published: &Published) -> Vec<String> {
        let judged = judge(figures, Direction::Defined(Polarity::LowerIsBetter), &published.catalogue);
        let shown = shown_for(Some(period), figures);
        let answered = figures.iter().zip(shown).zip(judged).filter(|((_, shown), _)| *shown != Shown::Not);
        answered.map(|((figure, shown), judgement)| format!("{:?} {shown:?} {judgement:?}", figure.fact)).collect()
    }

    proptest! {
        #[test]
        fn what_is_left_out_changes_no_answer(
            first in prop::collection::vec(line(), 1..8),
            second in prop::collection::vec(line(), 1..5),
        ) {
            let published = Published::of([first, second]);
            let all = published.placed();
            for period in PERIODS.map(|code| Period::parse(code).unwrap()) {
                let needed = needed_of(&period, &published);
                let some: Vec<Placed<'_>> =
                    all.iter().zip(needed).filter(|(_, needed)| *needed).map(|(placed, _)| *placed).collect();
                prop_assert_eq!(answer(&all, &period, &published), answer(&some, &period, &published));
            }
        }
    }

    #[test]
    fn actuals_of_periods_that_nothing_refers_to_are_left_out() {
        let of = |period: &str| Line { actual: level("1"), ..southwark("NI 16", period) };
        let published = Published::of([PERIODS.map(of).to_vec()]);
        let all = published.placed();
        let needed = needed_of(&Period::parse("FY2009-10-Q1").unwrap(), &published);
        let kept = all.iter().zip(needed).filter(|(_, needed)| *needed).map(|(placed, _)| placed.period.code());
        assert_eq!(kept.collect::<Vec<_>>(), ["FY2006-07", "FY2008-09-Q4", "FY2009-10-Q1"]);
    }
}
