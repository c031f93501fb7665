//! Periods: what a figure is for, with one canonical code, one label for people and many accepted spellings.
//!
//! This file holds the type; `period/spelling.rs` reads text and `period/spreadsheet.rs` recognises what a spreadsheet
//! makes of a period.

mod error;
mod spelling;
mod spreadsheet;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, Months, NaiveDate};
use entity::PeriodKind;

pub use self::error::PeriodError;

/// The first year that a period may touch.
pub const FIRST_YEAR: i32 = 1900;
/// The last year that a period may touch.
pub const LAST_YEAR: i32 = 2199;
/// The longest follow-up of a cohort, in months: ten years.
pub const MAX_FOLLOW_UP_MONTHS: u32 = 120;

/// How long a figure is for: a kind, a first and a last day, and for a cohort the months that it is followed.
///
/// Every value has been through a constructor, so its dates fit its kind. Ordered by first day, last day, then kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
    kind: PeriodKind,
    follow_up_months: Option<u32>,
}

/// Constructors, one for each kind. All refuse dates outside the years 1900 to 2199, and an end before its start.
impl Period {
    /// 1 April of `year` to 31 March of the next: 2008 gives 2008/09.
    pub fn financial_year_starting(year: i32) -> Result<Self, PeriodError> {
        Self::months(PeriodKind::FinancialYear, year, 4, 12)
    }

    /// A quarter of the financial year that starts in `year`: (2008, 3) is October to December 2008, (2008, 4) January
    /// to March 2009.
    pub fn quarter(year: i32, quarter: u32) -> Result<Self, PeriodError> {
        match quarter {
            1..=3 => Self::months(PeriodKind::Quarter, year, 1 + 3 * quarter, 3),
            4 => Self::months(PeriodKind::Quarter, year.saturating_add(1), 1, 3),
            _ => Err(PeriodError::NoSuchQuarter { quarter }),
        }
    }

    /// Any stretch of days. One that is exactly a financial year or a quarter *is* that year or quarter, and gets its
    /// kind: otherwise figures of one period could be stored under two codes.
    pub fn range(start: NaiveDate, end: NaiveDate) -> Result<Self, PeriodError> {
        let range = Self::checked(PeriodKind::Range, start, end)?;
        let year = financial_year_of(start);
        let named = [Self::financial_year_starting(year), Self::quarter(year, quarter_of(start))];
        let same_days = |period: &Self| (period.start, period.end) == (start, end);
        Ok(named.into_iter().flatten().find(same_days).unwrap_or(range))
    }

    /// 1 April to `end`, in the financial year of `end`.
    pub fn year_to_date(end: NaiveDate) -> Result<Self, PeriodError> {
        let start = first_of(financial_year_of(end), 4)?;
        Self::checked(PeriodKind::YearToDate, start, end)
    }

    /// The twelve months that end on `end`. Those to 28 February start on 1 March, whether or not the year is a leap
    /// year.
    pub fn rolling_12_months(end: NaiveDate) -> Result<Self, PeriodError> {
        let start = end.succ_opt().and_then(a_year_before);
        let start = start.ok_or(PeriodError::YearOutOfRange { year: end.year() })?;
        Self::checked(PeriodKind::Rolling12Months, start, end)
    }

    /// People who entered from `start` to `end`, followed for some months (1 to 120) when the source says so.
    pub fn cohort(start: NaiveDate, end: NaiveDate, follow_up_months: Option<u32>) -> Result<Self, PeriodError> {
        match follow_up_months {
            Some(months) if !(1..=MAX_FOLLOW_UP_MONTHS).contains(&months) => {
                Err(PeriodError::FollowUpOutOfRange { months })
            }
            _ => Ok(Self { follow_up_months, ..Self::checked(PeriodKind::Cohort, start, end)? }),
        }
    }

    /// One day.
    pub fn as_at(date: NaiveDate) -> Result<Self, PeriodError> {
        Self::checked(PeriodKind::AsAt, date, date)
    }

    /// The fieldwork of one wave of a survey.
    pub fn survey_wave(start: NaiveDate, end: NaiveDate) -> Result<Self, PeriodError> {
        Self::checked(PeriodKind::SurveyWave, start, end)
    }

    /// 1 September of `year` to 31 August of the next.
    pub fn academic_year_starting(year: i32) -> Result<Self, PeriodError> {
        Self::months(PeriodKind::AcademicYear, year, 9, 12)
    }

    /// 1 January to 31 December of `year`.
    pub fn calendar_year(year: i32) -> Result<Self, PeriodError> {
        Self::months(PeriodKind::CalendarYear, year, 1, 12)
    }

