//! What a respondent is told of a level that cannot be, of a cell in another unit and of a line that it doubts itself.

use entity::{
    BaselineKind, Doubt,
    Severity::{self, Error, Warning},
};
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::rules::{
    decimal::Figure,
    validation::samples::{Desk, Fields, assert_said_once, judged, said},
};

/// A proportion: 0 to 100 per cent.
const PROPORTION: (&str, &str) = ("indicator", "LOCAL asbo-breach-rate");
/// A count: 0 and more.
const COUNT: (&str, &str) = ("indicator", "LI 1");

#[rstest]
#[case::a_proportion_above_the_whole(
    &[PROPORTION, ("actual/value", "117"), ("actual/as_printed", "117% E")],
    ProblemCode::Implausible, Warning, "actual/value"
)]
#[case::a_proportion_just_above_the_whole(
    &[PROPORTION, ("actual/value", "100.01")], ProblemCode::Implausible, Warning, "actual/value"
)]
#[case::a_negative_proportion(&[PROPORTION, ("actual/value", "-1")], ProblemCode::Implausible, Warning, "actual/value")]
#[case::a_negative_count(&[COUNT, ("actual/value", "-1")], ProblemCode::Implausible, Warning, "actual/value")]
#[case::of_a_baseline(
    &[PROPORTION, ("actual/value", "27"), ("baseline/value", "270"), ("baseline/period", "FY2007-08")],
    ProblemCode::Implausible, Warning, "baseline/value"
)]
#[case::of_a_target(
    &[PROPORTION, ("actual/value", "27"), ("target_with_stretch/value", "-6"), ("target_with_stretch/form", "LEVEL")],
    ProblemCode::Implausible, Warning, "target_with_stretch/value"
)]
#[case::a_count_in_per_cent(
    &[COUNT, ("actual/value", "25"), ("actual/as_printed", "25%")],
    ProblemCode::UnitDiffers, Warning, "actual/as_printed"
)]
#[case::a_rate_in_per_cent(
    &[("actual/value", "25"), ("actual/as_printed", "25 %")], ProblemCode::UnitDiffers, Warning, "actual/as_printed"
)]
#[case::a_baseline_of_a_count_in_per_cent(
    &[
        COUNT, ("actual/value", "1712"), ("baseline/value", "20"), ("baseline/as_printed", "20%"),
        ("baseline/period", "FY2007-08"),
    ],
    ProblemCode::UnitDiffers, Warning, "baseline/as_printed"
)]
#[case::a_doubt(
    &[("doubts", "DAMAGED"), ("note", "A letter is missing.")], ProblemCode::Doubted, Warning, "doubts"
)]
#[case::a_doubt_without_a_note(&[("doubts", "DAMAGED")], ProblemCode::RequiredField, Error, "note")]
#[case::no_such_doubt(
    &[("doubts", "ILLEGIBLE"), ("note", "A letter is missing.")], ProblemCode::UnknownWord, Error, "doubts"
)]
#[case::no_such_kind_of_baseline(
    &[("baseline/value", "2.5"), ("baseline/period", "2007/08"), ("baseline/kind", "GUESSED")],
    ProblemCode::UnknownWord, Error, "baseline/kind"
)]
#[case::no_such_form_of_a_second_value(
    &[("target/value", "2.2"), ("target/secondary_value", "7"), ("target/secondary_form", "RELATIVE")],
    ProblemCode::UnknownWord, Error, "target/secondary_form"
)]
#[case::no_such_period_of_the_baseline_used(
    &[("target/value", "2.2"), ("target/baseline_used", "last year")],
    ProblemCode::UnknownPeriod, Error, "target/baseline_used"
)]
#[case::replaced_by_what_the_catalogue_lacks(
    &[("target/missing", "REPLACED"), ("target/replaced_by", "NI 199")],
    ProblemCode::NotInCatalogue, Error, "target/replaced_by"
)]
#[case::replaced_by_another_partnerships_indicator(
    &[("target/missing", "REPLACED"), ("target/replaced_by", "LI 2")],
    ProblemCode::NotInCatalogue, Error, "target/replaced_by"
)]
fn one_mistake_is_said_once_and_where_it_is(
    #[case] fields: Fields<'_>,
    #[case] code: ProblemCode,
    #[case] severity: Severity,
    #[case] path: &str,
) {
    assert_said_once(fields, code, severity, path);
}

