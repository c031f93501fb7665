//! Why a period cannot be, in words that say what was expected.

use chrono::NaiveDate;

use super::{FIRST_YEAR, LAST_YEAR, MAX_FOLLOW_UP_MONTHS, Period, year_pair};

/// Why a text or a pair of dates is not a period. A text is carried as given, cut short when it is long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The text is spelt in no known way.
    #[error(
        "`{given}` is not a period: expected a financial year (`2008/09`), a quarter (`2008/09 Q3`), \
         months (`April 2008 to January 2009`), `12 months to 31 January 2009`, `as at 31 December 2008`, \
         or a code such as `FY2008-09`"
    )]
    Unknown {
        /// The text as given.
        given: String,
    },
    /// The text is a date, as a spreadsheet makes of a year such as `2008/09`.
    #[error(
        "`{given}` is a date, which is what a spreadsheet makes of a year such as `2008/09`; {}",
        advice(*.probably)
    )]
    SpreadsheetDate {
        /// The text as given.
        given: String,
        /// The period that was probably typed, when one can be told.
        probably: Option<Period>,
    },
    /// Two years are given that do not follow one another.
    #[error(
        "the years in `{given}` do not follow one another: expected two consecutive years, as in `2008/09`; \
         `2008-09` is always the year 2008/09, never a month"
    )]
    YearsNotConsecutive {
        /// The text as given.
        given: String,
    },
    /// One year is given where two are needed to tell which is meant.
    #[error(
        "`{given}` names a single year: expected two consecutive years for a financial year (`2008/09`), \
         or `CY2008` for the calendar year"
    )]
    NotAFinancialYear {
        /// The text as given.
        given: String,
    },
    /// A quarter other than 1 to 4.
    #[error("there is no quarter {quarter}: expected Q1 (April to June) to Q4 (January to March)")]
    NoSuchQuarter {
        /// The quarter as given.
        quarter: u32,
    },
    /// A day that its month does not have.
    #[error("`{given}` names a day that is not in the calendar: expected one such as 30 June 2008")]
    NoSuchDay {
        /// The text as given.
        given: String,
    },
    /// A year outside [`FIRST_YEAR`] to [`LAST_YEAR`].
    #[error(
        "the year {year} is out of range: expected all of a period to lie in the years {FIRST_YEAR} to {LAST_YEAR}"
    )]
    YearOutOfRange {
        /// The first year that is out of range.
        year: i32,
    },
    /// The last day lies before the first.
    #[error("the period ends on {end}, before it starts on {start}: expected the earlier date first")]
    EndBeforeStart {
        /// The first day as given.
        start: NaiveDate,
        /// The last day as given.
        end: NaiveDate,
    },
    /// A year to date that ends in another financial year.
    #[error("{end} is not in the financial year {}: expected a day of that year", year_pair(*.year, '/'))]
    OutsideFinancialYear {
        /// The calendar year in which the financial year starts.
        year: i32,
        /// The last day as given.
        end: NaiveDate,
    },
    /// A cohort's follow-up is zero or above [`MAX_FOLLOW_UP_MONTHS`].
    #[error("a follow-up of {months} months is out of range: expected 1 to {MAX_FOLLOW_UP_MONTHS}")]
    FollowUpOutOfRange {
        /// The months as given.
        months: u32,
    },
}

/// What to write instead of a date. Codes are advised because spreadsheets leave them alone.
fn advice(probably: Option<Period>) -> String {
    match probably {
        Some(period) => {
            format!("{} was probably meant: expected `{period}`, which spreadsheets leave alone", period.label())
        }
        None => {
            "expected a code, which spreadsheets leave alone: `FY2008-09` for a year, `AS-AT-2008-12-31` for a day, \
                 `2008-09-01..2008-09-30` for a month"
                .to_owned()
        }
    }
}
