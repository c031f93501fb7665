//! What somebody who reads a performance framework would expect to find on a line.

use entity::{
    FigureForm::PointChange,
    FigureKind::{self, Actual, Baseline, ReportedLight as Light, Target},
    MissingReason, TrafficLight,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    samples::{Published, from_row, in_form, level, missing, of_period, southwark},
    *,
};
use crate::rules::line::{Entry, ReportedLight};

/// A plan of Southwark with some lines.
fn plan(lines: &Value) -> Plan {
    let plan = json!({
        "code": "rolling-plan-2008-12", "partnership": "southwark", "title": "Rolling plan", "status": "REVISED",
        "valid_from": "2008-04-01", "valid_to": "2012-03-31", "lines": lines,
    });
    serde_json::from_value(plan).unwrap()
}

/// The actuals that stand on each line of such a plan.
fn standing(lines: &Value, returned: Vec<Line>) -> Vec<Vec<String>> {
    let published = Published::of([returned]);
    let partnership = published.catalogue.partnership("southwark").unwrap();
    let belonging = assign(&plan(lines), partnership, &published.catalogue, &published.placed());
    let value = |at: &usize| published.facts[*at].value.unwrap().to_string();
    belonging.iter().map(|of_line| of_line.iter().map(value).collect()).collect()
}

fn actual(value: &str, line: Line) -> Line {
    Line { actual: level(value), ..line }
}

fn ni_41() -> Line {
    southwark("NI 41", "FY2008-09")
}

#[allow(clippy::unnecessary_wraps, reason = "a member of a line is optional")]
fn mixed() -> Option<Breakdown> {
    Some(Breakdown { dimension: "ETHNIC_GROUP".into(), member: "Mixed".into() })
}

#[test]
fn where_two_rows_print_an_indicator_each_keeps_its_own_figures() {
    let lines = json!([
        { "section": 1, "source_row": "28", "indicator": "NI 41" },
        { "section": 2, "source_row": "37", "indicator": "NI 41" },
    ]);
    let again = Line { line_variant: 1, ..ni_41() };
    let figures = standing(&lines, vec![actual("36", from_row("37", ni_41())), actual("60", from_row("28", again))]);
    assert_eq!(figures, [["60"], ["36"]]);
}

#[rstest]
#[case::of_another_row(from_row("29", ni_41()))]
#[case::of_no_row(ni_41())]
fn a_figure_of_neither_row_stands_on_the_first(#[case] line: Line) {
    let lines = json!([
        { "section": 1, "source_row": "28", "indicator": "NI 41" },
        { "section": 2, "source_row": "37", "indicator": "NI 41" },
    ]);
    assert_eq!(standing(&lines, vec![actual("37", line)]), [vec!["37"], vec![]]);
}

#[rstest]
#[case::another_indicator(southwark("NI 16", "FY2008-09"))]
#[case::another_area(Line { area: "E12000007".into(), ..ni_41() })]
#[case::a_breakdown(Line { breakdown: mixed(), ..ni_41() })]
fn what_the_plan_does_not_print_stands_nowhere_whatever_its_row(#[case] line: Line) {
    let lines = json!([{ "section": 1, "source_row": "29", "indicator": "NI 41" }]);
    assert_eq!(standing(&lines, vec![actual("37", from_row("29", line))]), [[""; 0]]);
}

#[test]
fn a_line_for_an_area_or_a_member_of_a_breakdown_has_their_figures_alone() {
    let lines = json!([
        { "section": 1, "source_row": "1", "indicator": "NI 41" },
        { "section": 1, "source_row": "1", "indicator": "NI 41", "area": "E12000007" },
        {
            "section": 1, "source_row": "1", "indicator": "NI 41",
            "breakdown": { "dimension": "ETHNIC_GROUP", "member": "Mixed" },
        },
    ]);
    let figures = standing(
        &lines,
        vec![
            actual("37", ni_41()),
            actual("33", Line { area: "E12000007".into(), ..ni_41() }),
            actual("41", Line { breakdown: mixed(), ..ni_41() }),
        ],
    );
    assert_eq!(figures, [["37"], ["33"], ["41"]]);
}

#[test]
fn a_line_has_the_figures_of_all_periods() {
    let lines = json!([{ "section": 1, "source_row": "29", "indicator": "NI 41", "area": "00BE" }]);
    let years = ["FY2007-08", "FY2008-09", "FY2009-10"].map(|year| southwark("NI 41", year));
    let returned = years.into_iter().zip(["29", "37", "35"]).map(|(line, value)| actual(value, line)).collect();
    assert_eq!(standing(&lines, returned), [["29", "37", "35"]]);
}

/// The kinds of the figures of some returns that are shown for a period.
fn shown<const N: usize>(period: Option<&str>, returns: [Vec<Line>; N]) -> Vec<FigureKind> {
    let published = Published::of(returns);
    let period = period.map(|code| Period::parse(code).unwrap());
    let shown = shown_for(period.as_ref(), &published.placed());
    published.facts.iter().zip(shown).filter(|(_, shown)| *shown != Shown::Not).map(|(fact, _)| fact.key.kind).collect()
}

fn with_baseline(line: Line) -> Line {
    Line { baseline: of_period("80", "FY2007-08"), ..line }
}

