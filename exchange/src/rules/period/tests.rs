#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

#[rstest]
#[case("FY2008-09", "2008/09", "2008-04-01", "2009-03-31", PeriodKind::FinancialYear)]
#[case("FY1999-00", "1999/00", "1999-04-01", "2000-03-31", PeriodKind::FinancialYear)]
#[case("FY2008-09-Q1", "2008/09 Q1", "2008-04-01", "2008-06-30", PeriodKind::Quarter)]
#[case("FY2008-09-Q3", "2008/09 Q3", "2008-10-01", "2008-12-31", PeriodKind::Quarter)]
#[case("FY2008-09-Q4", "2008/09 Q4", "2009-01-01", "2009-03-31", PeriodKind::Quarter)]
#[case("2008-04-01..2009-01-31", "1 April 2008 to 31 January 2009", "2008-04-01", "2009-01-31", PeriodKind::Range)]
#[case("FY2008-09-YTD-2009-01-31", "2008/09 to 31 January 2009", "2008-04-01", "2009-01-31", PeriodKind::YearToDate)]
#[case("R12M-2009-01-31", "12 months to 31 January 2009", "2008-02-01", "2009-01-31", PeriodKind::Rolling12Months)]
#[case("R12M-2008-02-28", "12 months to 28 February 2008", "2007-03-01", "2008-02-28", PeriodKind::Rolling12Months)]
#[case("R12M-2009-02-28", "12 months to 28 February 2009", "2008-03-01", "2009-02-28", PeriodKind::Rolling12Months)]
#[case(
    "COHORT-2008-01-01..2008-03-31-F6M",
    "1 January 2008 to 31 March 2008 cohort after 6 months",
    "2008-01-01",
    "2008-03-31",
    PeriodKind::Cohort
)]
#[case(
    "COHORT-2008-01-01..2008-03-31",
    "1 January 2008 to 31 March 2008 cohort",
    "2008-01-01",
    "2008-03-31",
    PeriodKind::Cohort
)]
#[case("AS-AT-2009-02-28", "as at 28 February 2009", "2009-02-28", "2009-02-28", PeriodKind::AsAt)]
#[case(
    "WAVE-2008-09-29..2008-12-19",
    "survey wave 29 September 2008 to 19 December 2008",
    "2008-09-29",
    "2008-12-19",
    PeriodKind::SurveyWave
)]
#[case("AY2008-09", "academic year 2008/09", "2008-09-01", "2009-08-31", PeriodKind::AcademicYear)]
#[case("CY2008", "calendar year 2008", "2008-01-01", "2008-12-31", PeriodKind::CalendarYear)]
fn a_period_has_one_code_and_one_label(
    #[case] code: &str,
    #[case] label: &str,
    #[case] start: &str,
    #[case] end: &str,
    #[case] kind: PeriodKind,
) {
    for spelling in [code, label, &code.to_lowercase(), &label.to_uppercase()] {
        let period = period(spelling);
        assert_eq!((period.code().as_str(), period.label().as_str()), (code, label));
        assert_eq!((period.start(), period.end(), period.kind()), (day(start), day(end), kind));
    }
}

#[rstest]
#[case("07/08", "FY2007-08")]
#[case("07-08", "FY2007-08")]
#[case("2007/8", "FY2007-08")]
#[case("2008-09", "FY2008-09")]
#[case("2008–09", "FY2008-09")]
#[case(" 2007/2008\n", "FY2007-08")]
#[case("2007 / 08", "FY2007-08")]
#[case("99/00", "FY1999-00")]
#[case("49/50", "FY2049-50")]
#[case("50/51", "FY1950-51")]
#[case("FY08/09", "FY2008-09")]
#[case("fy 2008/09", "FY2008-09")]
#[case("Financial year 2008/09", "FY2008-09")]
#[case("Q3 2008/09", "FY2008-09-Q3")]
#[case("Q3, 2008/09", "FY2008-09-Q3")]
#[case("2008-09 Q3", "FY2008-09-Q3")]
#[case("2008/09\u{a0}Q3", "FY2008-09-Q3")]
#[case("2008-09-q3", "FY2008-09-Q3")]
#[case("07/08 Q1", "FY2007-08-Q1")]
#[case("Apr08 to Jan09", "2008-04-01..2009-01-31")]
#[case("Apr 08 to Jan 09", "2008-04-01..2009-01-31")]
#[case("Apr-08 – Jan-09", "2008-04-01..2009-01-31")]
#[case("April 2008 to January 2009", "2008-04-01..2009-01-31")]
#[case("Apr to Jan 09", "2008-04-01..2009-01-31")]
#[case("Nov 07 to Oct 08", "2007-11-01..2008-10-31")]
#[case("1st April to 3rd Sept 2008", "2008-04-01..2008-09-03")]
#[case("2008-04-01 - 2009-01-31", "2008-04-01..2009-01-31")]
#[case("Jan 08 to Feb 08", "2008-01-01..2008-02-29")]
#[case("April 2008 to June 2008", "FY2008-09-Q1")]
#[case("Jan-Mar 09", "FY2008-09-Q4")]
#[case("Apr 08 to Mar 09", "FY2008-09")]
#[case("2008-04-01..2009-03-31", "FY2008-09")]
#[case("as at Dec 08", "AS-AT-2008-12-31")]
#[case("As at Feb 09", "AS-AT-2009-02-28")]
#[case("as at Feb-08", "AS-AT-2008-02-29")]
#[case("as at 31st March 2009", "AS-AT-2009-03-31")]
#[case("rolling 12 months to Jan09", "R12M-2009-01-31")]
#[case("Rolling 12 months (to Jan 09)", "R12M-2009-01-31")]
#[case("FYTD (to Jan09)", "FY2008-09-YTD-2009-01-31")]
#[case("FYTD to Mar 09", "FY2008-09-YTD-2009-03-31")]
#[case("08/09 to Jan 09", "FY2008-09-YTD-2009-01-31")]
#[case("Jan-Mar 08 cohort after 6 months", "COHORT-2008-01-01..2008-03-31-F6M")]
#[case("Jan 08 – Mar 08 cohort", "COHORT-2008-01-01..2008-03-31")]
fn what_plans_print_is_understood(#[case] given: &str, #[case] code: &str) {
    assert_eq!(period(given).code(), code);
}

