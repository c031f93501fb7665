//! Reads periods. One reader for each kind takes its canonical code, its label and the spellings found in plans.

use chrono::{Months, NaiveDate};

use super::{FIRST_YEAR, LAST_YEAR, Period, PeriodError, financial_year_of, spreadsheet};
use crate::rules::given_text::{excerpt, fold};

/// The longest text that is read, in bytes. The longest label has some 70.
const LONGEST: usize = 200;

/// What a reader makes of a text: `None` when it is not spelt as the reader's kind, so that another may try.
type Reading<T> = Option<Result<T, PeriodError>>;

/// Reads a period however it is spelt.
pub(super) fn read(text: &str) -> Result<Period, PeriodError> {
    let given = excerpt(text);
    if text.len() > LONGEST {
        return Err(PeriodError::Unknown { given });
    }
    // Plans put the end of a period in brackets or not: `FYTD (to Jan09)`.
    let text = fold(text).replace(['(', ')'], "");
    let spelling = Spelling { given: &given, text: &text };
    // Marked kinds first; the bare ones (`2008-09`, `Apr 08 to Jan 09`) would not see their marks.
    let readers = [
        Spelling::academic_year,
        Spelling::calendar_year,
        Spelling::as_at,
        Spelling::rolling_12_months,
        Spelling::survey_wave,
        Spelling::cohort,
        Spelling::year_to_date,
        Spelling::quarter,
        Spelling::financial_year,
        Spelling::range,
        Spelling::spreadsheet_date,
    ];
    readers.iter().find_map(|read| read(&spelling)).unwrap_or_else(|| Err(spelling.unknown()))
}

/// A text, folded, and as an error quotes it.
struct Spelling<'a> {
    given: &'a str,
    text: &'a str,
}

