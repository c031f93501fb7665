//! What a respondent is told of a return as a whole.

use entity::{FigureForm, MissingReason, RankOrder, TrafficLight};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    samples::{Desk, Fields, codes, said},
    *,
};
use crate::rules::{
    decimal::Figure,
    posted::{COMPARISON_FIELDS, lines_from_csv},
};

const LINE: Fields<'_> = &[("indicator", "NI 15"), ("period", "FY2008-09"), ("actual/value", "2.29")];

fn a_line() -> Value {
    json!({ "indicator": "NI 15", "period": "FY2008-09", "actual": { "value": 2.29 } })
}

#[test]
fn southwarks_first_nine_lines_are_taken_without_a_remark() {
    let printed = include_str!("../../../../data/returns/southwark.plans-2009.lines.csv");
    let judged = Desk::southwark().judge_csv(&printed.lines().take(1 + 9).collect::<Vec<_>>().join("\n"));
    assert_eq!(judged.problems, []);
    let indicators: Vec<&str> = judged.lines.iter().map(|line| line.indicator.as_str()).collect();
    let printed = ["NI 15", "NI 32", "NI 16", "NI 20", "NI 28", "NI 29", "NI 34", "NI 26", "southwark:LI 1"];
    assert_eq!(indicators, printed);
    assert!(judged.lines.iter().all(|line| line.period == "FY2008-09" && line.area == "E09000028"));
    let actual = |line: usize| judged.lines[line].actual.clone().unwrap();
    let figures: Vec<_> = (0..9).map(|line| actual(line).value.map(|value| value.to_string())).collect();
    let printed = [Some("2.29"), None, Some("29.24"), Some("10.1"), Some("2.64"), Some("0.54"), Some("0.011"), None];
    let printed: Vec<_> = printed.into_iter().chain([Some("1712")]).map(|value| value.map(str::to_owned)).collect();
    assert_eq!(figures, printed);
    assert_eq!((actual(8).as_printed.as_deref(), actual(8).numerator), (Some("1,712"), None));
    assert_eq!(actual(2).numerator.map(|numerator| numerator.to_string()).as_deref(), Some("8024"));
    assert_eq!(
        (actual(1).missing, actual(1).expected.as_deref()),
        (Some(MissingReason::NotYetIntroduced), Some("FY2009-10"))
    );
    let baseline = judged.lines[0].baseline.clone().unwrap();
    assert_eq!(
        (baseline.missing, baseline.period.as_deref()),
        (Some(MissingReason::BaselinePending), Some("FY2007-08"))
    );
    let target = judged.lines[2].target.clone().unwrap();
    assert_eq!((target.as_printed.as_deref(), target.form), (Some("-2.1%"), Some(FigureForm::RelativeChange)));
    let lights: Vec<_> =
        judged.lines.iter().map(|line| line.reported_light.as_ref().map(|reported| reported.light)).collect();
    let (green, red) = (Some(TrafficLight::Green), Some(TrafficLight::Red));
    assert_eq!(lights, [None, None, green, None, green, green, red, None, green]);
    assert!(judged.lines[2].comment.as_deref().unwrap().starts_with("Reduced from 9,306 offences"));
}

#[test]
fn southwarks_printed_comparisons_are_taken_without_a_remark() {
    let mut posted = PostedReturn { is_csv: true, ..PostedReturn::default() };
    let body = include_str!("../../../../data/returns/southwark.plans-2009.reported-comparisons.csv");
    posted.reported_comparisons = lines_from_csv(body.as_bytes(), &COMPARISON_FIELDS, &mut posted.problems);
    let judged = Desk::southwark().judge(posted);
    assert_eq!(judged.problems, []);
    let of_ni_16 = judged.reported_comparisons.iter().filter(|comparison| comparison.indicator == "NI 16");
    let ranks: Vec<_> = of_ni_16.map(|comparison| (comparison.period.as_str(), comparison.rank)).collect();
    assert_eq!(ranks, [("FY2007-08", Some(7)), ("FY2008-09", Some(6))]);
    let last = judged.reported_comparisons.last().unwrap();
    assert_eq!((last.line, last.indicator.as_str()), (22, "CRIME serious-youth-crime"));
    assert_eq!((last.rank, last.own_change.map(|change| change.to_string()).as_deref()), (None, Some("-9")));
}