#[rstest]
#[case("Sep-08", "FY2008-09")]
#[case("Sep 2008", "FY2008-09")]
#[case("08-Sep", "FY2008-09")]
#[case("8-Sep", "FY2008-09")]
#[case("09-Aug", "FY2008-09")]
#[case("08-Sep-24", "FY2008-09")]
#[case("01-Sep-08", "FY2008-09")]
#[case("01/09/2008", "FY2008-09")]
#[case("9/1/2008", "FY2008-09")]
#[case("08/09/2024", "FY2008-09")]
#[case("08/09/2024 00:00", "FY2008-09")]
#[case("2008-09-01 00:00:00", "FY2008-09")]
#[case("2008-09-01T00:00:00.000Z", "FY2008-09")]
#[case("2008-09-01", "FY2008-09")]
#[case("2024-09-08", "FY2008-09")]
#[case("39692", "FY2008-09")]
#[case("39692.0", "FY2008-09")]
#[case("Aug-07", "FY2007-08")]
fn a_year_that_a_spreadsheet_turned_into_a_date_is_named_and_guessed(#[case] given: &str, #[case] meant: &str) {
    let error = Period::parse(given).unwrap_err();
    assert_eq!(error, PeriodError::SpreadsheetDate { given: given.to_owned(), probably: Some(period(meant)) });
    let message = error.to_string();
    assert!(message.contains("spreadsheet") && message.contains(&format!("expected `{meant}`")), "{message}");
}

#[rstest]
fn a_date_that_no_year_turns_into_is_not_guessed(
    #[values("Dec 08", "September 2009", "31/12/2008", "31 March 2009", "39813")] given: &str,
) {
    let error = Period::parse(given).unwrap_err();
    assert_eq!(error, PeriodError::SpreadsheetDate { given: given.to_owned(), probably: None });
    assert!(error.to_string().contains("`AS-AT-2008-12-31` for a day"), "{error}");
}

#[rstest]
fn years_that_do_not_follow_one_another_are_refused(
    #[values("2008-10", "2008/08", "09/08", "2007/2009", "FY2008-10", "AY2008-10", "2008/10 Q3", "2008/7")] given: &str,
) {
    let given = given.to_owned();
    assert_eq!(Period::parse(&given), Err(PeriodError::YearsNotConsecutive { given }));
}

#[rstest]
fn a_single_year_could_mean_two_things(#[values("2008", "FY2008", "Q3 2008", "AY2008", "2008 to Jan 09")] given: &str) {
    let given = given.to_owned();
    assert_eq!(Period::parse(&given), Err(PeriodError::NotAFinancialYear { given }));
}