#[rstest]
#[case::the_year_itself("FY2008-09", "FY2008-09", true)]
#[case::the_year_of_the_baseline("FY2008-09", "FY2007-08", false)]
#[case::the_year_after("FY2008-09", "FY2009-10", false)]
#[case::a_day_within_the_year("AS-AT-2008-12-31", "FY2008-09", true)]
#[case::a_day_after_the_year("AS-AT-2008-12-31", "FY2007-08", false)]
#[case::the_last_day_of_a_quarter("AS-AT-2008-12-31", "FY2008-09-Q3", true)]
#[case::the_day_before_a_quarter("AS-AT-2008-12-31", "FY2008-09-Q4", false)]
#[case::a_part_of_the_year("FY2008-09-YTD-2009-01-31", "FY2008-09", true)]
#[case::twelve_months_that_end_within_the_year("R12M-2008-10-31", "FY2008-09", true)]
#[case::the_year_is_not_its_last_quarter_before_it_ends("FY2008-09", "FY2008-09-Q3", false)]
fn a_line_is_shown_whole_if_it_speaks_of_the_period(#[case] of: &str, #[case] asked: &str, #[case] expected: bool) {
    let line = || with_baseline(actual("71", southwark("NI 45", of)));
    let expected = match (expected, asked) {
        (true, _) => vec![Actual, Baseline],
        // The baseline is of that year itself.
        (false, "FY2007-08") => vec![Baseline],
        (false, _) => vec![],
    };
    assert_eq!(shown(Some(asked), [vec![line()]]), expected);
}

#[test]
fn a_cohort_is_shown_in_the_year_that_its_target_is_for() {
    let target = missing(MissingReason::Tbc).map(|entry| Entry { period: Some("FY2008-09".into()), ..entry });
    let line = Line { target, ..with_baseline(actual("25", southwark("NI 19", "COHORT-2008-01-01..2008-03-31-F6M"))) };
    assert_eq!(shown(Some("FY2008-09"), [vec![line]]), [Actual, Baseline, Target]);
}

#[test]
fn without_a_period_everything_is_shown() {
    let lines = vec![with_baseline(ni_41()), actual("37", ni_41())];
    assert_eq!(shown(None, [lines]), [Baseline, Actual]);
}

#[test]
fn a_baseline_alone_speaks_of_its_own_period_only() {
    assert_eq!(shown(Some("FY2007-08"), [vec![with_baseline(ni_41())]]), [Baseline]);
    assert_eq!(shown(Some("FY2008-09"), [vec![with_baseline(ni_41())]]), []);
}

#[test]
fn a_light_alone_speaks_of_its_period() {
    let light = Some(ReportedLight { light: TrafficLight::Red, as_printed: Some("R".into()) });
    let line = Line { reported_light: light, ..with_baseline(ni_41()) };
    assert_eq!(shown(Some("FY2008-09"), [vec![line]]), [Baseline, Light]);
}

#[test]
fn first_lines_of_two_returns_are_two_lines() {
    let target = in_form("-3", PointChange);
    let (one, other) = (actual("37", ni_41()), Line { target, ..southwark("NI 41", "FY2009-10") });
    assert_eq!(shown(Some("FY2009-10"), [vec![one], vec![other]]), [Target]);
}

/// A plan with a standing, from a year on, with a framework or without.
fn standing_plan(id: i32, status: PlanStatus, year: i32, has_framework: bool) -> Known<Arc<Plan>> {
    let lines =
        if has_framework { json!([{ "section": 1, "source_row": "1", "indicator": "NI 41" }]) } else { json!([]) };
    let valid_from = format!("{year}-04-01").parse().unwrap();
    Known { id, document: Arc::new(Plan { status, valid_from, ..plan(&lines) }) }
}

#[rstest]
#[case::the_newest(&[(PlanStatus::Agreed, 2005, true), (PlanStatus::Revised, 2008, true)], 1)]
#[case::not_a_later_draft(&[(PlanStatus::Agreed, 2005, true), (PlanStatus::Draft, 2008, true)], 0)]
#[case::a_draft_before_what_is_superseded(&[(PlanStatus::Draft, 2005, true), (PlanStatus::Superseded, 2008, true)], 0)]
#[case::only_with_a_framework(&[(PlanStatus::Draft, 2005, true), (PlanStatus::Agreed, 2008, false)], 0)]
#[case::the_one_put_last(&[(PlanStatus::Draft, 2008, true), (PlanStatus::Draft, 2008, true)], 1)]
fn a_partnership_goes_by(#[case] plans: &[(PlanStatus, i32, bool)], #[case] expected: i32) {
    let plans: Vec<_> = (0..)
        .zip(plans)
        .map(|(id, (status, year, has_framework))| standing_plan(id, *status, *year, *has_framework))
        .collect();
    assert_eq!(usual_plan(&plans).map(|plan| plan.id), Some(expected));
}

#[test]
fn what_lines_share_is_shown_for_the_period_of_each_and_the_rest_of_the_other_line_is_not() {
    let target = level("28").map(|entry| Entry { period: Some("FY2009-10".into()), ..entry });
    let quarter = |quarter: &str, value: &str| Line {
        target: target.clone(),
        ..actual(value, southwark("NI 41", &format!("FY2009-10-{quarter}")))
    };
    let published = Published::of([vec![quarter("Q1", "27"), Line { line: 2, ..quarter("Q2", "29") }]]);
    let period = Period::parse("FY2009-10-Q2").unwrap();
    let shown = shown_for(Some(&period), &published.placed());
    let found: Vec<_> = published.facts.iter().zip(shown).map(|(fact, shown)| (fact.key.kind, shown)).collect();
    assert_eq!(found, [(Actual, Shown::Not), (Target, Shown::Beside), (Actual, Shown::Told)]);
}
