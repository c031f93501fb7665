//! Plans: what a partnership sets out to do, by whom and with what, and the performance framework as it is printed.
//!
//! A part that names nothing outside of its plan is one struct in both directions, so that what is read can be put;
//! what names an indicator, an area or a period by code leads to it when it is read, and has an input of its own.

mod delivery;
mod lines;
mod priorities;
mod resources;

use std::sync::Arc;

use async_graphql::{ComplexObject, ID, SimpleObject};
use exchange::{
    rules::{metadata, metadata_check::plan::resource_disagreements},
    vocabulary::PlanStatus,
};

pub use self::{
    delivery::{Agency, DeliveryGroup, Governance, PlanLink},
    lines::{PlanLine, Section},
    priorities::{Action, Commitment, Priority},
    resources::{Resource, ResourceTable},
};
use super::{Indicator, Partnership};
use crate::{
    error::Result,
    limits, node,
    scalars::Date,
    session::{Reading, linked},
};

/// A plan of a partnership.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Plan {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    document: Arc<metadata::Plan>,
    /// Its code, unique within the partnership: lower-case letters, digits and hyphens.
    code: String,
    /// The title.
    title: String,
    /// Where it stands.
    status: PlanStatus,
    /// The version, as printed.
    version: Option<String>,
    /// Its first day.
    valid_from: Date,
    /// Its last day.
    valid_to: Date,
    /// What it wants to achieve.
    vision: Option<String>,
    /// Where it is printed.
    source: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

impl Plan {
    /// A plan as a reading shows it.
    pub fn new(reading: &Arc<Reading>, plan: &Arc<metadata::Plan>) -> Self {
        Self {
            reading: Arc::clone(reading),
            document: Arc::clone(plan),
            code: plan.code.clone(),
            title: plan.title.clone(),
            status: plan.status,
            version: plan.version.clone(),
            valid_from: Date(plan.valid_from),
            valid_to: Date(plan.valid_to),
            vision: plan.vision.clone(),
            source: plan.source.clone(),
            note: plan.note.clone(),
        }
    }
}

#[ComplexObject]
impl Plan {
    /// Identifies it among all objects of the exchange.
    pub async fn id(&self) -> ID {
        node::of_plan(&self.document.partnership, &self.code)
    }

    /// The partnership whose plan it is.
    async fn partnership(&self) -> Result<Partnership> {
        linked(self.reading.partnership(&self.document.partnership), &self.document.partnership)
    }

    /// Priorities and themes, with their high-level outcomes.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn priorities(&self) -> Vec<Priority> {
        self.document.priorities.iter().map(|priority| Priority::new(&self.reading, priority)).collect()
    }

    /// What is promised until when.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn commitments(&self) -> Vec<Commitment> {
        self.document.commitments.iter().map(|commitment| Commitment::new(&self.reading, commitment)).collect()
    }

    /// Who delivers.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn delivery_groups(&self) -> Vec<DeliveryGroup> {
        self.document.delivery_groups.iter().map(DeliveryGroup::from).collect()
    }

    /// The organisations that take part.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn agencies(&self) -> Vec<Agency> {
        self.document.agencies.iter().map(Agency::from).collect()
    }

    /// Who watches over what, and how often.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn governance(&self) -> Vec<Governance> {
        self.document.governance.iter().map(Governance::from).collect()
    }

    /// The resource tables.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn resource_tables(&self) -> Vec<ResourceTable> {
        self.document.resource_tables.iter().map(ResourceTable::from).collect()
    }

    /// The amounts of the resource tables.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn resources(&self) -> Vec<Resource> {
        self.document.resources.iter().map(Resource::from).collect()
    }

    /// Where the resource tables contradict themselves or each other, in words.
    #[graphql(complexity = "limits::STATEMENT")]
    async fn resource_disagreements(&self) -> Vec<String> {
        resource_disagreements(&self.document)
    }

    /// What is to be done.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn actions(&self) -> Vec<Action> {
        self.document.actions.iter().map(|action| Action::new(&self.reading, action)).collect()
    }

    /// Other plans and strategies that it is connected with.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn links(&self) -> Vec<PlanLink> {
        self.document.links.iter().map(PlanLink::from).collect()
    }

    /// The sections of the performance framework, in printed order.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn sections(&self) -> Vec<Section> {
        self.document.sections.iter().map(Section::from).collect()
    }

    /// The lines of the performance framework, in printed order.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn lines(&self) -> Vec<PlanLine> {
        self.document.lines.iter().map(|line| PlanLine::new(&self.reading, line)).collect()
    }
}

/// The indicators that a part of a plan names; their codes are stored with their owners.
fn indicators(reading: &Arc<Reading>, codes: &[String]) -> Result<Vec<Indicator>> {
    codes.iter().map(|code| linked(reading.indicator(code, None), code)).collect()
}

/// Converts a part that has the same members on both interfaces, in both directions.
macro_rules! alike {
    ($part:ident { $($member:ident),+ }) => {
        impl From<&plan::$part> for $part {
            fn from(part: &plan::$part) -> Self {
                let plan::$part { $($member),+ } = part.clone();
                Self { $($member),+ }
            }
        }

        impl From<$part> for plan::$part {
            fn from($part { $($member),+ }: $part) -> Self {
                Self { $($member),+ }
            }
        }
    };
}
use alike;
