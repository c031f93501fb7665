//! The performance framework of a plan: its sections and, line by line, how it uses indicators.

use entity::{Doubt, LaaStatus, Polarity, Tier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::line::Breakdown;

/// A section of the performance framework: an aim or a theme with its outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its place in the framework, from 1.
    #[schema(example = 1)]
    pub number: u16,
    /// The printed table that it stands in, by code.
    #[schema(example = "performance-framework")]
    pub table: String,
    /// The aim or theme, as printed.
    #[schema(example = "Tackling violent crime")]
    pub title: String,
    /// The outcomes, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "PSA 23 Safer communities")]
    pub outcomes_as_printed: Option<String>,
    /// The public service agreements and departmental objectives among the outcomes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Agreement>,
    /// The heading of the columns by period, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "07/08 | 08/09")]
    pub periods_as_printed: Option<String>,
    /// The heading of the target column, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "target % change")]
    pub target_as_printed: Option<String>,
    /// Why what is printed is doubtful; the note says more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!([]))]
    pub doubts: Vec<Doubt>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A public service agreement or a departmental strategic objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Its code.
    #[schema(example = "PSA 23")]
    pub code: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Safer communities")]
    pub title: Option<String>,
    /// Code and title as printed, where they differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "PSA23 Safer communities")]
    pub as_printed: Option<String>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How the plan uses an indicator: one printed row of the performance framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanLine {
    /// The section that it stands in, by number.
    #[schema(example = 1)]
    pub section: u16,
    /// The printed row. A line of a return with the same `source_row` is about this row.
    #[schema(example = "1")]
    pub source_row: String,
    /// The number printed before the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_as_printed: Option<String>,
    /// The indicator, by code; a local one with its owner.
    #[schema(example = "NI 15")]
    pub indicator: String,
    /// The indicator as printed, code and title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "NI 15 Serious violent crime rate per 1000 population (LAA)")]
    pub indicator_as_printed: Option<String>,
    /// The area that it is measured for, by code; absent where it is the partnership's. A framework always says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The member of a breakdown; absent for the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    /// How high the plan places it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// The tier's label as printed beside the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_as_printed: Option<String>,
    /// How the Local Area Agreement uses it; absent if the plan does not say that it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laa: Option<LaaStatus>,
    /// The number of the stretch target that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stretch_target: Option<u16>,
    /// The agency in the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_agency: Option<String>,
    /// The post in the lead; never a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_post: Option<String>,
    /// The lead as printed, without a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_as_printed: Option<String>,
    /// Which direction the plan calls good, where it departs from the indicator's definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polarity: Option<Polarity>,
    /// How the exchange's editors read what the print leaves open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
