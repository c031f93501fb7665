//! What a respondent is told of one line.

use entity::Severity::{self, Error, Warning};
use rstest::rstest;
use serde_json::json;

use super::{
    super::samples::{Desk, Fields, as_csv, as_json, assert_said_once, codes, judged, line_with, said},
    *,
};

#[rstest]
#[case::no_indicator(&[("indicator", "")], ProblemCode::RequiredField, Error, "indicator")]
#[case::unknown_indicator(&[("indicator", "NI 199")], ProblemCode::NotInCatalogue, Error, "indicator")]
#[case::another_partnerships_indicator(&[("indicator", "lambeth:LI 2")], ProblemCode::NotInCatalogue, Error, "indicator")]
#[case::another_partnerships_code(&[("indicator", "LI 2")], ProblemCode::NotInCatalogue, Error, "indicator")]
#[case::no_period(&[("period", "")], ProblemCode::RequiredField, Error, "period")]
#[case::no_such_period(&[("period", "sometime")], ProblemCode::UnknownPeriod, Error, "period")]
#[case::years_apart(&[("period", "2008/10")], ProblemCode::UnknownPeriod, Error, "period")]
#[case::a_spreadsheets_date(&[("period", "Sep-08")], ProblemCode::SpreadsheetDate, Error, "period")]
#[case::no_such_area(&[("area", "E99")], ProblemCode::UnknownArea, Error, "area")]
#[case::a_neighbours_area(&[("area", "E09000022")], ProblemCode::AreaNotYours, Error, "area")]
#[case::the_region(&[("area", "E12000007")], ProblemCode::AreaNotYours, Error, "area")]
#[case::a_dimension_alone(&[("breakdown/dimension", "SEX")], ProblemCode::RequiredField, Error, "breakdown/member")]
#[case::a_member_alone(&[("breakdown/member", "Mixed")], ProblemCode::RequiredField, Error, "breakdown/dimension")]
#[case::a_mark_without_its_light(
    &[("reported_light/as_printed", "G")], ProblemCode::RequiredField, Error, "reported_light/light"
)]
#[case::no_such_light(
    &[("reported_light/light", "PINK"), ("reported_light/as_printed", "P")],
    ProblemCode::UnknownWord, Error, "reported_light/light"
)]
#[case::a_value_with_its_mark(&[("actual/value", "2.29%")], ProblemCode::NotANumber, Error, "actual/value")]
#[case::a_value_in_words(&[("actual/value", "n/a")], ProblemCode::NotANumber, Error, "actual/value")]
#[case::a_value_with_a_separator(
    &[("actual/value", "1,712"), ("actual/as_printed", "1,712")], ProblemCode::NotANumber, Error, "actual/value"
)]
#[case::seven_decimals(&[("actual/value", "0.1234567")], ProblemCode::TooManyDigits, Error, "actual/value")]
#[case::sixteen_digits(&[("actual/value", "1234567890.123456")], ProblemCode::TooManyDigits, Error, "actual/value")]
#[case::a_numerator_in_words(&[("actual/numerator", "many")], ProblemCode::NotANumber, Error, "actual/numerator")]
#[case::a_denominator_in_words(&[("actual/denominator", "274k")], ProblemCode::NotANumber, Error, "actual/denominator")]
#[case::a_second_value_with_its_mark(
    &[("actual/secondary_value", "+7%")], ProblemCode::NotANumber, Error, "actual/secondary_value"
)]
#[case::no_such_unit(&[("actual/secondary_unit", "PINTS")], ProblemCode::UnknownWord, Error, "actual/secondary_unit")]
#[case::no_such_status(&[("actual/status", "GUESSED")], ProblemCode::UnknownWord, Error, "actual/status")]
#[case::one_of_two_statuses(&[("actual/status", "BREAK GUESSED")], ProblemCode::UnknownWord, Error, "actual/status")]
#[case::no_such_basis(&[("actual/basis", "HEARSAY")], ProblemCode::UnknownWord, Error, "actual/basis")]
#[case::no_such_reason(
    &[("actual/value", ""), ("actual/missing", "LOST")], ProblemCode::UnknownWord, Error, "actual/missing"
)]
#[case::no_such_form(
    &[("target/value", "-2.1"), ("target/form", "RELATIVE")], ProblemCode::UnknownWord, Error, "target/form"
)]
#[case::no_such_period_of_a_baseline(
    &[("baseline/value", "34.56"), ("baseline/period", "last year")],
    ProblemCode::UnknownPeriod, Error, "baseline/period"
)]
#[case::a_spreadsheets_date_of_a_target(
    &[("target/value", "34.56"), ("target/period", "Sep-08")], ProblemCode::SpreadsheetDate, Error, "target/period"
)]
#[case::a_blank_without_a_reason(
    &[("actual/value", ""), ("actual/as_printed", "-")],
    ProblemCode::MissingReasonRequired, Error, "actual/missing"
)]
#[case::a_status_that_needs_a_value_and_no_reason(
    &[("actual/value", ""), ("actual/status", "ESTIMATED")],
    ProblemCode::MissingReasonRequired, Error, "actual/missing"
)]
#[case::a_target_without_a_reason(
    &[("target_with_stretch/as_printed", "tbc")],
    ProblemCode::MissingReasonRequired, Error, "target_with_stretch/missing"
)]
#[case::a_reason_beside_a_value(
    &[("actual/missing", "AWAITING_DATA")], ProblemCode::ValueBesideMissing, Error, "actual/missing"
)]
#[case::a_reason_and_a_status_beside_a_value(
    &[("actual/missing", "AWAITING_DATA"), ("actual/status", "MISSING")],
    ProblemCode::ValueBesideMissing, Error, "actual/missing"
)]
#[case::a_status_of_no_value_beside_one(
    &[("actual/status", "SUPPRESSED")], ProblemCode::ValueBesideMissing, Error, "actual/status"
)]
#[case::an_estimate_of_nothing(
    &[("actual/value", ""), ("actual/missing", "TBC"), ("actual/status", "ESTIMATED")],
    ProblemCode::StatusWithoutValue, Error, "actual/status"
)]
#[case::normal_and_estimated(
    &[("actual/status", "NORMAL ESTIMATED")], ProblemCode::StatusWithoutValue, Error, "actual/status"
)]
#[case::a_baseline_without_its_period(
    &[("baseline/value", "2.5")], ProblemCode::RequiredField, Error, "baseline/period"
)]
#[case::a_change_without_its_form(
    &[("reported_change/value", "-15")], ProblemCode::RequiredField, Error, "reported_change/form"
)]
#[case::a_change_that_is_a_level(
    &[("reported_change/value", "-15"), ("reported_change/form", "LEVEL")],
    ProblemCode::RequiredField, Error, "reported_change/form"
)]
#[case::a_nul_in_a_comment(&[("comment", "nul\u{0}")], ProblemCode::UnfitText, Error, "comment")]
#[case::another_number_in_the_cell(
    &[("actual/as_printed", "2.92")], ProblemCode::PrintedDiffers, Warning, "actual/value"
)]
#[case::a_share_for_a_percentage(
    &[("target/value", "-0.15"), ("target/as_printed", "-15%"), ("target/form", "RELATIVE_CHANGE")],
    ProblemCode::PrintedDiffers, Warning, "target/value"
)]
#[case::a_change_that_does_not_follow(
    &[
        ("baseline/value", "2.50"), ("baseline/period", "FY2007-08"), ("reported_change/value", "-50"),
        ("reported_change/form", "RELATIVE_CHANGE"),
    ],
    ProblemCode::ChangeUnexplained, Warning, "reported_change/value"
)]
#[case::another_year(&[("period", "2007/08")], ProblemCode::NotAsked, Warning, "period")]
fn one_mistake_is_said_once_and_where_it_is(
    #[case] fields: Fields<'_>,
    #[case] code: ProblemCode,
    #[case] severity: Severity,
    #[case] path: &str,
) {
    assert_said_once(fields, code, severity, path);
}

