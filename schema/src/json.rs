//! Between JSON and GraphQL values. A number is carried as its literal's text: deserialising one value as the other
//! would bend it to a binary floating-point number, or take it for an object.

use async_graphql::{Name, Value, Variables};
use serde_json::{Map, Value as Json};

/// The variables of a request.
pub fn variables(given: Map<String, Json>) -> Variables {
    Variables::from_value(from_json(Json::Object(given)))
}

/// A JSON value as a GraphQL value.
pub fn from_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Boolean(flag),
        Json::Number(number) => Value::Number(number),
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(members) => {
            Value::Object(members.into_iter().map(|(name, member)| (Name::new(name), from_json(member))).collect())
        }
    }
}

/// An input object as the JSON that REST takes: names in `snake_case`, and what is null left out.
pub fn as_posted(input: Value) -> Json {
    match input {
        Value::Null => Json::Null,
        Value::Number(number) => Json::Number(number),
        Value::String(text) => Json::String(text),
        Value::Boolean(flag) => Json::Bool(flag),
        Value::Binary(bytes) => Json::String(String::from_utf8_lossy(&bytes).into_owned()),
        Value::Enum(word) => Json::String(word.to_string()),
        Value::List(items) => Json::Array(items.into_iter().map(as_posted).collect()),
        Value::Object(members) => {
            let given = members.into_iter().filter(|(_, member)| *member != Value::Null);
            Json::Object(given.map(|(name, member)| (snake_case(&name), as_posted(member))).collect())
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decimals_of_a_variable_survive() {
        let given = serde_json::from_str(r#"{"input":{"value":52.40}}"#).unwrap();
        assert_eq!(serde_json::to_string(&variables(given)).unwrap(), r#"{"input":{"value":52.40}}"#);
    }

    #[test]
    fn an_input_is_posted_in_the_spelling_of_rest() {
        let input = serde_json::json!({ "sourceRow": "1", "targetWithStretch": { "asPrinted": "2.29", "form": null } });
        let posted = serde_json::json!({ "source_row": "1", "target_with_stretch": { "as_printed": "2.29" } });
        assert_eq!(as_posted(from_json(input)), posted);
    }
}
