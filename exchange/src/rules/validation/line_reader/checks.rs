//! What must hold of a line that could be read.

use entity::{ChangeMatch, FigureForm, FigureKind, MissingReason, Unit};

use super::LineReader;
use crate::{
    problem::ProblemCode,
    rules::{
        catalogue::{Collection, Definition, Indicator, Known},
        change,
        decimal::parse_printed,
        free_text::shortened,
        line::{Entry, Line},
        period::Period,
        status::StatusSet,
    },
};

impl LineReader<'_, '_> {
    pub(super) fn check_entry(&mut self, group: &str, kind: FigureKind, entry: &Entry) {
        let place = |name: &str| self.line.place_of(&format!("{group}/{name}"));
        let (missing, status) = (place("missing"), place("status"));
        let statuses: StatusSet = entry.status.iter().copied().collect();
        if entry.value.is_some() && entry.missing.is_some() {
            let message = "A missing reason stands beside a value.";
            self.report(ProblemCode::ValueBesideMissing, missing, message, "either a value or a missing reason");
        } else if entry.value.is_none() && entry.missing.is_none() && !statuses.says_missing() {
            let message = "There is no value and no reason why.";
            let expected = format!("a value, or in `missing` one of {}", MissingReason::WORDS.join(", "));
            self.report(ProblemCode::MissingReasonRequired, missing, message, expected);
        } else if let Err(failure) = statuses.check(entry.value.is_some()) {
            let code = if entry.value.is_some() && statuses.says_missing() {
                ProblemCode::ValueBesideMissing
            } else {
                ProblemCode::StatusWithoutValue
            };
            self.report(code, status, failure, "statuses that go together and with the value");
        }
        let of_second_value = entry.secondary_unit.is_some() || entry.secondary_form.is_some();
        if entry.secondary_value.is_none() && of_second_value {
            let place = self.line.place_of(&format!("{group}/secondary_value"));
            self.report(ProblemCode::RequiredField, place, "There is no second value.", "the second value");
        }
        if kind == FigureKind::Baseline && entry.value.is_some() && entry.period.is_none() {
            let place = self.line.place_of(&format!("{group}/period"));
            self.report(
                ProblemCode::RequiredField,
                place,
                "A baseline's value needs its own period.",
                "a period such as `FY2007-08`",
            );
        }
        if kind == FigureKind::ReportedChange
            && entry.value.is_some()
            && entry.form.is_none_or(|form| form == FigureForm::Level)
        {
            let place = self.line.place_of(&format!("{group}/form"));
            let message = "A reported change is relative or in points; its unit does not tell.";
            self.report(ProblemCode::RequiredField, place, message, "RELATIVE_CHANGE or POINT_CHANGE");
        }
        if let (Some(value), Some(text)) = (entry.value, &entry.as_printed)
            && let Ok(printed) = parse_printed(text)
            && printed.figure.scaled() != value.scaled()
        {
            let message = format!("The value is {value}, and the cell printed as `{}`.", shortened(text));
            let place = self.line.place_of(&format!("{group}/value"));
            self.report(ProblemCode::PrintedDiffers, place, message, "the value that is printed");
        }
    }

    /// Compares the levels of a line with what the indicator's definition calls plausible, and their print with its unit.
    pub(super) fn check_levels(&mut self, line: &Line, definition: &Definition) {
        for (kind, entry) in line.entries().filter(|(kind, _)| *kind != FigureKind::ReportedChange) {
            let Some(value) = entry.value.filter(|_| entry.form.is_none_or(|form| form == FigureForm::Level)) else {
                continue;
            };
            let group = kind.as_str().to_ascii_lowercase();
            let Definition { title, lowest, highest, .. } = definition;
            let unit = entry.unit.unwrap_or(definition.unit);
            let below = lowest.is_some_and(|lowest| value.scaled() < lowest.scaled());
            let above = highest.is_some_and(|highest| highest.scaled() < value.scaled());
            if (below || above) && unit == definition.unit {
                let place = self.line.place_of(&format!("{group}/value"));
                let bound = |bound: &Option<_>| bound.map_or_else(|| "any".to_owned(), |bound| format!("{bound}"));
                let expected = format!("{} to {}", bound(lowest), bound(highest));
                let message = format!("{value} is not a plausible level of “{title}”.");
                self.report(ProblemCode::Implausible, place, message, format!("{expected}, or a comment"));
            }
            let in_per_cent = entry.as_printed.as_deref().and_then(|text| parse_printed(text).ok());
            if in_per_cent.is_some_and(|printed| printed.percent)
                && !matches!(unit, Unit::Percent | Unit::PercentagePoint | Unit::Unknown)
            {
                let place = self.line.place_of(&format!("{group}/as_printed"));
                let message = format!("The cell is printed in per cent, and “{title}” is a {unit}.");
                self.report(ProblemCode::UnitDiffers, place, message, "the indicator's unit, or a comment");
            }
        }
    }

    /// Tells the doubts that the line itself declares, so that nobody takes the figures without them.
    pub(super) fn tell_doubts(&mut self, line: &Line) {
        let Some(note) = &line.note else {
            if !line.doubts.is_empty() && !self.line.is_spoiled("note") {
                let place = self.line.place_of("note");
                let message = "A doubt needs a note that says why.";
                self.report(ProblemCode::RequiredField, place, message, "a sentence about the print");
            }
            return;
        };
        if !line.doubts.is_empty() {
            let place = self.line.place_of("doubts");
            let doubts: Vec<&str> = line.doubts.iter().map(|doubt| doubt.as_str()).collect();
            let message = format!("{}: {note}", doubts.join(", "));
            self.report(ProblemCode::Doubted, place, message, "a source without doubt");
        }
    }

    /// Compares a printed change with the printed figures that it should follow from.
    pub(super) fn check_change(&mut self, line: &Line) {
        let value = |entry: &Option<Entry>| entry.as_ref().and_then(|entry| entry.value);
        let (Some(before), Some(after), Some(printed)) =
            (value(&line.baseline), value(&line.actual), &line.reported_change)
        else {
            return;
        };
        let (Some(change), Some(form)) = (printed.value, printed.form) else {
            return;
        };
        if change::classify(before, after, change, form) == Some(ChangeMatch::Unexplained) {
            let message = format!(
                "The printed change {change} follows from {before} and {after} neither relatively nor in points."
            );
            let place = self.line.place_of("reported_change/value");
            self.report(ProblemCode::ChangeUnexplained, place, message, "a change that follows, or a comment");
        }
    }

    pub(super) fn check_asked(&mut self, indicator: &Known<Indicator>, period: &Period) {
        let Collection { name, indicators, periods, .. } = &self.context.collection.document;
        if !indicator.is_local() && !indicators.is_empty() {
            let asked = |code: &String| {
                self.context.catalogue.indicator(code, None).is_some_and(|known| known.id == indicator.id)
            };
            if !indicators.iter().any(asked) {
                let place = self.line.place_of("indicator");
                let message = format!("The collection “{name}” does not ask for `{}`.", indicator.code);
                self.report(ProblemCode::NotAsked, place, message, "an indicator that is asked for");
            }
        }
        if !periods.is_empty() && !periods.contains(&period.code()) {
            let place = self.line.place_of("period");
            let message = format!("The collection “{name}” does not ask for {}.", period.label());
            self.report(ProblemCode::NotAsked, place, message, format!("one of {}", periods.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests;
