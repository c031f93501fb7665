//! From one posted line to a typed one.

mod checks;
mod reported_comparison;

use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use entity::{
    BaselineKind, Basis, Doubt, FigureForm, FigureKind, MissingReason, ObsStatus, TrafficLight, Unit,
    vocabulary::UnknownWord,
};

use super::{Context, report};
use crate::{
    problem::{Place, Problem, ProblemCode},
    rules::{
        catalogue::{Indicator, Known},
        decimal::{Figure, FigureError},
        free_text::shortened,
        line::{Breakdown, Entry, Line, ReportedLight},
        period::{Period, PeriodError},
        posted::{Posted, PostedLine},
        status::StatusSet,
    },
};

/// Reads one posted line.
pub(super) struct LineReader<'a, 'p> {
    pub(super) context: Context<'a>,
    pub(super) line: &'a PostedLine,
    pub(super) problems: &'p mut Vec<Problem>,
}

impl<'a> LineReader<'a, '_> {
    pub(super) fn line(mut self) -> Line {
        if self.line.unreadable {
            return Line { line: self.line.line, ..Line::default() };
        }
        let indicator = self.indicator();
        let period = self.period("period");
        let mut line = Line {
            line: self.line.line,
            source_row: self.text("source_row"),
            indicator: indicator.map(|known| known.qualified_code()).unwrap_or_default(),
            period: period.as_ref().map(Period::code).unwrap_or_default(),
            area: self.area(),
            breakdown: self.breakdown(),
            comment: self.text("comment"),
            note: self.text("note"),
            doubts: self.doubts(),
            reported_light: self.reported_light(),
            ..Line::default()
        };
        for kind in FigureKind::ALL {
            let entry = self.entry(*kind);
            if let Some(slot) = line.entry_mut(*kind) {
                *slot = entry;
            }
        }
        let is_spoiled = !self.line.spoiled.is_empty();
        if line.entries().next().is_none() && line.reported_light.is_none() && !is_spoiled {
            self.report(
                ProblemCode::NothingReported,
                self.line.place.clone(),
                "The line reports nothing.",
                "at least one figure or light; for an empty cell `missing` is BLANK",
            );
        }
        if let (Some(indicator), Some(period)) = (indicator, &period) {
            self.check_asked(indicator, period);
            if let Some(definition) = self.context.catalogue.definition(indicator.id, period) {
                mark_foreign_units(&mut line, definition.unit);
                self.check_levels(&line, definition);
            }
        }
        self.check_change(&line);
        self.tell_doubts(&line);
        line
    }

    fn report(&mut self, code: ProblemCode, place: Place, message: impl Display, expected: impl Display) {
        report(self.problems, code, place, message, expected);
    }

    fn text(&self, path: &str) -> Option<String> {
        self.line.get(path).map(|posted| posted.text.clone())
    }

    fn indicator(&mut self) -> Option<&'a Known<Indicator>> {
        let Some(posted) = self.line.get("indicator") else {
            if self.line.is_spoiled("indicator") {
                return None;
            }
            let place = self.line.place_of("indicator");
            self.report(
                ProblemCode::RequiredField,
                place,
                "The line names no indicator.",
                "an indicator code such as `NI 15`",
            );
            return None;
        };
        self.known_indicator(posted)
    }

    /// Another indicator that the line names.
    fn other_indicator(&mut self, path: &str) -> Option<String> {
        let posted = self.line.get(path)?;
        self.known_indicator(posted).map(|known| known.qualified_code())
    }

    fn known_indicator(&mut self, posted: &Posted) -> Option<&'a Known<Indicator>> {
        let owner = &self.context.partnership.code;
        let known = self.context.catalogue.indicator(&posted.text, Some(owner));
        // Somebody else's local indicator is not this partnership's to report.
        let known = known.filter(|known| known.owner.as_ref().is_none_or(|of| of == owner));
        if known.is_none() {
            let near = self.context.catalogue.nearest_indicator(&posted.text, Some(owner));
            let hint = near.as_ref().map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
            let message = format!("`{}` is not in the catalogue.{hint}", shortened(&posted.text));
            let expected =
                near.map_or_else(|| "an indicator code such as `NI 15`".to_owned(), |near| format!("`{near}`"));
            self.report(ProblemCode::NotInCatalogue, posted.place.clone(), message, expected);
        }
        known
    }

    fn period(&mut self, path: &str) -> Option<Period> {
        match self.line.get(path) {
            Some(posted) => match Period::parse(&posted.text) {
                Ok(period) => Some(period),
                Err(failure) => {
                    let code = match failure {
                        PeriodError::SpreadsheetDate { .. } => ProblemCode::SpreadsheetDate,
                        _ => ProblemCode::UnknownPeriod,
                    };
                    self.report(
                        code,
                        posted.place.clone(),
                        failure,
                        "a period such as `FY2008-09`, `2008/09` or `FY2008-09-Q3`",
                    );
                    None
                }
            },
            None if path == "period" && !self.line.is_spoiled(path) => {
                let place = self.line.place_of(path);
                self.report(
                    ProblemCode::RequiredField,
                    place,
                    "The line names no period.",
                    "a period such as `FY2008-09`",
                );
                None
            }
            None => None,
        }
    }

    /// The area measured: the partnership's own unless the line names another. Either must be the token's to report on.
    fn area(&mut self) -> String {
        if self.line.is_spoiled("area") {
            return String::new();
        }
        let place = self.line.place_of("area");
        let given = self.text("area").unwrap_or_else(|| self.context.partnership.area.clone());
        let Some(area) = self.context.catalogue.area(&given) else {
            let message = format!("`{}` is not the code of an area.", shortened(&given));
            self.report(ProblemCode::UnknownArea, place, message, "the code of an area such as `E09000028`");
            return String::new();
        };
        if !self.context.caller.may_report_on(&area.code, self.context.catalogue) {
            let message = format!("The token may not report figures of `{}` ({}).", area.code, area.name);
            let expected = "an area that the token names, or else one within its partnerships' areas";
            self.report(ProblemCode::AreaNotYours, place, message, expected);
        }
        area.code.clone()
    }

    fn breakdown(&mut self) -> Option<Breakdown> {
        match (self.text("breakdown/dimension"), self.text("breakdown/member")) {
            (Some(dimension), Some(member)) => Some(Breakdown { dimension, member }),
            (None, None) => None,
            _ if self.line.is_spoiled("breakdown") => None,
            (dimension, _) => {
                let lacking = if dimension.is_none() { "breakdown/dimension" } else { "breakdown/member" };
                let place = self.line.place_of(lacking);
                self.report(
                    ProblemCode::RequiredField,
                    place,
                    "A breakdown has a dimension and a member.",
                    "both of them",
                );
                None
            }
        }
    }

    /// Each doubt once, in the order given.
    fn doubts(&mut self) -> Vec<Doubt> {
        let mut doubts = self.words::<Doubt>("doubts");
        let mut seen = BTreeSet::new();
        doubts.retain(|doubt| seen.insert(*doubt));
        doubts
    }

    fn reported_light(&mut self) -> Option<ReportedLight> {
        let light = self.word::<TrafficLight>("reported_light/light");
        let as_printed = self.text("reported_light/as_printed");
        match light {
            Some(light) => Some(ReportedLight { light, as_printed }),
            None => {
                let is_given = self.line.has_group("reported_light/light");
                if as_printed.is_some() && !is_given {
                    let place = self.line.place_of("reported_light/light");
                    self.report(
                        ProblemCode::RequiredField,
                        place,
                        "A printed light needs its meaning.",
                        TrafficLight::WORDS.join(", "),
                    );
                }
                None
            }
        }
    }

    fn entry(&mut self, kind: FigureKind) -> Option<Entry> {
        let group = kind.as_str().to_ascii_lowercase();
        if kind == FigureKind::ReportedLight || !self.line.has_group(&group) {
            return None;
        }
        let at = |name: &str| format!("{group}/{name}");
        let before = self.problems.len();
        let entry = Entry {
            value: self.figure(&at("value")),
            unit: self.word::<Unit>(&at("unit")),
            as_printed: self.text(&at("as_printed")),
            numerator: self.figure(&at("numerator")),
            denominator: self.figure(&at("denominator")),
            secondary_value: self.figure(&at("secondary_value")),
            secondary_unit: self.word::<Unit>(&at("secondary_unit")),
            secondary_form: self.word::<FigureForm>(&at("secondary_form")),
            status: self.words::<ObsStatus>(&at("status")).into_iter().collect::<StatusSet>().iter().collect(),
            basis: self.word::<Basis>(&at("basis")),
            missing: self.word::<MissingReason>(&at("missing")),
            expected: self.text(&at("expected")),
            form: self.word::<FigureForm>(&at("form")),
            period: self.period(&at("period")).map(|period| period.code()),
            kind: self.word::<BaselineKind>(&at("kind")),
            baseline_used: self.period(&at("baseline_used")).map(|period| period.code()),
            results_expected: self.text(&at("results_expected")),
            replaced_by: self.other_indicator(&at("replaced_by")),
        };
        if self.problems.len() == before && !self.line.is_spoiled(&group) {
            self.check_entry(&group, kind, &entry);
        }
        Some(entry)
    }

    fn figure(&mut self, path: &str) -> Option<Figure> {
        let posted = self.line.get(path)?;
        match Figure::parse(&posted.text) {
            Ok(figure) => Some(figure),
            Err(failure) => {
                let (code, expected) = match failure {
                    FigureError::NotANumber { .. } => {
                        (ProblemCode::NotANumber, "a plain decimal such as 2.29; printed text belongs in `as_printed`")
                    }
                    FigureError::TooManyDigits { .. } => {
                        (ProblemCode::TooManyDigits, "at most 12 integer digits, 6 decimals and 15 significant digits")
                    }
                };
                self.report(code, posted.place.clone(), failure, expected);
                None
            }
        }
    }

    fn word<W: FromStr<Err = UnknownWord>>(&mut self, path: &str) -> Option<W> {
        let posted = self.line.get(path)?;
        self.parse_word(&posted.text, posted)
    }

    fn words<W: FromStr<Err = UnknownWord>>(&mut self, path: &str) -> Vec<W> {
        let Some(posted) = self.line.get(path) else {
            return Vec::new();
        };
        posted.text.split_whitespace().filter_map(|word| self.parse_word(word, posted)).collect()
    }

    fn parse_word<W: FromStr<Err = UnknownWord>>(&mut self, text: &str, posted: &Posted) -> Option<W> {
        match text.parse() {
            Ok(word) => Some(word),
            Err(failure) => {
                let message = format!("`{}` is not one of the words that this field takes.", shortened(text));
                let expected = format!("one of {}", failure.known.join(", "));
                self.report(ProblemCode::UnknownWord, posted.place.clone(), message, expected);
                None
            }
        }
    }
}

/// A figure in another unit than the indicator's follows another definition, whether or not its source says so.
fn mark_foreign_units(line: &mut Line, own: Unit) {
    for kind in FigureKind::ALL {
        let Some(Some(entry)) = line.entry_mut(*kind) else { continue };
        match entry.unit {
            Some(unit) if unit == own => entry.unit = None,
            Some(_) if entry.value.is_some() => {
                let marked = entry.status.iter().copied().chain([ObsStatus::DefinitionDiffers]);
                entry.status = marked.collect::<StatusSet>().iter().collect();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
