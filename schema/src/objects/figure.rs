//! Published figures.

use std::sync::Arc;

use async_graphql::{ComplexObject, SimpleObject};
use exchange::{
    rules::line,
    service::{
        figures::{FigureQuery, PublishedFigure},
        page::PageRequest,
    },
    vocabulary::{BaselineKind, Basis, Doubt, FigureForm, FigureKind, MissingReason, ObsStatus, TrafficLight, Unit},
};
use uuid::Uuid;

use super::{Area, Indicator, Partnership, Period};
use crate::{
    connection::Connection,
    error::Result,
    scalars::{DateTime, Decimal},
    session::{Reading, linked, stored_period},
};

/// A published figure.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Figure {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    links: Links,
    /// What the figure is.
    kind: FigureKind,
    /// Whether the partnership is invented, for trying things out.
    fictional: bool,
    /// The member of a breakdown; null for the whole.
    breakdown: Option<Breakdown>,
    /// The unit, from the indicator's definition in the period; that of the second value for one.
    unit: Unit,
    /// For a rate: per how many.
    per: Option<u32>,
    /// Whether it is a second value printed for the same figure.
    is_secondary: bool,
    /// 0, or a number that keeps rows of a source that contradict each other apart.
    line_variant: i16,
    /// The value.
    value: Option<Decimal>,
    /// What the value counts.
    numerator: Option<Decimal>,
    /// Of how many.
    denominator: Option<Decimal>,
    /// How a target or a change is to be read.
    form: FigureForm,
    /// Observation status.
    status: Vec<ObsStatus>,
    /// What the value rests on.
    basis: Basis,
    /// Why there is no value.
    missing: Option<MissingReason>,
    /// The traffic light as the source prints it, for a figure of kind `REPORTED_LIGHT`.
    light: Option<TrafficLight>,
    /// The cell as the source prints it.
    as_printed: Option<String>,
    /// The comment printed with the line.
    comment: Option<String>,
    /// The return that it comes from.
    return_id: Option<Uuid>,
    /// The line of the return.
    line: i32,
    /// The release that published it.
    release_id: Option<Uuid>,
    /// When it was published.
    published_at: DateTime,
    /// The row of the source, as the source numbers it.
    source_row: Option<String>,
    /// When a missing value is expected, as the source says it.
    expected: Option<String>,
    /// For a baseline: what kind of baseline it is.
    baseline_kind: Option<BaselineKind>,
    /// For a target: when the results against it are expected, as the source says it.
    results_expected: Option<String>,
    /// For a target that is given up for another indicator: that indicator, by code.
    replaced_by: Option<String>,
    /// How the respondent read what the source leaves open.
    note: Option<String>,
    /// Why the respondent doubts what the source prints; the note says more.
    doubts: Vec<Doubt>,
    /// Which revision of its return it is from, from 1.
    revision: Option<i32>,
    /// For a figure that was withdrawn, which has no value any more: why. `publishedAt` and `releaseId` are those of the
    /// withdrawal.
    withdrawn: Option<String>,
}

/// What a figure is of, by code.
#[derive(Debug, Clone)]
struct Links {
    indicator: String,
    period: String,
    partnership: String,
    area: String,
    baseline_used: Option<String>,
}

impl Figure {
    /// A figure as a reading shows it.
    pub fn new(reading: &Arc<Reading>, figure: PublishedFigure) -> Self {
        Self {
            reading: Arc::clone(reading),
            links: Links {
                indicator: figure.indicator,
                period: figure.period,
                partnership: figure.partnership,
                area: figure.area,
                baseline_used: figure.baseline_used,
            },
            kind: figure.kind,
            fictional: figure.fictional,
            breakdown: figure.breakdown.map(Breakdown::from),
            unit: figure.unit,
            per: figure.per,
            is_secondary: figure.is_secondary,
            line_variant: figure.line_variant,
            value: figure.value.map(Decimal),
            numerator: figure.numerator.map(Decimal),
            denominator: figure.denominator.map(Decimal),
            form: figure.form,
            status: figure.status,
            basis: figure.basis,
            missing: figure.missing,
            light: figure.light,
            as_printed: figure.as_printed,
            comment: figure.comment,
            return_id: figure.return_id,
            line: figure.line,
            release_id: figure.release_id,
            published_at: DateTime(figure.published_at),
            source_row: figure.source_row,
            expected: figure.expected,
            baseline_kind: figure.baseline_kind,
            results_expected: figure.results_expected,
            replaced_by: figure.replaced_by,
            note: figure.note,
            doubts: figure.doubts,
            revision: figure.revision,
            withdrawn: figure.withdrawn,
        }
    }

    /// A page of figures.
    pub async fn page(reading: &Arc<Reading>, query: &FigureQuery, part: PageRequest) -> Result<Connection<Self>> {
        let page = reading.exchange.figures(&reading.view, query, &part).await?;
        Ok(Connection::new(&part, page, |figure| Self::new(reading, figure)))
    }
}

#[ComplexObject]
impl Figure {
    /// The indicator.
    async fn indicator(&self) -> Result<Indicator> {
        linked(self.reading.indicator(&self.links.indicator, None), &self.links.indicator)
    }

    /// The period.
    async fn period(&self) -> Result<Period> {
        stored_period(&self.links.period).map(Period::from)
    }

    /// For a target: the period of the baseline that a change is from, where the source says it.
    async fn baseline_used(&self) -> Result<Option<Period>> {
        self.links.baseline_used.as_deref().map(|code| stored_period(code).map(Period::from)).transpose()
    }

    /// The partnership reported for.
    async fn partnership(&self) -> Result<Partnership> {
        linked(self.reading.partnership(&self.links.partnership), &self.links.partnership)
    }

    /// The area measured.
    async fn area(&self) -> Result<Area> {
        linked(self.reading.area(&self.links.area), &self.links.area)
    }
}

/// The member of a breakdown.
#[derive(Debug, Clone, SimpleObject)]
pub struct Breakdown {
    /// What the whole is broken down by: `ETHNIC_GROUP`.
    dimension: String,
    /// The member, as its source prints it: `Mixed`.
    member: String,
}

impl From<line::Breakdown> for Breakdown {
    fn from(line::Breakdown { dimension, member }: line::Breakdown) -> Self {
        Self { dimension, member }
    }
}
