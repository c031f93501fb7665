//! The figures of the fictional region: how each indicator's are invented, and the lines that report them.
//!
//! Drawn by splitmix64 from the codes of partnership, indicator and period, in integer arithmetic, so that they are the
//! same at every start and on every machine.

use std::ops::Range;

use exchange::{
    rules::decimal::Figure,
    vocabulary::{Basis, MissingReason, ObsStatus},
};
use serde_json::{Value, json};

use super::{BASELINE_YEAR, NOTE, Place, YEARS};
use crate::chance::draw;

/// Stands where others write a quarter, for a whole year.
pub(super) const WHOLE_YEAR: i64 = 0;
/// Who still waits for what, in the last year.
const AWAITED: (&str, &str) = ("fictional-duskwater", "NI 16");
/// Who replaces what by a survey of its own.
const OWN_SURVEY: (&str, &str) = ("fictional-lanternby", "NI 21");

/// What an indicator's numerator is counted out of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    /// Everybody.
    Population,
    /// Cases, so many per million people a year.
    Cases(i64),
    /// Those who answer a yearly survey.
    Respondents,
}

/// How the figures of one indicator are invented. A value is `per × numerator / denominator − less`.
#[derive(Clone, Copy)]
pub(super) struct Measure {
    pub(super) code: &'static str,
    whole: Whole,
    /// The usual numerator, per million of the denominator.
    usual: i64,
    per: i64,
    less: i64,
    decimals: u8,
    higher_is_better: bool,
    /// The first year that has a figure.
    first_year: i32,
}

/// Offences per 1,000 population; `usual` is per million.
const fn offences(code: &'static str, usual: i64) -> Measure {
    Measure {
        code,
        whole: Whole::Population,
        usual,
        per: 1_000,
        less: 0,
        decimals: 2,
        higher_is_better: false,
        first_year: BASELINE_YEAR,
    }
}

/// A percentage of cases.
const fn percentage(code: &'static str, whole: Whole, usual: i64) -> Measure {
    Measure { whole, per: 100, decimals: 1, ..offences(code, usual) }
}

/// Events per case, as a plain quotient.
const fn quotient(code: &'static str, cases: i64, usual: i64) -> Measure {
    Measure { whole: Whole::Cases(cases), per: 1, ..offences(code, usual) }
}

/// A yearly survey in which agreement is good.
const fn agreement(code: &'static str, usual: i64) -> Measure {
    Measure { higher_is_better: true, ..percentage(code, Whole::Respondents, usual) }
}

/// The national indicators of public service agreement 23. Those that the sources leave without a unit (NI 18, NI 26)
/// are invented as a quotient and a percentage.
pub(super) const MEASURES: [Measure; 13] = [
    // The counting rules changed on 1 April 2008.
    Measure { first_year: 2008, ..offences("NI 15", 1_200) },
    offences("NI 16", 15_000),
    percentage("NI 17", Whole::Respondents, 240_000),
    quotient("NI 18", 1_600, 960_000),
    quotient("NI 19", 1_200, 1_050_000),
    agreement("NI 21", 270_000),
    Measure { higher_is_better: true, first_year: 2009, ..percentage("NI 26", Whole::Cases(700), 600_000) },
    agreement("NI 27", 250_000),
    offences("NI 28", 800),
    offences("NI 29", 200),
    // The change in a cohort's convictions.
    Measure { less: 100, ..percentage("NI 30", Whole::Cases(1_000), 840_000) },
    Measure { first_year: 2009, ..percentage("NI 32", Whole::Cases(1_000), 280_000) },
    Measure { decimals: 3, ..offences("NI 34", 5) },
];

/// A count and what it is counted out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tally {
    numerator: i64,
    denominator: i64,
}

/// The code of a financial year or of a quarter of it.
pub(super) fn period(year: i32, quarter: i64) -> String {
    let code = format!("FY{year}-{:02}", (year + 1) % 100);
    if quarter == WHOLE_YEAR { code } else { format!("{code}-Q{quarter}") }
}

/// The lines of one return.
pub(super) fn lines(place: &Place, year: i32) -> Vec<Value> {
    let mut lines = Vec::new();
    for measure in &MEASURES {
        for quarter in measure.quarters(year) {
            lines.push(measure.line(place, year, quarter));
        }
        let mut line = measure.line(place, year, WHOLE_YEAR);
        if year >= measure.first_year {
            line["baseline"] = measure.baseline(place, year);
            line["target"] = measure.target(place, year);
        }
        lines.push(line);
    }
    for (number, line) in (1..).zip(&mut lines) {
        line["source_row"] = json!(format!("{number}"));
    }
    lines
}

impl Measure {
    /// The quarters of a year that have a figure of their own.
    fn quarters(&self, year: i32) -> Range<i64> {
        let yearly = self.whole == Whole::Respondents || year < self.first_year;
        1..if yearly { 1 } else { 5 }
    }

