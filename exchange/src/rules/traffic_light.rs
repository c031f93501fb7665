//! Traffic lights as the exchange computes them: green if the target is met, else red.
//!
//! The plans state no rule for `AMBER`, so none is computed; a reported light is another field and is never changed by
//! this one.

use entity::{FigureForm, Polarity, TrafficLight};

use super::{change::merit, decimal::Figure};

/// The name of the rule, published beside every light that it gave.
pub const RULE: &str = "met-equality-counts";

/// The level that a target asks for, exact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TargetLevel {
    /// The level × 10¹⁴: the product of two figures (6 decimals each) and a per cent (2 more).
    scaled: i128,
}

impl TargetLevel {
    /// 1 on the scale of a level.
    const ONE: i128 = 10_i128.pow(2 * Figure::SCALE + 2);

    /// The level of a target that is one.
    pub fn of(target: Figure) -> Self {
        Self { scaled: on_level_scale(target) }
    }

    /// The level, rounded once, half away from zero; `None` if it has more digits than a figure may have.
    pub fn rounded(self, decimals: u8) -> Option<Figure> {
        Figure::quotient(self.scaled, Self::ONE, decimals)
    }

    /// The level with as many decimals as it needs; `None` if it has more digits than a figure may have.
    pub fn shortest(self) -> Option<Figure> {
        self.rounded(6).and_then(|level| Figure::from_scaled(level.scaled()))
    }

    /// The light of an outturn against this level; `None` if neither direction is better.
    pub fn light(self, actual: Figure, polarity: Polarity) -> Option<TrafficLight> {
        let reached = merit(polarity, on_level_scale(actual))?;
        let asked = merit(polarity, self.scaled)?;
        Some(if reached >= asked { TrafficLight::Green } else { TrafficLight::Red })
    }
}

/// The light of an outturn against a target that is a level: `GREEN` if it is met, equality counting, else `RED`.
///
/// Met is at most the target where lower is better, at least the target where higher is, and no further from zero than
/// the target where zero is best. `None` if neither direction is better or the source does not say.
pub fn computed(actual: Figure, target: Figure, polarity: Polarity) -> Option<TrafficLight> {
    TargetLevel::of(target).light(actual, polarity)
}

/// The level that a target of any form asks for; `None` if it is a change and there is no baseline to change.
///
/// A relative change, in per cent, is of the magnitude of the baseline, as in
/// [`change::relative`](super::change::relative): -10% of -20 asks for -22.
pub fn target_level(baseline: Option<Figure>, target: Figure, form: FigureForm) -> Option<TargetLevel> {
    let scaled = match form {
        FigureForm::Level => on_level_scale(target),
        FigureForm::PointChange => on_level_scale(baseline?) + on_level_scale(target),
        FigureForm::RelativeChange => {
            let baseline = baseline?;
            on_level_scale(baseline) + i128::from(baseline.scaled().abs()) * i128::from(target.scaled())
        }
    };
    Some(TargetLevel { scaled })
}

fn on_level_scale(figure: Figure) -> i128 {
    i128::from(figure.scaled()) * (TargetLevel::ONE / 10_i128.pow(Figure::SCALE))
}

#[cfg(test)]
mod tests {
    use entity::{
        FigureForm::{Level, PointChange, RelativeChange},
        Polarity::{HigherIsBetter, LowerIsBetter, TowardsZero},
        TrafficLight::{Green, Red},
    };
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{
        super::{
            change,
            decimal::samples::{any_figure, figure},
        },
        *,
    };

