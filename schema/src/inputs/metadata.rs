//! Documents of metadata.

use std::sync::Arc;

use async_graphql::{InputObject, OneofObject};
use exchange::{
    rules::metadata::{
        Area, Break, Collection, Definition, DeprivationRank, Document, Indicator, IndicatorLink, Partnership,
        PeerGroup, Population,
    },
    vocabulary::{Aggregation, AreaKind, IndicatorLinkKind, PartnershipKind, Polarity, Unit},
};

use super::PlanInput;
use crate::scalars::{Date, Decimal};

/// A document of metadata: exactly one of these.
#[derive(Debug, OneofObject)]
#[allow(clippy::large_enum_variant, reason = "one lives only until it is made a document")]
pub enum MetadataInput {
    /// An area.
    Area(AreaInput),
    /// A partnership.
    Partnership(PartnershipInput),
    /// An indicator.
    Indicator(IndicatorInput),
    /// What an indicator means from a day on.
    Definition(DefinitionInput),
    /// A break between figures of an indicator.
    Break(BreakInput),
    /// A peer group.
    PeerGroup(PeerGroupInput),
    /// A collection.
    Collection(CollectionInput),
    /// A plan.
    Plan(PlanInput),
}

impl From<MetadataInput> for Document {
    fn from(input: MetadataInput) -> Self {
        match input {
            MetadataInput::Area(area) => Self::Area(area.into()),
            MetadataInput::Partnership(partnership) => Self::Partnership(partnership.into()),
            MetadataInput::Indicator(indicator) => Self::Indicator(indicator.into()),
            MetadataInput::Definition(definition) => Self::Definition(definition.into()),
            MetadataInput::Break(discontinuity) => Self::Break(discontinuity.into()),
            MetadataInput::PeerGroup(group) => Self::PeerGroup(group.into()),
            MetadataInput::Collection(collection) => Self::Collection(collection.into()),
            MetadataInput::Plan(plan) => Self::Plan(Arc::new(plan.into())),
        }
    }
}

/// What is measured: a partnership's area, a part of one, a police force area, a region, England.
#[derive(Debug, InputObject)]
pub struct AreaInput {
    /// The GSS code (`E09000028`), or a code of the exchange's own for an area that has none.
    code: String,
    /// The code that the Office for National Statistics used before 2011.
    old_code: Option<String>,
    /// Its name.
    name: String,
    /// What kind of area it is.
    kind: AreaKind,
    /// The areas that it lies in, by code.
    #[graphql(default)]
    within: Vec<String>,
    /// The first day on which it existed, if known.
    valid_from: Option<Date>,
    /// The last day on which it existed, if it has ended.
    valid_to: Option<Date>,
    /// How many wards it has.
    wards: Option<u16>,
    /// Its ranks in indices of deprivation.
    #[graphql(default)]
    deprivation: Vec<DeprivationRankInput>,
    /// Its population, by year and by vintage of the estimate.
    #[graphql(default)]
    populations: Vec<PopulationInput>,
    /// Whether it is invented, for trying things out.
    #[graphql(default)]
    fictional: bool,
    /// What else should be known.
    note: Option<String>,
}

impl From<AreaInput> for Area {
    fn from(input: AreaInput) -> Self {
        Self {
            code: input.code,
            old_code: input.old_code,
            name: input.name,
            kind: input.kind,
            within: input.within,
            valid_from: input.valid_from.map(Date::day),
            valid_to: input.valid_to.map(Date::day),
            wards: input.wards,
            deprivation: input.deprivation.into_iter().map(DeprivationRank::from).collect(),
            populations: input.populations.into_iter().map(Population::from).collect(),
            fictional: input.fictional,
            note: input.note,
        }
    }
}

/// An area's rank in an index of deprivation, 1 being the most deprived.
#[derive(Debug, InputObject)]
pub struct DeprivationRankInput {
    /// The index, and the measure of it if there are several.
    index: String,
    /// The rank.
    rank: u16,
    /// Among how many areas, if the source says so.
    of: Option<u16>,
    /// Where it is printed.
    source: Option<String>,
}

impl From<DeprivationRankInput> for DeprivationRank {
    fn from(DeprivationRankInput { index, rank, of, source }: DeprivationRankInput) -> Self {
        Self { index, rank, of, source }
    }
}

/// An estimate of an area's population.
#[derive(Debug, InputObject)]
pub struct PopulationInput {
    /// The year whose middle it is for, if the source says so.
    year: Option<i32>,
    /// Which estimate: the first, or a revision.
    vintage: String,
    /// People.
    people: i64,
    /// Where it is printed.
    source: Option<String>,
}

impl From<PopulationInput> for Population {
    fn from(PopulationInput { year, vintage, people, source }: PopulationInput) -> Self {
        Self { year, vintage, people, source }
    }
}

/// Who reports in plans.
#[derive(Debug, InputObject)]
pub struct PartnershipInput {
    /// Its code: lower-case letters, digits and hyphens.
    code: String,
    /// Its name.
    name: String,
    /// What it is constituted as.
    #[graphql(default)]
    kinds: Vec<PartnershipKind>,
    /// Its area, by code.
    area: String,
    /// The police force area that it lies in, by code.
    police_force_area: Option<String>,
    /// The region whose office releases its figures, by the code of the region's area.
    region: Option<String>,
    /// The first day on which it existed, if known.
    valid_from: Option<Date>,
    /// The last day on which it existed, if it has ended.
    valid_to: Option<Date>,
    /// The partnership that took over from it, by code.
    succeeded_by: Option<String>,
    /// Whether it is invented, for trying things out.
    #[graphql(default)]
    fictional: bool,
    /// What else should be known.
    note: Option<String>,
}