#[rstest]
#[case::a_nought(&[("actual/value", "0"), ("actual/as_printed", "0")])]
#[case::a_blank_with_its_reason(&[("actual/value", ""), ("actual/missing", "BLANK")])]
#[case::a_blank_with_a_status_that_says_so(&[("actual/value", ""), ("actual/status", "SUPPRESSED")])]
#[case::a_break_without_a_value(
    &[("actual/value", ""), ("actual/missing", "BASELINE_PENDING"), ("actual/status", "BREAK")]
)]
#[case::a_baseline_yet_to_come(&[("baseline/missing", "BASELINE_PENDING"), ("baseline/expected", "FY2008-09")])]
#[case::a_provisional_break(&[("actual/status", "PROVISIONAL BREAK")])]
#[case::a_light_alone(&[("actual/value", ""), ("reported_light/light", "AMBER")])]
#[case::a_target_alone(&[("actual/value", ""), ("target/missing", "TO_BE_SET")])]
#[case::a_target_worse_than_the_baseline(
    &[
        ("baseline/value", "2.00"), ("baseline/period", "2007/08"), ("target/value", "2.90"),
        ("target/form", "LEVEL"),
    ]
)]
#[case::a_target_that_asks_for_a_rise(&[("target/value", "12"), ("target/form", "RELATIVE_CHANGE")])]
#[case::a_print_with_separators(&[("actual/value", "1712"), ("actual/as_printed", "1,712")])]
#[case::a_print_with_more_noughts(&[("actual/value", "2.29"), ("actual/as_printed", "2.290")])]
#[case::a_print_with_its_mark(
    &[("target/value", "-2.1"), ("target/as_printed", "\u{2212}2.1%"), ("target/form", "RELATIVE_CHANGE")]
)]
#[case::a_print_that_is_no_number(&[("actual/as_printed", "37 pupils")])]
#[case::a_change_that_follows(
    &[
        ("baseline/value", "2.50"), ("baseline/period", "FY2007-08"), ("reported_change/value", "-8"),
        ("reported_change/form", "RELATIVE_CHANGE"),
    ]
)]
#[case::a_change_on_another_basis(
    &[
        ("baseline/value", "2.50"), ("baseline/period", "FY2007-08"), ("reported_change/value", "-0.21"),
        ("reported_change/form", "RELATIVE_CHANGE"),
    ]
)]
#[case::a_change_with_nothing_to_follow_from(
    &[("reported_change/value", "-50"), ("reported_change/form", "RELATIVE_CHANGE")]
)]
#[case::a_part_of_its_own_area(&[("area", "aylesbury")])]
#[case::its_own_area_by_its_old_code(&[("area", "00BE")])]
#[case::a_member_of_a_breakdown(&[("breakdown/dimension", "ETHNIC_GROUP"), ("breakdown/member", "Mixed")])]
#[case::its_own_local_indicator(&[("indicator", "li 1")])]
fn what_plans_print_is_taken_as_it_is(#[case] fields: Fields<'_>) {
    assert_eq!(judged(fields).problems, []);
}

