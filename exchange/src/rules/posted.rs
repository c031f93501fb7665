//! A return as posted, before anything in it is believed: texts with their places, read from JSON or from CSV.
//!
//! Both forms carry the same fields. A field has one path: `actual/value` is the member `value` of the object `actual` in
//! JSON, and the column `actual_value` in CSV. Reading collects every problem of form and goes on.

mod from_csv;
mod from_json;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use entity::Severity;
use serde::Serialize;

use super::{free_text, indicator_code::nearest};
use crate::problem::{Place, Problem, ProblemCode};

pub use from_csv::lines_from_csv;
pub use from_json::from_json;

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

const LINE: &[(&str, FieldKind)] = &[
    ("source_row", Text),
    ("indicator", Text),
    ("period", Text),
    ("area", Text),
    ("comment", Text),
    ("note", Text),
    ("doubts", Words),
];
const BREAKDOWN: &[(&str, FieldKind)] = &[("dimension", Text), ("member", Text)];
const ENTRY: &[(&str, FieldKind)] = &[
    ("value", Number),
    ("unit", Text),
    ("as_printed", Text),
    ("numerator", Number),
    ("denominator", Number),
    ("secondary_value", Number),
    ("secondary_unit", Text),
    ("secondary_form", Text),
    ("status", Words),
    ("basis", Text),
    ("missing", Text),
    ("expected", Text),
];
const PERIOD: (&str, FieldKind) = ("period", Text);
const FORM: (&str, FieldKind) = ("form", Text);
const BASELINE: &[(&str, FieldKind)] = &[PERIOD, ("kind", Text)];
const TARGET: &[(&str, FieldKind)] =
    &[PERIOD, FORM, ("baseline_used", Text), ("results_expected", Text), ("replaced_by", Text)];
const LIGHT: &[(&str, FieldKind)] = &[("light", Text), ("as_printed", Text)];

/// The fields of a line of figures.
pub static LINE_FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    Fields::new(&[
        ("", LINE),
        ("breakdown", BREAKDOWN),
        // An actual is a level of the line's own period; other figures may be for another one, or be read otherwise.
        ("actual", ENTRY),
        ("baseline", &[ENTRY, BASELINE].concat()),
        ("target", &[ENTRY, TARGET].concat()),
        ("target_with_stretch", &[ENTRY, TARGET].concat()),
        ("target_without_stretch", &[ENTRY, TARGET].concat()),
        ("reported_change", &[ENTRY, &[FORM]].concat()),
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
            ("indicator_as_printed", Text),
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
            ("own_change_as_printed", Text),
            ("regional_change", Number),
            ("regional_change_as_printed", Text),
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
    /// Whether the line as a whole cannot be read; a problem says so already.
    pub unreadable: bool,
    /// Paths at which something was given that could not be read; a problem says so already.
    pub spoiled: BTreeSet<String>,
}

impl PostedLine {
    /// The text of a field.
    pub fn get(&self, path: &str) -> Option<&Posted> {
        self.fields.get(path)
    }

    /// Whether something within a group was given, readable or not.
    pub fn has_group(&self, group: &str) -> bool {
        let within =
            |path: &String| path.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.fields.keys().any(within) || self.is_spoiled(group)
    }

    /// Whether something within a group could not be read.
    pub fn is_spoiled(&self, group: &str) -> bool {
        self.spoiled
            .iter()
            .any(|path| path.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
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
    /// Whether it came as CSV.
    pub is_csv: bool,
    /// What is wrong with the form.
    pub problems: Vec<Problem>,
}

fn error(code: ProblemCode, place: Place, message: String, expected: &str) -> Problem {
    Problem { code, severity: Severity::Error, message, expected: Some(expected.to_owned()), place }
}

/// Takes the text of a field, or says why it cannot be taken.
fn take(line: &mut PostedLine, path: String, posted: Posted, problems: &mut Vec<Problem>) {
    let longest = if path.starts_with("breakdown/") { free_text::LONGEST_NAME } else { free_text::LONGEST };
    match free_text::check_length(&posted.text, longest) {
        Ok(()) => {
            line.fields.insert(path, posted);
        }
        Err(why) => {
            problems.push(error(ProblemCode::UnfitText, posted.place, why, "a text that can be shown"));
            line.spoiled.insert(path);
        }
    }
}

/// Longer lists of fields than this are for the documentation.
const LISTED: usize = 20;

fn unknown_field<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Problem {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.dedup();
    let hint = nearest(name, known.iter().copied()).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
    let message = format!("There is no field `{name}` here.{hint}");
    let expected =
        if known.len() > LISTED { "a documented field".to_owned() } else { format!("one of {}", known.join(", ")) };
    error(ProblemCode::UnknownField, place, message, &expected)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
