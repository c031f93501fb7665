//! Changes as rows: what a figure was and is, or a document.

use exchange::service::{changes::PublishedChange, figures::PublishedFigure};

use super::{Row, list, text};

impl Row for PublishedChange {
    const COLUMNS: &'static [&'static str] = &[
        "effective_at",
        "change",
        "release_id",
        "reason",
        "partnership",
        "indicator",
        "period",
        "kind",
        "area",
        "breakdown_dimension",
        "breakdown_member",
        "is_secondary",
        "line_variant",
        "from_value",
        "from_as_printed",
        "from_missing",
        "from_status",
        "from_revision",
        "to_value",
        "to_as_printed",
        "to_missing",
        "to_status",
        "to_revision",
        "to_withdrawn",
        "family",
        "code",
        "from_document",
        "to_document",
    ];
    const OF: &'static [&'static str] = &["PublishedChange", "PublishedFigure", "DocumentChange"];
    const OTHERWISE: &'static [(&'static str, &'static str)] = &[
        ("change", "PublishedChange.kind"),
        ("kind", "PublishedFigure.kind"),
        ("from_value", "FigureChange.from.value"),
        ("from_as_printed", "FigureChange.from.as_printed"),
        ("from_missing", "FigureChange.from.missing"),
        ("from_status", "FigureChange.from.status"),
        ("from_revision", "FigureChange.from.revision"),
        ("to_value", "FigureChange.to.value"),
        ("to_as_printed", "FigureChange.to.as_printed"),
        ("to_missing", "FigureChange.to.missing"),
        ("to_status", "FigureChange.to.status"),
        ("to_revision", "FigureChange.to.revision"),
        ("to_withdrawn", "FigureChange.to.withdrawn"),
        ("from_document", "DocumentChange.from"),
        ("to_document", "DocumentChange.to"),
    ];

    fn cells(&self) -> Vec<String> {
        let change = self.figure.as_ref();
        let figure = change.and_then(|change| change.newest());
        let breakdown = figure.and_then(|figure| figure.breakdown.as_ref());
        let document = self.document.as_ref();
        let (from, to) = (change.and_then(|change| change.from.as_ref()), change.and_then(|change| change.to.as_ref()));
        let mut cells = vec![
            self.effective_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            self.kind.to_string(),
            text(self.release_id.as_ref()),
            text(self.reason.as_ref()),
            text(figure.map(|figure| &figure.partnership)),
            text(figure.map(|figure| &figure.indicator)),
            text(figure.map(|figure| &figure.period)),
            text(figure.map(|figure| &figure.kind)),
            text(figure.map(|figure| &figure.area)),
            text(breakdown.map(|of| &of.dimension)),
            text(breakdown.map(|of| &of.member)),
            text(figure.map(|figure| &figure.is_secondary)),
            text(figure.map(|figure| &figure.line_variant)),
        ];
        cells.extend(said(from));
        cells.extend(said(to));
        cells.push(text(to.and_then(|figure| figure.withdrawn.as_ref())));
        cells.push(text(document.map(|document| &document.family)));
        cells.push(text(document.map(|document| &document.code)));
        cells.push(text(document.and_then(|document| document.from.as_ref())));
        cells.push(text(document.and_then(|document| document.to.as_ref())));
        cells
    }
}

fn said(figure: Option<&PublishedFigure>) -> [String; 5] {
    [
        text(figure.and_then(|figure| figure.value.as_ref())),
        text(figure.and_then(|figure| figure.as_printed.as_ref())),
        text(figure.and_then(|figure| figure.missing.as_ref())),
        figure.map(|figure| list(&figure.status)).unwrap_or_default(),
        text(figure.and_then(|figure| figure.revision.as_ref())),
    ]
}