#[rstest]
#[case::the_day_before_it_opens("2009-03-31", Some(ProblemCode::CollectionNotOpen))]
#[case::on_the_day_it_opens("2009-04-01", None)]
#[case::on_the_day_it_is_due("2009-06-30", None)]
#[case::the_day_after("2009-07-01", Some(ProblemCode::ReturnedLate))]
#[case::on_the_last_day("2009-09-30", Some(ProblemCode::ReturnedLate))]
#[case::when_it_has_closed("2009-10-01", Some(ProblemCode::CollectionNotOpen))]
fn a_collection_takes_returns_from_one_day_to_another(
    #[case] today: &'static str,
    #[case] expected: Option<ProblemCode>,
) {
    let judged = Desk { today, ..Desk::southwark() }.judge_lines(&[LINE]);
    let expected = expected.map(|code| (code, "/collection".to_owned()));
    assert_eq!(said(&judged), expected.clone().into_iter().collect::<Vec<_>>());
    assert_eq!(judged.is_acceptable(), expected.is_none_or(|(code, _)| code == ProblemCode::ReturnedLate));
}

#[test]
fn a_collection_without_a_last_day_takes_returns_late_for_ever() {
    let mut desk = Desk { today: "2020-01-01", ..Desk::southwark() };
    desk.collection.document.closes = None;
    let judged = desk.judge_lines(&[LINE]);
    assert_eq!(codes(&judged), [ProblemCode::ReturnedLate]);
    assert_eq!(judged.problems[0].severity, Severity::Info);
    assert_eq!(judged.problems[0].message, "The return was due by 2009-06-30; it is taken and marked late.");
}

#[test]
fn a_collection_that_asks_others_takes_the_return_and_says_so() {
    let mut desk = Desk::southwark();
    desk.collection.document.partnerships = vec!["lambeth".into()];
    let judged = desk.judge_lines(&[LINE]);
    assert_eq!(said(&judged), [(ProblemCode::NotAsked, "/partnership".into())]);
    assert_eq!(judged.problems[0].message, "The collection “Annual return for 2008/09” does not ask `southwark`.");
    assert!(judged.is_acceptable());
}

#[test]
fn beside_csv_what_is_wrong_with_the_collection_has_no_place() {
    let mut desk = Desk { today: "2010-01-01", ..Desk::southwark() };
    desk.collection.document.partnerships = vec!["lambeth".into()];
    let judged = desk.judge_csv("indicator,period,actual_value\nNI 15,2008/09,2.29\n");
    assert_eq!(
        said(&judged),
        [(ProblemCode::CollectionNotOpen, String::new()), (ProblemCode::NotAsked, String::new())]
    );
}

#[test]
fn a_return_without_lines_is_refused() {
    let lacking = |spot: &str| [(ProblemCode::RequiredField, spot.to_owned())];
    assert_eq!(said(&Desk::southwark().judge_json(&json!({ "lines": [] }))), lacking("/lines"));
    assert_eq!(said(&Desk::southwark().judge_json(&json!({}))), lacking("/lines"));
    assert_eq!(said(&Desk::southwark().judge_csv("indicator,period\n")), lacking(""));
}

#[test]
fn a_return_may_have_five_thousand_lines_and_no_more() {
    let lines = |count: usize| json!({ "lines": vec![json!({}); count] });
    let judged = Desk::southwark().judge_json(&lines(MOST_LINES + 1));
    assert_eq!(said(&judged), [(ProblemCode::TooManyLines, "/lines".into())]);
    assert_eq!(judged.problems[0].message, "The return has more than 5000 lines.");
    assert_eq!(Desk::southwark().judge_json(&lines(MOST_LINES)).lines.len(), 5000);
}

#[test]
fn a_note_that_cannot_be_shown_is_refused() {
    let judged = Desk::southwark().judge_json(&json!({ "note": "nul \u{0}", "lines": [a_line()] }));
    assert_eq!(said(&judged), [(ProblemCode::UnfitText, "/note".into())]);
}

#[test]
fn all_that_is_wrong_is_said_at_once_in_the_order_of_places() {
    let mut desk = Desk { today: "2009-07-01", ..Desk::southwark() };
    desk.collection.document.partnerships = vec!["lambeth".into()];
    let mut lines = vec![
        json!({
            "indicator": "NI 1S", "period": "Sep-08", "area": "E99", "actual": { "value": "2.29%", "status": ["GUESSED"] },
            "baseline": { "value": 3 }, "reported_change": { "value": -15 }, "coment": "c",
        }),
        json!({ "indicator": "NI 20", "period": "2010/11", "target": { "as_printed": "tbc" } }),
    ];
    lines.extend((0..8).map(|row| json!({ "indicator": "NI 28", "period": "2008/09", "source_row": row.to_string(), "actual": { "value": 1 } })));
    lines.push(json!({ "indicator": "NI 28", "period": "2008/09", "source_row": "0", "actual": { "value": 1 } }));
    let judged = desk.judge_json(&json!({ "lines": lines }));
    let mut expected = vec![
        (ProblemCode::ReturnedLate, "/collection".to_owned()),
        (ProblemCode::NotAsked, "/partnership".to_owned()),
        (ProblemCode::UnknownWord, "/lines/0/actual/status".to_owned()),
        (ProblemCode::NotANumber, "/lines/0/actual/value".to_owned()),
        (ProblemCode::UnknownArea, "/lines/0/area".to_owned()),
        (ProblemCode::RequiredField, "/lines/0/baseline/period".to_owned()),
        (ProblemCode::UnknownField, "/lines/0/coment".to_owned()),
        (ProblemCode::NotInCatalogue, "/lines/0/indicator".to_owned()),
        (ProblemCode::SpreadsheetDate, "/lines/0/period".to_owned()),
        (ProblemCode::RequiredField, "/lines/0/reported_change/form".to_owned()),
        (ProblemCode::NotAsked, "/lines/1/period".to_owned()),
        (ProblemCode::MissingReasonRequired, "/lines/1/target/missing".to_owned()),
    ];
    expected.extend((3..10).map(|line| (ProblemCode::RepeatedRow, format!("/lines/{line}"))));
    expected.push((ProblemCode::SameRowTwice, "/lines/10".to_owned()));
    assert_eq!(said(&judged), expected);
    assert!(!judged.is_acceptable());
    assert_eq!(judged.lines.len(), 11);
}

