//! Examples of answers: those that the demo gives, kept in `openapi/examples/answers.json`.

use std::sync::LazyLock;

use exchange::ProblemCode;
use serde_json::{Value, json};

use crate::failure::ProblemDocument;

/// By the id of the operation.
static ANSWERS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../openapi/examples/answers.json")).unwrap_or_default());

/// Adds examples to an answer that has none.
pub fn of_answer(operation: &str, status: &str, response: &mut Value) {
    for (kind, content) in response.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
        if content.get("example").is_some() || content.get("examples").is_some() {
            continue;
        }
        let known = match kind.as_str() {
            "application/problem+json" => problem(status),
            kind => ANSWERS.pointer(&format!("/{operation}/{}", kind.replace('/', "~1"))).cloned(),
        };
        if let Some(example) = known {
            content["example"] = example;
        }
    }
}

/// Adds an example to a body that is sent, if it has none.
pub fn of_body(operation: &str, body: &mut Value) {
    let Some(content) = body.pointer_mut("/content/application~1json") else { return };
    let example = match operation {
        "createReturn" | "replaceReturn" => serde_json::from_str(RETURN).ok(),
        "createRelease" => serde_json::from_str(RELEASE).ok(),
        // What is put is what is read.
        _ => operation.strip_prefix("put").and_then(|document| {
            let (read, part) = match document {
                "Definition" => ("getIndicator", "/definitions/0"),
                "Break" => ("getIndicator", "/breaks/0"),
                "Indicator" => return Some(json!({ "code": "NI 16", "aliases": [], "links": [], "agreements": [] })),
                _ => ("", ""),
            };
            let read = if read.is_empty() { format!("get{document}") } else { read.to_owned() };
            ANSWERS.pointer(&format!("/{read}/application~1json{part}")).cloned()
        }),
    };
    if let Some(example) = example
        && content.get("example").is_none()
    {
        content["example"] = example;
    }
}

/// Moves the example of a moment that need not be given into its schema. Pages that fill in the examples of parameters would
/// ask for a moment before anything was known here; now is what is meant without one.
pub fn of_moments(document: &mut Value) {
    let operations = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let operations = operations.filter_map(Value::as_object_mut).flat_map(|methods| methods.values_mut());
    let parameters = operations.filter_map(|operation| operation.get_mut("parameters")?.as_array_mut()).flatten();
    for parameter in parameters {
        let is_moment = matches!(parameter["name"].as_str(), Some("as_of" | "to"));
        if !is_moment || parameter["required"] == true {
            continue;
        }
        if let Some(example) = parameter.as_object_mut().and_then(|members| members.remove("example")) {
            parameter["schema"]["examples"] = json!([example]);
        }
    }
}

/// A return as it is posted, and a release.
const RETURN: &str = include_str!("../../../openapi/examples/southwark-fy2008-09.json");
const RELEASE: &str =
    r#"{ "returns": ["01a20247-173a-773c-991e-e17320aad528"], "effective_at": "2030-01-31T09:30:00Z" }"#;

/// A refusal with a status, such as it may come.
fn problem(status: &str) -> Option<Value> {
    let (code, detail) = match status {
        "400" => (ProblemCode::InvalidParameter, "The parameter `limit` is not valid: 0 is not between 1 and 1000."),
        "401" => (ProblemCode::Unauthenticated, "A bearer token is needed."),
        "403" => (ProblemCode::MissingScope, "The operation needs the scope `returns:write`."),
        "404" => (ProblemCode::NotFound, "There is no partnership `southwerk`."),
        "406" => (ProblemCode::NotAcceptable, "This address offers `application/json` and `text/csv`."),
        "409" => (ProblemCode::WrongState, "The return is SUBMITTED; it can be signed off, sent back or withdrawn."),
        "410" => (ProblemCode::ResyncRequired, "A backup has been restored since the cursor was given."),
        "412" => (ProblemCode::PreconditionFailed, "The return is at version 2."),
        "413" => (ProblemCode::BodyTooLarge, "The body exceeds the server's limit."),
        "415" => (ProblemCode::UnsupportedMediaType, "The body must be `application/json`."),
        "422" => (ProblemCode::InvalidDocument, "`effective_at` is not an instant such as `2009-06-30T09:30:00Z`."),
        "428" => (ProblemCode::PreconditionRequired, "If-Match is missing."),
        "503" => (ProblemCode::NotReady, "The database does not answer."),
        _ => return None,
    };
    Some(json!(ProblemDocument::new(code, detail)))
}
