//! What must hold of a plan before it is taken, and what is worth a warning.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    iter,
};

use entity::Severity;

use super::Problems;
use crate::{
    problem::{Place, Problem, ProblemCode},
    rules::{
        catalogue::Catalogue,
        decimal::Figure,
        free_text::{self, shortened},
        line::Breakdown,
        metadata::plan::{DeliveryGroup, Plan, Resource},
        period::Period,
    },
};

impl Problems {
    pub(super) fn plan(&mut self, plan: &mut Plan, catalogue: &Catalogue) {
        self.word("/code", &plan.code);
        self.partnership_exists("/partnership", &mut plan.partnership, catalogue);
        self.dates(Some(plan.valid_from), Some(plan.valid_to));
        self.priorities(plan, catalogue);
        self.groups(plan);
        self.resources(plan);
        self.framework(plan, catalogue);
    }

    fn priorities(&mut self, plan: &mut Plan, catalogue: &Catalogue) {
        let owner = plan.partnership.clone();
        let mut known = BTreeSet::new();
        for (at, priority) in plan.priorities.iter_mut().enumerate() {
            self.word(&format!("/priorities/{at}/code"), &priority.code);
            if !known.insert(priority.code.clone()) {
                self.twice(&format!("/priorities/{at}/code"), &priority.code);
            }
            self.own_indicators(&format!("/priorities/{at}/indicators"), &mut priority.indicators, &owner, catalogue);
        }
        let belongs = |problems: &mut Self, pointer: String, code: &str| {
            if !known.contains(code) {
                problems.unknown(&pointer, code, "the code of a priority of the plan");
            }
        };
        for (at, commitment) in plan.commitments.iter_mut().enumerate() {
            belongs(self, format!("/commitments/{at}/priority"), &commitment.priority);
            self.own_indicators(
                &format!("/commitments/{at}/indicators"),
                &mut commitment.indicators,
                &owner,
                catalogue,
            );
        }
        for (at, action) in plan.actions.iter_mut().enumerate() {
            belongs(self, format!("/actions/{at}/priority"), &action.priority);
            self.own_indicators(&format!("/actions/{at}/indicators"), &mut action.indicators, &owner, catalogue);
        }
        for (at, group) in plan.delivery_groups.iter().enumerate() {
            for (of, code) in group.priorities.iter().enumerate() {
                belongs(self, format!("/delivery_groups/{at}/priorities/{of}"), code);
            }
        }
        for (at, resource) in plan.resources.iter().enumerate() {
            if let Some(code) = &resource.priority {
                belongs(self, format!("/resources/{at}/priority"), code);
            }
        }
    }

    fn groups(&mut self, plan: &Plan) {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for (at, group) in plan.delivery_groups.iter().enumerate() {
            if !known.insert(&group.name) {
                self.twice(&format!("/delivery_groups/{at}/name"), &group.name);
            }
        }
        let led =
            plan.priorities.iter().enumerate().map(|(at, of)| (format!("/priorities/{at}/lead_group"), &of.lead_group));
        let parts = plan.delivery_groups.iter().enumerate();
        let parts = parts.map(|(at, of)| (format!("/delivery_groups/{at}/part_of"), &of.part_of));
        for (pointer, name) in led.chain(parts) {
            if let Some(name) = name.as_deref().filter(|name| !known.contains(name)) {
                self.unknown(&pointer, name, "the name of a delivery group of the plan");
            }
        }
        for at in within_themselves(&plan.delivery_groups) {
            let message = format!("`{}` is part of itself.", shortened(&plan.delivery_groups[at].name));
            self.invalid(&format!("/delivery_groups/{at}/part_of"), message, "a group that is not a part of this one");
        }
    }

