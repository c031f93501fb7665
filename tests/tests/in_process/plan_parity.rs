//! REST, CSV and GraphQL give the same plans and frameworks.

use serde_json::{Map, Value, json};
use tests::on_both_databases;

use crate::{
    loaded::{Loaded, told},
    parity::{as_rest, cell, same_instant, sorted_members},
    plans::by_column,
};

on_both_databases! {
    async fn plans_and_their_lists_are_the_same_through_rest_and_csv(db: Database) {
        let loaded = Loaded::over(db).await;
        for plan in ["southwark/plans/rolling-plan-2008-12", "southampton/plans/safe-city-plan-2009-12"] {
            let path = format!("/v1/partnerships/{plan}");
            let whole = loaded.json(&path).await;
            let lists = [
                "priorities", "commitments", "actions", "resources", "delivery_groups", "agencies", "governance", "links",
                "sections", "lines",
            ];
            for list in lists {
                let path = format!("{path}/{}", list.replace('_', "-"));
                let (json, (header, rows)) = (loaded.json(&path).await, loaded.csv(&path).await);
                assert_eq!(json["items"], whole[list], "{path}");
                let items = json["items"].as_array().unwrap();
                assert_eq!(items.len(), rows.len(), "{path}");
                for (item, row) in items.iter().zip(rows) {
                    let tables = json["tables"].as_array().into_iter().flatten();
                    let table = tables.into_iter().find(|table| table["code"] == item["table"]);
                    for (column, cell_of_row) in header.iter().zip(row) {
                        let value = match (column.split_once('_'), table) {
                            (Some(("breakdown", part)), _) => item["breakdown"].get(part),
                            (Some(("table", part)), Some(table)) => table.get(part),
                            (None, Some(table)) if column == "period" => table.get(column),
                            _ => item.get(column),
                        };
                        let codes: Value = match value {
                            Some(Value::Array(items)) if column == "agreements" && list == "sections" => {
                                items.iter().map(|item| item["code"].clone()).collect()
                            }
                            value => value.cloned().unwrap_or_default(),
                        };
                        assert_eq!(cell(Some(&codes)), cell_of_row, "{column} of {path}");
                    }
                    // Nothing of an item is left out of its table.
                    let members = item.as_object().unwrap().keys().filter(|name| *name != "breakdown");
                    assert!(members.into_iter().all(|name| header.contains(name)), "{item:#} has more than {header:?}");
                }
            }
        }
    }

    async fn frameworks_are_the_same_through_rest_csv_and_graphql(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        let document = format!(
            "query($partnership: String!, $period: String) {{
                framework(partnership: $partnership, period: $period) {{ ...framework }}
            }} {FRAMEWORK}"
        );
        let mut figures = 0;
        for (partnership, period) in [("southwark", None), ("southampton", None), ("southwark", Some("FY2008-09"))] {
            let query = period.map(|period| format!("?period={period}")).unwrap_or_default();
            let path = format!("/v1/partnerships/{partnership}/framework{query}");
            let json = loaded.json(&path).await;
            let variables = json!({ "partnership": partnership, "period": period });
            let graphql = loaded.graphql(&document, &variables).await;
            assert_eq!(said(&json), said(&as_rest(&graphql["framework"])), "{path}");
            let (header, mut rows) = loaded.csv(&path).await;
            let published = header.iter().position(|column| column == "published_at").unwrap();
            for row in &mut rows {
                same_instant(row, published);
            }
            let expected = framework_rows(&header, &json);
            assert_eq!(expected.len(), rows.len(), "{path}");
            for (expected, row) in expected.iter().zip(&rows) {
                assert_eq!(expected, row, "{path}\n{header:?}");
            }
            figures += rows.len();
        }
        told(engine, "figures of frameworks compared through REST, CSV and GraphQL", figures);
        // A line says its unit whether it has figures or not, the plan's own polarity beside the effective one.
        let rows = by_column(loaded.csv("/v1/partnerships/southampton/framework").await);
        assert!(rows.iter().all(|row| !row["plan_status"].is_empty() && row["plan_title"].contains("Southampton")), "{rows:#?}");
        assert!(rows.iter().all(|row| row["polarity"].is_empty() || row["polarity"] == row["effective_polarity"]));
        assert!(rows.iter().all(|row| !row["line_unit"].is_empty()));
        let rows = by_column(loaded.csv("/v1/partnerships/southwark/framework?period=2015/16").await);
        let ni_15 = rows.iter().find(|row| row["indicator"] == "NI 15").unwrap();
        assert_eq!(["kind", "line_unit", "line_per"].map(|name| ni_15[name].as_str()), ["", "RATE", "1000"]);
        assert!(figures > 900, "{figures}");
    }
}

