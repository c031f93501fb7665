//! The documents of metadata: areas, partnerships, indicators, definitions, breaks, peer groups, collections and plans.
//!
//! A document is put whole; each version is kept. The shapes are closed: an unknown member is an error that names it.

pub mod plan;

use std::sync::Arc;

use chrono::NaiveDate;
use entity::{Aggregation, AreaKind, IndicatorLinkKind, MetadataFamily, PartnershipKind, Polarity, Scheme, Unit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{decimal::Figure, indicator_code::IndicatorCode};

pub use plan::Plan;

/// What is measured: a partnership's area, a part of one, a police force area, a region, England.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// The GSS code (`E09000028`), or a code of the exchange's own for an area that has none.
    #[schema(example = "E09000028")]
    pub code: String,
    /// The code that the Office for National Statistics used before 2011.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "00BE")]
    pub old_code: Option<String>,
    /// Its name.
    #[schema(example = "Southwark")]
    pub name: String,
    /// What kind of area it is.
    pub kind: AreaKind,
    /// The areas that it lies in, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["E12000007"]))]
    pub within: Vec<String>,
    /// The first day on which it existed, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it existed, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// How many wards it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 21)]
    pub wards: Option<u16>,
    /// Its ranks in indices of deprivation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deprivation: Vec<DeprivationRank>,
    /// Its population, by year and by vintage of the estimate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub populations: Vec<Population>,
    /// Whether it is invented, for trying things out.
    #[serde(default)]
    pub fictional: bool,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An estimate of an area's population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// The year whose middle it is for; absent if the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 2008)]
    pub year: Option<i32>,
    /// Which estimate: the first, or a revision.
    #[schema(example = "original")]
    pub vintage: String,
    /// People.
    #[schema(example = 270_600)]
    pub people: i64,
    /// Where it is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// An area's rank in an index of deprivation, 1 being the most deprived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeprivationRank {
    /// The index, and the measure of it if there are several.
    #[schema(example = "Index of Multiple Deprivation 2007")]
    pub index: String,
    /// The rank.
    #[schema(example = 91)]
    pub rank: u16,
    /// Among how many areas, if the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 354)]
    pub of: Option<u16>,
    /// Where it is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Who reports in plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Partnership {
    /// Its code: lower-case letters, digits and hyphens.
    #[schema(example = "southwark")]
    pub code: String,
    /// Its name.
    #[schema(example = "Safer Southwark Partnership")]
    pub name: String,
    /// What it is constituted as.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<PartnershipKind>,
    /// Its area, by code.
    #[schema(example = "E09000028")]
    pub area: String,
    /// The police force area that it lies in, by code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub police_force_area: Option<String>,
    /// The region whose office releases its figures, by the code of the region's area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "E12000007")]
    pub region: Option<String>,
    /// The first day on which it existed, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it existed, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// The partnership that took over from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded_by: Option<String>,
    /// Whether it is invented, for trying things out.
    #[serde(default)]
    pub fictional: bool,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What is measured. What it means stands in its dated [`Definition`]s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its code as printed: `NI 15`, `LI 1`, `LOCAL asbo-breach-rate`, `CRIME personal-robbery`.
    #[schema(example = "NI 15")]
    pub code: String,
    /// The partnership that owns it: needed for `LI` and `LOCAL`, forbidden for `NI` and `CRIME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    pub owner: Option<String>,
    /// Other codes of the same indicator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["VSC26"]))]
    pub aliases: Vec<String>,
    /// How it is connected to other indicators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<IndicatorLink>,
    /// The public service agreements that it serves, as printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["PSA 23"]))]
    pub agreements: Vec<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Indicator {
    /// The code with its owner, where it has one: `southwark:LI 1`. No two indicators share it.
    pub fn qualified_code(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}:{}", self.code),
            None => self.code.clone(),
        }
    }

    /// Who defines it.
    pub fn scheme(&self) -> Option<Scheme> {
        IndicatorCode::parse(&self.code).ok().map(|code| code.scheme())
    }

    /// Whether its figures are released by its partnership rather than by a regional office.
    pub fn is_local(&self) -> bool {
        self.owner.is_some()
    }
}

/// A connection from one indicator to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorLink {
    /// How they are connected.
    pub kind: IndicatorLinkKind,
    /// The other indicator.
    #[schema(example = "NI 20")]
    pub indicator: String,
}

