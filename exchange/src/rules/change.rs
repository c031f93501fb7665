//! Change between two figures: relative, in points, its direction in merit, and whether a printed change agrees.
//!
//! All arithmetic is exact in `i128`; a result is rounded once, half away from zero.

use std::cmp::Ordering;

use entity::{ChangeMatch, FigureForm, Movement, Polarity};

use super::decimal::Figure;

/// The name of the rule that gives the change of an actual, published beside every change that it gave: since the baseline,
/// and where there is none since the actual of the period before.
pub const RULE: &str = "since-baseline";

/// Hundredths in a whole: a relative change is in per cent.
const PER_CENT: i128 = 100;
/// 1 on the scale that figures are stored in.
const ONE: i128 = 10_i128.pow(Figure::SCALE);

/// The relative change in per cent: `(after - before) / |before| × 100`.
///
/// The magnitude of the base is the divisor, so that a rise is positive from a negative base too: from -20 to -10 is
/// +50%. `None` if the base is zero, or if the result has more digits than a figure may have.
pub fn relative(before: Figure, after: Figure, decimals: u8) -> Option<Figure> {
    let (before, after) = (i128::from(before.scaled()), i128::from(after.scaled()));
    Figure::quotient(PER_CENT * (after - before), before.abs(), decimals)
}

/// The change in points of the indicator's unit, `after - before`: exact, with the decimals of the more precise figure.
///
/// `None` if the result has more digits than a figure may have (-999,999,999,999 to 999,999,999,999).
pub fn points(before: Figure, after: Figure) -> Option<Figure> {
    points_rounded(before, after, before.decimals().max(after.decimals()))
}

/// Whether a partnership's own figure is better than before: its direction of travel.
///
/// `None` if neither direction is better, or if the source does not say.
pub fn direction_of_travel(polarity: Polarity, before: Figure, after: Figure) -> Option<Movement> {
    let merit_before = merit(polarity, before.scaled().into())?;
    let merit_after = merit(polarity, after.scaled().into())?;
    Some(match merit_after.cmp(&merit_before) {
        Ordering::Greater => Movement::Improved,
        Ordering::Equal => Movement::Unchanged,
        Ordering::Less => Movement::Worsened,
    })
}

/// A value turned so that more is better; `None` if neither direction is.
pub(crate) fn merit(polarity: Polarity, value: i128) -> Option<i128> {
    match polarity {
        Polarity::HigherIsBetter => Some(value),
        Polarity::LowerIsBetter => Some(-value),
        Polarity::TowardsZero => Some(-value.abs()),
        Polarity::None | Polarity::Unknown => None,
    }
}

/// Whether a printed change agrees with the figures printed beside it; `None` if `form` is a level and so no change.
///
/// The stated form is given the benefit of the doubt: only where no pair of figures within rounding gives the printed
/// change is the other form tried, exactly and within rounding. A figure printed with `d` decimals stands for any value
/// within half a unit of its last decimal, both ends included, for sources round halves differently; a printed zero as
/// base has no relative change.
pub fn classify(before: Figure, after: Figure, printed: Figure, form: FigureForm) -> Option<ChangeMatch> {
    let (stated, other) = match form {
        FigureForm::RelativeChange => (Form::Relative, Form::Points),
        FigureForm::PointChange => (Form::Points, Form::Relative),
        FigureForm::Level => return None,
    };
    Some(if stated.gives(before, after, printed) {
        ChangeMatch::Matches
    } else if stated.may_give(before, after, printed) {
        ChangeMatch::WithinRounding
    } else if other.gives(before, after, printed) || other.may_give(before, after, printed) {
        ChangeMatch::OtherBasis
    } else {
        ChangeMatch::Unexplained
    })
}

/// The two forms of a change: a [`FigureForm`] that is not a level.
#[derive(Clone, Copy)]
enum Form {
    Relative,
    Points,
}

impl Form {
    /// Whether the printed figures themselves give the printed change.
    fn gives(self, before: Figure, after: Figure, printed: Figure) -> bool {
        let computed = match self {
            Self::Relative => relative(before, after, printed.decimals()),
            Self::Points => points_rounded(before, after, printed.decimals()),
        };
        computed == Some(printed)
    }

    /// Whether some values that round to the printed figures give a change that rounds to the printed one.
    ///
    /// Both changes are continuous and, in each argument, monotonic over the intervals. So they take every value
    /// between their least and their greatest, which lie at the intervals' ends.
    fn may_give(self, before: Figure, after: Figure, printed: Figure) -> bool {
        // The relative change runs to infinity about a base of zero, and would explain anything.
        if matches!(self, Self::Relative) && before.scaled() == 0 {
            return false;
        }
        let change = Interval::around(printed);
        let (before, after) = (Interval::around(before), Interval::around(after));
        let corners = || before.ends().into_iter().flat_map(|b| after.ends().into_iter().map(move |a| (b, a)));
        corners().any(|(b, a)| self.compare(b, a, change.low).is_ge())
            && corners().any(|(b, a)| self.compare(b, a, change.high).is_le())
    }

