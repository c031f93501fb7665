//! What a figure is, as far as judging goes.

use entity::{BaselineKind, FigureKind, ObsStatus, PeriodKind, Unit};

use crate::rules::{fact::Measure, framework::Placed};

/// By how many days stretches of time may differ that are taken for equally long: months and years are not even.
pub(super) const UNEVEN_DAYS: u64 = 5;

/// How many days events were counted on, for a figure that counts events of a stretch of time, and not of a day, a survey, a
/// cohort or an average of years.
pub(super) fn days(figure: &Placed<'_>) -> Option<i64> {
    let is_average = figure.fact.key.kind == FigureKind::Baseline
        && figure.line.baseline.as_ref().and_then(|baseline| baseline.kind) == Some(BaselineKind::Average);
    match figure.period.kind() {
        PeriodKind::AsAt | PeriodKind::SurveyWave | PeriodKind::Cohort => None,
        _ if is_average => None,
        _ => Some((figure.period.end() - figure.period.start()).num_days()),
    }
}

/// The unit that a figure's source prints, where that is not the indicator's.
pub(super) fn unit(figure: &Placed<'_>) -> Option<Unit> {
    figure.line.entry(figure.fact.key.kind).and_then(|entry| entry.unit)
}

/// Whether a figure follows another definition than the indicator's.
pub(super) fn differs(figure: &Placed<'_>) -> bool {
    figure.fact.flags.status.contains(ObsStatus::DefinitionDiffers)
}

pub(super) fn is_primary(figure: &Placed<'_>) -> bool {
    figure.fact.key.measure == Measure::Primary
}

pub(super) fn is_actual(figure: &Placed<'_>) -> bool {
    is_primary(figure) && figure.fact.key.kind == FigureKind::Actual
}

pub(super) fn is_baseline(figure: &Placed<'_>) -> bool {
    is_primary(figure) && figure.fact.key.kind == FigureKind::Baseline
}

/// An actual or a baseline.
pub(super) fn is_level_of_past(figure: &Placed<'_>) -> bool {
    is_actual(figure) || is_baseline(figure)
}

/// The period that a target names as the one that it is a change from, by code.
pub(super) fn baseline_used<'a>(target: &Placed<'a>) -> Option<&'a str> {
    target.line.entry(target.fact.key.kind).and_then(|entry| entry.baseline_used.as_deref())
}

pub(super) fn same_line(one: &Placed<'_>, other: &Placed<'_>) -> bool {
    (one.fact.edition_id, one.fact.line_no) == (other.fact.edition_id, other.fact.line_no)
}
