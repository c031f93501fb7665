//! What every address may answer besides what is its own: refusals that layers in front of all handlers give, and headers.

use exchange::ProblemCode;
use serde_json::{Map, Value, json};

use super::examples;
use crate::failure::ProblemDocument;

const METHODS: [&str; 3] = ["get", "put", "post"];

/// Refusals that an address may give without knowing of them, with a code for an example.
const COMMON: [(&str, &str, ProblemCode); 8] = [
    ("Unauthenticated", "The token is not valid, or one is needed.", ProblemCode::InvalidToken),
    ("NotAcceptable", "None of the media types in Accept is offered here.", ProblemCode::NotAcceptable),
    (
        "TooLarge",
        "The body exceeds the server's limit, 10 MiB unless its operator says otherwise.",
        ProblemCode::BodyTooLarge,
    ),
    ("NotTaken", "The body is of another media type, or coded.", ProblemCode::UnsupportedMediaType),
    ("TooManyRequests", "Too many requests: go on after as many seconds as Retry-After says.", ProblemCode::Overloaded),
    ("Failed", "The exchange failed, for a reason of its own.", ProblemCode::Internal),
    (
        "Busy",
        "The server is busy or its database does not answer: try again after Retry-After.",
        ProblemCode::Overloaded,
    ),
    ("Refused", "The request was refused: it took too long, or its header was too large.", ProblemCode::RequestTimeout),
];

/// Adds them to a document.
pub fn add(document: &mut Value) {
    let mut paths = document["paths"].take();
    for (path, item) in paths.as_object_mut().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                complete(operation, path, method);
            }
        }
    }
    document["paths"] = paths;
    let used = document["paths"].to_string();
    let mut responses = Map::new();
    for (name, about, code) in COMMON {
        if !used.contains(&format!("\"#/components/responses/{name}\"")) {
            continue;
        }
        let code = match name {
            "TooManyRequests" => ProblemCode::from_slug("rate-limited").unwrap_or(code),
            _ => code,
        };
        let mut response = refusal(about, code);
        if name == "TooManyRequests" || name == "Busy" {
            response["headers"]["Retry-After"] = header("Retry-After");
        }
        add_headers(&mut response, false);
        responses.insert(name.to_owned(), response);
    }
    document["components"]["responses"] = Value::Object(responses);
    document["components"]["headers"] = headers();
}

fn refusal(about: &str, code: ProblemCode) -> Value {
    let example = serde_json::to_value(ProblemDocument::new(code, code.explanation())).unwrap_or_default();
    json!({
        "description": about,
        "headers": {},
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/ProblemDocument" },
            "example": example,
        } },
    })
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

fn complete(operation: &mut Value, path: &str, method: &str) {
    let is_open = operation.get("security").is_some_and(|security| security == &json!([{}]) || security == &json!([]));
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let has_body = operation.get("requestBody").is_some();
    if let Some(body) = operation.get_mut("requestBody") {
        examples::of_body(&id, body);
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let mut wanted = vec![("500", "Failed")];
    if path.starts_with("/v1/") {
        wanted.extend([("406", "NotAcceptable"), ("429", "TooManyRequests")]);
    } else {
        wanted.push(("429", "TooManyRequests"));
    }
    if path != "/healthz" {
        wanted.push(("503", "Busy"));
    }
    if !is_open {
        wanted.push(("401", "Unauthenticated"));
    }
    if has_body {
        wanted.extend([("413", "TooLarge"), ("415", "NotTaken")]);
    }
    if !responses.contains_key("400") && !responses.contains_key("422") {
        wanted.push(("4XX", "Refused"));
    }
    for (status, name) in wanted {
        if !responses.contains_key(status) {
            responses.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
    }
    let is_published = method == "get" && responses.contains_key("304");
    for (status, response) in responses.iter_mut() {
        if response.get("$ref").is_some() {
            continue;
        }
        add_headers(response, is_published && (status == "200" || status == "304"));
        examples::of_answer(&id, status, response);
    }
    sort(responses);
}

fn add_headers(response: &mut Value, is_published: bool) {
    if !response["headers"].is_object() {
        response["headers"] = json!({});
    }
    let headers = &mut response["headers"];
    for name in ["RateLimit", "RateLimit-Policy", "Access-Control-Allow-Origin", "X-Request-Id"] {
        headers[name] = header(name);
    }
    if is_published {
        for name in ["ETag", "Link", "Exchange-State", "Cache-Control", "Vary"] {
            headers[name] = header(name);
        }
    }
}

fn headers() -> Value {
    let text = |about: &str, example: &str, longest: u32| json!({ "description": about, "schema": { "type": "string", "maxLength": longest, "pattern": "^[ -~]*$" }, "example": example });
    json!({
        "RateLimit": text("What is left of the limit of requests (draft-ietf-httpapi-ratelimit-headers); only where the operator sets one.", "\"default\";r=49;t=1", 1000),
        "RateLimit-Policy": text("The limit of requests (draft-ietf-httpapi-ratelimit-headers); only where the operator sets one.", "\"default\";q=50;w=1", 1000),
        "Retry-After": { "description": "In how many seconds to try again.", "schema": { "type": "integer", "format": "int32", "minimum": 0, "maximum": 86400 }, "example": 1 },
        "Access-Control-Allow-Origin": text("The site whose page asked, if the operator lets it (CORS).", "https://dashboard.example", 1000),
        "X-Request-Id": text("Finds the request in the server's log; the client's own, if it sent one.", "01a20247-173a-773c-991e-e17320aad528", 128),
        "ETag": text("Strong: equal tags, equal bytes. For If-None-Match.", "\"7vJhw48JPync_Jy9qijqqg\"", 100),
        "Link": text("The next page (`next`), the same in another form (`alternate`), what a table's columns hold (`describedby`), and the licence of the data (`license`).", "</v1/actuals.csv>; rel=\"alternate\"; type=\"text/csv\"", 20000),
        "Exchange-State": text("The state of the ledger that the answer speaks of.", "107-1795364233208665", 1000),
        "Cache-Control": text("What may be kept, and by whom.", "public, no-cache", 100),
        "Vary": text("The request headers that the answer depends on.", "Accept, Accept-Encoding, Authorization", 100),
    })
}

/// In the order of their statuses.
fn sort(responses: &mut Map<String, Value>) {
    let mut all: Vec<(String, Value)> = std::mem::take(responses).into_iter().collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    responses.extend(all);
}
