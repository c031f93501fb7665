//! Rows of Southwark's and Southampton's plans for tests, as the figures that a framework is made of.

use std::collections::{BTreeSet, HashMap};

use entity::{
    FigureForm,
    MetadataFamily::{Area, Break, Indicator, Partnership},
    MissingReason,
};
use serde_json::json;

use super::Placed;
use crate::{
    clock::instant,
    rules::{
        catalogue::{
            Catalogue,
            samples::{catalogue_of, document},
        },
        decimal::samples::figure,
        fact::{Fact, newest_visible},
        line::{Breakdown, Entry, Line},
        line_facts::{Numbers, without_collisions},
        period::Period,
    },
};

/// Two partnerships, what they measure, and the break of NI 20.
pub(super) fn catalogue() -> Catalogue {
    let areas = [
        json!({ "code": "E12000007", "name": "London", "kind": "REGION" }),
        json!({ "code": "E09000028", "old_code": "00BE", "name": "Southwark", "kind": "PARTNERSHIP_AREA" }),
        json!({ "code": "E06000045", "name": "Southampton", "kind": "PARTNERSHIP_AREA" }),
    ];
    let partnerships = [
        json!({ "code": "southwark", "name": "Southwark", "area": "E09000028" }),
        json!({ "code": "southampton", "name": "Southampton", "area": "E06000045" }),
    ];
    let national = ["NI 16", "NI 19", "NI 20", "NI 29", "NI 34", "NI 40", "NI 41", "NI 45", "NI 143"];
    let local = json!({ "code": "LOCAL assaults-at-night", "owner": "southampton" });
    let indicators = national.map(|code| json!({ "code": code })).into_iter().chain([local]);
    let reason =
        json!({ "indicator": "NI 20", "date": "2008-04-01", "reason": "Changes in Home Office counting rules" });
    let areas = areas.iter().map(|area| document(Area, area));
    let partnerships = partnerships.iter().map(|partnership| document(Partnership, partnership));
    let indicators = indicators.map(|indicator| document(Indicator, &indicator));
    catalogue_of(areas.chain(partnerships).chain(indicators).chain([document(Break, &reason)]))
}

/// A row of Southwark's plan for a period, without figures.
pub(super) fn southwark(indicator: &str, period: &str) -> Line {
    Line { indicator: indicator.into(), period: period.into(), area: "E09000028".into(), ..Line::default() }
}

/// The same of Southampton's.
pub(super) fn southampton(indicator: &str, period: &str) -> Line {
    Line { area: "E06000045".into(), ..southwark(indicator, period) }
}

/// A line from a row of the source.
pub(super) fn from_row(row: &str, line: Line) -> Line {
    Line { source_row: Some(row.into()), ..line }
}

/// A level of the line's own period.
#[allow(clippy::unnecessary_wraps, reason = "a member of a line is optional")]
pub(super) fn level(value: &str) -> Option<Entry> {
    Some(Entry { value: Some(figure(value)), ..Entry::default() })
}

/// A level of another period.
pub(super) fn of_period(value: &str, period: &str) -> Option<Entry> {
    level(value).map(|entry| Entry { period: Some(period.into()), ..entry })
}

/// A target or a change in a form of its own.
pub(super) fn in_form(value: &str, form: FigureForm) -> Option<Entry> {
    level(value).map(|entry| Entry { form: Some(form), ..entry })
}

/// No number, and why.
#[allow(clippy::unnecessary_wraps, reason = "a member of a line is optional")]
pub(super) fn missing(reason: MissingReason) -> Option<Entry> {
    Some(Entry { missing: Some(reason), ..Entry::default() })
}

/// What returns say, one after the other, as their figures are published.
pub(super) struct Published {
    pub(super) catalogue: Catalogue,
    pub(super) facts: Vec<Fact>,
    periods: Vec<Period>,
    lines: Vec<Line>,
}

impl Published {
    /// The lines of each return are numbered from 1 in their order.
    pub(super) fn of<const N: usize>(returns: [Vec<Line>; N]) -> Self {
        let catalogue = catalogue();
        let numbered = |lines: Vec<Line>| (1..).zip(lines).map(|(line, said)| Line { line, ..said }).collect();
        let returns: Vec<Vec<Line>> = returns.into_iter().map(numbered).collect();
        let all = || returns.iter().flatten();
        let codes: BTreeSet<&str> = all()
            .flat_map(|line| line.entries().map(|(_, entry)| line.period_of(entry)).chain([&*line.period]))
            .collect();
        let members: BTreeSet<&Breakdown> = all().filter_map(|line| line.breakdown.as_ref()).collect();
        let numbers = Numbers {
            catalogue: &catalogue,
            periods: &(1..).zip(&codes).map(|(id, code)| ((*code).to_owned(), id)).collect(),
            breakdowns: &(1..).zip(members).map(|(id, member)| (member.clone(), id)).collect(),
            partnership_id: 1,
        };
        let facts = (1..).zip(&returns).flat_map(|(edition, lines)| {
            without_collisions(lines.iter().flat_map(|line| numbers.facts(line, edition).unwrap()), |_, _| true)
        });
        let facts = newest_visible(facts, |edition| Some((instant(edition), false)));
        let parsed: HashMap<i32, Period> =
            (1..).zip(codes).map(|(id, code)| (id, Period::parse(code).unwrap())).collect();
        let periods = facts.iter().map(|fact| parsed[&fact.key.period_id]).collect();
        let line_of = |fact: &Fact| {
            let of_return = usize::try_from(fact.edition_id - 1).unwrap();
            returns[of_return][usize::try_from(fact.line_no - 1).unwrap()].clone()
        };
        let lines = facts.iter().map(line_of).collect();
        Self { catalogue, facts, periods, lines }
    }

    /// The figures with their lines.
    pub(super) fn placed(&self) -> Vec<Placed<'_>> {
        let each = self.facts.iter().zip(&self.periods).zip(&self.lines);
        each.map(|((fact, period), line)| Placed { fact, period, breakdown: line.breakdown.as_ref(), line }).collect()
    }
}