    #[rstest]
    #[case::ni_16("34.56", "29.24", "-2.1", RelativeChange, LowerIsBetter, "33.83424", Green)]
    #[case::ni_28("3.08", "2.64", "-5", RelativeChange, LowerIsBetter, "2.926", Green)]
    #[case::ni_29("0.72", "0.54", "-5", RelativeChange, LowerIsBetter, "0.684", Green)]
    #[case::ni_34("0.004", "0.011", "0", RelativeChange, LowerIsBetter, "0.004", Red)]
    #[case::li_1("2012", "1712", "-1", RelativeChange, LowerIsBetter, "1991.88", Green)]
    #[case::li_2("1156", "1047", "-5", RelativeChange, LowerIsBetter, "1098.2", Green)]
    #[case::ni_40("1516", "1530", "12", RelativeChange, HigherIsBetter, "1697.92", Red)]
    #[case::ni_111("308", "284", "293", Level, LowerIsBetter, "293", Green)]
    #[case::ni_45("80", "71", "90", Level, HigherIsBetter, "90", Red)]
    #[case::ni_46("95", "98", "85", Level, HigherIsBetter, "85", Green)]
    #[case::ni_17("29", "29", "29", Level, LowerIsBetter, "29", Green)]
    #[case::ni_41("29", "37", "-3", PointChange, LowerIsBetter, "26", Red)]
    #[case::ni_42("65", "41", "-10", PointChange, LowerIsBetter, "55", Green)]
    #[case::ni_143("74", "75", "1", PointChange, HigherIsBetter, "75", Green)]
    #[case::ni_144("27", "36", "6", PointChange, HigherIsBetter, "33", Green)]
    #[case::ni_22("35", "29", "3", PointChange, HigherIsBetter, "38", Red)]
    #[case::asbo_breaches("27", "8", "-6", PointChange, LowerIsBetter, "21", Green)]
    #[case::abc_breaches("21", "18", "-3", PointChange, LowerIsBetter, "18", Green)]
    fn southwarks_printed_lights(
        #[case] baseline: &str,
        #[case] actual: &str,
        #[case] target: &str,
        #[case] form: FigureForm,
        #[case] polarity: Polarity,
        #[case] level: &str,
        #[case] light: TrafficLight,
    ) {
        let (asked, level) = (target_level(Some(figure(baseline)), figure(target), form), figure(level));
        assert_eq!(asked.and_then(|asked| asked.rounded(level.decimals())), Some(level));
        assert_eq!(asked.and_then(|asked| asked.light(figure(actual), polarity)), Some(light));
        assert_eq!(computed(figure(actual), level, polarity), Some(light));
    }

    #[rstest]
    #[case("33.834240", Green)]
    #[case("33.834241", Red)]
    fn a_target_is_met_exactly_or_not_at_all(#[case] actual: &str, #[case] light: TrafficLight) {
        let asked = target_level(Some(figure("34.56")), figure("-2.1"), RelativeChange);
        assert_eq!(asked.and_then(|asked| asked.light(figure(actual), LowerIsBetter)), Some(light));
    }

    #[rstest]
    #[case("-3.0", Green)]
    #[case("2.9", Green)]
    #[case("-3.1", Red)]
    fn towards_zero_either_side_counts(#[case] actual: &str, #[case] light: TrafficLight) {
        assert_eq!(computed(figure(actual), figure("3"), TowardsZero), Some(light));
    }

    #[rstest]
    fn no_light_where_neither_direction_is_better(#[values(Polarity::None, Polarity::Unknown)] polarity: Polarity) {
        assert_eq!(computed(figure("1"), figure("1"), polarity), None);
    }

    #[rstest]
    #[case(RelativeChange, None)]
    #[case(PointChange, None)]
    #[case(Level, Some(TargetLevel { scaled: -210_000_000_000_000 }))]
    fn a_target_for_change_needs_a_baseline(#[case] form: FigureForm, #[case] level: Option<TargetLevel>) {
        assert_eq!(target_level(None, figure("-2.1"), form), level);
    }

    #[test]
    fn a_fall_from_a_negative_baseline_asks_for_less() {
        let asked = target_level(Some(figure("-20")), figure("-10"), RelativeChange);
        assert_eq!(asked.and_then(|asked| asked.rounded(0)), Some(figure("-22")));
    }

    proptest! {
        #[test]
        fn a_relative_target_that_is_just_met_is_the_relative_change(baseline in any_figure(), target in any_figure()) {
            let asked = target_level(Some(baseline), target, RelativeChange);
            // Only a level that six decimals hold exactly can be reached exactly.
            let actual = asked.and_then(|asked| asked.rounded(6).filter(|level| TargetLevel::of(*level) == asked));
            if let Some(change) = actual.and_then(|actual| change::relative(baseline, actual, target.decimals())) {
                prop_assert_eq!(change, target);
            }
        }

        #[test]
        fn no_target_makes_a_light_panic(
            baseline in any_figure(), target in any_figure(), actual in any_figure(),
            form in prop::sample::select(FigureForm::ALL), polarity in prop::sample::select(Polarity::ALL),
        ) {
            let light = target_level(Some(baseline), target, form).and_then(|asked| asked.light(actual, polarity));
            prop_assert_eq!(light.is_none(), matches!(polarity, Polarity::None | Polarity::Unknown));
        }
    }
}
