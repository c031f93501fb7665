//! Figures: exact decimals that remember how many decimals they were printed with.
//!
//! A figure has at most 12 integer digits, 6 decimals and 15 significant digits. Every decimal of 15 significant digits
//! survives the way into an IEEE 754 double and back (`DBL_DIG` is 15), so a client that reads our JSON numbers as
//! doubles and prints them with their decimals sees the text that we sent. More digits are an error, never a rounding.
//!
//! Trailing zeros are significant, because they are printed: `123456789012.100000` has 18 digits, and a double gives it
//! back as `123456789012.100006`. Leading zeros are not: `0.004` has one significant digit.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

/// The most digits that a figure may have before its point.
const MAX_INTEGER_DIGITS: usize = 12;
/// The most digits that a figure may have after its point.
const MAX_DECIMALS: usize = 6;
/// The most digits that a figure may have in all, leading zeros left out.
const MAX_SIGNIFICANT_DIGITS: usize = 15;

/// The first whole number with too many significant digits.
const UNSCALED_LIMIT: u64 = 10_u64.pow(15);
/// The first stored value with too many integer digits.
const SCALED_LIMIT: u64 = 10_u64.pow(18);

/// How much of a text an error repeats, in characters.
const QUOTED_CHARACTERS: usize = 40;

/// An exact decimal and the number of decimals that it was printed with: `52.40` is 52.4 with 2 decimals.
///
/// `==` compares both, as texts would be compared; [`Figure::scaled`] compares values alone (`1.0` and `1.00` are one
/// value). There is no negative zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Figure {
    scaled: i64,
    decimals: u8,
}

impl Figure {
    /// The decimals of the stored scale: a figure is stored as its value × 10⁶.
    pub const SCALE: u32 = 6;

    /// Reads a number as JSON writes it (RFC 8259, section 6): `52.40`, `-0.5`, `1e3`.
    ///
    /// Digits are kept as written: `52.40` has 2 decimals, `1.50e1` is `15.0`. White space, a leading `+`, separators
    /// and superfluous leading zeros are no part of a JSON number; [`parse_printed`] reads what plans print.
    ///
    /// # Errors
    /// [`FigureError::NotANumber`], or [`FigureError::TooManyDigits`] where an exact figure would not fit.
    pub fn parse(text: &str) -> Result<Self, FigureError> {
        Literal::read(text).ok_or_else(|| FigureError::not_a_number(text))?.figure(text)
    }

    /// The figure stored as value × 10⁶ and printed decimals; `None` if it breaks a limit or has more decimals than
    /// stated.
    pub fn from_stored(scaled: i64, decimals: u8) -> Option<Self> {
        let unit = stored_unit(decimals)?;
        if scaled % unit == 0 { Self::from_unscaled(scaled / unit, decimals) } else { None }
    }

    /// The figure stored as value × 10⁶, with no more decimals than it needs; `None` if it breaks a limit.
    pub fn from_scaled(scaled: i64) -> Option<Self> {
        (0..=6).find_map(|decimals| Self::from_stored(scaled, decimals))
    }

    /// The value × 10⁶, as it is stored. Figures are compared and added by it.
    pub fn scaled(self) -> i64 {
        self.scaled
    }

    /// How many decimals the figure was printed with, 0 to 6.
    pub fn decimals(self) -> u8 {
        self.decimals
    }