const FRAMEWORK: &str = "fragment framework on Framework {
    partnership { code } plan { code } title status version period { code } state
    sections {
        number table title outcomesAsPrinted agreements { code title asPrinted note } periodsAsPrinted targetAsPrinted doubts
        note
        lines {
            section sourceRow numberAsPrinted indicator { qualifiedCode } indicatorAsPrinted area { code }
            breakdown { dimension member } tier tierAsPrinted laa stretchTarget leadAgency leadPost leadAsPrinted polarity note
            title unit per effectivePolarity
            baselines { ...figure } actuals { ...figure } targets { ...figure } reportedChanges { ...figure }
            reportedLights { ...figure } remarks { returnId line comment note doubts }
        }
    }
}
fragment figure on FrameworkFigure {
    kind period { code start end } unit per isSecondary lineVariant value numerator denominator form status basis missing
    expected baselineKind baselineUsed { code } resultsExpected replacedBy light asPrinted sourceRow returnId line releaseId
    publishedAt withdrawn changeMatch
    change { rule fromKind fromPeriod { code } fromValue relative points notComputed }
    met { rule met light level actual actualPeriod { code } baseline notComputed }
}";

/// What an answer says, whatever it leaves out: without what is null or empty, members in the order of their names.
pub fn said(value: &Value) -> Value {
    fn pruned(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(pruned).collect(),
            Value::Object(members) => {
                let pruned = members.iter().map(|(name, value)| (name.clone(), pruned(value)));
                Value::Object(
                    pruned.filter(|(_, value)| !value.is_null() && *value != json!([])).collect::<Map<_, _>>(),
                )
            }
            other => other.clone(),
        }
    }
    sorted_members(&pruned(value))
}

/// The rows of CSV that a framework in JSON says.
fn framework_rows(header: &[String], answer: &Value) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for section in answer["sections"].as_array().unwrap() {
        for line in section["lines"].as_array().unwrap() {
            let lists = ["baselines", "actuals", "targets", "reported_changes", "reported_lights"];
            let figures: Vec<&Value> = lists.iter().flat_map(|list| line[*list].as_array().unwrap()).collect();
            let nothing = Value::Null;
            for figure in if figures.is_empty() { vec![&nothing] } else { figures } {
                let remarks = line["remarks"].as_array().unwrap();
                let remark = remarks
                    .iter()
                    .find(|remark| (&remark["return_id"], &remark["line"]) == (&figure["return_id"], &figure["line"]));
                let value = |column: &str| -> Option<Value> {
                    let found = match column {
                        "partnership" | "plan" => answer.get(column),
                        "plan_version" | "plan_title" | "plan_status" => answer.get(&column["plan_".len()..]),
                        "line_unit" | "line_per" => line.get(&column["line_".len()..]),
                        "section" => section.get("number"),
                        "section_title" => section.get("title"),
                        "section_note" => section.get("note"),
                        "section_doubts" => section.get("doubts"),
                        "table" | "outcomes_as_printed" | "periods_as_printed" | "target_as_printed" => {
                            section.get(column)
                        }
                        "agreements" => {
                            let agreements = section.get("agreements").and_then(Value::as_array);
                            return agreements.map(|all| all.iter().map(|of| of["code"].clone()).collect());
                        }
                        "plan_note" => line.get("note"),
                        "comment" | "note" | "doubts" => remark.and_then(|remark| remark.get(column)),
                        "figure_source_row" => figure.get("source_row"),
                        "source_row"
                        | "number_as_printed"
                        | "indicator"
                        | "indicator_as_printed"
                        | "title"
                        | "area"
                        | "tier"
                        | "tier_as_printed"
                        | "laa"
                        | "stretch_target"
                        | "lead_agency"
                        | "lead_post"
                        | "lead_as_printed"
                        | "polarity"
                        | "effective_polarity" => line.get(column),
                        "met" => figure.pointer("/met/met"),
                        "change_match" => figure.get("change_match"),
                        _ => match column.split_once('_') {
                            Some((group @ ("change" | "met"), part)) => figure.pointer(&format!("/{group}/{part}")),
                            Some(("breakdown", part)) => line.pointer(&format!("/breakdown/{part}")),
                            _ => figure.get(column),
                        },
                    };
                    found.cloned()
                };
                let mut row: Vec<String> = header.iter().map(|column| cell(value(column).as_ref())).collect();
                if !figure.is_null() {
                    same_instant(&mut row, header.iter().position(|column| column == "published_at").unwrap());
                }
                rows.push(row);
            }
        }
    }
    rows
}