#[test]
fn a_line_is_typed_in_the_exchanges_own_spelling() {
    let judged = judged(&[
        ("source_row", "1"),
        ("indicator", "vsc 26"),
        ("period", "2008/09"),
        ("area", "00be"),
        ("breakdown/dimension", "ETHNIC_GROUP"),
        ("breakdown/member", "Mixed"),
        ("actual/value", "52.40"),
        ("actual/as_printed", "52.40 E"),
        ("actual/status", "ESTIMATED BREAK ESTIMATED"),
        ("actual/basis", "LOCAL_DATA"),
        ("target/value", "-2.1"),
        ("target/form", "RELATIVE_CHANGE"),
        ("target/period", "2010/11"),
        ("reported_light/light", "GREEN"),
        ("reported_light/as_printed", "G"),
        ("comment", " as printed "),
    ]);
    let line = &judged.lines[0];
    assert_eq!(judged.problems, []);
    assert_eq!((line.line, line.source_row.as_deref(), line.line_variant), (1, Some("1"), 0));
    assert_eq!(
        (line.indicator.as_str(), line.period.as_str(), line.area.as_str()),
        ("NI 15", "FY2008-09", "E09000028")
    );
    assert_eq!(line.breakdown, Some(Breakdown { dimension: "ETHNIC_GROUP".into(), member: "Mixed".into() }));
    let actual = Entry {
        value: Figure::parse("52.40").ok(),
        as_printed: Some("52.40 E".into()),
        status: vec![ObsStatus::Break, ObsStatus::Estimated],
        basis: Some(Basis::LocalData),
        ..Entry::default()
    };
    assert_eq!(line.actual.as_ref(), Some(&actual));
    let target = Entry {
        value: Figure::parse("-2.1").ok(),
        form: Some(FigureForm::RelativeChange),
        period: Some("FY2010-11".into()),
        ..Entry::default()
    };
    assert_eq!(line.target.as_ref(), Some(&target));
    let light = ReportedLight { light: TrafficLight::Green, as_printed: Some("G".into()) };
    assert_eq!((line.reported_light.as_ref(), line.comment.as_deref()), (Some(&light), Some(" as printed ")));
    assert_eq!((&line.baseline, &line.reported_change), (&None, &None));
}

#[test]
fn a_line_without_an_area_measures_the_partnerships_own() {
    assert_eq!(judged(&[]).lines[0].area, "E09000028");
}

#[test]
fn a_local_indicator_is_named_with_its_owner() {
    assert_eq!(judged(&[("indicator", "BV127b")]).lines[0].indicator, "southwark:LI 1");
}

