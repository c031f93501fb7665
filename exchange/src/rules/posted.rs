//! A return as posted, before anything in it is believed: texts with their places, read from JSON or from CSV.
//!
//! Both forms carry the same fields. A field has one path: `actual/value` is the member `value` of the object `actual` in
//! JSON, and the column `actual_value` in CSV. Reading collects every problem of form and goes on.

use std::{collections::BTreeMap, sync::LazyLock};

use entity::Severity;
use serde::Serialize;
use serde_json::Value;

use super::indicator_code::nearest;
use crate::problem::{Place, Problem, ProblemCode};

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// One or several words of a closed list: an array in JSON, parted by spaces in CSV.
    Words,
}

/// One field of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its path in JSON, below the line: `actual/value`.
    pub path: String,
    /// Its column in CSV: `actual_value`.
    pub column: String,
    /// What it takes.
    pub kind: FieldKind,
}

/// The fields of one kind of line.
#[derive(Debug)]
pub struct Fields(Vec<Field>);

impl Fields {
    fn new(groups: &[(&str, &[(&str, FieldKind)])]) -> Self {
        let mut fields = Vec::new();
        for (group, members) in groups {
            for (name, kind) in *members {
                let path = if group.is_empty() { (*name).to_owned() } else { format!("{group}/{name}") };
                fields.push(Field { column: path.replace('/', "_"), path, kind: *kind });
            }
        }
        Self(fields)
    }

    /// The fields, in the order of the documentation.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    fn at(&self, path: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.path == path)
    }

    fn in_column(&self, column: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.column == column)
    }

    fn is_group(&self, path: &str) -> bool {
        self.0.iter().any(|field| field.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    }
}

use FieldKind::{Number, Text, Words};

const LINE: &[(&str, FieldKind)] =
    &[("source_row", Text), ("indicator", Text), ("period", Text), ("area", Text), ("comment", Text)];
const BREAKDOWN: &[(&str, FieldKind)] = &[("dimension", Text), ("member", Text)];
const ENTRY: &[(&str, FieldKind)] = &[
    ("value", Number),
    ("as_printed", Text),
    ("numerator", Number),
    ("denominator", Number),
    ("secondary_value", Number),
    ("secondary_unit", Text),
    ("status", Words),
    ("basis", Text),
    ("missing", Text),
    ("expected", Text),
    ("period", Text),
    ("form", Text),
];
const LIGHT: &[(&str, FieldKind)] = &[("light", Text), ("as_printed", Text)];

/// The fields of a line of figures.
pub static LINE_FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    Fields::new(&[
        ("", LINE),
        ("breakdown", BREAKDOWN),
        ("actual", ENTRY),
        ("baseline", ENTRY),
        ("target", ENTRY),
        ("target_with_stretch", ENTRY),
        ("target_without_stretch", ENTRY),
        ("reported_change", ENTRY),
        ("reported_light", LIGHT),
    ])
});

/// The fields of a reported comparison.
pub static COMPARISON_FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    Fields::new(&[(
        "",
        &[
            ("source_row", Text),
            ("indicator", Text),
            ("period", Text),
            ("peer_group", Text),
            ("rank", Number),
            ("rank_as_printed", Text),
            ("group_size", Number),
            ("rank_order", Text),
            ("position", Text),
            ("position_as_printed", Text),
            ("progress", Text),
            ("progress_as_printed", Text),
            ("own_change", Number),
            ("regional_change", Number),
            ("source", Text),
        ],
    )])
});

/// The text of one field, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Posted {
    /// What was given.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// One line as posted: its fields by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PostedLine {
    /// Its place among the lines, from 1.
    pub line: u32,
    /// Where the line as a whole is.
    pub place: Place,
    /// What was given, by path.
    pub fields: BTreeMap<String, Posted>,
}

impl PostedLine {
    /// The text of a field.
    pub fn get(&self, path: &str) -> Option<&Posted> {
        self.fields.get(path)
    }

