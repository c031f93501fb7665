//! Answers as tables: RFC 4180, UTF-8, a stable header. One row an item; lists within a cell are parted by `; `.

mod changes;
pub mod description;
mod figures;
mod framework;
mod lines;
mod metadata;
mod report;

use exchange::{Error, Result, rules::catalogue::Known};
use serde::Serialize;
use serde_json::Value;

/// What can be written as a table.
pub trait Table {
    /// The columns; new ones are only ever added at the end.
    const COLUMNS: &'static [&'static str];
    /// The documents whose members the columns are, by their names in the OpenAPI document; the first that has it counts. Each row
    /// has the first document.
    const OF: &'static [&'static str];
    /// Columns that are not called after their member, with its path: `("change", "PublishedChange.kind")`.
    const OTHERWISE: &'static [(&'static str, &'static str)] = &[];
    /// The columns that tell rows apart, if any do.
    const KEY: &'static [&'static str] = &[];
    /// What parts the items of a list within a cell.
    const SEPARATOR: &'static str = "; ";

    /// The columns, if they are not known before the program runs.
    fn columns() -> Vec<&'static str> {
        Self::COLUMNS.to_vec()
    }

    /// The rows, with as many cells as there are columns.
    fn rows(&self) -> Vec<Vec<String>>;
}

/// Writes a table; with a byte order mark a spreadsheet takes it for UTF-8 on a double click.
pub fn write<T: Table>(table: &T, has_bom: bool) -> Result<Vec<u8>> {
    let failed = |failure| Error::internal("writing CSV", failure);
    let beginning = if has_bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(beginning);
    writer.write_record(T::columns()).map_err(failed)?;
    for row in table.rows() {
        writer.write_record(row).map_err(failed)?;
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
    /// The documents whose members they are.
    const OF: &'static [&'static str];
    /// Columns that are not called after their member.
    const OTHERWISE: &'static [(&'static str, &'static str)] = &[];
    /// The columns that tell rows apart, if any do.
    const KEY: &'static [&'static str] = &[];

    /// Its cells.
    fn cells(&self) -> Vec<String>;
}

impl<T: Row> Row for Known<T> {
    const COLUMNS: &'static [&'static str] = T::COLUMNS;
    const OF: &'static [&'static str] = T::OF;
    const OTHERWISE: &'static [(&'static str, &'static str)] = T::OTHERWISE;
    const KEY: &'static [&'static str] = T::KEY;

    fn cells(&self) -> Vec<String> {
        self.document.cells()
    }
}
