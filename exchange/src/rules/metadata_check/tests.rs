//! What an editor of the catalogue is told of a document.

use entity::MetadataFamily::{self, Area, Break, Collection, Definition, Indicator, Partnership, PeerGroup, Plan};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::rules::catalogue::samples::{catalogue, document};

/// A document of each family that nothing is wrong with, and what is said of it otherwise.
fn of(family: MetadataFamily, fields: &Value) -> Document {
    let mut usual = match family {
        Area => json!({ "code": "E09000005", "name": "Brent", "kind": "PARTNERSHIP_AREA", "within": ["E12000007"] }),
        Partnership => json!({ "code": "aylesbury", "name": "Aylesbury", "area": "AYLESBURY", "region": "E12000007" }),
        Indicator => json!({ "code": "NI 17" }),
        Definition => json!({
            "indicator": "NI 16", "valid_from": "2008-04-01", "title": "Serious acquisitive crime rate", "unit": "RATE",
            "per": 1000, "decimals": 2, "polarity": "LOWER_IS_BETTER", "aggregation": "NOT_ADDITIVE",
        }),
        Break => json!({ "indicator": "NI 16", "date": "2008-04-01", "reason": "Counting rules changed" }),
        PeerGroup => json!({
            "code": "lambeth-msg", "name": "Most Similar Group of Lambeth", "owner": "lambeth",
            "members": ["lambeth", "southwark"], "valid_from": "2008-04-01",
        }),
        Collection => json!({
            "code": "fy2009-10", "name": "Annual return for 2009/10", "opens": "2010-04-01", "due": "2010-06-30",
        }),
        Plan => json!({
            "code": "rolling-plan-2008-12", "partnership": "southwark", "title": "Rolling plan", "status": "DRAFT",
            "valid_from": "2008-04-01", "valid_to": "2012-03-31",
        }),
    };
    usual.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    document(family, &usual)
}

/// What is said of a document, and where.
fn said(family: MetadataFamily, fields: &Value) -> Vec<(ProblemCode, String)> {
    let problems = check(&mut of(family, fields), &catalogue()).err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.code, problem.place.pointer.unwrap())).collect()
}

/// The messages alone.
fn messages(family: MetadataFamily, fields: &Value) -> Vec<String> {
    let problems = check(&mut of(family, fields), &catalogue()).err().unwrap_or_default();
    problems.into_iter().map(|problem| problem.message).collect()
}

/// A document as it is taken.
fn taken(family: MetadataFamily, fields: &Value) -> Value {
    let mut document = of(family, fields);
    assert_eq!(check(&mut document, &catalogue()), Ok(()));
    serde_json::from_str(&document.to_json().unwrap()).unwrap()
}

#[rstest]
#[case::area(Area, json!({ "old_code": "00AE", "valid_from": "1965-04-01", "valid_to": "1965-04-01" }))]
#[case::an_area_that_changes(Area, json!({ "code": "e09000028", "old_code": "00be", "name": "Southwark borough" }))]
#[case::partnership(Partnership, json!({ "succeeded_by": "southwark" }))]
#[case::indicator(Indicator, json!({ "aliases": ["BV126"], "links": [{ "kind": "PART_OF", "indicator": "NI 16" }] }))]
#[case::an_indicator_that_changes(Indicator, json!({ "code": "NI 15", "aliases": ["VSC26", "NI 15"] }))]
#[case::local_indicator(Indicator, json!({ "code": "LOCAL noise", "owner": "lambeth" }))]
#[case::a_local_code_that_another_has_too(Indicator, json!({ "code": "LI 1", "owner": "lambeth" }))]
#[case::definition(Definition, json!({ "decimals": 6 }))]
#[case::a_definition_of_a_percentage(Definition, json!({ "unit": "PERCENT", "per": null }))]
#[case::discontinuity(Break, json!({ "indicator": "southwark:LI 1" }))]
#[case::peer_group(PeerGroup, json!({ "valid_to": "2008-04-01" }))]
#[case::collection(Collection, json!({ "due": "2010-04-01", "closes": "2010-04-01" }))]
#[case::plan(Plan, json!({ "valid_to": "2008-04-01" }))]
#[case::a_definition_of_one_level(Definition, json!({ "lowest": 0, "highest": 0.0 }))]
#[case::a_definition_of_a_lowest_level_alone(Definition, json!({ "lowest": 0 }))]
fn a_document_that_says_what_can_be_is_taken(#[case] family: MetadataFamily, #[case] fields: Value) {
    assert_eq!(said(family, &fields), []);
}

