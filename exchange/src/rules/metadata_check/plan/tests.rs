//! What an editor is told of a plan.

use std::sync::Arc;

use entity::MetadataFamily;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::rules::{
    catalogue::samples::{catalogue, document},
    metadata::Document,
    metadata_check::check,
};

/// A plan of Southwark that nothing is wrong with, and what is said of it otherwise.
fn of(fields: &Value) -> Document {
    let mut usual = json!({
        "code": "rolling-plan-2008-12", "partnership": "southwark", "title": "Rolling plan", "status": "REVISED",
        "valid_from": "2008-04-01", "valid_to": "2012-03-31",
        "priorities": [
            {
                "code": "violence", "kind": "PRIORITY", "title": "Violent crime", "lead_group": "Violent crime group",
                "indicators": ["NI 15", "southwark:LI 1"],
            },
            { "code": "diversity", "kind": "THEME", "title": "Diversity" },
        ],
        "commitments": [
            { "priority": "violence", "horizon": "By 2012", "text": "Less robbery", "indicators": ["southwark:LI 1"] },
        ],
        "delivery_groups": [
            { "name": "SSP Board" },
            { "name": "Violent crime group", "part_of": "SSP Board", "priorities": ["violence", "diversity"] },
        ],
        "resource_tables": [
            { "code": "by-agency", "title": "By agency", "period": "FY2009-10", "printed_total": 100 },
        ],
        "resources": [
            { "table": "by-agency", "heading": "Core", "agency": "Police", "amount": 100, "priority": "violence" },
        ],
        "actions": [{ "number": "1.", "priority": "diversity", "title": "Meet", "indicators": ["NI 16"] }],
        "sections": [
            { "number": 1, "table": "framework", "title": "Tackling violent crime" },
            { "number": 2, "table": "framework", "title": "Young people" },
        ],
        "lines": [
            { "section": 1, "source_row": "1", "indicator": "NI 15" },
            { "section": 1, "source_row": "9", "indicator": "southwark:LI 1", "area": "AYLESBURY" },
            { "section": 2, "source_row": "10", "indicator": "NI 16" },
        ],
    });
    usual.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    document(MetadataFamily::Plan, &usual)
}

fn problems(fields: &Value) -> Vec<Problem> {
    check(&mut of(fields), &catalogue()).err().unwrap_or_default()
}

/// What is said of a plan, and where.
fn said(fields: &Value) -> Vec<(ProblemCode, String)> {
    problems(fields).into_iter().map(|problem| (problem.code, problem.place.pointer.unwrap())).collect()
}

/// The messages alone.
fn messages(fields: &Value) -> Vec<String> {
    problems(fields).into_iter().map(|problem| problem.message).collect()
}

/// A plan as it is taken.
fn taken(fields: &Value) -> Plan {
    let mut document = of(fields);
    assert_eq!(check(&mut document, &catalogue()), Ok(()));
    let Document::Plan(plan) = document else { panic!("{document:?} is no plan") };
    Arc::unwrap_or_clone(plan)
}

#[rstest]
#[case::as_it_is(json!({}))]
#[case::of_titles_alone(json!({
    "priorities": [], "commitments": [], "delivery_groups": [], "resource_tables": [], "resources": [], "actions": [],
    "sections": [], "lines": [],
}))]
#[case::a_row_of_two_indicators(json!({ "lines": [
    { "section": 1, "source_row": "1", "indicator": "NI 15" },
    { "section": 1, "source_row": "1", "indicator": "NI 16" },
] }))]
#[case::a_row_of_two_members_of_a_breakdown(json!({ "lines": [
    { "section": 1, "source_row": "1", "indicator": "NI 15" },
    {
        "section": 1, "source_row": "1", "indicator": "NI 15",
        "breakdown": { "dimension": "ETHNIC_GROUP", "member": "Mixed" },
    },
] }))]
#[case::an_indicator_of_two_rows(json!({ "lines": [
    { "section": 1, "source_row": "28", "indicator": "NI 15" },
    { "section": 2, "source_row": "37", "indicator": "NI 15" },
] }))]
#[case::a_doubt_with_its_note(json!({ "lines": [], "sections": [
    { "number": 1, "table": "framework", "title": "Drugs", "doubts": ["DAMAGED"], "note": "The aim is printed twice." },
] }))]
fn a_plan_that_says_what_can_be_is_taken(#[case] fields: Value) {
    assert_eq!(said(&fields), []);
}

