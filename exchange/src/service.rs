//! One file a capability: authorise, load, apply the rule, write in one transaction, audit.

pub mod audit;
pub mod changes;
pub mod comparison;
pub mod figures;
pub mod framework;
pub mod idempotency;
pub mod metadata;
pub mod page;
mod present;
mod publishing;
mod pulse;
pub mod releases;
pub mod returns;
pub mod standing;
pub mod view;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use crate::{
    clock::{Clock, Instant},
    problem::{Error, Result},
    rules::{
        catalogue::{Catalogue, Version},
        fact::Fact,
        ledger::Ledger,
        period::Period,
    },
    store::{self, Database, metadata::Header},
};

/// How the exchange behaves; see the command line of the server for each setting.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How far ahead of the database's clock a publication takes effect, so that its transaction has ended by then.
    pub margin: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { margin: Duration::from_millis(250) }
    }
}

/// The indicator exchange over one database.
///
/// It holds no state that another server would need: what it remembers is keyed by the ledger, or never changes.
#[derive(Debug)]
pub struct Exchange {
    database: Database,
    clock: Clock,
    settings: Settings,
    present: present::Present,
    catalogues: RwLock<Vec<Arc<Remembered>>>,
    periods: RwLock<PeriodNumbers>,
    heart: pulse::Heart,
}

/// Names a catalogue: the restore epoch, and how many publications of metadata it rests on.
type CatalogueKey = (String, usize);

/// A catalogue that is remembered, with what names the version of each of its documents, by the numbers of their codes.
#[derive(Debug)]
struct Remembered {
    key: CatalogueKey,
    headers: HashMap<i32, Header>,
    catalogue: Arc<Catalogue>,
}

impl Remembered {
    /// A version that the catalogue holds: a version never changes, unless a backup is restored.
    fn version(&self, header: &Header) -> Option<Version> {
        if self.headers.get(&header.code_id).map(|known| known.edition_id) != Some(header.edition_id) {
            return None;
        }
        let document = self.catalogue.document(header.family, &header.key)?;
        Some(Version { id: header.code_id, key: header.key.clone(), document })
    }
}

/// Numbers of periods, once known; a number is never given to another period, unless a backup is restored.
#[derive(Debug, Default)]
struct PeriodNumbers {
    by_code: HashMap<String, i32>,
    by_id: HashMap<i32, Period>,
}

/// How many catalogues are remembered: the current one, and those that readers of the past last asked for.
const CATALOGUES: usize = 8;

impl Exchange {
    /// The exchange over a database whose schema is up to date.
    pub fn new(database: Database, clock: Clock, settings: Settings) -> Self {
        Self {
            database,
            clock,
            settings,
            present: present::Present::default(),
            catalogues: RwLock::default(),
            periods: RwLock::default(),
            heart: pulse::Heart::default(),
        }
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The catalogue in effect at an instant. One that is not remembered takes a statement, and another one for the
    /// documents that no remembered catalogue holds.
    async fn catalogue(&self, ledger: &Ledger, at: Instant) -> Result<Arc<Catalogue>> {
        let in_effect = ledger.metadata_in_effect(at);
        let key = (ledger.epoch().to_owned(), in_effect.len());
        let remembered = self.catalogues.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = remembered.iter().find(|known| known.key == key) {
            return Ok(Arc::clone(&known.catalogue));
        }
        // What has come since the last catalogue before it is read; the oldest edition comes first: of a document's versions
        // the newest stays.
        let before = remembered.iter().filter(|known| known.key.0 == key.0 && known.key.1 < key.1);
        let before = before.max_by_key(|known| known.key.1);
        let editions: Vec<i64> =
            in_effect[before.map_or(0, |known| known.key.1)..].iter().map(|(_, edition)| *edition).collect();
        let mut newest = before.map(|known| known.headers.clone()).unwrap_or_default();
        let headers = store::metadata::headers(self.database.reader(), &editions).await?;
        newest.extend(headers.into_iter().map(|header| (header.code_id, header)));
        let (mut versions, mut lacking) = (Vec::with_capacity(newest.len()), Vec::new());
        for header in newest.values() {
            let of_epoch = remembered.iter().filter(|known| known.key.0 == key.0);
            match of_epoch.rev().find_map(|known| known.version(header)) {
                Some(version) => versions.push(version),
                None => lacking.push(header.clone()),
            }
        }
        versions.extend(store::metadata::versions(self.database.reader(), lacking).await?);
        let catalogue = Arc::new(Catalogue::build(versions));
        let mut known = self.catalogues.write().unwrap_or_else(PoisonError::into_inner);
        known.push(Arc::new(Remembered { key, headers: newest, catalogue: Arc::clone(&catalogue) }));
        if known.len() > CATALOGUES {
            // The current one stays, however many readers ask for the past.
            let newest = known.iter().map(|known| known.key.1).max();
            let oldest = known.iter().position(|known| Some(known.key.1) != newest).unwrap_or(0);
            known.remove(oldest);
        }
        Ok(catalogue)
    }

    /// The catalogue that writes are checked against: with what has been published but is not yet in effect.
    async fn newest_catalogue(&self) -> Result<(Arc<Catalogue>, Instant)> {
        let (ledger, now, _) = self.glance().await?;
        Ok((self.catalogue(&ledger, Instant::MAX_UTC).await?, now))
    }

    /// The numbers of periods, by code; a period that no figure is for has none.
    async fn period_numbers(&self, codes: &[String]) -> Result<HashMap<String, i32>> {
        let lacking: Vec<String> = {
            let known = self.periods.read().unwrap_or_else(PoisonError::into_inner);
            codes.iter().filter(|code| !known.by_code.contains_key(*code)).cloned().collect()
        };
        if !lacking.is_empty() {
            self.remember(store::dimensions::periods_by_code(self.database.reader(), &lacking).await?)?;
        }
        let known = self.periods.read().unwrap_or_else(PoisonError::into_inner);
        Ok(codes.iter().filter_map(|code| Some((code.clone(), *known.by_code.get(code)?))).collect())
    }

    /// The periods that figures are for, by number.
    async fn periods_of(&self, facts: &[Fact]) -> Result<HashMap<i32, Period>> {
        let ids: HashSet<i32> = facts.iter().map(|fact| fact.key.period_id).collect();
        let lacking: Vec<i32> = {
            let known = self.periods.read().unwrap_or_else(PoisonError::into_inner);
            ids.iter().copied().filter(|id| !known.by_id.contains_key(id)).collect()
        };
        if !lacking.is_empty() {
            self.remember(store::dimensions::periods_by_id(self.database.reader(), &lacking).await?)?;
        }
        let known = self.periods.read().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.into_iter().filter_map(|id| Some((id, *known.by_id.get(&id)?))).collect())
    }

    fn remember(&self, periods: Vec<(i32, String)>) -> Result<()> {
        let mut known = self.periods.write().unwrap_or_else(PoisonError::into_inner);
        for (id, code) in periods {
            let period = Period::parse(&code).map_err(|failure| Error::internal("reading a stored period", failure))?;
            known.by_id.insert(id, period);
            known.by_code.insert(code, id);
        }
        Ok(())
    }
}
