//! A partnership among its Most Similar Group: rank, average, position against the average, progress in rank.

use std::cmp::Ordering;

use entity::{Movement, Polarity, Position, RankOrder};

use super::decimal::Figure;

/// The fewest members with a figure for which a group has an average and ranks. The functions here do not ask: whoever
/// publishes an average or a rank compares with it first.
pub const MINIMUM_MEMBERS: usize = 5;

/// A member's place in a ranking.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ranked<K> {
    /// The member.
    pub key: K,
    /// Its rank, from 1.
    pub rank: u32,
    /// Another member has the same rank.
    pub tied: bool,
}

/// Ranks members by value, equal values sharing a rank and leaving the next ones out: 1, 2, 2, 4 (standard competition
/// ranking).
///
/// Values are compared, not printed decimals: 1.0 and 1.00 are tied. The result is in order of rank, ties in order of
/// key.
pub fn rank<K: Copy + Ord>(values: &[(K, Figure)], order: RankOrder) -> Vec<Ranked<K>> {
    let mut sorted: Vec<(i64, K)> = values.iter().map(|&(key, figure)| (sort_value(order, figure), key)).collect();
    sorted.sort_unstable();

    let mut ranked = Vec::with_capacity(sorted.len());
    for equals in sorted.chunk_by(|one, next| one.0 == next.0) {
        let rank = u32::try_from(ranked.len()).unwrap_or(u32::MAX).saturating_add(1);
        let tied = equals.len() > 1;
        ranked.extend(equals.iter().map(|&(_, key)| Ranked { key, rank, tied }));
    }
    ranked
}

/// A number that is lower the earlier a figure comes in the order.
fn sort_value(order: RankOrder, figure: Figure) -> i64 {
    match order {
        RankOrder::LowestFirst => figure.scaled(),
        RankOrder::HighestFirst => -figure.scaled(),
        RankOrder::NearestZeroFirst => figure.scaled().abs(),
    }
}

/// The order that gives the best figure rank 1.
///
/// Where neither direction is better (`NONE`, `UNKNOWN`) the highest figure comes first, as in the plans' own tables;
/// rank 1 is then no praise.
pub fn best_first(polarity: Polarity) -> RankOrder {
    match polarity {
        Polarity::LowerIsBetter => RankOrder::LowestFirst,
        Polarity::TowardsZero => RankOrder::NearestZeroFirst,
        Polarity::HigherIsBetter | Polarity::None | Polarity::Unknown => RankOrder::HighestFirst,
    }
}

/// The unweighted average of figures, exact until it is asked for in decimals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Mean {
    /// The sum × 10⁶.
    sum: i128,
    /// How many figures, at least 1.
    count: i128,
}

impl Mean {
    /// The average of figures; `None` if there are none.
    pub fn of(values: &[Figure]) -> Option<Self> {
        let count = i128::try_from(values.len()).ok().filter(|&count| count > 0)?;
        let sum = values.iter().map(|figure| i128::from(figure.scaled())).sum();
        Some(Self { sum, count })
    }

    /// The average, rounded once, half away from zero; `None` if it has more digits than a figure may have.
    pub fn rounded(self, decimals: u8) -> Option<Figure> {
        Figure::quotient(self.sum, self.count * 10_i128.pow(Figure::SCALE), decimals)
    }

    /// Where a value lies against the exact average: in value, not in merit.
    ///
    /// Never `JUST_ABOVE` or `JUST_BELOW`: the plans print those words without saying where they begin.
    pub fn position(self, value: Figure) -> Position {
        match (i128::from(value.scaled()) * self.count).cmp(&self.sum) {
            Ordering::Greater => Position::Above,
            Ordering::Equal => Position::At,
            Ordering::Less => Position::Below,
        }
    }
}