#[rstest]
#[case::a_code_in_capitals(json!({ "code": "Rolling-Plan" }), "/code")]
#[case::no_title(json!({ "title": " " }), "/title")]
#[case::days_out_of_order(json!({ "valid_to": "2008-03-31" }), "/valid_to")]
#[case::a_code_of_a_priority(
    json!({ "commitments": [], "delivery_groups": [{ "name": "Violent crime group" }], "resources": [], "actions": [],
        "priorities": [{ "code": "Violent crime", "kind": "PRIORITY", "title": "Violent crime" }] }),
    "/priorities/0/code"
)]
#[case::no_title_of_a_priority(
    json!({ "priorities": [
        { "code": "violence", "kind": "PRIORITY", "title": "Violent crime" },
        { "code": "diversity", "kind": "THEME", "title": "" },
    ] }),
    "/priorities/1/title"
)]
#[case::nothing_promised(
    json!({ "commitments": [{ "priority": "violence", "horizon": "By 2012", "text": "" }] }), "/commitments/0/text"
)]
#[case::nothing_to_be_done(
    json!({ "actions": [{ "number": "1.", "priority": "violence", "title": "" }] }), "/actions/0/title"
)]
#[case::no_title_of_a_section(
    json!({ "lines": [], "sections": [{ "number": 1, "table": "framework", "title": "" }] }), "/sections/0/title"
)]
#[case::a_doubt_without_a_note(
    json!({ "lines": [], "sections": [
        { "number": 1, "table": "framework", "title": "Drugs", "doubts": ["DAMAGED"] },
    ] }),
    "/sections/0/note"
)]
#[case::no_such_leading_group(
    json!({ "commitments": [], "actions": [], "resources": [], "delivery_groups": [], "priorities": [
        { "code": "violence", "kind": "PRIORITY", "title": "Violent crime", "lead_group": "Violence group" },
    ] }),
    "/priorities/0/lead_group"
)]
#[case::no_such_greater_group(
    json!({ "delivery_groups": [{ "name": "Violent crime group" }, { "name": "Drugs group", "part_of": "DAT" }] }),
    "/delivery_groups/1/part_of"
)]
#[case::a_group_within_itself(
    json!({ "delivery_groups": [{ "name": "Violent crime group", "part_of": "Violent crime group" }] }),
    "/delivery_groups/0/part_of"
)]
#[case::no_name_of_an_agency(json!({ "agencies": [{ "name": "" }] }), "/agencies/0/name")]
#[case::no_duty(json!({ "governance": [{ "body": "SSP Board", "duty": " " }] }), "/governance/0/duty")]
#[case::no_title_of_a_link(json!({ "links": [{ "title": "" }] }), "/links/0/title")]
#[case::no_row(json!({ "lines": [{ "section": 1, "source_row": "", "indicator": "NI 15" }] }), "/lines/0/source_row")]
#[case::no_member_of_a_breakdown(
    json!({ "lines": [
        { "section": 1, "source_row": "1", "indicator": "NI 15", "breakdown": { "dimension": "SEX", "member": "" } },
    ] }),
    "/lines/0/breakdown/member"
)]
#[case::no_such_priority_of_a_group(
    json!({ "delivery_groups": [{ "name": "Violent crime group", "priorities": ["violence", "drugs"] }] }),
    "/delivery_groups/0/priorities/1"
)]
#[case::no_such_priority_of_a_promise(
    json!({ "commitments": [{ "priority": "drugs", "horizon": "By 2012", "text": "Fewer drugs" }] }),
    "/commitments/0/priority"
)]
#[case::no_such_priority_of_an_action(
    json!({ "actions": [{ "number": "1.", "priority": "drugs", "title": "Meet" }] }), "/actions/0/priority"
)]
#[case::no_such_priority_of_an_amount(
    json!({ "resources": [
        { "table": "by-agency", "heading": "Core", "agency": "Police", "amount": 100, "priority": "drugs" },
    ] }),
    "/resources/0/priority"
)]
#[case::no_such_table(
    json!({ "resources": [{ "table": "by-priority", "heading": "Core", "agency": "Police", "amount": 100 }] }),
    "/resources/0/table"
)]
#[case::a_code_of_a_table(
    json!({ "resources": [], "resource_tables": [{ "code": "By agency", "title": "By agency", "period": "2009/10" }] }),
    "/resource_tables/0/code"
)]
#[case::no_such_section(
    json!({ "lines": [{ "section": 3, "source_row": "1", "indicator": "NI 15" }] }), "/lines/0/section"
)]
#[case::a_priority_twice(
    json!({ "resources": [], "actions": [], "delivery_groups": [{ "name": "Violent crime group" }], "priorities": [
        { "code": "violence", "kind": "PRIORITY", "title": "Violent crime" },
        { "code": "violence", "kind": "PRIORITY", "title": "Knives" },
    ] }),
    "/priorities/1/code"
)]
#[case::a_table_twice(
    json!({ "resource_tables": [
        { "code": "by-agency", "title": "By agency", "period": "FY2009-10" },
        { "code": "by-agency", "title": "By priority", "period": "FY2009-10" },
    ] }),
    "/resource_tables/1/code"
)]
#[case::a_section_twice(
    json!({ "lines": [], "sections": [
        { "number": 1, "table": "framework", "title": "Violence" },
        { "number": 1, "table": "framework", "title": "Drugs" },
    ] }),
    "/sections/1/number"
)]
#[case::a_row_twice(
    json!({ "lines": [
        { "section": 1, "source_row": "1", "indicator": "NI 15" },
        { "section": 1, "source_row": "1", "indicator": "vsc26" },
    ] }),
    "/lines/1/source_row"
)]
fn what_cannot_be_is_said_once_and_where_it_is(#[case] fields: Value, #[case] pointer: &str) {
    assert_eq!(said(&fields), [(ProblemCode::InvalidDocument, pointer.to_owned())]);
}

