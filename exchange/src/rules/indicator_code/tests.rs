#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn code(text: &str) -> IndicatorCode {
    IndicatorCode::parse(text).unwrap()
}

#[rstest]
fn every_spelling_of_ni_15_is_ni_15(
    #[values(
        "NI15",
        "NI 15",
        "NI 015",
        "NI 0015",
        "ni 15",
        "Ni15",
        "N.I. 15",
        "n.i.15",
        "NI-15",
        "NI – 15",
        "NI\u{a0}15",
        "NI   15",
        " NI 15\n"
    )]
    text: &str,
) {
    assert_eq!(code(text).to_string(), "NI 15");
    assert_eq!((code(text).scheme(), code(text).number(), code(text).part()), (Scheme::Ni, Some(15), None));
}

#[rstest]
#[case("NI 49a", "NI 49a")]
#[case("NI 49 a", "NI 49a")]
#[case("NI49A", "NI 49a")]
#[case("NI 49i", "NI 49a")]
#[case("NI 49(i)", "NI 49a")]
#[case("NI 49 (I)", "NI 49a")]
#[case("NI 49ii", "NI 49b")]
#[case("NI 49iii", "NI 49c")]
#[case("NI 49iv", "NI 49d")]
#[case("NI 49v", "NI 49e")]
#[case("NI195a", "NI 195a")]
#[case("NI 33ii", "NI 33b")]
#[case("LI1", "LI 1")]
#[case("l.i. 01", "LI 1")]
#[case("local ASBO-breach–rate", "LOCAL asbo-breach-rate")]
#[case("CRIME  business-robbery", "CRIME business-robbery")]
#[case("Crime-business-robbery", "CRIME business-robbery")]
fn a_code_is_printed_one_way_however_it_is_written(#[case] given: &str, #[case] printed: &str) {
    assert_eq!(code(given).to_string(), printed);
}

#[test]
fn a_named_indicator_has_a_slug_and_no_number() {
    let local = code("LOCAL asbo-breach-rate");
    assert_eq!((local.slug(), local.number(), local.part()), (Some("asbo-breach-rate"), None, None));
    assert_eq!(code("NI 15").slug(), None);
}

#[rstest]
#[case("NI 2", "NI 0002")]
#[case("NI 49a", "NI 0049a")]
#[case("LI 1", "LI 0001")]
#[case("LOCAL asbo-breach-rate", "LOCAL asbo-breach-rate")]
fn a_key_is_folded_and_reads_back(#[case] given: &str, #[case] key: &str) {
    assert_eq!(code(given).key(), key);
    assert_eq!(code(key), code(given));
}

#[test]
fn keys_sort_as_people_count() {
    let sorted = ["NI 2", "NI 15", "NI 49", "NI 49a", "NI 49b", "NI 199"].map(code);
    assert!(sorted.is_sorted() && sorted.map(|code| code.key()).is_sorted());
}

#[rstest]
#[case("")]
#[case("15")]
#[case("NI")]
#[case("BV225")]
#[case("LOCAL")]
#[case("LOCALITY")]
#[case("N I 15")]
fn a_text_without_a_scheme_is_told_what_a_code_looks_like(#[case] given: &str) {
    let error = IndicatorCode::parse(given).unwrap_err();
    assert_eq!(error, IndicatorCodeError::Unknown { given: given.to_owned() });
    assert!(error.to_string().contains("`NI 15`"), "{error}");
}

#[rstest]
#[case("NI 0")]
#[case("NI 10000")]
#[case("NI 99999999999999999999")]
fn a_number_is_from_1_to_9999(#[case] given: &str) {
    assert_eq!(IndicatorCode::parse(given), Err(IndicatorCodeError::Number { given: given.to_owned() }));
}

#[rstest]
fn a_part_is_one_letter_or_a_numeral(
    #[values("NI 49vi", "NI 49ab", "NI 1 5", "NI 49(a", "NI 15.", "NI 49é")] given: &str,
) {
    assert_eq!(IndicatorCode::parse(given), Err(IndicatorCodeError::Part { given: given.to_owned() }));
}

#[rstest]
fn a_name_is_words_joined_by_hyphens(
    #[values("LOCAL asbo breach", "LOCAL a--b", "LOCAL a-", "CRIME vol_é")] given: &str,
) {
    assert_eq!(IndicatorCode::parse(given), Err(IndicatorCodeError::Name { given: given.to_owned() }));
}

#[test]
fn a_name_has_at_most_60_characters() {
    assert!(IndicatorCode::parse(&format!("LOCAL {}", "a".repeat(60))).is_ok());
    let error = IndicatorCode::parse(&format!("LOCAL {}", "a".repeat(6000))).unwrap_err();
    assert!(error.to_string().contains('…') && error.to_string().len() < 300, "{error}");
}

