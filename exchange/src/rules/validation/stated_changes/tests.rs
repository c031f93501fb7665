//! What a respondent is told of changes that do not follow from the figures beside them.

use serde_json::json;

use super::super::samples::{Desk, Fields, said};
use crate::problem::ProblemCode;

const YEAR_BEFORE: Fields<'_> =
    &[("source_row", "9"), ("indicator", "NI 16"), ("period", "FY2007-08"), ("actual/value", "642")];

/// A target of the year after, with the change stated beside it.
fn stated<'a>(target: &'a str, change: &'a str, used: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("source_row", "9"),
        ("indicator", "NI 16"),
        ("period", "FY2008-09"),
        ("target/value", target),
        ("target/secondary_value", change),
        ("target/secondary_unit", "PERCENT"),
        ("target/secondary_form", "RELATIVE_CHANGE"),
        ("target/baseline_used", used),
    ]
}

fn judged(lines: &[Fields<'_>]) -> Vec<(ProblemCode, String)> {
    let mut desk = Desk::southwark();
    desk.collection.document.periods.clear();
    said(&desk.judge_lines(lines))
}

#[test]
fn a_change_that_follows_from_the_baseline_that_it_names_is_not_remarked() {
    assert_eq!(judged(&[YEAR_BEFORE, &stated("674", "5", "2007/08")]), []);
    assert_eq!(judged(&[YEAR_BEFORE, &stated("687", "7", "")]), []);
}

#[test]
fn a_change_that_does_not_follow_is_told_at_its_place() {
    let expected = [(ProblemCode::ChangeUnexplained, "/lines/1/target/secondary_value".to_owned())];
    assert_eq!(judged(&[YEAR_BEFORE, &stated("687", "-0.75", "")]), expected);
}

#[test]
fn without_a_level_to_start_from_nothing_is_said() {
    assert_eq!(judged(&[&stated("687", "-0.75", "")]), []);
    assert_eq!(judged(&[YEAR_BEFORE, &stated("687", "-0.75", "FY2006-07")]), []);
}

#[test]
fn the_own_change_of_a_comparison_has_to_follow_from_the_figures_of_the_return() {
    let body = |own_change: i32| {
        json!({ "partnership": "southwark", "collection": "fy2008-09",
            "lines": [{ "indicator": "NI 16", "period": "2008/09", "actual": { "value": 29.24 },
                "baseline": { "value": 34.56, "period": "2007/08" } }],
            "reported_comparisons": [{ "indicator": "NI 16", "period": "2008/09", "own_change": own_change }] })
    };
    assert_eq!(said(&Desk::southwark().judge_json(&body(-15))), []);
    let expected = [(ProblemCode::ChangeUnexplained, "/reported_comparisons/0/own_change".to_owned())];
    assert_eq!(said(&Desk::southwark().judge_json(&body(-14))), expected);
}
