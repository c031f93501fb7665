//! A plan from files: a JSON document, and beside it a CSV file for each of its longer lists.

use exchange::{rules::metadata::Document, vocabulary::MetadataFamily};
use serde_json::{Map, Value, json};

use super::{Files, items_of, number};

/// The lists of a plan that may stand in a file of their own: `southwark.rolling-plan-2008-12.lines.csv`.
const LISTS: [&str; 4] = ["actions", "commitments", "resources", "lines"];

/// Reads the plan `plans/<stem>.json` with its lists.
pub fn read(stem: &str, json: &str, files: &Files) -> Result<Document, String> {
    let told = |failure: String| format!("plans/{stem}.json: {failure}");
    let mut plan: Map<String, Value> = serde_json::from_str(json).map_err(|failure| told(failure.to_string()))?;
    for list in LISTS {
        let name = format!("plans/{stem}.{list}.csv");
        if let Some(csv) = files.get(&name) {
            let items = items(csv).map_err(|failure| format!("{name}: {failure}"))?;
            plan.insert(list.to_owned(), items);
        }
    }
    Document::from_json(MetadataFamily::Plan, &Value::Object(plan).to_string())
        .map_err(|failure| told(failure.to_string()))
}

/// The rows of a list, as objects: a column is a member, an empty cell an absent one.
fn items(csv: &str) -> Result<Value, String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().map_err(|failure| failure.to_string())?.clone();
    let mut items = Vec::new();
    for (row, record) in (1..).zip(reader.records()) {
        let record = record.map_err(|failure| format!("row {row}: {failure}"))?;
        let mut item = Map::new();
        for (column, cell) in header.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty()) {
            let value = member(column, cell).map_err(|failure| format!("row {row}, {column}: {failure}"))?;
            match column.strip_prefix("breakdown_") {
                Some(part) => {
                    item.entry("breakdown").or_insert_with(|| json!({}))[part] = value;
                }
                None => {
                    item.insert(column.to_owned(), value);
                }
            }
        }
        items.push(Value::Object(item));
    }
    Ok(Value::Array(items))
}

fn member(column: &str, cell: &str) -> Result<Value, String> {
    Ok(match column {
        "indicators" | "outcomes" | "agreements" | "priorities" => items_of(cell).map(Value::from).collect(),
        "section" | "stretch_target" | "amount" => number(cell)?,
        "is_total" => (cell == "true").into(),
        _ => cell.into(),
    })
}