/// The kinds.
impl Spelling<'_> {
    /// `AY2008-09`, `academic year 2008/09`.
    fn academic_year(&self) -> Reading<Period> {
        let year = self.years(after_any(self.text, &["ay", "academic year "])?)?;
        Some(year.and_then(Period::academic_year_starting))
    }

    /// `CY2008`, `calendar year 2008`.
    fn calendar_year(&self) -> Reading<Period> {
        let year = after_any(self.text, &["cy", "calendar year "])?;
        let year = digits(year).filter(|_| year.len() == 4)?;
        Some(Period::calendar_year(year))
    }

    /// `AS-AT-2009-02-28`, `as at 28 February 2009`, `as at Feb 09` (the last day of the month).
    fn as_at(&self) -> Reading<Period> {
        let date = self.last_day(after_any(self.text, &["as-at-", "as at ", "as of "])?)?;
        Some(date.and_then(Period::as_at))
    }

    /// `R12M-2009-01-31`, `12 months to 31 January 2009`, `rolling 12 months to Jan09`.
    fn rolling_12_months(&self) -> Reading<Period> {
        let end = after_any(self.text, &["r12m-", "12 months to ", "rolling 12 months to "])?;
        let end = self.last_day(end)?;
        Some(end.and_then(Period::rolling_12_months))
    }

    /// `WAVE-2008-09-29..2008-12-19`, `survey wave 29 September 2008 to 19 December 2008`.
    fn survey_wave(&self) -> Reading<Period> {
        let days = self.stretch(after_any(self.text, &["wave-", "survey wave "])?)?;
        Some(days.and_then(|(start, end)| Period::survey_wave(start, end)))
    }

    /// `COHORT-2008-01-01..2008-03-31-F6M`, `Jan-Mar 08 cohort after 6 months`; the follow-up may be left out.
    fn cohort(&self) -> Reading<Period> {
        let (entry, follow_up) = match self.text.strip_prefix("cohort-") {
            Some(code) => code.split_once("-f").unwrap_or((code, "")),
            None => self.text.split_once(" cohort")?,
        };
        let months = if follow_up.is_empty() {
            None
        } else {
            let months = follow_up.strip_prefix(" after ").unwrap_or(follow_up);
            let units = [" months", " month", "m"];
            let number = units.iter().find_map(|unit| months.strip_suffix(unit))?;
            Some(digits(number)?.unsigned_abs())
        };
        let days = self.stretch(entry)?;
        Some(days.and_then(|(start, end)| Period::cohort(start, end, months)))
    }

    /// `FY2008-09-YTD-2009-01-31`, `2008/09 to 31 January 2009`, `FYTD (to Jan09)`.
    fn year_to_date(&self) -> Reading<Period> {
        if let Some(end) = after_any(self.text, &["fytd to ", "ytd to "]) {
            return Some(self.last_day(end)?.and_then(Period::year_to_date));
        }
        let (year, end) = self.text.split_once("-ytd-").or_else(|| self.text.split_once(" to "))?;
        let year = self.years(year.strip_prefix("fy").unwrap_or(year))?;
        let end = self.last_day(end)?;
        Some(year.and_then(|year| {
            let end = end?;
            if financial_year_of(end) == year {
                Period::year_to_date(end)
            } else {
                Err(PeriodError::OutsideFinancialYear { year, end })
            }
        }))
    }

    /// `FY2008-09-Q3`, `2008/09 Q3`, `Q3 2008/09`.
    fn quarter(&self) -> Reading<Period> {
        let (before, after) = self.text.split_once('q')?;
        let (year, quarter) = match (before, after.split_once([' ', '-', ','])) {
            ("", Some((quarter, year))) => (year, quarter),
            _ => (before, after),
        };
        let year = after_any(year, &["fy", "financial year "]).unwrap_or(year).trim_matches([' ', '-', ',']);
        let quarter = digits(quarter)?.unsigned_abs();
        Some(self.years(year)?.and_then(|year| Period::quarter(year, quarter)))
    }

    /// `FY2008-09`, `2008/09`, `07/08`, `2007/8`, `2008-09` (the year, not September).
    fn financial_year(&self) -> Reading<Period> {
        let year = after_any(self.text, &["fy", "financial year "]).unwrap_or(self.text);
        let year = self.years(year.trim_start())?;
        Some(year.and_then(Period::financial_year_starting))
    }

    /// `2008-04-01..2009-01-31`, `1 April 2008 to 31 January 2009`, `Apr08 to Jan09`.
    fn range(&self) -> Reading<Period> {
        let days = self.stretch(self.text)?;
        Some(days.and_then(|(start, end)| Period::range(start, end)))
    }

    /// `Sep-08`, `01/09/2008`, `39692`: always an error, which says what was probably meant.
    fn spreadsheet_date(&self) -> Reading<Period> {
        let dates = spreadsheet::dates(self.text);
        let probably = spreadsheet::what_was_typed(&dates);
        (!dates.is_empty()).then(|| Err(PeriodError::SpreadsheetDate { given: self.given.to_owned(), probably }))
    }
}

/// The parts that kinds share.
impl Spelling<'_> {
    fn unknown(&self) -> PeriodError {
        PeriodError::Unknown { given: self.given.to_owned() }
    }

    /// The first of two consecutive years: `2008/09`, `2008-09`, `2008/9`, `2008/2009`, `08/09`.
    fn years(&self, text: &str) -> Reading<i32> {
        let Some((first, second)) = text.split_once(['/', '-']) else {
            let is_year = text.len() == 4 && digits(text).is_some_and(|year| (FIRST_YEAR..=LAST_YEAR).contains(&year));
            return is_year.then(|| Err(PeriodError::NotAFinancialYear { given: self.given.to_owned() }));
        };
        let (first, second) = (first.trim_end(), second.trim_start());
        let (year, next) = (year(first)?, digits(second)?);
        let expected = match (first.len(), second.len()) {
            (_, 4) => year + 1,
            (_, 2) | (4, 1) => (year + 1) % 100,
            _ => return None,
        };
        if next == expected {
            return Some(Ok(year));
        }
        let given = self.given.to_owned();
        Some(Err(PeriodError::YearsNotConsecutive { given }))
    }

    /// The first and last day of `2008-04-01..2009-01-31`, `Apr08 to Jan09`, `Jan 08 - Mar 08` or `Jan-Mar 08`.
    fn stretch(&self, text: &str) -> Reading<(NaiveDate, NaiveDate)> {
        // A bare hyphen last: dates have hyphens of their own.
        let (from, to) = ["..", " to ", " - ", "-"].iter().find_map(|between| text.split_once(between))?;
        let (from, to) = (DateParts::read(from)?, DateParts::read(to)?);
        let end_year = to.year?;
        // `Apr to Jan 09` began in the year before.
        let start_year = from.year.unwrap_or(if from.month > to.month { end_year - 1 } else { end_year });
        let days = from.first(start_year).zip(to.last(end_year));
        Some(days.ok_or_else(|| self.no_such_day()))
    }

    /// The day, or the last day of the month.
    fn last_day(&self, text: &str) -> Reading<NaiveDate> {
        let day = DateParts::read(text)?;
        Some(day.last(day.year?).ok_or_else(|| self.no_such_day()))
    }

    fn no_such_day(&self) -> PeriodError {
        PeriodError::NoSuchDay { given: self.given.to_owned() }
    }
}

