//! What the exchange would say beside the figures of a plan.

use entity::{
    ChangeMatch::{Matches, OtherBasis, Unexplained, WithinRounding},
    FigureForm::{Level, PointChange, RelativeChange},
    MissingReason,
    Polarity::{HigherIsBetter, LowerIsBetter},
    TrafficLight::{Green, Red},
    Unit,
};
use rstest::rstest;

use super::{
    super::samples::{Published, from_row, in_form, level, missing, of_period, southampton, southwark},
    *,
};
use crate::rules::line::{Entry, Line};

/// What is computed from the figures of some returns.
struct Judged(Vec<(FigureKind, Measure, String, Judgement)>);

impl Judged {
    /// Of figures of which a lower one is better.
    fn of<const N: usize>(returns: [Vec<Line>; N]) -> Self {
        Self::with(LowerIsBetter, returns)
    }

    fn with<const N: usize>(polarity: Polarity, returns: [Vec<Line>; N]) -> Self {
        Self::towards(Direction::Defined(polarity), returns)
    }

    fn towards<const N: usize>(direction: Direction, returns: [Vec<Line>; N]) -> Self {
        let published = Published::of(returns);
        let placed = published.placed();
        let judgements = judge(&placed, direction, &published.catalogue);
        let said = |(figure, judgement): (&Placed<'_>, Judgement)| {
            (figure.fact.key.kind, figure.fact.key.measure, figure.period.code(), judgement)
        };
        Self(placed.iter().zip(judgements).map(said).collect())
    }

    /// The judgements of a kind of figure for a period.
    fn all(&self, kind: FigureKind, period: &str) -> Vec<&Judgement> {
        let wanted = self.0.iter().filter(|(of, measure, for_period, _)| {
            (*of, *measure, for_period.as_str()) == (kind, Measure::Primary, period)
        });
        wanted.map(|(.., judgement)| judgement).collect()
    }

    fn change(&self, period: &str) -> ComputedChange {
        self.all(FigureKind::Actual, period)[0].change.clone().unwrap()
    }

    fn met(&self, period: &str) -> TargetMet {
        self.all(FigureKind::Target, period)[0].met.clone().unwrap()
    }

    /// Whether changes that are printed or stated follow, in the order of the figures.
    fn agreements(&self) -> Vec<Option<ChangeMatch>> {
        let states = |kind: FigureKind, measure: Measure| {
            kind == FigureKind::ReportedChange || matches!(measure, Measure::Secondary(_))
        };
        self.0.iter().filter(|(kind, measure, ..)| states(*kind, *measure)).map(|(.., of)| of.change_match).collect()
    }
}

fn text(figure: Option<Figure>) -> Option<String> {
    figure.map(|figure| figure.to_string())
}

/// From what a change is, and the change relatively and in points.
fn told(change: &ComputedChange) -> [Option<String>; 4] {
    [change.from_period.clone(), text(change.from_value), text(change.relative), text(change.points)]
}

fn some<const N: usize>(texts: [&str; N]) -> [Option<String>; N] {
    texts.map(|text| Some(text.to_owned()))
}

const YEAR: &str = "FY2008-09";
const YEAR_BEFORE: &str = "FY2007-08";
const YEAR_AFTER: &str = "FY2009-10";

