//! The same question through REST, CSV and GraphQL gives the same figures, digit for digit.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Map, Value, json};
use tests::on_both_databases;

use crate::loaded::{INDICATORS, Loaded, YEARS, list, told};

const FIGURE: &str = "fragment figure on Figure {
    indicator { qualifiedCode } period { code kind start end } kind partnership { code } area { code } fictional
    breakdown { dimension member } unit per isSecondary lineVariant value numerator denominator form status basis missing
    light asPrinted comment returnId line releaseId publishedAt sourceRow expected baselineKind baselineUsed { code }
    resultsExpected replacedBy note doubts revision withdrawn
}";

const COMPARISON: &str = "fragment comparison on Comparison {
    indicator { qualifiedCode } title unit per polarity period { code label } peerGroup { code } refused { reason message }
    used membersInGroup coverage minimumMembers average rankOrder
    members {
        partnership { code } name fictional value status basis missing used leftOut rank tied position
        change { fromPeriod { code } fromKind fromValue relative points refused { reason message } }
        directionOfTravel progress
    }
    reported {
        line sourceRow indicator { qualifiedCode } indicatorAsPrinted period { code } peerGroup { code } rank rankAsPrinted
        groupSize rankOrder
        position positionAsPrinted progress progressAsPrinted ownChange ownChangeAsPrinted regionalChange
        regionalChangeAsPrinted source
    }
}";

/// What GraphQL says in the words of REST: names in `snake_case`, a code where GraphQL links an object, and what is absent
/// left out.
pub fn as_rest(graphql: &Value) -> Value {
    let Value::Object(members) = graphql else {
        return match graphql {
            Value::Array(items) => items.iter().map(as_rest).collect(),
            other => other.clone(),
        };
    };
    let mut rest = Map::new();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let name: String = name
            .chars()
            .flat_map(|letter| {
                letter.is_ascii_uppercase().then_some('_').into_iter().chain([letter.to_ascii_lowercase()])
            })
            .collect();
        let code = ["code", "qualifiedCode"].into_iter().find_map(|member| value.get(member));
        match code {
            Some(code) => {
                for (more, value) in value.as_object().unwrap().iter().filter(|(more, _)| !more.ends_with("ode")) {
                    rest.insert(format!("{name}_{more}"), value.clone());
                }
                rest.insert(name, code.clone());
            }
            None => {
                rest.insert(name, as_rest(value));
            }
        }
    }
    Value::Object(rest)
}

/// The same with what is absent left out.
fn present(rest: &Value) -> Value {
    match rest {
        Value::Array(items) => items.iter().map(present).collect(),
        Value::Object(members) => {
            let present_ones = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(present_ones.map(|(name, value)| (name.clone(), present(value))).collect())
        }
        other => other.clone(),
    }
}

/// What a cell of CSV says of a value.
pub fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join("; "),
        Some(other) => other.to_string(),
    }
}

/// CSV writes six decimals of a second, JSON as many as there are.
pub fn same_instant(row: &mut [String], column: usize) {
    let instant = &mut row[column];
    let whole = instant.trim_end_matches('Z').to_owned();
    let whole = if whole.contains('.') { whole.trim_end_matches('0').trim_end_matches('.').to_owned() } else { whole };
    *instant = format!("{whole}Z");
}

fn figure_cells(header: &[String], figure: &Value) -> Vec<String> {
    let path = |column: &str| match column.strip_prefix("breakdown_") {
        Some(part) => format!("/breakdown/{part}"),
        None => format!("/{column}"),
    };
    let mut row: Vec<String> = header.iter().map(|column| cell(figure.pointer(&path(column)))).collect();
    same_instant(&mut row, header.iter().position(|column| column == "published_at").unwrap());
    row
}

/// Every figure of a list, page by page, as REST gives it in JSON.
async fn all_of_json(loaded: &Loaded, path: &str) -> Vec<Value> {
    let mut figures = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let answer = loaded.read(&path, "application/json").await.expect_ok();
        let mut page = answer.json();
        let Value::Array(items) = page["items"].take() else { panic!("{page:#}") };
        assert_eq!(page["next"].is_null(), answer.next().is_none(), "{path}");
        figures.extend(items);
        next = answer.next();
    }
    figures
}

