//! What a dashboard would find of a line.

use entity::{MissingReason, ObsStatus, TrafficLight};
use rstest::rstest;

use super::*;
use crate::rules::{
    catalogue::samples::catalogue, decimal::samples::figure, fact::samples::actual, line::ReportedLight,
};

const SOUTHWARK: i32 = 70;
const YEAR: i32 = 209;
const YEAR_BEFORE: i32 = 208;
const YEAR_AFTER: i32 = 210;
const MIXED: i32 = 5;
const EDITION: i64 = 12;

fn mixed() -> Breakdown {
    Breakdown { dimension: "ETHNIC_GROUP".into(), member: "Mixed".into() }
}

/// The facts of a line of Southwark.
fn facts_of(line: &Line) -> Option<Vec<Fact>> {
    let periods = [("FY2007-08", YEAR_BEFORE), ("FY2008-09", YEAR), ("FY2009-10", YEAR_AFTER)];
    let numbers = Numbers {
        catalogue: &catalogue(),
        periods: &periods.map(|(code, id)| (code.to_owned(), id)).into(),
        breakdowns: &HashMap::from([(mixed(), MIXED)]),
        partnership_id: SOUTHWARK,
    };
    numbers.facts(line, EDITION)
}

/// Line 3 of a return, for NI 16 in 2008/09.
fn line() -> Line {
    Line { line: 3, indicator: "NI 16".into(), period: "FY2008-09".into(), area: "E09000028".into(), ..Line::default() }
}

fn entry(value: &str) -> Entry {
    Entry { value: Some(figure(value)), ..Entry::default() }
}

fn of_period(value: &str, period: &str) -> Entry {
    Entry { period: Some(period.into()), ..entry(value) }
}

/// The key of the line's own actual.
fn key() -> FactKey {
    let catalogue = catalogue();
    FactKey {
        indicator_id: catalogue.indicator("NI 16", None).unwrap().id,
        period_id: YEAR,
        kind: FigureKind::Actual,
        partnership_id: SOUTHWARK,
        area_id: catalogue.area("E09000028").unwrap().id,
        breakdown_id: 0,
        measure: Measure::Primary,
        line_variant: 0,
    }
}

fn fact(key: FactKey, value: &str) -> Fact {
    Fact { key, edition_id: EDITION, value: Some(figure(value)), line_no: 3, ..actual(0, 0, "") }
}

#[test]
fn an_actual_is_one_fact_with_what_it_counts() {
    let line = Line {
        actual: Some(Entry { numerator: Some(figure("8024")), denominator: Some(figure("274400")), ..entry("29.24") }),
        ..line()
    };
    let expected =
        Fact { numerator: Some(figure("8024")), denominator: Some(figure("274400")), ..fact(key(), "29.24") };
    assert_eq!(facts_of(&line).unwrap(), [expected]);
}

#[test]
fn every_figure_of_a_line_is_a_fact_in_its_own_period() {
    let change = Entry { form: Some(FigureForm::RelativeChange), ..entry("-15") };
    let line = Line {
        actual: Some(entry("29.24")),
        baseline: Some(of_period("34.56", "FY2007-08")),
        target: Some(entry("33.83")),
        target_with_stretch: Some(of_period("30.0", "FY2009-10")),
        target_without_stretch: Some(of_period("32.0", "FY2009-10")),
        reported_change: Some(change),
        ..line()
    };
    let at = |kind, period_id| FactKey { period_id, kind, ..key() };
    let expected = [
        fact(key(), "29.24"),
        fact(at(FigureKind::Baseline, YEAR_BEFORE), "34.56"),
        fact(at(FigureKind::Target, YEAR), "33.83"),
        fact(at(FigureKind::TargetWithStretch, YEAR_AFTER), "30.0"),
        fact(at(FigureKind::TargetWithoutStretch, YEAR_AFTER), "32.0"),
        Fact {
            flags: Flags { form: FigureForm::RelativeChange, ..Flags::default() },
            ..fact(at(FigureKind::ReportedChange, YEAR), "-15")
        },
    ];
    assert_eq!(facts_of(&line).unwrap(), expected);
}

