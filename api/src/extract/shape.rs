//! All that is wrong with the shape of a JSON document.
//!
//! serde stops at the first member that does not fit. It is told, something that fits stands in for it, and the document is
//! read again: what follows from a problem is not told as another one.

use std::collections::HashMap;

use exchange::{
    Error, Place, Problem, ProblemCode,
    problem::Refusal,
    rules::{free_text::shortened, indicator_code::nearest},
    vocabulary::Severity,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::sentence;

/// How often a document is read before what has been found so far is told.
const ATTEMPTS: usize = 100;
/// How many bytes are read in all these attempts: a large document is read less often.
const BYTES: usize = 50 * 1024 * 1024;
/// How often a document is read however large it is.
const LEAST_ATTEMPTS: usize = 5;

/// Reads a document of a closed shape that came in so many bytes.
///
/// # Errors
/// `INVALID_DOCUMENT` with all that is wrong, or as much of it as was found in a hundred attempts.
pub fn read<T: DeserializeOwned>(document: Value, bytes: usize) -> Result<T, Error> {
    if !document.is_object() {
        let place = Place::pointer("");
        let message = "The document must be an object.".to_owned();
        let told = problem(ProblemCode::WrongType, message.clone(), Some("an object".to_owned()), place);
        return Err(Refusal { detail: message, ..refusal(vec![told]) }.into());
    }
    let mut reading = Reading { document, ..Reading::default() };
    for _ in 0..(BYTES / bytes.max(1)).clamp(LEAST_ATTEMPTS, ATTEMPTS) {
        let failure = match serde_path_to_error::deserialize(&reading.document) {
            Ok(shape) if reading.told.is_empty() => return Ok(shape),
            Ok(_) => return Err(reading.outcome(true).into()),
            Err(failure) => failure,
        };
        if !reading.take(failure.path(), &failure.inner().to_string()) {
            break;
        }
    }
    Err(reading.outcome(false).into())
}

/// A document that is being read, and what has been found.
#[derive(Default)]
struct Reading {
    document: Value,
    told: Vec<Problem>,
    /// Where the first problem is, as a person would say it.
    first: String,
    /// Where something stands in for what was told, by pointer: the number of the problem.
    stand_ins: HashMap<String, usize>,
    /// What was found to fit a missing member, by name.
    fitting: HashMap<String, Fitting>,
}

/// What a member takes: an example of it, and in words.
#[derive(Clone)]
struct Fitting {
    example: Value,
    words: String,
}

impl Reading {
    /// Takes in what serde says of a place. Says whether it makes sense to read the document again.
    fn take(&mut self, path: &Path, why: &str) -> bool {
        let at = pointer_of(path);
        let said = Said::of(why);
        if let Some(number) = self.stand_in_around(&at) {
            return self.fit(number, &at, &said);
        }
        let mut names = path.iter().filter_map(|segment| match segment {
            Segment::Map { key } => Some(key.as_str()),
            _ => None,
        });
        let name = names.next_back().unwrap_or("document");
        let Some(given) = self.document.pointer(&at) else { return false };
        if self.told.is_empty() {
            self.first = path.to_string();
        }
        let unfit = |given: &Value| format!("{} is not what `{name}` takes.", describe(given));
        match said {
            Said::Unknown { known } => {
                let near = nearest(name, known.iter().copied()).map(|near| format!(" Did you mean `{near}`?"));
                let message = format!("There is no field `{}` here.{}", shortened(name), near.unwrap_or_default());
                let expected = (!known.is_empty()).then(|| format!("one of {}", known.join(", ")));
                let (around, key) = at.rsplit_once('/').unwrap_or_default();
                // A pointer that repeats a name of any length helps nobody.
                let place = if shortened(name) == name { &at } else { around };
                self.told.push(problem(ProblemCode::UnknownField, message, expected, Place::pointer(place)));
                let object = self.document.pointer_mut(around).and_then(Value::as_object_mut);
                object.is_some_and(|members| members.shift_remove(&unescape(key)).is_some())
            }
            Said::Missing { name } => {
                let Some(members) = self.document.pointer_mut(&at).and_then(Value::as_object_mut) else { return false };
                let at = format!("{at}/{name}");
                let fitting = self.fitting.get(name).cloned();
                let (example, words) = fitting.map_or((PROBE, None), |known| (known.example, Some(known.words)));
                members.insert(name.to_owned(), example);
                let message = format!("`{name}` is missing.");
                self.stand_ins.insert(at.clone(), self.told.len());
                self.told.push(problem(ProblemCode::RequiredField, message, words, Place::pointer(at)));
                true
            }
            Said::Word { known } => {
                let message = format!("{} is not one of the words that `{name}` takes.", describe(given));
                let expected = Some(format!("one of {}", known.join(", ")));
                let example = known.first().map_or(Value::Null, |word| Value::from(*word));
                self.stand_in(at, example, problem(ProblemCode::UnknownWord, message, expected, Place::default()))
            }
            Said::Type { expected } => {
                let fitting = fitting(expected);
                let message = unfit(given);
                let told = problem(ProblemCode::WrongType, message, Some(fitting.words), Place::default());
                self.stand_in(at, fitting.example, told)
            }
            Said::OutOfRange => {
                let message = unfit(given);
                self.stand_in(at, PROBE, problem(ProblemCode::WrongType, message, None, Place::default()))
            }
            Said::Other => {
                // What is said of a figure, the exchange says itself; what is said of a text, a library.
                let message = if given.is_number() { sentence(&why) } else { unfit(given) };
                self.stand_in(at, PROBE, problem(ProblemCode::InvalidDocument, message, None, Place::default()))
            }
        }
    }

    /// Tells a problem of the value at a pointer, and puts another one in its place.
    fn stand_in(&mut self, at: String, example: Value, told: Problem) -> bool {
        let Some(node) = self.document.pointer_mut(&at) else { return false };
        *node = example;
        self.stand_ins.insert(at.clone(), self.told.len());
        self.told.push(Problem { place: Place::pointer(at), ..told });
        true
    }

    /// The number of the problem for which something stands in at a pointer or around it.
    fn stand_in_around(&self, at: &str) -> Option<usize> {
        let ends = at.char_indices().filter(|(_, letter)| *letter == '/').map(|(end, _)| end);
        let mut around = ends.map(|end| &at[..end]).chain([at]);
        around.find_map(|pointer| self.stand_ins.get(pointer)).copied()
    }

    /// Makes what stands in for a problem fit better, after what serde says of it.
    fn fit(&mut self, number: usize, at: &str, said: &Said<'_>) -> bool {
        let Some(node) = self.document.pointer_mut(at) else { return false };
        let fitting = match said {
            Said::Missing { name } => {
                let Some(members) = node.as_object_mut() else { return false };
                return members.insert((*name).to_owned(), PROBE).is_none();
            }
            Said::Type { expected } => fitting(expected),
            Said::Word { known } => {
                let example = known.first().map_or(Value::Null, |word| Value::from(*word));
                Fitting { example, words: format!("one of {}", known.join(", ")) }
            }
            Said::Unknown { .. } | Said::OutOfRange | Said::Other => return false,
        };
        if *node == fitting.example {
            return false;
        }
        node.clone_from(&fitting.example);
        if self.stand_ins.contains_key(at) {
            self.told[number].expected = Some(fitting.words.clone());
            let name = at.rsplit_once('/').map_or(at, |(_, name)| name);
            self.fitting.insert(name.to_owned(), fitting);
        }
        true
    }

    fn outcome(self, is_all: bool) -> Refusal {
        let refusal = refusal(self.told);
        let detail = match &refusal.problems[..] {
            [] => "The document is not of the documented shape.".to_owned(),
            [only] => {
                let at = match self.first.as_str() {
                    "." | "?" => String::new(),
                    path => format!("At `{}`: ", shortened(path)),
                };
                let expected = only.expected.as_ref().map(|expected| format!(" Expected {expected}."));
                format!("{at}{}{}", only.message, expected.unwrap_or_default())
            }
            many if is_all => format!("There are {} problems.", many.len()),
            many => format!("There are {} problems, and perhaps more.", many.len()),
        };
        Refusal { detail, ..refusal }
    }
}

/// What makes serde say what it expects: hardly any member takes it.
const PROBE: Value = Value::Bool(true);

/// What serde says of a place.
enum Said<'a> {
    /// A member is missing.
    Missing { name: &'a str },
    /// A member is unknown.
    Unknown { known: Vec<&'a str> },
    /// A word is unknown.
    Word { known: Vec<&'a str> },
    /// A value is of another type.
    Type { expected: &'a str },
    /// A number is not one of the type's.
    OutOfRange,
    /// A value is of the right type and does not fit all the same.
    Other,
}

impl<'a> Said<'a> {
    fn of(message: &'a str) -> Self {
        // What was given comes first, and may look like anything.
        let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
        let words = || expected.split('`').skip(1).step_by(2).collect();
        if let Some(name) = message.strip_prefix("missing field `") {
            Self::Missing { name: name.trim_end_matches('`') }
        } else if message.starts_with("unknown field `") {
            Self::Unknown { known: words() }
        } else if message.starts_with("unknown variant `") {
            Self::Word { known: words() }
        } else if !expected.is_empty() && message.starts_with("invalid ") {
            Self::Type { expected }
        } else if message == "invalid number" {
            Self::OutOfRange
        } else {
            Self::Other
        }
    }
}

/// What fits where serde expects something.
fn fitting(expected: &str) -> Fitting {
    let (example, words) = match expected {
        "a string" => ("".into(), "a text"),
        "a boolean" => (false.into(), "`true` or `false`"),
        "a sequence" => (Value::Array(Vec::new()), "a list"),
        "a JSON number" => (0.into(), "a number such as 2.29"),
        "u8" => (0.into(), "a whole number from 0 to 255"),
        "u16" => (0.into(), "a whole number from 0 to 65535"),
        "u32" | "u64" | "usize" => (0.into(), "a whole number that is not negative"),
        "i32" | "i64" => (0.into(), "a whole number"),
        "a formatted date string" => ("2009-04-01".into(), "a day such as `2009-04-01`"),
        "an RFC 3339 formatted date and time string" => {
            ("2009-06-30T09:00:00Z".into(), "an instant such as `2009-06-30T09:00:00Z`")
        }
        "a formatted UUID string" => {
            let example = "0190a6f0-7c1e-7000-8000-000000000000";
            (example.into(), "an identifier such as `0190a6f0-7c1e-7000-8000-000000000000`")
        }
        "string or map" => ("".into(), "one of the words"),
        shape if shape.starts_with("struct ") => (Value::Object(Map::new()), "an object"),
        _ => (Value::Null, "another value"),
    };
    Fitting { example, words: words.to_owned() }
}

/// What was given, in words.
fn describe(given: &Value) -> String {
    match given {
        Value::Null => "`null`".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("The number {}", shortened(&number.to_string())),
        Value::String(text) => format!("The text `{}`", shortened(text)),
        Value::Array(_) => "A list".to_owned(),
        Value::Object(_) => "An object".to_owned(),
    }
}

/// The JSON pointer (RFC 6901) of a path.
fn pointer_of(path: &Path) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => {
            format!("/{}", key.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => String::new(),
    };
    path.iter().map(segment).collect()
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

fn problem(code: ProblemCode, message: String, expected: Option<String>, place: Place) -> Problem {
    Problem { code, severity: Severity::Error, message, expected, place }
}

fn refusal(problems: Vec<Problem>) -> Refusal {
    Refusal { code: ProblemCode::InvalidDocument, detail: String::new(), problems, report: None }
}

#[cfg(test)]
mod tests;
