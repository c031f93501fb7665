//! Returns of Southwark for tests, each line said once and posted both as JSON and as CSV.

use entity::Severity;
use serde_json::{Map, Value, json};

use super::{Context, Validated, validate};
use crate::{
    caller::Caller,
    problem::{Place, ProblemCode},
    rules::{
        catalogue::{Catalogue, Collection, Known, samples::catalogue},
        posted::{FieldKind, LINE_FIELDS, PostedReturn, from_json, lines_from_csv},
    },
};

/// The fields of a line by path; an empty text is an absent field.
pub(super) type Fields<'a> = &'a [(&'a str, &'a str)];

/// What a return of Southwark for 2008/09 is judged against.
pub(super) struct Desk {
    pub(super) catalogue: Catalogue,
    pub(super) caller: Caller,
    pub(super) collection: Known<Collection>,
    pub(super) today: &'static str,
}

impl Desk {
    /// Southwark's own token, on the day on which returns are due.
    pub(super) fn southwark() -> Self {
        let catalogue = catalogue();
        let collection = catalogue.collection("fy2008-09").unwrap().clone();
        let caller = Caller::identified("a-system-of-southwark").for_partnerships(["southwark"]);
        Self { catalogue, caller, collection, today: "2009-06-30" }
    }

    /// What becomes of a posted return.
    pub(super) fn judge(&self, posted: PostedReturn) -> Validated {
        let partnership = self.catalogue.partnership("southwark").unwrap();
        let Self { catalogue, caller, collection, today } = self;
        validate(
            posted,
            Context { catalogue, caller, partnership, collection, today: today.parse().unwrap(), is_revision: false },
        )
    }

    /// What becomes of a JSON body.
    pub(super) fn judge_json(&self, body: &Value) -> Validated {
        self.judge(from_json(body))
    }

    /// What becomes of a CSV body.
    pub(super) fn judge_csv(&self, body: &str) -> Validated {
        let mut problems = Vec::new();
        let lines = lines_from_csv(body.as_bytes(), &LINE_FIELDS, &mut problems);
        self.judge(PostedReturn { lines, is_csv: true, problems, ..PostedReturn::default() })
    }

    /// What becomes of some lines, posted as JSON. Both forms must say the same of them.
    pub(super) fn judge_lines(&self, lines: &[Fields<'_>]) -> Validated {
        let from_json = self.judge_json(&as_json(lines));
        let from_csv = self.judge_csv(&as_csv(lines));
        assert_eq!(from_json.lines, from_csv.lines);
        let spoken = |validated: &Validated| -> Vec<_> {
            let mut all: Vec<_> =
                validated.problems.iter().map(|problem| (problem.place.line, problem.code, problem.severity)).collect();
            all.sort();
            all
        };
        assert_eq!(spoken(&from_json), spoken(&from_csv));
        from_json
    }
}

/// A line for NI 15 in 2008/09 with some fields said otherwise.
pub(super) fn line_with(fields: Fields<'_>) -> Vec<(&str, &str)> {
    let usual = [("indicator", "NI 15"), ("period", "FY2008-09"), ("actual/value", "2.29")];
    let said = |path: &str| fields.iter().any(|(given, _)| *given == path);
    usual.into_iter().filter(|(path, _)| !said(path)).chain(fields.iter().copied()).collect()
}

/// What becomes of such a line, posted in both forms.
pub(super) fn judged(fields: Fields<'_>) -> Validated {
    Desk::southwark().judge_lines(&[&line_with(fields)])
}

/// Asserts that of such a line one thing is said, and where, in both forms.
pub(super) fn assert_said_once(fields: Fields<'_>, code: ProblemCode, severity: Severity, path: &str) {
    let (desk, line) = (Desk::southwark(), line_with(fields));
    let (json, csv) = (desk.judge_json(&as_json(&[&line])), desk.judge_csv(&as_csv(&[&line])));
    assert_eq!(said(&json), [(code, format!("/lines/0/{path}"))], "{:?}", json.problems);
    assert_eq!(said(&csv), [(code, format!("1.{}", path.replace('/', "_")))], "{:?}", csv.problems);
    assert_eq!([json.problems[0].severity, csv.problems[0].severity], [severity, severity]);
    assert_eq!(json.is_acceptable(), severity != Severity::Error);
}

/// A return of some lines as JSON.
pub(super) fn as_json(lines: &[Fields<'_>]) -> Value {
    let lines: Vec<Value> = lines.iter().map(|fields| line_as_json(fields)).collect();
    json!({ "partnership": "southwark", "collection": "fy2008-09", "lines": lines })
}

fn line_as_json(fields: Fields<'_>) -> Value {
    let mut line = Map::new();
    for (path, text) in fields.iter().filter(|(_, text)| !text.is_empty()) {
        let value = match LINE_FIELDS.iter().find(|field| field.path == *path).unwrap().kind {
            FieldKind::Text => json!(text),
            FieldKind::Number => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            FieldKind::Words => text.split_whitespace().collect(),
        };
        let (group, name) = path.split_once('/').unwrap_or(("", path));
        let place = if group.is_empty() { &mut line } else { group_of(&mut line, group) };
        place.insert(name.to_owned(), value);
    }
    Value::Object(line)
}

fn group_of<'a>(line: &'a mut Map<String, Value>, group: &str) -> &'a mut Map<String, Value> {
    line.entry(group).or_insert_with(|| json!({})).as_object_mut().unwrap()
}

/// The same return as CSV.
pub(super) fn as_csv(lines: &[Fields<'_>]) -> String {
    let given = |path: &str| lines.iter().any(|fields| fields.iter().any(|(given, _)| *given == path));
    let columns: Vec<_> = LINE_FIELDS.iter().filter(|field| given(&field.path)).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|field| &field.column)).unwrap();
    for fields in lines {
        let cell = |path: &str| fields.iter().find(|(given, _)| *given == path).map_or("", |(_, text)| *text);
        writer.write_record(columns.iter().map(|field| cell(&field.path))).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// What is said, and where: `/lines/0/actual/value`, or `1.actual_value`, or `1` for a whole line of CSV.
pub(super) fn said(validated: &Validated) -> Vec<(ProblemCode, String)> {
    validated.problems.iter().map(|problem| (problem.code, spot(&problem.place))).collect()
}

fn spot(place: &Place) -> String {
    match (&place.pointer, place.line, &place.column) {
        (Some(pointer), ..) => pointer.clone(),
        (None, Some(line), Some(column)) => format!("{line}.{column}"),
        (None, Some(line), None) => line.to_string(),
        (None, None, column) => column.clone().unwrap_or_default(),
    }
}

/// The codes alone.
pub(super) fn codes(validated: &Validated) -> Vec<ProblemCode> {
    validated.problems.iter().map(|problem| problem.code).collect()
}
