//! Areas, their populations and deprivation.

use std::sync::Arc;

use async_graphql::{ComplexObject, ID, SimpleObject};
use exchange::{rules::metadata, vocabulary::AreaKind};

use super::Partnership;
use crate::{node, scalars::Date, session::Reading};

/// What is measured: a partnership's area, a part of one, a police force area, a region, England.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Area {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    within: Vec<String>,
    /// The GSS code (`E09000028`), or a code of the exchange's own for an area that has none.
    code: String,
    /// The code that the Office for National Statistics used before 2011.
    old_code: Option<String>,
    /// Its name.
    name: String,
    /// What kind of area it is.
    kind: AreaKind,
    /// The first day on which it existed, if known.
    valid_from: Option<Date>,
    /// The last day on which it existed, if it has ended.
    valid_to: Option<Date>,
    /// How many wards it has.
    wards: Option<u16>,
    /// Its ranks in indices of deprivation.
    deprivation: Vec<DeprivationRank>,
    /// Its population, by year and by vintage of the estimate.
    populations: Vec<Population>,
    /// Whether it is invented, for trying things out.
    fictional: bool,
    /// What else should be known.
    note: Option<String>,
}

impl Area {
    /// An area as a reading shows it.
    pub fn new(reading: &Arc<Reading>, area: &metadata::Area) -> Self {
        Self {
            reading: Arc::clone(reading),
            within: area.within.clone(),
            code: area.code.clone(),
            old_code: area.old_code.clone(),
            name: area.name.clone(),
            kind: area.kind,
            valid_from: area.valid_from.map(Date),
            valid_to: area.valid_to.map(Date),
            wards: area.wards,
            deprivation: area.deprivation.iter().map(DeprivationRank::from).collect(),
            populations: area.populations.iter().map(Population::from).collect(),
            fictional: area.fictional,
            note: area.note.clone(),
        }
    }
}

#[ComplexObject]
impl Area {
    /// Identifies it among all objects of the exchange.
    pub async fn id(&self) -> ID {
        node::of_code("Area", &self.code)
    }

    /// The areas that it lies in.
    async fn within(&self) -> Vec<Area> {
        self.within.iter().filter_map(|code| self.reading.area(code)).collect()
    }

    /// The partnerships whose area it is.
    async fn partnerships(&self) -> Vec<Partnership> {
        let all = self.reading.catalogue().partnerships.iter().map(|(_, known)| known);
        all.filter(|known| known.area == self.code).map(|known| Partnership::new(&self.reading, known)).collect()
    }
}

/// An area's rank in an index of deprivation, 1 being the most deprived.
#[derive(Debug, Clone, SimpleObject)]
pub struct DeprivationRank {
    /// The index, and the measure of it if there are several.
    index: String,
    /// The rank.
    rank: u16,
    /// Among how many areas, if the source says so.
    of: Option<u16>,
    /// Where it is printed.
    source: Option<String>,
}

impl From<&metadata::DeprivationRank> for DeprivationRank {
    fn from(rank: &metadata::DeprivationRank) -> Self {
        let metadata::DeprivationRank { index, rank, of, source } = rank.clone();
        Self { index, rank, of, source }
    }
}

/// An estimate of an area's population.
#[derive(Debug, Clone, SimpleObject)]
pub struct Population {
    /// The year whose middle it is for; null if the source does not say.
    year: Option<i32>,
    /// Which estimate: the first, or a revision.
    vintage: String,
    /// People.
    people: i64,
    /// Where it is printed.
    source: Option<String>,
}

impl From<&metadata::Population> for Population {
    fn from(population: &metadata::Population) -> Self {
        let metadata::Population { year, vintage, people, source } = population.clone();
        Self { year, vintage, people, source }
    }
}