    /// The place of a field, given or not.
    pub fn place_of(&self, path: &str) -> Place {
        if let Some(posted) = self.fields.get(path) {
            return posted.place.clone();
        }
        let mut place = self.place.clone();
        match &mut place.pointer {
            Some(pointer) => *pointer = format!("{pointer}/{path}"),
            None => place.column = Some(path.replace('/', "_")),
        }
        place
    }
}

/// A return as posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PostedReturn {
    /// The partnership reported for.
    pub partnership: Option<String>,
    /// The collection answered.
    pub collection: Option<String>,
    /// What the respondent says about the return as a whole.
    pub note: Option<String>,
    /// Lines of figures.
    pub lines: Vec<PostedLine>,
    /// Reported comparisons.
    pub reported_comparisons: Vec<PostedLine>,
    /// What is wrong with the form.
    pub problems: Vec<Problem>,
}

fn error(code: ProblemCode, place: Place, message: String, expected: &str) -> Problem {
    Problem { code, severity: Severity::Error, message, expected: Some(expected.to_owned()), place }
}

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
        let mut line = PostedLine { line: number, place: place.clone(), fields: BTreeMap::new() };
        match item {
            Value::Object(_) => members_from_json(item, "", fields, &place, &mut line.fields, problems),
            other => {
                let message = format!("{} is not a line.", describe(other));
                problems.push(error(ProblemCode::WrongType, place, message, "a JSON object"));
            }
        }
        lines.push(line);
    }
    lines
}

