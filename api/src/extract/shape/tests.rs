use exchange::{
    rules::metadata::{Area, Collection, Definition, Plan},
    service::releases::ReleaseRequest,
};
use serde_json::json;

use super::*;

fn refused_of<T: DeserializeOwned>(document: &Value, bytes: usize) -> Refusal {
    match read::<T>(document.clone(), bytes) {
        Err(Error::Refusal(refusal)) => *refusal,
        Err(failure) => panic!("{failure}"),
        Ok(_) => panic!("{document} was read"),
    }
}

fn refused<T: DeserializeOwned>(document: &Value) -> Refusal {
    refused_of::<T>(document, document.to_string().len())
}

/// What is said of a document: code, place, what is wrong and what was expected.
fn said<T: DeserializeOwned>(document: &Value) -> Vec<(ProblemCode, String, String, String)> {
    let told = refused::<T>(document).problems.into_iter();
    told.map(|of| (of.code, of.place.pointer.unwrap(), of.message, of.expected.unwrap_or_default())).collect()
}

/// What is said of the one thing that is wrong with a plan.
fn said_of_plan(fields: &Value) -> (ProblemCode, String, String, String) {
    let mut plan = json!({
        "code": "night-plan", "partnership": "southwark", "title": "Southwark at night", "status": "DRAFT",
        "valid_from": "2009-04-01", "valid_to": "2010-03-31",
    });
    plan.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let [only] = <[_; 1]>::try_from(said::<Plan>(&plan)).unwrap();
    only
}

