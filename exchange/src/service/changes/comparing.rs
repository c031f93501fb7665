//! Comparing two readings: what publications between them have changed.

use std::collections::{BTreeMap, BTreeSet};

use entity::{ChangeKind, EditionKind, FigureKind};
use serde_json::value::RawValue;

use super::{DocumentChange, FigureChange, PublishedChange, Wanted};
use crate::{
    problem::{Error, Result},
    rules::{
        catalogue::owner_of,
        changes::{FactChange, changes, same_words},
        fact::Fact,
        ledger::Published,
        metadata::Document,
    },
    service::{Exchange, view::View},
    store,
};

impl Exchange {
    /// Documents that publications have changed from one view to another, by family and code, and of those from `skip` on as
    /// many as asked for.
    pub(super) async fn document_changes(
        &self,
        before: &View,
        after: &View,
        publications: &[&Published],
        wanted: &Wanted,
        (skip, take): (usize, usize),
    ) -> Result<Vec<PublishedChange>> {
        let of_metadata = |publication: &&&Published| publication.kind == EditionKind::Metadata;
        let editions: Vec<i64> = publications.iter().filter(of_metadata).map(|of| of.edition_id).collect();
        if editions.is_empty() || !wanted.takes_documents() {
            return Ok(Vec::new());
        }
        // Of several versions the last counts, and says when.
        let mut newest = BTreeMap::new();
        for header in store::metadata::headers(self.database().reader(), &editions).await? {
            newest.insert((header.family, header.key), header.edition_id);
        }
        let mut found = Vec::new();
        let mut left = skip;
        for ((family, key), edition) in newest {
            let (from, to) = (before.catalogue.document(family, &key), after.catalogue.document(family, &key));
            let Some(changed) = to.as_ref().filter(|_| from != to) else { continue };
            if !wanted.takes_document_of(owner_of(changed)) {
                continue;
            }
            if left > 0 {
                left -= 1;
                continue;
            }
            if found.len() == take {
                break;
            }
            let effective_at = after.ledger().publication(edition).map(|publication| publication.effective_at);
            found.push(PublishedChange {
                kind: if from.is_some() { ChangeKind::Revised } else { ChangeKind::Added },
                effective_at: effective_at.unwrap_or(after.as_of),
                release_id: None,
                reason: None,
                figure: None,
                document: Some(DocumentChange { family, code: key, from: raw(from)?, to: raw(to)? }),
            });
        }
        Ok(found)
    }

    /// Figures of one partnership that publications have changed from one view to another, in the order of their keys, and of
    /// those from `skip` on as many as asked for.
    pub(super) async fn figure_changes(
        &self,
        (before, after): (&View, &View),
        partnership: i32,
        publications: &[&Published],
        wanted: &Wanted,
        (skip, take): (usize, usize),
    ) -> Result<Vec<PublishedChange>> {
        let (indicators, periods) = self.touched((before, after), publications, wanted).await?;
        if indicators.is_empty() || periods.is_empty() {
            return Ok(Vec::new());
        }
        let reader = self.database().reader();
        let of_one = [partnership];
        let editions = before.editions_of(&of_one).zip(after.editions_of(&of_one));
        let editions = editions.map(|(before, after)| [before, after].concat());
        let (kinds, editions) = (FigureKind::ALL, editions.as_deref());
        let facts = store::figures::range(reader, &indicators, &periods, kinds, &of_one, editions).await?;
        let (mut old, mut new) = (before.newest(facts.iter().copied()), after.newest(facts));
        // What both show from one edition cannot differ, unless it was withdrawn between.
        let key = |fact: &Fact| (fact.key, fact.edition_id, fact.flags.tombstone);
        let of_old: BTreeSet<_> = old.iter().map(key).collect();
        let of_both: BTreeSet<_> = new.iter().map(key).filter(|key| of_old.contains(key)).collect();
        old.retain(|fact| !of_both.contains(&key(fact)));
        new.retain(|fact| !of_both.contains(&key(fact)));

        let lines = [self.lines_of(&old).await?, self.lines_of(&new).await?];
        let line = |at: usize, fact: &Fact| lines[at].get(&(fact.edition_id, fact.line_no));
        let in_the_same_words = |from: &Fact, to: &Fact| match (line(0, from), line(1, to)) {
            (Some(one), Some(other)) => same_words(from.key.kind, one, other),
            _ => false,
        };
        let changes = changes(old, new, in_the_same_words).into_iter().skip(skip).take(take).collect();
        self.in_words((before, after), publications, changes).await
    }

