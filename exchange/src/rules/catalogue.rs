//! The catalogue: all metadata in effect at an instant, as one value.
//!
//! Metadata is small (thousands of documents) and changes rarely, so that a server keeps it whole in memory, keyed by the
//! newest publication of metadata that it rests on. Every look-up by code, alias or date is then a rule, not a query. A
//! catalogue takes what it has in common with another one from that, and shares the plans, which alone are large, with it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Deref,
    sync::Arc,
};

use chrono::NaiveDate;
use entity::MetadataFamily;

pub use super::metadata::{Area, Break, Collection, Definition, Indicator, Partnership, PeerGroup, Plan};
use super::{
    indicator_code::{IndicatorCode, alias_key, nearest},
    metadata::Document,
    period::Period,
};

/// A document with the number that the fact table knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<T> {
    /// The number; never leaves the exchange.
    pub id: i32,
    /// The document.
    pub document: T,
}

impl<T> Deref for Known<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.document
    }
}

/// One version of a document, as stored.
#[derive(Debug, Clone)]
pub struct Version {
    /// The number of its code.
    pub id: i32,
    /// Its code, folded.
    pub key: String,
    /// The document.
    pub document: Document,
}

/// All documents of a family, sorted by folded code.
#[derive(Debug, Clone)]
pub struct Family<T> {
    by_key: BTreeMap<String, Known<T>>,
    keys: HashMap<i32, String>,
}

impl<T> Default for Family<T> {
    fn default() -> Self {
        Self { by_key: BTreeMap::new(), keys: HashMap::new() }
    }
}

impl<T> Family<T> {
    fn insert(&mut self, key: String, id: i32, document: T) {
        self.keys.insert(id, key.clone());
        self.by_key.insert(key, Known { id, document });
    }

    /// The document with this folded code.
    pub fn get(&self, key: &str) -> Option<&Known<T>> {
        self.by_key.get(key)
    }

    /// The document with this number.
    pub fn by_id(&self, id: i32) -> Option<&Known<T>> {
        self.keys.get(&id).and_then(|key| self.by_key.get(key))
    }

    /// All documents, in the order of their folded codes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Known<T>)> {
        self.by_key.iter().map(|(key, known)| (key.as_str(), known))
    }

    /// The documents whose folded codes come after this one.
    pub fn after<'a>(&'a self, key: Option<&str>) -> impl Iterator<Item = (&'a str, &'a Known<T>)> + use<'a, T> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = key.map_or(Unbounded, |key| Excluded(key.to_owned()));
        self.by_key.range((from, Unbounded)).map(|(key, known)| (key.as_str(), known))
    }

    /// The documents whose folded codes come before this one, or all, the last of them first.
    pub fn before<'a>(&'a self, key: Option<&str>) -> impl Iterator<Item = (&'a str, &'a Known<T>)> + use<'a, T> {
        use std::ops::Bound::{Excluded, Unbounded};
        let until = key.map_or(Unbounded, |key| Excluded(key.to_owned()));
        self.by_key.range((Unbounded, until)).rev().map(|(key, known)| (key.as_str(), known))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

/// All metadata in effect at an instant.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Areas.
    pub areas: Family<Area>,
    /// Partnerships.
    pub partnerships: Family<Partnership>,
    /// Indicators.
    pub indicators: Family<Indicator>,
    /// Peer groups.
    pub peer_groups: Family<PeerGroup>,
    /// Collections.
    pub collections: Family<Collection>,
    /// Plans.
    pub plans: Family<Arc<Plan>>,
    definitions: Family<Definition>,
    breaks: Family<Break>,
    indicator_aliases: HashMap<String, i32>,
    old_area_codes: HashMap<String, i32>,
    definitions_of: HashMap<i32, Vec<i32>>,
    breaks_of: HashMap<i32, Vec<i32>>,
}

