//! What a respondent is told of rows of a plan that are for the same figure.

use entity::Severity;
use rstest::rstest;

use super::{
    super::samples::{Desk, Fields, as_csv, as_json, said},
    *,
};

/// A line for NI 15 in 2008/09 from a row of the source.
fn row<'a>(number: &'a str, fields: Fields<'a>) -> Vec<(&'a str, &'a str)> {
    let usual = [("source_row", number), ("indicator", "NI 15"), ("period", "FY2008-09")];
    let said = |path: &str| fields.iter().any(|(given, _)| *given == path);
    usual.into_iter().filter(|(path, _)| !said(path)).chain(fields.iter().copied()).collect()
}

/// What is said of such lines, and how they are kept apart.
fn judged(rows: &[Vec<(&str, &str)>]) -> (Vec<(ProblemCode, String)>, Vec<i16>) {
    let lines: Vec<Fields<'_>> = rows.iter().map(Vec::as_slice).collect();
    let judged = Desk::southwark().judge_lines(&lines);
    (said(&judged), judged.lines.iter().map(|line| line.line_variant).collect())
}

fn at(line: usize, code: ProblemCode) -> (ProblemCode, String) {
    (code, format!("/lines/{line}"))
}

const FIGURE: Fields<'_> = &[("actual/value", "2.29")];
const OTHER: Fields<'_> = &[("actual/value", "2.31")];

#[test]
fn another_row_with_the_same_figure_repeats_it() {
    assert_eq!(judged(&[row("1", FIGURE), row("40", FIGURE)]), (vec![at(1, ProblemCode::RepeatedRow)], vec![0, 1]));
}

#[test]
fn another_row_with_another_figure_contradicts_it() {
    assert_eq!(judged(&[row("1", FIGURE), row("40", OTHER)]), (vec![at(1, ProblemCode::Conflict)], vec![0, 1]));
}

#[rstest]
#[case::with_the_same_figure(FIGURE)]
#[case::with_another(OTHER)]
fn one_row_gives_a_figure_once(#[case] again: Fields<'_>) {
    assert_eq!(judged(&[row("1", FIGURE), row("1", again)]), (vec![at(1, ProblemCode::SameRowTwice)], vec![0, 1]));
}

#[test]
fn lines_that_name_no_row_are_of_one_row() {
    assert_eq!(judged(&[row("", FIGURE), row("", OTHER)]).0, [at(1, ProblemCode::SameRowTwice)]);
    assert_eq!(judged(&[row("", FIGURE), row("1", OTHER)]).0, [at(1, ProblemCode::Conflict)]);
}

#[test]
fn each_of_several_rows_is_said_once_and_kept_apart() {
    let rows = [row("1", FIGURE), row("2", OTHER), row("3", OTHER), row("1", FIGURE), row("4", FIGURE)];
    let expected = [
        at(1, ProblemCode::Conflict),
        at(2, ProblemCode::RepeatedRow),
        at(3, ProblemCode::SameRowTwice),
        at(4, ProblemCode::RepeatedRow),
    ];
    assert_eq!(judged(&rows), (expected.to_vec(), vec![0, 1, 2, 3, 4]));
}

#[test]
fn a_row_is_told_which_line_it_repeats_or_contradicts_and_how_much_it_weighs() {
    let rows = [row("1", FIGURE), row("2", OTHER), row("3", OTHER), row("2", OTHER)];
    let lines: Vec<Fields<'_>> = rows.iter().map(Vec::as_slice).collect();
    let judged = Desk::southwark().judge_lines(&lines);
    let told: Vec<_> = judged.problems.iter().map(|problem| (problem.severity, problem.message.as_str())).collect();
    let expected = [
        (Severity::Warning, "Line 1 (row 1) gives another ACTUAL of NI 15 and FY2008-09."),
        (Severity::Info, "Line 2 (row 2) gives the same figures for NI 15 and FY2008-09."),
        (Severity::Error, "Line 2 already gives NI 15 for FY2008-09 from this source row."),
    ];
    assert_eq!(told, expected);
}

