//! A validation report as a table: one row a problem.

use exchange::{
    Report,
    problem::{Place, Problem},
};

use super::{Table, text};

impl Table for Report {
    const COLUMNS: &'static [&'static str] =
        &["line", "source_row", "pointer", "column", "severity", "code", "message", "expected"];
    const OF: &'static [&'static str] = &["Problem"];
    const OTHERWISE: &'static [(&'static str, &'static str)] = &[
        ("line", "Problem.place.line"),
        ("source_row", "Problem.place.source_row"),
        ("pointer", "Problem.place.pointer"),
        ("column", "Problem.place.column"),
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        self.problems.iter().map(row).collect()
    }
}

fn row(Problem { code, severity, message, expected, place }: &Problem) -> Vec<String> {
    let Place { line, source_row, column, pointer } = place;
    vec![
        text(line.as_ref()),
        text(source_row.as_ref()),
        text(pointer.as_ref()),
        text(column.as_ref()),
        severity.to_string(),
        code.to_string(),
        message.clone(),
        text(expected.as_ref()),
    ]
}