    /// The figure as a decimal of the same scale.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.unscaled(), u32::from(self.decimals))
    }

    /// A computed value, rounded half away from zero; `None` if the result breaks a limit.
    ///
    /// A `Decimal` that comes from a division is rounded already; [`Figure::quotient`] rounds once.
    pub fn rounded(value: Decimal, decimals: u8) -> Option<Self> {
        stored_unit(decimals)?;
        let scale = u32::from(decimals);
        let mut rounded = value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(scale);
        // A value too large for its decimals keeps a smaller scale; it is far outside the limits.
        if rounded.scale() != scale {
            return None;
        }
        Self::from_unscaled(i64::try_from(rounded.mantissa()).ok()?, decimals)
    }

    /// `numerator / denominator`, rounded once, half away from zero; `None` if the denominator is not positive or the
    /// result breaks a limit.
    pub fn quotient(numerator: i128, denominator: i128, decimals: u8) -> Option<Self> {
        stored_unit(decimals)?;
        if denominator <= 0 {
            return None;
        }
        let dividend = numerator.checked_mul(10_i128.pow(u32::from(decimals)))?;
        let (whole, rest) = (dividend / denominator, (dividend % denominator).abs());
        let rounds_away = rest >= denominator - rest;
        let unscaled = if rounds_away { whole + dividend.signum() } else { whole };
        Self::from_unscaled(i64::try_from(unscaled).ok()?, decimals)
    }

    /// The figure whose digits, without the point, are `unscaled`. Every figure is made here, within the limits.
    fn from_unscaled(unscaled: i64, decimals: u8) -> Option<Self> {
        let scaled = unscaled.checked_mul(stored_unit(decimals)?)?;
        let fits = unscaled.unsigned_abs() < UNSCALED_LIMIT && scaled.unsigned_abs() < SCALED_LIMIT;
        fits.then_some(Self { scaled, decimals })
    }

    /// The digits without the point: 5240 for `52.40`.
    fn unscaled(self) -> i64 {
        self.scaled / stored_unit(self.decimals).unwrap_or(1)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.scaled < 0 { "-" } else { "" };
        let digits = self.unscaled().unsigned_abs();
        if self.decimals == 0 {
            return write!(f, "{sign}{digits}");
        }
        let one = 10_u64.pow(u32::from(self.decimals));
        write!(f, "{sign}{}.{:0width$}", digits / one, digits % one, width = usize::from(self.decimals))
    }
}

/// One unit of a figure's last decimal, × 10⁶: `10^(6 - decimals)`; `None` beyond 6 decimals.
fn stored_unit(decimals: u8) -> Option<i64> {
    Figure::SCALE.checked_sub(u32::from(decimals)).map(|zeros| 10_i64.pow(zeros))
}

/// A figure as a plan prints it, and the marks that stood around it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PrintedFigure {
    /// The number itself: `-15` for `-15%`, not `-0.15`.
    pub figure: Figure,
    /// A percent sign was printed.
    pub percent: bool,
    /// A pound sign was printed.
    pub pounds: bool,
    /// A plus sign was printed, as before a change.
    pub signed_plus: bool,
}

/// Reads a figure as plans print it: `2,012`, `-20.9%`, `+12%`, `£1,250.50`, `−3` with a true minus sign (U+2212).
///
/// Thousands are separated everywhere or nowhere. Space may stand around the number and its marks. An exponent is
/// refused: no plan prints one, and a spreadsheet that shows `1.23E+05` has already lost digits.
///
/// # Errors
/// [`FigureError::NotANumber`] for anything else (`37 pupils`, `tbc`, `20,12`), or [`FigureError::TooManyDigits`].
pub fn parse_printed(text: &str) -> Result<PrintedFigure, FigureError> {
    let not_a_number = || FigureError::not_a_number(text);
    let marked = MarkedNumber::read(text).ok_or_else(not_a_number)?;
    let plain = without_separators(marked.number).ok_or_else(not_a_number)?;
    let mut literal = Literal::read(&plain).ok_or_else(not_a_number)?;
    literal.negative = marked.sign.is_some_and(|sign| sign != '+');
    Ok(PrintedFigure {
        figure: literal.figure(text)?,
        percent: marked.percent,
        pounds: marked.pounds,
        signed_plus: marked.sign == Some('+'),
    })
}

/// A printed number taken apart into its marks and the rest.
struct MarkedNumber<'a> {
    sign: Option<char>,
    pounds: bool,
    percent: bool,
    number: &'a str,
}