/// A row of Southwark's plan: from what to what, what was asked and which change is printed.
struct Row {
    of: (&'static str, &'static str, Polarity),
    from: (&'static str, &'static str),
    target: (&'static str, FigureForm),
    printed: (&'static str, FigureForm),
}

impl Row {
    fn line(&self) -> Line {
        let (target, form) = self.target;
        Line {
            baseline: of_period(self.from.0, YEAR_BEFORE),
            actual: level(self.from.1),
            target: of_period(target, YEAR).map(|entry| Entry { form: Some(form), ..entry }),
            reported_change: in_form(self.printed.0, self.printed.1),
            ..southwark(self.of.0, self.of.1)
        }
    }
}

#[rstest]
#[case::serious_acquisitive_crime(
    Row {
        of: ("NI 16", YEAR, LowerIsBetter), from: ("34.56", "29.24"), target: ("-2.1", RelativeChange),
        printed: ("-15", RelativeChange),
    },
    "33.83424", Green, ["-15.4", "-5.32"], Matches
)]
#[case::gun_crime(
    Row {
        of: ("NI 29", YEAR, LowerIsBetter), from: ("0.72", "0.54"), target: ("-5", RelativeChange),
        printed: ("-26", RelativeChange),
    },
    "0.684", Green, ["-25.0", "-0.18"], WithinRounding
)]
#[case::domestic_violence_murder(
    Row {
        of: ("NI 34", YEAR, LowerIsBetter), from: ("0.004", "0.011"), target: ("0", RelativeChange),
        printed: ("175", RelativeChange),
    },
    "0.004", Red, ["175.0", "0.007"], Matches
)]
#[case::drug_users_in_treatment(
    Row {
        of: ("NI 40", "R12M-2008-10-31", HigherIsBetter), from: ("1516", "1530"), target: ("12", RelativeChange),
        printed: ("1", RelativeChange),
    },
    "1697.92", Red, ["0.9", "14"], Matches
)]
#[case::drunk_or_rowdy_behaviour(
    Row {
        of: ("NI 41", YEAR, LowerIsBetter), from: ("29", "37"), target: ("-3", PointChange),
        printed: ("8", PointChange),
    },
    "26", Red, ["27.6", "8"], Matches
)]
#[case::drunk_or_rowdy_behaviour_read_relatively(
    Row {
        of: ("NI 41", YEAR, LowerIsBetter), from: ("29", "37"), target: ("-3", PointChange),
        printed: ("8", RelativeChange),
    },
    "26", Red, ["27.6", "8"], OtherBasis
)]
#[case::education_or_employment(
    Row {
        of: ("NI 45", "AS-AT-2008-12-31", HigherIsBetter), from: ("80", "71"), target: ("90", Level),
        printed: ("-11", RelativeChange),
    },
    "90", Red, ["-11.3", "-9"], Matches
)]
#[case::settled_accommodation_where_equality_counts(
    Row {
        of: ("NI 143", "AS-AT-2009-02-28", HigherIsBetter), from: ("74", "75"), target: ("1", PointChange),
        printed: ("1", PointChange),
    },
    "75", Green, ["1.4", "1"], Matches
)]
fn southwarks_rows_are_judged(
    #[case] row: Row,
    #[case] level: &str,
    #[case] light: TrafficLight,
    #[case] change: [&str; 2],
    #[case] expected: ChangeMatch,
) {
    let judged = Judged::with(row.of.2, [vec![row.line()]]);
    let (period, computed, met) = (row.of.1, judged.change(row.of.1), judged.met(YEAR));
    assert_eq!(told(&computed), some([YEAR_BEFORE, row.from.0, change[0], change[1]]));
    assert_eq!((computed.from_kind, computed.not_computed), (Some(FigureKind::Baseline), None));
    assert_eq!((met.light, met.met, met.not_computed), (Some(light), Some(light == Green), None));
    assert_eq!([text(met.level), text(met.actual), met.actual_period], some([level, row.from.1, period]));
    assert_eq!(met.baseline.is_some(), row.target.1 != Level);
    assert_eq!(judged.agreements(), [Some(expected)]);
}

#[test]
fn rules_are_named() {
    let judged = Judged::of([vec![Line { actual: level("37"), target: level("36"), ..southwark("NI 41", YEAR) }]]);
    assert_eq!((&*judged.change(YEAR).rule, &*judged.met(YEAR).rule), ("since-baseline", "met-equality-counts"));
}

/// A row of NI 16 with its baseline, and what else is said.
fn ni_16(said: Line) -> Vec<Line> {
    let Line { indicator, period, area, .. } = southwark("NI 16", YEAR);
    let baseline = said.baseline.or_else(|| of_period("34.56", YEAR_BEFORE));
    vec![Line { indicator, period, area, baseline, ..said }]
}