#[rstest]
#[case::whose_it_is(json!({ "partnership": "brent" }), ProblemCode::UnknownPartnership, "/partnership")]
#[case::what_measures_a_priority(
    json!({ "priorities": [
        { "code": "violence", "kind": "PRIORITY", "title": "Violence", "indicators": ["NI 15", "NI 199"] },
        { "code": "diversity", "kind": "THEME", "title": "Diversity" },
    ] }),
    ProblemCode::NotInCatalogue, "/priorities/0/indicators/1"
)]
#[case::what_a_promise_names(
    json!({ "commitments": [
        { "priority": "violence", "horizon": "By 2012", "text": "Less", "indicators": ["NI 199"] },
    ] }),
    ProblemCode::NotInCatalogue, "/commitments/0/indicators/0"
)]
#[case::what_an_action_cites(
    json!({ "actions": [{ "number": "1.", "priority": "violence", "title": "Meet", "indicators": ["NI 199"] }] }),
    ProblemCode::NotInCatalogue, "/actions/0/indicators/0"
)]
#[case::what_a_line_measures(
    json!({ "lines": [{ "section": 1, "source_row": "1", "indicator": "NI 199" }] }),
    ProblemCode::NotInCatalogue, "/lines/0/indicator"
)]
#[case::where_it_measures(
    json!({ "lines": [{ "section": 1, "source_row": "1", "indicator": "NI 15", "area": "E99" }] }),
    ProblemCode::UnknownArea, "/lines/0/area"
)]
#[case::when_it_is_spent(
    json!({ "resource_tables": [{ "code": "by-agency", "title": "By agency", "period": "year one" }] }),
    ProblemCode::UnknownPeriod, "/resource_tables/0/period"
)]
fn a_code_that_nobody_has_is_said_once_and_where_it_is(
    #[case] fields: Value,
    #[case] code: ProblemCode,
    #[case] pointer: &str,
) {
    assert_eq!(said(&fields), [(code, pointer.to_owned())]);
}