#[test]
fn one_bad_line_of_csv_leaves_the_others_typed() {
    let judged = Desk::southwark().judge_csv(
        "source_row,indicator,period,actual_value,actual_as_printed\r\n\
         1,NI 15,2008/09,2.29,2.29\r\n\
         2,NI 16,2008/09,\"1,712\",\"1,712\"\r\n\
         3,NI 20,2008/09,10.1,10.1\r\n",
    );
    assert_eq!(said(&judged), [(ProblemCode::NotANumber, "2.actual_value".into())]);
    assert_eq!(judged.problems[0].place.source_row.as_deref(), Some("2"));
    let values: Vec<_> = judged.lines.iter().map(|line| line.actual.as_ref().unwrap().value).collect();
    assert_eq!(values.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
}

#[rstest]
#[case::a_column("indicator,period,actual_value,colour\nNI 15,2008/09,2.29,red\n", "colour")]
#[case::an_actuals_form("indicator,period,actual_value,actual_form\nNI 15,2008/09,2.29,LEVEL\n", "actual_form")]
#[case::an_actuals_period("indicator,period,actual_value,actual_period\nNI 15,2008/09,2.29,2008/09\n", "actual_period")]
fn a_column_that_is_unknown_is_said_once_for_all_lines(#[case] body: &str, #[case] column: &str) {
    assert_eq!(said(&Desk::southwark().judge_csv(body)), [(ProblemCode::UnknownField, column.into())]);
}

#[rstest]
#[case::a_number_for_a_text(json!({ "comment": 7 }), ProblemCode::WrongType, "comment")]
#[case::a_text_for_a_number(json!({ "actual": { "value": "2.29" } }), ProblemCode::NotANumber, "actual/value")]
#[case::a_list_for_a_number(json!({ "actual": { "value": [2.29] } }), ProblemCode::NotANumber, "actual/value")]
#[case::a_word_for_words(
    json!({ "actual": { "value": 1, "status": "BREAK" } }), ProblemCode::WrongType, "actual/status"
)]
#[case::a_number_for_a_figure(json!({ "actual": 2.29 }), ProblemCode::WrongType, "actual")]
#[case::a_number_for_an_indicator(json!({ "indicator": 15 }), ProblemCode::WrongType, "indicator")]
#[case::a_year_for_a_period(json!({ "period": 2008 }), ProblemCode::WrongType, "period")]
#[case::an_unknown_member(json!({ "colour": "red" }), ProblemCode::UnknownField, "colour")]
#[case::an_unknown_member_of_a_figure(
    json!({ "actual": { "value": 1, "colour": "red" } }), ProblemCode::UnknownField, "actual/colour"
)]
#[case::a_member_that_needs_escaping(json!({ "a/b~c": 1 }), ProblemCode::UnknownField, "a~1b~0c")]
fn a_mistake_of_form_is_said_once(#[case] fields: Value, #[case] code: ProblemCode, #[case] path: &str) {
    let mut line = a_line();
    line.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let judged = Desk::southwark().judge_json(&json!({ "lines": [line] }));
    assert_eq!(said(&judged), [(code, format!("/lines/0/{path}"))]);
}