#[test]
fn a_target_yet_to_come_is_no_target() {
    let line = Line { actual: level("29.24"), target: missing(MissingReason::Tbc), ..Line::default() };
    let met = Judged::of([ni_16(line)]).met(YEAR);
    assert_eq!((met.light, met.level, met.not_computed), (None, None, Some(NotComputed::NoTarget)));
}

#[rstest]
#[case::yet_to_come(missing(MissingReason::AwaitingData))]
#[case::not_said(None)]
fn a_target_without_an_outturn_has_its_level_and_no_light(#[case] actual: Option<Entry>) {
    let met =
        Judged::of([ni_16(Line { actual, target: in_form("-2.1", RelativeChange), ..Line::default() })]).met(YEAR);
    assert_eq!((met.light, met.actual, met.not_computed), (None, None, Some(NotComputed::NoActual)));
    assert_eq!([text(met.level), text(met.baseline)], some(["33.83424", "34.56"]));
}

#[rstest]
fn where_neither_direction_is_better_no_target_is_met(#[values(Polarity::Unknown, Polarity::None)] polarity: Polarity) {
    let line = Line { actual: level("29.24"), target: in_form("-2.1", RelativeChange), ..Line::default() };
    let judged = Judged::with(polarity, [ni_16(line)]);
    let met = judged.met(YEAR);
    assert_eq!((met.light, met.met, met.not_computed), (None, None, Some(NotComputed::NoPolarity)));
    assert_eq!([text(met.level), text(met.actual)], some(["33.83424", "29.24"]));
    assert_eq!(text(judged.change(YEAR).relative).as_deref(), Some("-15.4"));
}

#[test]
fn a_baseline_yet_to_come_is_not_replaced_by_another() {
    let earlier =
        Line { baseline: of_period("33", "FY2006-07"), actual: level("34.56"), ..southwark("NI 16", YEAR_BEFORE) };
    let pending = missing(MissingReason::BaselinePending);
    let baseline = pending.map(|entry| Entry { period: Some(YEAR_BEFORE.into()), ..entry });
    let line =
        Line { baseline, actual: level("29.24"), target: in_form("-2.1", RelativeChange), ..southwark("NI 16", YEAR) };
    let judged = Judged::of([vec![earlier], vec![line]]);
    let (change, met) = (judged.change(YEAR), judged.met(YEAR));
    assert_eq!((change.from_value, change.relative, change.not_computed), (None, None, Some(NotComputed::NoBaseline)));
    assert_eq!((met.light, met.level, met.not_computed), (None, None, Some(NotComputed::NoBaseline)));
}

/// Two rows of Southampton's plan for NI 41 in 2008/09, and an outturn from another return.
fn two_rows(first: Option<Entry>, second: Option<Entry>) -> Judged {
    let rows = [("laa 28", 0, first), ("laa 37", 1, second)]
        .map(|(row, line_variant, target)| from_row(row, Line { line_variant, target, ..southampton("NI 41", YEAR) }));
    Judged::of([rows.to_vec(), vec![Line { actual: level("37"), ..southampton("NI 41", YEAR) }]])
}

#[test]
fn from_targets_that_contradict_each_other_nothing_is_computed() {
    for judgement in two_rows(level("60"), level("36")).all(FigureKind::Target, YEAR) {
        let met = judgement.met.clone().unwrap();
        assert_eq!(
            (met.light, met.level, met.actual, met.not_computed),
            (None, None, None, Some(NotComputed::Conflict))
        );
    }
}

#[test]
fn rows_that_say_the_same_are_both_judged() {
    let judged = two_rows(level("36"), level("36.0"));
    let lights: Vec<_> = judged.all(FigureKind::Target, YEAR).iter().map(|of| of.met.clone().unwrap().light).collect();
    assert_eq!(lights, [Some(Red), Some(Red)]);
}

