//! Answers as tables: RFC 4180, UTF-8, a stable header. One row an item; lists within a cell are parted by `; `.

mod changes;
mod figures;
mod framework;
mod metadata;
mod report;

use exchange::{
    Error, Result,
    rules::{catalogue::Known, line::Line, posted::LINE_FIELDS},
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

impl<T: Row> Row for Known<T> {
    const COLUMNS: &'static [&'static str] = T::COLUMNS;

    fn cells(&self) -> Vec<String> {
        self.document.cells()
    }
}
