//! What spreadsheets make of a year. `2008/09` and `2008-09` are read as September 2008, `08/09` as 8 September (or, in
//! American settings, 9 August) of the year in which it was typed; then they are shown or exported as some date.

use chrono::{Datelike, Days, NaiveDate};

use super::{
    Period,
    spelling::{self, DateParts},
};

/// The dates that a folded text may be: a day or month, with or without a time, or a serial number. Empty when it is
/// none.
pub(super) fn dates(text: &str) -> Vec<DateParts> {
    let date = without_time(text);
    let readings = [named_or_iso(date), slashed(date, false), slashed(date, true), serial(text)];
    readings.into_iter().flatten().collect()
}

/// The financial year whose spelling a spreadsheet would turn into one of these dates.
pub(super) fn what_was_typed(dates: &[DateParts]) -> Option<Period> {
    dates.iter().find_map(|&date| from_year_and_month(date).or_else(|| from_day_and_month(date)))
}

/// `2008-09` became (the first of) September 2008.
fn from_year_and_month(date: DateParts) -> Option<Period> {
    let year = date.year.filter(|_| date.day.is_none_or(|day| day == 1))?;
    let is_next_year = (year + 1).rem_euclid(100).unsigned_abs() == date.month;
    if is_next_year { Period::financial_year_starting(year).ok() } else { None }
}

/// `08/09` became 8 September or 9 August; the year is when it was typed and says nothing.
fn from_day_and_month(date: DateParts) -> Option<Period> {
    let day = date.day?;
    let year = 2000 + day.min(date.month).cast_signed();
    if day.abs_diff(date.month) == 1 { Period::financial_year_starting(year).ok() } else { None }
}

/// `Sep-08`, `08-Sep`, `1 September 2008`, `2008-09-01`. A month without day and year is none: nothing turns a year
/// into it.
fn named_or_iso(text: &str) -> Option<DateParts> {
    DateParts::read(text).filter(|date| date.year.is_some() || date.day.is_some())
}

/// `01/09/2008` or `01/09/08`: day first, or month first in American settings.
fn slashed(text: &str, month_first: bool) -> Option<DateParts> {
    let (first, rest) = text.split_once('/')?;
    let (second, year) = rest.split_once('/')?;
    let year = spelling::year(year)?;
    let part = |text: &str| spelling::digits(text).filter(|_| text.len() <= 2).map(i32::unsigned_abs);
    let (first, second) = (part(first)?, part(second)?);
    let (day, month) = if month_first { (second, first) } else { (first, second) };
    NaiveDate::from_ymd_opt(year, month, day)?;
    Some(DateParts { year: Some(year), month, day: Some(day) })
}

/// A bare number of five digits, which is how a cell that holds a date is exported without its format: days since 30
/// December 1899 (ECMA-376 Part 1, 18.17.4.1). `39692` is 1 September 2008.
fn serial(text: &str) -> Option<DateParts> {
    let number = text.strip_suffix(".0").unwrap_or(text);
    let days = spelling::digits(number).filter(|_| number.len() == 5)?;
    let date = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(u64::from(days.unsigned_abs())))?;
    Some(DateParts { year: Some(date.year()), month: date.month(), day: Some(date.day()) })
}

/// The date of a date and time: `2008-09-01 00:00:00`, `2008-09-01T00:00:00Z`.
fn without_time(text: &str) -> &str {
    let is_time = |time: &str| time.contains(':') && time.bytes().all(|b| b.is_ascii_digit() || b":.z".contains(&b));
    match text.rsplit_once([' ', 't']) {
        Some((date, time)) if is_time(time) => date,
        _ => text,
    }
}