#[test]
fn an_empty_cell_contradicts_nothing() {
    let judged = two_rows(missing(MissingReason::Blank), level("36"));
    let of: Vec<_> = judged.all(FigureKind::Target, YEAR).into_iter().map(|of| of.met.clone().unwrap()).collect();
    assert_eq!((of[0].light, of[0].not_computed), (None, Some(NotComputed::NoTarget)));
    assert_eq!((of[1].light, of[1].not_computed), (Some(Red), None));
}

#[test]
fn from_outturns_that_contradict_each_other_nothing_is_computed() {
    let rows = [("1", 0, "29.24"), ("40", 1, "31.98")].map(|(row, line_variant, value)| {
        let change = in_form("-15", RelativeChange);
        let line = Line { line_variant, actual: level(value), reported_change: change, ..Line::default() };
        from_row(row, ni_16(line).remove(0))
    });
    let next = Line { target: level("30"), actual: level("28"), ..southwark("NI 16", YEAR_AFTER) };
    let target = Line { target: level("30"), ..southwark("NI 16", YEAR) };
    let judged = Judged::of([rows.to_vec(), vec![target, next]]);
    assert_eq!((judged.change(YEAR).relative, judged.change(YEAR).not_computed), (None, Some(NotComputed::Conflict)));
    assert_eq!((judged.met(YEAR).light, judged.met(YEAR).not_computed), (None, Some(NotComputed::Conflict)));
    assert_eq!(judged.agreements(), [None, None]);
    // The next year's outturn is compared with the baseline, of which the rows say the same.
    assert_eq!(
        (judged.met(YEAR_AFTER).light, text(judged.change(YEAR_AFTER).points)),
        (Some(Green), Some("-6.56".into()))
    );
}

#[test]
fn from_baselines_that_contradict_each_other_nothing_is_computed() {
    let other = Line { line_variant: 1, baseline: of_period("34.65", YEAR_BEFORE), ..southwark("NI 16", YEAR) };
    let target = in_form("-2.1", RelativeChange);
    let mut lines = ni_16(Line { actual: level("29.24"), target, ..Line::default() });
    lines.push(other);
    let judged = Judged::of([lines]);
    assert_eq!(judged.change(YEAR).not_computed, Some(NotComputed::Conflict));
    assert_eq!((judged.met(YEAR).level, judged.met(YEAR).not_computed), (None, Some(NotComputed::Conflict)));
}

/// NI 20, whose counting rules changed on 1 April 2008.
fn ni_20(baseline: &str, period: &str, target: Option<Entry>) -> Judged {
    let line =
        Line { baseline: of_period("9.80", baseline), actual: level("10.1"), target, ..southwark("NI 20", period) };
    Judged::of([vec![line]])
}

#[test]
fn across_a_break_no_change_is_computed_and_no_target_for_change_is_met() {
    let judged = ni_20(YEAR_BEFORE, YEAR, in_form("-2", RelativeChange));
    let (change, met) = (judged.change(YEAR), judged.met(YEAR));
    assert_eq!(told(&change), [Some(YEAR_BEFORE.into()), Some("9.80".into()), None, None]);
    assert_eq!(change.not_computed, Some(NotComputed::Break));
    assert_eq!((met.light, met.met, met.not_computed), (None, None, Some(NotComputed::Break)));
}

#[test]
fn a_target_that_is_a_level_is_judged_whatever_broke_before() {
    assert_eq!(ni_20(YEAR_BEFORE, YEAR, level("10.1")).met(YEAR).light, Some(Green));
}

#[test]
fn after_a_break_change_is_computed_again() {
    assert_eq!(told(&ni_20(YEAR, YEAR_AFTER, None).change(YEAR_AFTER)), some([YEAR, "9.80", "3.1", "0.30"]));
}

