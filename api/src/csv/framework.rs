//! A performance framework as a tidy table: one row a figure, with what holds of its section and line repeated.

use exchange::{
    rules::line::Breakdown,
    service::framework::{Framework, FrameworkFigure, FrameworkLine, FrameworkRemark, FrameworkSection},
};

use super::{Table, list, text};

/// What holds of the framework, the section and the line, whether it has figures or not.
const OF_LINE: [&str; 28] = [
    "partnership",
    "plan",
    "table",
    "section",
    "section_title",
    "outcomes_as_printed",
    "agreements",
    "periods_as_printed",
    "target_as_printed",
    "source_row",
    "number_as_printed",
    "indicator",
    "indicator_as_printed",
    "title",
    "area",
    "breakdown_dimension",
    "breakdown_member",
    "tier",
    "tier_as_printed",
    "laa",
    "stretch_target",
    "lead_agency",
    "lead_post",
    "lead_as_printed",
    "effective_polarity",
    "polarity",
    "line_unit",
    "line_per",
];

/// What holds of the figure, and what is computed from it.
const OF_FIGURE: [&str; 46] = [
    "kind",
    "period",
    "period_start",
    "period_end",
    "is_secondary",
    "line_variant",
    "value",
    "unit",
    "per",
    "form",
    "numerator",
    "denominator",
    "status",
    "basis",
    "missing",
    "expected",
    "baseline_kind",
    "baseline_used",
    "results_expected",
    "replaced_by",
    "light",
    "as_printed",
    "comment",
    "note",
    "doubts",
    "change_rule",
    "change_from_kind",
    "change_from_period",
    "change_from_value",
    "change_relative",
    "change_points",
    "change_not_computed",
    "met_rule",
    "met",
    "met_light",
    "met_level",
    "met_actual",
    "met_actual_period",
    "met_baseline",
    "met_not_computed",
    "change_match",
    "figure_source_row",
    "return_id",
    "line",
    "release_id",
    "published_at",
];

/// What closes the row: remarks of the plan, what else holds of it, and why the figure was withdrawn, if it was.
const CLOSING: [&str; 7] =
    ["plan_note", "section_note", "section_doubts", "plan_version", "plan_title", "plan_status", "withdrawn"];

const COLUMNS: [&str; OF_LINE.len() + OF_FIGURE.len() + CLOSING.len()] = {
    let mut columns = [""; OF_LINE.len() + OF_FIGURE.len() + CLOSING.len()];
    let parts: [&[&str]; 3] = [&OF_LINE, &OF_FIGURE, &CLOSING];
    let (mut part, mut first) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            columns[first + at] = parts[part][at];
            at += 1;
        }
        first += at;
        part += 1;
    }
    columns
};

impl Table for Framework {
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const OF: &'static [&'static str] = &["Framework", "Section", "PlanLine", "FrameworkLine", "FrameworkFigure"];
    const OTHERWISE: &'static [(&'static str, &'static str)] = &[
        ("section", "Section.number"),
        ("section_title", "Section.title"),
        ("plan_note", "PlanLine.note"),
        ("section_note", "Section.note"),
        ("section_doubts", "Section.doubts"),
        ("plan_version", "Framework.version"),
        ("plan_title", "Framework.title"),
        ("plan_status", "Framework.status"),
        ("title", "FrameworkLine.title"),
        ("source_row", "PlanLine.source_row"),
        ("line_unit", "FrameworkLine.unit"),
        ("line_per", "FrameworkLine.per"),
        ("unit", "FrameworkFigure.unit"),
        ("per", "FrameworkFigure.per"),
        ("met", "FrameworkFigure.met.met"),
        ("figure_source_row", "FrameworkFigure.source_row"),
        ("comment", "FrameworkRemark.comment"),
        ("note", "FrameworkRemark.note"),
        ("doubts", "FrameworkRemark.doubts"),
        ("polarity", "PlanLine.polarity"),
        ("status", "FrameworkFigure.status"),
        ("indicator", "PlanLine.indicator"),
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for section in &self.sections {
            for line in &section.lines {
                let of_line = of_line(self, section, line);
                let figures: Vec<Option<&FrameworkFigure>> = line.figures().map(Some).collect();
                // A line without figures is still a row of the plan.
                let figures = if figures.is_empty() { vec![None] } else { figures };
                for figure in figures {
                    let mut row = of_line.clone();
                    row.extend(figure.map_or_else(|| vec![String::new(); OF_FIGURE.len()], |of| of_figure(of, line)));
                    row.extend(closing(self, section, line, figure));
                    rows.push(row);
                }
            }
        }
        rows
    }
}

