//! What changed between two readings of the same figures.

use std::collections::BTreeMap;

use entity::{ChangeKind, FigureKind};

use super::{
    fact::{Fact, FactKey},
    line::Line,
};

/// A fact that reads otherwise than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactChange {
    /// What became of it.
    pub kind: ChangeKind,
    /// As it read before.
    pub from: Option<Fact>,
    /// As it reads now.
    pub to: Option<Fact>,
}

/// The changes from one reading to another, in the order of their keys. Figures that say the same, by the same words, have not
/// changed, whichever return they come from.
pub fn changes(
    before: impl IntoIterator<Item = Fact>,
    after: impl IntoIterator<Item = Fact>,
    same_words: impl Fn(&Fact, &Fact) -> bool,
) -> Vec<FactChange> {
    let mut pairs: BTreeMap<FactKey, (Option<Fact>, Option<Fact>)> = BTreeMap::new();
    for fact in before {
        pairs.entry(fact.key).or_default().0 = Some(fact);
    }
    for fact in after {
        pairs.entry(fact.key).or_default().1 = Some(fact);
    }
    let change = |(from, to): (Option<Fact>, Option<Fact>)| {
        let is_withdrawn = |fact: Option<Fact>| fact.is_some_and(|fact| fact.flags.tombstone);
        let kind = match (&from, &to) {
            (None, None) => return None,
            (Some(_), None) => ChangeKind::Removed,
            (Some(from), Some(to)) if says_the_same(from, to) && same_words(from, to) => return None,
            (_, Some(_)) if is_withdrawn(to) => ChangeKind::Withdrawn,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), Some(_)) => ChangeKind::Revised,
        };
        Some(FactChange { kind, from, to })
    };
    pairs.into_values().filter_map(change).collect()
}

/// Whether two facts say the same to the last printed decimal.
fn says_the_same(one: &Fact, other: &Fact) -> bool {
    let decimals = |fact: &Fact| fact.value.map(|value| (value.scaled(), value.decimals()));
    decimals(one) == decimals(other)
        && (one.numerator, one.denominator, one.flags) == (other.numerator, other.denominator, other.flags)
}

/// Whether two lines say a figure of a kind in the same words.
pub fn same_words(kind: FigureKind, one: &Line, other: &Line) -> bool {
    one.entry(kind) == other.entry(kind)
        && (kind != FigureKind::ReportedLight || one.reported_light == other.reported_light)
        && (&one.source_row, &one.comment, &one.note, &one.doubts)
            == (&other.source_row, &other.comment, &other.note, &other.doubts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fact::samples::actual;

    fn kinds(before: &[Fact], after: &[Fact]) -> Vec<ChangeKind> {
        let changes = changes(before.iter().copied(), after.iter().copied(), |_, _| true);
        changes.iter().map(|change| change.kind).collect()
    }

    #[test]
    fn what_says_the_same_has_not_changed_whichever_return_it_comes_from() {
        assert_eq!(kinds(&[actual(7, 1, "29.24")], &[actual(7, 2, "29.24")]), []);
        assert_eq!(kinds(&[actual(7, 1, "29.20")], &[actual(7, 2, "29.2")]), [ChangeKind::Revised]);
    }

    #[test]
    fn figures_are_added_revised_and_removed() {
        let (first, revised, new) = (actual(7, 1, "1"), actual(7, 2, "2"), actual(8, 2, "3"));
        assert_eq!(kinds(&[], &[first]), [ChangeKind::Added]);
        assert_eq!(kinds(&[first], &[revised, new]), [ChangeKind::Revised, ChangeKind::Added]);
        assert_eq!(kinds(&[first], &[]), [ChangeKind::Removed]);
    }

    #[test]
    fn a_withdrawal_is_told_once_and_what_follows_it_is_a_revision() {
        let figure = actual(7, 1, "1");
        assert_eq!(kinds(&[figure], &[figure.withdrawn()]), [ChangeKind::Withdrawn]);
        assert_eq!(kinds(&[figure.withdrawn()], &[figure.withdrawn()]), []);
        assert_eq!(kinds(&[figure.withdrawn()], &[actual(7, 3, "2")]), [ChangeKind::Revised]);
    }

    #[test]
    fn other_words_are_a_change_too() {
        let figure = actual(7, 1, "1");
        assert_eq!(changes([figure], [figure], |_, _| false).len(), 1);
    }
}
