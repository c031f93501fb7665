//! Published figures and comparisons as rows.

use exchange::{
    rules::{
        comparison::{ComparedMember, Comparison},
        decimal::Figure,
    },
    service::{comparison::ComparisonAnswer, figures::PublishedFigure},
};

use super::{Row, Table, list, text};

impl Row for PublishedFigure {
    const COLUMNS: &'static [&'static str] = &[
        "indicator",
        "period",
        "period_kind",
        "period_start",
        "period_end",
        "kind",
        "partnership",
        "area",
        "fictional",
        "breakdown_dimension",
        "breakdown_member",
        "unit",
        "per",
        "is_secondary",
        "line_variant",
        "value",
        "numerator",
        "denominator",
        "form",
        "status",
        "basis",
        "missing",
        "light",
        "as_printed",
        "comment",
        "return_id",
        "line",
        "release_id",
        "published_at",
        "source_row",
        "expected",
        "baseline_kind",
        "baseline_used",
        "results_expected",
        "replaced_by",
        "note",
        "doubts",
        "revision",
        "withdrawn",
    ];
    const OF: &'static [&'static str] = &["PublishedFigure"];

    fn cells(&self) -> Vec<String> {
        let figure = |value: Option<Figure>| text(value.as_ref());
        vec![
            self.indicator.clone(),
            self.period.clone(),
            self.period_kind.to_string(),
            self.period_start.to_string(),
            self.period_end.to_string(),
            self.kind.to_string(),
            self.partnership.clone(),
            self.area.clone(),
            self.fictional.to_string(),
            text(self.breakdown.as_ref().map(|of| &of.dimension)),
            text(self.breakdown.as_ref().map(|of| &of.member)),
            self.unit.to_string(),
            text(self.per.as_ref()),
            self.is_secondary.to_string(),
            self.line_variant.to_string(),
            figure(self.value),
            figure(self.numerator),
            figure(self.denominator),
            self.form.to_string(),
            list(&self.status),
            self.basis.to_string(),
            text(self.missing.as_ref()),
            text(self.light.as_ref()),
            text(self.as_printed.as_ref()),
            text(self.comment.as_ref()),
            text(self.return_id.as_ref()),
            self.line.to_string(),
            text(self.release_id.as_ref()),
            self.published_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            text(self.source_row.as_ref()),
            text(self.expected.as_ref()),
            text(self.baseline_kind.as_ref()),
            text(self.baseline_used.as_ref()),
            text(self.results_expected.as_ref()),
            text(self.replaced_by.as_ref()),
            text(self.note.as_ref()),
            list(&self.doubts),
            text(self.revision.as_ref()),
            text(self.withdrawn.as_ref()),
        ]
    }
}

/// Comparisons: one row a member, with what holds of the whole group repeated.
impl Table for ComparisonAnswer {
    const COLUMNS: &'static [&'static str] = &[
        "indicator",
        "title",
        "unit",
        "per",
        "polarity",
        "period",
        "peer_group",
        "partnership",
        "name",
        "fictional",
        "value",
        "status",
        "basis",
        "missing",
        "used",
        "left_out",
        "rank",
        "tied",
        "rank_order",
        "position",
        "average",
        "members_used",
        "members_in_group",
        "change_from_period",
        "change_from_kind",
        "change_from_value",
        "change_relative",
        "change_points",
        "change_refused",
        "direction_of_travel",
        "progress",
        "refused",
        "reported_rank",
        "reported_group_size",
        "reported_rank_order",
        "reported_position",
    ];
    const OF: &'static [&'static str] = &["ComparedMember", "Comparison"];
    const OTHERWISE: &'static [(&'static str, &'static str)] = &[
        ("used", "ComparedMember.used"),
        ("members_used", "Comparison.used"),
        ("refused", "Comparison.refused.message"),
        ("change_refused", "ComparedMember.change.refused.message"),
        ("reported_rank", "Comparison.reported.rank"),
        ("reported_group_size", "Comparison.reported.group_size"),
        ("reported_rank_order", "Comparison.reported.rank_order"),
        ("reported_position", "Comparison.reported.position"),
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for comparison in &self.comparisons {
            rows.extend(
                comparison
                    .members
                    .iter()
                    .map(|member| compared(comparison, member, member.partnership == self.partnership)),
            );
            if comparison.members.is_empty() {
                let nobody = ComparedMember::default();
                let owner = ComparedMember { partnership: self.partnership.clone(), ..nobody };
                rows.push(compared(comparison, &owner, true));
            }
        }
        rows
    }
}

fn compared(comparison: &Comparison, member: &ComparedMember, is_owner: bool) -> Vec<String> {
    let change = member.change.as_ref();
    let reported = comparison.reported.first().filter(|_| is_owner);
    vec![
        comparison.indicator.clone(),
        text(comparison.title.as_ref()),
        comparison.unit.to_string(),
        text(comparison.per.as_ref()),
        comparison.polarity.to_string(),
        comparison.period.clone(),
        text(comparison.peer_group.as_ref()),
        member.partnership.clone(),
        member.name.clone(),
        member.fictional.to_string(),
        text(member.value.as_ref()),
        list(&member.status),
        text(member.basis.as_ref()),
        text(member.missing.as_ref()),
        member.used.to_string(),
        text(member.left_out.as_ref()),
        text(member.rank.as_ref()),
        member.tied.to_string(),
        comparison.rank_order.to_string(),
        text(member.position.as_ref()),
        text(comparison.average.as_ref()),
        comparison.used.to_string(),
        comparison.members_in_group.to_string(),
        text(change.map(|change| &change.from_period)),
        text(change.map(|change| &change.from_kind)),
        text(change.and_then(|change| change.from_value.as_ref())),
        text(change.and_then(|change| change.relative.as_ref())),
        text(change.and_then(|change| change.points.as_ref())),
        text(change.and_then(|change| change.refused.as_ref()).map(|refused| &refused.message)),
        text(member.direction_of_travel.as_ref()),
        text(member.progress.as_ref()),
        text(comparison.refused.as_ref().map(|refused| &refused.message)),
        text(reported.and_then(|reported| reported.rank.as_ref())),
        text(reported.and_then(|reported| reported.group_size.as_ref())),
        text(reported.and_then(|reported| reported.rank_order.as_ref())),
        text(reported.and_then(|reported| reported.position.as_ref())),
    ]
}