/// Southampton's NI 40: an outturn of 642 in 2007/08, and a target with the change that is stated beside it.
fn drug_users(target: &str, stated: &str, from: Option<&str>) -> Vec<Line> {
    let target = level(target).map(|entry| stating(stated, Entry { baseline_used: from.map(str::to_owned), ..entry }));
    let estimated = level("642").map(|entry| Entry { status: vec![entity::ObsStatus::Estimated], ..entry });
    vec![
        Line { actual: estimated, ..southampton("NI 40", YEAR_BEFORE) },
        Line { target, ..southampton("NI 40", YEAR_AFTER) },
    ]
}

/// A figure with a relative change beside it.
fn stating(change: &str, entry: Entry) -> Entry {
    let secondary_value = level(change).and_then(|entry| entry.value);
    Entry { secondary_value, secondary_unit: Some(Unit::Percent), secondary_form: Some(RelativeChange), ..entry }
}

#[rstest]
#[case::as_printed("687", "7", Matches)]
#[case::as_printed_for_the_next_year("694", "8", Matches)]
#[case::by_unrounded_figures("687", "7.1", WithinRounding)]
#[case::in_points("687", "45", OtherBasis)]
#[case::not_at_all("687", "17", Unexplained)]
fn a_change_stated_beside_a_target_follows_or_not(
    #[case] target: &str,
    #[case] stated: &str,
    #[case] follows: ChangeMatch,
) {
    assert_eq!(Judged::of([drug_users(target, stated, Some(YEAR_BEFORE))]).agreements(), [Some(follows)]);
}

#[test]
fn a_stated_change_is_from_the_year_that_is_named_else_from_the_newest() {
    let agreements = |from| {
        let newer = Line { actual: level("660"), ..southampton("NI 40", YEAR) };
        Judged::of([drug_users("687", "7", from), vec![newer]]).agreements()
    };
    assert_eq!(agreements(Some(YEAR_BEFORE)), [Some(Matches)]);
    assert_eq!(agreements(None), [Some(Unexplained)]);
    // Of a year that nobody gave a figure for nothing follows.
    assert_eq!(agreements(Some("FY2006-07")), [None]);
}

#[test]
fn the_baseline_of_the_year_that_is_named_goes_before_its_outturn() {
    let agreed = Line { baseline: of_period("650", YEAR_BEFORE), ..southampton("NI 40", YEAR) };
    let judged = Judged::of([drug_users("687", "5.7", Some(YEAR_BEFORE)), vec![agreed]]);
    assert_eq!(judged.agreements(), [Some(Matches)]);
}

#[test]
fn southamptons_assaults_at_night_do_not_fall_from_1135_to_1329() {
    let of = |period| southampton("southampton:LOCAL assaults-at-night", period);
    let without = level("1329").map(|entry| stating("-0.75", entry));
    let with = level("1280").map(|entry| stating("-4.5", entry));
    let lines = vec![
        Line { actual: level("1135"), ..of(YEAR_BEFORE) },
        Line { target_without_stretch: without, ..of(YEAR) },
        Line { target_with_stretch: with, ..of(YEAR_AFTER) },
    ];
    let judged = Judged::of([lines]);
    assert_eq!(judged.agreements(), [Some(Unexplained), Some(Unexplained)]);
    let of_stretch = judged.all(FigureKind::TargetWithStretch, YEAR_AFTER);
    assert_eq!(of_stretch[0].met.as_ref().unwrap().not_computed, Some(NotComputed::NoActual));
}

mod later_returns;

#[test]
fn counts_printed_for_a_measure_of_change_are_judged_by_the_plans_own_direction_only() {
    // NI 47 is officially a reduction in per cent; Southwark prints casualties.
    let casualties =
        |value: &str| level(value).map(|entry| Entry { status: vec![entity::ObsStatus::DefinitionDiffers], ..entry });
    let line = || ni_16(Line { actual: casualties("156"), target: casualties("160"), ..Line::default() });
    let by_definition = Judged::with(HigherIsBetter, [line()]).met(YEAR);
    assert_eq!((by_definition.light, by_definition.not_computed), (None, Some(NotComputed::DefinitionDiffers)));
    let by_plan = Judged::towards(Direction::OfPlan(LowerIsBetter), [line()]).met(YEAR);
    assert_eq!((by_plan.light, by_plan.met), (Some(Green), Some(true)));
}

