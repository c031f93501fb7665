//! What somebody who looks a code up would say.

use entity::MetadataFamily::{
    Area as AreaFamily, Break as BreakFamily, Definition as DefinitionFamily, Indicator as IndicatorFamily,
    PeerGroup as PeerGroupFamily, Plan as PlanFamily,
};
use rstest::rstest;
use serde_json::json;

use super::{
    samples::{catalogue, catalogue_of, document, documents, versions},
    *,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

fn found(catalogue: &Catalogue, code: &str, partnership: Option<&str>) -> Option<String> {
    catalogue.indicator(code, partnership).map(|known| known.qualified_code())
}

#[rstest]
#[case::as_printed("NI 15", "NI 15")]
#[case::without_a_space("NI15", "NI 15")]
#[case::with_a_nought_in_front("NI 015", "NI 15")]
#[case::in_small_letters(" ni 15 ", "NI 15")]
#[case::with_full_stops("N.I. 15", "NI 15")]
#[case::a_part_as_a_numeral("NI 49i", "NI 49a")]
#[case::a_part_in_brackets("NI 49 (i)", "NI 49a")]
#[case::a_name("crime Personal-Robbery", "CRIME personal-robbery")]
#[case::an_alias("VSC26", "NI 15")]
#[case::an_alias_in_small_letters("vsc 026", "NI 15")]
#[case::an_alias_of_two_words("PAF C18", "NI 15")]
#[case::an_alias_without_its_space("pafc18", "NI 15")]
#[case::with_its_owner("southwark:LI 1", "southwark:LI 1")]
#[case::with_its_owner_in_capitals("SOUTHWARK : li1", "southwark:LI 1")]
#[case::an_alias_of_an_owner("Southwark:BV 127B", "southwark:LI 1")]
fn every_spelling_of_a_code_finds_its_indicator(#[case] code: &str, #[case] expected: &str) {
    assert_eq!(found(&catalogue(), code, None).as_deref(), Some(expected));
}

#[rstest]
#[case::the_catalogue_is_partial("NI 199", None)]
#[case::a_part_is_another_indicator("NI 15a", None)]
#[case::a_local_code_without_its_owner("LI 1", None)]
#[case::a_local_code_that_another_owns("LI 1", Some("lambeth"))]
#[case::a_national_code_of_an_owner("southwark:NI 15", None)]
#[case::a_national_alias_of_an_owner("southwark:VSC26", None)]
#[case::a_local_alias_without_its_owner("BV127b", None)]
#[case::nothing("", Some("southwark"))]
#[case::a_colon_alone(":", None)]
fn what_the_catalogue_lacks_is_not_found(#[case] code: &str, #[case] partnership: Option<&str>) {
    assert_eq!(found(&catalogue(), code, partnership), None);
}

#[rstest]
#[case::its_own_local_code("LI 1", "southwark", Some("southwark:LI 1"))]
#[case::its_own_local_alias("bv127B", "southwark", Some("southwark:LI 1"))]
#[case::its_own_named_one("local ASBO-breach-rate", "southwark", Some("southwark:LOCAL asbo-breach-rate"))]
#[case::a_national_code("ni15", "southwark", Some("NI 15"))]
#[case::a_national_alias("VSC26", "lambeth", Some("NI 15"))]
#[case::the_owner_that_is_named_counts("lambeth:LI 2", "southwark", Some("lambeth:LI 2"))]
#[case::an_owner_that_is_named_without_such_a_code("lambeth:LI 1", "southwark", None)]
fn a_local_code_in_a_partnerships_return_is_its_own(
    #[case] code: &str,
    #[case] partnership: &str,
    #[case] expected: Option<&str>,
) {
    assert_eq!(found(&catalogue(), code, Some(partnership)).as_deref(), expected);
}

#[test]
fn an_alias_that_is_a_national_code_is_found_in_any_spelling() {
    let robbery = json!({ "code": "CRIME personal-robbery", "aliases": ["NI 299a"] });
    let catalogue = catalogue_of([document(IndicatorFamily, &robbery)]);
    for spelling in ["NI 299a", "NI 299i", "NI 299 (i)"] {
        assert_eq!(found(&catalogue, spelling, None).as_deref(), Some("CRIME personal-robbery"), "{spelling}");
    }
}

#[rstest]
#[case::a_letter_for_a_digit("NI 1S", None, Some("NI 15"))]
#[case::a_letter_left_out("N 16", None, Some("NI 16"))]
#[case::a_local_code_wants_its_owner("LI 1", None, Some("southwark:LI 1"))]
#[case::a_local_code_in_any_spelling("li 02", None, Some("lambeth:LI 2"))]
#[case::its_own_local_code("LOCAL asbo-breach-rat", Some("southwark"), Some("LOCAL asbo-breach-rate"))]
#[case::nobody_elses_local_code("LOCAL asbo-breach-rat", Some("lambeth"), None)]
#[case::nothing_near("teenage pregnancy", Some("southwark"), None)]
fn the_nearest_code_is_suggested(
    #[case] code: &str,
    #[case] partnership: Option<&str>,
    #[case] suggestion: Option<&str>,
) {
    assert_eq!(catalogue().nearest_indicator(code, partnership).as_deref(), suggestion);
}

#[rstest]
#[case("E09000028")]
#[case(" e09000028 ")]
#[case("00BE")]
#[case("00be")]
fn an_area_is_found_by_its_code_and_by_its_old_one(#[case] code: &str) {
    assert_eq!(catalogue().area(code).map(|area| area.name.clone()).as_deref(), Some("Southwark"));
}

#[test]
fn words_are_found_in_any_case() {
    let catalogue = catalogue();
    assert_eq!(catalogue.partnership(" Southwark ").unwrap().code, "southwark");
    assert_eq!(catalogue.collection("FY2008-09").unwrap().code, "fy2008-09");
    assert_eq!(catalogue.peer_group("Southwark-MSG-2008").unwrap().code, "southwark-msg-2008");
    assert_eq!(catalogue.partnership("brent"), None);
}

#[test]
fn a_list_is_in_the_order_in_which_people_count_and_goes_on_after_a_code() {
    let catalogue = catalogue();
    let codes: Vec<String> = catalogue.indicators.iter().map(|(_, known)| known.qualified_code()).collect();
    assert_eq!(codes[4..8], ["CRIME theft-from-motor-vehicle", "CRIME theft-of-motor-vehicle", "NI 15", "NI 16"]);
    let after: Vec<&str> = catalogue.indicators.after(Some("NI 0034")).map(|(key, _)| key).take(2).collect();
    assert_eq!(after, ["NI 0049", "NI 0049a"]);
    assert_eq!((catalogue.areas.len(), catalogue.areas.is_empty()), (6, false));
    assert_eq!(catalogue.areas.by_id(4).unwrap().name, "Southwark");
}

/// NI 15 with a definition from each of some days, given in this order.
fn defined_from(days: &[&str]) -> Catalogue {
    let definitions = days.iter().map(|from| {
        let definition = json!({
            "indicator": "ni 015", "valid_from": from, "title": format!("From {from}"), "unit": "PERCENT", "decimals": 1,
            "polarity": "UNKNOWN", "aggregation": "LAST",
        });
        document(DefinitionFamily, &definition)
    });
    catalogue_of(definitions.chain([document(IndicatorFamily, &json!({ "code": "NI 15" }))]))
}

#[rstest]
#[case::before_the_first("FY2005-06", "From 2007-04-01")]
#[case::under_the_first("FY2007-08", "From 2007-04-01")]
#[case::from_its_first_day("FY2008-09-Q1", "From 2008-04-01")]
#[case::in_a_later_year("FY2020-21", "From 2009-01-01")]
#[case::the_day_before_the_next("2008-04-01..2008-12-31", "From 2008-04-01")]
#[case::the_last_day_of_the_period_counts("2008-04-01..2009-01-01", "From 2009-01-01")]
fn an_indicator_means_what_its_definition_of_the_periods_last_day_says(#[case] of: &str, #[case] title: &str) {
    let catalogue = defined_from(&["2009-01-01", "2007-04-01", "2008-04-01"]);
    let indicator = catalogue.indicator("NI 15", None).unwrap().id;
    assert_eq!(catalogue.definition(indicator, &period(of)).unwrap().title, title);
}

#[test]
fn definitions_are_listed_oldest_first_whatever_the_order_they_came_in() {
    let catalogue = defined_from(&["2009-01-01", "2007-04-01", "2008-04-01"]);
    let indicator = catalogue.indicator("NI 15", None).unwrap().id;
    let days: Vec<String> = catalogue.definitions(indicator).map(|known| known.valid_from.to_string()).collect();
    assert_eq!(days, ["2007-04-01", "2008-04-01", "2009-01-01"]);
}

#[test]
fn an_indicator_without_a_definition_has_none() {
    let catalogue = catalogue();
    let indicator = catalogue.indicator("NI 16", None).unwrap().id;
    assert_eq!(catalogue.definition(indicator, &period("FY2008-09")), None);
    assert_eq!(catalogue.definitions(indicator).count(), 0);
}

#[rstest]
#[case::the_day_after("2008-03-31", "2008-04-01", Some("2008-04-01"))]
#[case::not_on_the_first_day_itself("2008-04-01", "2008-12-31", None)]
#[case::not_beyond_the_last_day("2007-04-01", "2008-03-31", None)]
#[case::the_first_of_two("2007-04-01", "2010-03-31", Some("2008-04-01"))]
#[case::the_second_alone("2008-04-01", "2009-04-01", Some("2009-04-01"))]
#[case::after_both("2009-04-01", "2010-03-31", None)]
fn a_break_lies_after_one_day_and_up_to_another(
    #[case] after: &str,
    #[case] until: &str,
    #[case] expected: Option<&str>,
) {
    let discontinuity = |date: &str| {
        document(BreakFamily, &json!({ "indicator": "NI 15", "date": date, "reason": "Counting rules changed" }))
    };
    let indicator = document(IndicatorFamily, &json!({ "code": "NI 15" }));
    let catalogue = catalogue_of([discontinuity("2009-04-01"), discontinuity("2008-04-01"), indicator]);
    let indicator = catalogue.indicator("NI 15", None).unwrap().id;
    let found = catalogue.break_between(indicator, day(after), day(until)).map(|found| found.date);
    assert_eq!(found, expected.map(day));
}

#[test]
fn the_break_of_one_indicator_is_not_that_of_another() {
    let catalogue = catalogue();
    let indicator = catalogue.indicator("NI 16", None).unwrap().id;
    assert_eq!(catalogue.break_between(indicator, day("2007-04-01"), day("2010-03-31")), None);
}

#[rstest]
#[case::before_the_first("2007-03-31", None)]
#[case::on_its_first_day("2007-04-01", Some("a-old"))]
#[case::on_its_last_day("2008-12-31", Some("a-old"))]
#[case::between_two("2009-01-01", None)]
#[case::the_newest_of_two_that_hold("2009-06-30", Some("b-new"))]
fn a_peer_group_holds_on_its_days(#[case] on: &str, #[case] expected: Option<&str>) {
    let group = |code: &str, owner: &str, from: &str, to: Option<&str>| {
        let group = json!({
            "code": code, "name": "G", "owner": owner, "members": [owner], "valid_from": from, "valid_to": to,
        });
        document(PeerGroupFamily, &group)
    };
    let catalogue = catalogue_of([
        group("b-new", "southwark", "2009-06-01", None),
        group("a-old", "southwark", "2007-04-01", Some("2008-12-31")),
        group("c-older", "southwark", "2009-04-01", None),
        group("lambeths", "lambeth", "2000-01-01", None),
    ]);
    assert_eq!(catalogue.peer_group_of("southwark", day(on)).map(|group| group.code.as_str()), expected);
    let all: Vec<&str> = catalogue.peer_groups_of("southwark").map(|group| group.code.as_str()).collect();
    assert_eq!(all, ["a-old", "b-new", "c-older"]);
}

/// The plans of some partnerships, each with its code and first day.
fn with_plans(plans: &[(&str, &str, &str)]) -> Catalogue {
    catalogue_of(plans.iter().map(|(partnership, code, from)| {
        let plan = json!({
            "code": code, "partnership": partnership, "title": format!("{code} of {partnership}"), "status": "AGREED",
            "valid_from": from, "valid_to": "2012-03-31",
        });
        document(PlanFamily, &plan)
    }))
}

#[test]
fn a_plan_is_found_by_its_partnership_and_its_code_in_any_case() {
    let catalogue = with_plans(&[("southwark", "plan", "2008-04-01"), ("southampton", "plan", "2009-04-01")]);
    let title = |partnership, code| catalogue.plan(partnership, code).map(|plan| plan.title.clone());
    assert_eq!(title("southwark", "plan").as_deref(), Some("plan of southwark"));
    assert_eq!(title(" Southampton ", "PLAN").as_deref(), Some("plan of southampton"));
    assert_eq!((title("southwark", "other"), title("lambeth", "plan"), title("", "plan")), (None, None, None));
    let found = catalogue.document(PlanFamily, "southwark/plan").unwrap();
    assert_eq!((key_of(&found), catalogue.id(PlanFamily, "southwark/plan")), ("southwark/plan".into(), Some(1)));
}

#[test]
fn the_plans_of_a_partnership_are_listed_oldest_first_and_nobody_elses() {
    let catalogue = with_plans(&[
        ("southwark", "c-newest", "2011-04-01"),
        ("southwark", "b-oldest", "2005-04-01"),
        ("southwark", "a-middle", "2008-04-01"),
        ("south", "of-south", "2008-04-01"),
        ("south-east", "of-south-east", "2008-04-01"),
        ("southwark-2", "of-the-second", "2008-04-01"),
    ]);
    let codes = |partnership| -> Vec<&str> {
        catalogue.plans_of(partnership).into_iter().map(|plan| plan.code.as_str()).collect()
    };
    assert_eq!(codes("Southwark"), ["b-oldest", "a-middle", "c-newest"]);
    assert_eq!(codes("south"), ["of-south"]);
    assert_eq!(codes("southwar"), [""; 0]);
    assert_eq!(codes(""), [""; 0]);
}

#[test]
fn of_two_plans_from_one_day_the_later_registered_is_the_newer() {
    let catalogue = with_plans(&[("southwark", "b-draft", "2008-04-01"), ("southwark", "a-agreed", "2008-04-01")]);
    let codes: Vec<&str> = catalogue.plans_of("southwark").into_iter().map(|plan| plan.code.as_str()).collect();
    assert_eq!(codes, ["b-draft", "a-agreed"]);
}

#[rstest]
#[case::itself("E09000028", "E09000028", true)]
#[case::in_its_region("E09000028", "E12000007", true)]
#[case::at_any_depth("AYLESBURY", "E92000001", true)]
#[case::by_its_old_code("00BE", "E12000007", true)]
#[case::not_in_another_region("E09000028", "E12000008", false)]
#[case::not_in_a_neighbour("AYLESBURY", "E09000022", false)]
#[case::not_the_other_way_round("E12000007", "E09000028", false)]
#[case::unknown("E99", "E92000001", false)]
fn an_area_lies_within_another_at_any_depth(#[case] area: &str, #[case] reached: &str, #[case] expected: bool) {
    assert_eq!(catalogue().lies_within(area, reached), expected);
}

#[test]
fn areas_that_lie_within_each_other_end_the_search() {
    let area = |code: &str, within: &str| {
        document(AreaFamily, &json!({ "code": code, "name": code, "kind": "SUB_AREA", "within": [within] }))
    };
    let catalogue = catalogue_of([area("A", "B"), area("B", "C"), area("C", "A")]);
    assert!(catalogue.lies_within("A", "C") && catalogue.lies_within("C", "B"));
    assert!(!catalogue.lies_within("A", "D"));
}

#[test]
fn the_order_of_documents_makes_no_difference() {
    let (forwards, backwards) = (versions(documents()), versions(documents()).into_iter().rev());
    let (one, other) = (Catalogue::build(forwards), Catalogue::build(backwards));
    assert_eq!(format!("{:?}", one.indicators.by_key), format!("{:?}", other.indicators.by_key));
    let indicator = one.indicator("NI 15", None).unwrap().id;
    assert_eq!(other.indicator("vsc26", None).unwrap().id, indicator);
    let title = |catalogue: &Catalogue| catalogue.definition(indicator, &period("FY2008-09")).unwrap().title.clone();
    assert_eq!(
        (title(&one), title(&other)),
        ("Serious violent crime rate".into(), "Serious violent crime rate".into())
    );
    assert_eq!(other.breaks(indicator).count(), 1);
}

/// The catalogue, and a newer version of one of its documents put into it.
fn after_putting(newer: Document) -> Catalogue {
    let mut catalogue = catalogue();
    let key = key_of(&newer);
    let id = catalogue.id(newer.family(), &key).unwrap();
    catalogue.insert(Version { id, key, document: newer });
    catalogue
}

#[test]
fn a_newer_version_takes_the_place_of_the_older() {
    let catalogue = after_putting(document(
        DefinitionFamily,
        &json!({
            "indicator": "NI 15", "valid_from": "2008-04-01", "title": "Most serious violence", "unit": "COUNT",
            "decimals": 0, "polarity": "LOWER_IS_BETTER", "aggregation": "SUM",
        }),
    ));
    let indicator = catalogue.indicator("NI 15", None).unwrap().id;
    let titles: Vec<&str> = catalogue.definitions(indicator).map(|known| known.title.as_str()).collect();
    assert_eq!(titles, ["Most serious violence"]);
}

#[test]
fn an_alias_that_a_newer_version_drops_is_free_again() {
    let catalogue = after_putting(document(IndicatorFamily, &json!({ "code": "NI 15", "aliases": ["PAF C18"] })));
    assert_eq!(found(&catalogue, "PAF C18", None).as_deref(), Some("NI 15"));
    assert_eq!(found(&catalogue, "VSC26", None), None);
}

#[test]
fn an_old_code_that_a_newer_version_drops_is_free_again() {
    let southwark = json!({ "code": "E09000028", "name": "Southwark", "kind": "PARTNERSHIP_AREA" });
    assert_eq!(after_putting(document(AreaFamily, &southwark)).area("00BE"), None);
}
