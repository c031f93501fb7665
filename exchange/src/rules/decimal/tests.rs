//! What may be a figure, and what it gives back.

use proptest::prelude::*;
use rstest::rstest;

use super::{
    samples::{any_figure, figure},
    *,
};

#[rstest]
#[case("2012", 2_012_000_000, 0)]
#[case("52.40", 52_400_000, 2)]
#[case("-0.5", -500_000, 1)]
#[case("0.004", 4_000, 3)]
#[case("0.000001", 1, 6)]
#[case("0", 0, 0)]
#[case("0.000000", 0, 6)]
#[case("999999999999.999", 999_999_999_999_999_000, 3)]
fn a_figure_keeps_its_digits_as_written(#[case] text: &str, #[case] scaled: i64, #[case] decimals: u8) {
    let read = figure(text);
    assert_eq!((read.scaled(), read.decimals()), (scaled, decimals));
    assert_eq!(read.to_string(), text);
    assert_eq!(read.to_string(), text);
}

#[rstest]
#[case("1e3", "1000")]
#[case("1E+3", "1000")]
#[case("1.5e3", "1500")]
#[case("1.50e1", "15.0")]
#[case("5e-3", "0.005")]
#[case("0e99999999999999999999999", "0")]
fn an_exponent_only_moves_the_point(#[case] text: &str, #[case] printed: &str) {
    assert_eq!(figure(text).to_string(), printed);
}

#[rstest]
#[case("-0", "0")]
#[case("-0.00", "0.00")]
fn minus_zero_is_zero(#[case] text: &str, #[case] printed: &str) {
    assert_eq!(figure(text).to_string(), printed);
}

#[rstest]
#[case("1234567890123", 13, 0, 13)]
#[case("0.0000001", 0, 7, 1)]
#[case("1.0000000", 1, 7, 8)]
#[case("10e-7", 0, 7, 2)]
#[case("1e12", 13, 0, 13)]
#[case("1234567890.123456", 10, 6, 16)]
#[case("123456789012.1000", 12, 4, 16)]
#[case("0e-7", 0, 7, 0)]
fn more_digits_than_can_be_held_are_an_error_and_not_a_rounding(
    #[case] text: &str,
    #[case] integer_digits: usize,
    #[case] decimals: usize,
    #[case] significant_digits: usize,
) {
    let given = text.to_owned();
    let expected = FigureError::TooManyDigits { given, integer_digits, decimals, significant_digits };
    assert_eq!(Figure::parse(text), Err(expected));
}

#[rstest]
fn a_text_that_is_not_a_json_number_is_refused(
    #[values(
        "", " ", "-", "+1", "1.", ".5", "007", "1,000", "1 ", "0x1F", "1e", "1e+", "1.e3", "--1", "NaN", "٣", "1_000"
    )]
    text: &str,
) {
    assert_eq!(Figure::parse(text), Err(FigureError::NotANumber { given: text.to_owned() }));
}

#[rstest]
#[case("2,012", "2012")]
#[case("1156", "1156")]
#[case("1,234,567.80", "1234567.80")]
#[case("999,999,999,999", "999999999999")]
#[case(" 34.56 ", "34.56")]
#[case("\u{a0}308", "308")]
#[case("200.60", "200.60")]
fn a_count_or_rate_is_read_as_printed(#[case] text: &str, #[case] value: &str) {
    let figure = figure(value);
    let expected = PrintedFigure { figure, percent: false, pounds: false, signed_plus: false };
    assert_eq!(parse_printed(text), Ok(expected));
}

#[rstest]
#[case("-15%", "-15", false)]
#[case("-20.9%", "-20.9", false)]
#[case("\u{2212}2.1 %", "-2.1", false)]
#[case("+12%", "12", true)]
#[case("% 8.3", "8.3", false)]
#[case("175%", "175", false)]
fn a_percentage_is_read_in_hundredths_as_printed(#[case] text: &str, #[case] value: &str, #[case] signed_plus: bool) {
    let expected = PrintedFigure { figure: figure(value), percent: true, pounds: false, signed_plus };
    assert_eq!(parse_printed(text), Ok(expected));
}

#[rstest]
#[case("£1,250.50", "1250.50")]
#[case("£ 40", "40")]
#[case("-£5", "-5")]
#[case("£-5", "-5")]
fn an_amount_of_money_is_read_in_pounds(#[case] text: &str, #[case] value: &str) {
    let expected = PrintedFigure { figure: figure(value), percent: false, pounds: true, signed_plus: false };
    assert_eq!(parse_printed(text), Ok(expected));
}