#[rstest]
#[case::a_code_with_a_space(Area, json!({ "code": "E09 28" }), "/code")]
#[case::no_code(Area, json!({ "code": "" }), "/code")]
#[case::a_long_code(Area, json!({ "code": "E".repeat(21) }), "/code")]
#[case::the_old_code_of_another(Area, json!({ "code": "00be" }), "/code")]
#[case::an_old_code_that_another_had(Area, json!({ "old_code": "00be" }), "/old_code")]
#[case::an_old_code_that_another_has(Area, json!({ "old_code": "E09000028" }), "/old_code")]
#[case::no_name(Area, json!({ "name": " " }), "/name")]
#[case::days_out_of_order(Area, json!({ "valid_from": "2009-04-01", "valid_to": "2009-03-31" }), "/valid_to")]
#[case::an_area_within_itself(Area, json!({ "code": "E12000007", "within": ["E92000001", "E12000007"] }), "/within/1")]
#[case::an_area_within_its_own_part(Area, json!({ "code": "E12000007", "within": ["aylesbury"] }), "/within/0")]
#[case::an_area_within_its_part_by_an_old_code(Area, json!({ "code": "E12000007", "within": ["00BE"] }), "/within/0")]
#[case::fewer_than_nobody(
    Area, json!({ "populations": [{ "year": 2008, "vintage": "original", "people": -1 }] }), "/populations/0/people"
)]
#[case::a_code_in_capitals(Partnership, json!({ "code": "Southwark" }), "/code")]
#[case::a_code_with_an_underscore(Collection, json!({ "code": "fy2009_10" }), "/code")]
#[case::a_code_that_is_too_long(PeerGroup, json!({ "code": "m".repeat(61) }), "/code")]
#[case::no_name_of_a_partnership(Partnership, json!({ "name": "" }), "/name")]
#[case::days_of_a_partnership(
    Partnership, json!({ "valid_from": "2009-04-01", "valid_to": "2008-04-01" }), "/valid_to"
)]
#[case::a_code_of_no_scheme(Indicator, json!({ "code": "BV 225" }), "/code")]
#[case::a_local_indicator_of_nobody(Indicator, json!({ "code": "LI 7" }), "/owner")]
#[case::a_named_indicator_of_nobody(Indicator, json!({ "code": "LOCAL noise" }), "/owner")]
#[case::a_national_indicator_of_somebody(Indicator, json!({ "owner": "southwark" }), "/owner")]
#[case::a_crime_measure_of_somebody(Indicator, json!({ "code": "CRIME arson", "owner": "southwark" }), "/owner")]
#[case::the_code_of_another_as_an_alias(Indicator, json!({ "aliases": ["BV126", "ni 015"] }), "/aliases/1")]
#[case::the_alias_of_another(Indicator, json!({ "aliases": ["vsc 26"] }), "/aliases/0")]
#[case::the_alias_of_another_of_its_owner(
    Indicator, json!({ "code": "LI 7", "owner": "southwark", "aliases": ["bv127B"] }), "/aliases/0"
)]
#[case::a_national_alias_of_a_local_one(
    Indicator, json!({ "code": "LI 7", "owner": "southwark", "aliases": ["VSC26"] }), "/aliases/0"
)]
#[case::no_title(Definition, json!({ "title": "" }), "/title")]
#[case::seven_decimals(Definition, json!({ "decimals": 7 }), "/decimals")]
#[case::a_rate_of_nothing(Definition, json!({ "per": null }), "/per")]
#[case::a_rate_per_nought(Definition, json!({ "per": 0 }), "/per")]
#[case::a_percentage_per_thousand(Definition, json!({ "unit": "PERCENT" }), "/per")]
#[case::the_highest_level_below_the_lowest(Definition, json!({ "lowest": 0.1, "highest": 0 }), "/highest")]
#[case::no_reason(Break, json!({ "reason": "\t" }), "/reason")]
#[case::no_owner_among_the_members(PeerGroup, json!({ "members": ["southwark"] }), "/members")]
#[case::a_member_twice(PeerGroup, json!({ "members": ["lambeth", "southwark", "Lambeth"] }), "/members")]
#[case::days_of_a_group(PeerGroup, json!({ "valid_to": "2008-03-31" }), "/valid_to")]
#[case::due_before_it_opens(Collection, json!({ "due": "2010-03-31" }), "/due")]
#[case::closed_before_it_is_due(Collection, json!({ "closes": "2010-06-29" }), "/due")]
fn what_cannot_be_is_said_once_and_where_it_is(
    #[case] family: MetadataFamily,
    #[case] fields: Value,
    #[case] pointer: &str,
) {
    assert_eq!(said(family, &fields), [(ProblemCode::InvalidDocument, pointer.to_owned())]);
}

