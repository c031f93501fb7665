//! What must hold of a document of metadata before it is taken.

pub mod plan;

use chrono::NaiveDate;
use entity::{Scheme, Severity, Unit};

use super::{
    catalogue::{Catalogue, key_of},
    indicator_code::IndicatorCode,
    metadata::{Area, Break, Collection, Definition, Document, Indicator, Partnership, PeerGroup},
    period::Period,
};
use crate::problem::{Place, Problem, ProblemCode};

/// Brings a document's codes to the form in which they are printed, and checks it against the catalogue.
///
/// # Errors
/// Everything that is wrong, with JSON pointers.
pub fn check(document: &mut Document, catalogue: &Catalogue) -> Result<(), Vec<Problem>> {
    let mut problems = Problems(Vec::new());
    match document {
        Document::Area(area) => problems.area(area, catalogue),
        Document::Partnership(partnership) => problems.partnership(partnership, catalogue),
        Document::Indicator(indicator) => problems.indicator(indicator, catalogue),
        Document::Definition(definition) => problems.definition(definition, catalogue),
        Document::Break(discontinuity) => problems.discontinuity(discontinuity, catalogue),
        Document::PeerGroup(group) => problems.peer_group(group, catalogue),
        Document::Collection(collection) => problems.collection(collection, catalogue),
        Document::Plan(plan) => problems.plan(plan, catalogue),
    }
    if problems.0.is_empty() { Ok(()) } else { Err(problems.0) }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, code: ProblemCode, pointer: &str, message: impl Into<String>, expected: &str) {
        self.0.push(Problem {
            code,
            severity: Severity::Error,
            message: message.into(),
            expected: Some(expected.to_owned()),
            place: Place::pointer(pointer),
        });
    }

    fn invalid(&mut self, pointer: &str, message: impl Into<String>, expected: &str) {
        self.add(ProblemCode::InvalidDocument, pointer, message, expected);
    }

    /// Codes that are words: they stand in addresses and tokens.
    fn word(&mut self, pointer: &str, code: &str) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if code.is_empty() || code.len() > 60 || !code.chars().all(fits) {
            self.invalid(pointer, format!("`{code}` is not a code."), "1 to 60 lower-case letters, digits and hyphens");
        }
    }

    fn text(&mut self, pointer: &str, text: &str) {
        if text.trim().is_empty() {
            self.invalid(pointer, "The text is empty.", "some text");
        }
    }

    fn dates(&mut self, from: Option<NaiveDate>, to: Option<NaiveDate>) {
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            self.invalid("/valid_to", format!("{to} is before {from}."), "a day not before the first");
        }
    }

    fn area_exists(&mut self, pointer: &str, code: &mut String, catalogue: &Catalogue) {
        match catalogue.area(code) {
            Some(area) => code.clone_from(&area.code),
            None => self.add(
                ProblemCode::UnknownArea,
                pointer,
                format!("`{code}` is not the code of an area."),
                "a registered area",
            ),
        }
    }

    fn partnership_exists(&mut self, pointer: &str, code: &mut String, catalogue: &Catalogue) {
        match catalogue.partnership(code) {
            Some(partnership) => code.clone_from(&partnership.code),
            None => {
                let message = format!("`{code}` is not the code of a partnership.");
                self.add(ProblemCode::UnknownPartnership, pointer, message, "a registered partnership");
            }
        }
    }

    fn indicator_exists(&mut self, pointer: &str, code: &mut String, catalogue: &Catalogue) {
        match catalogue.indicator(code, None) {
            Some(indicator) => *code = indicator.qualified_code(),
            None => {
                let near = catalogue.nearest_indicator(code, None).map(|near| format!(" Did you mean `{near}`?"));
                let message = format!("`{code}` is not in the catalogue.{}", near.unwrap_or_default());
                self.add(
                    ProblemCode::NotInCatalogue,
                    pointer,
                    message,
                    "a registered indicator, with its owner if it has one",
                );
            }
        }
    }

    fn area(&mut self, area: &mut Area, catalogue: &Catalogue) {
        let fits = area.code.chars().all(|c| c.is_ascii_alphanumeric());
        if area.code.is_empty() || area.code.len() > 20 || !fits {
            self.invalid(
                "/code",
                format!("`{}` is not a code.", area.code),
                "1 to 20 letters and digits, such as `E09000028`",
            );
        }
        area.code.make_ascii_uppercase();
        let another = |code: &str| catalogue.area(code).is_some_and(|known| known.code != area.code);
        if another(&area.code) {
            self.invalid("/code", format!("`{}` is the old code of another area.", area.code), "a code that is free");
        }
        if area.old_code.as_deref().is_some_and(another) {
            self.invalid("/old_code", "The old code already means another area.", "a code that is free");
        }
        self.text("/name", &area.name);
        self.dates(area.valid_from, area.valid_to);
        let own = area.code.clone();
        for (at, within) in area.within.iter_mut().enumerate() {
            let pointer = format!("/within/{at}");
            if *within == own || catalogue.lies_within(within, &own) {
                self.invalid(&pointer, "An area cannot lie within itself.", "another area");
            } else {
                self.area_exists(&pointer, within, catalogue);
            }
        }
        for (at, population) in area.populations.iter().enumerate() {
            if population.people < 0 {
                self.invalid(
                    &format!("/populations/{at}/people"),
                    "A population is not negative.",
                    "a number of people",
                );
            }
        }
    }

    fn partnership(&mut self, partnership: &mut Partnership, catalogue: &Catalogue) {
        self.word("/code", &partnership.code);
        self.text("/name", &partnership.name);
        self.dates(partnership.valid_from, partnership.valid_to);
        self.area_exists("/area", &mut partnership.area, catalogue);
        if let Some(force) = &mut partnership.police_force_area {
            self.area_exists("/police_force_area", force, catalogue);
        }
        if let Some(region) = &mut partnership.region {
            self.area_exists("/region", region, catalogue);
        }
        if let Some(successor) = &mut partnership.succeeded_by {
            self.partnership_exists("/succeeded_by", successor, catalogue);
        }
    }

    fn indicator(&mut self, indicator: &mut Indicator, catalogue: &Catalogue) {
        match IndicatorCode::parse(&indicator.code) {
            Ok(code) => {
                indicator.code = code.to_string();
                let owned = matches!(code.scheme(), Scheme::Li | Scheme::Local);
                if owned && indicator.owner.is_none() {
                    self.invalid(
                        "/owner",
                        format!("`{code}` needs an owner."),
                        "the partnership whose indicator it is",
                    );
                } else if !owned && indicator.owner.is_some() {
                    self.invalid("/owner", format!("`{code}` belongs to nobody."), "no owner");
                }
            }
            Err(failure) => {
                self.invalid(
                    "/code",
                    failure.to_string(),
                    "a code such as `NI 15`, `LI 1` or `LOCAL asbo-breach-rate`",
                );
            }
        }
        if let Some(owner) = &mut indicator.owner {
            self.partnership_exists("/owner", owner, catalogue);
        }
        let key = key_of(&Document::Indicator(indicator.clone()));
        let code = indicator.qualified_code();
        let meant = catalogue.indicator(&code, None);
        if meant.is_some_and(|meant| key_of(&Document::Indicator(meant.document.clone())) != key) {
            self.invalid("/code", format!("`{code}` is an alias of another indicator."), "a code that is free");
        }
        for (at, alias) in indicator.aliases.iter().enumerate() {
            let taken = catalogue.indicator(alias, indicator.owner.as_deref());
            if taken.is_some_and(|taken| key_of(&Document::Indicator(taken.document.clone())) != key) {
                let message = format!("`{alias}` already means another indicator.");
                self.invalid(&format!("/aliases/{at}"), message, "a code that is free");
            }
        }
        for (at, link) in indicator.links.iter_mut().enumerate() {
            self.indicator_exists(&format!("/links/{at}/indicator"), &mut link.indicator, catalogue);
        }
    }

    fn definition(&mut self, definition: &mut Definition, catalogue: &Catalogue) {
        self.indicator_exists("/indicator", &mut definition.indicator, catalogue);
        self.text("/title", &definition.title);
        if definition.lowest.zip(definition.highest).is_some_and(|(low, high)| high.scaled() < low.scaled()) {
            self.invalid(
                "/highest",
                "The highest plausible level is below the lowest.",
                "a level not below the lowest",
            );
        }
        if definition.decimals > 6 {
            self.invalid("/decimals", format!("{} is too many.", definition.decimals), "0 to 6");
        }
        let per_fits = match definition.unit {
            Unit::Rate => definition.per.is_some_and(|per| per > 0),
            _ => definition.per.is_none(),
        };
        if !per_fits {
            self.invalid(
                "/per",
                "`per` belongs to a rate, and a rate needs it.",
                "a number such as 1000 for a rate, else nothing",
            );
        }
    }

    fn discontinuity(&mut self, discontinuity: &mut Break, catalogue: &Catalogue) {
        self.indicator_exists("/indicator", &mut discontinuity.indicator, catalogue);
        self.text("/reason", &discontinuity.reason);
    }

    fn peer_group(&mut self, group: &mut PeerGroup, catalogue: &Catalogue) {
        self.word("/code", &group.code);
        self.text("/name", &group.name);
        self.dates(Some(group.valid_from), group.valid_to);
        self.partnership_exists("/owner", &mut group.owner, catalogue);
        for (at, member) in group.members.iter_mut().enumerate() {
            self.partnership_exists(&format!("/members/{at}"), member, catalogue);
        }
        if catalogue.partnership(&group.owner).is_some() && !group.members.contains(&group.owner) {
            self.invalid(
                "/members",
                format!("The owner `{}` is not listed.", group.owner),
                "the owner among the members",
            );
        }
        let mut sorted = group.members.clone();
        sorted.sort();
        sorted.dedup();
        if sorted.len() != group.members.len() {
            self.invalid("/members", "A member is listed twice.", "each member once");
        }
    }

    fn collection(&mut self, collection: &mut Collection, catalogue: &Catalogue) {
        self.word("/code", &collection.code);
        self.text("/name", &collection.name);
        for (at, period) in collection.periods.iter_mut().enumerate() {
            match Period::parse(period) {
                Ok(parsed) => *period = parsed.code(),
                Err(failure) => {
                    self.add(
                        ProblemCode::UnknownPeriod,
                        &format!("/periods/{at}"),
                        failure.to_string(),
                        "a period such as `FY2008-09`",
                    );
                }
            }
        }
        for (at, indicator) in collection.indicators.iter_mut().enumerate() {
            self.indicator_exists(&format!("/indicators/{at}"), indicator, catalogue);
        }
        for (at, partnership) in collection.partnerships.iter_mut().enumerate() {
            self.partnership_exists(&format!("/partnerships/{at}"), partnership, catalogue);
        }
        if collection.due < collection.opens || collection.closes.is_some_and(|closes| closes < collection.due) {
            self.invalid("/due", "The days are out of order.", "opens, then due, then closes");
        }
    }
}

#[cfg(test)]
mod tests;