#[rstest]
#[case("2008/09 Q5", PeriodError::NoSuchQuarter { quarter: 5 })]
#[case("1800/01", PeriodError::YearOutOfRange { year: 1800 })]
#[case("2199/00", PeriodError::YearOutOfRange { year: 2200 })]
#[case("R12M-1900-06-30", PeriodError::YearOutOfRange { year: 1899 })]
#[case("CY2200", PeriodError::YearOutOfRange { year: 2200 })]
#[case("as at 31 June 2008", PeriodError::NoSuchDay { given: "as at 31 June 2008".to_owned() })]
#[case("2008-02-30..2008-03-31", PeriodError::NoSuchDay { given: "2008-02-30..2008-03-31".to_owned() })]
#[case("FY2008-09-YTD-2009-04-01", PeriodError::OutsideFinancialYear { year: 2008, end: day("2009-04-01") })]
#[case("COHORT-2008-01-01..2008-03-31-F0M", PeriodError::FollowUpOutOfRange { months: 0 })]
#[case("Jan 09 to Apr 08", PeriodError::EndBeforeStart { start: day("2009-01-01"), end: day("2008-04-30") })]
fn a_period_that_cannot_be_is_refused_with_its_reason(#[case] given: &str, #[case] error: PeriodError) {
    assert!(error.to_string().contains("expected"), "{error}");
    assert_eq!(Period::parse(given), Err(error));
}

#[rstest]
fn anything_else_is_unknown(
    #[values(
        "",
        "last year",
        "Q3",
        "7/8",
        "07/8",
        "200809",
        "+008/09",
        "April",
        "FYTD",
        "2008/09/10",
        "1-3 April 2008"
    )]
    given: &str,
) {
    assert_eq!(Period::parse(given), Err(PeriodError::Unknown { given: given.to_owned() }));
}

#[test]
fn a_very_long_text_is_refused_and_quoted_in_part() {
    let message = Period::parse(&"2008/09 é".repeat(10_000)).unwrap_err().to_string();
    assert!(message.contains('…') && message.len() < 500, "{message}");
}

#[rstest]
#[case("2008/09", Some("FY2007-08"), Some("FY2007-08"))]
#[case("2008/09 Q1", Some("FY2007-08-Q4"), Some("FY2007-08-Q1"))]
#[case("2008/09 Q4", Some("FY2008-09-Q3"), Some("FY2007-08-Q4"))]
#[case("Apr 08 to Jan 09", Some("2007-06-01..2008-03-31"), Some("2007-04-01..2008-01-31"))]
#[case("2 April 2008 to 8 April 2008", Some("2008-03-26..2008-04-01"), Some("2007-04-02..2007-04-08"))]
#[case("Jan 09 to Feb 09", Some("2008-11-01..2008-12-31"), Some("2008-01-01..2008-02-29"))]
#[case("29 Feb 08 to 3 Mar 08", Some("2008-02-25..2008-02-28"), Some("2007-02-28..2007-03-03"))]
#[case("FYTD to Feb 08", None, Some("FY2006-07-YTD-2007-02-28"))]
#[case("12 months to Feb 09", Some("R12M-2008-02-29"), Some("R12M-2008-02-29"))]
#[case("R12M-2008-02-28", Some("R12M-2007-02-28"), Some("R12M-2007-02-28"))]
#[case(
    "Jan-Mar 08 cohort after 6 months",
    Some("COHORT-2007-10-01..2007-12-31-F6M"),
    Some("COHORT-2007-01-01..2007-03-31-F6M")
)]
#[case("as at Feb 09", None, Some("AS-AT-2008-02-29"))]
#[case("as at 28 Feb 2008", None, Some("AS-AT-2007-02-28"))]
#[case("WAVE-2008-09-29..2008-12-19", None, None)]
#[case("AY2008-09", Some("AY2007-08"), Some("AY2007-08"))]
#[case("CY2008", Some("CY2007"), Some("CY2007"))]
#[case("CY1900", None, None)]
fn the_period_before_and_the_same_period_a_year_before(
    #[case] given: &str,
    #[case] previous: Option<&str>,
    #[case] year_before: Option<&str>,
) {
    let code = |period: Option<Period>| period.map(|period| period.code());
    assert_eq!(code(period(given).previous()).as_deref(), previous);
    assert_eq!(code(period(given).year_before()).as_deref(), year_before);
}

#[rstest]
#[case("2008/09 Q4", Some("FY2008-09"))]
#[case("2008/09", Some("FY2008-09"))]
#[case("as at Mar 09", Some("FY2008-09"))]
#[case("as at 1 April 2009", Some("FY2009-10"))]
#[case("12 months to Jan 09", None)]
#[case("12 months to Mar 09", Some("FY2008-09"))]
#[case("CY2008", None)]
fn a_period_lies_in_a_financial_year_unless_it_crosses_1_april(#[case] given: &str, #[case] year: Option<&str>) {
    assert_eq!(period(given).financial_year().map(|year| year.code()).as_deref(), year);
}

#[test]
fn a_period_holds_its_first_and_its_last_day() {
    let year = period("2007/08");
    assert_eq!((year.days(), period("2008/09").days(), period("as at Feb 09").days()), (366, 365, 1));
    let held = ["2007-03-31", "2007-04-01", "2008-03-31", "2008-04-01"].map(|date| year.contains(day(date)));
    assert_eq!(held, [false, true, true, false]);
}