fn of_line(
    framework: &Framework,
    FrameworkSection { section, .. }: &FrameworkSection,
    line: &FrameworkLine,
) -> Vec<String> {
    let agreements: Vec<&str> = section.agreements.iter().map(|agreement| agreement.code.as_str()).collect();
    let plan_line = &line.line;
    let breakdown = plan_line.breakdown.as_ref();
    let Breakdown { dimension, member } =
        breakdown.cloned().unwrap_or_else(|| Breakdown { dimension: String::new(), member: String::new() });
    vec![
        framework.partnership.clone(),
        framework.plan.clone(),
        section.table.clone(),
        section.number.to_string(),
        section.title.clone(),
        text(section.outcomes_as_printed.as_ref()),
        list(&agreements),
        text(section.periods_as_printed.as_ref()),
        text(section.target_as_printed.as_ref()),
        plan_line.source_row.clone(),
        text(plan_line.number_as_printed.as_ref()),
        plan_line.indicator.clone(),
        text(plan_line.indicator_as_printed.as_ref()),
        text(line.title.as_ref()),
        text(plan_line.area.as_ref()),
        dimension,
        member,
        text(plan_line.tier.as_ref()),
        text(plan_line.tier_as_printed.as_ref()),
        text(plan_line.laa.as_ref()),
        text(plan_line.stretch_target.as_ref()),
        text(plan_line.lead_agency.as_ref()),
        text(plan_line.lead_post.as_ref()),
        text(plan_line.lead_as_printed.as_ref()),
        line.effective_polarity.to_string(),
        text(plan_line.polarity.as_ref()),
        line.unit.to_string(),
        text(line.per.as_ref()),
    ]
}

fn closing(
    framework: &Framework,
    FrameworkSection { section, .. }: &FrameworkSection,
    line: &FrameworkLine,
    figure: Option<&FrameworkFigure>,
) -> [String; CLOSING.len()] {
    [
        text(line.line.note.as_ref()),
        text(section.note.as_ref()),
        list(&section.doubts),
        text(framework.version.as_ref()),
        framework.title.clone(),
        framework.status.to_string(),
        text(figure.and_then(|figure| figure.withdrawn.as_ref())),
    ]
}

fn of_figure(figure: &FrameworkFigure, line: &FrameworkLine) -> Vec<String> {
    let of_line = |remark: &&FrameworkRemark| (remark.return_id, remark.line) == (figure.return_id, figure.line);
    let remark = line.remarks.iter().find(of_line);
    let (change, met) = (figure.change.as_ref(), figure.met.as_ref());
    vec![
        figure.kind.to_string(),
        figure.period.clone(),
        figure.period_start.to_string(),
        figure.period_end.to_string(),
        figure.is_secondary.to_string(),
        figure.line_variant.to_string(),
        text(figure.value.as_ref()),
        figure.unit.to_string(),
        text(figure.per.as_ref()),
        figure.form.to_string(),
        text(figure.numerator.as_ref()),
        text(figure.denominator.as_ref()),
        list(&figure.status),
        figure.basis.to_string(),
        text(figure.missing.as_ref()),
        text(figure.expected.as_ref()),
        text(figure.baseline_kind.as_ref()),
        text(figure.baseline_used.as_ref()),
        text(figure.results_expected.as_ref()),
        text(figure.replaced_by.as_ref()),
        text(figure.light.as_ref()),
        text(figure.as_printed.as_ref()),
        text(remark.and_then(|remark| remark.comment.as_ref())),
        text(remark.and_then(|remark| remark.note.as_ref())),
        remark.map(|remark| list(&remark.doubts)).unwrap_or_default(),
        text(change.map(|change| &change.rule)),
        text(change.and_then(|change| change.from_kind.as_ref())),
        text(change.and_then(|change| change.from_period.as_ref())),
        text(change.and_then(|change| change.from_value.as_ref())),
        text(change.and_then(|change| change.relative.as_ref())),
        text(change.and_then(|change| change.points.as_ref())),
        text(change.and_then(|change| change.not_computed.as_ref())),
        text(met.map(|met| &met.rule)),
        text(met.and_then(|met| met.met.as_ref())),
        text(met.and_then(|met| met.light.as_ref())),
        text(met.and_then(|met| met.level.as_ref())),
        text(met.and_then(|met| met.actual.as_ref())),
        text(met.and_then(|met| met.actual_period.as_ref())),
        text(met.and_then(|met| met.baseline.as_ref())),
        text(met.and_then(|met| met.not_computed.as_ref())),
        text(figure.change_match.as_ref()),
        text(figure.source_row.as_ref()),
        text(figure.return_id.as_ref()),
        figure.line.to_string(),
        text(figure.release_id.as_ref()),
        figure.published_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
    ]
}
