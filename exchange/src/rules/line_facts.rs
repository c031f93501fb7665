//! From the lines of a signed-off return to the facts of the fact table.

use std::collections::HashMap;

use entity::{Basis, FigureForm, FigureKind, MissingReason, Unit};

use super::{
    catalogue::{Catalogue, Indicator, Known},
    decimal::Figure,
    fact::{Fact, FactKey, Measure},
    flags::Flags,
    line::{Breakdown, Entry, Line},
};

/// The numbers that codes stand for.
#[derive(Debug)]
pub struct Numbers<'a> {
    /// All metadata.
    pub catalogue: &'a Catalogue,
    /// Numbers of periods by code.
    pub periods: &'a HashMap<String, i32>,
    /// Numbers of members of breakdowns.
    pub breakdowns: &'a HashMap<Breakdown, i32>,
    /// The partnership reported for.
    pub partnership_id: i32,
}

impl Numbers<'_> {
    /// The facts of a line, all in one edition; `None` if a code of the line has no number.
    pub fn facts(&self, line: &Line, edition_id: i64) -> Option<Vec<Fact>> {
        let indicator: &Known<Indicator> = self.catalogue.indicator(&line.indicator, None)?;
        let key = FactKey {
            indicator_id: indicator.id,
            period_id: *self.periods.get(&line.period)?,
            kind: FigureKind::Actual,
            partnership_id: self.partnership_id,
            area_id: self.catalogue.area(&line.area)?.id,
            breakdown_id: match &line.breakdown {
                Some(member) => *self.breakdowns.get(member)?,
                None => 0,
            },
            measure: Measure::Primary,
            line_variant: line.line_variant,
        };
        let line_no = i32::try_from(line.line).ok()?;
        let mut all = Vec::new();
        let empty =
            Fact { key, edition_id, value: None, numerator: None, denominator: None, flags: Flags::default(), line_no };
        for (kind, entry) in line.entries() {
            let key = FactKey { kind, period_id: *self.periods.get(line.period_of(entry))?, ..key };
            let flags = flags(entry);
            let (value, numerator, denominator) = (entry.value, entry.numerator, entry.denominator);
            all.push(Fact { key, value, numerator, denominator, flags, ..empty });
            if let Some(value) = entry.secondary_value {
                let form = entry.secondary_form.unwrap_or(FigureForm::Level);
                let unit = match (entry.secondary_unit, form) {
                    (Some(unit), _) => unit,
                    (None, FigureForm::RelativeChange) => Unit::Percent,
                    (None, _) => Unit::Unknown,
                };
                let key = FactKey { measure: Measure::Secondary(unit), ..key };
                // What is said of the figure's number is not said of the second one, which is there.
                let flags = Flags { basis: flags.basis, form, ..Flags::default() };
                all.push(Fact { key, value: Some(value), flags, ..empty });
            }
        }
        if let Some(reported) = &line.reported_light {
            let key = FactKey { kind: FigureKind::ReportedLight, ..key };
            let flags = Flags { light: Some(reported.light), ..Flags::default() };
            all.push(Fact { key, flags, ..empty });
        }
        Some(all)
    }
}

/// Lines of different periods may share a baseline or a target: said and printed alike it is one fact, otherwise it is kept
/// apart.
pub fn without_collisions(
    facts: impl IntoIterator<Item = Fact>,
    printed_alike: impl Fn(&Fact, &Fact) -> bool,
) -> Vec<Fact> {
    let mut kept: Vec<Fact> = Vec::new();
    let mut place: HashMap<FactKey, usize> = HashMap::new();
    let mut primary = None;
    for mut fact in facts {
        let of = (fact.line_no, fact.key.kind);
        if let (Measure::Secondary(_), Some((same, variant))) = (fact.key.measure, primary) {
            // A second value stays beside its first.
            if same == of {
                fact.key.line_variant = variant;
            }
        }
        loop {
            match place.get(&fact.key).map(|at| &mut kept[*at]) {
                None => {
                    place.insert(fact.key, kept.len());
                    kept.push(fact);
                    break;
                }
                Some(known) if says_the_same(known, &fact) && printed_alike(known, &fact) => {
                    known.numerator = known.numerator.or(fact.numerator);
                    known.denominator = known.denominator.or(fact.denominator);
                    break;
                }
                Some(_) => fact.key.line_variant = fact.key.line_variant.saturating_add(1),
            }
        }
        if fact.key.measure == Measure::Primary {
            primary = Some((of, fact.key.line_variant));
        }
    }
    kept
}

/// Whether two facts say the same, whatever decimals they were printed with.
pub fn says_the_same(one: &Fact, other: &Fact) -> bool {
    one.value.map(Figure::scaled) == other.value.map(Figure::scaled) && one.flags == other.flags
}

/// Whether two facts of one key contradict each other. An empty cell contradicts nothing.
pub fn contradict(one: &Fact, other: &Fact) -> bool {
    let blank = |fact: &Fact| fact.flags.missing == Some(MissingReason::Blank);
    !blank(one) && !blank(other) && !says_the_same(one, other)
}

fn flags(entry: &Entry) -> Flags {
    Flags {
        status: entry.status.iter().copied().collect(),
        missing: entry.missing,
        basis: entry.basis.unwrap_or(Basis::Official),
        form: entry.form.unwrap_or(FigureForm::Level),
        light: None,
        tombstone: false,
    }
}

#[cfg(test)]
mod tests;