/// The folded code of a document: unique in its family, alike for all spellings.
pub fn key_of(document: &Document) -> String {
    match document {
        Document::Area(area) => fold(&area.code).to_ascii_uppercase(),
        Document::Partnership(partnership) => fold(&partnership.code),
        Document::Indicator(indicator) => indicator_key(&indicator.qualified_code()),
        Document::Definition(definition) => {
            format!("{}@{}", indicator_key(&definition.indicator), definition.valid_from)
        }
        Document::Break(discontinuity) => format!("{}@{}", indicator_key(&discontinuity.indicator), discontinuity.date),
        Document::PeerGroup(group) => fold(&group.code),
        Document::Collection(collection) => fold(&collection.code),
        Document::Plan(plan) => plan_key(&plan.partnership, &plan.code),
    }
}

/// The folded code of a plan, with its partnership in front.
pub fn plan_key(partnership: &str, code: &str) -> String {
    format!("{}/{}", fold(partnership), fold(code))
}

/// The folded form of an indicator's code, with its owner in front where it has one.
pub fn indicator_key(code: &str) -> String {
    let (owner, code) = split_owner(code);
    let key = IndicatorCode::parse(code).map_or_else(|_| alias_key(code), |parsed| parsed.key());
    owner.map_or_else(|| key.clone(), |owner| format!("{}:{key}", fold(owner)))
}

/// Parts `southwark:LI 1` at the colon.
pub fn split_owner(code: &str) -> (Option<&str>, &str) {
    match code.split_once(':') {
        Some((owner, code)) => (Some(owner.trim()), code.trim()),
        None => (None, code.trim()),
    }
}

/// The partnership that a document belongs to, by code; `None` for what is everybody's.
pub fn owner_of(document: &Document) -> Option<&str> {
    match document {
        Document::Plan(plan) => Some(&plan.partnership),
        Document::Partnership(partnership) => Some(&partnership.code),
        Document::PeerGroup(group) => Some(&group.owner),
        Document::Indicator(indicator) => indicator.owner.as_deref(),
        Document::Definition(definition) => split_owner(&definition.indicator).0,
        Document::Break(discontinuity) => split_owner(&discontinuity.indicator).0,
        Document::Area(_) | Document::Collection(_) => None,
    }
}

/// The folded form of codes that are lower-case words.
fn fold(code: &str) -> String {
    code.trim().to_lowercase()
}

impl Catalogue {
    /// Builds the catalogue from the newest version of each document, in any order.
    pub fn build(versions: impl IntoIterator<Item = Version>) -> Self {
        let mut versions: Vec<Version> = versions.into_iter().collect();
        // Definitions and breaks find their indicators; and the same versions always make the same catalogue.
        versions.sort_by_key(|version| (version.document.family(), version.id));
        let mut catalogue = Self::default();
        for version in versions {
            catalogue.insert(version);
        }
        catalogue
    }

    /// Adds a document, or a newer version of one. A definition or a break needs its indicator to be there.
    pub fn insert(&mut self, Version { id, key, document }: Version) {
        match document {
            Document::Area(area) => {
                if self.areas.by_id(id).is_some() {
                    self.old_area_codes.retain(|_, of| *of != id);
                }
                if let Some(old) = &area.old_code {
                    self.old_area_codes.insert(old.to_ascii_uppercase(), id);
                }
                self.areas.insert(key, id, area);
            }
            Document::Partnership(partnership) => self.partnerships.insert(key, id, partnership),
            Document::Indicator(indicator) => {
                if self.indicators.by_id(id).is_some() {
                    self.indicator_aliases.retain(|_, of| *of != id);
                }
                for alias in &indicator.aliases {
                    let alias = match &indicator.owner {
                        Some(owner) => indicator_key(&format!("{owner}:{alias}")),
                        None => indicator_key(alias),
                    };
                    self.indicator_aliases.insert(alias, id);
                }
                self.indicators.insert(key, id, indicator);
            }
            Document::Definition(definition) => {
                let indicator =
                    indicator_of(&key).and_then(|key| self.indicators.get(key)).map(|indicator| indicator.id);
                self.definitions.insert(key, id, definition);
                if let Some(indicator) = indicator {
                    let ids = self.definitions_of.entry(indicator).or_default();
                    ids.retain(|known| *known != id);
                    ids.push(id);
                    ids.sort_by_key(|id| self.definitions.by_id(*id).map(|definition| definition.valid_from));
                }
            }
            Document::Break(discontinuity) => {
                let indicator =
                    indicator_of(&key).and_then(|key| self.indicators.get(key)).map(|indicator| indicator.id);
                self.breaks.insert(key, id, discontinuity);
                if let Some(indicator) = indicator {
                    let ids = self.breaks_of.entry(indicator).or_default();
                    ids.retain(|known| *known != id);
                    ids.push(id);
                    ids.sort_by_key(|id| self.breaks.by_id(*id).map(|discontinuity| discontinuity.date));
                }
            }
            Document::PeerGroup(group) => self.peer_groups.insert(key, id, group),
            Document::Collection(collection) => self.collections.insert(key, id, collection),
            Document::Plan(plan) => self.plans.insert(key, id, plan),
        }
    }