#[rstest]
#[case::a_greater_area(Area, json!({ "within": ["E12000007", "E99"] }), ProblemCode::UnknownArea, "/within/1")]
#[case::the_area(Partnership, json!({ "area": "E99" }), ProblemCode::UnknownArea, "/area")]
#[case::the_police_force_area(
    Partnership, json!({ "police_force_area": "E99" }), ProblemCode::UnknownArea, "/police_force_area"
)]
#[case::the_region(Partnership, json!({ "region": "London" }), ProblemCode::UnknownArea, "/region")]
#[case::the_successor(
    Partnership, json!({ "succeeded_by": "brent" }), ProblemCode::UnknownPartnership, "/succeeded_by"
)]
#[case::an_owner(Indicator, json!({ "code": "LI 7", "owner": "brent" }), ProblemCode::UnknownPartnership, "/owner")]
#[case::a_link(
    Indicator, json!({ "links": [{ "kind": "PART_OF", "indicator": "NI 199" }] }), ProblemCode::NotInCatalogue,
    "/links/0/indicator"
)]
#[case::what_is_defined(Definition, json!({ "indicator": "NI 199" }), ProblemCode::NotInCatalogue, "/indicator")]
#[case::what_breaks(Break, json!({ "indicator": "NI 199" }), ProblemCode::NotInCatalogue, "/indicator")]
#[case::a_member(
    PeerGroup, json!({ "members": ["lambeth", "brent"] }), ProblemCode::UnknownPartnership, "/members/1"
)]
#[case::a_period(Collection, json!({ "periods": ["2009/10", "sometime"] }), ProblemCode::UnknownPeriod, "/periods/1")]
#[case::what_is_asked(Collection, json!({ "indicators": ["NI 199"] }), ProblemCode::NotInCatalogue, "/indicators/0")]
#[case::who_is_asked(
    Collection, json!({ "partnerships": ["southwark", "brent"] }), ProblemCode::UnknownPartnership, "/partnerships/1"
)]
fn a_code_that_nobody_has_is_said_once_and_where_it_is(
    #[case] family: MetadataFamily,
    #[case] fields: Value,
    #[case] code: ProblemCode,
    #[case] pointer: &str,
) {
    assert_eq!(said(family, &fields), [(code, pointer.to_owned())]);
}

