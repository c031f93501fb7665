//! Figures as plans print them.

use super::{Figure, FigureError, Literal};

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