/// Reads the members of a line, or of a group within it, into fields.
fn members_from_json(
    object: &Value,
    group: &str,
    fields: &Fields,
    line: &Place,
    into: &mut BTreeMap<String, Posted>,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in object.as_object().into_iter().flatten() {
        let path = if group.is_empty() { name.clone() } else { format!("{group}/{name}") };
        let mut place = line.clone();
        place.pointer = line.pointer.as_ref().map(|at| {
            let group = if group.is_empty() { String::new() } else { format!("/{group}") };
            format!("{at}{group}/{}", escape(name))
        });
        if value.is_null() {
            continue;
        }
        match fields.at(&path) {
            Some(field) => match field_text(value, field.kind) {
                Ok(text) => {
                    into.insert(path, Posted { text, place });
                }
                Err((code, expected)) => {
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
                    members_from_json(value, &path, fields, line, into, problems);
                } else {
                    let message = format!("{} is not what `{name}` takes.", describe(value));
                    problems.push(error(ProblemCode::WrongType, place, message, "a JSON object"));
                }
            }
            None => {
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

fn unknown_field<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Problem {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.dedup();
    let hint = nearest(name, known.iter().copied()).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
    let message = format!("There is no field `{name}` here.{hint}");
    error(ProblemCode::UnknownField, place, message, &format!("one of {}", known.join(", ")))
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

/// Reads lines from CSV (RFC 4180) with a header of column names; an empty cell is an absent field.
///
/// A byte order mark is allowed. Columns may come in any order and may be left out; an unknown one is a problem. The place of
/// a problem names the line, counted from the first row after the header, and the column.
pub fn lines_from_csv(body: &[u8], fields: &Fields, problems: &mut Vec<Problem>) -> Vec<PostedLine> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(failure) => {
            problems.push(csv_problem(0, &failure));
            return Vec::new();
        }
    };
    let columns: Vec<Option<&Field>> = header.iter().map(|name| fields.in_column(name.trim())).collect();
    for (name, column) in header.iter().zip(&columns) {
        if column.is_none() {
            let place = Place { column: Some(name.to_owned()), ..Place::default() };
            problems.push(unknown_field(name, place, fields.iter().map(|field| field.column.as_str())));
        }
    }
    let row_column = columns.iter().position(|field| field.is_some_and(|field| field.path == "source_row"));
    let mut lines = Vec::new();
    for (number, record) in (1u32..).zip(reader.records()) {
        let record = match record {
            Ok(record) => record,
            Err(failure) => {
                problems.push(csv_problem(number, &failure));
                continue;
            }
        };
        let source_row = row_column.and_then(|at| record.get(at)).filter(|row| !row.is_empty()).map(str::to_owned);
        let place = Place { line: Some(number), source_row, column: None, pointer: None };
        if record.len() != header.len() {
            let message = format!("The line has {} cells; the header has {}.", record.len(), header.len());
            problems.push(error(ProblemCode::MalformedBody, place.clone(), message, "as many cells as the header has"));
        }
        let mut line = PostedLine { line: number, place: place.clone(), fields: BTreeMap::new() };
        for (field, cell) in columns.iter().zip(record.iter()) {
            if let (Some(field), false) = (field, cell.is_empty()) {
                let place = Place { column: Some(field.column.clone()), ..place.clone() };
                line.fields.insert(field.path.clone(), Posted { text: cell.to_owned(), place });
            }
        }
        lines.push(line);
    }
    lines
}

fn csv_problem(line: u32, failure: &csv::Error) -> Problem {
    let place = Place { line: (line > 0).then_some(line), ..Place::default() };
    let message = match failure.kind() {
        csv::ErrorKind::Utf8 { .. } => "The line is not UTF-8.".to_owned(),
        _ => "The line cannot be read.".to_owned(),
    };
    error(ProblemCode::MalformedBody, place, message, "CSV as in RFC 4180, in UTF-8")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_csv_give_the_same_fields() {
        let json =
            from_json(&json!({ "lines": [{ "indicator": "NI 15", "actual": { "status": ["ESTIMATED", "BREAK"] } }] }));
        let csv =
            lines_from_csv(b"indicator,actual_status\r\nNI 15,ESTIMATED BREAK\r\n", &LINE_FIELDS, &mut Vec::new());
        let texts = |line: &PostedLine| -> Vec<(String, String)> {
            line.fields.iter().map(|(path, posted)| (path.clone(), posted.text.clone())).collect()
        };
        assert_eq!(texts(&json.lines[0]), texts(&csv[0]));
        assert_eq!(json.problems, []);
    }

    #[test]
    fn a_number_is_read_as_its_literal() {
        let body: Value = serde_json::from_str(r#"{"lines":[{"actual":{"value":52.40}}]}"#).unwrap();
        assert_eq!(from_json(&body).lines[0].get("actual/value").map(|posted| posted.text.as_str()), Some("52.40"));
    }

    #[test]
    fn an_unknown_field_is_named_with_its_place_and_the_nearest_known_one() {
        let posted = from_json(&json!({ "lines": [{ "actual": { "valeu": 1 } }] }));
        assert_eq!(posted.problems[0].code, ProblemCode::UnknownField);
        assert_eq!(posted.problems[0].place.pointer.as_deref(), Some("/lines/0/actual/valeu"));
        assert!(posted.problems[0].message.contains("Did you mean `value`?"), "{}", posted.problems[0].message);
    }

    #[test]
    fn every_problem_of_form_is_reported_at_once() {
        let posted = from_json(&json!({ "partnership": 3, "colection": "x", "lines": [7, { "actual": 2.29 }] }));
        let codes: Vec<_> = posted.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            [ProblemCode::WrongType, ProblemCode::UnknownField, ProblemCode::WrongType, ProblemCode::WrongType]
        );
    }

    #[test]
    fn a_csv_line_with_too_few_cells_is_named() {
        let mut problems = Vec::new();
        lines_from_csv(b"indicator,period\nNI 15\n", &LINE_FIELDS, &mut problems);
        assert_eq!(problems[0].place.line, Some(1));
        assert_eq!(problems[0].code, ProblemCode::MalformedBody);
    }
}