#[test]
fn a_nought_is_a_value_and_a_blank_is_none() {
    let value = |fields| judged(fields).lines[0].actual.as_ref().and_then(|actual| actual.value);
    assert_eq!(value(&[("actual/value", "0.0")]), Figure::parse("0.0").ok());
    assert_eq!(value(&[("actual/value", ""), ("actual/missing", "BLANK"), ("actual/as_printed", "0")]), None);
}

#[rstest]
#[case("NI 1S", "`NI 1S` is not in the catalogue. Did you mean `NI 15`?", "`NI 15`")]
#[case("teenage pregnancy", "`teenage pregnancy` is not in the catalogue.", "an indicator code such as `NI 15`")]
fn an_unknown_indicator_is_answered_with_the_nearest(
    #[case] code: &str,
    #[case] message: &str,
    #[case] expected: &str,
) {
    let judged = judged(&[("indicator", code)]);
    assert_eq!(judged.problems[0].message, message);
    assert_eq!(judged.problems[0].expected.as_deref(), Some(expected));
    assert_eq!(judged.lines[0].indicator, "");
}

#[test]
fn a_long_code_is_quoted_in_part() {
    let judged = judged(&[("indicator", &"é".repeat(500))]);
    assert_eq!(judged.problems[0].message, format!("`{}…` is not in the catalogue.", "é".repeat(60)));
}

#[test]
fn an_unknown_word_is_answered_with_the_words() {
    let judged = judged(&[("reported_light/light", "green")]);
    assert_eq!(judged.problems[0].message, "`green` is not one of the words that this field takes.");
    assert_eq!(judged.problems[0].expected.as_deref(), Some("one of GREEN, AMBER, RED"));
}

#[test]
fn a_change_that_does_not_follow_is_shown_with_the_figures_that_it_should_follow_from() {
    let judged = judged(&[
        ("actual/value", "29.24"),
        ("baseline/value", "34.56"),
        ("baseline/period", "FY2007-08"),
        ("reported_change/value", "-50"),
        ("reported_change/form", "RELATIVE_CHANGE"),
    ]);
    let message = "The printed change -50 follows from 34.56 and 29.24 neither relatively nor in points.";
    assert_eq!(judged.problems[0].message, message);
}

#[test]
fn a_cell_that_differs_is_shown_beside_the_value() {
    let judged = judged(&[("actual/as_printed", "2.92")]);
    assert_eq!(judged.problems[0].message, "The value is 2.29, and the cell printed as `2.92`.");
}

#[test]
fn a_line_that_reports_nothing_is_said_of_the_whole_line() {
    let (desk, line) = (Desk::southwark(), line_with(&[("actual/value", "")]));
    let nothing = |spot: &str| [(ProblemCode::NothingReported, spot.to_owned())];
    assert_eq!(said(&desk.judge_json(&as_json(&[&line]))), nothing("/lines/0"));
    assert_eq!(said(&desk.judge_csv(&as_csv(&[&line]))), nothing("1"));
    let empty = json!({ "lines": [{ "indicator": "NI 15", "period": "2008/09", "actual": { "value": null } }] });
    assert_eq!(said(&desk.judge_json(&empty)), nothing("/lines/0"));
    // A comment is read with a figure; the empty cell that it stands beside is one.
    let comment = line_with(&[("actual/value", ""), ("comment", "For introduction in 2009/10")]);
    assert_eq!(said(&desk.judge_json(&as_json(&[&comment]))), nothing("/lines/0"));
    let blank = [&comment[..], &[("actual/missing", "BLANK")]].concat();
    assert_eq!(said(&desk.judge_json(&as_json(&[&blank]))), []);
}

#[test]
fn an_empty_text_is_no_value_and_wants_its_reason() {
    let blank = json!({ "lines": [{ "indicator": "NI 15", "period": "2008/09", "actual": { "as_printed": "" } }] });
    let judged = Desk::southwark().judge_json(&blank);
    assert_eq!(said(&judged), [(ProblemCode::MissingReasonRequired, "/lines/0/actual/missing".into())]);
}

#[test]
fn the_row_of_the_source_is_named_with_every_problem() {
    let judged = judged(&[("source_row", "14b"), ("actual/value", "x")]);
    assert_eq!(judged.problems[0].place.source_row.as_deref(), Some("14b"));
}

/// A token for Southwark with areas of its own.
fn with_areas<const N: usize>(areas: [&str; N]) -> Desk {
    let mut desk = Desk::southwark();
    desk.caller.areas.extend(areas.map(str::to_owned));
    desk
}

