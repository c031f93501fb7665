//! Figures come back digit for digit, whichever way they come and go, on either database.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Answer, Client, Server, TestClock, TokenSpec, on_both_databases};

/// Indicators and what is posted for them: what binary numbers, other scales or rounding would spoil.
const FIGURES: [(&str, &str); 8] = [
    ("NI 15", "0.1"),
    ("NI 16", "52.40"),
    ("NI 17", "999999999999.999"),
    ("NI 18", "123456789012.1"),
    ("NI 19", "0.000001"),
    ("NI 20", "-2.10"),
    ("NI 21", "0"),
    ("NI 22", "100.000000"),
];

/// What has too many digits to be kept exactly: decimals, integer digits, significant digits.
const TOO_LONG: [&str; 4] = ["0.1234567", "1234567890123", "1234567890.123456", "0.1000000000000000055511151231257827"];

const RETURN: &str = "mutation($input: ReturnInput!, $key: String!) {
    createReturn(input: $input, idempotencyKey: $key) { return { id version } }
}";

/// The ways of posting, with the year that each posts for.
const WAYS: [(&str, &str); 4] =
    [("json", "FY2008-09"), ("variables", "FY2009-10"), ("literals", "FY2010-11"), ("csv", "FY2007-08")];

/// A JSON number with these digits.
fn number(digits: &str) -> Value {
    serde_json::from_str(digits).unwrap()
}

struct Exchange {
    server: Server,
    clock: TestClock,
    respondent: Client,
}

impl Exchange {
    /// With Southwark, its region, the indicators and a collection for each year.
    async fn start(database: &tests::Database) -> Self {
        let clock = TestClock::at("2011-06-01T09:00:00Z");
        let server = Server::with(database).clock(&clock).start();
        let editor = server.client_for(&TokenSpec::subject("editor").scope("metadata:write"));
        let put = async |path: &str, document: Value| {
            editor.put(path).json(&document).await.expect(200);
            clock.advance(Duration::from_secs(1));
        };
        put("/v1/areas/E12000007", json!({ "code": "E12000007", "name": "London", "kind": "REGION" })).await;
        let area =
            json!({ "code": "E09000028", "name": "Southwark", "kind": "PARTNERSHIP_AREA", "within": ["E12000007"] });
        put("/v1/areas/E09000028", area).await;
        let partnership = json!({ "code": "southwark", "name": "Safer Southwark Partnership", "kinds": ["CDRP"],
            "area": "E09000028", "region": "E12000007" });
        put("/v1/partnerships/southwark", partnership).await;
        for (code, _) in FIGURES {
            put(&format!("/v1/indicators/{code}"), json!({ "code": code })).await;
            let definition = json!({ "indicator": code, "valid_from": "2007-04-01", "title": code, "unit": "COUNT",
                "decimals": 2, "polarity": "NONE", "aggregation": "NOT_ADDITIVE" });
            put(&format!("/v1/indicators/{code}/definitions/2007-04-01"), definition).await;
        }
        for (way, period) in WAYS {
            let collection =
                json!({ "code": way, "name": way, "periods": [period], "opens": "2008-04-01", "due": "2011-12-31" });
            put(&format!("/v1/collections/{way}"), collection).await;
        }
        let respondent = TokenSpec::subject("anna").scope("returns:read returns:write").partnership("southwark");
        let respondent = server.client_for(&respondent);
        Self { server, clock, respondent }
    }

    /// Posts figures in one way.
    async fn post(&self, way: &str, period: &str, figures: &[(&str, &str)]) -> Answer {
        let lines: Vec<Value> = (1..)
            .zip(figures)
            .map(|(row, (indicator, digits))| {
                json!({ "source_row": format!("{row}"), "indicator": indicator, "period": period, "actual": { "value": number(digits) } })
            })
            .collect();
        let key = uuid::Uuid::new_v4().to_string();
        match way {
            "json" => {
                let body = json!({ "partnership": "southwark", "collection": way, "lines": lines });
                self.respondent.post("/v1/returns").header("idempotency-key", &key).json(&body).await
            }
            "csv" => {
                let rows = (1..)
                    .zip(figures)
                    .map(|(row, (indicator, digits))| format!("{row},{indicator},{period},{digits}\r\n"));
                let body = format!("source_row,indicator,period,actual_value\r\n{}", rows.collect::<String>());
                let request =
                    self.respondent.post("/v1/returns").query("partnership", "southwark").query("collection", way);
                request.header("idempotency-key", &key).body("text/csv", body).await
            }
            "variables" => {
                let lines: Vec<Value> = lines.iter().map(|line| {
                    json!({ "sourceRow": line["source_row"], "indicator": line["indicator"], "period": period, "actual": line["actual"] })
                }).collect();
                let input = json!({ "partnership": "southwark", "collection": way, "lines": lines });
                self.respondent.graphql(RETURN, &json!({ "input": input, "key": key })).await
            }
            _ => {
                let lines = (1..).zip(figures).map(|(row, (indicator, digits))| {
                    format!(r#"{{ sourceRow: "{row}", indicator: "{indicator}", period: "{period}", actual: {{ value: {digits} }} }} "#)
                });
                let document = format!(
                    r#"mutation {{ createReturn(idempotencyKey: "{key}", input: {{
                        partnership: "southwark", collection: "{way}", lines: [{}]
                    }}) {{ return {{ id version }} }} }}"#,
                    lines.collect::<String>()
                );
                self.respondent.graphql(&document, &Value::Null).await
            }
        }
    }

    /// Submits, signs off and releases a draft.
    async fn publish(&self, id: &str, version: i64) {
        let tag = |version: i64| format!("\"{version}\"");
        let submitted = self
            .respondent
            .post(&format!("/v1/returns/{id}/submit"))
            .header("if-match", &tag(version))
            .await
            .expect(200);
        let signatory = TokenSpec::subject("ben").scope("returns:read returns:sign-off").partnership("southwark");
        let signatory = self.server.client_for(&signatory);
        signatory.post(&format!("/v1/returns/{id}/sign-off")).header("if-match", submitted.etag()).await.expect(200);
        let office = TokenSpec::subject("gol").scope("returns:read releases:write").region("E12000007");
        let release = self.server.client_for(&office).post("/v1/releases").header("idempotency-key", id);
        release.json(&json!({ "returns": [id] })).await.expect(201);
        self.clock.advance(Duration::from_secs(1));
    }
}