impl<'a> MarkedNumber<'a> {
    /// Takes the marks off; `None` if one is repeated, or if an amount of money has a percent sign.
    fn read(text: &'a str) -> Option<Self> {
        let mut marked = Self { sign: None, pounds: false, percent: false, number: text.trim() };
        if let Some(before) = marked.number.strip_suffix('%') {
            marked.percent = true;
            marked.number = before.trim_end();
        }
        while let Some(mark) = marked.number.chars().next().filter(|&c| matches!(c, '+' | '-' | '\u{2212}' | '£' | '%'))
        {
            let repeated = match mark {
                '£' => std::mem::replace(&mut marked.pounds, true),
                '%' => std::mem::replace(&mut marked.percent, true),
                sign => marked.sign.replace(sign).is_some(),
            };
            if repeated {
                return None;
            }
            marked.number = marked.number.strip_prefix(mark)?.trim_start();
        }
        (!(marked.pounds && marked.percent)).then_some(marked)
    }
}

/// Takes the thousands separators out of digits with at most one point; `None` if one stands in the wrong place.
fn without_separators(number: &str) -> Option<String> {
    if !number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.')) {
        return None;
    }
    let integer = number.split('.').next().unwrap_or_default();
    if let Some((first, others)) = integer.split_once(',') {
        let in_place = (1..=3).contains(&first.len()) && others.split(',').all(|group| group.len() == 3);
        if !in_place {
            return None;
        }
    }
    // Commas after the point are left in place, where `Literal` refuses them.
    Some(number.replacen(',', "", integer.matches(',').count()))
}

/// A JSON number in its parts: digits, and how far an exponent moves the point.
struct Literal<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
    /// Places that the point moves to the right.
    raise: usize,
    /// Places that the point moves to the left.
    lower: usize,
}

impl<'a> Literal<'a> {
    /// Takes a JSON number apart; `None` if the text is not one.
    fn read(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |unsigned| (true, unsigned));
        let (mantissa, (raise, lower)) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (unsigned, (0, 0)),
        };
        let (integer, fraction) = match mantissa.split_once('.') {
            Some((integer, fraction)) if is_digits(fraction) => (integer, fraction),
            Some(_) => return None,
            None => (mantissa, ""),
        };
        let well_formed = is_digits(integer) && (integer == "0" || !integer.starts_with('0'));
        well_formed.then_some(Self { negative, integer, fraction, raise, lower })
    }

    /// The figure, its decimals as written; `given` is what the error repeats.
    fn figure(&self, given: &str) -> Result<Figure, FigureError> {
        let written = [self.integer, self.fraction].concat();
        let digits = written.trim_start_matches('0');
        let places = self.fraction.len().saturating_add(self.lower);
        let decimals = places.saturating_sub(self.raise);
        let zeros = self.raise.saturating_sub(places);
        let significant_digits = if digits.is_empty() { 0 } else { digits.len().saturating_add(zeros) };
        let integer_digits = significant_digits.saturating_sub(decimals);

        let too_many =
            || FigureError::TooManyDigits { given: quoted(given), integer_digits, decimals, significant_digits };
        let fits = integer_digits <= MAX_INTEGER_DIGITS
            && decimals <= MAX_DECIMALS
            && significant_digits <= MAX_SIGNIFICANT_DIGITS;
        if !fits {
            return Err(too_many());
        }
        // At most 15 digits, appended zeros included, so that this cannot overflow.
        let appended = if digits.is_empty() { 0 } else { zeros };
        let magnitude = digits
            .bytes()
            .chain(std::iter::repeat_n(b'0', appended))
            .fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'));
        let unscaled = if self.negative { -magnitude } else { magnitude };
        u8::try_from(decimals).ok().and_then(|decimals| Figure::from_unscaled(unscaled, decimals)).ok_or_else(too_many)
    }
}

