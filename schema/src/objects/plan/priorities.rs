//! What a plan sets out to achieve, what it promises and what is to be done.

use std::sync::Arc;

use async_graphql::{ComplexObject, SimpleObject};
use exchange::{rules::metadata::plan, vocabulary::PriorityKind};

use super::indicators;
use crate::{
    error::Result,
    limits,
    objects::Indicator,
    scalars::{Date, Decimal},
    session::Reading,
};

/// What a plan sets out to achieve.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Priority {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    indicators: Vec<String>,
    /// Its code within the plan.
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
    outcomes: Vec<String>,
    /// The public service agreements that it serves.
    agreements: Vec<String>,
    /// What else should be known.
    note: Option<String>,
}

impl Priority {
    /// A priority whose codes a reading explains.
    pub fn new(reading: &Arc<Reading>, priority: &plan::Priority) -> Self {
        Self {
            reading: Arc::clone(reading),
            indicators: priority.indicators.clone(),
            code: priority.code.clone(),
            kind: priority.kind,
            title: priority.title.clone(),
            aim: priority.aim.clone(),
            period: priority.period.clone(),
            lead_group: priority.lead_group.clone(),
            lead_agency: priority.lead_agency.clone(),
            spend: priority.spend.map(Decimal),
            outcomes: priority.outcomes.clone(),
            agreements: priority.agreements.clone(),
            note: priority.note.clone(),
        }
    }
}

#[ComplexObject]
impl Priority {
    /// The indicators that measure it.
    #[graphql(complexity = "1 + limits::CITED * child_complexity")]
    async fn indicators(&self) -> Result<Vec<Indicator>> {
        indicators(&self.reading, &self.indicators)
    }
}

/// A promise, and until when.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Commitment {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    indicators: Vec<String>,
    /// The priority that it belongs to, by code.
    priority: String,
    /// Its horizon, as printed.
    horizon: String,
    /// The last day of the horizon, where the print gives one.
    due: Option<Date>,
    /// What is promised, in few words.
    text: String,
    /// What else should be known.
    note: Option<String>,
}

impl Commitment {
    /// A commitment whose codes a reading explains.
    pub fn new(reading: &Arc<Reading>, commitment: &plan::Commitment) -> Self {
        Self {
            reading: Arc::clone(reading),
            indicators: commitment.indicators.clone(),
            priority: commitment.priority.clone(),
            horizon: commitment.horizon.clone(),
            due: commitment.due.map(Date),
            text: commitment.text.clone(),
            note: commitment.note.clone(),
        }
    }
}

#[ComplexObject]
impl Commitment {
    /// The indicators that it names.
    #[graphql(complexity = "1 + limits::CITED * child_complexity")]
    async fn indicators(&self) -> Result<Vec<Indicator>> {
        indicators(&self.reading, &self.indicators)
    }
}

/// Something to be done.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Action {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    indicators: Vec<String>,
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
    /// Other measures that it names.
    measures: Option<String>,
    /// When it is due, as printed.
    due: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

impl Action {
    /// An action whose codes a reading explains.
    pub fn new(reading: &Arc<Reading>, action: &plan::Action) -> Self {
        Self {
            reading: Arc::clone(reading),
            indicators: action.indicators.clone(),
            number: action.number.clone(),
            priority: action.priority.clone(),
            outcome: action.outcome.clone(),
            title: action.title.clone(),
            lead_agency: action.lead_agency.clone(),
            lead_post: action.lead_post.clone(),
            measures: action.measures.clone(),
            due: action.due.clone(),
            note: action.note.clone(),
        }
    }
}

#[ComplexObject]
impl Action {
    /// The indicators that it cites.
    #[graphql(complexity = "1 + limits::CITED * child_complexity")]
    async fn indicators(&self) -> Result<Vec<Indicator>> {
        indicators(&self.reading, &self.indicators)
    }
}
