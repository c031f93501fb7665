//! The plan of a partnership. Parts that name nothing outside of it are put as they are read.

use async_graphql::InputObject;
use exchange::{
    rules::{
        line::Breakdown,
        metadata::plan::{self, Plan},
    },
    vocabulary::{LaaStatus, PlanStatus, Polarity, PriorityKind, Tier},
};

use super::returned::BreakdownInput;
use crate::{
    objects::{Agency, DeliveryGroup, Governance, PlanLink, Resource, Section},
    scalars::{Date, Decimal},
};

/// A plan of a partnership. It is put whole; each version is kept.
#[derive(Debug, InputObject)]
pub struct PlanInput {
    /// Its code, unique within the partnership: lower-case letters, digits and hyphens.
    code: String,
    /// The partnership whose plan it is, by code.
    partnership: String,
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
    /// Priorities and themes, with their high-level outcomes.
    #[graphql(default)]
    priorities: Vec<PriorityInput>,
    /// What is promised until when.
    #[graphql(default)]
    commitments: Vec<CommitmentInput>,
    /// Who delivers.
    #[graphql(default)]
    delivery_groups: Vec<DeliveryGroup>,
    /// The organisations that take part.
    #[graphql(default)]
    agencies: Vec<Agency>,
    /// Who watches over what, and how often.
    #[graphql(default)]
    governance: Vec<Governance>,
    /// The resource tables.
    #[graphql(default)]
    resource_tables: Vec<ResourceTableInput>,
    /// The amounts of the resource tables.
    #[graphql(default)]
    resources: Vec<Resource>,
    /// What is to be done.
    #[graphql(default)]
    actions: Vec<ActionInput>,
    /// Other plans and strategies that it is connected with.
    #[graphql(default)]
    links: Vec<PlanLink>,
    /// The sections of the performance framework, in printed order.
    #[graphql(default)]
    sections: Vec<Section>,
    /// The lines of the performance framework, in printed order.
    #[graphql(default)]
    lines: Vec<PlanLineInput>,
}

impl From<PlanInput> for Plan {
    fn from(input: PlanInput) -> Self {
        Self {
            code: input.code,
            partnership: input.partnership,
            title: input.title,
            status: input.status,
            version: input.version,
            valid_from: input.valid_from.day(),
            valid_to: input.valid_to.day(),
            vision: input.vision,
            source: input.source,
            note: input.note,
            priorities: documents(input.priorities),
            commitments: documents(input.commitments),
            delivery_groups: documents(input.delivery_groups),
            agencies: documents(input.agencies),
            governance: documents(input.governance),
            resource_tables: documents(input.resource_tables),
            resources: documents(input.resources),
            actions: documents(input.actions),
            links: documents(input.links),
            sections: documents(input.sections),
            lines: documents(input.lines),
        }
    }
}

fn documents<I, D: From<I>>(inputs: Vec<I>) -> Vec<D> {
    inputs.into_iter().map(D::from).collect()
}

/// What a plan sets out to achieve.
#[derive(Debug, InputObject)]
pub struct PriorityInput {
    /// Its code within the plan: lower-case letters, digits and hyphens.
    code: String,
    /// Whether it is a priority, a theme across priorities, or goes on as before.
    kind: PriorityKind,
    /// The title.
    title: String,
    /// What it aims at.
    aim: Option<String>,
    /// When it applies, as printed.
    period: Option<String>,
    /// The delivery group in the lead, by name.
    lead_group: Option<String>,
    /// The agency in the lead.
    lead_agency: Option<String>,
    /// What is spent on it in addition to core services, in pounds.
    spend: Option<Decimal>,
    /// The outcomes that it is to bring.
    #[graphql(default)]
    outcomes: Vec<String>,
    /// The public service agreements that it serves.
    #[graphql(default)]
    agreements: Vec<String>,
    /// The indicators that measure it, by any code; a local one of another partnership with its owner.
    #[graphql(default)]
    indicators: Vec<String>,
    /// What else should be known.
    note: Option<String>,
}

impl From<PriorityInput> for plan::Priority {
    fn from(input: PriorityInput) -> Self {
        Self {
            code: input.code,
            kind: input.kind,
            title: input.title,
            aim: input.aim,
            period: input.period,
            lead_group: input.lead_group,
            lead_agency: input.lead_agency,
            spend: input.spend.map(|Decimal(figure)| figure),
            outcomes: input.outcomes,
            agreements: input.agreements,
            indicators: input.indicators,
            note: input.note,
        }
    }
}

