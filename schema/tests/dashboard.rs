//! What a dashboard and a partnership's system do over GraphQL, against a database of their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response};
use exchange::{
    Caller, Clock, Exchange, Scope, Settings, rules::metadata::Document, store::Database, vocabulary::MetadataFamily,
};
use schema::{ExchangeSchema, Session};
use serde_json::{Value, json};
use tempfile::TempDir;

const TOWNS: [&str; 5] = ["aldbury", "barford", "calne", "dunton", "elmswell"];

struct House {
    exchange: Arc<Exchange>,
    schema: ExchangeSchema,
    _folder: TempDir,
}

impl House {
    /// An exchange that knows five partnerships of one region, two indicators and one collection.
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("exchange.sqlite").display());
        let database = Database::connect(&url, 4).await.unwrap();
        database.migrate().await.unwrap();
        let settings = Settings { margin: Duration::from_millis(50) };
        let exchange = Arc::new(Exchange::new(database, Clock::System, settings));
        let house = Self { schema: schema::build(Arc::clone(&exchange)), exchange, _folder: folder };
        let caller = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
        house.exchange.put_metadata(&caller, catalogue()).await.unwrap();
        house
    }

    async fn answer(&self, caller: &Caller, query: &str, variables: Value) -> Response {
        let Value::Object(variables) = variables else { panic!("variables are an object") };
        let session = Session::new(Arc::clone(&self.exchange), Arc::new(caller.clone()));
        self.schema.execute(Request::new(query).variables(schema::variables(variables)).data(session)).await
    }

    async fn data(&self, caller: &Caller, query: &str, variables: Value) -> Value {
        let response = self.answer(caller, query, variables).await;
        assert_eq!(response.errors, []);
        serde_json::from_str::<Value>(&serde_json::to_string(&response).unwrap()).unwrap()["data"].take()
    }

    async fn refusal(&self, caller: &Caller, query: &str, variables: Value) -> Value {
        let response = self.answer(caller, query, variables).await;
        assert_eq!(response.errors.len(), 1, "{response:?}");
        serde_json::to_value(&response.errors[0]).unwrap()
    }

    async fn publish(&self, town: &str, value: &str) {
        let create = "mutation ($input: ReturnInput!) { createReturn(input: $input, idempotencyKey: \"12345678\") {
            return { id version state partnership { name } } report { outcome errors } } }";
        let actual = json!({ "value": number(value), "asPrinted": value });
        let line = json!({ "indicator": "NI15", "period": "2008/09", "actual": actual });
        let input = json!({ "partnership": town, "collection": "fy2008-09", "lines": [line] });
        let created = self.data(&respondent(town), create, json!({ "input": input })).await;
        let created = &created["createReturn"]["return"];
        assert_eq!((&created["state"], &created["version"]), (&json!("DRAFT"), &json!(1)));

        let id = &created["id"];
        let submit = "mutation ($id: UUID!) { submitReturn(id: $id, version: 1) { state } }";
        self.data(&respondent(town), submit, json!({ "id": id })).await;
        let sign_off = "mutation ($id: UUID!) { signOffReturn(id: $id, version: 2) { state signedOffBy } }";
        let signed = self.data(&somebody_of(town, "head"), sign_off, json!({ "id": id })).await;
        assert_eq!(signed["signOffReturn"], json!({ "state": "SIGNED_OFF", "signedOffBy": format!("head of {town}") }));
        let release = "mutation ($id: UUID!) { release(input: { returns: [$id] }, idempotencyKey: \"12345678\") {
            audience returns { partnership { code } parts } } }";
        let office = Caller::identified(format!("office of {town}"));
        let office = office.with_scopes([Scope::ReleasesWrite]).for_regions(["R1"]);
        let released = self.data(&office, release, json!({ "id": id })).await;
        let parts = json!([{ "partnership": { "code": town }, "parts": ["RETURN_NATIONAL"] }]);
        assert_eq!(released["release"], json!({ "audience": "PUBLIC", "returns": parts }));
    }
}

/// A number with the digits of a text.
fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn respondent(town: &str) -> Caller {
    somebody_of(town, "system")
}

/// Somebody who speaks for a partnership.
fn somebody_of(town: &str, who: &str) -> Caller {
    let scopes = [Scope::ReturnsRead, Scope::ReturnsWrite, Scope::ReturnsSignOff];
    Caller::identified(format!("{who} of {town}")).with_scopes(scopes).for_partnerships([town])
}