#[rstest]
#[case::nobody(&[PROPORTION, ("actual/value", "0")])]
#[case::everybody(&[PROPORTION, ("actual/value", "100.00"), ("actual/as_printed", "100.00%")])]
#[case::a_large_count(&[COUNT, ("actual/value", "999999999999")])]
#[case::a_target_for_change(
    &[
        PROPORTION, ("actual/value", "8"), ("target/value", "-6"), ("target/as_printed", "-6%"),
        ("target/form", "POINT_CHANGE"),
    ]
)]
#[case::a_target_for_relative_change(
    &[
        COUNT, ("actual/value", "8"), ("target/value", "-1"), ("target/as_printed", "-1%"),
        ("target/form", "RELATIVE_CHANGE"),
    ]
)]
#[case::a_printed_change(
    &[
        COUNT, ("actual/value", "8"), ("reported_change/value", "-15"), ("reported_change/as_printed", "-15%"),
        ("reported_change/form", "RELATIVE_CHANGE"),
    ]
)]
#[case::an_indicator_that_nobody_has_defined(
    &[("indicator", "NI 16"), ("actual/value", "-117"), ("actual/as_printed", "-117%")]
)]
#[case::a_numerator_beside_a_reason(
    &[("actual/value", ""), ("actual/missing", "BLANK"), ("actual/numerator", "36"), ("actual/denominator", "274400")]
)]
#[case::a_note_without_a_doubt(&[("note", "Read as in the siblings.")])]
#[case::a_target_replaced_by_its_own_local_indicator(
    &[("target/missing", "REPLACED"), ("target/replaced_by", "li 1")]
)]
fn what_plans_print_is_taken_as_it_is(#[case] fields: Fields<'_>) {
    assert_eq!(judged(fields).problems, []);
}

/// The first problem in words, and what was expected.
fn told(fields: Fields<'_>) -> (String, Option<String>) {
    let problem = judged(fields).problems.remove(0);
    (problem.message, problem.expected)
}

#[test]
fn an_implausible_level_is_told_with_what_is_plausible() {
    let (message, expected) = told(&[PROPORTION, ("actual/value", "117")]);
    assert_eq!(message, "117 is not a plausible level of “ASBO breach rate”.");
    assert_eq!(expected.as_deref(), Some("0 to 100, or a comment"));
    assert_eq!(told(&[COUNT, ("actual/value", "-1")]).0, "-1 is not a plausible level of “Personal robbery”.");
}

#[test]
fn a_cell_in_per_cent_is_told_with_the_indicators_unit() {
    let (message, _) = told(&[COUNT, ("actual/value", "25"), ("actual/as_printed", "25%")]);
    assert_eq!(message, "The cell is printed in per cent, and “Personal robbery” is a COUNT.");
}

#[test]
fn a_level_may_be_implausible_and_in_another_unit() {
    let both = judged(&[COUNT, ("actual/value", "-25"), ("actual/as_printed", "-25%")]);
    let expected = [(ProblemCode::UnitDiffers, "as_printed"), (ProblemCode::Implausible, "value")];
    assert_eq!(said(&both), expected.map(|(code, name)| (code, format!("/lines/0/actual/{name}"))));
    assert!(both.is_acceptable());
}

#[rstest]
#[case::without_its_form(&[COUNT, ("actual/value", "8"), ("reported_change/value", "-15")])]
#[case::that_is_a_level(
    &[
        COUNT, ("actual/value", "8"), ("reported_change/value", "-15"), ("reported_change/as_printed", "-15%"),
        ("reported_change/form", "LEVEL"),
    ]
)]
fn a_printed_change_is_never_an_implausible_level(#[case] fields: Fields<'_>) {
    assert_eq!(said(&judged(fields)), [(ProblemCode::RequiredField, "/lines/0/reported_change/form".into())]);
}