    /// Compares the change from `before` to `after` with `change`, all three on the scale of [`Interval`].
    fn compare(self, before: i128, after: i128, change: i128) -> Ordering {
        match self {
            // 100 (a - b) / |b| against c / s, multiplied by s |b|; at most 4 × 10³⁶, which an `i128` holds.
            Self::Relative => (PER_CENT * Interval::ONE * (after - before)).cmp(&(change * before.abs())),
            Self::Points => (after - before).cmp(&change),
        }
    }
}

/// The values that round to a printed figure, on twice the stored scale so that half a unit is a whole number.
#[derive(Clone, Copy)]
struct Interval {
    low: i128,
    high: i128,
}

impl Interval {
    /// 1 on the scale of an interval.
    const ONE: i128 = 2 * ONE;

    fn around(figure: Figure) -> Self {
        let centre = 2 * i128::from(figure.scaled());
        let unit = ONE / 10_i128.pow(u32::from(figure.decimals()));
        Self { low: centre - unit, high: centre + unit }
    }

    fn ends(self) -> [i128; 2] {
        [self.low, self.high]
    }
}

fn points_rounded(before: Figure, after: Figure, decimals: u8) -> Option<Figure> {
    Figure::quotient(i128::from(after.scaled()) - i128::from(before.scaled()), ONE, decimals)
}

#[cfg(test)]
mod tests {
    use entity::FigureForm::{Level, PointChange, RelativeChange};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{
        super::decimal::samples::{any_figure, figure},
        *,
    };

    #[rstest]
    #[case::serious_acquisitive_crime("34.56", "29.24", "-15.39")]
    #[case::knife_crime("3.08", "2.64", "-14.29")]
    #[case::gun_crime("0.72", "0.54", "-25.00")]
    #[case::domestic_violence_murder("0.004", "0.011", "175.00")]
    #[case::personal_robbery("2012", "1712", "-14.91")]
    #[case::first_time_entrants("308", "284", "-7.79")]
    #[case::education_or_employment("80", "71", "-11.25")]
    #[case::a_rise_from_a_negative_base("-20", "-10", "50.00")]
    #[case::through_zero("-20", "10", "150.00")]
    #[case::half_away_from_zero("80000", "79996", "-0.01")]
    fn a_relative_change_is_in_per_cent_of_the_base(#[case] before: &str, #[case] after: &str, #[case] change: &str) {
        assert_eq!(relative(figure(before), figure(after), 2), Some(figure(change)));
    }

    #[test]
    fn a_base_of_zero_has_no_relative_change() {
        assert_eq!(relative(figure("0"), figure("3"), 0), None);
        assert_eq!(relative(figure("0"), figure("0"), 0), None);
    }

    #[test]
    fn a_change_too_large_to_hold_is_not_given() {
        assert_eq!(relative(figure("0.000001"), figure("999999999999"), 0), None);
        assert_eq!(points(figure("-999999999999"), figure("999999999999")), None);
    }

    #[rstest]
    #[case("29", "37", "8")]
    #[case("8.3", "8.25", "-0.05")]
    #[case("-3.7", "-2.0", "1.7")]
    fn a_change_in_points_is_exact(#[case] before: &str, #[case] after: &str, #[case] change: &str) {
        assert_eq!(points(figure(before), figure(after)), Some(figure(change)));
    }

    #[rstest]
    #[case(Polarity::LowerIsBetter, "34.56", "29.24", Some(Movement::Improved))]
    #[case(Polarity::LowerIsBetter, "0.004", "0.011", Some(Movement::Worsened))]
    #[case(Polarity::HigherIsBetter, "80", "71", Some(Movement::Worsened))]
    #[case(Polarity::HigherIsBetter, "29", "29.0", Some(Movement::Unchanged))]
    #[case(Polarity::TowardsZero, "-20.9", "17.5", Some(Movement::Improved))]
    #[case(Polarity::TowardsZero, "-2.0", "3.0", Some(Movement::Worsened))]
    #[case(Polarity::TowardsZero, "-2.0", "2.0", Some(Movement::Unchanged))]
    #[case(Polarity::None, "1", "2", None)]
    #[case(Polarity::Unknown, "1", "2", None)]
    fn the_direction_of_travel_is_in_merit(
        #[case] polarity: Polarity,
        #[case] before: &str,
        #[case] after: &str,
        #[case] movement: Option<Movement>,
    ) {
        assert_eq!(direction_of_travel(polarity, figure(before), figure(after)), movement);
    }