#[rstest]
#[case::lines_that_are_no_list(json!({ "lines": "NI 15" }), "/lines")]
#[case::a_line_that_is_no_object(json!({ "lines": [7] }), "/lines/0")]
#[case::a_breakdown_with_half_of_the_wrong_type(
    json!({ "lines": [{
        "indicator": "NI 15", "period": "2008/09", "actual": { "value": 1 },
        "breakdown": { "dimension": "AGE", "member": 17 },
    }] }),
    "/lines/0/breakdown/member"
)]
#[case::a_light_of_the_wrong_type(
    json!({ "lines": [{
        "indicator": "NI 15", "period": "2008/09", "actual": { "value": 1 },
        "reported_light": { "light": 1, "as_printed": "G" },
    }] }),
    "/lines/0/reported_light/light"
)]
#[case::a_body_that_is_no_object(json!([]), "")]
fn what_is_of_the_wrong_type_is_not_lacking_too(#[case] body: Value, #[case] pointer: &str) {
    assert_eq!(said(&Desk::southwark().judge_json(&body)), [(ProblemCode::WrongType, pointer.to_owned())]);
}

#[rstest]
#[case::a_column_of_figures("indicator,period,actual_valeu\nNI 15,2008/09,2.29\nNI 16,2008/09,29.24\n", "actual_valeu")]
#[case::a_column_of_codes("indicater,period,actual_value\nNI 15,2008/09,2.29\nNI 16,2008/09,29.24\n", "indicater")]
fn a_column_that_is_misspelt_is_said_once(#[case] body: &str, #[case] column: &str) {
    assert_eq!(said(&Desk::southwark().judge_csv(body)), [(ProblemCode::UnknownField, column.to_owned())]);
}

#[test]
fn a_line_of_csv_that_is_cut_short_is_said_once() {
    let judged = Desk::southwark().judge_csv("indicator,period,actual_value\nNI 15\n");
    assert_eq!(said(&judged), [(ProblemCode::MalformedBody, "1".into())]);
}

/// What is said of one reported comparison for NI 16 in 2008/09.
fn said_of_comparison(fields: &Value) -> (ReportedComparison, Vec<(ProblemCode, String)>) {
    let mut comparison = json!({ "indicator": "NI 16", "period": "2008/09" });
    comparison.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
    let mut judged = Desk::southwark().judge_json(&json!({ "reported_comparisons": [comparison] }));
    let said = said(&judged);
    (judged.reported_comparisons.remove(0), said)
}

#[rstest]
#[case::no_indicator(json!({ "indicator": null }), ProblemCode::RequiredField, "indicator")]
#[case::no_period(json!({ "period": null }), ProblemCode::RequiredField, "period")]
#[case::unknown_indicator(json!({ "indicator": "NI 199" }), ProblemCode::NotInCatalogue, "indicator")]
#[case::no_such_group(json!({ "peer_group": "msg" }), ProblemCode::UnknownWord, "peer_group")]
#[case::a_rank_in_words(json!({ "rank": "6th" }), ProblemCode::NotANumber, "rank")]
#[case::a_rank_of_nought(json!({ "rank": 0 }), ProblemCode::NotANumber, "rank")]
#[case::a_half_rank(json!({ "rank": 6.5 }), ProblemCode::NotANumber, "rank")]
#[case::a_negative_size(json!({ "group_size": -15 }), ProblemCode::NotANumber, "group_size")]
#[case::no_such_order(json!({ "rank_order": "WORST_FIRST" }), ProblemCode::UnknownWord, "rank_order")]
#[case::no_such_position(json!({ "position": "BETTER" }), ProblemCode::UnknownWord, "position")]
#[case::no_such_progress(json!({ "progress": "UP" }), ProblemCode::UnknownWord, "progress")]
#[case::a_change_with_its_mark(json!({ "own_change": "-15%" }), ProblemCode::NotANumber, "own_change")]
#[case::too_many_decimals(json!({ "regional_change": 0.123_456_7 }), ProblemCode::TooManyDigits, "regional_change")]
fn a_mistake_in_a_reported_comparison_is_said_once_and_where_it_is(
    #[case] fields: Value,
    #[case] code: ProblemCode,
    #[case] name: &str,
) {
    assert_eq!(said_of_comparison(&fields).1, [(code, format!("/reported_comparisons/0/{name}"))]);
}

#[test]
fn a_comparison_is_kept_as_it_is_printed() {
    let (comparison, said) = said_of_comparison(&json!({
        "peer_group": "southwark-msg-2008", "rank": 6, "rank_as_printed": "6th", "group_size": 15,
        "rank_order": "HIGHEST_FIRST", "own_change": -15.4, "own_change_as_printed": "-15.4%", "source": "iQuanta",
    }));
    let expected = ReportedComparison {
        line: 1,
        indicator: "NI 16".into(),
        period: "FY2008-09".into(),
        peer_group: Some("southwark-msg-2008".into()),
        rank: Some(6),
        rank_as_printed: Some("6th".into()),
        group_size: Some(15),
        rank_order: Some(RankOrder::HighestFirst),
        own_change: Figure::parse("-15.4").ok(),
        own_change_as_printed: Some("-15.4%".into()),
        source: Some("iQuanta".into()),
        ..ReportedComparison::default()
    };
    assert_eq!((comparison, said), (expected, Vec::new()));
}
