//! The figures of a framework, and what the exchange computes from them.

use async_graphql::{ComplexObject, SimpleObject};
use exchange::{
    rules::framework as judged,
    service::framework as answer,
    vocabulary::{
        BaselineKind, Basis, ChangeMatch, Doubt, FigureForm, FigureKind, MissingReason, NotComputed, ObsStatus,
        TrafficLight, Unit,
    },
};
use uuid::Uuid;

use super::linked_period;
use crate::{
    error::Result,
    objects::Period,
    scalars::{DateTime, Decimal},
    session::stored_period,
};

/// A published figure of a line, and what the exchange computes from it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct FrameworkFigure {
    #[graphql(skip)]
    period: String,
    #[graphql(skip)]
    baseline_used: Option<String>,
    /// What the figure is.
    kind: FigureKind,
    /// The unit; a relative change is in per cent, a second value has its own.
    unit: Unit,
    /// For a rate: per how many.
    per: Option<u32>,
    /// Whether it is a second value printed for the same figure.
    is_secondary: bool,
    /// 0, or a number that keeps rows of a source that contradict each other apart.
    line_variant: i16,
    /// The value; null where there is none.
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
    /// When a missing value is expected, as the source says it.
    expected: Option<String>,
    /// For a baseline: what kind of baseline it is.
    baseline_kind: Option<BaselineKind>,
    /// For a target: when the results against it are expected, as the source says it.
    results_expected: Option<String>,
    /// For a target that is given up for another indicator: that indicator, by code.
    replaced_by: Option<String>,
    /// The traffic light as the source prints it.
    light: Option<TrafficLight>,
    /// The cell as the source prints it.
    as_printed: Option<String>,
    /// The row of the source.
    source_row: Option<String>,
    /// The return that it comes from.
    return_id: Option<Uuid>,
    /// The line of the return.
    line: i32,
    /// The release that published it.
    release_id: Option<Uuid>,
    /// When it was published.
    published_at: DateTime,
    /// For a figure that was withdrawn: why.
    withdrawn: Option<String>,
    /// For a numeric actual: its computed change.
    change: Option<ComputedChange>,
    /// For a target: whether it is met.
    met: Option<TargetMet>,
    /// For a printed change: whether it follows from the figures; null where there are none to follow from.
    change_match: Option<ChangeMatch>,
}

impl From<&answer::FrameworkFigure> for FrameworkFigure {
    fn from(figure: &answer::FrameworkFigure) -> Self {
        Self {
            period: figure.period.clone(),
            baseline_used: figure.baseline_used.clone(),
            kind: figure.kind,
            unit: figure.unit,
            per: figure.per,
            is_secondary: figure.is_secondary,
            line_variant: figure.line_variant,
            value: figure.value.map(Decimal),
            numerator: figure.numerator.map(Decimal),
            denominator: figure.denominator.map(Decimal),
            form: figure.form,
            status: figure.status.clone(),
            basis: figure.basis,
            missing: figure.missing,
            expected: figure.expected.clone(),
            baseline_kind: figure.baseline_kind,
            results_expected: figure.results_expected.clone(),
            replaced_by: figure.replaced_by.clone(),
            light: figure.light,
            as_printed: figure.as_printed.clone(),
            source_row: figure.source_row.clone(),
            return_id: figure.return_id,
            line: figure.line,
            release_id: figure.release_id,
            published_at: DateTime(figure.published_at),
            withdrawn: figure.withdrawn.clone(),
            change: figure.change.as_ref().map(ComputedChange::from),
            met: figure.met.as_ref().map(TargetMet::from),
            change_match: figure.change_match,
        }
    }
}

#[ComplexObject]
impl FrameworkFigure {
    /// The period.
    async fn period(&self) -> Result<Period> {
        stored_period(&self.period).map(Period::from)
    }

    /// For a target: the period of the baseline that a change is from, where the source says it.
    async fn baseline_used(&self) -> Result<Option<Period>> {
        linked_period(self.baseline_used.as_deref())
    }
}

/// The change of an actual since its baseline or, without one, since the actual of the period before.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ComputedChange {
    #[graphql(skip)]
    since: Option<String>,
    /// The rule that it was computed by. `since-baseline`: from the baseline on the figure's own line, else the newest
    /// baseline before it, else the actual of the period before.
    rule: String,
    /// Whether the figure compared with is a baseline or an actual.
    from_kind: Option<FigureKind>,
    /// The figure compared with.
    from_value: Option<Decimal>,
    /// In per cent of the figure compared with, to one decimal.
    relative: Option<Decimal>,
    /// In points of the unit.
    points: Option<Decimal>,
    /// Why there is none.
    not_computed: Option<NotComputed>,
}

impl From<&judged::ComputedChange> for ComputedChange {
    fn from(change: &judged::ComputedChange) -> Self {
        Self {
            since: change.from_period.clone(),
            rule: change.rule.clone(),
            from_kind: change.from_kind,
            from_value: change.from_value.map(Decimal),
            relative: change.relative.map(Decimal),
            points: change.points.map(Decimal),
            not_computed: change.not_computed,
        }
    }
}

#[ComplexObject]
impl ComputedChange {
    /// The period of the figure compared with.
    #[graphql(name = "fromPeriod")]
    async fn period(&self) -> Result<Option<Period>> {
        linked_period(self.since.as_deref())
    }
}

/// Whether a target is met.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct TargetMet {
    #[graphql(skip)]
    actual_period: Option<String>,
    /// The rule that it was computed by. `met-equality-counts`: `GREEN` if the actual is at least as good as the level
    /// asked for, equality counting, else `RED`; `AMBER` is never computed.
    rule: String,
    /// Whether it is met.
    met: Option<bool>,
    /// The computed light: `GREEN` if it is met, else `RED`.
    light: Option<TrafficLight>,
    /// The level that the target asks for: for a change, that of the baseline changed so.
    level: Option<Decimal>,
    /// The actual judged.
    actual: Option<Decimal>,
    /// The baseline that the target changes, if it is a change.
    baseline: Option<Decimal>,
    /// Why it is not judged.
    not_computed: Option<NotComputed>,
}

impl From<&judged::TargetMet> for TargetMet {
    fn from(met: &judged::TargetMet) -> Self {
        Self {
            actual_period: met.actual_period.clone(),
            rule: met.rule.clone(),
            met: met.met,
            light: met.light,
            level: met.level.map(Decimal),
            actual: met.actual.map(Decimal),
            baseline: met.baseline.map(Decimal),
            not_computed: met.not_computed,
        }
    }
}

#[ComplexObject]
impl TargetMet {
    /// The period of the actual.
    async fn actual_period(&self) -> Result<Option<Period>> {
        linked_period(self.actual_period.as_deref())
    }
}

/// What stands beside the figures of one return line.
#[derive(Debug, Clone, SimpleObject)]
pub struct FrameworkRemark {
    /// The return.
    return_id: Option<Uuid>,
    /// The line of the return.
    line: i32,
    /// The comment as printed.
    comment: Option<String>,
    /// How the respondent read what the source leaves open.
    note: Option<String>,
    /// Why the respondent doubts what the source prints.
    doubts: Vec<Doubt>,
}

impl From<&answer::FrameworkRemark> for FrameworkRemark {
    fn from(remark: &answer::FrameworkRemark) -> Self {
        let answer::FrameworkRemark { return_id, line, comment, note, doubts } = remark.clone();
        Self { return_id, line, comment, note, doubts }
    }
}
