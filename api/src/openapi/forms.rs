//! The forms in which an address that answers tables answers: what suffixes and the byte order mark are in the document.

use serde_json::{Value, json};

/// Adds the parameter `bom` to whatever answers a table, and examples of what parameters and bodies take where there is none.
pub fn add(document: &mut Value) {
    let paths = document["paths"].as_object_mut();
    for (_, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let is_table = operation.pointer("/responses/200/content/text~1csv").is_some();
            if method == "get" && is_table {
                let bom = json!({
                    "name": "bom", "in": "query", "required": false,
                    "description": "Whether a byte order mark stands before a table, by which spreadsheets know UTF-8 on a double click; JSON never has one.",
                    "schema": { "type": "boolean", "default": false },
                    "example": false,
                });
                match operation.get_mut("parameters").and_then(Value::as_array_mut) {
                    Some(parameters) => parameters.push(bom),
                    None => operation["parameters"] = json!([bom]),
                }
            }
            for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
                exemplify(parameter);
            }
        }
    }
}

/// An example for a parameter without one: its default, or what the demo has.
fn exemplify(parameter: &mut Value) {
    if parameter.get("example").is_some() {
        return;
    }
    let name = parameter["name"].as_str().unwrap_or_default();
    let schema = &parameter["schema"];
    let example = match name {
        "id" => json!("01a20247-173a-773c-991e-e17320aad528"),
        "cursor" => json!(""),
        "limit" => json!(100),
        "wait" => json!(0),
        "dry_run" => json!(true),
        "from" | "until" => json!("2009-06-30T09:30:00Z"),
        "state" if schema.to_string().contains("ReleaseState") => json!("EFFECTIVE"),
        "state" => json!("SUBMITTED"),
        "action" => json!("RETURN_SUBMITTED"),
        "rank_order" => json!("LOWEST_FIRST"),
        _ => schema.get("default").cloned().unwrap_or_default(),
    };
    if !example.is_null() {
        parameter["example"] = example;
    }
}