/// A promise, and until when.
#[derive(Debug, InputObject)]
pub struct CommitmentInput {
    /// The priority that it belongs to, by code.
    priority: String,
    /// Its horizon, as printed.
    horizon: String,
    /// The last day of the horizon, where the print gives one.
    due: Option<Date>,
    /// What is promised, in few words.
    text: String,
    /// The indicators that it names, by any code; a local one of another partnership with its owner.
    #[graphql(default)]
    indicators: Vec<String>,
    /// What else should be known.
    note: Option<String>,
}

impl From<CommitmentInput> for plan::Commitment {
    fn from(CommitmentInput { priority, horizon, due, text, indicators, note }: CommitmentInput) -> Self {
        Self { priority, horizon, due: due.map(Date::day), text, indicators, note }
    }
}

/// A table of resources. All amounts are pounds sterling.
#[derive(Debug, InputObject)]
pub struct ResourceTableInput {
    /// Its code within the plan: lower-case letters, digits and hyphens.
    code: String,
    /// The title.
    title: String,
    /// The period that the money is for, in any spelling.
    period: String,
    /// The total that the table prints.
    printed_total: Option<Decimal>,
    /// What else should be known.
    note: Option<String>,
}

impl From<ResourceTableInput> for plan::ResourceTable {
    fn from(ResourceTableInput { code, title, period, printed_total, note }: ResourceTableInput) -> Self {
        Self { code, title, period, printed_total: printed_total.map(|Decimal(figure)| figure), note }
    }
}

/// Something to be done.
#[derive(Debug, InputObject)]
pub struct ActionInput {
    /// Its number, as printed.
    number: String,
    /// The priority that it belongs to, by code.
    priority: String,
    /// The outcome that it is to bring.
    outcome: Option<String>,
    /// What is to be done, in few words.
    title: String,
    /// The agency in the lead.
    lead_agency: Option<String>,
    /// The post in the lead; never a person's name.
    lead_post: Option<String>,
    /// The indicators that it cites, by any code; a local one of another partnership with its owner.
    #[graphql(default)]
    indicators: Vec<String>,
    /// Other measures that it names.
    measures: Option<String>,
    /// When it is due, as printed.
    due: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

impl From<ActionInput> for plan::Action {
    fn from(input: ActionInput) -> Self {
        Self {
            number: input.number,
            priority: input.priority,
            outcome: input.outcome,
            title: input.title,
            lead_agency: input.lead_agency,
            lead_post: input.lead_post,
            indicators: input.indicators,
            measures: input.measures,
            due: input.due,
            note: input.note,
        }
    }
}

/// How a plan uses an indicator: one printed row of the performance framework.
#[derive(Debug, InputObject)]
pub struct PlanLineInput {
    /// The section that it stands in, by number.
    section: u16,
    /// The printed row. A line of a return with the same `sourceRow` is about this row.
    source_row: String,
    /// The number printed before the row.
    number_as_printed: Option<String>,
    /// The indicator, by any code; a local one of another partnership with its owner.
    indicator: String,
    /// The indicator as printed, code and title.
    indicator_as_printed: Option<String>,
    /// The area that it is measured for, by code; absent where it is the partnership's.
    area: Option<String>,
    /// The member of a breakdown; the whole unless given.
    breakdown: Option<BreakdownInput>,
    /// How high the plan places it.
    tier: Option<Tier>,
    /// The tier's label as printed beside the row.
    tier_as_printed: Option<String>,
    /// How the Local Area Agreement uses it; none if the plan does not say that it does.
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

impl From<PlanLineInput> for plan::PlanLine {
    fn from(input: PlanLineInput) -> Self {
        Self {
            section: input.section,
            source_row: input.source_row,
            number_as_printed: input.number_as_printed,
            indicator: input.indicator,
            indicator_as_printed: input.indicator_as_printed,
            area: input.area,
            breakdown: input.breakdown.map(Breakdown::from),
            tier: input.tier,
            tier_as_printed: input.tier_as_printed,
            laa: input.laa,
            stretch_target: input.stretch_target,
            lead_agency: input.lead_agency,
            lead_post: input.lead_post,
            lead_as_printed: input.lead_as_printed,
            polarity: input.polarity,
            note: input.note,
        }
    }
}
