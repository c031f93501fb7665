//! The JSON form.

use serde_json::Value;

use super::{
    COMPARISON_FIELDS,
    FieldKind::{self, Number, Text, Words},
    Fields, LINE_FIELDS, Posted, PostedLine, PostedReturn, error, take, unknown_field,
};
use crate::problem::{Place, Problem, ProblemCode};

const TOP: [&str; 5] = ["partnership", "collection", "note", "lines", "reported_comparisons"];

/// Reads a return from JSON.
pub fn from_json(body: &Value) -> PostedReturn {
    let mut posted = PostedReturn::default();
    let Value::Object(members) = body else {
        let place = Place::pointer("");
        posted.problems.push(error(
            ProblemCode::WrongType,
            place,
            "The body is not an object.".into(),
            "a JSON object",
        ));
        return posted;
    };
    for (name, value) in members {
        let place = Place::pointer(format!("/{}", escape(name)));
        match name.as_str() {
            "partnership" => posted.partnership = text_member(value, place, &mut posted.problems),
            "collection" => posted.collection = text_member(value, place, &mut posted.problems),
            "note" => posted.note = text_member(value, place, &mut posted.problems),
            "lines" => posted.lines = lines_from_json(value, "/lines", &LINE_FIELDS, &mut posted.problems),
            "reported_comparisons" => {
                posted.reported_comparisons =
                    lines_from_json(value, "/reported_comparisons", &COMPARISON_FIELDS, &mut posted.problems);
            }
            _ => posted.problems.push(unknown_field(name, place, TOP)),
        }
    }
    posted
}

fn text_member(value: &Value, place: Place, problems: &mut Vec<Problem>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => {
            problems.push(error(
                ProblemCode::WrongType,
                place,
                format!("{} is not a text.", describe(other)),
                "a JSON string",
            ));
            None
        }
    }
}

fn lines_from_json(value: &Value, pointer: &str, fields: &Fields, problems: &mut Vec<Problem>) -> Vec<PostedLine> {
    let Value::Array(items) = value else {
        if !value.is_null() {
            let message = format!("{} is not a list.", describe(value));
            problems.push(error(ProblemCode::WrongType, Place::pointer(pointer), message, "a JSON array of lines"));
        }
        return Vec::new();
    };
    let mut lines = Vec::with_capacity(items.len());
    for (number, item) in (1u32..).zip(items) {
        let pointer = format!("{pointer}/{}", number - 1);
        let source_row = item.get("source_row").and_then(Value::as_str).map(str::to_owned);
        let place = Place { line: Some(number), source_row, column: None, pointer: Some(pointer) };
        let mut line = PostedLine { line: number, place: place.clone(), ..PostedLine::default() };
        match item {
            Value::Object(_) => members_from_json(item, "", fields, &mut line, problems),
            other => {
                line.unreadable = true;
                let message = format!("{} is not a line.", describe(other));
                problems.push(error(ProblemCode::WrongType, place, message, "a JSON object"));
            }
        }
        lines.push(line);
    }
    lines
}

/// Reads the members of a line, or of a group within it, into fields.
fn members_from_json(object: &Value, group: &str, fields: &Fields, line: &mut PostedLine, problems: &mut Vec<Problem>) {
    for (name, value) in object.as_object().into_iter().flatten() {
        let path = if group.is_empty() { name.clone() } else { format!("{group}/{name}") };
        let mut place = line.place.clone();
        place.pointer = line.place.pointer.as_ref().map(|at| {
            let group = if group.is_empty() { String::new() } else { format!("/{group}") };
            format!("{at}{group}/{}", escape(name))
        });
        if value.is_null() {
            continue;
        }
        match fields.at(&path) {
            Some(field) => match field_text(value, field.kind) {
                Ok(text) => take(line, path, Posted { text, place }, problems),
                Err((code, expected)) => {
                    line.spoiled.insert(path);
                    problems.push(error(
                        code,
                        place,
                        format!("{} is not what `{name}` takes.", describe(value)),
                        expected,
                    ));
                }
            },
            None if group.is_empty() && fields.is_group(&path) => {
                if value.is_object() {
                    members_from_json(value, &path, fields, line, problems);
                } else {
                    let message = format!("{} is not what `{name}` takes.", describe(value));
                    problems.push(error(ProblemCode::WrongType, place, message, "a JSON object"));
                    line.spoiled.insert(path);
                }
            }
            None => {
                line.spoiled.insert(path);
                let known = fields.iter().filter_map(|field| {
                    if group.is_empty() {
                        field.path.split('/').next()
                    } else {
                        field.path.strip_prefix(&format!("{group}/"))
                    }
                });
                problems.push(unknown_field(name, place, known));
            }
        }
    }
}

fn field_text(value: &Value, kind: FieldKind) -> Result<String, (ProblemCode, &'static str)> {
    match (kind, value) {
        (Text, Value::String(text)) => Ok(text.clone()),
        (Text, _) => Err((ProblemCode::WrongType, "a JSON string")),
        // The literal's own text: a number never passes through a binary floating-point number.
        (Number, Value::Number(number)) => Ok(number.to_string()),
        (Number, _) => {
            Err((ProblemCode::NotANumber, "a JSON number such as 2.29; printed text belongs in `as_printed`"))
        }
        (Words, Value::Array(words)) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            words.map(|words| words.join(" ")).ok_or((ProblemCode::WrongType, "a JSON array of words"))
        }
        (Words, _) => Err((ProblemCode::WrongType, "a JSON array of words")),
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("The number {number}"),
        Value::String(text) => format!("The text `{}`", text.chars().take(60).collect::<String>()),
        Value::Array(_) => "A list".to_owned(),
        Value::Object(_) => "An object".to_owned(),
    }
}

fn escape(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}