    /// Whole months from the first of a month.
    fn months(kind: PeriodKind, year: i32, month: u32, count: u32) -> Result<Self, PeriodError> {
        let start = first_of(year, month)?;
        let end = start.checked_add_months(Months::new(count)).and_then(|next| next.pred_opt());
        Self::checked(kind, start, end.ok_or(PeriodError::YearOutOfRange { year })?)
    }

    /// The two checks that hold for every kind.
    fn checked(kind: PeriodKind, start: NaiveDate, end: NaiveDate) -> Result<Self, PeriodError> {
        let years = FIRST_YEAR..=LAST_YEAR;
        if let Some(year) = [start.year(), end.year()].into_iter().find(|year| !years.contains(year)) {
            return Err(PeriodError::YearOutOfRange { year });
        }
        if end < start {
            return Err(PeriodError::EndBeforeStart { start, end });
        }
        Ok(Self { start, end, kind, follow_up_months: None })
    }
}

/// What a period is, and its neighbours.
impl Period {
    /// The kind of period.
    pub fn kind(&self) -> PeriodKind {
        self.kind
    }

    /// The first day.
    pub fn start(&self) -> NaiveDate {
        self.start
    }

    /// The last day, which belongs to the period.
    pub fn end(&self) -> NaiveDate {
        self.end
    }

    /// For a cohort, the months that its people are followed after they enter.
    pub fn follow_up_months(&self) -> Option<u32> {
        self.follow_up_months
    }

    /// Whether `date` lies in the period.
    pub fn contains(&self, date: NaiveDate) -> bool {
        (self.start..=self.end).contains(&date)
    }

    /// The length in days, the first and the last included.
    pub fn days(&self) -> i64 {
        self.end.signed_duration_since(self.start).num_days() + 1
    }

    /// The financial year that holds all of the period; `None` when the period crosses 1 April.
    pub fn financial_year(&self) -> Option<Self> {
        let year = financial_year_of(self.start);
        if financial_year_of(self.end) == year { Self::financial_year_starting(year).ok() } else { None }
    }

    /// The period of the same kind and length that ends the day before this one starts: for a quarter the quarter
    /// before, for a range or cohort of whole months as many whole months.
    ///
    /// `None` for a year to date, a day and a survey wave, which no other of their kind adjoins, and before 1900. (A
    /// range may be preceded by exactly a quarter; it is then that quarter.)
    pub fn previous(&self) -> Option<Self> {
        let end = self.start.pred_opt()?;
        match self.kind {
            PeriodKind::FinancialYear | PeriodKind::AcademicYear | PeriodKind::CalendarYear => self.year_before(),
            PeriodKind::Quarter => Self::quarter(financial_year_of(end), quarter_of(end)).ok(),
            PeriodKind::Rolling12Months => Self::rolling_12_months(end).ok(),
            PeriodKind::Range => Self::range(self.start_before()?, end).ok(),
            PeriodKind::Cohort => Self::cohort(self.start_before()?, end, self.follow_up_months).ok(),
            PeriodKind::YearToDate | PeriodKind::AsAt | PeriodKind::SurveyWave => None,
        }
    }

    /// The same period one year earlier: for `2008/09 Q3`, `2007/08 Q3`. The end of February stays the end of February.
    ///
    /// `None` for a survey wave, whose fieldwork keeps no calendar, and before 1900.
    pub fn year_before(&self) -> Option<Self> {
        let start = self.start.checked_sub_months(Months::new(12))?;
        // From the day after, so that a last of February becomes the last of February, 28th or 29th.
        let end = a_year_before(self.end.succ_opt()?)?.pred_opt()?;
        match self.kind {
            PeriodKind::FinancialYear => Self::financial_year_starting(start.year()),
            PeriodKind::AcademicYear => Self::academic_year_starting(start.year()),
            PeriodKind::CalendarYear => Self::calendar_year(start.year()),
            PeriodKind::Quarter => Self::quarter(financial_year_of(start), quarter_of(start)),
            PeriodKind::Range => Self::range(start, end),
            PeriodKind::YearToDate => Self::year_to_date(end),
            PeriodKind::Rolling12Months => Self::rolling_12_months(end),
            PeriodKind::Cohort => Self::cohort(start, end, self.follow_up_months),
            PeriodKind::AsAt => Self::as_at(end),
            PeriodKind::SurveyWave => return None,
        }
        .ok()
    }

    /// The first day of a stretch as long as this one that ends the day before it starts.
    fn start_before(&self) -> Option<NaiveDate> {
        let next = self.end.succ_opt()?;
        if self.start.day() == 1 && next.day() == 1 {
            let months = (next.year() - self.start.year()) * 12 + next.month0().cast_signed()
                - self.start.month0().cast_signed();
            self.start.checked_sub_months(Months::new(months.unsigned_abs()))
        } else {
            self.start.checked_sub_days(Days::new(self.days().unsigned_abs()))
        }
    }
}