/// Movement between two ranks of the same group and order, in merit.
///
/// In Southwark's table rank 1 is the highest crime rate (`HIGHEST_FIRST`, `LOWER_IS_BETTER`): 7th to 11th is an
/// improvement. `None` if neither direction is better, or if the order does not follow merit at all (`HIGHEST_FIRST` of
/// what should be nearest to zero).
pub fn progress(order: RankOrder, polarity: Polarity, rank_before: u32, rank_after: u32) -> Option<Movement> {
    let (worse, better) = match (order, polarity) {
        (RankOrder::LowestFirst, Polarity::LowerIsBetter)
        | (RankOrder::HighestFirst, Polarity::HigherIsBetter)
        | (RankOrder::NearestZeroFirst, Polarity::TowardsZero) => (rank_before, rank_after),
        (RankOrder::LowestFirst, Polarity::HigherIsBetter) | (RankOrder::HighestFirst, Polarity::LowerIsBetter) => {
            (rank_after, rank_before)
        }
        _ => return None,
    };
    Some(match better.cmp(&worse) {
        Ordering::Less => Movement::Improved,
        Ordering::Equal => Movement::Unchanged,
        Ordering::Greater => Movement::Worsened,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{
        super::decimal::samples::{any_figure, figure},
        *,
    };

    fn figures(texts: &[&str]) -> Vec<Figure> {
        texts.iter().map(|text| figure(text)).collect()
    }

    #[rstest]
    #[case(RankOrder::HighestFirst, "b 1, a 2=, d 2=, c 4, e 5")]
    #[case(RankOrder::LowestFirst, "e 1, c 2, a 3=, d 3=, b 5")]
    #[case(RankOrder::NearestZeroFirst, "c 1=, e 1=, a 3=, d 3=, b 5")]
    fn equal_values_share_a_rank_and_the_next_is_left_out(#[case] order: RankOrder, #[case] expected: &str) {
        let values = [("d", "29.2"), ("c", "0.5"), ("b", "34.56"), ("a", "29.20"), ("e", "-0.5")]
            .map(|(key, value)| (key, figure(value)));
        let places: Vec<String> = rank(&values, order)
            .into_iter()
            .map(|Ranked { key, rank, tied }| format!("{key} {rank}{}", if tied { "=" } else { "" }))
            .collect();
        assert_eq!(places.join(", "), expected);
    }

    #[test]
    fn nobody_is_ranked_among_nobody() {
        assert_eq!(rank::<u8>(&[], RankOrder::LowestFirst), []);
    }

    #[rstest]
    #[case(Polarity::LowerIsBetter, RankOrder::LowestFirst)]
    #[case(Polarity::HigherIsBetter, RankOrder::HighestFirst)]
    #[case(Polarity::TowardsZero, RankOrder::NearestZeroFirst)]
    #[case(Polarity::None, RankOrder::HighestFirst)]
    #[case(Polarity::Unknown, RankOrder::HighestFirst)]
    fn the_best_figure_comes_first(#[case] polarity: Polarity, #[case] order: RankOrder) {
        assert_eq!(best_first(polarity), order);
    }

    #[rstest]
    #[case(&["34.56", "29.24"], 2, Some("31.90"))]
    #[case(&["1", "2", "2"], 2, Some("1.67"))]
    #[case(&["0.1", "0.2"], 1, Some("0.2"))]
    #[case(&["-0.1", "-0.2"], 1, Some("-0.2"))]
    #[case(&["-1", "1"], 0, Some("0"))]
    #[case(&[], 2, None)]
    fn an_average_is_rounded_once_half_away_from_zero(
        #[case] values: &[&str],
        #[case] decimals: u8,
        #[case] average: Option<&str>,
    ) {
        let mean = Mean::of(&figures(values)).and_then(|mean| mean.rounded(decimals));
        assert_eq!(mean, average.map(figure));
    }

    #[test]
    fn a_figure_is_placed_against_the_exact_average_and_not_the_printed_one() {
        // The average is 1.666…, printed 1.67: a member at 1.667 is above the one and below the other.
        let average = Mean::of(&figures(&["1", "2", "2"]));
        assert_eq!(average.map(|average| average.position(figure("1.667"))), Some(Position::Above));
        assert_eq!(average.map(|average| average.position(figure("1.666666"))), Some(Position::Below));
    }

    #[test]
    fn a_figure_equal_to_the_average_is_at_it() {
        let average = Mean::of(&figures(&["1.0", "2.00"]));
        assert_eq!(average.map(|average| average.position(figure("1.5"))), Some(Position::At));
    }

    #[rstest]
    #[case::serious_acquisitive_crime(7, 6, Movement::Worsened)]
    #[case::personal_robbery(3, 2, Movement::Worsened)]
    #[case::business_robbery(3, 2, Movement::Worsened)]
    #[case::domestic_burglary(7, 11, Movement::Improved)]
    #[case::theft_from_motor_vehicle(8, 9, Movement::Improved)]
    #[case::theft_of_motor_vehicle(6, 7, Movement::Improved)]
    #[case::no_movement(6, 6, Movement::Unchanged)]
    fn southwarks_printed_ticks_and_crosses(#[case] before: u32, #[case] after: u32, #[case] movement: Movement) {
        assert_eq!(progress(RankOrder::HighestFirst, Polarity::LowerIsBetter, before, after), Some(movement));
    }

    #[rstest]
    fn from_seventh_to_sixth_is_better_where_the_best_comes_first(
        #[values(Polarity::LowerIsBetter, Polarity::HigherIsBetter, Polarity::TowardsZero)] polarity: Polarity,
    ) {
        assert_eq!(progress(best_first(polarity), polarity, 7, 6), Some(Movement::Improved));
    }

    #[rstest]
    #[case(RankOrder::HighestFirst, Polarity::None)]
    #[case(RankOrder::LowestFirst, Polarity::Unknown)]
    #[case(RankOrder::HighestFirst, Polarity::TowardsZero)]
    #[case(RankOrder::NearestZeroFirst, Polarity::LowerIsBetter)]
    fn a_rank_that_does_not_follow_merit_shows_no_progress(#[case] order: RankOrder, #[case] polarity: Polarity) {
        assert_eq!(progress(order, polarity, 7, 6), None);
    }

    proptest! {
        #[test]
        fn a_rank_is_one_more_than_the_members_before(
            values in prop::collection::vec(any_figure(), 0..20),
            order in prop::sample::select(RankOrder::ALL),
        ) {
            let members: Vec<(usize, Figure)> = values.into_iter().enumerate().collect();
            let ranked = rank(&members, order);
            prop_assert_eq!(ranked.len(), members.len());
            for place in ranked {
                let own = sort_value(order, members[place.key].1);
                let before = members.iter().filter(|member| sort_value(order, member.1) < own).count();
                let equal = members.iter().filter(|member| sort_value(order, member.1) == own).count();
                prop_assert_eq!(usize::try_from(place.rank), Ok(before + 1));
                prop_assert_eq!(place.tied, equal > 1);
            }
        }

        #[test]
        fn an_average_lies_between_the_lowest_and_the_highest(values in prop::collection::vec(any_figure(), 1..20)) {
            let average = Mean::of(&values);
            let position =
                |figure: Option<&Figure>| average.zip(figure).map(|(average, &figure)| average.position(figure));
            let lowest = position(values.iter().min_by_key(|figure| figure.scaled()));
            let highest = position(values.iter().max_by_key(|figure| figure.scaled()));
            prop_assert!(matches!(lowest, Some(Position::Below | Position::At)));
            prop_assert!(matches!(highest, Some(Position::Above | Position::At)));
        }
    }
}