/// Every figure of a list, page by page, as REST gives it in CSV.
async fn all_of_csv(loaded: &Loaded, path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let (mut header, mut rows) = (Vec::new(), Vec::new());
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let answer = loaded.read(&path, "text/csv").await.expect_ok();
        let (columns, page) = answer.csv();
        header = columns;
        rows.extend(page);
        next = answer.next();
    }
    let instant = header.iter().position(|column| column == "published_at").unwrap();
    for row in &mut rows {
        same_instant(row, instant);
    }
    (header, rows)
}

/// Every figure of a list, page by page, as GraphQL gives it.
async fn all_of_graphql(loaded: &Loaded, field: &str, partnerships: &[&str], first: u32) -> Vec<Value> {
    let document = format!(
        "query($partnerships: [String!]!, $first: Int, $after: String) {{
            page: {field}(partnerships: $partnerships, first: $first, after: $after) {{
                nodes {{ ...figure }} pageInfo {{ hasNextPage endCursor }}
            }}
        }} {FIGURE}"
    );
    let (mut figures, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "partnerships": partnerships, "first": first, "after": after });
        let mut page = loaded.graphql(&document, &variables).await["page"].take();
        let Value::Array(nodes) = page["nodes"].take() else { panic!("{page:#}") };
        figures.extend(nodes);
        after = page["pageInfo"]["endCursor"].take();
        if page["pageInfo"]["hasNextPage"] != true {
            return figures;
        }
    }
}

/// Asks one list of REST, CSV and GraphQL, which must give the same, and answers how many figures there are.
async fn same_figures(loaded: &Loaded, field: &str, partnerships: &[&str], limit: u32) -> usize {
    let filter =
        if partnerships.is_empty() { String::new() } else { format!("&partnerships={}", partnerships.join(",")) };
    let path = format!("/v1/{field}?limit={limit}{filter}");
    let json = all_of_json(loaded, &path).await;
    let (header, csv) = all_of_csv(loaded, &path).await;
    let graphql = all_of_graphql(loaded, field, partnerships, limit).await;
    assert_eq!((json.len(), json.len()), (csv.len(), graphql.len()), "{path}");
    for ((json, csv), graphql) in json.iter().zip(&csv).zip(&graphql) {
        assert_eq!(present(json), as_rest(graphql), "{path}");
        assert_eq!(&figure_cells(&header, json), csv, "{path}");
    }
    let distinct: BTreeSet<String> = json.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), json.len(), "{path} gives a figure twice");
    json.len()
}