/// Text.
impl Period {
    /// Reads a canonical code (in any case), a label, or a spelling found in plans: `07/08`, `2007/8`, `Q3 2008/09`,
    /// `Apr08 to Jan09`, `as at Dec 08`, `rolling 12 months to Jan09`, `FYTD (to Jan09)`, `Jan-Mar 08 cohort after 6
    /// months`.
    ///
    /// - `2008-09` is the financial year 2008/09, not September 2008, though ISO 8601 would read it so.
    /// - Months stand for all their days: `April 2008 to June 2008` is Q1 of 2008/09, `as at Dec 08` is 31 December
    ///   2008.
    /// - Years of two digits are 2000 to 2049 and 1950 to 1999.
    ///
    /// # Errors
    /// [`PeriodError`] says what was expected. A lone date or month is [`PeriodError::SpreadsheetDate`]: it is far
    /// more often a year that a spreadsheet has changed than a period.
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        spelling::read(text)
    }

    /// The canonical code, unique to the period, of letters, digits, hyphens and full stops only, so that it needs no
    /// escaping in a URL (RFC 3986 section 2.3). [`parse`](Self::parse) reads it back.
    pub fn code(&self) -> String {
        self.to_string()
    }

    /// The period as people read it: `2008/09 Q3`, `12 months to 31 January 2009`. [`parse`](Self::parse) reads it
    /// back.
    pub fn label(&self) -> String {
        let (start, end) = (in_words(self.start), in_words(self.end));
        let year = year_pair(financial_year_of(self.start), '/');
        match self.kind {
            PeriodKind::FinancialYear => year,
            PeriodKind::Quarter => format!("{year} Q{}", quarter_of(self.start)),
            PeriodKind::Range => format!("{start} to {end}"),
            PeriodKind::YearToDate => format!("{year} to {end}"),
            PeriodKind::Rolling12Months => format!("12 months to {end}"),
            PeriodKind::Cohort => match self.follow_up_months {
                None => format!("{start} to {end} cohort"),
                Some(1) => format!("{start} to {end} cohort after 1 month"),
                Some(months) => format!("{start} to {end} cohort after {months} months"),
            },
            PeriodKind::AsAt => format!("as at {end}"),
            PeriodKind::SurveyWave => format!("survey wave {start} to {end}"),
            PeriodKind::AcademicYear => format!("academic year {}", year_pair(self.start.year(), '/')),
            PeriodKind::CalendarYear => format!("calendar year {}", self.start.year()),
        }
    }
}

/// The canonical code.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end, kind, follow_up_months } = self;
        let year = year_pair(financial_year_of(*start), '-');
        match kind {
            PeriodKind::FinancialYear => write!(f, "FY{year}"),
            PeriodKind::Quarter => write!(f, "FY{year}-Q{}", quarter_of(*start)),
            PeriodKind::Range => write!(f, "{start}..{end}"),
            PeriodKind::YearToDate => write!(f, "FY{year}-YTD-{end}"),
            PeriodKind::Rolling12Months => write!(f, "R12M-{end}"),
            PeriodKind::Cohort => match follow_up_months {
                None => write!(f, "COHORT-{start}..{end}"),
                Some(months) => write!(f, "COHORT-{start}..{end}-F{months}M"),
            },
            PeriodKind::AsAt => write!(f, "AS-AT-{end}"),
            PeriodKind::SurveyWave => write!(f, "WAVE-{start}..{end}"),
            PeriodKind::AcademicYear => write!(f, "AY{}", year_pair(start.year(), '-')),
            PeriodKind::CalendarYear => write!(f, "CY{}", start.year()),
        }
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        Self::parse(text)
    }
}

/// The calendar year in which the financial year of `date` starts.
fn financial_year_of(date: NaiveDate) -> i32 {
    if date.month() >= 4 { date.year() } else { date.year() - 1 }
}

/// The quarter of its financial year that `date` lies in, 1 to 4.
fn quarter_of(date: NaiveDate) -> u32 {
    (date.month0() + 9) % 12 / 3 + 1
}

/// The first day of a month.
fn first_of(year: i32, month: u32) -> Result<NaiveDate, PeriodError> {
    NaiveDate::from_ymd_opt(year, month, 1).ok_or(PeriodError::YearOutOfRange { year })
}

/// The same day a year before; in place of a 29 February that the year lacks, 1 March.
fn a_year_before(date: NaiveDate) -> Option<NaiveDate> {
    let year = date.year() - 1;
    date.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

/// `2008/09`.
fn year_pair(year: i32, separator: char) -> String {
    format!("{year:04}{separator}{:02}", (year + 1) % 100)
}

/// `31 January 2009`.
fn in_words(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}