#[test]
fn what_is_said_beside_a_value_is_kept_with_it() {
    let actual = Entry {
        status: vec![ObsStatus::Break, ObsStatus::Provisional],
        basis: Some(Basis::LocalData),
        form: Some(FigureForm::PointChange),
        ..entry("29.24")
    };
    let flags = Flags {
        status: [ObsStatus::Provisional, ObsStatus::Break].into_iter().collect(),
        basis: Basis::LocalData,
        form: FigureForm::PointChange,
        ..Flags::default()
    };
    let facts = facts_of(&Line { actual: Some(actual), ..line() }).unwrap();
    assert_eq!(facts, [Fact { flags, ..fact(key(), "29.24") }]);
}

#[test]
fn a_missing_value_is_a_fact_with_its_reason_and_no_nought() {
    let missing = Some(MissingReason::NotYetIntroduced);
    let line = Line { actual: Some(Entry { missing, ..Entry::default() }), ..line() };
    let flags = Flags { missing, ..Flags::default() };
    assert_eq!(facts_of(&line).unwrap(), [Fact { value: None, flags, ..fact(key(), "0") }]);
}

#[rstest]
#[case::with_its_unit(Some(Unit::Percent), Unit::Percent)]
#[case::without_one(None, Unit::Percent)]
fn a_second_value_is_a_fact_of_its_own(#[case] given: Option<Unit>, #[case] unit: Unit) {
    let target = Entry {
        numerator: Some(figure("687")),
        secondary_value: Some(figure("7")),
        secondary_unit: given,
        secondary_form: Some(FigureForm::RelativeChange),
        basis: Some(Basis::Projected),
        ..of_period("687", "FY2009-10")
    };
    let flags = Flags { basis: Basis::Projected, ..Flags::default() };
    let at = FactKey { kind: FigureKind::Target, period_id: YEAR_AFTER, ..key() };
    let expected = [
        Fact { numerator: Some(figure("687")), flags, ..fact(at, "687") },
        Fact {
            flags: Flags { form: FigureForm::RelativeChange, ..flags },
            ..fact(FactKey { measure: Measure::Secondary(unit), ..at }, "7")
        },
    ];
    assert_eq!(facts_of(&Line { target: Some(target), ..line() }).unwrap(), expected);
}

#[test]
fn a_light_is_a_fact_without_a_value() {
    let reported_light = Some(ReportedLight { light: TrafficLight::Amber, as_printed: Some("A".into()) });
    let found = facts_of(&Line { reported_light, ..line() }).unwrap();
    let flags = Flags { light: Some(TrafficLight::Amber), ..Flags::default() };
    let at = FactKey { kind: FigureKind::ReportedLight, ..key() };
    assert_eq!(found, [Fact { value: None, flags, ..fact(at, "0") }]);
}

#[test]
fn a_line_of_another_area_breakdown_and_row_has_a_key_of_its_own() {
    let line = Line {
        indicator: "southwark:LI 1".into(),
        area: "AYLESBURY".into(),
        breakdown: Some(mixed()),
        line_variant: 2,
        actual: Some(entry("29.24")),
        ..line()
    };
    let catalogue = catalogue();
    let expected = FactKey {
        indicator_id: catalogue.indicator("LI 1", Some("southwark")).unwrap().id,
        area_id: catalogue.area("AYLESBURY").unwrap().id,
        breakdown_id: MIXED,
        line_variant: 2,
        ..key()
    };
    assert_eq!(facts_of(&line).unwrap(), [fact(expected, "29.24")]);
}

#[rstest]
#[case::an_indicator(Line { indicator: "NI 199".into(), ..line() })]
#[case::a_local_indicator_without_its_owner(Line { indicator: "LI 1".into(), ..line() })]
#[case::a_period(Line { period: "FY1999-00".into(), ..line() })]
#[case::the_period_of_a_figure(Line { baseline: Some(of_period("1", "FY1999-00")), ..line() })]
#[case::an_area(Line { area: "E99".into(), ..line() })]
#[case::a_breakdown(Line { breakdown: Some(Breakdown { member: "White".into(), ..mixed() }), ..line() })]
fn a_code_without_a_number_makes_no_facts(#[case] line: Line) {
    assert!(facts_of(&line).is_none());
}

