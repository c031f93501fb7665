//! The plans of Southwark and Southampton: whatever they print comes back, and what is computed stands beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::{Value, json};
use tests::on_both_databases;

use crate::{
    loaded::{Loaded, told},
    parity::{as_rest, cell},
    plan_parity::said,
};

/// A table by column, as a client reads it.
pub type Rows = Vec<BTreeMap<String, String>>;

/// The rows of a CSV table by column.
pub fn by_column((header, rows): (Vec<String>, Vec<Vec<String>>)) -> Rows {
    rows.into_iter().map(|row| header.iter().cloned().zip(row).collect()).collect()
}

/// A file of the folder `data`.
fn file(path: &str) -> Rows {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("data");
    let mut reader = csv::Reader::from_path(data.join(path)).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    by_column((header, reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()))
}

async fn framework(loaded: &Loaded, partnership: &str) -> Rows {
    by_column(loaded.csv(&format!("/v1/partnerships/{partnership}/framework")).await)
}

/// The code of an indicator as its owner writes it.
fn without_owner(code: &str) -> &str {
    code.split_once(':').map_or(code, |(_, own)| own)
}

const KINDS: [&str; 6] =
    ["ACTUAL", "BASELINE", "TARGET", "TARGET_WITH_STRETCH", "TARGET_WITHOUT_STRETCH", "REPORTED_CHANGE"];

/// What a row of a return and a row of an answer say of one figure, cell by cell: the name in the return, after its kind,
/// and the name in the answer.
const SAID: [(&str, &str); 10] = [
    ("value", "value"),
    ("as_printed", "as_printed"),
    ("numerator", "numerator"),
    ("missing", "missing"),
    ("expected", "expected"),
    ("form", "form"),
    ("basis", "basis"),
    ("kind", "baseline_kind"),
    ("baseline_used", "baseline_used"),
    ("results_expected", "results_expected"),
];

/// What goes without saying left out.
fn plain(text: &str) -> &str {
    if matches!(text, "LEVEL" | "OFFICIAL" | "OUTTURN") { "" } else { text }
}

/// The same words however they are parted; a figure in another unit follows another definition.
fn statuses<'a>(text: &'a str, foreign_unit: &str) -> BTreeSet<&'a str> {
    let said = text.split([' ', ';']).filter(|word| !word.is_empty() && *word != "NORMAL");
    said.chain((!foreign_unit.is_empty()).then_some("DEFINITION_DIFFERS")).collect()
}

/// Every figure of the lines of a return that an answer lacks, in words.
fn lacking(lines: &Rows, answer: &Rows, row_of_answer: &str) -> (usize, Vec<String>) {
    let (mut count, mut lacking) = (0, Vec::new());
    for line in lines {
        let of_row: Vec<_> = answer.iter().filter(|row| row[row_of_answer] == line["source_row"]).collect();
        for kind in KINDS {
            let group = kind.to_ascii_lowercase();
            let given = |name: &str| line.get(&format!("{group}_{name}")).map(String::as_str).unwrap_or_default();
            if ["value", "missing", "as_printed"].iter().all(|name| given(name).is_empty()) {
                continue;
            }
            count += 1;
            let period = if given("period").is_empty() { &line["period"] } else { given("period") };
            let same = |row: &&&BTreeMap<String, String>| {
                row["kind"] == kind
                    && row["period"] == period
                    && row["is_secondary"] == "false"
                    && SAID.iter().all(|(name, column)| plain(given(name)) == plain(&row[*column]))
                    && statuses(given("status"), given("unit")) == statuses(&row["status"], "")
                    && (given("unit").is_empty() || given("unit") == row["unit"])
                    && row["note"] == line.get("note").map(String::as_str).unwrap_or_default()
                    && row["comment"] == line.get("comment").map(String::as_str).unwrap_or_default()
            };
            let Some(found) = of_row.iter().find(same) else {
                lacking.push(format!("{kind} of row {} for {period}: {:?}", line["source_row"], given("as_printed")));
                continue;
            };
            if !given("secondary_value").is_empty() {
                let second = answer.iter().find(|row| {
                    row["is_secondary"] == "true" && (&row["line"], &row["kind"]) == (&found["line"], &found["kind"])
                });
                let said = second.map(|row| (row["value"].as_str(), row["unit"].as_str()));
                if said != Some((given("secondary_value"), given("secondary_unit"))) {
                    lacking.push(format!("the second value of {kind} of row {}: {said:?}", line["source_row"]));
                }
            }
        }
    }
    (count, lacking)
}