    fn line(&self, place: &Place, year: i32, quarter: i64) -> Value {
        let (code, end) = (place.code.as_str(), *YEARS.end());
        let mut actual = if year < self.first_year {
            let expected = period(self.first_year, WHOLE_YEAR);
            json!({ "missing": MissingReason::NotYetIntroduced, "expected": expected })
        } else if year == end && (code, self.code) == AWAITED {
            json!({ "missing": MissingReason::AwaitingData, "expected": format!("{}-09-30", end + 1) })
        } else {
            self.figure(self.tally(place, year, quarter))
        };
        let latest = year == end && matches!(quarter, WHOLE_YEAR | 4) && self.whole != Whole::Respondents;
        if latest && !actual["value"].is_null() && draw(&format!("{code}/provisional"), 0, 2) == 0 {
            actual["status"] = json!([ObsStatus::Provisional]);
        }
        if (code, self.code) == OWN_SURVEY {
            actual["basis"] = json!(Basis::LocalData);
        }
        json!({ "indicator": self.code, "period": period(year, quarter), "comment": NOTE, "actual": actual })
    }

    /// The outturn of the year before, where there is one.
    fn baseline(&self, place: &Place, year: i32) -> Value {
        let mut baseline = if year > self.first_year {
            self.figure(self.tally(place, year - 1, WHOLE_YEAR))
        } else {
            json!({ "missing": MissingReason::BaselinePending, "expected": period(year, WHOLE_YEAR) })
        };
        baseline["period"] = json!(period(year - 1, WHOLE_YEAR));
        baseline
    }

    /// One to five per cent better than the baseline, where there is one.
    fn target(&self, place: &Place, year: i32) -> Value {
        if year == self.first_year {
            return json!({ "missing": MissingReason::ToBeSet });
        }
        let better = draw(&format!("{}/{}/{year}/target", place.code, self.code), 10, 50);
        let thousandths = if self.higher_is_better { 1_000 + better } else { 1_000 - better };
        let Tally { numerator, denominator } = self.tally(place, year - 1, WHOLE_YEAR);
        json!({ "value": self.value(numerator * thousandths, denominator * 1_000) })
    }

    /// A figure of a line. The counts behind a change are not shown: it is not their quotient.
    fn figure(&self, tally: Tally) -> Value {
        let Tally { numerator, denominator } = tally;
        let value = self.value(numerator, denominator);
        if self.less == 0 {
            json!({ "value": value, "numerator": numerator, "denominator": denominator })
        } else {
            json!({ "value": value })
        }
    }

    fn value(&self, numerator: i64, denominator: i64) -> Option<Figure> {
        let dividend = i128::from(self.per * numerator - self.less * denominator);
        Figure::quotient(dividend, denominator.into(), self.decimals)
    }

    /// The counts of a quarter, or of a year: of a survey its own, else those of its quarters, which add up.
    fn tally(&self, place: &Place, year: i32, quarter: i64) -> Tally {
        if quarter != WHOLE_YEAR || self.whole == Whole::Respondents {
            return self.drawn(place, year, quarter);
        }
        let quarters = (1..=4).map(|quarter| self.drawn(place, year, quarter));
        quarters.fold(Tally { numerator: 0, denominator: 0 }, |sum, quarter| Tally {
            numerator: sum.numerator + quarter.numerator,
            denominator: match self.whole {
                // A quarter's rate is of the same people as the year's.
                Whole::Population => quarter.denominator,
                Whole::Cases(_) | Whole::Respondents => sum.denominator + quarter.denominator,
            },
        })
    }

    /// The usual count, moved by the partnership's level of crime, its own level, a slight trend and chance.
    fn drawn(&self, place: &Place, year: i32, quarter: i64) -> Tally {
        let series = format!("{}/{}", place.code, self.code);
        let at = format!("{series}/{}", period(year, quarter));
        let chance = |of: &str, from, to| draw(&format!("{at}/{of}"), from, to);
        let people = place.people(year);
        let (denominator, crime, parts) = match self.whole {
            Whole::Population => (people, place.crime, 4),
            Whole::Cases(cases) => (people * cases * chance("whole", 900, 1_100) / 4_000_000_000, 1_000, 1),
            Whole::Respondents => (chance("whole", 600, 1_100), 1_000, 1),
        };
        let slope = draw(&format!("{series}/slope"), -10, 30) * i64::from(year - BASELINE_YEAR);
        let trend = if self.higher_is_better { 1_000 + slope } else { 1_000 - slope };
        let own = draw(&format!("{series}/level"), 850, 1_150);
        let moved = [crime, own, trend, chance("season", 930, 1_070)];
        let expected = moved.iter().fold(denominator * self.usual / parts, |count, moved| count * moved / 1_000);
        // Rounded up or down by chance, so that rare events happen as often as they should.
        let numerator = (expected + chance("rounding", 0, 999_999)) / 1_000_000;
        Tally { numerator, denominator }
    }
}