/// A line for 2008/09 and one for 2009/10, and their facts without collisions.
fn two_years(first: Line, second: Line) -> (Line, Vec<Fact>) {
    let second = Line { line: 4, period: "FY2009-10".into(), ..second };
    let all = [first, second.clone()].iter().flat_map(|line| facts_of(line).unwrap()).collect::<Vec<_>>();
    (second, without_collisions(all, |_, _| true))
}

fn with_baseline(value: &str) -> Line {
    Line { baseline: Some(of_period(value, "FY2007-08")), ..line() }
}

fn baseline_key() -> FactKey {
    FactKey { kind: FigureKind::Baseline, period_id: YEAR_BEFORE, ..key() }
}

#[test]
fn a_baseline_that_two_years_share_is_one_fact() {
    let (_, facts) = two_years(with_baseline("34.56"), with_baseline("34.560"));
    assert_eq!(facts, [fact(baseline_key(), "34.56")]);
}

#[test]
fn a_baseline_that_two_years_give_otherwise_is_kept_apart() {
    let (_, facts) = two_years(with_baseline("34.56"), with_baseline("34.65"));
    let other = Fact { line_no: 4, ..fact(FactKey { line_variant: 1, ..baseline_key() }, "34.65") };
    assert_eq!(facts, [fact(baseline_key(), "34.56"), other]);
}

#[test]
fn a_baseline_that_two_years_print_otherwise_is_kept_apart() {
    let all = [with_baseline("34.56"), Line { line: 4, period: "FY2009-10".into(), ..with_baseline("34.560") }];
    let all: Vec<Fact> = all.iter().flat_map(|line| facts_of(line).unwrap()).collect();
    let variants: Vec<_> = without_collisions(all, |_, _| false).iter().map(|fact| fact.key.line_variant).collect();
    assert_eq!(variants, [0, 1]);
}

#[test]
fn a_baseline_on_another_basis_is_kept_apart() {
    let proxy = Entry { basis: Some(Basis::Proxy), ..of_period("34.56", "FY2007-08") };
    let (_, facts) = two_years(with_baseline("34.56"), Line { baseline: Some(proxy), ..line() });
    assert_eq!(facts.iter().map(|fact| fact.key.line_variant).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn three_readings_of_one_baseline_are_three_facts() {
    let third = Line { line: 5, ..with_baseline("34.7") };
    let (_, facts) = two_years(with_baseline("34.56"), with_baseline("34.65"));
    let facts = without_collisions(facts.into_iter().chain(facts_of(&third).unwrap()), |_, _| true);
    let found: Vec<_> = facts.iter().map(|fact| (fact.key.line_variant, fact.value.unwrap().to_string())).collect();
    assert_eq!(found, [(0, "34.56".into()), (1, "34.65".into()), (2, "34.7".into())]);
}

#[test]
fn what_a_shared_baseline_counts_is_not_lost() {
    let counted = Entry { numerator: Some(figure("9306")), ..of_period("34.56", "FY2007-08") };
    let (_, facts) = two_years(with_baseline("34.56"), Line { baseline: Some(counted), ..line() });
    assert!(facts.iter().any(|fact| fact.numerator == Some(figure("9306"))), "{facts:?}");
}

#[test]
fn a_second_value_stays_with_the_figure_that_it_was_printed_with() {
    let with_second = |value: &str| {
        let baseline = Entry { secondary_value: Some(figure("7")), ..of_period(value, "FY2007-08") };
        Line { baseline: Some(baseline), ..line() }
    };
    let (_, facts) = two_years(with_baseline("687"), with_second("700"));
    let variants: Vec<_> = facts.iter().filter(|fact| fact.line_no == 4).map(|fact| fact.key.line_variant).collect();
    assert_eq!(variants, [1, 1]);
}