#[rstest]
#[case::an_area(
    Area, json!({ "code": "e09000005", "within": ["e12000007", "00be"] }),
    "code", json!("E09000005"), "within", json!(["E12000007", "E09000028"])
)]
#[case::a_partnership(
    Partnership, json!({ "area": "00be", "police_force_area": "e12000007", "succeeded_by": "Southwark" }),
    "area", json!("E09000028"), "succeeded_by", json!("southwark")
)]
#[case::an_indicator(
    Indicator, json!({ "code": "ni017", "links": [{ "kind": "PART_OF", "indicator": "vsc26" }] }),
    "code", json!("NI 17"), "links", json!([{ "kind": "PART_OF", "indicator": "NI 15" }])
)]
#[case::a_local_indicator(
    Indicator, json!({ "code": "li 07", "owner": "Lambeth" }), "code", json!("LI 7"), "owner", json!("lambeth")
)]
#[case::a_definition(
    Definition, json!({ "indicator": "Southwark: li01" }), "indicator", json!("southwark:LI 1"), "decimals", json!(2)
)]
#[case::a_peer_group(
    PeerGroup, json!({ "owner": "Lambeth", "members": [" Southwark", "LAMBETH"] }),
    "owner", json!("lambeth"), "members", json!(["southwark", "lambeth"])
)]
#[case::a_collection(
    Collection,
    json!({ "periods": ["2009/10", "2009/10 Q1"], "indicators": ["vsc26", "southwark:li1"] }),
    "periods", json!(["FY2009-10", "FY2009-10-Q1"]), "indicators", json!(["NI 15", "southwark:LI 1"])
)]
fn codes_are_brought_to_the_form_in_which_they_are_printed(
    #[case] family: MetadataFamily,
    #[case] fields: Value,
    #[case] first: &str,
    #[case] expected: Value,
    #[case] second: &str,
    #[case] expected_too: Value,
) {
    let taken = taken(family, &fields);
    assert_eq!((&taken[first], &taken[second]), (&expected, &expected_too));
}

#[rstest]
#[case::a_bell(Area, json!({ "note": "\u{7}" }), "/note")]
#[case::a_nul_in_a_name(Partnership, json!({ "name": "Ayles\u{0}bury" }), "/name")]
#[case::a_long_note(Indicator, json!({ "note": "n".repeat(10_001) }), "/note")]
#[case::a_long_name(Area, json!({ "name": "n".repeat(201) }), "/name")]
#[case::a_long_code(Collection, json!({ "code": "n".repeat(1_000_000) }), "/code")]
#[case::a_long_indicator(Break, json!({ "indicator": "NI".repeat(1_000) }), "/indicator")]
#[case::a_long_alias(Indicator, json!({ "aliases": ["BV126", "B".repeat(201)] }), "/aliases/1")]
#[case::a_nul_within_a_list(
    Area, json!({ "populations": [{ "vintage": "original", "people": 1, "source": "\u{0}" }] }), "/populations/0/source"
)]
fn a_text_that_cannot_be_shown_is_said_once_and_where_it_is(
    #[case] family: MetadataFamily,
    #[case] fields: Value,
    #[case] pointer: &str,
) {
    assert_eq!(said(family, &fields), [(ProblemCode::UnfitText, pointer.to_owned())]);
}

#[rstest]
#[case::a_title(Definition, json!({ "title": " " }), "/title")]
#[case::a_vintage(Area, json!({ "populations": [{ "vintage": "", "people": 1 }] }), "/populations/0/vintage")]
#[case::an_index(Area, json!({ "deprivation": [{ "index": "", "rank": 1 }] }), "/deprivation/0/index")]
#[case::an_item_of_a_list(Indicator, json!({ "agreements": ["PSA 23", " "] }), "/agreements/1")]
fn what_must_say_something_is_not_left_blank(
    #[case] family: MetadataFamily,
    #[case] fields: Value,
    #[case] pointer: &str,
) {
    assert_eq!(said(family, &fields), [(ProblemCode::InvalidDocument, pointer.to_owned())]);
}

#[test]
fn what_is_long_is_repeated_in_part() {
    let message = format!("`{}…` is not the code of an area.", "E".repeat(60));
    assert_eq!(messages(Partnership, &json!({ "area": "E".repeat(200) })), [message]);
}

#[test]
fn a_list_of_any_document_has_two_thousand_items_and_no_more() {
    let within = json!({ "within": vec!["E99"; 2001] });
    assert_eq!(said(Area, &within), [(ProblemCode::InvalidDocument, "/within".to_owned())]);
}