    /// The current version of a document, by the folded code of its family.
    pub fn document(&self, family: MetadataFamily, key: &str) -> Option<Document> {
        match family {
            MetadataFamily::Area => self.areas.get(key).map(|known| Document::Area(known.document.clone())),
            MetadataFamily::Partnership => {
                self.partnerships.get(key).map(|known| Document::Partnership(known.document.clone()))
            }
            MetadataFamily::Indicator => {
                self.indicators.get(key).map(|known| Document::Indicator(known.document.clone()))
            }
            MetadataFamily::Definition => {
                self.definitions.get(key).map(|known| Document::Definition(known.document.clone()))
            }
            MetadataFamily::Break => self.breaks.get(key).map(|known| Document::Break(known.document.clone())),
            MetadataFamily::PeerGroup => {
                self.peer_groups.get(key).map(|known| Document::PeerGroup(known.document.clone()))
            }
            MetadataFamily::Collection => {
                self.collections.get(key).map(|known| Document::Collection(known.document.clone()))
            }
            MetadataFamily::Plan => self.plans.get(key).map(|known| Document::Plan(Arc::clone(&known.document))),
        }
    }

    /// The number of a document, by the folded code of its family.
    pub fn id(&self, family: MetadataFamily, key: &str) -> Option<i32> {
        match family {
            MetadataFamily::Area => self.areas.get(key).map(|known| known.id),
            MetadataFamily::Partnership => self.partnerships.get(key).map(|known| known.id),
            MetadataFamily::Indicator => self.indicators.get(key).map(|known| known.id),
            MetadataFamily::Definition => self.definitions.get(key).map(|known| known.id),
            MetadataFamily::Break => self.breaks.get(key).map(|known| known.id),
            MetadataFamily::PeerGroup => self.peer_groups.get(key).map(|known| known.id),
            MetadataFamily::Collection => self.collections.get(key).map(|known| known.id),
            MetadataFamily::Plan => self.plans.get(key).map(|known| known.id),
        }
    }

    /// The partnership with this code.
    pub fn partnership(&self, code: &str) -> Option<&Known<Partnership>> {
        self.partnerships.get(&fold(code))
    }

    /// The collection with this code.
    pub fn collection(&self, code: &str) -> Option<&Known<Collection>> {
        self.collections.get(&fold(code))
    }

    /// The peer group with this code.
    pub fn peer_group(&self, code: &str) -> Option<&Known<PeerGroup>> {
        self.peer_groups.get(&fold(code))
    }

    /// The plan of a partnership with this code.
    pub fn plan(&self, partnership: &str, code: &str) -> Option<&Known<Arc<Plan>>> {
        self.plans.get(&plan_key(partnership, code))
    }

    /// The plans of a partnership, oldest first.
    pub fn plans_of(&self, partnership: &str) -> Vec<&Known<Arc<Plan>>> {
        let prefix = plan_key(partnership, "");
        let from_prefix = self.plans.after(Some(&prefix)).take_while(|(key, _)| key.starts_with(&prefix));
        let mut plans: Vec<_> = from_prefix.map(|(_, plan)| plan).collect();
        plans.sort_by_key(|plan| (plan.valid_from, plan.id));
        plans
    }

    /// The area with this GSS code or old code.
    pub fn area(&self, code: &str) -> Option<&Known<Area>> {
        let key = code.trim().to_ascii_uppercase();
        self.areas.get(&key).or_else(|| self.old_area_codes.get(&key).and_then(|id| self.areas.by_id(*id)))
    }

