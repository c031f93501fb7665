//! A clock that tests set: a file that holds one instant, which servers read at every look at the clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use uuid::Uuid;

use crate::run_directory::RunDirectory;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A clock that stands still until a test moves it. Copies are the same clock; give it to as many servers as needed.
#[derive(Clone, Debug)]
pub struct TestClock {
    hand: Arc<Hand>,
}

#[derive(Debug)]
struct Hand {
    file: PathBuf,
    /// Microseconds since 1970-01-01T00:00:00Z.
    micros: Mutex<i64>,
}

impl TestClock {
    /// A clock that shows `instant`: RFC 3339 in UTC, with up to six decimals of a second (`2009-06-01T09:00:00Z`).
    #[track_caller]
    pub fn at(instant: &str) -> Self {
        let micros = parse(instant);
        let file = RunDirectory::of_this_run().path().join(format!("clock-{}", Uuid::new_v4().simple()));
        let clock = Self { hand: Arc::new(Hand { file, micros: Mutex::new(micros) }) };
        clock.change(|_| micros);
        clock
    }

    /// Shows `instant` from now on, be it later or earlier.
    #[track_caller]
    pub fn set(&self, instant: &str) {
        let micros = parse(instant);
        self.change(|_| micros);
    }

    /// Moves forward by `duration`, of which whole microseconds count.
    pub fn advance(&self, duration: Duration) {
        let more = i64::try_from(duration.as_micros()).expect("not that long");
        self.change(|micros| micros + more);
    }

    /// What it shows, as servers read it: `2009-06-01T09:00:00.000000Z`.
    pub fn now(&self) -> String {
        print(*self.hand.micros.lock().unwrap())
    }

    /// The file for `--test-clock`.
    pub fn file(&self) -> &Path {
        &self.hand.file
    }

    /// Writes whole or not at all, so that no server ever reads half an instant.
    fn change(&self, to: impl FnOnce(i64) -> i64) {
        let mut micros = self.hand.micros.lock().unwrap();
        let next = to(*micros);
        let beside = self.hand.file.with_extension("next");
        fs::write(&beside, print(next)).expect("cannot write the test clock");
        fs::rename(&beside, &self.hand.file).expect("cannot set the test clock");
        *micros = next;
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

#[track_caller]
fn parse(instant: &str) -> i64 {
    match try_parse(instant) {
        Some(micros) if print(micros).starts_with(instant.trim_end_matches('Z')) => micros,
        _ => panic!("{instant:?} is not an instant like 2009-06-01T09:00:00Z or 2009-06-01T09:00:00.000001Z"),
    }
}

fn try_parse(instant: &str) -> Option<i64> {
    let (date, time) = instant.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let date: Vec<i64> = date.splitn(3, '-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let time: Vec<i64> = time.splitn(3, ':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (&[year, month, day], &[hour, minute, second]) = (&date[..], &time[..]) else {
        return None;
    };
    let micros: i64 = format!("{fraction:0<6}").parse().ok()?;
    let seconds = days_since_1970(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    Some(seconds * MICROS_PER_SECOND + micros)
}

fn print(micros: i64) -> String {
    let (seconds, micros) = (micros.div_euclid(MICROS_PER_SECOND), micros.rem_euclid(MICROS_PER_SECOND));
    let (days, second) = (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
    let (year, month, day) = civil_date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Days from 1970-01-01 in the Gregorian calendar, counted in years that begin on 1 March, so that 29 February is a
/// last day (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_since_1970`] (`civil_from_days`): year, month, day.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_printed_with_microseconds() {
        for (instant, micros, printed) in [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000000Z"),
            ("2009-06-01T09:00:00Z", 1_243_846_800_000_000, "2009-06-01T09:00:00.000000Z"),
            ("2008-02-29T23:59:59.5Z", 1_204_329_599_500_000, "2008-02-29T23:59:59.500000Z"),
            ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!((parse(instant), print(micros).as_str()), (micros, printed));
        }
    }

    #[test]
    fn every_day_of_two_centuries_is_found_again() {
        let (mut expected, last) = (days_since_1970(1900, 1, 1), days_since_1970(2100, 12, 31));
        assert_eq!((expected, last), (-25_567, 47_846));
        while expected <= last {
            let (year, month, day) = civil_date(expected);
            assert!((1..=12).contains(&month) && (1..=31).contains(&day));
            assert_eq!(days_since_1970(year, month, day), expected);
            expected += 1;
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for wrong in ["2009-02-29T00:00:00Z", "2009-06-01", "2009-06-01T24:00:00Z", "2009-06-01T09:00:00+01:00", ""] {
            assert!(std::panic::catch_unwind(|| parse(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_file_shows_what_the_clock_shows() {
        let clock = TestClock::at("2009-03-31T22:59:59Z");
        clock.clone().advance(Duration::from_millis(1500));
        assert_eq!(clock.now(), "2009-03-31T23:00:00.500000Z");
        assert_eq!(fs::read_to_string(clock.file()).unwrap(), clock.now());
        clock.set("2009-01-01T00:00:00Z");
        assert_eq!(fs::read_to_string(clock.file()).unwrap(), "2009-01-01T00:00:00.000000Z");
    }
}
