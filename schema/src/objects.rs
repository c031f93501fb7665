//! The objects of the schema, linked as one walks them: from a partnership to its figures, its peers and its area.
//!
//! Metadata is in memory, so that following a link costs no statement.

mod area;
mod audit;
mod change;
mod collection;
mod comparison;
mod figure;
mod framework;
mod indicator;
mod line;
mod partnership;
mod peer_group;
mod period;
mod plan;
mod receipt;
mod release;
mod report;
mod reported_comparison;
mod returned;
mod state;

pub use self::{
    area::Area,
    audit::{AuditAnchor, AuditEntry},
    change::{ChangeFeed, Diff, PublishedChange},
    collection::Collection,
    comparison::ComparisonAnswer,
    figure::Figure,
    framework::Framework,
    indicator::Indicator,
    partnership::Partnership,
    peer_group::PeerGroup,
    period::Period,
    plan::{Agency, DeliveryGroup, Governance, Plan, PlanLine, PlanLink, Resource, Section},
    receipt::{PutReceipt, Receipt},
    release::Release,
    report::{ProblemType, Report},
    returned::Return,
    state::State,
};
