//! A fact: one figure as the fact table holds it, in numbers.

use std::collections::HashMap;

use entity::{FigureKind, Unit};

use super::{decimal::Figure, flags::Flags};
use crate::clock::Instant;

/// Kinds of figure that are targets, of whatever variant.
pub const TARGETS: [FigureKind; 3] =
    [FigureKind::Target, FigureKind::TargetWithStretch, FigureKind::TargetWithoutStretch];

/// What a fact is of. Two facts with the same key are versions of one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactKey {
    /// The indicator.
    pub indicator_id: i32,
    /// The period.
    pub period_id: i32,
    /// Actual, baseline, target …
    pub kind: FigureKind,
    /// The partnership reported for; 0 for none.
    pub partnership_id: i32,
    /// The area measured.
    pub area_id: i32,
    /// The member of a breakdown; 0 for the whole.
    pub breakdown_id: i32,
    /// Primary or secondary value.
    pub measure: Measure,
    /// Keeps contradicting rows of one source apart.
    pub line_variant: i16,
}

impl FactKey {
    /// The figure that the fact is of, whatever row says it and whether it is its first or its second value.
    #[must_use]
    pub const fn figure(self) -> Self {
        Self { measure: Measure::Primary, line_variant: 0, ..self }
    }
}

/// One figure of one edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// What it is of.
    pub key: FactKey,
    /// The edition that brings it.
    pub edition_id: i64,
    /// The value, where there is one.
    pub value: Option<Figure>,
    /// What the value counts.
    pub numerator: Option<Figure>,
    /// Of how many.
    pub denominator: Option<Figure>,
    /// Status, missing reason, basis, form, light, tombstone.
    pub flags: Flags,
    /// The line of the return.
    pub line_no: i32,
}

/// The number that stands for a kind in the fact table. Stored: never change one.
pub const fn stored_kind(kind: FigureKind) -> i16 {
    match kind {
        FigureKind::Actual => 0,
        FigureKind::Baseline => 1,
        FigureKind::Target => 2,
        FigureKind::TargetWithStretch => 3,
        FigureKind::TargetWithoutStretch => 4,
        FigureKind::ReportedChange => 5,
        FigureKind::ReportedLight => 6,
    }
}

/// The kind that a stored number stands for.
pub fn kind_stored_as(number: i16) -> Option<FigureKind> {
    FigureKind::ALL.iter().copied().find(|kind| stored_kind(*kind) == number)
}

/// Which of two values printed for the same figure a fact is (`687 +7%` has two).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// The figure in the indicator's unit.
    Primary,
    /// A second value of the same figure, in a unit of its own.
    Secondary(Unit),
}

/// The number that stands for a measure in the fact table. Stored: never change one.
pub const fn stored_measure(measure: Measure) -> i16 {
    match measure {
        Measure::Primary => 0,
        Measure::Secondary(unit) => match unit {
            Unit::Rate => 1,
            Unit::Percent => 2,
            Unit::PercentagePoint => 3,
            Unit::Count => 4,
            Unit::Ratio => 5,
            Unit::Score => 6,
            Unit::Grade => 7,
            Unit::Money => 8,
            Unit::Unknown => 9,
        },
    }
}

/// The measure that a stored number stands for.
pub fn measure_stored_as(number: i16) -> Option<Measure> {
    let secondary = Unit::ALL.iter().map(|unit| Measure::Secondary(*unit));
    std::iter::once(Measure::Primary).chain(secondary).find(|measure| stored_measure(*measure) == number)
}

