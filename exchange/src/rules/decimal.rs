//! Figures: exact decimals that remember how many decimals they were printed with.
//!
//! A figure has at most 12 integer digits, 6 decimals and 15 significant digits. Every decimal of 15 significant digits
//! survives the way into an IEEE 754 double and back (`DBL_DIG` is 15), so a client that reads our JSON numbers as
//! doubles and prints them with their decimals sees the text that we sent. More digits are an error, never a rounding.
//!
//! Trailing zeros are significant, because they are printed: `123456789012.100000` has 18 digits, and a double gives it
//! back as `123456789012.100006`. Leading zeros are not: `0.004` has one significant digit.

mod printed;

use std::fmt;

pub use printed::{PrintedFigure, parse_printed};

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
mod tests;
