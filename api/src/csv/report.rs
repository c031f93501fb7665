//! A validation report as a table: one row a problem.

use exchange::{
    Report,
    problem::{Place, Problem},
};

use super::{Table, text};

impl Table for Report {
    const COLUMNS: &'static [&'static str] =
        &["line", "source_row", "pointer", "column", "severity", "code", "message", "expected"];

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
