//! How long texts and lists of the OpenAPI document are, and how large whole numbers: what the exchange holds to, or what its types
//! can hold.

use exchange::{
    rules::{free_text, validation::MOST_LINES},
    service::{figures::MAXIMUM_FIGURES, framework::MAXIMUM_FRAMEWORK_FIGURES, page::MAXIMUM_LIMIT},
};
use serde_json::{Map, Value, json};

/// Whatever is text and no control character, but for tabulators and ends of lines.
const PLAIN: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
/// Any text: a message may quote what was sent.
const ANY: &str = r"^[\s\S]*$";
/// What a cursor is written in; what it says is nobody's business.
const CURSOR: &str = "^[A-Za-z0-9_-]*$";
/// An instant (RFC 3339) or the identifier of a release.
const MOMENT: &str = r"^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$";
/// The most items of a list that is bounded by what is stored alone.
const AS_STORED: u64 = 1_000_000;
/// The most items of a list of a document of metadata.
const OF_DOCUMENT: u64 = 2000;
/// The most items of a list within an item of a list.
const WITHIN_ITEM: u64 = 100;
/// A list of words is one text in CSV, so that as many fit into the longest.
const WORDS: u64 = free_text::LONGEST as u64 / 2;

/// Bounds whatever is not bounded in a document.
pub fn add(document: &mut Value) {
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        for (name, schema) in schemas {
            let is_message = ["Place", "Problem", "ProblemDocument", "ProblemPage", "Report"].contains(&name.as_str());
            bound(schema, &Place { document: name, member: "", is_message });
        }
    }
    let Some(paths) = document.get_mut("paths") else { return };
    bound(paths, &Place { document: "", member: "", is_message: false });
}

/// Where a schema stands.
struct Place<'a> {
    document: &'a str,
    member: &'a str,
    is_message: bool,
}

fn bound(node: &mut Value, place: &Place<'_>) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(|item| bound(item, place)),
        Value::Object(members) => {
            let kinds = kinds(members);
            let is = |kind: &str| kinds.iter().any(|known| known == kind);
            if is("string") {
                text(members, place);
            }
            if is("integer") {
                whole_number(members);
            }
            if is("array") && !members.contains_key("maxItems") {
                members.insert("maxItems".to_owned(), json!(items(place)));
            }
            // A parameter is named beside its schema.
            let named = members.get("name").and_then(Value::as_str).map(str::to_owned);
            for (name, value) in members.iter_mut() {
                match name.as_str() {
                    "example" | "examples" | "default" | "enum" | "required" => {}
                    "properties" => {
                        for (member, schema) in value.as_object_mut().into_iter().flatten() {
                            bound(schema, &Place { member, ..*place });
                        }
                    }
                    "schema" => bound(value, &Place { member: named.as_deref().unwrap_or(place.member), ..*place }),
                    "content" => {
                        for (kind, of_kind) in value.as_object_mut().into_iter().flatten() {
                            body(kind, of_kind);
                            bound(of_kind, place);
                        }
                    }
                    _ => bound(value, place),
                }
            }
        }
        _ => {}
    }
}

fn kinds(schema: &Map<String, Value>) -> Vec<String> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A body that is a text of its own kind: its form is that of its media type.
fn body(kind: &str, content: &mut Value) {
    let format = match kind {
        "text/csv" => "csv",
        "text/event-stream" => "event-stream",
        "text/html" => "html",
        _ => return,
    };
    if let Some(schema) = content.get_mut("schema").and_then(Value::as_object_mut) {
        schema.insert("format".to_owned(), json!(format));
        schema.insert("maxLength".to_owned(), json!(i32::MAX));
    }
}

fn text(schema: &mut Map<String, Value>, place: &Place<'_>) {
    if schema.contains_key("enum") || schema.contains_key("const") {
        return;
    }
    let longest = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => 36,
        Some("date") => 10,
        Some("date-time") => 64,
        _ if place.is_message => 100_000,
        _ => free_text::LONGEST,
    };
    schema.entry("maxLength").or_insert(json!(longest));
    if !schema.contains_key("format") && !schema.contains_key("pattern") {
        let pattern = match place.member {
            "cursor" | "next" | "after" => CURSOR,
            "as_of" | "from" | "to" if place.document.is_empty() => MOMENT,
            _ if place.is_message => ANY,
            _ => PLAIN,
        };
        schema.insert("pattern".to_owned(), json!(pattern));
    }
}

fn whole_number(schema: &mut Map<String, Value>) {
    let from_zero = schema.get("minimum").and_then(Value::as_i64).is_some_and(|least| least >= 0);
    let (format, least, most) = match (schema.get("format").and_then(Value::as_str), from_zero) {
        (Some("int32"), false) => ("int32", i64::from(i32::MIN), i64::from(i32::MAX)),
        // Without a sign it holds twice as many.
        (Some("int32"), true) => ("int64", 0, i64::from(u32::MAX)),
        (_, false) => ("int64", i64::MIN, i64::MAX),
        (_, true) => ("int64", 0, i64::MAX),
    };
    if !schema.contains_key("maximum") {
        schema.insert("format".to_owned(), json!(format));
        schema.insert("maximum".to_owned(), json!(most));
    }
    schema.entry("minimum").or_insert(json!(least));
}

fn items(place: &Place<'_>) -> u64 {
    match (place.document, place.member) {
        (page, "items") if page.ends_with("Page") => u64::from(MAXIMUM_LIMIT),
        ("ReleaseRequest" | "Release", "returns") => u64::from(MAXIMUM_LIMIT),
        ("ReturnInput" | "ReturnDocument", "lines" | "reported_comparisons") => MOST_LINES as u64,
        ("Framework" | "FrameworkSection", _) => OF_DOCUMENT,
        ("FrameworkLine", _) => MAXIMUM_FRAMEWORK_FIGURES as u64,
        ("ComparisonAnswer", _) => MAXIMUM_FIGURES as u64,
        ("PlanList" | "IndicatorDocument" | "Comparison" | "Report" | "ProblemDocument" | "PutReceipt", _) => AS_STORED,
        (_, "status" | "schemes") | ("FrameworkRemark" | "Line" | "LineInput" | "PublishedFigure", _) => WORDS,
        ("Action" | "Commitment" | "DeliveryGroup" | "Priority" | "Section", _) => WITHIN_ITEM,
        _ => OF_DOCUMENT,
    }
}
