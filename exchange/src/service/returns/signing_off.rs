//! Sign-off: the lines of a return become figures, in one edition a scheme, as schemes are released by different parties.

use std::collections::{BTreeSet, HashMap};

use entity::Scheme;

use crate::{
    clock::Instant,
    problem::{Error, Result},
    rules::{
        catalogue::Catalogue,
        fact::Fact,
        line::{Breakdown, Line},
        line_facts::{Numbers, without_collisions},
        period::Period,
    },
    service::Exchange,
    store::{self, Tx, ledger::EditionOf, returns::StoredReturn},
};

impl Exchange {
    /// Writes the figures of a return. Nobody sees them until an entry of the ledger says so.
    pub(super) async fn write_figures(
        &self,
        tx: &Tx,
        stored: &StoredReturn,
        catalogue: &Catalogue,
        now: Instant,
    ) -> Result<()> {
        let lines = store::returns::lines(&**tx, stored.id).await?;
        let comparisons = store::returns::reported_comparisons(&**tx, stored.id).await?;
        let codes = lines.iter().flat_map(|line| {
            let of_figures = line.entries().map(|(_, entry)| line.period_of(entry).to_owned());
            std::iter::once(line.period.clone()).chain(of_figures)
        });
        let periods = self.numbered_periods(tx, codes.collect()).await?;
        let members: BTreeSet<Breakdown> = lines.iter().filter_map(|line| line.breakdown.clone()).collect();
        let members: Vec<Breakdown> = members.into_iter().collect();
        let breakdowns = store::dimensions::breakdown_ids(&**tx, &members).await?;
        let breakdowns: HashMap<Breakdown, i32> = breakdowns.into_iter().map(|(id, member)| (member, id)).collect();
        let numbers =
            Numbers { catalogue, periods: &periods, breakdowns: &breakdowns, partnership_id: stored.partnership_id };

        for scheme in Scheme::ALL.iter().copied() {
            let of = EditionOf {
                return_id: stored.id,
                partnership_id: stored.partnership_id,
                collection_id: stored.collection_id,
                scheme,
            };
            let is_part =
                |code: &str| catalogue.indicator(code, None).and_then(|indicator| indicator.scheme()) == Some(scheme);
            let lines: Vec<&Line> = lines.iter().filter(|line| is_part(&line.indicator)).collect();
            let comparisons: BTreeSet<i32> = comparisons
                .iter()
                .filter(|numbered| is_part(&numbered.comparison.indicator))
                .map(|numbered| numbered.indicator_id)
                .collect();
            // A part that is left out now, and was not before, is replaced by nothing.
            let is_empty = lines.is_empty() && comparisons.is_empty();
            if is_empty && !store::ledger::has_edition(&**tx, of).await? {
                continue;
            }
            let edition = store::ledger::insert_edition(&**tx, of, now).await?;
            write_part(tx, &numbers, &lines, edition).await?;
            let comparisons: Vec<i32> = comparisons.into_iter().collect();
            store::returns::assign_comparisons(&**tx, stored.id, &comparisons, edition).await?;
        }
        Ok(())
    }

    /// The numbers of periods, which they are given if they are new.
    pub(super) async fn numbered_periods(&self, tx: &Tx, codes: BTreeSet<String>) -> Result<HashMap<String, i32>> {
        let codes: Vec<String> = codes.into_iter().collect();
        let known = store::dimensions::periods_by_code(&**tx, &codes).await?;
        let lacking = codes.iter().filter(|code| !known.iter().any(|(_, known)| known == *code));
        let lacking: Vec<Period> = lacking.filter_map(|code| Period::parse(code).ok()).collect();
        if lacking.is_empty() {
            return Ok(known.into_iter().map(|(id, code)| (code, id)).collect());
        }
        store::dimensions::insert_periods(&**tx, &lacking).await?;
        let known = store::dimensions::periods_by_code(&**tx, &codes).await?;
        Ok(known.into_iter().map(|(id, code)| (code, id)).collect())
    }
}

async fn write_part(tx: &Tx, numbers: &Numbers<'_>, lines: &[&Line], edition: i64) -> Result<()> {
    let mut facts = Vec::new();
    for line in lines {
        let of_line = numbers.facts(line, edition).ok_or_else(|| {
            Error::internal("signing a return off", format!("line {} has a code without a number", line.line))
        })?;
        facts.extend(of_line);
    }
    let by_number: HashMap<u32, &Line> = lines.iter().map(|line| (line.line, *line)).collect();
    let printed = |fact: &Fact| {
        let line = u32::try_from(fact.line_no).ok().and_then(|number| by_number.get(&number));
        let entry = line.and_then(|line| line.entry(fact.key.kind));
        (line.map(|line| &line.source_row), entry.and_then(|entry| entry.as_printed.as_deref()))
    };
    let facts = without_collisions(facts, |one, other| printed(one) == printed(other));
    store::figures::insert(&**tx, &facts).await?;
    store::figures::insert_lines(&**tx, edition, lines).await
}
