//! What must hold of every text and of every list of a document, whatever its family: the document is walked as JSON.

use serde_json::Value;

use super::Problems;
use crate::{
    problem::ProblemCode,
    rules::{free_text, metadata::Document},
};

/// How many items each list of a document may have.
const MOST_ITEMS: usize = 2000;
/// How many items a list within an item of a list may have: the indicators of a priority.
const MOST_WITHIN: usize = 100;

/// The members that must say something, as every item of a list must. Other codes are not found when they are blank.
const NEEDED: [&str; 17] = [
    "agency",
    "body",
    "code",
    "dimension",
    "duty",
    "heading",
    "horizon",
    "index",
    "member",
    "name",
    "number",
    "reason",
    "source_row",
    "table",
    "text",
    "title",
    "vintage",
];

/// The members that hold a code or a name, or several.
const NAMES: [&str; 35] = [
    "agency",
    "agreements",
    "aliases",
    "area",
    "body",
    "chair_agency",
    "code",
    "dimension",
    "heading",
    "horizon",
    "index",
    "indicator",
    "indicators",
    "lead_agency",
    "lead_group",
    "member",
    "members",
    "name",
    "number",
    "number_as_printed",
    "old_code",
    "owner",
    "part_of",
    "partnership",
    "partnerships",
    "periods",
    "police_force_area",
    "priorities",
    "priority",
    "region",
    "short_name",
    "source_row",
    "succeeded_by",
    "table",
    "vintage",
];

impl Problems {
    /// Checks every text and the length of every list. Says whether the lists are short enough to look into.
    pub(super) fn texts_and_lists(&mut self, document: &Document) -> bool {
        match document.to_json().map(|json| serde_json::from_str::<Value>(&json)) {
            Ok(Ok(value)) => self.walk(&value, "", "", 0),
            Ok(Err(_)) | Err(_) => {
                self.invalid("", "The document cannot be written as JSON.", "a document that can be kept");
                false
            }
        }
    }

    /// Walks a value at a pointer; `member` is its name or that of its list, `depth` the number of lists around it.
    fn walk(&mut self, value: &Value, pointer: &str, member: &str, depth: usize) -> bool {
        match value {
            Value::Object(members) => members.iter().fold(true, |fits, (name, value)| {
                // The names are those of the document's shape: none needs escaping.
                self.walk(value, &format!("{pointer}/{name}"), name, depth) && fits
            }),
            Value::Array(items) => {
                let most = if depth == 0 { MOST_ITEMS } else { MOST_WITHIN };
                if items.len() > most {
                    let message = format!("{} items are too many.", items.len());
                    self.invalid(pointer, message, &format!("at most {most}"));
                    return false;
                }
                items.iter().enumerate().fold(true, |fits, (at, item)| {
                    self.walk(item, &format!("{pointer}/{at}"), member, depth + 1) && fits
                })
            }
            Value::String(text) => {
                let is_item = pointer.ends_with(|last: char| last.is_ascii_digit());
                self.text(pointer, text, NAMES.contains(&member), is_item || NEEDED.contains(&member));
                true
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
        }
    }

    fn text(&mut self, pointer: &str, text: &str, is_name: bool, is_needed: bool) {
        let longest = if is_name { free_text::LONGEST_NAME } else { free_text::LONGEST };
        if let Err(why) = free_text::check_length(text, longest) {
            self.add(ProblemCode::UnfitText, pointer, why, "a text that can be shown");
            self.unfit.insert(pointer.to_owned());
        } else if is_needed && text.trim().is_empty() {
            self.invalid(pointer, "The text is empty.", "some text");
            self.unfit.insert(pointer.to_owned());
        }
    }
}
