//! Returns, as they are posted. The words of closed lists are GraphQL's to check; everything else is the exchange's, so
//! that one report tells all that is wrong.

use async_graphql::{InputObject, InputType};
use exchange::{
    rules::{
        line::Breakdown,
        posted::{self, PostedReturn},
    },
    vocabulary::{
        BaselineKind, Basis, Doubt, FigureForm, MissingReason, Movement, ObsStatus, Position, RankOrder, TrafficLight,
        Unit,
    },
};

use crate::{json, scalars::PostedNumber};

/// A return. Problems in it are told with pointers in the spelling of REST: `/lines/0/actual/as_printed`.
#[derive(Debug, InputObject)]
pub struct ReturnInput {
    /// The partnership reported for, by code.
    partnership: String,
    /// The collection answered, by code.
    collection: String,
    /// What the respondent says about the return as a whole.
    note: Option<String>,
    /// Lines of figures.
    #[graphql(default)]
    lines: Vec<LineInput>,
    /// Comparisons with a peer group as the source prints them.
    #[graphql(default)]
    reported_comparisons: Vec<ReportedComparisonInput>,
}

impl ReturnInput {
    /// The return as the exchange reads it from REST.
    pub fn posted(&self) -> PostedReturn {
        posted::from_json(&json::as_posted(self.to_value()))
    }
}

/// One line of a return. It carries at least one of actual, baseline, target, reported change and reported light.
#[derive(Debug, InputObject)]
pub struct LineInput {
    /// The row of the source, as the source numbers it.
    source_row: Option<String>,
    /// The indicator, by any code. A line without one is refused in the report.
    indicator: Option<String>,
    /// The period, in any spelling. A line without one is refused in the report.
    period: Option<String>,
    /// The area that the figures measure, by code; the partnership's own unless given.
    area: Option<String>,
    /// The member of a breakdown; the whole unless given.
    breakdown: Option<BreakdownInput>,
    /// The outturn.
    actual: Option<EntryInput>,
    /// The value that change is measured from.
    baseline: Option<EntryInput>,
    /// The target.
    target: Option<EntryInput>,
    /// The target with the agreed stretch.
    target_with_stretch: Option<EntryInput>,
    /// The target without the agreed stretch.
    target_without_stretch: Option<EntryInput>,
    /// The change as the source prints it.
    reported_change: Option<EntryInput>,
    /// The traffic light as the source prints it.
    reported_light: Option<ReportedLightInput>,
    /// The comment printed with the line.
    comment: Option<String>,
    /// How the respondent read what the source leaves open.
    note: Option<String>,
    /// Why the respondent doubts what the source prints; the note says more.
    doubts: Option<Vec<Doubt>>,
}

/// The member of a breakdown.
#[derive(Debug, InputObject)]
pub struct BreakdownInput {
    /// What the whole is broken down by: `ETHNIC_GROUP`.
    dimension: String,
    /// The member, as its source prints it: `Mixed`.
    member: String,
}

impl From<BreakdownInput> for Breakdown {
    fn from(BreakdownInput { dimension, member }: BreakdownInput) -> Self {
        Self { dimension, member }
    }
}

/// One figure of a line, typed and as printed.
#[derive(Debug, InputObject)]
pub struct EntryInput {
    /// The value in the indicator's unit.
    value: Option<PostedNumber>,
    /// The unit of the value where the source prints another than the indicator's; such a figure is `DEFINITION_DIFFERS`.
    unit: Option<Unit>,
    /// The cell as the source prints it.
    as_printed: Option<String>,
    /// What the value counts.
    numerator: Option<PostedNumber>,
    /// Of how many.
    denominator: Option<PostedNumber>,
    /// A second value printed for the same figure.
    secondary_value: Option<PostedNumber>,
    /// The unit of the second value.
    secondary_unit: Option<Unit>,
    /// How the second value is to be read; a level unless given.
    secondary_form: Option<FigureForm>,
    /// Observation status, after SDMX; none means nothing to remark.
    status: Option<Vec<ObsStatus>>,
    /// What the value rests on; the official source unless given.
    basis: Option<Basis>,
    /// Why there is no value.
    missing: Option<MissingReason>,
    /// When a missing value is expected: a date or a period, as the source says it.
    expected: Option<String>,
    /// For baselines and targets: the period that it is for, where that is not the line's.
    period: Option<String>,
    /// For targets and changes: how the value is to be read; a level unless given.
    form: Option<FigureForm>,
    /// For baselines: what kind of baseline it is; the outturn of its period unless given.
    kind: Option<BaselineKind>,
    /// For targets: the period of the baseline that a change is from, where the source says it.
    baseline_used: Option<String>,
    /// For targets: when the results against it are expected, as the source says it.
    results_expected: Option<String>,
    /// For targets that are given up for another indicator: that indicator, by any code.
    replaced_by: Option<String>,
}

/// A traffic light as the source prints it.
#[derive(Debug, InputObject)]
pub struct ReportedLightInput {
    /// The light.
    light: Option<TrafficLight>,
    /// The mark as printed.
    as_printed: Option<String>,
}

/// A comparison with a peer group as a source prints it. Everything but indicator and period may be missing.
#[derive(Debug, InputObject)]
pub struct ReportedComparisonInput {
    /// The row of the source, as the source numbers it.
    source_row: Option<String>,
    /// The indicator, by any code. A comparison without one is refused in the report.
    indicator: Option<String>,
    /// The indicator as the source prints it.
    indicator_as_printed: Option<String>,
    /// The period, in any spelling. A comparison without one is refused in the report.
    period: Option<String>,
    /// The peer group compared with, by code, where the source says which.
    peer_group: Option<String>,
    /// The rank.
    rank: Option<PostedNumber>,
    /// The rank as printed.
    rank_as_printed: Option<String>,
    /// Among how many.
    group_size: Option<PostedNumber>,
    /// Which end the ranking starts at, where the source lets one know.
    rank_order: Option<RankOrder>,
    /// Where the figure lies against the group's average.
    position: Option<Position>,
    /// The position as printed.
    position_as_printed: Option<String>,
    /// Movement in rank.
    progress: Option<Movement>,
    /// The mark of progress as printed.
    progress_as_printed: Option<String>,
    /// The partnership's own change on the period before, in per cent.
    own_change: Option<PostedNumber>,
    /// The own change as printed.
    own_change_as_printed: Option<String>,
    /// The region's change on the period before, in per cent.
    regional_change: Option<PostedNumber>,
    /// The region's change as printed.
    regional_change_as_printed: Option<String>,
    /// Where the comparison comes from.
    source: Option<String>,
}
