//! What must hold of a document of metadata before it is taken.

pub mod plan;
mod texts;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::NaiveDate;
use entity::{Scheme, Severity, Unit};

use super::{
    catalogue::{Catalogue, key_of},
    free_text::shortened,
    indicator_code::IndicatorCode,
    metadata::{Area, Break, Collection, Definition, Document, Indicator, Partnership, PeerGroup},
    period::Period,
};
use crate::problem::{Place, Problem, ProblemCode};

/// How many problems are told of one document.
pub const MOST_TOLD: usize = 100;

/// Brings a document's codes to the form in which they are printed, and checks it against the catalogue.
///
/// # Errors
/// What is wrong, with JSON pointers: [`MOST_TOLD`] problems at most, and one more that says how many were left out.
pub fn check(document: &mut Document, catalogue: &Catalogue) -> Result<(), Vec<Problem>> {
    let mut problems = Problems::default();
    if problems.texts_and_lists(document) {
        match document {
            Document::Area(area) => problems.area(area, catalogue),
            Document::Partnership(partnership) => problems.partnership(partnership, catalogue),
            Document::Indicator(indicator) => problems.indicator(indicator, catalogue),
            Document::Definition(definition) => problems.definition(definition, catalogue),
            Document::Break(discontinuity) => problems.discontinuity(discontinuity, catalogue),
            Document::PeerGroup(group) => problems.peer_group(group, catalogue),
            Document::Collection(collection) => problems.collection(collection, catalogue),
            Document::Plan(plan) => problems.plan(Arc::make_mut(plan), catalogue),
        }
    }
    problems.outcome()
}

/// What is wrong with a document.
#[derive(Default)]
struct Problems {
    told: Vec<Problem>,
    left_out: usize,
    /// Where a text cannot be taken as it is: nothing more is said of it.
    unfit: BTreeSet<String>,
    /// Hints for codes that the catalogue lacks, by code: a search through the whole catalogue each.
    hints: HashMap<String, String>,
}

impl Problems {
    fn outcome(mut self) -> Result<(), Vec<Problem>> {
        let left_out = match self.left_out {
            0 => None,
            1 => Some("1 more problem is not told.".to_owned()),
            more => Some(format!("{more} more problems are not told.")),
        };
        self.told.extend(left_out.map(|message| Problem {
            code: ProblemCode::InvalidDocument,
            severity: Severity::Error,
            message,
            expected: None,
            place: Place::pointer(""),
        }));
        if self.told.is_empty() { Ok(()) } else { Err(self.told) }
    }

    fn add(&mut self, code: ProblemCode, pointer: &str, message: impl Into<String>, expected: &str) {
        if self.unfit.contains(pointer) {
            return;
        }
        if self.told.len() >= MOST_TOLD {
            self.left_out += 1;
            return;
        }
        self.told.push(Problem {
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
            self.invalid(
                pointer,
                format!("`{}` is not a code.", shortened(code)),
                "1 to 60 lower-case letters, digits and hyphens",
            );
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
                format!("`{}` is not the code of an area.", shortened(code)),
                "a registered area",
            ),
        }
    }

    fn partnership_exists(&mut self, pointer: &str, code: &mut String, catalogue: &Catalogue) {
        match catalogue.partnership(code) {
            Some(partnership) => code.clone_from(&partnership.code),
            None => {
                let message = format!("`{}` is not the code of a partnership.", shortened(code));
                self.add(ProblemCode::UnknownPartnership, pointer, message, "a registered partnership");
            }
        }
    }

    fn indicator_exists(&mut self, pointer: &str, code: &mut String, catalogue: &Catalogue) {
        match catalogue.indicator(code, None) {
            Some(indicator) => *code = indicator.qualified_code(),
            None => self.not_in_catalogue(pointer, code, None, catalogue),
        }
    }

    /// A local code means that of its owner, if one is given.
    fn not_in_catalogue(&mut self, pointer: &str, code: &str, owner: Option<&str>, catalogue: &Catalogue) {
        // Nobody reads the hint of a problem that is not told.
        let hint = if self.told.len() < MOST_TOLD { self.hint(code, owner, catalogue) } else { String::new() };
        let message = format!("`{}` is not in the catalogue.{hint}", shortened(code));
        let expected = match owner {
            Some(_) => "a registered indicator: the partnership's own, or one that belongs to nobody",
            None => "a registered indicator, with its owner if it has one",
        };
        self.add(ProblemCode::NotInCatalogue, pointer, message, expected);
    }

    /// The indicator that was probably meant. All codes of a document have one owner or none.
    fn hint(&mut self, code: &str, owner: Option<&str>, catalogue: &Catalogue) -> String {
        if let Some(known) = self.hints.get(code) {
            return known.clone();
        }
        let near = catalogue.nearest_indicator(code, owner).map(|near| format!(" Did you mean `{near}`?"));
        self.hints.entry(code.to_owned()).or_insert(near.unwrap_or_default()).clone()
    }

    fn area(&mut self, area: &mut Area, catalogue: &Catalogue) {
        let fits = area.code.chars().all(|c| c.is_ascii_alphanumeric());
        if area.code.is_empty() || area.code.len() > 20 || !fits {
            self.invalid(
                "/code",
                format!("`{}` is not a code.", shortened(&area.code)),
                "1 to 20 letters and digits, such as `E09000028`",
            );
        }
        area.code.make_ascii_uppercase();
        let another = |code: &str| catalogue.area(code).is_some_and(|known| known.code != area.code);
        if another(&area.code) {
            self.invalid(
                "/code",
                format!("`{}` is the old code of another area.", shortened(&area.code)),
                "a code that is free",
            );
        }
        if area.old_code.as_deref().is_some_and(another) {
            self.invalid("/old_code", "The old code already means another area.", "a code that is free");
        }
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
            self.invalid(
                "/code",
                format!("`{}` is an alias of another indicator.", shortened(&code)),
                "a code that is free",
            );
        }
        for (at, alias) in indicator.aliases.iter().enumerate() {
            let taken = catalogue.indicator(alias, indicator.owner.as_deref());
            if taken.is_some_and(|taken| key_of(&Document::Indicator(taken.document.clone())) != key) {
                let message = format!("`{}` already means another indicator.", shortened(alias));
                self.invalid(&format!("/aliases/{at}"), message, "a code that is free");
            }
        }
        for (at, link) in indicator.links.iter_mut().enumerate() {
            self.indicator_exists(&format!("/links/{at}/indicator"), &mut link.indicator, catalogue);
        }
    }

    fn definition(&mut self, definition: &mut Definition, catalogue: &Catalogue) {
        self.indicator_exists("/indicator", &mut definition.indicator, catalogue);
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
    }

    fn peer_group(&mut self, group: &mut PeerGroup, catalogue: &Catalogue) {
        self.word("/code", &group.code);
        self.dates(Some(group.valid_from), group.valid_to);
        self.partnership_exists("/owner", &mut group.owner, catalogue);
        for (at, member) in group.members.iter_mut().enumerate() {
            self.partnership_exists(&format!("/members/{at}"), member, catalogue);
        }
        if catalogue.partnership(&group.owner).is_some() && !group.members.contains(&group.owner) {
            self.invalid(
                "/members",
                format!("The owner `{}` is not listed.", shortened(&group.owner)),
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