on_both_databases! {
    async fn every_figure_that_the_plans_print_comes_back_in_the_framework_as_printed(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        for (partnership, at_least) in [("southwark", 200), ("southampton", 540)] {
            let lines = file(&format!("returns/{partnership}.plans-2009.lines.csv"));
            let answer = framework(&loaded, partnership).await;
            let used: BTreeSet<&str> = answer.iter().map(|row| without_owner(&row["indicator"])).collect();
            // The region's figures beside the comparison with the peer group are of no row of the framework; the list of
            // figures has them.
            let (of_rows, others): (Rows, Rows) = lines.into_iter().partition(|line| {
                !line["source_row"].starts_with("msg") && used.contains(line["indicator"].as_str())
            });
            let (count, missed) = lacking(&of_rows, &answer, "figure_source_row");
            told(engine, &format!("figures of {partnership}'s plan found in its framework"), count);
            assert_eq!(missed, Vec::<String>::new());
            assert!(count >= at_least, "{count}");
            let all = by_column(loaded.csv(&format!("/v1/figures?partnerships={partnership}&limit=1000")).await);
            let (count, missed) = lacking(&others, &all, "source_row");
            assert_eq!(missed, Vec::<String>::new());
            assert_eq!(count, if partnership == "southwark" { 9 } else { 0 });
        }
    }

    async fn the_framework_has_the_rows_of_the_plan_in_their_printed_order(db: Database) {
        let loaded = Loaded::over(db).await;
        for (partnership, plan, rows) in
            [("southwark", "rolling-plan-2008-12", 58), ("southampton", "safe-city-plan-2009-12", 105)]
        {
            let printed = file(&format!("plans/{partnership}.{plan}.lines.csv"));
            let answer = loaded.json(&format!("/v1/partnerships/{partnership}/framework?plan={plan}")).await;
            let lines = answer["sections"].as_array().unwrap().iter().flat_map(|section| {
                section["lines"].as_array().unwrap().iter().map(|line| (section["number"].to_string(), line))
            });
            let said = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
            let found: Vec<_> = lines
                .map(|(section, line)| {
                    let [row, title, tier, lead] =
                        ["source_row", "indicator_as_printed", "tier_as_printed", "lead_as_printed"]
                            .map(|name| said(line, name));
                    (section, row, title, tier, lead)
                })
                .collect();
            let text = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
            let expected: Vec<_> = printed
                .iter()
                .map(|row| {
                    let [row_no, title, tier, lead] =
                        ["source_row", "indicator_as_printed", "tier_as_printed", "lead_as_printed"]
                            .map(|name| text(row, name));
                    (text(row, "section"), row_no, title, tier, lead)
                })
                .collect();
            assert_eq!(found, expected);
            let distinct: BTreeSet<&String> = found.iter().map(|(_, row, ..)| row).collect();
            assert_eq!(distinct.len(), rows);
        }
    }

    async fn of_21_printed_lights_the_18_with_a_numeric_target_are_computed_alike(db: Database) {
        let loaded = Loaded::over(db).await;
        let rows = framework(&loaded, "southwark").await;
        let of = |kind: &str| -> BTreeMap<String, BTreeMap<String, String>> {
            let of_kind = rows.iter().filter(|row| row["kind"] == kind && row["is_secondary"] == "false");
            // A row of the print may lead to several lines of a return; its light stands on the first.
            let mut found = BTreeMap::new();
            for row in of_kind {
                found.entry(row["source_row"].clone()).or_insert_with(|| row.clone());
            }
            found
        };
        let (lights, targets) = (of("REPORTED_LIGHT"), of("TARGET"));
        assert_eq!(lights.len(), 21);
        let mut reproduced = 0;
        let mut reported_only = Vec::new();
        for (row, light) in &lights {
            let target = &targets[row];
            if target["met_light"].is_empty() {
                reported_only.push((row.as_str(), target["met_not_computed"].as_str(), light["as_printed"].as_str()));
            } else {
                assert_eq!(target["met_light"], light["light"], "row {row}: {target:#?}");
                assert_eq!(target["met_rule"], "met-equality-counts");
                reproduced += 1;
            }
        }
        assert_eq!(reproduced, 18);
        assert_eq!(reported_only, [("11", "NO_TARGET", "G"), ("28", "NO_TARGET", "R"), ("56", "NO_TARGET", "A")]);
    }

    async fn every_printed_change_is_classified(db: Database) {
        let loaded = Loaded::over(db).await;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut others = Vec::new();
        for partnership in ["southwark", "southampton"] {
            for row in framework(&loaded, partnership).await {
                let is_change = row["kind"] == "REPORTED_CHANGE" || row["is_secondary"] == "true" && row["form"] != "LEVEL";
                if !is_change || row["value"].is_empty() {
                    continue;
                }
                *counts.entry(row["change_match"].clone()).or_default() += 1;
                if row["change_match"] != "MATCHES" {
                    others.push((row["source_row"].clone(), row["value"].clone(), row["change_match"].clone()));
                }
            }
        }
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [
            ("MATCHES".to_owned(), 21),
            ("UNEXPLAINED".to_owned(), 3),
            ("WITHIN_ROUNDING".to_owned(), 1),
        ]);
        let expected = [
            ("6", "-26", "WITHIN_ROUNDING"),
            ("laa 33", "-0.75", "UNEXPLAINED"),
            ("laa 33", "-1", "UNEXPLAINED"),
            ("laa 34", "-4.5", "UNEXPLAINED"),
        ];
        assert_eq!(others, expected.map(|(row, value, word)| (row.into(), value.into(), word.into())));
    }

    async fn rows_that_contradict_each_other_are_both_kept_and_nothing_is_computed_from_them(db: Database) {
        let loaded = Loaded::over(db).await;
        let rows = framework(&loaded, "southampton").await;
        let targets = |indicator: &str, period: &str| -> Vec<(String, String, String, String)> {
            let of_both = rows.iter().filter(|row| {
                row["indicator"] == indicator && row["period"] == period && row["kind"] == "TARGET"
            });
            let said = |row: &BTreeMap<String, String>| {
                ["source_row", "value", "missing", "met_not_computed"].map(|name| row[name].clone()).into()
            };
            of_both.map(said).collect()
        };
        let told = |row: &str, value: &str, missing: &str, why: &str| -> (String, String, String, String) {
            (row.into(), value.into(), missing.into(), why.into())
        };
        assert_eq!(targets("NI 41", "FY2008-09"), [told("laa 28", "60", "", "CONFLICT"), told("laa 37", "36", "", "CONFLICT")]);
        assert_eq!(
            targets("NI 30", "FY2008-09"),
            [told("designated 5", "-18", "", "CONFLICT"), told("laa 56", "31.98", "", "CONFLICT")]
        );
        assert_eq!(
            targets("NI 19", "FY2009-10"),
            [told("designated 2", "52.4", "", "CONFLICT"), told("laa 39", "51.4", "", "CONFLICT")]
        );
        assert_eq!(
            targets("NI 19", "FY2008-09"),
            [told("designated 2", "", "NO_TARGET", "NO_TARGET"), told("laa 39", "52.4", "", "CONFLICT")]
        );
        // What two rows say alike is no conflict; there is only nothing to judge it by.
        let perceived = "southampton:LOCAL drunk-or-rowdy-behaviour-a-problem";
        let twice = targets(perceived, "FY2008-09");
        assert_eq!(twice, [told("laa 27", "36", "", "NO_ACTUAL"), told("laa 36", "36", "", "NO_ACTUAL")]);
    }

    async fn a_period_leaves_what_return_lines_say_of_it_and_their_baselines(db: Database) {
        let loaded = Loaded::over(db).await;
        let path = "/v1/partnerships/southwark/framework?period=2008/09";
        let rows = by_column(loaded.csv(path).await);
        let of = |row: &str, kind: &str| -> Vec<String> {
            let found = rows.iter().filter(|of| of["source_row"] == row && of["kind"] == kind);
            found.map(|of| of["period"].clone()).collect()
        };
        assert_eq!(of("3", "BASELINE"), ["FY2007-08"]);
        assert_eq!(of("3", "ACTUAL"), ["FY2008-09"]);
        assert_eq!(of("12", "ACTUAL"), ["AS-AT-2008-12-31"]);
        // The cohort entered before the year, and is reported with the year's target.
        assert_eq!(of("11", "ACTUAL").len(), 1);
        // The target for 2010 is another line's.
        assert_eq!(of("54", "TARGET"), ["FY2008-09"]);
        assert_eq!(loaded.json(path).await["period"], "FY2008-09");
        let none = loaded.json("/v1/partnerships/southwark/framework?period=2015/16").await;
        let lines = none["sections"].as_array().unwrap().iter().flat_map(|section| section["lines"].as_array().unwrap());
        let lines: Vec<_> = lines.collect();
        assert!(lines.len() >= 58 && lines.iter().all(|line| line["actuals"] == json!([])));
    }

    async fn the_resource_tables_agree_in_their_totals_and_disagree_within(db: Database) {
        let loaded = Loaded::over(db).await;
        let path = "/v1/partnerships/southampton/plans/safe-city-plan-2009-12/resources";
        let answer = loaded.json(path).await;
        let totals: Vec<_> = answer["tables"].as_array().unwrap().iter().map(|table| &table["printed_total"]).collect();
        assert_eq!(totals, [48_186_743, 48_186_743]);
        let told: Vec<&str> = answer["disagreements"].as_array().unwrap().iter().map(|of| of.as_str().unwrap()).collect();
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[0].contains("£630,000") && told[0].contains("£600,000"), "{told:#?}");
        assert!(told[1].contains("£103,000") && told[1].contains("£133,000"), "{told:#?}");
        let rows = by_column(loaded.csv(path).await);
        assert_eq!(rows.len(), answer["items"].as_array().unwrap().len());
        assert!(rows.iter().any(|row| row["agency"] == "Southampton Police" && row["amount"] == "28000000"), "{rows:#?}");
        // Each row says what its table is of, and what the table prints as its total.
        let said = |row: &BTreeMap<String, String>| (row["period"].clone(), row["table_printed_total"].clone());
        assert!(rows.iter().all(|row| said(row) == ("FY2009-10".to_owned(), "48186743".to_owned())), "{rows:#?}");
        assert!(rows.iter().all(|row| !row["table_title"].is_empty()), "{rows:#?}");
    }

    async fn the_region_s_figures_beside_the_comparison_are_an_area_s_own(db: Database) {
        let loaded = Loaded::over(db).await;
        let path = "/v1/figures?partnerships=southwark&kinds=REPORTED_CHANGE&periods=2008/09&limit=1000";
        let rows = by_column(loaded.csv(path).await);
        let of_london: BTreeMap<&str, &str> = rows
            .iter()
            .filter(|row| row["area"] == "E12000007")
            .map(|row| (row["indicator"].as_str(), row["as_printed"].as_str()))
            .collect();
        assert_eq!(of_london.len(), 9);
        assert_eq!((of_london["NI 16"], of_london["CRIME business-robbery"]), ("-8%", "-6%"));
        // They are the region's, and no comparison takes them for Southwark's.
        let own = rows.iter().find(|row| row["area"] == "E09000028" && row["indicator"] == "NI 16").unwrap();
        assert_eq!(own["as_printed"], "-15%");
    }

    async fn what_the_plan_prints_of_its_peers_comes_whole_page_by_page(db: Database) {
        let loaded = Loaded::over(db).await;
        let printed = file("returns/southwark.plans-2009.reported-comparisons.csv");
        let path = "/v1/partnerships/southwark/reported-comparisons";
        let (mut items, mut rows, mut pages) = (Vec::new(), Rows::new(), 0);
        let mut next = Some(format!("{path}?limit=5"));
        while let Some(at) = next {
            let answer = loaded.read(&at, "application/json").await.expect_ok();
            let (page, csv) = (answer.json(), loaded.read(&at, "text/csv").await.expect_ok());
            assert_eq!((page["next"].is_null(), answer.next()), (answer.next().is_none(), csv.next()), "{at}");
            items.extend(page["items"].as_array().unwrap().clone());
            rows.extend(by_column(csv.csv()));
            next = answer.next();
            pages += 1;
        }
        assert_eq!((items.len(), pages), (22, 5));
        // Every cell of the print comes back, in its order.
        for (printed, (row, item)) in printed.iter().zip(rows.iter().zip(&items)) {
            assert_eq!(row, printed);
            let says = |(column, said): (&String, &String)| *said == cell(item.get(column));
            assert!(row.iter().all(says), "{item:#}\n{row:#?}");
        }
        assert_eq!((&rows[4]["indicator_as_printed"], &rows[4]["indicator"]), (&"Serious acquisitive crime".into(), &"NI 16".into()));
        assert_eq!(loaded.json(path).await["items"], Value::from(items.clone()));
        let query = "{ partnership(code: \"southwark\") { reportedComparisons {
            line sourceRow indicator { qualifiedCode } indicatorAsPrinted period { code } peerGroup { code } rank rankAsPrinted
            groupSize rankOrder position positionAsPrinted progress progressAsPrinted ownChange ownChangeAsPrinted
            regionalChange regionalChangeAsPrinted source } } }";
        let graphql = loaded.graphql(query, &json!({})).await;
        assert_eq!(said(&as_rest(&graphql["partnership"]["reportedComparisons"])), said(&Value::from(items)));
    }
}