#[test]
fn in_csv_the_line_and_its_row_are_named() {
    let rows = [row("1", FIGURE), row("40", OTHER)];
    let judged = Desk::southwark().judge_csv(&as_csv(&[&rows[0], &rows[1]]));
    assert_eq!(said(&judged), [(ProblemCode::Conflict, "2".into())]);
    assert_eq!(judged.problems[0].place.source_row.as_deref(), Some("40"));
}

#[rstest]
#[case::indicator(&[("indicator", "NI 16"), ("actual/value", "2.31")])]
#[case::area(&[("area", "AYLESBURY"), ("actual/value", "2.31")])]
#[case::breakdown(&[("breakdown/dimension", "SEX"), ("breakdown/member", "Men"), ("actual/value", "2.31")])]
fn another_key_is_another_figure(#[case] other: Fields<'_>) {
    assert_eq!(judged(&[row("1", FIGURE), row("1", other)]), (vec![], vec![0, 0]));
}

#[rstest]
#[case::of_the_indicator(&[("indicator", "vsc26"), ("actual/value", "2.31")])]
#[case::of_the_period(&[("period", "2008/09"), ("actual/value", "2.31")])]
#[case::of_the_area(&[("area", "00BE"), ("actual/value", "2.31")])]
fn another_spelling_is_the_same_key(#[case] other: Fields<'_>) {
    assert_eq!(judged(&[row("1", FIGURE), row("40", other)]), (vec![at(1, ProblemCode::Conflict)], vec![0, 1]));
}

#[rstest]
#[case::noughts(&[("actual/value", "2.290")])]
#[case::the_cell(&[("actual/value", "2.29"), ("actual/as_printed", "2.29*")])]
#[case::a_comment(&[("actual/value", "2.29"), ("comment", "See row 1")])]
fn how_a_figure_is_printed_does_not_make_it_another(#[case] again: Fields<'_>) {
    assert_eq!(judged(&[row("1", FIGURE), row("40", again)]).0, [at(1, ProblemCode::RepeatedRow)]);
}

#[rstest]
#[case::its_status(&[("actual/value", "2.29"), ("actual/status", "ESTIMATED")])]
#[case::a_second_value(&[("actual/value", "2.29"), ("actual/secondary_value", "629")])]
#[case::a_reason_instead(&[("actual/missing", "AWAITING_DATA")])]
fn what_a_figure_says_beside_its_value_may_contradict_too(#[case] other: Fields<'_>) {
    assert_eq!(judged(&[row("1", FIGURE), row("40", other)]).0, [at(1, ProblemCode::Conflict)]);
}

#[test]
fn kinds_of_figure_that_differ_contradict_nothing_and_need_not_be_kept_apart() {
    let (without, with): (Fields<'_>, Fields<'_>) =
        (&[("target_without_stretch/value", "6644")], &[("target_with_stretch/value", "6440")]);
    assert_eq!(judged(&[row("11", without), row("12", with)]), (vec![], vec![0, 0]));
    let light: Fields<'_> = &[("actual/value", "2.29"), ("reported_light/light", "RED")];
    assert_eq!(judged(&[row("1", FIGURE), row("40", light)]), (vec![at(1, ProblemCode::RepeatedRow)], vec![0, 1]));
    let other: Fields<'_> = &[("actual/value", "2.29"), ("reported_light/light", "GREEN")];
    assert_eq!(judged(&[row("1", light), row("40", other)]).0, [at(1, ProblemCode::Conflict)]);
}

#[test]
fn a_row_that_repeats_one_figure_and_contradicts_another_contradicts() {
    let first: Fields<'_> = &[("actual/value", "2.29"), ("target/value", "2.5")];
    let second: Fields<'_> = &[("target/value", "2.6")];
    let both: Fields<'_> = &[("actual/value", "2.29"), ("target/value", "2.6")];
    let expected = [at(1, ProblemCode::Conflict), at(2, ProblemCode::Conflict), at(3, ProblemCode::RepeatedRow)];
    assert_eq!(judged(&[row("1", first), row("2", second), row("3", both), row("4", both)]).0, expected);
}

#[test]
fn an_empty_cell_contradicts_nothing_and_is_kept_apart() {
    let blank: Fields<'_> = &[("actual/missing", "BLANK")];
    assert_eq!(
        judged(&[row("1", blank), row("40", FIGURE), row("41", FIGURE)]),
        (vec![at(2, ProblemCode::RepeatedRow)], vec![0, 1, 2])
    );
}

