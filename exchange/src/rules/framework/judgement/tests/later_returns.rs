//! What would be said of figures that came with several returns, year after year.

use super::*;

/// The outturn of NI 16 in 2008/09, with its baseline.
fn first_return() -> Vec<Line> {
    ni_16(Line { actual: level("29.24"), ..Line::default() })
}

/// A line of NI 16 for the year after.
fn year_after(said: Line) -> Vec<Line> {
    let Line { indicator, period, area, .. } = southwark("NI 16", YEAR_AFTER);
    vec![Line { indicator, period, area, ..said }]
}

#[test]
fn a_target_of_a_later_year_waits_for_the_outturn_of_that_year() {
    let target = || year_after(Line { target: level("28.65"), ..Line::default() });
    let waiting = Judged::of([[first_return(), target()].concat()]).met(YEAR_AFTER);
    assert_eq!((waiting.light, waiting.actual, waiting.not_computed), (None, None, Some(NotComputed::NoActual)));
    let outturn = year_after(Line { actual: level("28.00"), ..Line::default() });
    let met = Judged::of([[first_return(), target()].concat(), outturn]).met(YEAR_AFTER);
    assert_eq!(
        (met.light, text(met.actual), met.actual_period),
        (Some(Green), Some("28.00".into()), Some(YEAR_AFTER.into()))
    );
}

#[test]
fn a_target_set_ahead_is_not_met_by_the_outturn_printed_beside_it() {
    let ahead = || ni_16(Line { actual: level("29.24"), target: of_period("30", YEAR_AFTER), ..Line::default() });
    let waiting = Judged::of([ahead()]).met(YEAR_AFTER);
    assert_eq!((waiting.light, waiting.actual, waiting.not_computed), (None, None, Some(NotComputed::NoActual)));
    let outturn = year_after(Line { actual: level("31"), ..Line::default() });
    let met = Judged::of([ahead(), outturn]).met(YEAR_AFTER);
    assert_eq!(
        (met.light, text(met.actual), met.actual_period),
        (Some(Red), Some("31".into()), Some(YEAR_AFTER.into()))
    );
}

#[test]
fn a_baseline_of_an_earlier_line_serves_a_later_outturn() {
    let outturn = year_after(Line { actual: level("28.00"), ..Line::default() });
    let change = Judged::of([first_return(), outturn]).change(YEAR_AFTER);
    assert_eq!(told(&change), some([YEAR_BEFORE, "34.56", "-19.0", "-6.56"]));
    assert_eq!(change.from_kind, Some(FigureKind::Baseline));
}

#[test]
fn the_baseline_on_an_outturns_own_line_goes_first() {
    let own = Line { actual: level("28.00"), baseline: of_period("35", "FY2006-07"), ..Line::default() };
    let change = Judged::of([first_return(), year_after(own)]).change(YEAR_AFTER);
    assert_eq!(told(&change), some(["FY2006-07", "35", "-20.0", "-7.00"]));
}

#[test]
fn of_several_earlier_baselines_the_newest_serves() {
    let older = Line { baseline: of_period("40", "FY2005-06"), ..southwark("NI 16", "FY2006-07") };
    let outturn = year_after(Line { actual: level("28.00"), ..Line::default() });
    let change = Judged::of([first_return(), vec![older], outturn]).change(YEAR_AFTER);
    assert_eq!(told(&change), some([YEAR_BEFORE, "34.56", "-19.0", "-6.56"]));
}

#[test]
fn without_a_baseline_change_is_since_the_outturn_of_the_period_before() {
    let outturn = |value, period| vec![Line { actual: level(value), ..southwark("NI 16", period) }];
    let change = Judged::of([outturn("34.56", YEAR_BEFORE), outturn("29.24", YEAR)]).change(YEAR);
    assert_eq!(told(&change), some([YEAR_BEFORE, "34.56", "-15.4", "-5.32"]));
    assert_eq!(change.from_kind, Some(FigureKind::Actual));
    let quarters = Judged::of([outturn("8.1", "FY2008-09-Q1"), outturn("7.9", "FY2008-09-Q2")]);
    assert_eq!(told(&quarters.change("FY2008-09-Q2")), some(["FY2008-09-Q1", "8.1", "-2.5", "-0.2"]));
}

