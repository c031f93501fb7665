//! The typed line of a return: what one row of a source says of one indicator, period, area and breakdown.

use entity::{
    BaselineKind, Basis, Doubt, FigureForm, FigureKind, MissingReason, Movement, ObsStatus, Position, RankOrder,
    TrafficLight, Unit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::decimal::Figure;

/// One line of a return.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Its place in the return, from 1.
    #[schema(example = 1)]
    pub line: u32,
    /// The row of the source, as the source numbers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1")]
    pub source_row: Option<String>,
    /// The indicator, by its code in the catalogue; a local one with its owner.
    #[schema(example = "NI 15")]
    pub indicator: String,
    /// The period, by its canonical code.
    #[schema(example = "FY2008-09")]
    pub period: String,
    /// The area that the figures measure, by code.
    #[schema(example = "E09000028")]
    pub area: String,
    /// The member of a breakdown; absent for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    /// 0, or a number that keeps this line apart from earlier ones of the same key that say something else.
    #[serde(default)]
    pub line_variant: i16,
    /// The outturn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Entry>,
    /// The value that change is measured from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Entry>,
    /// The target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Entry>,
    /// The target with the agreed stretch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_with_stretch: Option<Entry>,
    /// The target without the agreed stretch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_without_stretch: Option<Entry>,
    /// The change as the source prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_change: Option<Entry>,
    /// The traffic light as the source prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_light: Option<ReportedLight>,
    /// The comment printed with the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How the respondent read what the source leaves open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why the respondent doubts what the source prints; the note says more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

impl Line {
    /// The figures of the line, each with its kind.
    pub fn entries(&self) -> impl Iterator<Item = (FigureKind, &Entry)> {
        [
            (FigureKind::Actual, &self.actual),
            (FigureKind::Baseline, &self.baseline),
            (FigureKind::Target, &self.target),
            (FigureKind::TargetWithStretch, &self.target_with_stretch),
            (FigureKind::TargetWithoutStretch, &self.target_without_stretch),
            (FigureKind::ReportedChange, &self.reported_change),
        ]
        .into_iter()
        .filter_map(|(kind, entry)| entry.as_ref().map(|entry| (kind, entry)))
    }

    /// The line's figure of a kind.
    pub fn entry(&self, kind: FigureKind) -> Option<&Entry> {
        self.entries().find(|(of, _)| *of == kind).map(|(_, entry)| entry)
    }

    /// Where the line's figures of a kind belong.
    pub fn entry_mut(&mut self, kind: FigureKind) -> Option<&mut Option<Entry>> {
        match kind {
            FigureKind::Actual => Some(&mut self.actual),
            FigureKind::Baseline => Some(&mut self.baseline),
            FigureKind::Target => Some(&mut self.target),
            FigureKind::TargetWithStretch => Some(&mut self.target_with_stretch),
            FigureKind::TargetWithoutStretch => Some(&mut self.target_without_stretch),
            FigureKind::ReportedChange => Some(&mut self.reported_change),
            FigureKind::ReportedLight => None,
        }
    }

    /// What is left of the line when its figures are withdrawn: what they are of, and nothing that was said.
    #[must_use]
    pub fn withdrawn(self) -> Self {
        let silent = |entry: Option<Entry>| {
            entry.map(|entry| Entry {
                unit: entry.unit,
                form: entry.form,
                period: entry.period,
                kind: entry.kind,
                ..Entry::default()
            })
        };
        Self {
            actual: silent(self.actual),
            baseline: silent(self.baseline),
            target: silent(self.target),
            target_with_stretch: silent(self.target_with_stretch),
            target_without_stretch: silent(self.target_without_stretch),
            reported_change: silent(self.reported_change),
            reported_light: None,
            comment: None,
            note: None,
            doubts: Vec::new(),
            ..self
        }
    }

    /// The period that a figure of the line is for: its own, else the line's.
    pub fn period_of<'a>(&'a self, entry: &'a Entry) -> &'a str {
        entry.period.as_deref().unwrap_or(&self.period)
    }
}

/// The member of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Breakdown {
    /// What the whole is broken down by.
    #[schema(example = "ETHNIC_GROUP")]
    pub dimension: String,
    /// The member, as its source prints it.
    #[schema(example = "Mixed")]
    pub member: String,
}

/// One figure of a line, typed and as printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The value in the indicator's unit; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Figure>,
    /// The unit of the value where the source prints another than the indicator's; such a figure is `DEFINITION_DIFFERS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The cell as the source prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2.29")]
    pub as_printed: Option<String>,
    /// What the value counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Figure>,
    /// Of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Figure>,
    /// A second value printed for the same figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_value: Option<Figure>,
    /// The unit of the second value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_unit: Option<Unit>,
    /// How the second value is to be read; absent means a level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_form: Option<FigureForm>,
    /// Observation status, after SDMX; empty means nothing to remark.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<ObsStatus>,
    /// What the value rests on; absent means the official source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingReason>,
    /// When a missing value is expected: a date or a period, as the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "July 2009")]
    pub expected: Option<String>,
    /// For targets and changes: how the value is to be read; absent means a level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<FigureForm>,
    /// For baselines and targets: the period that it is for, where that is not the line's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FY2007-08")]
    pub period: Option<String>,
    /// For baselines: what kind of baseline it is; absent means the outturn of its period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<BaselineKind>,
    /// For targets: the period of the baseline that a change is from, where the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FY2007-08")]
    pub baseline_used: Option<String>,
    /// For targets: when the results against it are expected, as the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Autumn 2008")]
    pub results_expected: Option<String>,
    /// For targets that are given up for another indicator: that indicator, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "NI 21")]
    pub replaced_by: Option<String>,
}

/// A traffic light as the source prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedLight {
    /// The light.
    pub light: TrafficLight,
    /// The mark as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "G")]
    pub as_printed: Option<String>,
}

/// A comparison with a peer group as a source prints it. Everything but indicator and period may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportedComparison {
    /// Its place among the return's reported comparisons, from 1.
    #[schema(example = 1)]
    pub line: u32,
    /// The row of the source, as the source numbers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_row: Option<String>,
    /// The indicator, by its code in the catalogue.
    #[schema(example = "NI 16")]
    pub indicator: String,
    /// The indicator as the source prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Serious acquisitive crime")]
    pub indicator_as_printed: Option<String>,
    /// The period, by its canonical code.
    #[schema(example = "FY2008-09")]
    pub period: String,
    /// The peer group compared with, by code, where the source says which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer_group: Option<String>,
    /// The rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 6)]
    pub rank: Option<u32>,
    /// The rank as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_as_printed: Option<String>,
    /// Among how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 15)]
    pub group_size: Option<u32>,
    /// Which end the ranking starts at, where the source lets one know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_order: Option<RankOrder>,
    /// Where the figure lies against the group's average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The position as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_as_printed: Option<String>,
    /// Movement in rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<Movement>,
    /// The mark of progress as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_as_printed: Option<String>,
    /// The partnership's own change on the period before, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_change: Option<Figure>,
    /// The own change as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_change_as_printed: Option<String>,
    /// The region's change on the period before, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regional_change: Option<Figure>,
    /// The region's change as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regional_change_as_printed: Option<String>,
    /// Where the comparison comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
