//! One published figure, in words.

use chrono::NaiveDate;
use entity::{
    BaselineKind, Basis, Doubt, FigureForm, FigureKind, MissingReason, ObsStatus, PeriodKind, TrafficLight, Unit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Instant,
    rules::{
        decimal::Figure,
        fact::{Fact, Measure},
        line::{Breakdown, Line},
        period::Period,
    },
    service::view::View,
};

/// A published figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedFigure {
    /// The indicator, by code; a local one with its owner.
    #[schema(example = "NI 15")]
    pub indicator: String,
    /// The period, by canonical code.
    #[schema(example = "FY2008-09")]
    pub period: String,
    /// What kind of period it is.
    pub period_kind: PeriodKind,
    /// Its first day.
    #[schema(example = "2008-04-01")]
    pub period_start: NaiveDate,
    /// Its last day.
    #[schema(example = "2009-03-31")]
    pub period_end: NaiveDate,
    /// What the figure is.
    pub kind: FigureKind,
    /// The partnership reported for, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The area measured, by code.
    #[schema(example = "E09000028")]
    pub area: String,
    /// Whether the partnership is invented, for trying things out.
    pub fictional: bool,
    /// The member of a breakdown; absent for the whole.
    pub breakdown: Option<Breakdown>,
    /// The unit, from the indicator's definition in the period, or as the source prints it; a relative change is in per cent, a
    /// second value has its own.
    pub unit: Unit,
    /// For a rate: per how many.
    pub per: Option<u32>,
    /// Whether it is a second value printed for the same figure.
    pub is_secondary: bool,
    /// 0, or a number that keeps rows of a source that contradict each other apart.
    pub line_variant: i16,
    /// The value.
    pub value: Option<Figure>,
    /// What the value counts.
    pub numerator: Option<Figure>,
    /// Of how many.
    pub denominator: Option<Figure>,
    /// How a target or a change is to be read.
    pub form: FigureForm,
    /// Observation status.
    pub status: Vec<ObsStatus>,
    /// What the value rests on.
    pub basis: Basis,
    /// Why there is no value.
    pub missing: Option<MissingReason>,
    /// The traffic light as the source prints it, for a figure of kind `REPORTED_LIGHT`.
    pub light: Option<TrafficLight>,
    /// The cell as the source prints it.
    pub as_printed: Option<String>,
    /// The comment printed with the line.
    pub comment: Option<String>,
    /// The return that it comes from.
    pub return_id: Option<Uuid>,
    /// The line of the return.
    pub line: i32,
    /// The release that published it.
    pub release_id: Option<Uuid>,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Instant,
    /// The row of the source, as the source numbers it.
    pub source_row: Option<String>,
    /// When a missing value is expected, as the source says it.
    pub expected: Option<String>,
    /// For a baseline: what kind of baseline it is.
    pub baseline_kind: Option<BaselineKind>,
    /// For a target: the period of the baseline that a change is from, where the source says it.
    pub baseline_used: Option<String>,
    /// For a target: when the results against it are expected, as the source says it.
    pub results_expected: Option<String>,
    /// For a target that is given up for another indicator: that indicator, by code.
    pub replaced_by: Option<String>,
    /// How the respondent read what the source leaves open.
    pub note: Option<String>,
    /// Why the respondent doubts what the source prints; the note says more.
    pub doubts: Vec<Doubt>,
    /// Which revision of its return it is from, from 1.
    #[schema(example = 1)]
    pub revision: Option<i32>,
    /// For a figure that was withdrawn, which has no value any more: why. `published_at` and `release_id` are those of the
    /// withdrawal.
    pub withdrawn: Option<String>,
}

/// A fact in words. `period` is the one that it is for, `line` the line that it was made from.
pub(super) fn figure_of(view: &View, fact: &Fact, period: &Period, line: &Line) -> Option<PublishedFigure> {
    let catalogue = &*view.catalogue;
    let indicator = catalogue.indicators.by_id(fact.key.indicator_id)?;
    let partnership = catalogue.partnerships.by_id(fact.key.partnership_id)?;
    let definition = catalogue.definition(indicator.id, period);
    let standing = view.standing(fact.edition_id)?;
    let publication = standing.publication;
    let of_indicator = definition.map_or(Unit::Unknown, |definition| definition.unit);
    let entry = line.entry(fact.key.kind);
    let foreign = entry.and_then(|entry| entry.unit);
    let (unit, is_secondary) = match (fact.key.measure, fact.flags.form, foreign.unwrap_or(of_indicator)) {
        (Measure::Secondary(unit), ..) => (unit, true),
        (_, FigureForm::RelativeChange, _) => (Unit::Percent, false),
        (_, FigureForm::PointChange, Unit::Percent) => (Unit::PercentagePoint, false),
        (_, _, unit) => (unit, false),
    };
    let as_printed = match (fact.key.kind, entry) {
        (FigureKind::ReportedLight, _) => line.reported_light.as_ref().and_then(|light| light.as_printed.clone()),
        (_, entry) => entry.and_then(|entry| entry.as_printed.clone()),
    };
    Some(PublishedFigure {
        indicator: indicator.qualified_code(),
        period: period.code(),
        period_kind: period.kind(),
        period_start: period.start(),
        period_end: period.end(),
        kind: fact.key.kind,
        partnership: partnership.code.clone(),
        area: catalogue.areas.by_id(fact.key.area_id)?.code.clone(),
        fictional: partnership.fictional,
        breakdown: line.breakdown.clone(),
        unit,
        per: definition
            .filter(|_| unit == Unit::Rate && !is_secondary && foreign.is_none())
            .and_then(|definition| definition.per),
        is_secondary,
        line_variant: fact.key.line_variant,
        value: fact.value,
        numerator: fact.numerator,
        denominator: fact.denominator,
        form: fact.flags.form,
        status: fact.flags.status.iter().collect(),
        basis: fact.flags.basis,
        missing: fact.flags.missing,
        light: fact.flags.light,
        as_printed,
        comment: line.comment.clone(),
        return_id: publication.return_id,
        line: fact.line_no,
        release_id: standing.withdrawn.unwrap_or(publication).release_id,
        published_at: standing.since(),
        source_row: line.source_row.clone(),
        expected: entry.and_then(|entry| entry.expected.clone()),
        baseline_kind: entry
            .filter(|_| fact.key.kind == FigureKind::Baseline)
            .map(|entry| entry.kind.unwrap_or(BaselineKind::Outturn)),
        baseline_used: entry.and_then(|entry| entry.baseline_used.clone()),
        results_expected: entry.and_then(|entry| entry.results_expected.clone()),
        replaced_by: entry.and_then(|entry| entry.replaced_by.clone()),
        note: line.note.clone(),
        doubts: line.doubts.clone(),
        revision: publication.revision,
        withdrawn: standing.withdrawn.map(|withdrawal| withdrawal.reason.clone().unwrap_or_default()),
    })
}