#[rstest]
#[case::two_years_before("FY2006-07", YEAR)]
#[case::the_year_after(YEAR_AFTER, YEAR)]
#[case::another_kind_of_period("FY2007-08-Q4", YEAR)]
#[case::of_a_day_no_period_is_the_one_before("AS-AT-2007-12-31", "AS-AT-2008-12-31")]
fn no_other_outturn_serves(#[case] other: &str, #[case] period: &str) {
    let outturn = |value, period| vec![Line { actual: level(value), ..southwark("NI 16", period) }];
    let change = Judged::of([outturn("34.56", other), outturn("29.24", period)]).change(period);
    assert_eq!((change.from_value, change.not_computed), (None, Some(NotComputed::NoBaseline)));
}

#[test]
fn from_nothing_to_three_is_three_points_and_no_per_cent() {
    let baseline = of_period("0", YEAR_BEFORE);
    let change = Judged::of([ni_16(Line { baseline, actual: level("3"), ..Line::default() })]).change(YEAR);
    assert_eq!(told(&change), [Some(YEAR_BEFORE.into()), Some("0".into()), None, Some("3".into())]);
    assert_eq!(change.not_computed, None);
}

#[test]
fn a_change_of_more_digits_than_a_figure_has_is_out_of_range() {
    let baseline = of_period("-0.000001", YEAR_BEFORE);
    let change = Judged::of([ni_16(Line { baseline, actual: level("999999999999"), ..Line::default() })]).change(YEAR);
    assert_eq!((change.relative, change.points, change.not_computed), (None, None, Some(NotComputed::OutOfRange)));
}

#[test]
fn a_target_for_change_is_from_its_own_baseline_though_the_outturn_brings_another() {
    let target = in_form("-10", RelativeChange).map(|entry| Entry { period: Some(YEAR_AFTER.into()), ..entry });
    let ahead = ni_16(Line { target, ..Line::default() });
    let outturn = Line { actual: level("31"), baseline: of_period("29.24", YEAR), ..Line::default() };
    let judged = Judged::of([ahead, year_after(outturn)]);
    let met = judged.met(YEAR_AFTER);
    assert_eq!([text(met.baseline), text(met.level)], some(["34.56", "31.104"]));
    assert_eq!(met.light, Some(Green));
    assert_eq!(judged.change(YEAR_AFTER).from_period.as_deref(), Some(YEAR));
}

#[test]
fn a_target_for_change_is_from_the_year_that_it_names() {
    let from = |baseline_used: &str| {
        let target = in_form("-10", RelativeChange);
        let target = target.map(|entry| Entry { baseline_used: Some(baseline_used.into()), ..entry });
        let line = Line { actual: level("31"), baseline: of_period("29.24", YEAR), target, ..Line::default() };
        let met = Judged::of([first_return(), year_after(line)]).met(YEAR_AFTER);
        (text(met.baseline), text(met.level), met.not_computed)
    };
    assert_eq!(from(YEAR_BEFORE), (Some("34.56".into()), Some("31.104".into()), None));
    assert_eq!(from(YEAR), (Some("29.24".into()), Some("26.316".into()), None));
    assert_eq!(from("FY2001-02"), (None, None, Some(NotComputed::NoBaseline)));
}

#[test]
fn a_target_for_change_without_a_baseline_of_its_own_is_from_that_of_its_outturn() {
    let target = year_after(Line { target: in_form("-10", RelativeChange), ..Line::default() });
    let outturn = Line { actual: level("31"), baseline: of_period("34.56", YEAR_BEFORE), ..Line::default() };
    let met = Judged::of([target, year_after(outturn)]).met(YEAR_AFTER);
    assert_eq!([text(met.baseline), text(met.level)], some(["34.56", "31.104"]));
}
