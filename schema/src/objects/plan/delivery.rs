//! Who delivers a plan and who watches over it.

use async_graphql::{InputObject, SimpleObject};
use exchange::rules::metadata::plan;

use super::alike;

/// A group that delivers a part of the plan.
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(input_name = "DeliveryGroupInput")]
pub struct DeliveryGroup {
    /// Its name.
    name: String,
    /// The group that it is part of or reports to, by name.
    part_of: Option<String>,
    /// The post of who chairs it; never a person's name.
    chair_post: Option<String>,
    /// The agency of who chairs it.
    chair_agency: Option<String>,
    /// What it does.
    role: Option<String>,
    /// How often it meets, as printed.
    meets: Option<String>,
    /// The priorities that it delivers, by code.
    #[graphql(default)]
    priorities: Vec<String>,
    /// What else should be known.
    note: Option<String>,
}

alike!(DeliveryGroup { name, part_of, chair_post, chair_agency, role, meets, priorities, note });

/// An organisation that takes part.
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(input_name = "AgencyInput")]
pub struct Agency {
    /// Its name.
    name: String,
    /// Its short name, as the plan uses it.
    short_name: Option<String>,
    /// What it is in the partnership.
    role: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

alike!(Agency { name, short_name, role, note });

/// A duty of a body of the partnership, and how often it is done.
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(input_name = "GovernanceInput")]
pub struct Governance {
    /// The body.
    body: String,
    /// What it does.
    duty: String,
    /// How often, as printed.
    cycle: Option<String>,
    /// To whom it reports.
    reports_to: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

alike!(Governance { body, duty, cycle, reports_to, note });

/// Another plan or strategy.
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(input_name = "PlanLinkInput")]
pub struct PlanLink {
    /// Its title.
    title: String,
    /// Whose it is.
    owner: Option<String>,
    /// How the two are connected.
    relation: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

alike!(PlanLink { title, owner, relation, note });
