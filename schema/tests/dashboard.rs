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

/// The margin of publications here.
const MARGIN: Duration = Duration::from_millis(50);

impl House {
    /// An exchange that knows five partnerships of one region, two indicators and one collection.
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("exchange.sqlite").display());
        let database = Database::connect(&url, 4).await.unwrap();
        database.migrate().await.unwrap();
        let settings = Settings { margin: MARGIN };
        let exchange = Arc::new(Exchange::new(database, Clock::System, settings));
        let house = Self {
            schema: schema::build(Arc::clone(&exchange), schema::Settings::default()),
            exchange,
            _folder: folder,
        };
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
        self.publish_with(town, value, 1).await;
    }

    /// Publishes a return that prints a comparison so many times.
    async fn publish_with(&self, town: &str, value: &str, comparisons: usize) {
        let create = "mutation ($input: ReturnInput!) { createReturn(input: $input, idempotencyKey: \"12345678\") {
            return { id version state partnership { name } } report { outcome errors } } }";
        let actual = json!({ "value": number(value), "asPrinted": value });
        let line = json!({ "indicator": "NI15", "period": "2008/09", "actual": actual });
        let reported =
            json!({ "indicator": "NI15", "period": "2008/09", "rank": 2, "groupSize": 5, "rankAsPrinted": "2/5" });
        let input = json!({ "partnership": town, "collection": "fy2008-09", "lines": [line],
            "reportedComparisons": vec![reported; comparisons] });
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
            audience returns { partnership { code } schemes } } }";
        let office = Caller::identified(format!("office of {town}"));
        let office = office.with_scopes([Scope::ReleasesWrite]).for_regions(["R1"]);
        let released = self.data(&office, release, json!({ "id": id })).await;
        let parts = json!([{ "partnership": { "code": town }, "schemes": ["NI"] }]);
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
        // Longer than a look at the ledger is good for: each of them takes its own.
        tokio::time::sleep(MARGIN).await;
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

const PUT: &str =
    "mutation ($documents: [MetadataInput!]!) { putMetadata(documents: $documents) { created unchanged effectiveAt } }";

/// A part of the region.
fn part_of_anyshire(code: &str) -> Value {
    json!({ "area": { "code": code, "name": code, "kind": "SUB_AREA", "within": ["R1"] } })
}