    #[rstest]
    #[case::ni_16("34.56", "29.24", "-15", ChangeMatch::Matches)]
    #[case::ni_28("3.08", "2.64", "-14", ChangeMatch::Matches)]
    #[case::ni_29("0.72", "0.54", "-26", ChangeMatch::WithinRounding)]
    #[case::ni_34("0.004", "0.011", "175", ChangeMatch::Matches)]
    #[case::li_1("2012", "1712", "-15", ChangeMatch::Matches)]
    #[case::ni_111("308", "284", "-8", ChangeMatch::Matches)]
    #[case::ni_45("80", "71", "-11", ChangeMatch::Matches)]
    #[case::ni_46("95", "98", "3", ChangeMatch::Matches)]
    #[case::li_2("1156", "1047", "-9", ChangeMatch::Matches)]
    #[case::ni_40("1516", "1530", "1", ChangeMatch::Matches)]
    #[case::ni_39("1460", "1669", "14", ChangeMatch::Matches)]
    #[case::ni_41("29", "37", "8", ChangeMatch::OtherBasis)]
    #[case::ni_42("65", "41", "-24", ChangeMatch::OtherBasis)]
    #[case::ni_144("27", "36", "9", ChangeMatch::OtherBasis)]
    #[case::ni_143("74", "75", "1", ChangeMatch::Matches)]
    #[case::ni_17("29", "29", "0", ChangeMatch::Matches)]
    #[case::ni_22("35", "29", "-6", ChangeMatch::OtherBasis)]
    #[case::asbo_breaches("27", "8", "-19", ChangeMatch::OtherBasis)]
    #[case::abc_breaches("21", "18", "-3", ChangeMatch::OtherBasis)]
    #[case::ni_45_by_another_figure("80", "71", "-20", ChangeMatch::Unexplained)]
    fn southwarks_printed_changes_are_read_as_relative(
        #[case] before: &str,
        #[case] after: &str,
        #[case] printed: &str,
        #[case] expected: ChangeMatch,
    ) {
        assert_eq!(classify(figure(before), figure(after), figure(printed), RelativeChange), Some(expected));
    }

    #[rstest]
    #[case::ni_41("29", "37", "8", ChangeMatch::Matches)]
    #[case::ni_41_from_unrounded_figures("29", "37", "9", ChangeMatch::WithinRounding)]
    #[case::ni_45("80", "71", "-11", ChangeMatch::OtherBasis)]
    #[case::the_sign_is_wrong("29", "37", "-8", ChangeMatch::Unexplained)]
    fn a_change_stated_in_points_is_compared_in_points(
        #[case] before: &str,
        #[case] after: &str,
        #[case] printed: &str,
        #[case] expected: ChangeMatch,
    ) {
        assert_eq!(classify(figure(before), figure(after), figure(printed), PointChange), Some(expected));
    }

    #[rstest]
    #[case("3", RelativeChange, ChangeMatch::OtherBasis)]
    #[case("650", RelativeChange, ChangeMatch::Unexplained)]
    #[case("3", PointChange, ChangeMatch::Matches)]
    fn from_zero_only_a_change_in_points_can_agree(
        #[case] printed: &str,
        #[case] form: FigureForm,
        #[case] expected: ChangeMatch,
    ) {
        assert_eq!(classify(figure("0"), figure("3"), figure(printed), form), Some(expected));
    }

    #[test]
    fn the_rounding_of_a_negative_base_is_compared_too() {
        // -20.9 may be -20.95, from which -3.7 is a rise of 82.34%; -20.9 itself gives 82.30%.
        let agrees = |printed| classify(figure("-20.9"), figure("-3.7"), figure(printed), RelativeChange);
        assert_eq!(agrees("82.30"), Some(ChangeMatch::Matches));
        assert_eq!(agrees("82.34"), Some(ChangeMatch::WithinRounding));
        assert_eq!(agrees("-82.30"), Some(ChangeMatch::Unexplained));
    }

    #[test]
    fn a_level_is_not_a_change() {
        assert_eq!(classify(figure("29"), figure("37"), figure("8"), Level), None);
    }

    proptest! {
        #[test]
        fn a_change_that_we_compute_matches(before in any_figure(), after in any_figure(), decimals in 0_u8..=6) {
            if let Some(change) = relative(before, after, decimals) {
                prop_assert_eq!(classify(before, after, change, RelativeChange), Some(ChangeMatch::Matches));
            }
            if let Some(change) = points(before, after) {
                prop_assert_eq!(classify(before, after, change, PointChange), Some(ChangeMatch::Matches));
            }
        }

        #[test]
        fn a_relative_change_computed_before_rounding_is_within_rounding(
            before in 1_i64..99_999, after in 0_i64..99_999, decimals in 0_u8..=2,
        ) {
            // Exact figures of three decimals, printed with one.
            let exact = |thousandths: i64| Figure::from_stored(thousandths * 1_000, 3);
            let printed = |thousandths: i64| Figure::quotient(thousandths.into(), 1_000, 1);
            if let (Some(exact_before), Some(exact_after)) = (exact(before), exact(after))
                && let (Some(before), Some(after)) = (printed(before), printed(after))
                && before.scaled() != 0
                && let Some(change) = relative(exact_before, exact_after, decimals)
            {
                let agreement = classify(before, after, change, RelativeChange);
                prop_assert!(matches!(agreement, Some(ChangeMatch::Matches | ChangeMatch::WithinRounding)));
            }
        }

        #[test]
        fn no_figures_make_a_comparison_panic(before in any_figure(), after in any_figure(), printed in any_figure()) {
            prop_assert!(classify(before, after, printed, RelativeChange).is_some());
            prop_assert!(classify(before, after, printed, PointChange).is_some());
        }
    }
}