#[rstest]
fn what_is_not_a_number_alone_is_not_a_figure(
    #[values(
        "",
        "tbc",
        "n/a",
        "37 pupils",
        "++",
        "-",
        "%",
        "£",
        "20,12",
        "2,0123",
        "2,012,",
        ",012",
        "1234,567",
        "0,123",
        "1.234,5",
        "1,23.4",
        "1.2.3",
        "-20.9% 3.0%",
        "1,669 (projected 08/09)",
        "£5%",
        "%5%",
        "+-5",
        "- -5",
        "5-",
        "1e3",
        "\u{2013}5",
        "1 000"
    )]
    text: &str,
) {
    assert_eq!(parse_printed(text), Err(FigureError::NotANumber { given: text.to_owned() }));
}

#[test]
fn a_printed_figure_with_too_many_digits_is_told_which() {
    let error = parse_printed("1,234,567,890,123%").map_err(|error| error.to_string());
    let message = "`1,234,567,890,123%` has 13 digits before the point, 0 after it and 13 significant digits, \
                   trailing zeros included; at most 12, 6 and 15 were expected, and figures are not rounded";
    assert_eq!(error, Err(message.to_owned()));
}

#[test]
fn a_long_text_is_repeated_only_in_part() {
    let error = Figure::parse(&"é".repeat(1000));
    assert_eq!(error, Err(FigureError::NotANumber { given: format!("{}…", "é".repeat(40)) }));
}

#[rstest]
#[case(1, 8, 2, Some("0.13"))]
#[case(-1, 8, 2, Some("-0.13"))]
#[case(-1, 3, 4, Some("-0.3333"))]
#[case(2, 3, 0, Some("1"))]
#[case(1, 0, 2, None)]
#[case(1, -2, 2, None)]
#[case(i128::MAX, 1, 0, None)]
#[case(i128::MIN, i128::MAX, 0, Some("-1"))]
fn a_quotient_is_rounded_once(
    #[case] numerator: i128,
    #[case] denominator: i128,
    #[case] decimals: u8,
    #[case] printed: Option<&str>,
) {
    assert_eq!(Figure::quotient(numerator, denominator, decimals), printed.map(figure));
}

#[rstest]
#[case(52_400_000, 2, Some("52.40"))]
#[case(52_400_000, 0, None)]
#[case(0, 7, None)]
#[case(1_000_000_000_000_000_000, 0, None)]
#[case(123_456_789_012_100_000, 3, Some("123456789012.100"))]
#[case(123_456_789_012_100_000, 4, None)]
#[case(i64::MIN, 6, None)]
fn a_stored_figure_must_be_within_the_limits(#[case] scaled: i64, #[case] decimals: u8, #[case] printed: Option<&str>) {
    assert_eq!(Figure::from_stored(scaled, decimals), printed.map(figure));
}

proptest! {
    #[test]
    fn a_figure_reads_back_from_its_text(figure in any_figure()) {
        prop_assert_eq!(Figure::parse(&figure.to_string()), Ok(figure));
        let printed = parse_printed(&figure.to_string()).map(|printed| printed.figure);
        prop_assert_eq!(printed, Ok(figure));
    }

    #[test]
    fn a_figure_reads_back_from_the_database(figure in any_figure()) {
        prop_assert_eq!(Figure::from_stored(figure.scaled(), figure.decimals()), Some(figure));
    }

    #[test]
    fn a_client_that_reads_a_figure_as_a_double_prints_the_same_text(figure in any_figure()) {
        let text = figure.to_string();
        let double: f64 = text.parse()?;
        prop_assert_eq!(format!("{double:.*}", usize::from(figure.decimals())), text);
    }

    #[test]
    fn rounding_a_figure_to_its_own_decimals_changes_nothing(figure in any_figure()) {
        let scaled = i128::from(figure.scaled());
        prop_assert_eq!(Figure::quotient(scaled, 1_000_000, figure.decimals()), Some(figure));
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in ".*", near in "[-+0-9.,eE%£ \u{2212}]{0,30}") {
        for text in [text, near] {
            if let Ok(figure) = Figure::parse(&text) {
                prop_assert_eq!(Figure::parse(&figure.to_string()), Ok(figure));
            }
            if let Ok(printed) = parse_printed(&text) {
                prop_assert_eq!(Figure::parse(&printed.figure.to_string()), Ok(printed.figure));
            }
        }
    }

    #[test]
    fn no_computation_panics(numerator: i128, denominator: i128, scaled: i64, decimals: u8) {
        let _ = Figure::quotient(numerator, denominator, decimals);
        let _ = Figure::from_stored(scaled, decimals);
    }
}