#[rstest]
#[case("bv 225", "BV225")]
#[case("BV 0225", "BV225")]
#[case(" vsc\u{a0}26", "VSC26")]
#[case("NI 49i", "NI49I")]
#[case("C 018.05", "C18.5")]
#[case("C000", "C0")]
#[case("C100", "C100")]
fn another_code_is_folded_for_lookup(#[case] given: &str, #[case] key: &str) {
    assert_eq!(alias_key(given), key);
}

/// The national set as far as 199, and some others.
fn catalogue() -> Vec<String> {
    let others = ["LI 1", "LI 2", "NI 49a", "LOCAL asbo-breach-rate", "CRIME personal-robbery", "BV225"];
    (1..=199).map(|number| format!("NI {number}")).chain(others.map(String::from)).collect()
}

#[rstest]
#[case("NI 1S", Some("NI 15"))]
#[case("N15", Some("NI 15"))]
#[case("NI I5", Some("NI 15"))]
#[case("NI l5", Some("NI 15"))]
#[case("NI O15", Some("NI 15"))]
#[case("IN 15", Some("NI 15"))]
#[case("NI: 15", Some("NI 15"))]
#[case("NO 15", Some("NI 15"))]
#[case("LOCAL asbo-breech-rates", Some("LOCAL asbo-breach-rate"))]
#[case("CRIME personnel-robery", Some("CRIME personal-robbery"))]
#[case("BV 22S", Some("BV225"))]
#[case("NI 8641", None)]
#[case("NI", None)]
#[case("", None)]
#[case("LOCAL theft-of-bicycles", None)]
#[case("Serious violent crime", None)]
fn a_mistyped_code_is_answered_with_what_was_probably_meant(#[case] given: &str, #[case] meant: Option<&str>) {
    assert_eq!(nearest(given, catalogue().iter().map(String::as_str)), meant);
    assert_eq!(nearest(given, catalogue().iter().rev().map(String::as_str)), meant);
}

#[test]
fn a_number_is_not_guessed_from_its_size() {
    assert_eq!(nearest("NI 200", ["NI 199"]), None);
    assert_eq!(nearest("NI 51", ["NI 50", "NI 15"]), Some("NI 15"));
}

fn any_code() -> impl Strategy<Value = IndicatorCode> {
    let numbered = (prop_oneof![Just("NI"), Just("LI")], 1..=MAX_NUMBER, proptest::option::of("[a-hj-uw-z]"))
        .prop_map(|(scheme, number, part)| code(&format!("{scheme} {number}{}", part.unwrap_or_default())));
    let named = (prop_oneof![Just("LOCAL"), Just("CRIME")], "[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,4}")
        .prop_map(|(scheme, slug)| code(&format!("{scheme} {slug}")));
    prop_oneof![numbered, named]
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(code in any_code()) {
        prop_assert_eq!(IndicatorCode::parse(&code.to_string()), Ok(code.clone()));
        prop_assert_eq!(IndicatorCode::parse(&code.key()), Ok(code));
    }

    #[test]
    fn keys_sort_by_scheme_then_number_then_part(a in any_code(), b in any_code()) {
        let order = |code: &IndicatorCode| {
            (code.scheme().as_str(), code.number(), code.part(), code.slug().map(String::from))
        };
        prop_assert_eq!(a.key().cmp(&b.key()), order(&a).cmp(&order(&b)));
        prop_assert_eq!(a.key().cmp(&b.key()), a.cmp(&b));
    }

    #[test]
    fn case_spaces_zeros_and_separators_do_not_change_a_code(
        number in 1..=MAX_NUMBER, zeros in 0_usize..4, separator in "[ \u{a0}\t–-]{0,3}", gap in " {0,2}", upper: bool,
    ) {
        let text = format!("ni{separator}{}{number}{gap}(b)", "0".repeat(zeros));
        let text = if upper { text.to_uppercase() } else { text };
        prop_assert_eq!(IndicatorCode::parse(&text), Ok(code(&format!("NI {number}b"))));
    }

    #[test]
    fn no_text_makes_reading_fail_other_than_with_an_error(text in "\\PC*", tail in any::<String>()) {
        for given in [&text, &tail, &format!("NI {text}"), &format!("NI 15{tail}"), &format!("LOCAL {tail}")] {
            let _ = IndicatorCode::parse(given).map_err(|error| error.to_string());
            prop_assert_eq!(alias_key(&alias_key(given)), alias_key(given));
            let _ = nearest(given, ["NI 15", "LOCAL asbo-breach-rate"]);
        }
    }
}
