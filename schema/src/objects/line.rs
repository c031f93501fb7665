//! The lines of a return.

use std::sync::Arc;

use async_graphql::{ComplexObject, SimpleObject};
use exchange::{
    rules::line,
    vocabulary::{BaselineKind, Basis, Doubt, FigureForm, MissingReason, ObsStatus, TrafficLight, Unit},
};

use super::{Area, Indicator, Period, figure::Breakdown};
use crate::{
    error::Result,
    scalars::Decimal,
    session::{Reading, linked, stored_period},
};

/// One line of a return.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
#[allow(clippy::struct_field_names, reason = "the names are those of every interface")]
pub struct Line {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    indicator: String,
    #[graphql(skip)]
    period: String,
    #[graphql(skip)]
    area: String,
    /// Its place in the return, from 1.
    line: u32,
    /// The row of the source, as the source numbers it.
    source_row: Option<String>,
    /// The member of a breakdown; null for the whole.
    breakdown: Option<Breakdown>,
    /// 0, or a number that keeps this line apart from earlier ones of the same key that say something else.
    line_variant: i16,
    /// The outturn.
    actual: Option<Entry>,
    /// The value that change is measured from.
    baseline: Option<Entry>,
    /// The target.
    target: Option<Entry>,
    /// The target with the agreed stretch.
    target_with_stretch: Option<Entry>,
    /// The target without the agreed stretch.
    target_without_stretch: Option<Entry>,
    /// The change as the source prints it.
    reported_change: Option<Entry>,
    /// The traffic light as the source prints it.
    reported_light: Option<ReportedLight>,
    /// The comment printed with the line.
    comment: Option<String>,
    /// How the respondent read what the source leaves open.
    note: Option<String>,
    /// Why the respondent doubts what the source prints; the note says more.
    doubts: Vec<Doubt>,
}

impl Line {
    /// A line whose codes a reading explains.
    pub fn new(reading: Arc<Reading>, line: line::Line) -> Self {
        Self {
            reading,
            indicator: line.indicator,
            period: line.period,
            area: line.area,
            line: line.line,
            source_row: line.source_row,
            breakdown: line.breakdown.map(Breakdown::from),
            line_variant: line.line_variant,
            actual: line.actual.map(Entry::from),
            baseline: line.baseline.map(Entry::from),
            target: line.target.map(Entry::from),
            target_with_stretch: line.target_with_stretch.map(Entry::from),
            target_without_stretch: line.target_without_stretch.map(Entry::from),
            reported_change: line.reported_change.map(Entry::from),
            reported_light: line.reported_light.map(ReportedLight::from),
            comment: line.comment,
            note: line.note,
            doubts: line.doubts,
        }
    }
}

#[ComplexObject]
impl Line {
    /// The indicator.
    async fn indicator(&self) -> Result<Indicator> {
        linked(self.reading.indicator(&self.indicator, None), &self.indicator)
    }

    /// The period.
    async fn period(&self) -> Result<Period> {
        stored_period(&self.period).map(Period::from)
    }

    /// The area that the figures measure.
    async fn area(&self) -> Result<Area> {
        linked(self.reading.area(&self.area), &self.area)
    }
}

/// One figure of a line, typed and as printed.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Entry {
    #[graphql(skip)]
    period: Option<String>,
    #[graphql(skip)]
    baseline_used: Option<String>,
    /// The value in the indicator's unit; null where there is none.
    value: Option<Decimal>,
    /// The unit of the value where the source prints another than the indicator's; such a figure is `DEFINITION_DIFFERS`.
    unit: Option<Unit>,
    /// The cell as the source prints it.
    as_printed: Option<String>,
    /// What the value counts.
    numerator: Option<Decimal>,
    /// Of how many.
    denominator: Option<Decimal>,
    /// A second value printed for the same figure.
    secondary_value: Option<Decimal>,
    /// The unit of the second value.
    secondary_unit: Option<Unit>,
    /// How the second value is to be read; null means a level.
    secondary_form: Option<FigureForm>,
    /// Observation status, after SDMX; empty means nothing to remark.
    status: Vec<ObsStatus>,
    /// What the value rests on; null means the official source.
    basis: Option<Basis>,
    /// Why there is no value.
    missing: Option<MissingReason>,
    /// When a missing value is expected: a date or a period, as the source says it.
    expected: Option<String>,
    /// For targets and changes: how the value is to be read; null means a level.
    form: Option<FigureForm>,
    /// For baselines: what kind of baseline it is; null means the outturn of its period.
    kind: Option<BaselineKind>,
    /// For targets: when the results against it are expected, as the source says it.
    results_expected: Option<String>,
    /// For targets that are given up for another indicator: that indicator, by code.
    replaced_by: Option<String>,
}

impl From<line::Entry> for Entry {
    fn from(entry: line::Entry) -> Self {
        Self {
            period: entry.period,
            baseline_used: entry.baseline_used,
            value: entry.value.map(Decimal),
            unit: entry.unit,
            as_printed: entry.as_printed,
            numerator: entry.numerator.map(Decimal),
            denominator: entry.denominator.map(Decimal),
            secondary_value: entry.secondary_value.map(Decimal),
            secondary_unit: entry.secondary_unit,
            secondary_form: entry.secondary_form,
            status: entry.status,
            basis: entry.basis,
            missing: entry.missing,
            expected: entry.expected,
            form: entry.form,
            kind: entry.kind,
            results_expected: entry.results_expected,
            replaced_by: entry.replaced_by,
        }
    }
}

#[ComplexObject]
impl Entry {
    /// For baselines and targets: the period that it is for, where that is not the line's.
    async fn period(&self) -> Result<Option<Period>> {
        self.period.as_deref().map(|code| stored_period(code).map(Period::from)).transpose()
    }

    /// For targets: the period of the baseline that a change is from, where the source says it.
    async fn baseline_used(&self) -> Result<Option<Period>> {
        self.baseline_used.as_deref().map(|code| stored_period(code).map(Period::from)).transpose()
    }
}

/// A traffic light as the source prints it.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReportedLight {
    /// The light.
    light: TrafficLight,
    /// The mark as printed.
    as_printed: Option<String>,
}

impl From<line::ReportedLight> for ReportedLight {
    fn from(line::ReportedLight { light, as_printed }: line::ReportedLight) -> Self {
        Self { light, as_printed }
    }
}