    /// Indicators and periods that the lines of publications are about, and those of what they stand in place of.
    async fn touched(
        &self,
        (before, after): (&View, &View),
        publications: &[&Published],
        wanted: &Wanted,
    ) -> Result<(Vec<i32>, Vec<i32>)> {
        let mut editions = BTreeSet::new();
        for publication in publications {
            let stood = before.ledger().answers_like(publication).find(|other| before.shows(other));
            for of in [Some(*publication), stood].into_iter().flatten() {
                editions.insert(of.withdraws.unwrap_or(of.edition_id));
            }
        }
        let editions: Vec<i64> = editions.into_iter().collect();
        let (mut indicators, mut codes) = (BTreeSet::new(), BTreeSet::new());
        for (_, line) in store::figures::lines_of_editions(self.database().reader(), &editions).await? {
            let Some(indicator) = after.catalogue.indicator(&line.indicator, None) else { continue };
            if !wanted.indicators.is_empty() && !wanted.indicators.contains(&indicator.id) {
                continue;
            }
            indicators.insert(indicator.id);
            codes.extend(line.entries().map(|(_, entry)| line.period_of(entry).to_owned()));
            codes.insert(line.period);
        }
        let codes: Vec<String> = codes.into_iter().collect();
        let periods: BTreeSet<i32> = self.period_numbers(&codes).await?.into_values().collect();
        Ok((indicators.into_iter().collect(), periods.into_iter().collect()))
    }

    /// Changes in words: each with the publication that did it.
    async fn in_words(
        &self,
        (before, after): (&View, &View),
        publications: &[&Published],
        changes: Vec<FactChange>,
    ) -> Result<Vec<PublishedChange>> {
        let of = |side: fn(&FactChange) -> Option<Fact>| changes.iter().filter_map(side).collect::<Vec<Fact>>();
        let mut from = self.describe(before, &of(|change| change.from)).await?.into_iter();
        let mut to = self.describe(after, &of(|change| change.to)).await?.into_iter();
        let mut told = Vec::with_capacity(changes.len());
        for change in changes {
            let did = did(after, publications, &change)
                .ok_or_else(|| Error::internal("telling changes", "nothing has done one"))?;
            let figure =
                FigureChange { from: change.from.and_then(|_| from.next()), to: change.to.and_then(|_| to.next()) };
            told.push(PublishedChange {
                kind: change.kind,
                effective_at: did.effective_at,
                release_id: did.release_id,
                reason: did.reason.clone(),
                figure: Some(figure),
                document: None,
            });
        }
        Ok(told)
    }
}

/// Which of the publications between two readings has changed a figure last: the one that it comes from now or that withdraws it,
/// else the one that has taken the place of the one that it came from. An older figure that shows through again was brought by
/// neither: then the newest of its scheme has left it out.
fn did<'a>(after: &'a View, publications: &[&'a Published], change: &FactChange) -> Option<&'a Published> {
    let is_between = |of: &&Published| publications.iter().any(|between| between.edition_id == of.edition_id);
    let brought = change.to.and_then(|fact| after.standing(fact.edition_id));
    let brought = brought.map(|standing| standing.withdrawn.unwrap_or(standing.publication)).filter(is_between);
    let replaced = || {
        let came_from = after.ledger().publication(change.from?.edition_id)?;
        after.ledger().answers_like(came_from).find(|other| after.shows(other)).filter(is_between)
    };
    let left_out = || {
        let indicator = change.to.or(change.from)?.key.indicator_id;
        let scheme = after.catalogue.indicators.by_id(indicator)?.scheme();
        publications.iter().rev().find(|of| of.scheme == scheme).or(publications.last()).copied()
    };
    brought.or_else(replaced).or_else(left_out)
}

fn raw(document: Option<Document>) -> Result<Option<Box<RawValue>>> {
    let raw = |document: Document| {
        let json = document.to_json().map_err(|failure| Error::internal("telling changes", failure))?;
        RawValue::from_string(json).map_err(|failure| Error::internal("telling changes", failure))
    };
    document.map(raw).transpose()
}
