//! What the words of closed lists mean: the GraphQL schema says it of each, and this document of the list.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Describes the words of every list in a document.
pub fn describe(document: &mut Value) {
    let meanings = meanings(&schema::sdl());
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        let Some(words) = schema.get("enum").and_then(Value::as_array).cloned() else { continue };
        let Some(known) = meanings.get(name.as_str()) else { continue };
        let of = |word: &Value| word.as_str().and_then(|word| known.get(word)).cloned().unwrap_or_default();
        let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let list: Vec<String> = words
            .iter()
            .filter(|word| !of(word).is_empty())
            .map(|word| format!("- `{}`: {}", word.as_str().unwrap_or_default(), of(word)))
            .collect();
        let about = format!("{about}\n\n{}", list.join("\n"));
        let meant: Vec<String> = words.iter().map(of).collect();
        schema["description"] = json!(about.trim());
        schema["x-enum-descriptions"] = json!(meant);
    }
}

/// What each word of each list means, by list and word.
fn meanings(sdl: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let (mut list, mut about, mut is_about) = (None::<String>, String::new(), false);
    for line in sdl.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("enum ") {
            list = Some(name.trim_end_matches('{').trim().to_owned());
        } else if line == "}" {
            list = None;
        } else if line.starts_with("\"\"\"") {
            is_about = !is_about;
            if is_about {
                about.clear();
            }
        } else if is_about {
            if !about.is_empty() {
                about.push(' ');
            }
            about.push_str(line);
        } else if let Some(list) = &list {
            let word = line.split_whitespace().next().unwrap_or_default().to_owned();
            all.entry(list.clone()).or_default().insert(word, std::mem::take(&mut about));
        }
    }
    all
}