#[test]
fn every_misfit_is_told_in_plain_words() {
    for (fields, code, pointer, message, expected) in [
        (json!({ "title": 5 }), ProblemCode::WrongType, "/title", "The number 5 is not what `title` takes.", "a text"),
        (json!({ "title": null }), ProblemCode::WrongType, "/title", "`null` is not what `title` takes.", "a text"),
        (
            json!({ "status": "DRAFTY" }),
            ProblemCode::UnknownWord,
            "/status",
            "The text `DRAFTY` is not one of the words that `status` takes.",
            "one of DRAFT, AGREED, REVISED, SUPERSEDED",
        ),
        (
            json!({ "status": true }),
            ProblemCode::WrongType,
            "/status",
            "`true` is not what `status` takes.",
            "one of DRAFT, AGREED, REVISED, SUPERSEDED",
        ),
        (
            json!({ "valid_from": "1 April" }),
            ProblemCode::InvalidDocument,
            "/valid_from",
            "The text `1 April` is not what `valid_from` takes.",
            "a day such as `2009-04-01`",
        ),
        (
            json!({ "valid_to": 2010 }),
            ProblemCode::WrongType,
            "/valid_to",
            "The number 2010 is not what `valid_to` takes.",
            "a day such as `2009-04-01`",
        ),
        (
            json!({ "priorities": {} }),
            ProblemCode::WrongType,
            "/priorities",
            "An object is not what `priorities` takes.",
            "a list",
        ),
        (
            json!({ "links": [[]] }),
            ProblemCode::WrongType,
            "/links/0",
            "A list is not what `links` takes.",
            "an object",
        ),
        (
            json!({ "links": [{ "title": "Southwark 2016" }, 7] }),
            ProblemCode::WrongType,
            "/links/1",
            "The number 7 is not what `links` takes.",
            "an object",
        ),
        (
            json!({ "sections": [{ "number": -1, "table": "framework", "title": "Night" }] }),
            ProblemCode::WrongType,
            "/sections/0/number",
            "The number -1 is not what `number` takes.",
            "a whole number from 0 to 65535",
        ),
        (
            json!({ "resource_tables": [
                { "code": "by-agency", "title": "By agency", "period": "FY2009-10", "printed_total": "300" },
            ] }),
            ProblemCode::WrongType,
            "/resource_tables/0/printed_total",
            "The text `300` is not what `printed_total` takes.",
            "a number such as 2.29",
        ),
        (
            json!({ "lines": [{ "section": 1, "source_row": "1" }] }),
            ProblemCode::RequiredField,
            "/lines/0/indicator",
            "`indicator` is missing.",
            "a text",
        ),
        (
            json!({ "links": [{ "title": "Southwark 2016", "relaton": "above" }] }),
            ProblemCode::UnknownField,
            "/links/0/relaton",
            "There is no field `relaton` here. Did you mean `relation`?",
            "one of title, owner, relation, note",
        ),
    ] {
        assert_eq!(said_of_plan(&fields), (code, pointer.to_owned(), message.to_owned(), expected.to_owned()));
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_what_follows_from_it_is_not() {
    let plan = json!({
        "code": 1, "partnership": "southwark", "status": "DRAFT", "valid_from": "soon", "valid_to": "2010-03-31",
        "lines": [
            { "section": "1", "teir": "STRATEGIC", "breakdown": { "dimension": 5 } },
            "NI 15",
            { "section": 1, "source_row": "1", "indicator": "NI 15" },
        ],
        "colour/hue": "red",
    });
    let told: Vec<_> = said::<Plan>(&plan).into_iter().map(|(code, pointer, ..)| (code, pointer)).collect();
    let expected = [
        (ProblemCode::WrongType, "/code"),
        (ProblemCode::InvalidDocument, "/valid_from"),
        (ProblemCode::WrongType, "/lines/0/section"),
        (ProblemCode::UnknownField, "/lines/0/teir"),
        (ProblemCode::WrongType, "/lines/0/breakdown/dimension"),
        (ProblemCode::RequiredField, "/lines/0/breakdown/member"),
        (ProblemCode::RequiredField, "/lines/0/source_row"),
        (ProblemCode::RequiredField, "/lines/0/indicator"),
        (ProblemCode::WrongType, "/lines/1"),
        (ProblemCode::UnknownField, "/colour~1hue"),
        (ProblemCode::RequiredField, "/title"),
    ];
    assert_eq!(told, expected.map(|(code, pointer)| (code, pointer.to_owned())));
    assert_eq!(refused::<Plan>(&plan).detail, "There are 11 problems.");
}

#[test]
fn what_an_empty_document_lacks_is_told_with_what_each_member_takes() {
    let told: Vec<_> = said::<Definition>(&json!({})).into_iter().map(|(_, at, _, expected)| (at, expected)).collect();
    let words = "one of RATE, PERCENT, PERCENTAGE_POINT, COUNT, RATIO, SCORE, GRADE, MONEY, UNKNOWN";
    let expected = [
        ("/indicator", "a text"),
        ("/valid_from", "a day such as `2009-04-01`"),
        ("/title", "a text"),
        ("/unit", words),
        ("/decimals", "a whole number from 0 to 255"),
    ];
    assert_eq!(told[..5], expected.map(|(at, expected)| (at.to_owned(), expected.to_owned())));
    assert_eq!(told.len(), 7);
}

#[test]
fn a_single_problem_is_the_detail() {
    let mut area = json!({ "code": "E1", "name": "One", "kind": "SUB_AREA", "valid_to": "yesterday" });
    let detail =
        "At `valid_to`: The text `yesterday` is not what `valid_to` takes. Expected a day such as `2009-04-01`.";
    assert_eq!(refused::<Area>(&area).detail, detail);
    area = json!({ "code": "E1", "name": "One" });
    assert!(refused::<Area>(&area).detail.starts_with("`kind` is missing. Expected one of "));
    let request = json!({ "returns": ["first"], "effective_at": "2009-06-30T09:00:00Z" });
    assert!(refused::<ReleaseRequest>(&request).detail.starts_with("At `returns[0]`: The text `first` is not what"));
    let request = json!({ "returns": [], "effective_at": "soon" });
    assert!(refused::<ReleaseRequest>(&request).detail.ends_with("an instant such as `2009-06-30T09:00:00Z`."));
}

#[test]
fn a_figure_with_too_many_digits_is_told_with_its_digits() {
    let told = said_of_plan(&json!({ "priorities": [
        { "code": "night-bus", "kind": "PRIORITY", "title": "Night buses", "spend": 0.123_456_7 },
    ] }));
    assert_eq!((told.0, &*told.1), (ProblemCode::InvalidDocument, "/priorities/0/spend"));
    assert!(told.2.starts_with("`0.1234567` has ") && told.2.contains("figures are not rounded"), "{}", told.2);
}

#[test]
fn what_is_no_object_is_said_to_be_none() {
    for body in [json!([]), json!(null), json!("{}"), json!(1)] {
        let refusal = refused::<Collection>(&body);
        assert_eq!((&*refusal.detail, refusal.problems.len()), ("The document must be an object.", 1));
    }
}

#[test]
fn a_long_name_is_told_in_part_and_where_it_stands() {
    let (_, pointer, message, _) = said_of_plan(&json!({ "x".repeat(100_000): 1 }));
    assert_eq!(pointer, "");
    assert_eq!(message, format!("There is no field `{}…` here.", "x".repeat(60)));
}

#[test]
fn a_hundred_problems_are_told_and_that_there_may_be_more() {
    let plan = json!({
        "code": "night-plan", "partnership": "southwark", "title": "Southwark at night", "status": "DRAFT",
        "valid_from": "2009-04-01", "valid_to": "2010-03-31", "links": vec![json!({ "title": 1 }); 150],
    });
    let refusal = refused::<Plan>(&plan);
    assert_eq!((refusal.problems.len(), &*refusal.detail), (100, "There are 100 problems, and perhaps more."));
    let refusal = refused_of::<Plan>(&plan, 10 * 1024 * 1024);
    assert_eq!((refusal.problems.len(), &*refusal.detail), (5, "There are 5 problems, and perhaps more."));
}
