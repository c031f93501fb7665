//! The lines of a return in the form in which they are posted, so that they can be corrected and posted back.

use exchange::{rules::posted::LINE_FIELDS, service::returns::ReturnDocument};
use serde_json::Value;

use super::Table;

impl Table for ReturnDocument {
    const COLUMNS: &'static [&'static str] = &[];
    const OF: &'static [&'static str] = &["LineInput"];
    const SEPARATOR: &'static str = " ";

    fn columns() -> Vec<&'static str> {
        LINE_FIELDS.iter().map(|field| field.column.as_str()).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let rows = self.lines.iter().map(|line| {
            // A line is always representable, as it came as a document.
            let line = serde_json::to_value(line).unwrap_or_default();
            let cell = |path: &str| match line.pointer(&format!("/{path}")) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
                Some(other) => other.to_string(),
            };
            LINE_FIELDS.iter().map(|field| cell(&field.path)).collect()
        });
        rows.collect()
    }
}
