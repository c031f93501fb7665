//! What an answer for one period needs of all that a partnership has published.

use std::{
    collections::{HashMap, HashSet},
    hash::BuildHasher,
};

use entity::{FigureForm, FigureKind};

use crate::rules::{
    fact::{Fact, Measure, TARGETS},
    period::Period,
};

/// Of whom and what figures are judged together: partnership, indicator, area and member of a breakdown.
type Group = (i32, i32, i32, i32);

fn group_of(fact: &Fact) -> Group {
    (fact.key.partnership_id, fact.key.indicator_id, fact.key.area_id, fact.key.breakdown_id)
}

const fn is_plain_actual(fact: &Fact) -> bool {
    matches!((fact.key.kind, fact.key.measure), (FigureKind::Actual, Measure::Primary))
}

/// Whether a figure is judged by whatever was published before it: a stated change, or a target that is one.
fn looks_back(fact: &Fact) -> bool {
    let is_change = fact.key.measure != Measure::Primary || fact.flags.form != FigureForm::Level;
    fact.key.kind == FigureKind::ReportedChange || TARGETS.contains(&fact.key.kind) && is_change
}

/// Which facts an answer for a period needs, in their order: what is shown for it, and whatever that is judged by.
///
/// Most of what is published are actuals of other periods that nothing refers to: an actual that stands alone on its line counts
/// only in its own period, and as what the next period's change is from. All else is needed, as is the first figure of each
/// group, which says by what definition the group is judged.
pub fn needed_for<S: BuildHasher>(period: &Period, facts: &[Fact], periods: &HashMap<i32, Period, S>) -> Vec<bool> {
    let within = |of: &Period| period.start() <= of.end() && of.end() <= period.end();
    let line_of = |fact: &Fact| (fact.edition_id, fact.line_no);
    let more_than_an_actual: HashSet<(i64, i32)> =
        facts.iter().filter(|fact| !is_plain_actual(fact)).map(line_of).collect();
    // A line without an actual of its own may share one that stands with another line, of whatever period that is.
    let with_actual: HashSet<(i64, i32)> = facts.iter().filter(|fact| is_plain_actual(fact)).map(line_of).collect();
    let may_share = |fact: &Fact| !with_actual.contains(&line_of(fact));
    let entangled: HashSet<Group> =
        facts.iter().filter(|fact| looks_back(fact) || may_share(fact)).map(group_of).collect();
    let mut referred: HashSet<(Group, Period)> = HashSet::new();
    for fact in facts {
        let Some(of) = periods.get(&fact.key.period_id) else { continue };
        if within(of) || more_than_an_actual.contains(&line_of(fact)) {
            referred.insert((group_of(fact), *of));
            referred.extend(of.previous().map(|before| (group_of(fact), before)));
        }
    }
    let mut met = HashSet::new();
    let needed = facts.iter().map(|fact| {
        let group = group_of(fact);
        let is_first = met.insert(group);
        let is_referred = || periods.get(&fact.key.period_id).is_none_or(|of| referred.contains(&(group, *of)));
        is_first || entangled.contains(&group) || more_than_an_actual.contains(&line_of(fact)) || is_referred()
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
            let periods: HashMap<i32, Period> =
                all.iter().map(|placed| (placed.fact.key.period_id, *placed.period)).collect();
            for period in PERIODS.map(|code| Period::parse(code).unwrap()) {
                let needed = needed_for(&period, &published.facts, &periods);
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
        let periods: HashMap<i32, Period> =
            all.iter().map(|placed| (placed.fact.key.period_id, *placed.period)).collect();
        let needed = needed_for(&Period::parse("FY2009-10-Q1").unwrap(), &published.facts, &periods);
        let kept = all.iter().zip(needed).filter(|(_, needed)| *needed).map(|(placed, _)| placed.period.code());
        assert_eq!(kept.collect::<Vec<_>>(), ["FY2006-07", "FY2008-09-Q4", "FY2009-10-Q1"]);
    }
}