fn catalogue() -> Vec<Document> {
    use MetadataFamily::{Area, Collection, Definition, Indicator, Partnership, PeerGroup};
    let mut documents = vec![(Area, json!({ "code": "R1", "name": "Anyshire", "kind": "REGION", "fictional": true }))];
    for town in TOWNS {
        let area = town.to_uppercase();
        documents.push((
            Area,
            json!({ "code": area, "name": town, "kind": "PARTNERSHIP_AREA", "within": ["R1"], "fictional": true }),
        ));
        documents.push((
            Partnership,
            json!({ "code": town, "name": format!("Safer {town}"), "area": area, "region": "R1", "fictional": true }),
        ));
    }
    documents.extend([
        (Indicator, json!({ "code": "NI 15", "aliases": ["VSC1"] })),
        (Indicator, json!({ "code": "LI 1", "owner": "aldbury" })),
        (
            Definition,
            json!({ "indicator": "NI 15", "valid_from": "2008-04-01", "title": "Serious violent crime rate",
                "unit": "RATE", "per": 1000, "denominator": "population", "decimals": 2,
                "polarity": "LOWER_IS_BETTER", "aggregation": "SUM" }),
        ),
        (
            PeerGroup,
            json!({ "code": "aldbury-msg", "name": "Group of Aldbury", "owner": "aldbury", "members": TOWNS,
                "valid_from": "2008-04-01" }),
        ),
        (
            Collection,
            json!({ "code": "fy2008-09", "name": "2008/09", "periods": ["FY2008-09"], "opens": "2009-04-01",
                "due": "2009-06-30" }),
        ),
    ]);
    let document = |(family, json): (_, Value)| Document::from_json(family, &json.to_string()).unwrap();
    documents.into_iter().map(document).collect()
}

#[tokio::test]
async fn figures_of_all_partnerships_take_as_many_statements_as_those_of_one() {
    let house = House::new().await;
    for (town, value) in TOWNS.into_iter().zip(["1.00", "2.50", "2.50", "0.90", "3.10"]) {
        house.publish(town, value).await;
    }
    let query = "query ($first: Int) { partnerships(first: $first) { pageInfo { hasNextPage } nodes { code
        actuals(indicators: [\"VSC1\"], periods: [\"2008/09\"]) { value asPrinted unit per indicator { code }
            period { code label } partnership { code area { name within { name } } } } } } }";
    let nobody = Caller::anonymous();
    let statements = async |first: u32| {
        let before = house.exchange.database().statements();
        let answer = house.data(&nobody, query, json!({ "first": first })).await;
        (house.exchange.database().statements() - before, answer)
    };
    statements(5).await;
    let (of_one, _) = statements(1).await;
    let (of_all, answer) = statements(5).await;
    assert_eq!(of_all, of_one);

    let barford = &answer["partnerships"]["nodes"][1];
    let figure = json!({ "value": number("2.50"), "asPrinted": "2.50", "unit": "RATE",
        "per": 1000, "indicator": { "code": "NI 15" }, "period": { "code": "FY2008-09", "label": "2008/09" },
        "partnership": { "code": "barford", "area": { "name": "barford", "within": [{ "name": "Anyshire" }] } } });
    assert_eq!(barford["actuals"], json!([figure]));

    let compare =
        "{ comparison(partnership: \"aldbury\", indicators: [\"NI 15\"], periods: [\"FY2008-09\"]) { comparisons {
        coverage average members { rank tied partnership { code } } peerGroup { owner { code } } } } }";
    let compared = house.data(&nobody, compare, json!({})).await;
    let comparison = &compared["comparison"]["comparisons"][0];
    assert_eq!((&comparison["coverage"], &comparison["average"]), (&json!("5 of 5 used"), &number("2.00")));
    let ranks: Vec<_> = comparison["members"].as_array().unwrap().iter().map(|member| &member["rank"]).collect();
    assert_eq!(ranks, [2, 3, 3, 1, 5]);
}