#[test]
fn doubts_are_told_with_the_note() {
    let judged = judged(&[("doubts", "MISNAMED WRONG_UNIT"), ("note", "The title prints “drink” for “drunk”.")]);
    assert_eq!(said(&judged), [(ProblemCode::Doubted, "/lines/0/doubts".into())]);
    assert_eq!(judged.problems[0].message, "MISNAMED, WRONG_UNIT: The title prints “drink” for “drunk”.");
    assert_eq!(judged.lines[0].doubts, [Doubt::Misnamed, Doubt::WrongUnit]);
    assert_eq!(judged.lines[0].note.as_deref(), Some("The title prints “drink” for “drunk”."));
}

#[test]
fn a_note_of_the_wrong_type_is_that_and_no_more() {
    let line = json!({
        "indicator": "NI 15", "period": "2008/09", "actual": { "value": 1 }, "note": 7, "doubts": ["DAMAGED"],
    });
    let judged = Desk::southwark().judge_json(&json!({ "lines": [line] }));
    assert_eq!(said(&judged), [(ProblemCode::WrongType, "/lines/0/note".into())]);
}

#[test]
fn what_stands_beside_baselines_and_targets_is_typed_in_the_exchanges_own_spelling() {
    let judged = judged(&[
        ("indicator", "NI 16"),
        ("actual/value", ""),
        ("baseline/value", "642"),
        ("baseline/period", "2007/08"),
        ("baseline/kind", "AGREED"),
        ("target/value", "687"),
        ("target/as_printed", "687 +7% from 2007/08 baseline"),
        ("target/secondary_value", "7"),
        ("target/secondary_unit", "PERCENT"),
        ("target/secondary_form", "RELATIVE_CHANGE"),
        ("target/baseline_used", "2007/08"),
        ("target/results_expected", "Autumn 2009"),
        ("target_without_stretch/missing", "REPLACED"),
        ("target_without_stretch/replaced_by", "vsc 26"),
    ]);
    assert_eq!(judged.problems, []);
    let line = &judged.lines[0];
    let baseline = Entry {
        value: Figure::parse("642").ok(),
        period: Some("FY2007-08".into()),
        kind: Some(BaselineKind::Agreed),
        ..Entry::default()
    };
    assert_eq!(line.baseline.as_ref(), Some(&baseline));
    let target = Entry {
        value: Figure::parse("687").ok(),
        as_printed: Some("687 +7% from 2007/08 baseline".into()),
        secondary_value: Figure::parse("7").ok(),
        secondary_unit: Some(Unit::Percent),
        secondary_form: Some(FigureForm::RelativeChange),
        baseline_used: Some("FY2007-08".into()),
        results_expected: Some("Autumn 2009".into()),
        ..Entry::default()
    };
    assert_eq!(line.target.as_ref(), Some(&target));
    let replaced =
        Entry { missing: Some(MissingReason::Replaced), replaced_by: Some("NI 15".into()), ..Entry::default() };
    assert_eq!(line.target_without_stretch.as_ref(), Some(&replaced));
}

#[test]
fn a_figure_in_a_unit_of_its_own_follows_another_definition_and_is_not_held_against_the_indicators() {
    let fields = [PROPORTION, ("actual/value", "156"), ("actual/as_printed", "156"), ("actual/unit", "COUNT")];
    let foreign = judged(&fields);
    assert_eq!(foreign.problems, []);
    let actual = foreign.lines[0].actual.clone().unwrap();
    assert_eq!((actual.unit, actual.status), (Some(Unit::Count), vec![entity::ObsStatus::DefinitionDiffers]));
    // The indicator's own unit goes without saying.
    let own = judged(&[COUNT, ("actual/value", "1712"), ("actual/unit", "COUNT")]);
    let actual = own.lines[0].actual.clone().unwrap();
    assert_eq!((own.problems, actual.unit, actual.status), (vec![], None, vec![]));
}