#[rstest]
#[case::not_even_its_own_by_default("", Some(ProblemCode::AreaNotYours))]
#[case::nor_named("E09000028", Some(ProblemCode::AreaNotYours))]
#[case::but_those_that_it_names("E09000022", None)]
#[case::and_no_part_of_them("AYLESBURY", Some(ProblemCode::AreaNotYours))]
fn a_token_that_names_areas_reports_on_no_others(#[case] area: &str, #[case] expected: Option<ProblemCode>) {
    let judged = with_areas(["E09000022"]).judge_lines(&[&line_with(&[("area", area)])]);
    assert_eq!(codes(&judged), expected.into_iter().collect::<Vec<_>>());
    if expected.is_some() {
        assert_eq!(judged.problems[0].place.pointer.as_deref(), Some("/lines/0/area"));
    }
}

#[test]
fn an_area_that_is_not_the_tokens_is_named_in_words() {
    let judged = judged(&[("area", "00AY")]);
    assert_eq!(judged.problems[0].message, "The token may not report figures of `E09000022` (Lambeth).");
}

#[test]
fn an_area_of_the_wrong_type_is_that_and_no_more() {
    let body = json!({
        "lines": [{ "indicator": "NI 15", "period": "2008/09", "area": 7, "actual": { "value": 1 } }],
    });
    let judged = with_areas(["E09000022"]).judge_json(&body);
    assert_eq!(said(&judged), [(ProblemCode::WrongType, "/lines/0/area".into())]);
}

#[test]
fn a_numerator_alone_lacks_its_value_or_a_reason_once() {
    assert_eq!(codes(&judged(&[("actual/value", ""), ("actual/numerator", "629")])).len(), 1);
}

#[rstest]
#[case::an_indicator("indicator", "NI 15\u{0}")]
#[case::a_period("period", "2008/09\u{0}")]
#[case::a_value("actual/value", "2.29\u{0}")]
#[case::a_word("actual/basis", "PROXY\u{0}")]
fn a_control_character_is_said_once(#[case] path: &str, #[case] text: &str) {
    let fields = [(path, text)];
    let (desk, line) = (Desk::southwark(), line_with(&fields));
    let (json, csv) = (desk.judge_json(&as_json(&[&line])), desk.judge_csv(&as_csv(&[&line])));
    assert_eq!((codes(&json).len(), codes(&csv).len()), (1, 1), "{:?} {:?}", codes(&json), codes(&csv));
}

#[rstest]
#[case::comment(&[], "comment", 10_000)]
#[case::cell_as_printed(&[], "actual/as_printed", 10_000)]
#[case::member_of_a_breakdown(&[("breakdown/dimension", "ETHNIC_GROUP")], "breakdown/member", 200)]
fn a_text_may_have_so_many_characters_and_no_more(#[case] beside: Fields<'_>, #[case] path: &str, #[case] most: usize) {
    let said_of = |length: usize| said(&judged(&[beside, &[(path, "é".repeat(length).as_str())]].concat()));
    assert_eq!(said_of(most), []);
    assert_eq!(said_of(most + 1), [(ProblemCode::UnfitText, format!("/lines/0/{path}"))]);
}

#[test]
fn a_collection_that_asks_for_some_indicators_keeps_others_and_says_so() {
    let mut desk = Desk::southwark();
    desk.collection.document.indicators = vec!["NI 16".into(), "vsc26".into()];
    let of = |code| said(&desk.judge_lines(&[&line_with(&[("indicator", code)])]));
    assert_eq!(of("NI 15"), []);
    assert_eq!(of("NI 20"), [(ProblemCode::NotAsked, "/lines/0/indicator".into())]);
    // Nobody can ask for what a partnership measures for itself.
    assert_eq!(of("LI 1"), []);
}

#[test]
fn a_collection_that_names_no_periods_takes_any() {
    let mut desk = Desk::southwark();
    desk.collection.document.periods.clear();
    assert_eq!(desk.judge_lines(&[&line_with(&[("period", "2010/11")])]).problems, []);
}

#[test]
fn an_indicator_and_a_period_that_are_not_asked_for_are_two_things() {
    let mut desk = Desk::southwark();
    desk.collection.document.indicators = vec!["NI 16".into()];
    let judged = desk.judge_lines(&[&line_with(&[("period", "2009/10")])]);
    let spots = ["/lines/0/indicator", "/lines/0/period"].map(|spot| (ProblemCode::NotAsked, spot.to_owned()));
    assert_eq!(said(&judged), spots);
    assert!(judged.is_acceptable());
    assert_eq!(judged.problems[1].message, "The collection “Annual return for 2008/09” does not ask for 2009/10.");
}
