//! The same requests on SQLite and on PostgreSQL give the same answers: order, digits, words and problems.

use serde_json::{Value, json};
use tests::{Database, Engine};
use uuid::Uuid;

use crate::loaded::{INDICATORS, Loaded, YEARS};

/// A text with what may differ between two databases of the same content masked: identifiers, instants, cursors and the
/// state of the ledger.
fn masked(text: &str) -> String {
    let is_state = |text: &str| {
        let parts = text.split_once('-');
        parts.is_some_and(|(count, micros)| {
            micros.len() == 16 && [count, micros].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        })
    };
    let bytes = text.as_bytes();
    if Uuid::parse_str(text).is_ok() {
        "an identifier".to_owned()
    } else if bytes.len() >= 20 && bytes[10] == b'T' && text.ends_with('Z') && bytes[..4].iter().all(u8::is_ascii_digit)
    {
        "an instant".to_owned()
    } else if is_state(text) {
        "a state".to_owned()
    } else {
        text.to_owned()
    }
}

fn masked_json(value: &Value) -> Value {
    match value {
        Value::String(text) => masked(text).into(),
        Value::Array(items) => items.iter().map(masked_json).collect(),
        Value::Object(members) => {
            let cursors = ["next", "cursor", "endCursor", "startCursor"];
            let members = members.iter().map(|(name, value)| {
                let value = if cursors.contains(&name.as_str()) && value.is_string() {
                    json!("a cursor")
                } else {
                    masked_json(value)
                };
                (name.clone(), value)
            });
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

async fn both() -> Option<[Loaded; 2]> {
    let postgres = Database::fresh(Engine::Postgres)?;
    let sqlite = Database::fresh(Engine::Sqlite)?;
    Some([Loaded::over(sqlite).await, Loaded::over(postgres).await])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rest_answers_alike_on_both_databases() {
    let Some([sqlite, postgres]) = both().await else { return };
    let paths = [
        "/v1/partnerships?limit=1000".to_owned(),
        "/v1/partnerships?limit=7".to_owned(),
        "/v1/partnerships/southwark".to_owned(),
        "/v1/indicators?limit=1000".to_owned(),
        "/v1/indicators/NI 49".to_owned(),
        "/v1/areas?limit=1000".to_owned(),
        "/v1/peer-groups?limit=1000".to_owned(),
        "/v1/collections".to_owned(),
        "/v1/figures?limit=1000".to_owned(),
        "/v1/figures?partnerships=southwark&limit=1000".to_owned(),
        "/v1/figures?partnerships=southwark,fictional-kestrelby,fictional-larkwold&limit=1000".to_owned(),
        "/v1/figures?kinds=BASELINE,REPORTED_CHANGE&limit=1000".to_owned(),
        "/v1/actuals?indicators=NI 16,NI 21&periods=FY2011-12&limit=1000".to_owned(),
        "/v1/actuals?periods=1066/67".to_owned(),
        "/v1/targets?partnerships=fictional-vellumby".to_owned(),
        "/v1/partnerships/southwark/comparison?indicators=NI 15,NI 16,NI 20,LI 1&periods=FY2007-08,FY2008-09"
            .to_owned(),
        format!("/v1/partnerships/fictional-duskwater/comparison?indicators={INDICATORS}&periods={YEARS}"),
        "/v1/partnerships/nobody/comparison?indicators=NI 16&periods=FY2008-09".to_owned(),
        "/v1/actuals?indicators=NI 999".to_owned(),
        "/v1/actuals?periods=Sep-08".to_owned(),
        "/v1/actuals?cursor=x".to_owned(),
        "/v1/actuals?partnerships=nobody".to_owned(),
        "/v1/actuals?as_of=2000-01-01T00:00:00Z".to_owned(),
        "/v1/partnerships?as_of=2000-01-01T00:00:00Z".to_owned(),
        "/v1/partnerships?limit=0".to_owned(),
        "/v1/returns".to_owned(),
        "/v1/problems".to_owned(),
    ];
    for path in paths {
        for accept in ["application/json", "text/csv"] {
            let (one, other) = (sqlite.read(&path, accept).await, postgres.read(&path, accept).await);
            assert_eq!(one.status, other.status, "{path} as {accept}");
            assert!(!one.status.is_server_error(), "{path} as {accept}: {}", one.body);
            if one.body.starts_with(['{', '[']) {
                assert_eq!(masked_json(&one.json()), masked_json(&other.json()), "{path} as {accept}");
            } else {
                let rows = |(header, rows): (Vec<String>, Vec<Vec<String>>)| -> Vec<Vec<String>> {
                    let masked_row = |row: Vec<String>| row.iter().map(|cell| masked(cell)).collect();
                    std::iter::once(header).chain(rows).map(masked_row).collect()
                };
                assert_eq!(rows(one.csv()), rows(other.csv()), "{path} as {accept}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphql_answers_alike_on_both_databases() {
    let Some([sqlite, postgres]) = both().await else { return };
    let documents = [
        "{ partnerships(first: 1000) { edges { cursor node { code name fictional area { code } region { code } } }
            pageInfo { hasNextPage endCursor startCursor } } }",
        "{ indicators(first: 1000) { nodes { qualifiedCode scheme aliases links { kind code indicator { code } }
            definitions { validFrom title unit decimals polarity } breaks { date reason } } } }",
        "{ areas(first: 1000) { nodes { code oldCode within { code } partnerships { code } populations { year people } } } }",
        "{ peerGroups { nodes { code owner { code } members { code } validFrom } } }",
        "{ figures(first: 1000) { nodes { value asPrinted comment status missing light publishedAt returnId
            indicator { qualifiedCode } period { code label } partnership { code } } } }",
        r#"{ comparison(partnership: "southwark", indicators: ["NI 16", "LI 1"], periods: ["FY2008-09"], rankOrder: HIGHEST_FIRST) {
            state comparisons { average coverage members { value leftOut rank change { relative points } }
            reported { rank rankAsPrinted position ownChange regionalChange } } } }"#,
        r#"{ partnership(code: "fictional-kestrelby") { actuals(indicators: ["NI 16"], periods: ["2008/09", "2009/10 Q2"]) {
            value numerator denominator } } }"#,
        r#"{ comparison(partnership: "nobody", indicators: ["NI 16"], periods: ["FY2008-09"]) { state } }"#,
        r#"{ actuals(periods: ["Sep-08"]) { nodes { value } } }"#,
        "{ returns { nodes { id } } }",
        "{ nothing }",
        "{ figures(first: 1001) { nodes { value } } }",
    ];
    for document in documents {
        let (one, other) =
            (sqlite.try_graphql(document, &Value::Null).await, postgres.try_graphql(document, &Value::Null).await);
        assert_eq!(one.status, other.status, "{document}");
        assert_eq!(masked_json(&one.json()), masked_json(&other.json()), "{document}");
        assert!(!one.body.contains("INTERNAL"), "{document}: {}", one.body);
    }
}