impl From<PartnershipInput> for Partnership {
    fn from(input: PartnershipInput) -> Self {
        Self {
            code: input.code,
            name: input.name,
            kinds: input.kinds,
            area: input.area,
            police_force_area: input.police_force_area,
            region: input.region,
            valid_from: input.valid_from.map(Date::day),
            valid_to: input.valid_to.map(Date::day),
            succeeded_by: input.succeeded_by,
            fictional: input.fictional,
            note: input.note,
        }
    }
}

/// What is measured. What it means stands in its dated definitions.
#[derive(Debug, InputObject)]
pub struct IndicatorInput {
    /// Its code as printed: `NI 15`, `LI 1`, `LOCAL asbo-breach-rate`, `CRIME personal-robbery`.
    code: String,
    /// The partnership that owns it, by code: needed for `LI` and `LOCAL`, forbidden for `NI` and `CRIME`.
    owner: Option<String>,
    /// Other codes of the same indicator.
    #[graphql(default)]
    aliases: Vec<String>,
    /// How it is connected to other indicators.
    #[graphql(default)]
    links: Vec<IndicatorLinkInput>,
    /// The public service agreements that it serves, as printed.
    #[graphql(default)]
    agreements: Vec<String>,
    /// What else should be known.
    note: Option<String>,
}

impl From<IndicatorInput> for Indicator {
    fn from(IndicatorInput { code, owner, aliases, links, agreements, note }: IndicatorInput) -> Self {
        let links = links.into_iter().map(IndicatorLink::from).collect();
        Self { code, owner, aliases, links, agreements, note }
    }
}

/// A connection from one indicator to another.
#[derive(Debug, InputObject)]
pub struct IndicatorLinkInput {
    /// How they are connected.
    kind: IndicatorLinkKind,
    /// The other indicator, by code.
    indicator: String,
}

impl From<IndicatorLinkInput> for IndicatorLink {
    fn from(IndicatorLinkInput { kind, indicator }: IndicatorLinkInput) -> Self {
        Self { kind, indicator }
    }
}

/// What an indicator means from a day on.
#[derive(Debug, InputObject)]
pub struct DefinitionInput {
    /// The indicator, by code; a local one with its owner.
    indicator: String,
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

impl From<DefinitionInput> for Definition {
    fn from(input: DefinitionInput) -> Self {
        Self {
            indicator: input.indicator,
            valid_from: input.valid_from.day(),
            title: input.title,
            title_source: input.title_source,
            unit: input.unit,
            per: input.per,
            denominator: input.denominator,
            decimals: input.decimals,
            polarity: input.polarity,
            aggregation: input.aggregation,
            lowest: input.lowest.map(|Decimal(figure)| figure),
            highest: input.highest.map(|Decimal(figure)| figure),
            source: input.source,
            note: input.note,
        }
    }
}

/// A discontinuity: figures either side of it are not comparable.
#[derive(Debug, InputObject)]
pub struct BreakInput {
    /// The indicator, by code; a local one with its owner.
    indicator: String,
    /// The first day after the break.
    date: Date,
    /// Why.
    reason: String,
    /// Where it is printed.
    source: Option<String>,
}

impl From<BreakInput> for Break {
    fn from(BreakInput { indicator, date, reason, source }: BreakInput) -> Self {
        Self { indicator, date: date.day(), reason, source }
    }
}

/// A partnership's own Most Similar Group. It is dated, and need not be symmetric.
#[derive(Debug, InputObject)]
pub struct PeerGroupInput {
    /// Its code: lower-case letters, digits and hyphens.
    code: String,
    /// Its name.
    name: String,
    /// The partnership whose group it is, by code.
    owner: String,
    /// Its members, by code, the owner among them.
    members: Vec<String>,
    /// The first day on which it holds.
    valid_from: Date,
    /// The last day on which it holds, if it has ended.
    valid_to: Option<Date>,
    /// Where it is printed.
    source: Option<String>,
}

impl From<PeerGroupInput> for PeerGroup {
    fn from(input: PeerGroupInput) -> Self {
        Self {
            code: input.code,
            name: input.name,
            owner: input.owner,
            members: input.members,
            valid_from: input.valid_from.day(),
            valid_to: input.valid_to.map(Date::day),
            source: input.source,
        }
    }
}

/// A round of returns: what is asked of whom, and by when.
#[derive(Debug, InputObject)]
pub struct CollectionInput {
    /// Its code: lower-case letters, digits and hyphens.
    code: String,
    /// Its name.
    name: String,
    /// The periods asked for, in any spelling; none for any.
    #[graphql(default)]
    periods: Vec<String>,
    /// The indicators asked for, by code; none for any.
    #[graphql(default)]
    indicators: Vec<String>,
    /// The partnerships asked, by code; none for any.
    #[graphql(default)]
    partnerships: Vec<String>,
    /// The day on which it opens (Europe/London).
    opens: Date,
    /// The day by whose end returns are due (Europe/London).
    due: Date,
    /// The last day on which returns are taken; null while it stays open (Europe/London).
    closes: Option<Date>,
}

impl From<CollectionInput> for Collection {
    fn from(input: CollectionInput) -> Self {
        Self {
            code: input.code,
            name: input.name,
            periods: input.periods,
            indicators: input.indicators,
            partnerships: input.partnerships,
            opens: input.opens.day(),
            due: input.due.day(),
            closes: input.closes.map(Date::day),
        }
    }
}
