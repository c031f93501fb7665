//! The plan of a partnership: what it sets out to do, by whom, with what, and the performance framework that it is
//! measured by, in its printed order. The figures themselves come with returns.

mod framework;

use chrono::NaiveDate;
use entity::{PlanStatus, PriorityKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::decimal::Figure;

pub use framework::{Agreement, PlanLine, Section};

/// A plan of a partnership. It is put whole; each version is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its code, unique within the partnership: lower-case letters, digits and hyphens.
    #[schema(example = "rolling-plan-2008-12")]
    pub code: String,
    /// The partnership whose plan it is, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The title.
    #[schema(example = "Safer Southwark Partnership Rolling Plan 2008 to 2012")]
    pub title: String,
    /// Where it stands. A plan is public as soon as it is put, a draft too.
    pub status: PlanStatus,
    /// The version, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Revised 2009")]
    pub version: Option<String>,
    /// Its first day.
    #[schema(example = "2008-04-01")]
    pub valid_from: NaiveDate,
    /// Its last day.
    #[schema(example = "2012-03-31")]
    pub valid_to: NaiveDate,
    /// What it wants to achieve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vision: Option<String>,
    /// Where it is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Priorities and themes, with their high-level outcomes.
    #[serde(default)]
    pub priorities: Vec<Priority>,
    /// What is promised until when.
    #[serde(default)]
    pub commitments: Vec<Commitment>,
    /// Who delivers.
    #[serde(default)]
    pub delivery_groups: Vec<DeliveryGroup>,
    /// The organisations that take part.
    #[serde(default)]
    pub agencies: Vec<Agency>,
    /// Who watches over what, and how often.
    #[serde(default)]
    pub governance: Vec<Governance>,
    /// The resource tables.
    #[serde(default)]
    pub resource_tables: Vec<ResourceTable>,
    /// The amounts of the resource tables.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// What is to be done.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Other plans and strategies that it is connected with.
    #[serde(default)]
    pub links: Vec<PlanLink>,
    /// The sections of the performance framework, in printed order.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// The lines of the performance framework, in printed order.
    #[serde(default)]
    pub lines: Vec<PlanLine>,
}

/// What a plan sets out to achieve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// Its code within the plan.
    #[schema(example = "violent-crime")]
    pub code: String,
    /// Whether it is a priority, a theme across priorities, or goes on as before.
    pub kind: PriorityKind,
    /// The title.
    #[schema(example = "Violent crime")]
    pub title: String,
    /// What it aims at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aim: Option<String>,
    /// When it applies, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2009-12")]
    pub period: Option<String>,
    /// The delivery group in the lead, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_group: Option<String>,
    /// The agency in the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_agency: Option<String>,
    /// What is spent on it in addition to core services, in pounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend: Option<Figure>,
    /// The outcomes that it is to bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<String>,
    /// The public service agreements that it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["PSA 23"]))]
    pub agreements: Vec<String>,
    /// The indicators that measure it, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["NI 15"]))]
    pub indicators: Vec<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A promise, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// The priority that it belongs to, by code.
    #[schema(example = "violent-crime")]
    pub priority: String,
    /// Its horizon, as printed.
    #[schema(example = "By 2012")]
    pub horizon: String,
    /// The last day of the horizon, where the print gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2012-03-31")]
    pub due: Option<NaiveDate>,
    /// What is promised, in few words.
    pub text: String,
    /// The indicators that it names, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["NI 32"]))]
    pub indicators: Vec<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A group that delivers a part of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryGroup {
    /// Its name.
    #[schema(example = "Violent crime group")]
    pub name: String,
    /// The group that it is part of or reports to, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// The post of who chairs it; never a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chair_post: Option<String>,
    /// The agency of who chairs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chair_agency: Option<String>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How often it meets, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meets: Option<String>,
    /// The priorities that it delivers, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["violent-crime"]))]
    pub priorities: Vec<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An organisation that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Its name.
    #[schema(example = "Metropolitan Police")]
    pub name: String,
    /// Its short name, as the plan uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "MPS")]
    pub short_name: Option<String>,
    /// What it is in the partnership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "responsible authority")]
    pub role: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A duty of a body of the partnership, and how often it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Governance {
    /// The body.
    #[schema(example = "SSP Board")]
    pub body: String,
    /// What it does.
    #[schema(example = "receives performance reports")]
    pub duty: String,
    /// How often, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "every eight weeks")]
    pub cycle: Option<String>,
    /// To whom it reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A table of resources. All amounts are pounds sterling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceTable {
    /// Its code within the plan.
    #[schema(example = "by-agency")]
    pub code: String,
    /// The title.
    pub title: String,
    /// The period that the money is for, by code.
    #[schema(example = "FY2009-10")]
    pub period: String,
    /// The total that the table prints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 48_186_743)]
    pub printed_total: Option<Figure>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One amount of a resource table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The table, by code.
    #[schema(example = "by-agency")]
    pub table: String,
    /// The printed row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_row: Option<String>,
    /// The printed column.
    #[schema(example = "Core funding (£)")]
    pub heading: String,
    /// Whose money it is: one name for the same money in every table.
    #[schema(example = "Police")]
    pub agency: String,
    /// The amount.
    #[schema(example = 28_000_000)]
    pub amount: Figure,
    /// The amount as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "28,000,000")]
    pub as_printed: Option<String>,
    /// Whether it is the printed total of its column.
    #[serde(default)]
    pub is_total: bool,
    /// The priority that it is spent on, by code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its number, as printed.
    #[schema(example = "1.")]
    pub number: String,
    /// The priority that it belongs to, by code.
    #[schema(example = "safety-in-neighbourhoods")]
    pub priority: String,
    /// The outcome that it is to bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// What is to be done, in few words.
    pub title: String,
    /// The agency in the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_agency: Option<String>,
    /// The post in the lead; never a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_post: Option<String>,
    /// The indicators that it cites, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["NI 27", "NI 41"]))]
    pub indicators: Vec<String>,
    /// Other measures that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measures: Option<String>,
    /// When it is due, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Another plan or strategy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanLink {
    /// Its title.
    #[schema(example = "Southwark 2016")]
    pub title: String,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How the two are connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "sits above this plan")]
    pub relation: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Plan {
    /// The code with its partnership: `southwark/rolling-plan-2008-12`. No two plans share it.
    pub fn qualified_code(&self) -> String {
        format!("{}/{}", self.partnership, self.code)
    }
}
