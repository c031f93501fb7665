//! The performance framework as the plan prints it: its sections, and how it uses indicators.

use std::sync::Arc;

use async_graphql::{ComplexObject, InputObject, SimpleObject};
use exchange::{
    rules::metadata::plan,
    vocabulary::{Doubt, LaaStatus, Polarity, Tier},
};

use super::alike;
use crate::{
    error::Result,
    objects::{Area, Indicator, figure::Breakdown},
    session::{Reading, linked},
};

/// A section of the performance framework: an aim or a theme with its outcomes.
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(input_name = "SectionInput")]
pub struct Section {
    /// Its place in the framework, from 1.
    number: u16,
    /// The printed table that it stands in, by code.
    table: String,
    /// The aim or theme, as printed.
    title: String,
    /// The outcomes, as printed.
    outcomes_as_printed: Option<String>,
    /// The public service agreements and departmental objectives among the outcomes.
    #[graphql(default)]
    agreements: Vec<Agreement>,
    /// The heading of the columns by period, as printed.
    periods_as_printed: Option<String>,
    /// The heading of the target column, as printed.
    target_as_printed: Option<String>,
    /// Why what is printed is doubtful; the note says more.
    #[graphql(default)]
    doubts: Vec<Doubt>,
    /// What else should be known.
    note: Option<String>,
}

impl From<&plan::Section> for Section {
    fn from(section: &plan::Section) -> Self {
        Self {
            number: section.number,
            table: section.table.clone(),
            title: section.title.clone(),
            outcomes_as_printed: section.outcomes_as_printed.clone(),
            agreements: section.agreements.iter().map(Agreement::from).collect(),
            periods_as_printed: section.periods_as_printed.clone(),
            target_as_printed: section.target_as_printed.clone(),
            doubts: section.doubts.clone(),
            note: section.note.clone(),
        }
    }
}

impl From<Section> for plan::Section {
    fn from(section: Section) -> Self {
        Self {
            number: section.number,
            table: section.table,
            title: section.title,
            outcomes_as_printed: section.outcomes_as_printed,
            agreements: section.agreements.into_iter().map(plan::Agreement::from).collect(),
            periods_as_printed: section.periods_as_printed,
            target_as_printed: section.target_as_printed,
            doubts: section.doubts,
            note: section.note,
        }
    }
}

/// A public service agreement or a departmental strategic objective.
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(input_name = "AgreementInput")]
pub struct Agreement {
    /// Its code: `PSA 23`.
    code: String,
    /// Its title.
    title: Option<String>,
    /// Code and title as printed, where they differ.
    as_printed: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

alike!(Agreement { code, title, as_printed, note });

/// How a plan uses an indicator: one printed row of the performance framework.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct PlanLine {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    indicator: String,
    #[graphql(skip)]
    area: Option<String>,
    /// The section that it stands in, by number.
    section: u16,
    /// The printed row. A line of a return with the same `sourceRow` is about this row.
    source_row: String,
    /// The number printed before the row.
    number_as_printed: Option<String>,
    /// The indicator as printed, code and title.
    indicator_as_printed: Option<String>,
    /// The member of a breakdown; null for the whole.
    breakdown: Option<Breakdown>,
    /// How high the plan places it.
    tier: Option<Tier>,
    /// The tier's label as printed beside the row.
    tier_as_printed: Option<String>,
    /// How the Local Area Agreement uses it; null if the plan does not say that it does.
    laa: Option<LaaStatus>,
    /// The number of the stretch target that it belongs to.
    stretch_target: Option<u16>,
    /// The agency in the lead.
    lead_agency: Option<String>,
    /// The post in the lead; never a person's name.
    lead_post: Option<String>,
    /// The lead as printed, without a person's name.
    lead_as_printed: Option<String>,
    /// Which direction the plan calls good, where it departs from the indicator's definition.
    polarity: Option<Polarity>,
    /// How the exchange's editors read what the print leaves open.
    note: Option<String>,
}

impl PlanLine {
    /// A line whose codes a reading explains.
    pub fn new(reading: &Arc<Reading>, line: &plan::PlanLine) -> Self {
        Self {
            reading: Arc::clone(reading),
            indicator: line.indicator.clone(),
            area: line.area.clone(),
            section: line.section,
            source_row: line.source_row.clone(),
            number_as_printed: line.number_as_printed.clone(),
            indicator_as_printed: line.indicator_as_printed.clone(),
            breakdown: line.breakdown.clone().map(Breakdown::from),
            tier: line.tier,
            tier_as_printed: line.tier_as_printed.clone(),
            laa: line.laa,
            stretch_target: line.stretch_target,
            lead_agency: line.lead_agency.clone(),
            lead_post: line.lead_post.clone(),
            lead_as_printed: line.lead_as_printed.clone(),
            polarity: line.polarity,
            note: line.note.clone(),
        }
    }
}

#[ComplexObject]
impl PlanLine {
    /// The indicator.
    async fn indicator(&self) -> Result<Indicator> {
        linked(self.reading.indicator(&self.indicator, None), &self.indicator)
    }

    /// The area that it is measured for; null where it is the partnership's. A framework always says it.
    async fn area(&self) -> Result<Option<Area>> {
        self.area.as_deref().map(|code| linked(self.reading.area(code), code)).transpose()
    }
}
