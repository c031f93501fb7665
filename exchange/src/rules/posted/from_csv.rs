//! The CSV form.

use super::{Field, Fields, Posted, PostedLine, error, take, unknown_field};
use crate::{
    problem::{Place, Problem, ProblemCode},
    rules::indicator_code::nearest,
};

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
    // A misspelt column is said once, and not again on each line as a field that is lacking.
    let meant: Vec<Option<&Field>> = header
        .iter()
        .map(|name| {
            nearest(name, fields.iter().map(|field| field.column.as_str())).and_then(|name| fields.in_column(name))
        })
        .collect();
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
        let mut line = PostedLine {
            line: number,
            place: place.clone(),
            unreadable: record.len() != header.len(),
            ..PostedLine::default()
        };
        for ((field, meant), cell) in columns.iter().zip(&meant).zip(record.iter()).filter(|(_, cell)| !cell.is_empty())
        {
            if let Some(field) = field {
                let place = Place { column: Some(field.column.clone()), ..place.clone() };
                take(&mut line, field.path.clone(), Posted { text: cell.to_owned(), place }, problems);
            } else if let Some(meant) = meant {
                line.spoiled.insert(meant.path.clone());
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
