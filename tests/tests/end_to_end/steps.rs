//! What the people of these tests do again and again.

use serde_json::{Value, json};
use tests::{Answer, Client, Request, Server, TestClock};
use uuid::Uuid;

use crate::people::{anna, ben, office_of_london};

/// Nine lines of Southwark's plan, “Tackling violent crime”, as CSV.
pub const LINES_OF_SOUTHWARK: &str = include_str!("../../../openapi/examples/southwark-fy2008-09.csv");

/// A day on which the collection `fy2008-09` is open and not yet due.
pub const IN_TIME: &str = "2009-06-15T09:00:00Z";

/// Some of the same lines as JSON: three national indicators, and the local `LI 1`.
pub fn return_of_southwark() -> Value {
    with_lines(&json!([
        {
            "source_row": "1", "indicator": "NI 15", "period": "FY2008-09",
            "actual": { "value": 2.29, "as_printed": "2.29", "numerator": 629 },
            "comment": "629 offences"
        },
        {
            "source_row": "3", "indicator": "NI 16", "period": "FY2008-09",
            "actual": { "value": 29.24, "as_printed": "29.24", "numerator": 8024 },
            "baseline": { "value": 34.56, "as_printed": "34.56", "numerator": 9306, "period": "FY2007-08" },
            "target": { "value": -2.1, "as_printed": "-2.1%", "form": "RELATIVE_CHANGE" },
            "reported_light": { "light": "GREEN", "as_printed": "G" }
        },
        {
            "source_row": "4", "indicator": "NI 20", "period": "FY2008-09",
            "actual": { "value": 10.1, "as_printed": "10.1", "numerator": 2772 },
            "baseline": { "missing": "BASELINE_PENDING", "expected": "FY2008-09", "period": "FY2007-08" }
        },
        {
            "source_row": "9", "indicator": "LI 1", "period": "FY2008-09",
            "actual": { "value": 1712, "as_printed": "1,712" }
        }
    ]))
}

/// A return of Southwark with these lines.
pub fn with_lines(lines: &Value) -> Value {
    json!({ "partnership": "southwark", "collection": "fy2008-09", "lines": lines })
}

/// A return of Southwark with one line: serious acquisitive crime in 2008/09.
pub fn ni_16_of(value: &Value) -> Value {
    with_lines(
        &json!([{ "source_row": "3", "indicator": "NI 16", "period": "FY2008-09", "actual": { "value": value } }]),
    )
}

/// A return of Lambeth with one line.
pub fn return_of_lambeth() -> Value {
    let line = json!({ "indicator": "NI 16", "period": "FY2008-09", "actual": { "value": 33.1 } });
    json!({ "partnership": "lambeth", "collection": "fy2008-09", "lines": [line] })
}

/// A write with a key of its own.
pub fn keyed(request: Request) -> Request {
    request.header("idempotency-key", &Uuid::new_v4().to_string())
}

/// Posts a return.
pub fn post(client: &Client, body: &Value) -> Request {
    keyed(client.post("/v1/returns").json(body))
}

/// Takes a return one step (`submit`, `sign-off`) further, from the version that `etag` names.
pub fn step(client: &Client, id: &str, step: &str, etag: &str) -> Request {
    client.post(&format!("/v1/returns/{id}/{step}")).header("if-match", etag)
}

/// As [`step`], for steps that need a reason.
pub fn step_with_reason(client: &Client, id: &str, name: &str, etag: &str, reason: &str) -> Request {
    step(client, id, name, etag).json(&json!({ "reason": reason }))
}

/// The identifier of the return that a receipt is for.
pub fn return_id(receipt: &Answer) -> String {
    receipt.at("/return/id").as_str().unwrap().to_owned()
}

/// Anna posts a return; its identifier.
pub async fn drafted(server: &Server, body: &Value) -> String {
    return_id(&post(&anna(server), body).await.expect(201))
}

/// Anna posts and submits a return; its identifier. It is at version 2.
pub async fn submitted(server: &Server, body: &Value) -> String {
    let id = drafted(server, body).await;
    step(&anna(server), &id, "submit", "\"1\"").await.expect(200);
    id
}

/// Anna posts and submits a return, and Ben signs it off; its identifier. It is at version 3.
pub async fn signed_off(server: &Server, body: &Value) -> String {
    let id = submitted(server, body).await;
    step(&ben(server), &id, "sign-off", "\"2\"").await.expect(200);
    id
}

/// Anna reopens a released return.
pub fn reopen(server: &Server, id: &str, reason: &str) -> Request {
    keyed(anna(server).post(&format!("/v1/returns/{id}/revisions")).json(&json!({ "reason": reason })))
}

/// Anna reopens a released return, replaces its lines and submits it, and Ben signs it off; the identifier of the revision,
/// which is at version 4.
pub async fn revised(server: &Server, id: &str, body: &Value) -> String {
    let reopened = reopen(server, id, "A mistake was found.").await.expect(201);
    let revision = reopened.at("/id").as_str().unwrap().to_owned();
    let place = format!("/v1/returns/{revision}");
    anna(server).put(&place).header("if-match", "\"1\"").json(body).await.expect(200);
    step(&anna(server), &revision, "submit", "\"2\"").await.expect(200);
    step(&ben(server), &revision, "sign-off", "\"3\"").await.expect(200);
    revision
}

/// Releases a return at once.
pub fn release(client: &Client, id: &str) -> Request {
    keyed(client.post("/v1/releases").json(&json!({ "returns": [id] })))
}

/// Releases a return at an instant.
pub fn release_at(client: &Client, id: &str, effective_at: &str) -> Request {
    keyed(client.post("/v1/releases").json(&json!({ "returns": [id], "effective_at": effective_at })))
}

/// Lets a test clock pass what has just been released at once.
pub fn pass_the_margin(clock: &TestClock) {
    clock.advance(std::time::Duration::from_secs(1));
}

/// The nine lines of Southwark's plan are posted, signed off and released; the identifier of their return.
pub async fn published_plan(server: &Server, clock: &TestClock) -> String {
    let post = anna(server).post("/v1/returns?partnership=southwark&collection=fy2008-09");
    let id = return_id(&keyed(post.body("text/csv", LINES_OF_SOUTHWARK)).await.expect(201));
    step(&anna(server), &id, "submit", "\"1\"").await.expect(200);
    step(&ben(server), &id, "sign-off", "\"2\"").await.expect(200);
    release(&office_of_london(server), &id).await.expect(201);
    release(&anna(server), &id).await.expect(201);
    pass_the_margin(clock);
    id
}

/// Each item of a list, by one of its members.
pub fn pluck(list: &Value, member: &str) -> Vec<Value> {
    let items = list.as_array().unwrap_or_else(|| panic!("{list} is not a list"));
    items.iter().map(|item| item.pointer(member).cloned().unwrap_or(Value::Null)).collect()
}

/// The cells of a column of a CSV answer whose cells hold no quotes up to that column.
pub fn column(csv: &str, name: &str) -> Vec<String> {
    let mut lines = csv.split("\r\n");
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let at = header.iter().position(|column| *column == name).unwrap_or_else(|| panic!("no column {name} in {csv}"));
    lines.filter(|line| !line.is_empty()).map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}