#[rstest]
#[case::as_many(100, None)]
#[case::one_more(101, Some("1 more problem is not told."))]
#[case::many_more(2000, Some("1900 more problems are not told."))]
fn a_hundred_problems_are_told_and_how_many_more_there_are(#[case] unknown: u32, #[case] more: Option<&str>) {
    let codes: Vec<String> = (0..unknown).map(|number| format!("NI {}", 3000 + number)).collect();
    let problems = check(&mut of(Collection, &json!({ "indicators": codes })), &catalogue()).unwrap_err();
    assert!(problems[..100].iter().all(|problem| problem.code == ProblemCode::NotInCatalogue));
    let rest: Vec<_> = problems[100..].iter().map(|of| (of.message.as_str(), of.place.pointer.as_deref())).collect();
    assert_eq!(rest, more.into_iter().map(|more| (more, Some(""))).collect::<Vec<_>>());
}

#[rstest]
#[case("NI 1S", "`NI 1S` is not in the catalogue. Did you mean `NI 15`?")]
#[case("LI 1", "`LI 1` is not in the catalogue. Did you mean `southwark:LI 1`?")]
#[case("teenage pregnancy", "`teenage pregnancy` is not in the catalogue.")]
fn an_unknown_indicator_is_answered_with_the_nearest(#[case] code: &str, #[case] message: &str) {
    assert_eq!(messages(Break, &json!({ "indicator": code })), [message]);
}

#[rstest]
#[case::an_alias(Indicator, json!({ "aliases": ["VSC26"] }), "`VSC26` already means another indicator.")]
#[case::an_old_code(Area, json!({ "code": "00be" }), "`00BE` is the old code of another area.")]
#[case::days(PeerGroup, json!({ "valid_to": "2008-03-31" }), "2008-03-31 is before 2008-04-01.")]
#[case::an_owner(PeerGroup, json!({ "members": ["southwark"] }), "The owner `lambeth` is not listed.")]
#[case::a_local_indicator(Indicator, json!({ "code": "li7" }), "`LI 7` needs an owner.")]
fn what_is_wrong_is_said_in_words(#[case] family: MetadataFamily, #[case] fields: Value, #[case] message: &str) {
    assert_eq!(messages(family, &fields), [message]);
}

#[test]
fn all_that_is_wrong_with_a_document_is_said_at_once() {
    let partnership = json!({
        "code": "Safer Southwark", "name": "", "valid_from": "2009-04-01", "valid_to": "2008-04-01", "area": "E98",
        "police_force_area": "E97", "region": "E96", "succeeded_by": "brent",
    });
    let expected = [
        (ProblemCode::InvalidDocument, "/name"),
        (ProblemCode::InvalidDocument, "/code"),
        (ProblemCode::InvalidDocument, "/valid_to"),
        (ProblemCode::UnknownArea, "/area"),
        (ProblemCode::UnknownArea, "/police_force_area"),
        (ProblemCode::UnknownArea, "/region"),
        (ProblemCode::UnknownPartnership, "/succeeded_by"),
    ];
    assert_eq!(said(Partnership, &partnership), expected.map(|(code, pointer)| (code, pointer.to_owned())));
}

#[test]
fn a_code_that_is_an_alias_of_another_indicator_is_refused() {
    let mut robbery = of(Indicator, &json!({ "code": "NI 300" }));
    let taken = of(Indicator, &json!({ "code": "NI 17", "aliases": ["NI 300"] }));
    let catalogue = crate::rules::catalogue::samples::catalogue_of([taken]);
    let problems = check(&mut robbery, &catalogue).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].message, "`NI 300` is an alias of another indicator.");
}

#[test]
fn a_new_area_within_itself_is_said_once() {
    assert_eq!(said(Area, &json!({ "within": ["E09000005"] })), [(ProblemCode::InvalidDocument, "/within/0".into())]);
}

#[test]
fn an_unknown_owner_of_a_group_is_said_once() {
    assert_eq!(said(PeerGroup, &json!({ "owner": "lambth" })), [(ProblemCode::UnknownPartnership, "/owner".into())]);
}