#[rstest]
#[case::national("NI 1S", "`NI 1S` is not in the catalogue. Did you mean `NI 15`?")]
#[case::another_partnerships("LI 2", "`LI 2` is not in the catalogue.")]
#[case::its_own(
    "LOCAL asbo-breach",
    "`LOCAL asbo-breach` is not in the catalogue. Did you mean `LOCAL asbo-breach-rate`?"
)]
#[case::of_another_partnership("lambeth:LI 2", "`lambeth:LI 2` belongs to another partnership.")]
#[case::nothing_near("teenage pregnancy", "`teenage pregnancy` is not in the catalogue.")]
fn an_unknown_indicator_is_answered_with_the_nearest(#[case] code: &str, #[case] message: &str) {
    assert_eq!(messages(&json!({ "lines": [{ "section": 1, "source_row": "1", "indicator": code }] })), [message]);
}

#[rstest]
#[case::a_reference(
    json!({ "actions": [{ "number": "1.", "priority": "drugs", "title": "Meet" }] }), "There is no `drugs` in the plan."
)]
#[case::a_row(
    json!({ "lines": [
        { "section": 1, "source_row": "9", "indicator": "LI 1" },
        { "section": 2, "source_row": "9", "indicator": "LI 1" },
    ] }),
    "`9` comes twice."
)]
fn what_is_wrong_is_said_in_words(#[case] fields: Value, #[case] message: &str) {
    assert_eq!(messages(&fields), [message]);
}

#[test]
fn codes_are_brought_to_the_form_in_which_they_are_printed_and_local_ones_get_their_owner() {
    let plan = taken(&json!({
        "partnership": "Southwark",
        "priorities": [
            { "code": "violence", "kind": "PRIORITY", "title": "Violence", "indicators": ["ni015", "li 01"] },
            { "code": "diversity", "kind": "THEME", "title": "Diversity" },
        ],
        "commitments": [{ "priority": "violence", "horizon": "By 2012", "text": "Less", "indicators": ["bv127b"] }],
        "actions": [{ "number": "1.", "priority": "violence", "title": "Meet", "indicators": ["Southwark:li1"] }],
        "resource_tables": [{ "code": "by-agency", "title": "By agency", "period": "2009/10" }],
        "lines": [{ "section": 1, "source_row": "1", "indicator": "LOCAL ASBO-breach-rate", "area": "00be" }],
    }));
    assert_eq!((&*plan.partnership, &*plan.resource_tables[0].period), ("southwark", "FY2009-10"));
    assert_eq!(plan.priorities[0].indicators, ["NI 15", "southwark:LI 1"]);
    assert_eq!(plan.commitments[0].indicators, ["southwark:LI 1"]);
    assert_eq!(plan.actions[0].indicators, ["southwark:LI 1"]);
    assert_eq!(plan.lines[0].indicator, "southwark:LOCAL asbo-breach-rate");
    assert_eq!(plan.lines[0].area.as_deref(), Some("E09000028"));
}

#[rstest]
#[case("agencies", json!({ "name": "Metropolitan Police" }))]
#[case("governance", json!({ "body": "SSP Board", "duty": "receives reports" }))]
#[case("links", json!({ "title": "Southwark 2016" }))]
#[case("commitments", json!({ "priority": "violence", "horizon": "By 2012", "text": "Less robbery" }))]
#[case("actions", json!({ "number": "1.", "priority": "violence", "title": "Meet" }))]
#[case("resources", json!({ "table": "by-agency", "heading": "Core", "agency": "Police", "amount": 1 }))]
fn a_list_has_two_thousand_items_and_no_more(#[case] list: &str, #[case] item: Value) {
    let problems = |count: usize| problems(&json!({ list: vec![item.clone(); count] }));
    assert_eq!(problems(2000), []);
    let told: Vec<_> = problems(2001).into_iter().map(|of| (of.place.pointer.unwrap(), of.message)).collect();
    assert_eq!(told, [(format!("/{list}"), "2001 items are too many.".to_owned())]);
}

#[rstest]
#[case("priorities", json!({ "code": "violence", "kind": "PRIORITY", "title": "Violence" }))]
#[case("delivery_groups", json!({ "name": "Violent crime group" }))]
#[case("resource_tables", json!({ "code": "by-agency", "title": "By agency", "period": "FY2009-10" }))]
#[case("sections", json!({ "number": 1, "table": "framework", "title": "Violence" }))]
#[case("lines", json!({ "section": 1, "source_row": "1", "indicator": "NI 15" }))]
fn a_list_that_is_too_long_is_not_looked_into(#[case] list: &str, #[case] item: Value) {
    let told = said(&json!({ list: vec![item; 2001] }));
    assert_eq!(told, [(ProblemCode::InvalidDocument, format!("/{list}"))]);
}

