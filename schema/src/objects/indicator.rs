//! Indicators, what they mean when, and where their figures break.

use std::sync::Arc;

use async_graphql::{ComplexObject, ID, SimpleObject};
use exchange::{
    Error,
    rules::{catalogue::Known, metadata, period},
    service::figures::FigureQuery,
    vocabulary::{Aggregation, FigureKind, IndicatorLinkKind, Polarity, Scheme, Unit},
};

use super::{Figure, Partnership};
use crate::{
    connection::{Connection, part},
    error::Result,
    limits, node,
    scalars::{Date, Decimal},
    session::Reading,
};

/// What is measured. What it means stands in its dated definitions.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Indicator {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    id: i32,
    #[graphql(skip)]
    owner: Option<String>,
    /// Its code as printed: `NI 15`, `LI 1`, `LOCAL asbo-breach-rate`, `CRIME personal-robbery`.
    code: String,
    /// The code with its owner, where it has one: `southwark:LI 1`. No two indicators share it.
    qualified_code: String,
    /// Who defines it.
    scheme: Option<Scheme>,
    /// Other codes of the same indicator.
    aliases: Vec<String>,
    /// How it is connected to other indicators.
    links: Vec<IndicatorLink>,
    /// The public service agreements that it serves, as printed.
    agreements: Vec<String>,
    /// What else should be known.
    note: Option<String>,
}

impl Indicator {
    /// An indicator as a reading shows it.
    pub fn new(reading: &Arc<Reading>, known: &Known<metadata::Indicator>) -> Self {
        let indicator = &known.document;
        let links = indicator.links.iter().map(|link| IndicatorLink {
            reading: Arc::clone(reading),
            owner: indicator.owner.clone(),
            kind: link.kind,
            code: link.indicator.clone(),
        });
        Self {
            reading: Arc::clone(reading),
            id: known.id,
            owner: indicator.owner.clone(),
            code: indicator.code.clone(),
            qualified_code: indicator.qualified_code(),
            scheme: indicator.scheme(),
            aliases: indicator.aliases.clone(),
            links: links.collect(),
            agreements: indicator.agreements.clone(),
            note: indicator.note.clone(),
        }
    }
}

#[ComplexObject]
impl Indicator {
    /// Identifies it among all objects of the exchange.
    pub async fn id(&self) -> ID {
        node::of_code("Indicator", &self.qualified_code)
    }

    /// The partnership that owns it; null for one that is not local.
    async fn owner(&self) -> Option<Partnership> {
        self.reading.partnership(self.owner.as_deref()?)
    }

    /// What it means, oldest definition first.
    async fn definitions(&self) -> Vec<Definition> {
        self.reading.catalogue().definitions(self.id).map(|known| Definition::from(&known.document)).collect()
    }

    /// What it means in a period: the newest definition that holds on its last day; before the first one, the first.
    async fn definition(
        &self,
        #[graphql(desc = "The period, in any spelling.")] period: String,
    ) -> Result<Option<Definition>> {
        let period = period::Period::parse(&period).map_err(|failure| Error::parameter("period", failure))?;
        let known = self.reading.catalogue().definition(self.id, &period);
        Ok(known.map(|known| Definition::from(&known.document)))
    }

    /// Where its figures break, oldest first.
    async fn breaks(&self) -> Vec<Break> {
        self.reading.catalogue().breaks(self.id).map(|known| Break::from(&known.document)).collect()
    }

    /// Its published outturns.
    #[graphql(complexity = "limits::STATEMENT + limits::page(first.or(last), child_complexity)")]
    async fn actuals(
        &self,
        #[graphql(desc = "Only these partnerships, by code.", default)] partnerships: Vec<String>,
        #[graphql(desc = "Only these periods, in any spelling.", default)] periods: Vec<String>,
        #[graphql(desc = "How many at most: 100 unless given, up to 1000.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many of the last at most, up to 1000; instead of `first`.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor; instead of `after`.")] before: Option<String>,
    ) -> Result<Connection<Figure>> {
        let indicators = vec![self.qualified_code.clone()];
        let query = FigureQuery { kinds: vec![FigureKind::Actual], partnerships, indicators, periods };
        Figure::page(&self.reading, &query, part(first, after, last, before)?).await
    }
}

/// A connection from one indicator to another.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct IndicatorLink {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    owner: Option<String>,
    /// How they are connected.
    kind: IndicatorLinkKind,
    /// The code of the other indicator.
    code: String,
}

#[ComplexObject]
impl IndicatorLink {
    /// The other indicator; null if the catalogue, which is partial, lacks it.
    async fn indicator(&self) -> Option<Indicator> {
        self.reading.indicator(&self.code, self.owner.as_deref())
    }
}

/// What an indicator means from a day on.
#[derive(Debug, Clone, SimpleObject)]
pub struct Definition {
    /// The first day on which it holds.
    valid_from: Date,
    /// The title.
    title: String,
    /// Where the title is printed.
    title_source: Option<String>,
    /// The unit of its figures.
    unit: Unit,
    /// For a rate: per how many of the denominator.
    per: Option<u32>,
    /// Of what it is a part or a rate.
    denominator: Option<String>,
    /// The decimals to which its computed figures (averages, changes in points) are rounded.
    decimals: u8,
    /// Which direction is good.
    polarity: Polarity,
    /// How parts of a year combine.
    aggregation: Aggregation,
    /// The lowest level that is plausible; a lower one is warned of.
    lowest: Option<Decimal>,
    /// The highest level that is plausible; a higher one is warned of.
    highest: Option<Decimal>,
    /// Where the definition is printed.
    source: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

impl From<&metadata::Definition> for Definition {
    fn from(definition: &metadata::Definition) -> Self {
        Self {
            valid_from: Date(definition.valid_from),
            title: definition.title.clone(),
            title_source: definition.title_source.clone(),
            unit: definition.unit,
            per: definition.per,
            denominator: definition.denominator.clone(),
            decimals: definition.decimals,
            polarity: definition.polarity,
            aggregation: definition.aggregation,
            lowest: definition.lowest.map(Decimal),
            highest: definition.highest.map(Decimal),
            source: definition.source.clone(),
            note: definition.note.clone(),
        }
    }
}

/// A discontinuity: figures either side of it are not comparable.
#[derive(Debug, Clone, SimpleObject)]
pub struct Break {
    /// The first day after the break.
    date: Date,
    /// Why.
    reason: String,
    /// Where it is printed.
    source: Option<String>,
}

impl From<&metadata::Break> for Break {
    fn from(discontinuity: &metadata::Break) -> Self {
        Self {
            date: Date(discontinuity.date),
            reason: discontinuity.reason.clone(),
            source: discontinuity.source.clone(),
        }
    }
}
