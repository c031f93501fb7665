//! What a framework answers.

use chrono::NaiveDate;
use entity::{
    BaselineKind, Basis, ChangeMatch, Doubt, FigureForm, FigureKind, MissingReason, ObsStatus, PlanStatus, Polarity,
    TrafficLight, Unit,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Instant,
    rules::{
        decimal::Figure,
        framework::{ComputedChange, Judgement, TargetMet},
        metadata::plan::{PlanLine, Section},
    },
    service::figures::PublishedFigure,
};

/// The performance framework of a plan, in its printed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Framework {
    /// The partnership, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The plan, by code.
    #[schema(example = "rolling-plan-2008-12")]
    pub plan: String,
    /// The plan's title.
    pub title: String,
    /// Where the plan stands.
    pub status: PlanStatus,
    /// The plan's version, as printed.
    pub version: Option<String>,
    /// The period asked for, by code; absent for all.
    #[schema(example = "FY2008-09")]
    pub period: Option<String>,
    /// The state of the ledger that the answer speaks of.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
    /// The sections.
    pub sections: Vec<FrameworkSection>,
}

/// A section: an aim or a theme, with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FrameworkSection {
    /// What the plan prints of it.
    #[serde(flatten)]
    pub section: Section,
    /// Its lines.
    pub lines: Vec<FrameworkLine>,
}

/// A line: how the plan uses an indicator, and the published figures that belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FrameworkLine {
    /// What the plan prints of it.
    #[serde(flatten)]
    pub line: PlanLine,
    /// The indicator's title, from its definition.
    pub title: Option<String>,
    /// The unit of its figures, from its definition.
    pub unit: Unit,
    /// For a rate: per how many.
    pub per: Option<u32>,
    /// Which direction is good: as the plan says, else as the definition says.
    pub effective_polarity: Polarity,
    /// Baselines.
    pub baselines: Vec<FrameworkFigure>,
    /// Actuals, with their computed change.
    pub actuals: Vec<FrameworkFigure>,
    /// Targets of all variants, and whether they are met.
    pub targets: Vec<FrameworkFigure>,
    /// Changes as printed, and whether they follow from the figures.
    pub reported_changes: Vec<FrameworkFigure>,
    /// Traffic lights as printed.
    pub reported_lights: Vec<FrameworkFigure>,
    /// Comments, notes and doubts of the return lines that the figures come from.
    pub remarks: Vec<FrameworkRemark>,
}

impl FrameworkLine {
    /// All figures of the line, in the order of their lists.
    pub fn figures(&self) -> impl Iterator<Item = &FrameworkFigure> {
        let lists = [&self.baselines, &self.actuals, &self.targets, &self.reported_changes, &self.reported_lights];
        lists.into_iter().flatten()
    }
}

/// A published figure of a line, and what the exchange computes from it. What is absent does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FrameworkFigure {
    /// What the figure is.
    pub kind: FigureKind,
    /// The period, by canonical code.
    #[schema(example = "FY2008-09")]
    pub period: String,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Its last day.
    pub period_end: NaiveDate,
    /// The unit; a relative change is in per cent, a second value has its own.
    pub unit: Unit,
    /// For a rate: per how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<u32>,
    /// Whether it is a second value printed for the same figure.
    pub is_secondary: bool,
    /// 0, or a number that keeps rows of a source that contradict each other apart.
    pub line_variant: i16,
    /// The value; null where there is none.
    pub value: Option<Figure>,
    /// What the value counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Figure>,
    /// Of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Figure>,
    /// How a target or a change is to be read.
    pub form: FigureForm,
    /// Observation status.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<ObsStatus>,
    /// What the value rests on.
    pub basis: Basis,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingReason>,
    /// When a missing value is expected, as the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// For a baseline: what kind of baseline it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_kind: Option<BaselineKind>,
    /// For a target: the period of the baseline that a change is from, where the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_used: Option<String>,
    /// For a target: when the results against it are expected, as the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results_expected: Option<String>,
    /// For a target that is given up for another indicator: that indicator, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// The traffic light as the source prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub light: Option<TrafficLight>,
    /// The cell as the source prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_printed: Option<String>,
    /// The row of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_row: Option<String>,
    /// The return that it comes from.
    pub return_id: Option<Uuid>,
    /// The line of the return.
    pub line: i32,
    /// The release that published it.
    pub release_id: Option<Uuid>,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Instant,
    /// For a figure that was withdrawn: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    /// For a numeric actual: its computed change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<ComputedChange>,
    /// For a target: whether it is met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met: Option<TargetMet>,
    /// For a printed change: whether it follows from the figures; absent where there are none to follow from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_match: Option<ChangeMatch>,
}

impl FrameworkFigure {
    pub(super) fn new(figure: &PublishedFigure, judgement: Judgement) -> Self {
        let figure = figure.clone();
        Self {
            kind: figure.kind,
            period: figure.period,
            period_start: figure.period_start,
            period_end: figure.period_end,
            unit: figure.unit,
            per: figure.per,
            is_secondary: figure.is_secondary,
            line_variant: figure.line_variant,
            value: figure.value,
            numerator: figure.numerator,
            denominator: figure.denominator,
            form: figure.form,
            status: figure.status,
            basis: figure.basis,
            missing: figure.missing,
            expected: figure.expected,
            baseline_kind: figure.baseline_kind,
            baseline_used: figure.baseline_used,
            results_expected: figure.results_expected,
            replaced_by: figure.replaced_by,
            light: figure.light,
            as_printed: figure.as_printed,
            source_row: figure.source_row,
            return_id: figure.return_id,
            line: figure.line,
            release_id: figure.release_id,
            published_at: figure.published_at,
            withdrawn: figure.withdrawn,
            change: judgement.change,
            met: judgement.met,
            change_match: judgement.change_match,
        }
    }
}

/// What stands beside the figures of one return line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FrameworkRemark {
    /// The return.
    pub return_id: Option<Uuid>,
    /// The line of the return.
    pub line: i32,
    /// The comment as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How the respondent read what the source leaves open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why the respondent doubts what the source prints.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

impl FrameworkRemark {
    pub(super) fn of(figure: &PublishedFigure) -> Self {
        Self {
            return_id: figure.return_id,
            line: figure.line,
            comment: figure.comment.clone(),
            note: figure.note.clone(),
            doubts: figure.doubts.clone(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.comment.is_none() && self.note.is_none() && self.doubts.is_empty()
    }
}