on_both_databases! {
    async fn every_figure_of_the_demo_is_the_same_through_rest_csv_and_graphql(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        let reader = loaded.exchange.database().reader();
        let count = Statement::from_string(reader.get_database_backend(), "SELECT count(*) FROM figure");
        let stored: i64 = reader.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        let compared = same_figures(&loaded, "figures", &[], 1000).await;
        told(engine, "figures compared through REST, CSV and GraphQL, all of the demo's", compared);
        assert_eq!(i64::try_from(compared).unwrap(), stored);
        // Pages of another size cut the same list elsewhere.
        let of_one = same_figures(&loaded, "figures", &["fictional-kestrelby"], 7).await;
        assert_eq!(of_one, same_figures(&loaded, "figures", &["fictional-kestrelby"], 1000).await);
    }

    async fn actuals_and_targets_are_the_same_through_rest_csv_and_graphql(db: Database) {
        let loaded = Loaded::over(db).await;
        let several = ["southwark", "fictional-duskwater", "fictional-lanternby", "fictional-vellumby"];
        for partnerships in [&several[..], &several[..1], &several[1..2], &[]] {
            for field in ["actuals", "targets"] {
                assert!(same_figures(&loaded, field, partnerships, 500).await > 0, "{field} of {partnerships:?}");
            }
        }
    }

    async fn actuals_below_partnerships_are_those_of_the_list_of_actuals(db: Database) {
        let loaded = Loaded::over(db).await;
        let document = format!(
            "query($indicators: [String!]!, $periods: [String!]!) {{
                partnerships(first: 40) {{ nodes {{
                    code
                    actuals(indicators: $indicators, periods: $periods) {{ ...figure }}
                    targets(indicators: $indicators, periods: $periods) {{ ...figure }}
                }} }}
            }} {FIGURE}"
        );
        let variables = json!({ "indicators": list(INDICATORS), "periods": list("FY2008-09,2011/12,FY2009-10-Q3") });
        let data = loaded.graphql(&document, &variables).await;
        let partnerships = data["partnerships"]["nodes"].as_array().unwrap();
        assert_eq!(partnerships.len(), 40);
        let mut count = 0;
        for partnership in partnerships {
            let code = partnership["code"].as_str().unwrap();
            for field in ["actuals", "targets"] {
                let path = format!(
                    "/v1/{field}?partnerships={code}&indicators={INDICATORS}&periods=FY2008-09,2011/12,FY2009-10-Q3&limit=1000"
                );
                let sorted = |figures: Vec<Value>| -> BTreeSet<String> {
                    figures.into_iter().map(|figure| present(&sorted_members(&figure)).to_string()).collect()
                };
                let listed = all_of_json(&loaded, &path).await;
                let nested: Vec<Value> = partnership[field].as_array().unwrap().iter().map(as_rest).collect();
                count += listed.len();
                assert_eq!(sorted(nested), sorted(listed), "{field} of {code}");
            }
        }
        assert!(count > 500, "{count}");
    }

    async fn comparisons_are_the_same_through_rest_csv_and_graphql(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        let document = format!(
            "query($partnership: String!, $indicators: [String!]!, $periods: [String!]!) {{
                comparison(partnership: $partnership, indicators: $indicators, periods: $periods) {{
                    partnership {{ code }} state comparisons {{ ...comparison }}
                }}
            }} {COMPARISON}"
        );
        let own = "NI 15,NI 16,NI 20,LI 1,CRIME personal-robbery";
        let cases = [
            ("southwark", own, "FY2007-08,FY2008-09"),
            ("lambeth", "NI 16", "FY2008-09"),
            ("fictional-kestrelby", INDICATORS, YEARS),
            ("fictional-duskwater", INDICATORS, YEARS),
            ("fictional-lanternby", "NI 21,NI 32", "FY2007-08,2011/12,FY2009-10-Q4"),
            ("fictional-vellumby", "NI 26,NI 30,NI 34", "FY2010-11-Q1,FY2008-09-Q1"),
        ];
        let (mut members, mut left_out) = (0, BTreeSet::new());
        for (partnership, indicators, periods) in cases {
            let path = format!("/v1/partnerships/{partnership}/comparison?indicators={indicators}&periods={periods}");
            let json = loaded.json(&path).await;
            let variables = json!({ "partnership": partnership, "indicators": list(indicators), "periods": list(periods) });
            let graphql = loaded.graphql(&document, &variables).await;
            assert_eq!(sorted_members(&present(&json)), sorted_members(&as_rest(&graphql["comparison"])), "{path}");

            let (header, rows) = loaded.csv(&path).await;
            assert_eq!(comparison_rows(&header, &json), rows, "{path}");
            members += rows.len();
            let at = header.iter().position(|column| column == "left_out").unwrap();
            left_out.extend(rows.into_iter().map(|mut row| row.swap_remove(at)));
        }
        told(engine, "members compared through REST, CSV and GraphQL", members);
        assert!(members > 1_000, "{members}");
        let reasons = ["", "MISSING", "NOT_OFFICIAL", "NO_FIGURE"];
        assert_eq!(left_out, reasons.map(str::to_owned).into());
    }
}

/// The same with members in the order of their names, so that only what is said counts.
pub fn sorted_members(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted_members).collect(),
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.iter().map(|(name, value)| (name.clone(), sorted_members(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// The rows of CSV that a comparison in JSON says.
fn comparison_rows(header: &[String], answer: &Value) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for comparison in answer["comparisons"].as_array().unwrap() {
        let members = comparison["members"].as_array().unwrap();
        let nobody = [
            json!({ "partnership": answer["partnership"], "name": "", "fictional": false, "used": false, "tied": false }),
        ];
        for member in if members.is_empty() { &nobody[..] } else { members } {
            let of_owner = member["partnership"] == answer["partnership"];
            let value = |column: &str| match column {
                "indicator" | "title" | "unit" | "per" | "polarity" | "period" | "peer_group" | "rank_order"
                | "average" | "members_in_group" => comparison.get(column),
                "members_used" => comparison.get("used"),
                "refused" => comparison.pointer("/refused/message"),
                "change_refused" => member.pointer("/change/refused/message"),
                _ => match (column.strip_prefix("change_"), column.strip_prefix("reported_")) {
                    (Some(part), _) => member.pointer(&format!("/change/{part}")),
                    (_, Some(part)) => {
                        let reported = comparison["reported"].get(0).filter(|_| of_owner);
                        reported.and_then(|reported| reported.get(part))
                    }
                    _ => member.get(column),
                },
            };
            rows.push(header.iter().map(|column| cell(value(column))).collect());
        }
    }
    rows
}