    /// The indicator with this code or alias, in any spelling. A local code (`LI 1`) means that of `partnership`, if given.
    pub fn indicator(&self, code: &str, partnership: Option<&str>) -> Option<&Known<Indicator>> {
        let (owner, plain) = split_owner(code);
        let local = owner.or(partnership).and_then(|owner| self.indicator_qualified(&format!("{owner}:{plain}")));
        local.or_else(|| if owner.is_none() { self.indicator_qualified(plain) } else { None })
    }

    fn indicator_qualified(&self, code: &str) -> Option<&Known<Indicator>> {
        let key = indicator_key(code);
        let by_alias = || self.indicator_aliases.get(&key).and_then(|id| self.indicators.by_id(*id));
        self.indicators.get(&key).or_else(by_alias)
    }

    /// The code of the catalogue that is nearest to one that it lacks. For a local code without its owner that is the same
    /// code of some owner.
    pub fn nearest_indicator(&self, code: &str, partnership: Option<&str>) -> Option<String> {
        let key = indicator_key(code);
        let owned = |known: &Known<Indicator>| known.owner.is_some() && indicator_key(&known.code) == key;
        if partnership.is_none()
            && let Some((_, known)) = self.indicators.iter().find(|(_, known)| owned(known))
        {
            return Some(known.qualified_code());
        }
        let known = self.indicators.iter().map(|(_, known)| known);
        let reachable = known.filter(|known| known.owner.is_none() || known.owner.as_deref() == partnership);
        nearest(code, reachable.map(|known| known.code.as_str())).map(str::to_owned)
    }

    /// What an indicator means in a period: the newest definition that holds on its last day; before the first one, the first.
    pub fn definition(&self, indicator: i32, period: &Period) -> Option<&Known<Definition>> {
        let ids = self.definitions_of.get(&indicator)?;
        let mut all = ids.iter().filter_map(|id| self.definitions.by_id(*id));
        let first = all.clone().next();
        all.rfind(|definition| definition.valid_from <= period.end()).or(first)
    }

    /// All definitions of an indicator, oldest first.
    pub fn definitions(&self, indicator: i32) -> impl Iterator<Item = &Known<Definition>> {
        self.definitions_of.get(&indicator).into_iter().flatten().filter_map(|id| self.definitions.by_id(*id))
    }

    /// All breaks of an indicator, oldest first.
    pub fn breaks(&self, indicator: i32) -> impl Iterator<Item = &Known<Break>> {
        self.breaks_of.get(&indicator).into_iter().flatten().filter_map(|id| self.breaks.by_id(*id))
    }

    /// The first break of an indicator after one day, up to another: figures before and after it are not comparable.
    pub fn break_between(&self, indicator: i32, after: NaiveDate, until: NaiveDate) -> Option<&Known<Break>> {
        self.breaks(indicator).find(|discontinuity| after < discontinuity.date && discontinuity.date <= until)
    }

    /// The partnership's own Most Similar Group on a day: the newest that holds then.
    pub fn peer_group_of(&self, partnership: &str, day: NaiveDate) -> Option<&Known<PeerGroup>> {
        let groups = self.peer_groups.iter().map(|(_, group)| group);
        groups
            .filter(|group| {
                group.owner == partnership && group.valid_from <= day && group.valid_to.is_none_or(|to| day <= to)
            })
            .max_by_key(|group| group.valid_from)
    }

    /// All peer groups that a partnership owns.
    pub fn peer_groups_of<'a>(&'a self, partnership: &'a str) -> impl Iterator<Item = &'a Known<PeerGroup>> {
        self.peer_groups.iter().map(|(_, group)| group).filter(move |group| group.owner == partnership)
    }

    /// Whether an area is another one or lies within it, at any depth.
    pub fn lies_within(&self, area: &str, reached: &str) -> bool {
        let mut waiting = vec![area];
        let mut seen = BTreeSet::new();
        while let Some(code) = waiting.pop() {
            if code == reached {
                return true;
            }
            if seen.insert(code) {
                waiting.extend(
                    self.area(code).into_iter().flat_map(|known| known.document.within.iter().map(String::as_str)),
                );
            }
        }
        false
    }
}

/// The indicator's part of the folded code of a definition or a break.
fn indicator_of(key: &str) -> Option<&str> {
    key.rsplit_once('@').map(|(indicator, _)| indicator)
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