#[test]
fn no_year_number_makes_a_constructor_fail_other_than_with_an_error() {
    for year in [i32::MIN, -1, 0, 1899, 2200, 262_142, i32::MAX] {
        assert!(Period::financial_year_starting(year).is_err() && Period::academic_year_starting(year).is_err());
        assert!(Period::calendar_year(year).is_err() && Period::quarter(year, 3).is_err());
        assert!(Period::quarter(year, u32::MAX).is_err());
    }
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        assert!(Period::as_at(date).is_err() && Period::year_to_date(date).is_err());
        assert!(Period::rolling_12_months(date).is_err() && Period::range(date, date).is_err());
    }
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(FIRST_YEAR + 1, 1, 1).unwrap();
    (0_u64..108_000).prop_map(move |days| first.checked_add_days(Days::new(days)).unwrap())
}

/// Two days in order, as often as not the first and the last of months.
fn any_stretch() -> impl Strategy<Value = (NaiveDate, NaiveDate)> {
    let days =
        (any_day(), 0_u64..800).prop_map(|(start, days)| (start, start.checked_add_days(Days::new(days)).unwrap()));
    let months = (any_day(), 1_u32..30).prop_map(|(date, months)| {
        let start = date.with_day(1).unwrap();
        (start, start.checked_add_months(Months::new(months)).unwrap().pred_opt().unwrap())
    });
    prop_oneof![days, months]
}

fn any_period() -> impl Strategy<Value = Period> {
    let years = FIRST_YEAR..LAST_YEAR;
    let kinds = prop::sample::select(PeriodKind::ALL);
    (kinds, years, 1_u32..=4, any_stretch(), proptest::option::of(1..=MAX_FOLLOW_UP_MONTHS)).prop_map(
        |(kind, year, quarter, (start, end), follow_up)| {
            match kind {
                PeriodKind::FinancialYear => Period::financial_year_starting(year),
                PeriodKind::Quarter => Period::quarter(year, quarter),
                PeriodKind::Range => Period::range(start, end),
                PeriodKind::YearToDate => Period::year_to_date(end),
                PeriodKind::Rolling12Months => Period::rolling_12_months(end),
                PeriodKind::Cohort => Period::cohort(start, end, follow_up),
                PeriodKind::AsAt => Period::as_at(end),
                PeriodKind::SurveyWave => Period::survey_wave(start, end),
                PeriodKind::AcademicYear => Period::academic_year_starting(year),
                PeriodKind::CalendarYear => Period::calendar_year(year),
            }
            .unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn codes_and_labels_read_back(period in any_period()) {
        prop_assert_eq!(Period::parse(&period.code()), Ok(period));
        prop_assert_eq!(Period::parse(&period.label()), Ok(period));
    }

    #[test]
    fn a_code_needs_no_escaping_in_a_url(period in any_period()) {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        prop_assert!(period.code().chars().all(unreserved), "{}", period);
    }

    #[test]
    fn different_periods_have_different_codes_and_labels(a in any_period(), b in any_period()) {
        prop_assert_eq!(a == b, a.code() == b.code());
        prop_assert_eq!(a == b, a.label() == b.label());
    }

    #[test]
    fn one_stretch_of_days_has_one_code_of_each_kind((start, end) in any_stretch()) {
        let made = [Period::range(start, end), Period::survey_wave(start, end), Period::cohort(start, end, None)];
        let codes: std::collections::BTreeSet<_> = made.into_iter().map(|period| period.unwrap().code()).collect();
        prop_assert_eq!(codes.len(), 3);
    }

    #[test]
    fn the_previous_period_ends_the_day_before(period in any_period()) {
        if let Some(previous) = period.previous() {
            prop_assert_eq!(previous.end().succ_opt(), Some(period.start()));
            prop_assert!(previous.kind() == period.kind() || period.kind() == PeriodKind::Range);
        }
        if let Some(before) = period.year_before() {
            prop_assert_eq!((before.kind(), before.follow_up_months()), (period.kind(), period.follow_up_months()));
            prop_assert!((364..=367).contains(&(period.end() - before.end()).num_days()), "{} {}", period, before);
        }
    }

    #[test]
    fn no_text_makes_reading_fail_other_than_with_an_error(
        text in any::<String>(), printed in "\\PC*", like in "[0-9a-z/. –()-]{0,30}",
        near in "(FY|AY|as at |Q3 |12 months to |COHORT-)?[0-9]{1,5}[-/ .][0-9a-zA-Z]{1,4}([-/ .]{1,2}[0-9]{1,5}){0,4}",
    ) {
        for given in [text, printed, like, near] {
            if let Ok(period) = Period::parse(&given).map_err(|error| error.to_string()) {
                prop_assert_eq!(Period::parse(&period.code()), Ok(period));
            }
        }
    }
}