/// What an indicator means from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The indicator.
    #[schema(example = "NI 15")]
    pub indicator: String,
    /// The first day on which it holds.
    #[schema(example = "2008-04-01")]
    pub valid_from: NaiveDate,
    /// The title.
    #[schema(example = "Serious violent crime rate")]
    pub title: String,
    /// Where the title is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_source: Option<String>,
    /// The unit of its figures.
    pub unit: Unit,
    /// For a rate: per how many of the denominator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 1000)]
    pub per: Option<u32>,
    /// Of what it is a part or a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "population")]
    pub denominator: Option<String>,
    /// The decimals to which its computed figures (averages, changes in points) are rounded.
    #[schema(example = 2)]
    pub decimals: u8,
    /// Which direction is good.
    pub polarity: Polarity,
    /// How parts of a year combine.
    pub aggregation: Aggregation,
    /// The lowest level that is plausible; a lower one is warned of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    pub lowest: Option<Figure>,
    /// The highest level that is plausible; a higher one is warned of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    pub highest: Option<Figure>,
    /// Where the definition is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A discontinuity: figures either side of it are not comparable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// The indicator.
    #[schema(example = "NI 15")]
    pub indicator: String,
    /// The first day after the break.
    #[schema(example = "2008-04-01")]
    pub date: NaiveDate,
    /// Why.
    #[schema(example = "Changes in Home Office counting rules")]
    pub reason: String,
    /// Where it is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A partnership's own Most Similar Group. It is dated, and need not be symmetric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeerGroup {
    /// Its code: lower-case letters, digits and hyphens.
    #[schema(example = "southwark-msg-2008")]
    pub code: String,
    /// Its name.
    #[schema(example = "Most Similar Group of Southwark, 2008")]
    pub name: String,
    /// The partnership whose group it is.
    #[schema(example = "southwark")]
    pub owner: String,
    /// Its members, by code, the owner among them.
    #[schema(example = json!(["southwark", "lambeth", "hackney"]))]
    pub members: Vec<String>,
    /// The first day on which it holds.
    #[schema(example = "2008-04-01")]
    pub valid_from: NaiveDate,
    /// The last day on which it holds, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Where it is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A round of returns: what is asked of whom, and by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// Its code: lower-case letters, digits and hyphens.
    #[schema(example = "fy2008-09")]
    pub code: String,
    /// Its name.
    #[schema(example = "Annual return for 2008/09")]
    pub name: String,
    /// The periods asked for, by code; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["FY2008-09"]))]
    pub periods: Vec<String>,
    /// The indicators asked for, by code; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["NI 15", "NI 16", "NI 20"]))]
    pub indicators: Vec<String>,
    /// The partnerships asked, by code; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["southwark"]))]
    pub partnerships: Vec<String>,
    /// The day on which it opens (Europe/London).
    #[schema(example = "2009-04-01")]
    pub opens: NaiveDate,
    /// The day by whose end returns are due (Europe/London).
    #[schema(example = "2009-06-30")]
    pub due: NaiveDate,
    /// The last day on which returns are taken; empty while it stays open (Europe/London).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<NaiveDate>,
}

/// A document of any family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// An area.
    Area(Area),
    /// A partnership.
    Partnership(Partnership),
    /// An indicator.
    Indicator(Indicator),
    /// A definition.
    Definition(Definition),
    /// A break.
    Break(Break),
    /// A peer group.
    PeerGroup(PeerGroup),
    /// A collection.
    Collection(Collection),
    /// A plan: by far the largest, so that it is shared.
    Plan(Arc<Plan>),
}

impl Document {
    /// The family it belongs to.
    pub const fn family(&self) -> MetadataFamily {
        match self {
            Self::Area(_) => MetadataFamily::Area,
            Self::Partnership(_) => MetadataFamily::Partnership,
            Self::Indicator(_) => MetadataFamily::Indicator,
            Self::Definition(_) => MetadataFamily::Definition,
            Self::Break(_) => MetadataFamily::Break,
            Self::PeerGroup(_) => MetadataFamily::PeerGroup,
            Self::Collection(_) => MetadataFamily::Collection,
            Self::Plan(_) => MetadataFamily::Plan,
        }
    }

    /// The document as JSON.
    ///
    /// # Errors
    /// Never in practice: every member is representable.
    pub fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Area(document) => serde_json::to_string(document),
            Self::Partnership(document) => serde_json::to_string(document),
            Self::Indicator(document) => serde_json::to_string(document),
            Self::Definition(document) => serde_json::to_string(document),
            Self::Break(document) => serde_json::to_string(document),
            Self::PeerGroup(document) => serde_json::to_string(document),
            Self::Collection(document) => serde_json::to_string(document),
            Self::Plan(document) => serde_json::to_string(&**document),
        }
    }

    /// Reads a document of a family.
    ///
    /// # Errors
    /// When the JSON is not of the family's shape; the message names the member.
    pub fn from_json(family: MetadataFamily, json: &str) -> serde_json::Result<Self> {
        Ok(match family {
            MetadataFamily::Area => Self::Area(serde_json::from_str(json)?),
            MetadataFamily::Partnership => Self::Partnership(serde_json::from_str(json)?),
            MetadataFamily::Indicator => Self::Indicator(serde_json::from_str(json)?),
            MetadataFamily::Definition => Self::Definition(serde_json::from_str(json)?),
            MetadataFamily::Break => Self::Break(serde_json::from_str(json)?),
            MetadataFamily::PeerGroup => Self::PeerGroup(serde_json::from_str(json)?),
            MetadataFamily::Collection => Self::Collection(serde_json::from_str(json)?),
            MetadataFamily::Plan => Self::Plan(Arc::new(serde_json::from_str(json)?)),
        })
    }
}