    fn resources(&mut self, plan: &mut Plan) {
        let mut known = BTreeSet::new();
        for (at, table) in plan.resource_tables.iter_mut().enumerate() {
            self.word(&format!("/resource_tables/{at}/code"), &table.code);
            if !known.insert(table.code.clone()) {
                self.twice(&format!("/resource_tables/{at}/code"), &table.code);
            }
            // Every disagreement of the table's amounts repeats its title.
            if let Err(why) = free_text::check_length(&table.title, free_text::LONGEST_NAME) {
                let pointer = format!("/resource_tables/{at}/title");
                self.add(ProblemCode::UnfitText, &pointer, why, "a text that can be shown");
            }
            match Period::parse(&table.period) {
                Ok(period) => table.period = period.code(),
                Err(failure) => {
                    let pointer = format!("/resource_tables/{at}/period");
                    self.add(ProblemCode::UnknownPeriod, &pointer, failure.to_string(), "a period such as `FY2009-10`");
                }
            }
        }
        for (at, resource) in plan.resources.iter().enumerate() {
            if !known.contains(&resource.table) {
                self.unknown(
                    &format!("/resources/{at}/table"),
                    &resource.table,
                    "the code of a resource table of the plan",
                );
            }
        }
    }

    fn framework(&mut self, plan: &mut Plan, catalogue: &Catalogue) {
        let mut known = BTreeSet::new();
        for (at, section) in plan.sections.iter().enumerate() {
            if !known.insert(section.number) {
                self.twice(&format!("/sections/{at}/number"), &section.number.to_string());
            }
            if !section.doubts.is_empty() && section.note.is_none() {
                self.invalid(&format!("/sections/{at}/note"), "A doubt needs a note that says why.", "a sentence");
            }
        }
        let mut rows: BTreeSet<(String, String, Option<String>, Option<Breakdown>)> = BTreeSet::new();
        for (at, line) in plan.lines.iter_mut().enumerate() {
            if !known.contains(&line.section) {
                let expected = "the number of a section of the plan";
                self.unknown(&format!("/lines/{at}/section"), &line.section.to_string(), expected);
            }
            self.own_indicator(&format!("/lines/{at}/indicator"), &mut line.indicator, &plan.partnership, catalogue);
            if let Some(area) = &mut line.area {
                self.area_exists(&format!("/lines/{at}/area"), area, catalogue);
            }
            let row = (line.source_row.clone(), line.indicator.clone(), line.area.clone(), line.breakdown.clone());
            if !rows.insert(row) {
                self.twice(&format!("/lines/{at}/source_row"), &line.source_row);
            }
        }
    }

    fn own_indicators(&mut self, pointer: &str, codes: &mut [String], owner: &str, catalogue: &Catalogue) {
        for (at, code) in codes.iter_mut().enumerate() {
            self.own_indicator(&format!("{pointer}/{at}"), code, owner, catalogue);
        }
    }

    /// A plan uses the indicators of nobody and those of its own partnership; a local code means one of the latter.
    fn own_indicator(&mut self, pointer: &str, code: &mut String, owner: &str, catalogue: &Catalogue) {
        let Some(indicator) = catalogue.indicator(code, Some(owner)) else {
            return self.not_in_catalogue(pointer, code, Some(owner), catalogue);
        };
        *code = indicator.qualified_code();
        let is_others = indicator.owner.as_deref().is_some_and(|of| of != owner);
        // Whose indicators a plan may use is not known while its partnership is not.
        if is_others && catalogue.partnership(owner).is_some() {
            let message = format!("`{}` belongs to another partnership.", shortened(code));
            let expected = "an indicator of the plan's own partnership, or one that belongs to nobody";
            self.add(ProblemCode::NotInCatalogue, pointer, message, expected);
        }
    }

    fn unknown(&mut self, pointer: &str, given: &str, expected: &str) {
        self.invalid(pointer, format!("There is no `{}` in the plan.", shortened(given)), expected);
    }

    fn twice(&mut self, pointer: &str, given: &str) {
        self.invalid(pointer, format!("`{}` comes twice.", shortened(given)), "each once");
    }
}

/// The places of the groups that are part of themselves, be it by way of others.
fn within_themselves(groups: &[DeliveryGroup]) -> Vec<usize> {
    let places: HashMap<&str, usize> = groups.iter().enumerate().map(|(at, of)| (of.name.as_str(), at)).collect();
    let greater: Vec<Option<usize>> =
        groups.iter().map(|of| of.part_of.as_deref().and_then(|name| places.get(name).copied())).collect();
    let is_within_itself = |at: &usize| {
        let above = iter::successors(greater[*at], |reached| greater[*reached]);
        above.take(groups.len()).any(|reached| reached == *at)
    };
    (0..groups.len()).filter(is_within_itself).collect()
}