/// A day or a month as written; of `08-Sep` the year is missing, of `Sep-08` the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateParts {
    pub(super) year: Option<i32>,
    pub(super) month: u32,
    pub(super) day: Option<u32>,
}

impl DateParts {
    /// Reads `2008-04-01`, `1 April 2008`, `1st Apr 08`, `1 April`, `April 2008`, `Apr08`, `Apr-08`, `April`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let words = words(text)?;
        let (day, month, year) = match words.as_slice() {
            [year, month, day] if [year.len(), month.len(), day.len()] == [4, 2, 2] && digits(month).is_some() => {
                let month = digits(month)?.unsigned_abs();
                return Some(Self { year: Some(self::year(year)?), month, day: Some(digits(day)?.unsigned_abs()) });
            }
            [month] => (None, month, None),
            [day, month] if month_number(month).is_some() => (Some(day), month, None),
            [month, year] => (None, month, Some(year)),
            [day, month, year] => (Some(day), month, Some(year)),
            _ => return None,
        };
        let day = match day {
            Some(day) => Some(digits(day).filter(|_| day.len() <= 2)?.unsigned_abs()),
            None => None,
        };
        let year = match year {
            Some(year) => Some(self::year(year)?),
            None => None,
        };
        Some(Self { year, month: month_number(month)?, day })
    }

    /// The day, or the first of the month.
    fn first(self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, self.month, self.day.unwrap_or(1))
    }

    /// The day, or the last of the month.
    fn last(self, year: i32) -> Option<NaiveDate> {
        match self.day {
            Some(day) => NaiveDate::from_ymd_opt(year, self.month, day),
            None => NaiveDate::from_ymd_opt(year, self.month, 1)?.checked_add_months(Months::new(1))?.pred_opt(),
        }
    }
}

/// The runs of digits and of letters in a date: `1st apr-08` is `1`, `apr`, `08`. `None` when anything but what people
/// put between the parts of a date stands there.
fn words(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    for chunk in text.split([' ', '-', ',', '.', '\'', '’']).filter(|chunk| !chunk.is_empty()) {
        if !chunk.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        words.extend(chunk.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()));
    }
    let words = words.into_iter().map(std::str::from_utf8);
    words.filter(|word| !matches!(word, Ok("st" | "nd" | "rd" | "th"))).collect::<Result<_, _>>().ok()
}

/// The number of a month by its English name or the first three letters of it; `Sept` too.
fn month_number(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is_name = |month: &&str| *month == name || (name.len() == 3 && month.starts_with(name));
    (1..).zip(MONTHS).find(|(_, month)| is_name(month) || (*month, name) == ("september", "sept")).map(|(n, _)| n)
}

/// A year of four digits, or of two: 2000 to 2049 and 1950 to 1999.
pub(super) fn year(text: &str) -> Option<i32> {
    let year = digits(text)?;
    match text.len() {
        4 => Some(year),
        2 if year < 50 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

/// A number of at most nine digits and nothing but digits: `str::parse` alone would take a sign.
pub(super) fn digits(text: &str) -> Option<i32> {
    let only_digits = text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    if only_digits { text.parse().ok() } else { None }
}

/// What follows the first of `beginnings` that the text has.
fn after_any<'a>(text: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    beginnings.iter().find_map(|beginning| text.strip_prefix(beginning))
}
