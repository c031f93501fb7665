//! Answers as tables: RFC 4180, UTF-8, a stable header. One row an item; lists within a cell are parted by `; `.

mod framework;

use exchange::{
    Error, Result,
    rules::{
        catalogue::{Area, Collection, Indicator, Known, Partnership, PeerGroup},
        comparison::{ComparedMember, Comparison},
        decimal::Figure,
        line::Line,
        posted::LINE_FIELDS,
    },
    service::figures::PublishedFigure,
};
use serde::Serialize;
use serde_json::Value;

/// What can be written as a table.
pub trait Table {
    /// The columns; new ones are only ever added at the end.
    const COLUMNS: &'static [&'static str];

    /// The rows, with as many cells as there are columns.
    fn rows(&self) -> Vec<Vec<String>>;
}

/// Writes a table.
pub fn write<T: Table>(table: &T) -> Result<Vec<u8>> {
    let failed = |failure| Error::internal("writing CSV", failure);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(T::COLUMNS).map_err(failed)?;
    for row in table.rows() {
        writer.write_record(row).map_err(failed)?;
    }
    writer.into_inner().map_err(|failure| Error::internal("writing CSV", failure.to_string()))
}

/// Writes the lines of a return in the form in which they are posted, so that they can be corrected and posted back.
pub fn write_lines(lines: &[Line]) -> Result<Vec<u8>> {
    let failed = |failure| Error::internal("writing CSV", failure);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(LINE_FIELDS.iter().map(|field| &field.column)).map_err(failed)?;
    for line in lines {
        let line = serde_json::to_value(line).map_err(|failure| Error::internal("writing CSV", failure))?;
        let cell = |path: &str| match line.pointer(&format!("/{path}")) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            Some(other) => other.to_string(),
        };
        writer.write_record(LINE_FIELDS.iter().map(|field| cell(&field.path))).map_err(failed)?;
    }
    writer.into_inner().map_err(|failure| Error::internal("writing CSV", failure.to_string()))
}

/// The cells of a document whose columns are its members; `breakdown_member` is the member of its breakdown.
pub fn cells_of(document: &impl Serialize, columns: &[&str]) -> Vec<String> {
    // A document is always representable: its members are texts, numbers, words and lists of them.
    let document = serde_json::to_value(document).unwrap_or_default();
    let nested = |column: &str| {
        let (group, name) = column.split_once('_')?;
        document.get(group)?.get(name)
    };
    columns
        .iter()
        .map(|column| document.get(*column).or_else(|| nested(column)).map(cell).unwrap_or_default())
        .collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join("; "),
        // An object within a list is named by its code.
        Value::Object(members) => members.get("code").map(cell).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A row of a family's list.
pub trait Row {
    /// Its columns.
    const COLUMNS: &'static [&'static str];

    /// Its cells.
    fn cells(&self) -> Vec<String>;
}

impl Row for Area {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "old_code",
        "name",
        "kind",
        "within",
        "valid_from",
        "valid_to",
        "populations",
        "fictional",
        "note",
        "wards",
        "deprivation",
    ];

    fn cells(&self) -> Vec<String> {
        let populations = self.populations.iter();
        let populations: Vec<String> =
            populations.map(|of| format!("{}/{}/{}", text(of.year.as_ref()), of.vintage, of.people)).collect();
        let deprivation = self.deprivation.iter();
        let deprivation: Vec<String> =
            deprivation.map(|of| format!("{}/{}/{}", of.index, of.rank, text(of.of.as_ref()))).collect();
        vec![
            self.code.clone(),
            text(self.old_code.as_ref()),
            self.name.clone(),
            self.kind.to_string(),
            list(&self.within),
            text(self.valid_from.as_ref()),
            text(self.valid_to.as_ref()),
            list(&populations),
            self.fictional.to_string(),
            text(self.note.as_ref()),
            text(self.wards.as_ref()),
            list(&deprivation),
        ]
    }
}

impl Row for Partnership {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "name",
        "kinds",
        "area",
        "police_force_area",
        "region",
        "valid_from",
        "valid_to",
        "succeeded_by",
        "fictional",
        "note",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.code.clone(),
            self.name.clone(),
            list(&self.kinds),
            self.area.clone(),
            text(self.police_force_area.as_ref()),
            text(self.region.as_ref()),
            text(self.valid_from.as_ref()),
            text(self.valid_to.as_ref()),
            text(self.succeeded_by.as_ref()),
            self.fictional.to_string(),
            text(self.note.as_ref()),
        ]
    }
}

impl Row for Indicator {
    const COLUMNS: &'static [&'static str] = &["code", "owner", "scheme", "aliases", "links", "agreements", "note"];

    fn cells(&self) -> Vec<String> {
        let links: Vec<String> = self.links.iter().map(|link| format!("{} {}", link.kind, link.indicator)).collect();
        vec![
            self.code.clone(),
            text(self.owner.as_ref()),
            text(self.scheme().as_ref()),
            list(&self.aliases),
            list(&links),
            list(&self.agreements),
            text(self.note.as_ref()),
        ]
    }
}

impl Row for PeerGroup {
    const COLUMNS: &'static [&'static str] = &["code", "name", "owner", "members", "valid_from", "valid_to", "source"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.code.clone(),
            self.name.clone(),
            self.owner.clone(),
            list(&self.members),
            self.valid_from.to_string(),
            text(self.valid_to.as_ref()),
            text(self.source.as_ref()),
        ]
    }
}

impl Row for Collection {
    const COLUMNS: &'static [&'static str] =
        &["code", "name", "periods", "indicators", "partnerships", "opens", "due", "closes"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.code.clone(),
            self.name.clone(),
            list(&self.periods),
            list(&self.indicators),
            list(&self.partnerships),
            self.opens.to_string(),
            self.due.to_string(),
            text(self.closes.as_ref()),
        ]
    }
}

impl<T: Row> Row for Known<T> {
    const COLUMNS: &'static [&'static str] = T::COLUMNS;

    fn cells(&self) -> Vec<String> {
        self.document.cells()
    }
}

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
    ];

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
        ]
    }
}

/// Comparisons: one row a member, with what holds of the whole group repeated.
impl Table for exchange::service::comparison::ComparisonAnswer {
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