#[test]
fn official_data_and_a_proxy_are_two_figures() {
    let proxy: Fields<'_> = &[("actual/value", "2.29"), ("actual/basis", "PROXY")];
    assert_eq!(judged(&[row("1", FIGURE), row("40", proxy)]).0, [at(1, ProblemCode::Conflict)]);
}

#[test]
fn a_basis_that_goes_without_saying_may_be_said() {
    let official: Fields<'_> = &[("actual/value", "2.29"), ("actual/basis", "OFFICIAL")];
    assert_eq!(judged(&[row("1", FIGURE), row("40", official)]).0, [at(1, ProblemCode::RepeatedRow)]);
}

#[test]
fn a_form_that_goes_without_saying_may_be_said() {
    let (one, again) = (&[("target/value", "2.29")], &[("target/value", "2.29"), ("target/form", "LEVEL")]);
    assert_eq!(judged(&[row("1", one), row("40", again)]).0, [at(1, ProblemCode::RepeatedRow)]);
}

#[rstest]
#[case::indicator("indicator", "NI 199")]
#[case::period("period", "sometime")]
fn lines_whose_key_cannot_be_read_are_not_compared(#[case] path: &str, #[case] text: &str) {
    let fields = [("actual/value", "2.29"), (path, text)];
    let (said, variants) = judged(&[row("1", &fields), row("1", &fields)]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(variants, [0, 0]);
}

#[rstest]
#[case::areas_that_nobody_knows(
    &[("actual/value", "2.29"), ("area", "E98")], &[("actual/value", "2.31"), ("area", "E99")],
    &[ProblemCode::UnknownArea, ProblemCode::UnknownArea]
)]
#[case::half_a_breakdown(
    FIGURE, &[("actual/value", "2.31"), ("breakdown/dimension", "SEX")], &[ProblemCode::RequiredField]
)]
#[case::a_value_that_is_no_number(
    FIGURE, &[("source_row", "40"), ("actual/value", "2.3l")], &[ProblemCode::NotANumber]
)]
#[case::a_word_that_is_none(
    FIGURE, &[("source_row", "40"), ("actual/value", "2.29"), ("actual/status", "GUESSED")], &[ProblemCode::UnknownWord]
)]
fn a_line_that_cannot_be_read_contradicts_nothing(
    #[case] one: Fields<'_>,
    #[case] other: Fields<'_>,
    #[case] expected: &[ProblemCode],
) {
    let said: Vec<_> = judged(&[row("1", one), row("1", other)]).0.into_iter().map(|(code, _)| code).collect();
    assert_eq!(said, expected);
}

/// What is said of a line for 2008/09 and one for 2009/10.
fn judged_years(first: Fields<'_>, second: Fields<'_>) -> Vec<(ProblemCode, String)> {
    let mut desk = Desk::southwark();
    desk.collection.document.periods.clear();
    let second = [second, &[("period", "FY2009-10")]].concat();
    said(&desk.judge_json(&as_json(&[&row("1", first), &row("1", &second)])))
}

fn baseline(value: &str) -> [(&str, &str); 2] {
    [("baseline/value", value), ("baseline/period", "FY2007-08")]
}

#[test]
fn years_that_share_a_baseline_agree_on_it() {
    assert_eq!(judged_years(&baseline("34.56"), &baseline("34.560")), []);
    let other = judged_years(&baseline("34.56"), &baseline("34.65"));
    assert_eq!(other, [(ProblemCode::Conflict, "/lines/1/baseline/value".into())]);
}

#[test]
fn a_target_set_ahead_and_the_target_of_the_year_are_one() {
    let ahead = [("target/value", "30"), ("target/period", "FY2009-10")];
    assert_eq!(judged_years(&ahead, &[("target/value", "30.0")]), []);
    let other = judged_years(&ahead, &[("target/value", "31")]);
    assert_eq!(other, [(ProblemCode::Conflict, "/lines/1/target/value".into())]);
}

#[test]
fn a_shared_baseline_that_is_no_number_is_that_and_no_more() {
    let said = judged_years(&baseline("34.56"), &baseline("34.5b"));
    assert_eq!(said, [(ProblemCode::NotANumber, "/lines/1/baseline/value".into())]);
}