#[tokio::test]
async fn a_bad_return_is_told_everything_that_is_wrong_with_it() {
    let house = House::new().await;
    let create = "mutation ($input: ReturnInput!) { createReturn(input: $input, idempotencyKey: \"12345678\") {
        report { id } } }";
    let lines = json!([
        { "indicator": "NI 1S", "period": "FY2008-09", "actual": { "value": 1 } },
        { "indicator": "NI 15", "period": "FY2008-09", "actual": { "value": number("0.12345678") } },
        { "actual": { "value": "n/a" } },
    ]);
    let input = json!({ "partnership": "aldbury", "collection": "fy2008-09", "lines": lines });
    let refusal = house.refusal(&respondent("aldbury"), create, json!({ "input": input })).await;
    let extensions = &refusal["extensions"];
    assert_eq!((&extensions["code"], &extensions["status"]), (&json!("RETURN_REFUSED"), &json!(422)));
    let found: Vec<(&str, &str)> = extensions["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["severity"] == "ERROR")
        .map(|problem| (problem["code"].as_str().unwrap(), problem["place"]["pointer"].as_str().unwrap()))
        .collect();
    let expected = [
        ("NOT_IN_CATALOGUE", "/lines/0/indicator"),
        ("TOO_MANY_DIGITS", "/lines/1/actual/value"),
        ("NOT_A_NUMBER", "/lines/2/actual/value"),
        ("REQUIRED_FIELD", "/lines/2/indicator"),
        ("REQUIRED_FIELD", "/lines/2/period"),
    ];
    for problem in expected {
        assert!(found.contains(&problem), "{problem:?} is not in {found:?}");
    }

    let read = "query ($id: UUID!) { report(id: $id) { outcome errors partnership { code } } }";
    let report = house.data(&respondent("aldbury"), read, json!({ "id": extensions["report"]["id"] })).await;
    assert_eq!(report["report"]["outcome"], "REFUSED");
    let strange = house.refusal(&respondent("calne"), read, json!({ "id": extensions["report"]["id"] })).await;
    assert_eq!(strange["extensions"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn what_is_put_is_seen_by_the_next_field_of_the_same_request() {
    let house = House::new().await;
    let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
    let put = "mutation {
        first: putArea(input: { code: \"E1\", name: \"One\", kind: SUB_AREA, within: [\"R1\"] }) { created }
        again: putArea(input: { code: \"E1\", name: \"One\", kind: SUB_AREA, within: [\"R1\"] }) { created unchanged }
    }";
    let answer = house.data(&editor, put, json!({})).await;
    assert_eq!(answer, json!({ "first": { "created": 1 }, "again": { "created": 0, "unchanged": 1 } }));
    let unknown = house.data(&editor, "{ area(code: \"E2\") { code } }", json!({})).await;
    assert_eq!(unknown, json!({ "area": null }));
}

#[tokio::test]
async fn every_error_has_a_code() {
    let house = House::new().await;
    let nobody = Caller::anonymous();
    for (query, code) in [
        ("{ partnerships", "GRAPHQL_PARSE_FAILED"),
        ("{ partnerships { nobody } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ partnerships(first: 1000) { nodes { peerGroups { members { peerGroups { members { name } } } } } } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ partnerships { nodes { comparison(indicators: [\"NI 15\"], periods: [\"2008/09\"]) { state } } } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ partnership(code: \"calne\") { actuals(indicators: [], periods: []) { value } } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ partnerships(after: \"x\") { nodes { name } } }", "INVALID_CURSOR"),
        ("{ state(asOf: \"2999-01-01T00:00:00Z\") { state } }", "FUTURE_AS_OF"),
        ("{ actuals(indicators: [\"NI 999\"]) { nodes { value } } }", "INVALID_PARAMETER"),
        ("{ returns { nodes { id } } }", "UNAUTHENTICATED"),
    ] {
        assert_eq!(house.refusal(&nobody, query, json!({})).await["extensions"]["code"], code, "{query}");
    }
}

#[tokio::test]
async fn a_page_goes_on_where_the_one_before_ended() {
    let house = House::new().await;
    let query = "query ($after: String) { partnerships(first: 3, after: $after, region: \"R1\") {
        edges { cursor node { code } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }";
    let nobody = Caller::anonymous();
    let first = house.data(&nobody, query, json!({})).await;
    let info = &first["partnerships"]["pageInfo"];
    assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)));
    assert_eq!(info["startCursor"], first["partnerships"]["edges"][0]["cursor"]);
    let second = house.data(&nobody, query, json!({ "after": info["endCursor"] })).await;
    assert_eq!(second["partnerships"]["edges"][0]["node"]["code"], "dunton");
    assert_eq!(second["partnerships"]["pageInfo"]["hasNextPage"], false);
}