/// The column of a CSV answer, below its header.
fn column(answer: &Answer, name: &str) -> Vec<String> {
    let mut lines =
        answer.text().split("\r\n").filter(|line| !line.is_empty()).map(|line| line.split(',').collect::<Vec<_>>());
    let at = lines.next().unwrap().iter().position(|column| *column == name).unwrap();
    lines.map(|cells| cells[at].to_owned()).collect()
}

/// The digits of the numbers below each item of a list.
fn digits(list: &Value, pointer: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.pointer(pointer).unwrap().to_string()).collect()
}

on_both_databases! {
    async fn figures_come_back_digit_for_digit(db: Database) {
        let exchange = Exchange::start(&db).await;
        let expected = FIGURES.map(|(_, digits)| digits.to_owned());
        for (way, period) in WAYS {
            let posted = exchange.post(way, period, &FIGURES).await;
            let draft = match way {
                "json" | "csv" => posted.expect(201).at("/return"),
                _ => posted.expect(200).graphql_data()["createReturn"]["return"].take(),
            };
            let (id, version) = (draft["id"].as_str().unwrap(), draft["version"].as_i64().unwrap());

            let path = format!("/v1/returns/{id}");
            let client = &exchange.respondent;
            assert_eq!(digits(&client.get(&path).await.expect(200).at("/lines"), "/actual/value"), expected, "{way}");
            assert_eq!(column(&client.get(&path).header("accept", "text/csv").await.expect(200), "actual_value"), expected, "{way}");
            let document = "query($id: UUID!) { return(id: $id) { lines { actual { value } } } }";
            let data = client.graphql(document, &json!({ "id": id })).await.graphql_data();
            assert_eq!(digits(&data["return"]["lines"], "/actual/value"), expected, "{way}");

            exchange.publish(id, version).await;
            let reader = exchange.server.client();
            let actuals = reader.get("/v1/actuals").query("periods", period).await.expect(200);
            assert_eq!(digits(&actuals.at("/items"), "/value"), expected, "{way}");
            let actuals = reader.get("/v1/actuals.csv").query("periods", period).await.expect(200);
            assert_eq!(column(&actuals, "value"), expected, "{way}");
            let document = "query($periods: [String!]!) { actuals(periods: $periods) { nodes { value } } }";
            let data = reader.graphql(document, &json!({ "periods": [period] })).await.graphql_data();
            assert_eq!(digits(&data["actuals"]["nodes"], "/value"), expected, "{way}");
        }
    }

    async fn a_figure_with_too_many_digits_is_refused_not_rounded(db: Database) {
        let exchange = Exchange::start(&db).await;
        for (way, period) in WAYS {
            for too_long in TOO_LONG {
                let answer = exchange.post(way, period, &[("NI 15", "1.5"), ("NI 16", too_long)]).await;
                let problems = match way {
                    "json" | "csv" => {
                        assert_eq!(answer.problem_code(), "RETURN_REFUSED", "{way} {too_long}: {answer:?}");
                        assert_eq!(answer.status.as_u16(), 422);
                        answer.at("/report/problems")
                    }
                    _ => {
                        assert_eq!(answer.graphql_codes(), ["RETURN_REFUSED"], "{way} {too_long}: {answer:?}");
                        answer.at("/errors/0/extensions/problems")
                    }
                };
                let errors: Vec<&Value> =
                    problems.as_array().unwrap().iter().filter(|problem| problem["severity"] == "ERROR").collect();
                assert_eq!(errors.len(), 1, "{way} {too_long}: {problems:#}");
                assert_eq!(errors[0]["code"], "TOO_MANY_DIGITS", "{way} {too_long}");
                assert_eq!(errors[0]["place"]["line"], 2, "{way} {too_long}");
                assert!(errors[0]["message"].as_str().unwrap().contains(too_long), "{way} {too_long}: {problems:#}");
            }
        }
        let returns = exchange.respondent.get("/v1/returns").await.expect(200);
        assert_eq!(returns.at("/items"), json!([]), "nothing is kept");
    }
}