/// An exponent as places to the right and places to the left, one of them 0.
fn read_exponent(text: &str) -> Option<(usize, usize)> {
    let (lowers, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(digits) {
        return None;
    }
    // An exponent beyond `usize` is as far outside the limits as the largest one.
    let places = digits.parse().unwrap_or(usize::MAX);
    Some(if lowers { (0, places) } else { (places, 0) })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a text is not a figure. The message is meant for the person who sent it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FigureError {
    /// The text is not a number, or has something beside it.
    #[error("`{given}` is not a figure; a number alone, such as `52.40` or `-15`, was expected")]
    NotANumber {
        /// What was given, its first 40 characters.
        given: String,
    },
    /// The number cannot be held exactly.
    #[error(
        "`{given}` has {integer_digits} digits before the point, {decimals} after it and {significant_digits} \
         significant digits, trailing zeros included; at most {MAX_INTEGER_DIGITS}, {MAX_DECIMALS} and \
         {MAX_SIGNIFICANT_DIGITS} were expected, and figures are not rounded"
    )]
    TooManyDigits {
        /// What was given, its first 40 characters.
        given: String,
        /// Digits before the point, leading zeros left out.
        integer_digits: usize,
        /// Digits after the point.
        decimals: usize,
        /// Digits in all, leading zeros left out, trailing zeros included.
        significant_digits: usize,
    },
}

impl FigureError {
    fn not_a_number(given: &str) -> Self {
        Self::NotANumber { given: quoted(given) }
    }
}

/// The beginning of a text, short enough to repeat in a message.
fn quoted(given: &str) -> String {
    match given.char_indices().nth(QUOTED_CHARACTERS) {
        Some((end, _)) => format!("{}…", &given[..end]),
        None => given.to_owned(),
    }
}

/// Figures for the tests of all rules.
#[cfg(test)]
pub(crate) mod samples {
    use proptest::prelude::*;

    use super::Figure;

    /// The figure that a test writes down.
    #[allow(clippy::unwrap_used, reason = "a test that mistypes a figure should fail")]
    pub(crate) fn figure(text: &str) -> Figure {
        Figure::parse(text).unwrap()
    }

    /// Any figure within the limits, short ones as likely as long ones.
    pub(crate) fn any_figure() -> impl Strategy<Value = Figure> {
        let unscaled =
            prop_oneof![-999_i64..=999, -999_999_i64..=999_999, -999_999_999_999_999_i64..=999_999_999_999_999];
        (unscaled, 0_u8..=6)
            .prop_filter_map("outside the limits", |(unscaled, decimals)| Figure::from_unscaled(unscaled, decimals))
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(read.to_decimal().to_string(), text);
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
            "", " ", "-", "+1", "1.", ".5", "007", "1,000", "1 ", "0x1F", "1e", "1e+", "1.e3", "--1", "NaN", "٣",
            "1_000"
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
    fn a_percentage_is_read_in_hundredths_as_printed(
        #[case] text: &str,
        #[case] value: &str,
        #[case] signed_plus: bool,
    ) {
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
    #[case("0.125", 2, Some("0.13"))]
    #[case("-0.125", 2, Some("-0.13"))]
    #[case("0.1249999999999999999999999999", 2, Some("0.12"))]
    #[case("-0.004", 2, Some("0.00"))]
    #[case("7", 2, Some("7.00"))]
    #[case("999999999999.5", 0, None)]
    #[case("79228162514264337593543950335", 6, None)]
    #[case("1", 7, None)]
    fn a_computed_figure_is_rounded_half_away_from_zero(
        #[case] value: Decimal,
        #[case] decimals: u8,
        #[case] printed: Option<&str>,
    ) {
        assert_eq!(Figure::rounded(value, decimals), printed.map(figure));
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
    fn a_stored_figure_must_be_within_the_limits(
        #[case] scaled: i64,
        #[case] decimals: u8,
        #[case] printed: Option<&str>,
    ) {
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
            prop_assert_eq!(Figure::rounded(figure.to_decimal(), figure.decimals()), Some(figure));
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
}