#[rstest]
#[case::indicators(
    "/priorities/1/indicators",
    |many| json!({ "priorities": [
        { "code": "violence", "kind": "PRIORITY", "title": "Violence" },
        { "code": "diversity", "kind": "THEME", "title": "Diversity", "indicators": vec!["NI 15"; many] },
    ] })
)]
#[case::outcomes(
    "/priorities/1/outcomes",
    |many| json!({ "priorities": [
        { "code": "violence", "kind": "PRIORITY", "title": "Violence" },
        { "code": "diversity", "kind": "THEME", "title": "Diversity", "outcomes": vec!["Less"; many] },
    ] })
)]
#[case::priorities_of_a_group(
    "/delivery_groups/0/priorities",
    |many| json!({ "delivery_groups": [{ "name": "Violent crime group", "priorities": vec!["violence"; many] }] })
)]
#[case::agreements(
    "/sections/0/agreements",
    |many| json!({ "lines": [], "sections": [
        { "number": 1, "table": "framework", "title": "Drugs", "agreements": vec![json!({ "code": "PSA 25" }); many] },
    ] })
)]
fn a_list_within_a_list_has_a_hundred_items_and_no_more(#[case] pointer: &str, #[case] with: impl Fn(usize) -> Value) {
    assert_eq!(said(&with(100)), []);
    assert_eq!(said(&with(101)), [(ProblemCode::InvalidDocument, pointer.to_owned())]);
}

#[test]
fn groups_that_are_part_of_each_other_are_each_told() {
    let group = |name: &str, part_of: &str| json!({ "name": name, "part_of": part_of });
    let told = messages(&json!({ "delivery_groups": [
        group("Violent crime group", "Drugs group"), group("Drugs group", "Board"), group("Board", "Drugs group"),
    ] }));
    assert_eq!(told, ["`Drugs group` is part of itself.", "`Board` is part of itself."]);
}

#[test]
fn a_title_that_warnings_repeat_is_short() {
    let table = json!({ "code": "by-agency", "title": "t".repeat(201), "period": "FY2009-10" });
    let told = said(&json!({ "resource_tables": [table] }));
    assert_eq!(told, [(ProblemCode::UnfitText, "/resource_tables/0/title".to_owned())]);
}

#[test]
fn a_vision_of_a_hundred_thousand_letters_is_refused() {
    let told = problems(&json!({ "vision": "v".repeat(100_000) }));
    assert_eq!(told[0].message, "The text has 100000 characters; 10000 are the most.");
    assert_eq!((told.len(), told[0].code), (1, ProblemCode::UnfitText));
}

#[test]
fn all_that_is_wrong_with_a_plan_is_said_at_once() {
    let fields = json!({
        "code": "", "partnership": "brent", "delivery_groups": [], "resource_tables": [],
        "lines": [
            { "section": 7, "source_row": "1", "indicator": "NI 199", "area": "E99" },
            { "section": 7, "source_row": "1", "indicator": "NI 199", "area": "E99" },
        ],
    });
    let expected = [
        (ProblemCode::InvalidDocument, "/code"),
        (ProblemCode::UnknownPartnership, "/partnership"),
        (ProblemCode::InvalidDocument, "/priorities/0/lead_group"),
        (ProblemCode::InvalidDocument, "/resources/0/table"),
        (ProblemCode::InvalidDocument, "/lines/0/section"),
        (ProblemCode::NotInCatalogue, "/lines/0/indicator"),
        (ProblemCode::UnknownArea, "/lines/0/area"),
        (ProblemCode::InvalidDocument, "/lines/1/section"),
        (ProblemCode::NotInCatalogue, "/lines/1/indicator"),
        (ProblemCode::UnknownArea, "/lines/1/area"),
        (ProblemCode::InvalidDocument, "/lines/1/source_row"),
    ];
    assert_eq!(said(&fields), expected.map(|(code, pointer)| (code, pointer.to_owned())));
}

mod warnings;