/// What is worth knowing of a plan that can be taken: doubts that it declares, and resource tables that disagree.
pub fn warnings(plan: &Plan) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let mut warn = |code, pointer: String, message, expected: &str| {
        let place = Place::pointer(pointer);
        let expected = Some(expected.to_owned());
        warnings.push(Problem { code, severity: Severity::Warning, message, expected, place });
    };
    for (at, section) in plan.sections.iter().enumerate().filter(|(_, section)| !section.doubts.is_empty()) {
        let rows: Vec<&str> = plan
            .lines
            .iter()
            .filter(|line| line.section == section.number)
            .map(|line| line.source_row.as_str())
            .collect();
        let rows = match rows[..] {
            [] => String::new(),
            [only] => format!(" (row {only})"),
            [first, .., last] => format!(" (rows {first} to {last})"),
        };
        let doubts: Vec<&str> = section.doubts.iter().map(|doubt| doubt.as_str()).collect();
        let note = section.note.as_deref().unwrap_or_default();
        let message = format!("{}: {note}{rows}", doubts.join(", "));
        warn(ProblemCode::Doubted, format!("/sections/{at}"), message, "a source without doubt");
    }
    for disagreement in resource_disagreements(plan) {
        warn(ProblemCode::ResourcesDisagree, "/resources".to_owned(), disagreement, "tables that agree");
    }
    warnings
}

/// Where a plan's resource tables contradict themselves or each other, in words.
///
/// A table's amounts should add up to its printed total and to the printed totals of its columns; and two tables of one
/// period should give an agency the same amount.
pub fn resource_disagreements(plan: &Plan) -> Vec<String> {
    /// Titles and amounts of tables, by code.
    type Amounts<'a> = BTreeMap<&'a str, (&'a str, i128)>;
    let mut found = Vec::new();
    let mut by_agency: BTreeMap<(&str, &str), Amounts<'_>> = BTreeMap::new();
    for table in &plan.resource_tables {
        let of_table = || plan.resources.iter().filter(|resource| resource.table == table.code);
        let amounts = || of_table().filter(|resource| !resource.is_total);
        if let Some(printed) = table.printed_total
            && sum(amounts()) != scaled(printed)
        {
            let total = pounds(sum(amounts()));
            found.push(format!(
                "“{}” prints a total of {}; its amounts add up to {total}.",
                table.title,
                pounds(scaled(printed))
            ));
        }
        for total in of_table().filter(|resource| resource.is_total) {
            let column = sum(amounts().filter(|resource| resource.heading == total.heading));
            if column != scaled(total.amount) {
                found.push(format!(
                    "“{}” prints {} under “{}”; the column adds up to {}.",
                    table.title,
                    pounds(scaled(total.amount)),
                    total.heading,
                    pounds(column)
                ));
            }
        }
        for resource in amounts() {
            let of_agency = by_agency.entry((&table.period, &resource.agency)).or_default();
            of_agency.entry(&table.code).or_insert((&table.title, 0)).1 += scaled(resource.amount);
        }
    }
    for ((period, agency), tables) in by_agency {
        let mut amounts = tables.values().map(|(_, amount)| amount);
        let first = amounts.next();
        if amounts.any(|amount| Some(amount) != first) {
            let told: Vec<String> =
                tables.values().map(|(title, amount)| format!("{} in “{title}”", pounds(*amount))).collect();
            found.push(format!("For {period} {agency} has {}.", told.join(" and ")));
        }
    }
    found
}

fn sum<'a>(resources: impl Iterator<Item = &'a Resource>) -> i128 {
    resources.map(|resource| scaled(resource.amount)).sum()
}

fn scaled(figure: Figure) -> i128 {
    i128::from(figure.scaled())
}

/// An amount as people write it: `£48,186,743`, pence where there are any.
fn pounds(scaled: i128) -> String {
    let one = 10_i128.pow(Figure::SCALE);
    let (whole, rest) = (scaled.abs() / one, scaled.abs() % one);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let pence = if rest == 0 { String::new() } else { format!(".{:02}", rest * 100 / one) };
    format!("{}£{grouped}{pence}", if scaled < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests;
