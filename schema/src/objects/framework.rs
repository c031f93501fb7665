//! Performance frameworks: a plan's lines with the published figures that belong to them.

mod figure;

use std::sync::Arc;

use async_graphql::{ComplexObject, SimpleObject};
use exchange::{
    rules::period,
    service::framework::{self, FrameworkQuery},
    vocabulary::{PlanStatus, Polarity, Unit},
};

use self::figure::{FrameworkFigure, FrameworkRemark};
use super::{Partnership, Period, Plan, PlanLine, Section};
use crate::{
    error::Result,
    limits,
    session::{Reading, linked, stored_period},
};

/// The performance framework of a plan, in its printed order.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Framework {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    answer: Arc<framework::Framework>,
    /// The plan's title.
    title: String,
    /// Where the plan stands.
    status: PlanStatus,
    /// The plan's version, as printed.
    version: Option<String>,
    /// The state of the ledger that the answer speaks of.
    state: String,
}

impl Framework {
    /// The framework that a query asks for, read together with all others that the request asks for; none if there is no
    /// such partnership or plan.
    pub async fn read(reading: &Arc<Reading>, query: FrameworkQuery) -> Result<Option<Self>> {
        let FrameworkQuery { partnership, plan, period } = &query;
        let catalogue = reading.catalogue();
        let is_there = match plan.as_deref() {
            Some(code) => catalogue.plan(partnership, code).is_some(),
            None => !catalogue.plans_of(partnership).is_empty(),
        };
        if !is_there {
            return Ok(None);
        }
        let readable = period.as_deref().is_none_or(|given| period::Period::parse(given).is_ok());
        // What is refused is asked for alone: it would spoil the answer to the others.
        let answer = if readable {
            reading.frameworks.of(query).await?
        } else {
            Arc::new(reading.exchange.framework(&reading.view, &query).await?)
        };
        Ok(Some(Self {
            reading: Arc::clone(reading),
            title: answer.title.clone(),
            status: answer.status,
            version: answer.version.clone(),
            state: answer.state.clone(),
            answer,
        }))
    }
}

#[ComplexObject]
impl Framework {
    /// The partnership.
    async fn partnership(&self) -> Result<Partnership> {
        linked(self.reading.partnership(&self.answer.partnership), &self.answer.partnership)
    }

    /// The plan.
    async fn plan(&self) -> Result<Plan> {
        linked(self.reading.plan(&self.answer.partnership, &self.answer.plan), &self.answer.plan)
    }

    /// The period asked for; null for all.
    async fn period(&self) -> Result<Option<Period>> {
        linked_period(self.answer.period.as_deref())
    }

    /// The sections.
    #[graphql(complexity = "1 + limits::SECTIONS * child_complexity")]
    async fn sections(&self) -> Vec<FrameworkSection> {
        self.answer.sections.iter().map(|section| FrameworkSection::new(&self.reading, section)).collect()
    }
}

/// A section: an aim or a theme, with its lines.
#[derive(Debug, Clone, SimpleObject)]
pub struct FrameworkSection {
    #[graphql(flatten)]
    section: Section,
    /// Its lines.
    #[graphql(complexity = "1 + limits::SECTION_LINES * child_complexity")]
    lines: Vec<FrameworkLine>,
}

impl FrameworkSection {
    fn new(reading: &Arc<Reading>, section: &framework::FrameworkSection) -> Self {
        let lines = section.lines.iter().map(|line| FrameworkLine::new(reading, line));
        Self { section: Section::from(&section.section), lines: lines.collect() }
    }
}

/// A line: how the plan uses an indicator, and the published figures that belong to it.
#[derive(Debug, Clone, SimpleObject)]
pub struct FrameworkLine {
    #[graphql(flatten)]
    line: PlanLine,
    /// The indicator's title, from its definition.
    title: Option<String>,
    /// The unit of its figures, from its definition.
    unit: Unit,
    /// For a rate: per how many.
    per: Option<u32>,
    /// Which direction is good: as the plan says, else as the definition says.
    effective_polarity: Polarity,
    /// Baselines.
    #[graphql(complexity = "1 + limits::LINE_FIGURES * child_complexity")]
    baselines: Vec<FrameworkFigure>,
    /// Actuals, with their computed change.
    #[graphql(complexity = "1 + limits::LINE_FIGURES * child_complexity")]
    actuals: Vec<FrameworkFigure>,
    /// Targets of all variants, and whether they are met.
    #[graphql(complexity = "1 + limits::LINE_FIGURES * child_complexity")]
    targets: Vec<FrameworkFigure>,
    /// Changes as printed, and whether they follow from the figures.
    #[graphql(complexity = "1 + limits::LINE_FIGURES * child_complexity")]
    reported_changes: Vec<FrameworkFigure>,
    /// Traffic lights as printed.
    #[graphql(complexity = "1 + limits::LINE_FIGURES * child_complexity")]
    reported_lights: Vec<FrameworkFigure>,
    /// Comments, notes and doubts of the return lines that the figures come from.
    #[graphql(complexity = "1 + limits::LINE_FIGURES * child_complexity")]
    remarks: Vec<FrameworkRemark>,
}

impl FrameworkLine {
    fn new(reading: &Arc<Reading>, line: &framework::FrameworkLine) -> Self {
        let figures = |list: &[framework::FrameworkFigure]| list.iter().map(FrameworkFigure::from).collect();
        Self {
            line: PlanLine::new(reading, &line.line),
            title: line.title.clone(),
            unit: line.unit,
            per: line.per,
            effective_polarity: line.effective_polarity,
            baselines: figures(&line.baselines),
            actuals: figures(&line.actuals),
            targets: figures(&line.targets),
            reported_changes: figures(&line.reported_changes),
            reported_lights: figures(&line.reported_lights),
            remarks: line.remarks.iter().map(FrameworkRemark::from).collect(),
        }
    }
}

/// The period that a stored code names, if there is one.
fn linked_period(code: Option<&str>) -> Result<Option<Period>> {
    code.map(|code| stored_period(code).map(Period::from)).transpose()
}