#[tokio::test]
async fn documents_that_name_each_other_are_put_together() {
    let house = House::new().await;
    let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
    let group = json!({ "peerGroup": { "code": "frome-msg", "name": "Group of Frome", "owner": "frome",
        "members": ["frome", "calne"], "validFrom": "2008-04-01" } });
    let town = json!({ "partnership": { "code": "frome", "name": "Safer Frome", "area": "FROME", "region": "R1" } });
    let area = json!({ "area": { "code": "FROME", "name": "Frome", "kind": "PARTNERSHIP_AREA", "within": ["R1"] } });
    let documents = json!({ "documents": [group, town, area] });
    let put = house.data(&editor, PUT, documents.clone()).await;
    assert_eq!((&put["putMetadata"]["created"], &put["putMetadata"]["unchanged"]), (&json!(3), &json!(0)));
    let again = house.data(&editor, PUT, documents).await;
    let nothing = json!({ "created": 0, "unchanged": 3, "effectiveAt": null });
    assert_eq!(again["putMetadata"], nothing);
    let read = "{ partnership(code: \"frome\") { area { name } peerGroups { members { code } } } }";
    let frome = house.data(&Caller::anonymous(), read, json!({})).await;
    assert_eq!(frome["partnership"]["area"]["name"], "Frome");
    assert_eq!(frome["partnership"]["peerGroups"][0]["members"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_document_that_is_refused_is_named_by_its_place_in_the_list() {
    let house = House::new().await;
    let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
    let town = json!({ "partnership": { "code": "frome", "name": "Safer Frome", "area": "FROME" } });
    let group = json!({ "peerGroup": { "code": "g", "name": "Group", "owner": "calne", "members": ["calne"],
        "validFrom": "2009-04-01", "validTo": "2008-04-01" } });
    let documents = json!({ "documents": [part_of_anyshire("E1"), group, town] });
    let refusal = house.refusal(&editor, PUT, documents).await;
    let extensions = &refusal["extensions"];
    assert_eq!(extensions["code"], "INVALID_DOCUMENT");
    let problems = extensions["problems"].as_array().unwrap();
    let told: Vec<_> = problems.iter().map(|problem| problem["place"]["pointer"].as_str().unwrap()).collect();
    assert_eq!(told, ["/documents/1/peer_group/valid_to", "/documents/2/partnership/area"], "{problems:?}");
    let unwritten = house.data(&editor, "{ area(code: \"E1\") { code } }", json!({})).await;
    assert_eq!(unwritten, json!({ "area": null }));

    let twice = json!({ "documents": [part_of_anyshire("E1"), part_of_anyshire("e1")] });
    let twice = house.refusal(&editor, PUT, twice).await;
    assert_eq!(twice["extensions"]["problems"][0]["place"]["pointer"], "/documents/1/area");

    let of_aldbury = Caller::identified("aldbury").with_scopes([Scope::MetadataWrite]).for_partnerships(["aldbury"]);
    let [own, foreign] = ["aldbury", "calne"].map(|owner| json!({ "indicator": { "code": "LI 2", "owner": owner } }));
    let refusal = house.refusal(&of_aldbury, PUT, json!({ "documents": [own, foreign] })).await;
    assert_eq!(refusal["extensions"]["code"], "NOT_YOUR_PARTNERSHIP");
    assert_eq!(refusal["extensions"]["problems"][0]["place"]["pointer"], "/documents/1/indicator");
}

#[tokio::test]
async fn two_hundred_documents_are_the_most_of_one_request() {
    let house = House::new().await;
    let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
    let parts = |count: usize| (0..count).map(|n| part_of_anyshire(&format!("E{n}"))).collect::<Vec<_>>();
    let refusal = house.refusal(&editor, PUT, json!({ "documents": parts(201) })).await;
    assert_eq!(refusal["message"], "201 documents are too many: 200 are the most.");
    assert_eq!(refusal["extensions"]["code"], "INVALID_DOCUMENT");
    assert_eq!(refusal["extensions"]["problems"][0]["place"]["pointer"], "/documents");
    // What is wrong with the list is nothing to somebody who may not put any.
    for (caller, code) in [(Caller::anonymous(), "UNAUTHENTICATED"), (respondent("calne"), "MISSING_SCOPE")] {
        let refusal = house.refusal(&caller, PUT, json!({ "documents": parts(201) })).await;
        assert_eq!(refusal["extensions"]["code"], code);
    }
    let put = house.data(&editor, PUT, json!({ "documents": parts(200) })).await;
    assert_eq!(put["putMetadata"]["created"], 200);
}

#[tokio::test]
async fn a_document_is_exactly_one_of_its_kinds() {
    let house = House::new().await;
    let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
    let area = part_of_anyshire("E1");
    let mut both = area.clone();
    both["indicator"] = json!({ "code": "NI 16" });
    for wrong in [both, json!({}), json!({ "area": null }), json!({ "areas": {} })] {
        let refusal = house.refusal(&editor, PUT, json!({ "documents": [area, wrong] })).await;
        assert_eq!(refusal["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
        assert!(refusal["message"].as_str().unwrap().contains("\"documents.1"), "{wrong}: {refusal}");
    }
    let ask = "{ __type(name: \"MetadataInput\") { isOneOf inputFields { name } } }";
    let kinds = house.data(&editor, ask, json!({})).await;
    assert_eq!(kinds["__type"]["isOneOf"], true);
    assert_eq!(kinds["__type"]["inputFields"].as_array().unwrap().len(), 8);
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
            "GRAPHQL_LIMIT_EXCEEDED",
        ),
        (
            "{ partnerships { nodes { comparison(indicators: [\"NI 15\"], periods: [\"2008/09\"]) { state } } } }",
            "GRAPHQL_LIMIT_EXCEEDED",
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
async fn what_is_refused_is_null_beside_its_error_and_the_rest_is_answered() {
    let house = House::new().await;
    let never = "asOf: \"2999-01-01T00:00:00Z\"";
    for field in [
        format!("partnership(code: \"calne\", {never}) {{ name }}"),
        format!("indicator(code: \"NI 15\", {never}) {{ code }}"),
        format!("area(code: \"R1\", {never}) {{ name }}"),
        format!("peerGroup(code: \"aldbury-msg\", {never}) {{ name }}"),
        format!("plan(partnership: \"calne\", code: \"plan-2008\", {never}) {{ title }}"),
        format!("collection(code: \"fy2008-09\", {never}) {{ name }}"),
        format!("framework(partnership: \"calne\", {never}) {{ title }}"),
        format!("node(id: \"x\", {never}) {{ id }}"),
    ] {
        let query = format!("{{ asked: {field} area(code: \"R1\") {{ name }} }}");
        let response = house.answer(&Caller::anonymous(), &query, json!({})).await;
        let answer = serde_json::to_value(&response).unwrap();
        assert_eq!(answer["data"], json!({ "asked": null, "area": { "name": "Anyshire" } }), "{field}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FUTURE_AS_OF", "{field}");
        assert_eq!(answer["errors"][0]["path"], json!(["asked"]), "{field}");
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

/// A plan of a town that uses NI 15, and whose resource table does not add up.
fn plan(town: &str) -> Value {
    json!({
        "code": "plan-2008", "partnership": town, "title": "A safer town", "status": "AGREED", "validFrom": "2008-04-01",
        "validTo": "2011-03-31",
        "priorities": [{ "code": "violence", "kind": "PRIORITY", "title": "Violence", "spend": number("1000.50"),
            "leadGroup": "Violence group", "indicators": ["VSC1"] }],
        "commitments": [{ "priority": "violence", "horizon": "By 2011", "due": "2011-03-31", "text": "Less of it" }],
        "deliveryGroups": [{ "name": "Violence group", "priorities": ["violence"] }],
        "agencies": [{ "name": "Police", "role": "responsible authority" }],
        "governance": [{ "body": "Board", "duty": "meets", "cycle": "every eight weeks" }],
        "resourceTables": [{ "code": "by-agency", "title": "By agency", "period": "2009/10", "printedTotal": 30 }],
        "resources": [{ "table": "by-agency", "heading": "Core", "agency": "Police", "amount": number("20.10") }],
        "actions": [{ "number": "1.", "priority": "violence", "title": "Patrol", "indicators": ["NI 15"] }],
        "links": [{ "title": "The county's plan", "relation": "sits above this plan" }],
        "sections": [{ "number": 1, "table": "framework", "title": "Violence",
            "agreements": [{ "code": "PSA 23", "title": "Safer communities" }] }],
        "lines": [{ "section": 1, "sourceRow": "1", "indicator": "NI15", "tier": "STRATEGIC", "laa": "DESIGNATED" }],
    })
}

const PUT_PLAN: &str = "mutation ($input: PlanInput!) { putPlan(input: $input) { created warnings { code } } }";

#[tokio::test]
async fn a_plan_is_read_as_it_was_put_and_leads_to_what_it_names() {
    let house = House::new().await;
    let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
    let receipt = house.data(&editor, PUT_PLAN, json!({ "input": plan("aldbury") })).await;
    assert_eq!(receipt["putPlan"], json!({ "created": 1, "warnings": [{ "code": "RESOURCES_DISAGREE" }] }));

    let query = "{ partnership(code: \"aldbury\") { plans { code partnership { name } validTo
        priorities { title spend leadGroup outcomes indicators { code } }
        commitments { priority due text indicators { code } }
        deliveryGroups { name priorities } agencies { name shortName } governance { body cycle }
        resourceTables { printedTotal period { code } } resources { agency amount isTotal } resourceDisagreements
        actions { number indicators { code } } links { relation }
        sections { number agreements { code title } doubts }
        lines { section sourceRow tier laa indicator { code aliases } area { name } } } }
        plan(partnership: \"aldbury\", code: \"plan-2008\") { status }
        unknown: plan(partnership: \"aldbury\", code: \"plan-2005\") { status } }";
    let answer = house.data(&Caller::anonymous(), query, json!({})).await;
    let read = json!([{
        "code": "plan-2008", "partnership": { "name": "Safer aldbury" }, "validTo": "2011-03-31",
        "priorities": [{ "title": "Violence", "spend": number("1000.50"), "leadGroup": "Violence group", "outcomes": [],
            "indicators": [{ "code": "NI 15" }] }],
        "commitments": [{ "priority": "violence", "due": "2011-03-31", "text": "Less of it", "indicators": [] }],
        "deliveryGroups": [{ "name": "Violence group", "priorities": ["violence"] }],
        "agencies": [{ "name": "Police", "shortName": null }],
        "governance": [{ "body": "Board", "cycle": "every eight weeks" }],
        "resourceTables": [{ "printedTotal": 30, "period": { "code": "FY2009-10" } }],
        "resources": [{ "agency": "Police", "amount": number("20.10"), "isTotal": false }],
        "resourceDisagreements": ["“By agency” prints a total of £30; its amounts add up to £20.10."],
        "actions": [{ "number": "1.", "indicators": [{ "code": "NI 15" }] }],
        "links": [{ "relation": "sits above this plan" }],
        "sections": [{ "number": 1, "agreements": [{ "code": "PSA 23", "title": "Safer communities" }], "doubts": [] }],
        "lines": [{ "section": 1, "sourceRow": "1", "tier": "STRATEGIC", "laa": "DESIGNATED",
            "indicator": { "code": "NI 15", "aliases": ["VSC1"] }, "area": null }],
    }]);
    assert_eq!(answer["partnership"]["plans"], read);
    assert_eq!((&answer["plan"]["status"], &answer["unknown"]), (&json!("AGREED"), &Value::Null));
}

/// A region where three towns have plans, and two of them have published a figure.
async fn house_with_plans() -> House {
    let house = House::new().await;
    let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
    for town in ["aldbury", "barford", "dunton"] {
        house.data(&editor, PUT_PLAN, json!({ "input": plan(town) })).await;
    }
    house.publish("aldbury", "1.00").await;
    house.publish("barford", "2.50").await;
    house
}

#[tokio::test]
async fn frameworks_of_all_partnerships_take_as_many_statements_as_that_of_one() {
    let house = house_with_plans().await;
    let nobody = Caller::anonymous();
    let query = "query ($first: Int) { partnerships(first: $first) { nodes { code framework { plan { code } title
        period { code } sections { number title agreements { code } lines { sourceRow title unit effectivePolarity
            indicator { code } actuals { value asPrinted period { code label } change { notComputed } } targets { value } } } }
        ofTheYear: framework(period: \"2009/10\") { period { code }
            sections { lines { actuals { value } } } } } } }";
    let statements = async |first: u32| {
        // Longer than a look at the ledger is good for: each of them takes its own.
        tokio::time::sleep(MARGIN).await;
        let before = house.exchange.database().statements();
        let answer = house.data(&nobody, query, json!({ "first": first })).await;
        (house.exchange.database().statements() - before, answer)
    };
    statements(5).await;
    let (of_one, _) = statements(1).await;
    let (of_all, answer) = statements(5).await;
    assert_eq!(of_all, of_one);

    let nodes = &answer["partnerships"]["nodes"];
    let figure = json!({ "value": number("2.50"), "asPrinted": "2.50", "period": { "code": "FY2008-09", "label": "2008/09" },
        "change": { "notComputed": "NO_BASELINE" } });
    let line = json!({ "sourceRow": "1", "title": "Serious violent crime rate", "unit": "RATE",
        "effectivePolarity": "LOWER_IS_BETTER", "indicator": { "code": "NI 15" }, "actuals": [figure], "targets": [] });
    let section = json!({ "number": 1, "title": "Violence", "agreements": [{ "code": "PSA 23" }], "lines": [line] });
    let framework = json!({ "plan": { "code": "plan-2008" }, "title": "A safer town", "period": null,
        "sections": [section] });
    assert_eq!((&nodes[1]["code"], &nodes[1]["framework"]), (&json!("barford"), &framework));
    let of_the_year = json!({ "period": { "code": "FY2009-10" }, "sections": [{ "lines": [{ "actuals": [] }] }] });
    assert_eq!(nodes[1]["ofTheYear"], of_the_year);
    assert_eq!(nodes[2], json!({ "code": "calne", "framework": null, "ofTheYear": null }));
    assert_eq!(nodes[3]["framework"]["sections"][0]["lines"][0]["actuals"], json!([]));
}

#[tokio::test]
async fn a_framework_that_cannot_be_found_leaves_the_others_alone() {
    let house = house_with_plans().await;
    let query = "{
        known: partnership(code: \"aldbury\") { framework { title } }
        noPlan: partnership(code: \"calne\") { framework(plan: \"plan-2008\") { title } }
        noPeriod: partnership(code: \"barford\") { framework(period: \"soon\") { title } }
        framework(partnership: \"dunton\") { title }
        nobody: framework(partnership: \"nobody\") { title }
        otherPlan: framework(partnership: \"dunton\", plan: \"plan-2005\") { title } }";
    let answer = house.answer(&Caller::anonymous(), query, json!({})).await;
    let answer = serde_json::to_value(&answer).unwrap();
    let framework = json!({ "title": "A safer town" });
    let data = json!({ "known": { "framework": framework }, "noPlan": { "framework": null },
        "noPeriod": { "framework": null }, "framework": framework, "nobody": null, "otherPlan": null });
    assert_eq!(answer["data"], data);
    let errors: Vec<(String, String)> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["path"].to_string(), error["extensions"]["code"].to_string()))
        .collect();
    // A plan that is not there is no error, wherever it is asked for; a period that cannot be read is one.
    assert_eq!(errors, [("[\"noPeriod\",\"framework\"]".to_owned(), "\"INVALID_PARAMETER\"".to_owned())]);
}

#[tokio::test]
async fn what_a_plan_prints_of_comparisons_is_read_of_its_partnership() {
    let house = House::new().await;
    house.publish("aldbury", "1.00").await;
    let query = "query ($indicators: [String!]! = [], $periods: [String!]! = []) { partnership(code: \"aldbury\") {
        reportedComparisons(indicators: $indicators, periods: $periods) { indicator { code } rank rankAsPrinted } } }";
    let nobody = Caller::anonymous();
    let printed = json!([{ "indicator": { "code": "NI 15" }, "rank": 2, "rankAsPrinted": "2/5" }]);
    for (asked, answered) in [
        (json!({}), &printed),
        (json!({ "indicators": ["VSC1"], "periods": ["FY2008-09"] }), &printed),
        (json!({ "indicators": ["LI 1"] }), &json!([])),
    ] {
        let answer = house.data(&nobody, query, asked).await;
        assert_eq!(answer["partnership"]["reportedComparisons"], *answered);
    }
}

#[tokio::test]
async fn a_list_of_printed_comparisons_is_whole_or_refused() {
    let house = House::new().await;
    house.publish_with("aldbury", "1.00", 1000).await;
    house.publish_with("barford", "1.00", 1001).await;
    let query = "query ($town: String!) { partnership(code: $town) { reportedComparisons { line } } }";
    let nobody = Caller::anonymous();
    let whole = house.data(&nobody, query, json!({ "town": "aldbury" })).await;
    assert_eq!(whole["partnership"]["reportedComparisons"].as_array().unwrap().len(), 1000);
    let refused = house.refusal(&nobody, query, json!({ "town": "barford" })).await;
    assert_eq!(refused["extensions"]["code"], "INVALID_PARAMETER");
}