#[test]
fn an_empty_baseline_cell_is_replaced_by_an_earlier_baseline() {
    let before = vec![Line { baseline: of_period("34.56", "FY2006-07"), ..southwark("NI 16", YEAR_BEFORE) }];
    let after = ni_16(Line { actual: level("29.24"), baseline: missing(MissingReason::Blank), ..Line::default() });
    let change = Judged::of([before, after]).change(YEAR);
    assert_eq!(told(&change), some(["FY2006-07", "34.56", "-15.4", "-5.32"]));
}

#[test]
fn a_part_of_a_year_is_not_judged_as_the_year() {
    // Southwark's NI 49iii: ten months' casualties beside a year's.
    let line = || Line {
        baseline: of_period("21.55", YEAR_BEFORE),
        actual: level("12.03"),
        target: in_form("0", RelativeChange).map(|entry| Entry { period: Some(YEAR.into()), ..entry }),
        ..southwark("NI 16", "FY2008-09-YTD-2009-01-31")
    };
    let judged = Judged::of([vec![line()]]);
    let (change, met) = (judged.change("FY2008-09-YTD-2009-01-31"), judged.met(YEAR));
    assert_eq!((change.relative, change.not_computed), (None, Some(NotComputed::PartOfPeriod)));
    assert_eq!((met.light, met.not_computed), (None, Some(NotComputed::PartOfPeriod)));
    // The same months of both years compare, and so do twelve months to a day.
    let months = |from: &'static str, to: &str| {
        let line = Line { baseline: of_period("308", from), actual: level("284"), ..southwark("NI 16", to) };
        text(Judged::of([vec![line]]).change(to).relative)
    };
    assert_eq!(months("2007-04-01..2007-12-31", "2008-04-01..2008-12-31").as_deref(), Some("-7.8"));
    assert_eq!(months("FY2007-08", "R12M-2008-10-31").as_deref(), Some("-7.8"));
}

#[test]
fn a_printed_change_is_held_against_the_figures_printed_beside_it_whatever_comes_later() {
    let printed = Line { actual: level("29.24"), reported_change: in_form("-15", RelativeChange), ..Line::default() };
    let later = Line { actual: level("30.0"), ..southwark("NI 16", YEAR) };
    let judged = Judged::of([ni_16(printed), vec![later]]);
    assert_eq!(judged.agreements(), [Some(Matches)]);
    assert_eq!(text(judged.change(YEAR).relative).as_deref(), Some("-13.2"));
}

#[test]
fn a_correction_in_a_later_return_ends_a_conflict() {
    let row = |row: &str, line_variant, value: &str| {
        from_row(row, Line { line_variant, target: level(value), ..southampton("NI 41", YEAR) })
    };
    let corrected = Line { target: level("36"), actual: level("35"), ..southampton("NI 41", YEAR) };
    let judged = Judged::of([vec![row("laa 28", 0, "60"), row("laa 37", 1, "36")], vec![corrected]]);
    let met: Vec<_> = judged.all(FigureKind::Target, YEAR).into_iter().map(|of| of.met.clone().unwrap()).collect();
    assert_eq!(met.iter().map(|met| (met.light, met.not_computed)).collect::<Vec<_>>(), [(Some(Green), None)]);
}

#[test]
fn a_target_in_per_cent_does_not_judge_a_count() {
    // Southampton prints 34% as the target of a count of 915.
    let in_unit = |value: &str, unit| level(value).map(|entry| Entry { unit, ..entry });
    let line = |unit| ni_16(Line { actual: level("915"), target: in_unit("34", unit), ..Line::default() });
    let met = Judged::of([line(Some(Unit::Percent))]).met(YEAR);
    assert_eq!((met.light, met.not_computed), (None, Some(NotComputed::DefinitionDiffers)));
    assert_eq!(Judged::of([line(None)]).met(YEAR).light, Some(Red));
}