/// Of each figure's versions the one that took effect last, as `effect` says: when an edition took effect, and whether it is
/// withdrawn; it knows nothing of those that a reader does not see. An edition gives a figure whole: with its second value, and
/// with all rows that contradict each other. A withdrawn figure is a tombstone. The order of facts is kept.
pub fn newest_visible(
    facts: impl IntoIterator<Item = Fact>,
    effect: impl Fn(i64) -> Option<(Instant, bool)>,
) -> Vec<Fact> {
    let mut newest: HashMap<FactKey, (Instant, i64)> = HashMap::new();
    let mut visible: Vec<Fact> = Vec::new();
    let mut known: Option<(i64, Option<(Instant, bool)>)> = None;
    for fact in facts {
        // Facts of one edition mostly come together.
        let effect = match known {
            Some((edition, effect)) if edition == fact.edition_id => effect,
            _ => effect(fact.edition_id),
        };
        known = Some((fact.edition_id, effect));
        let Some((effective_at, is_withdrawn)) = effect else { continue };
        let order = (effective_at, fact.edition_id);
        let known = newest.entry(fact.key.figure()).or_insert(order);
        *known = (*known).max(order);
        visible.push(if is_withdrawn { fact.withdrawn() } else { fact });
    }
    let counts = |fact: &Fact| newest.get(&fact.key.figure()).is_some_and(|(_, edition)| *edition == fact.edition_id);
    visible.into_iter().filter(counts).collect()
}

impl Fact {
    /// The tombstone of the fact: its place, and nothing that it said.
    #[must_use]
    pub fn withdrawn(self) -> Self {
        let flags = Flags { tombstone: true, form: self.flags.form, ..Flags::default() };
        Self { value: None, numerator: None, denominator: None, flags, ..self }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    /// A plain actual of one partnership, indicator 1 and period 1.
    pub(crate) fn actual(partnership_id: i32, edition_id: i64, value: &str) -> Fact {
        Fact {
            key: FactKey {
                indicator_id: 1,
                period_id: 1,
                kind: FigureKind::Actual,
                partnership_id,
                area_id: partnership_id,
                breakdown_id: 0,
                measure: Measure::Primary,
                line_variant: 0,
            },
            edition_id,
            value: Figure::parse(value).ok(),
            numerator: None,
            denominator: None,
            flags: Flags::default(),
            line_no: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{samples::actual, *};
    use crate::clock::instant;

    #[test]
    fn what_was_published_last_counts_whatever_the_order_of_rows_or_editions() {
        let facts = [actual(7, 3, "3"), actual(7, 1, "1"), actual(7, 2, "2"), actual(8, 9, "9")];
        // Edition 1 took effect after edition 2; the others are not visible.
        let newest = newest_visible(facts, |edition| (edition < 3).then(|| (instant(100 - edition), false)));
        assert_eq!(newest, [facts[1]]);
    }

    #[test]
    fn a_withdrawn_figure_hides_its_earlier_versions_and_says_nothing() {
        let facts = [actual(7, 1, "1"), actual(7, 2, "2")];
        let newest = newest_visible(facts, |edition| Some((instant(edition), edition == 2)));
        assert_eq!(newest, [facts[1].withdrawn()]);
        assert_eq!((newest[0].value, newest[0].flags.tombstone), (None, true));
    }

    #[test]
    fn a_later_return_replaces_all_rows_of_a_figure_and_its_second_value() {
        let row = |line_variant, measure, value: &str| {
            let fact = actual(7, 1, value);
            Fact { key: FactKey { measure, line_variant, ..fact.key }, ..fact }
        };
        let percent = Measure::Secondary(Unit::Percent);
        let earlier = [row(0, Measure::Primary, "60"), row(0, percent, "5"), row(1, Measure::Primary, "36")];
        assert_eq!(newest_visible(earlier, |_| Some((instant(1), false))), earlier);
        let later = actual(7, 2, "36");
        assert_eq!(
            newest_visible(earlier.into_iter().chain([later]), |edition| Some((instant(edition), false))),
            [later]
        );
    }

    #[test]
    fn stored_numbers_are_frozen() {
        assert_eq!(FigureKind::ALL.iter().map(|kind| stored_kind(*kind)).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(kind_stored_as(7), None);
        assert_eq!(measure_stored_as(2), Some(Measure::Secondary(Unit::Percent)));
        assert_eq!(measure_stored_as(10), None);
    }
}
