//! What is worth knowing of a plan that can be taken.

use super::*;

#[test]
fn a_plan_without_doubts_whose_tables_agree_is_taken_without_a_remark() {
    assert_eq!(warnings(&taken(&json!({}))), []);
}

/// A plan with rows of two sections, of which the second is doubted.
fn doubted(rows: &[(u16, &str)]) -> Plan {
    let lines: Vec<Value> = rows
        .iter()
        .map(|(section, row)| json!({ "section": section, "source_row": row, "indicator": "NI 15" }))
        .collect();
    taken(&json!({
        "lines": lines,
        "sections": [
            { "number": 1, "table": "framework", "title": "Violent crime" },
            {
                "number": 2, "table": "framework", "title": "Young people", "doubts": ["MISNAMED", "DAMAGED"],
                "note": "PSA 15 is printed for PSA 13.",
            },
        ],
    }))
}

#[rstest]
#[case::several_rows(&[(1, "9"), (2, "10"), (2, "11"), (2, "13")], " (rows 10 to 13)")]
#[case::one_row(&[(2, "10"), (1, "9")], " (row 10)")]
#[case::no_rows(&[(1, "9")], "")]
fn the_doubts_about_a_section_are_told_with_its_note_and_its_rows(#[case] rows: &[(u16, &str)], #[case] named: &str) {
    let warnings = warnings(&doubted(rows));
    let told: Vec<_> = warnings.into_iter().map(|of| (of.code, of.severity, of.message, of.place.pointer)).collect();
    let message = format!("MISNAMED, DAMAGED: PSA 15 is printed for PSA 13.{named}");
    assert_eq!(told, [(ProblemCode::Doubted, Severity::Warning, message, Some("/sections/1".into()))]);
}

#[test]
fn southamptons_two_tables_agree_but_for_two_amounts() {
    let published = include_str!("../../../../../../data/plans/southampton.safe-city-plan-2009-12.json");
    let published: Value = serde_json::from_str(published).unwrap();
    let mut resources: Vec<Value> = published["resources"].as_array().unwrap().clone();
    for resource in &mut resources {
        resource.as_object_mut().unwrap().remove("priority");
    }
    let plan = taken(&json!({ "resource_tables": published["resource_tables"], "resources": resources }));
    let totals: Vec<String> = plan.resource_tables.iter().map(|of| of.printed_total.unwrap().to_string()).collect();
    assert_eq!(totals, ["48186743", "48186743"]);
    let (first, second) = (&plan.resource_tables[0].title, &plan.resource_tables[1].title);
    let disagreements = resource_disagreements(&plan);
    for (agency, in_first, in_second) in [
        ("services that contribute indirectly", "£600,000", "£630,000"),
        ("trading standards and licensing", "£133,000", "£103,000"),
    ] {
        let told = disagreements.iter().find(|told| told.contains(agency)).unwrap();
        assert!(told.starts_with(&format!("For FY2009-10 Southampton City Council: {agency} has £")), "{told}");
        assert!(told.contains(&format!("{in_first} in “{first}”")), "{told}");
        assert!(told.contains(&format!("{in_second} in “{second}”")), "{told}");
    }
    assert_eq!(disagreements.len(), 2, "{disagreements:?}");
    let spots: Vec<_> = warnings(&plan).into_iter().map(|of| (of.code, of.place.pointer.unwrap())).collect();
    assert_eq!(spots, vec![(ProblemCode::ResourcesDisagree, "/resources".to_owned()); 2]);
}

/// What is told of a table of amounts, each with its heading and agency, and of its printed totals.
fn told_of(amounts: &[(&str, &str, &str)], column_totals: &[(&str, &str)], printed_total: Option<&str>) -> Vec<String> {
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let of_table = |heading: &str, agency: &str, amount: &str, is_total: bool| {
        let amount = number(amount);
        json!({ "table": "by-agency", "heading": heading, "agency": agency, "amount": amount, "is_total": is_total })
    };
    let amounts = amounts.iter().map(|(heading, agency, amount)| of_table(heading, agency, amount, false));
    let totals = column_totals.iter().map(|(heading, amount)| of_table(heading, "Total", amount, true));
    let resources: Vec<Value> = amounts.chain(totals).collect();
    let table = json!({
        "code": "by-agency", "title": "By agency", "period": "FY2009-10", "printed_total": printed_total.map(number),
    });
    resource_disagreements(&taken(&json!({ "resource_tables": [table], "resources": resources })))
}

const AMOUNTS: &[(&str, &str, &str)] =
    &[("Core", "Police", "28000000"), ("Core", "Probation", "6745410"), ("External", "Prevent", "125000")];

#[rstest]
#[case::that_agree(&[("Core", "34745410"), ("External", "125000")], Some("34870410"), &[])]
#[case::that_are_not_printed(&[], None, &[])]
#[case::of_a_column(
    &[("Core", "34745410"), ("External", "152000")], Some("34870410"),
    &["“By agency” prints £152,000 under “External”; the column adds up to £125,000."]
)]
#[case::of_a_column_without_amounts(
    &[("Apportioned", "1")], None, &["“By agency” prints £1 under “Apportioned”; the column adds up to £0."]
)]
#[case::of_the_table(
    &[("Core", "34745410")], Some("34870401"),
    &["“By agency” prints a total of £34,870,401; its amounts add up to £34,870,410."]
)]
#[case::of_both(
    &[("Core", "34745409.50")], Some("1"),
    &[
        "“By agency” prints a total of £1; its amounts add up to £34,870,410.",
        "“By agency” prints £34,745,409.50 under “Core”; the column adds up to £34,745,410.",
    ]
)]
fn printed_totals(#[case] columns: &[(&str, &str)], #[case] printed: Option<&str>, #[case] expected: &[&str]) {
    assert_eq!(told_of(AMOUNTS, columns, printed), expected);
}

/// What is told of an agency's amounts in the columns of two tables.
fn told_of_two(periods: [&str; 2], amounts: [&[i32]; 2]) -> Vec<String> {
    let codes = ["a", "b"];
    let tables: Vec<Value> = codes
        .iter()
        .zip(periods)
        .map(|(code, period)| json!({ "code": code, "title": format!("Table {code}"), "period": period }))
        .collect();
    let of_table = |(code, amounts): (&str, &[i32])| -> Vec<Value> {
        let amount =
            |amount: &i32| json!({ "table": code, "heading": "Core", "agency": "Hospitals", "amount": amount });
        amounts.iter().map(amount).collect()
    };
    let resources: Vec<Value> = codes.into_iter().zip(amounts).flat_map(of_table).collect();
    resource_disagreements(&taken(&json!({ "resource_tables": tables, "resources": resources })))
}

#[test]
fn an_agencys_amounts_in_one_table_are_added_up_before_tables_are_compared() {
    let year = ["FY2009-10", "2009/10"];
    assert_eq!(told_of_two(year, [&[2_361_000, 831_000], &[3_192_000]]), [""; 0]);
    let told = told_of_two(year, [&[2_361_000, 831_000], &[2_361_000]]);
    assert_eq!(told, ["For FY2009-10 Hospitals has £3,192,000 in “Table a” and £2,361,000 in “Table b”."]);
}

#[test]
fn tables_of_two_years_or_with_other_agencies_need_not_agree() {
    assert_eq!(told_of_two(["FY2009-10", "FY2010-11"], [&[100], &[200]]), [""; 0]);
    assert_eq!(told_of_two(["FY2009-10", "FY2009-10"], [&[100], &[]]), [""; 0]);
}

#[rstest]
#[case("0", "£0")]
#[case("999", "£999")]
#[case("1000", "£1,000")]
#[case("133000", "£133,000")]
#[case("48186743", "£48,186,743")]
#[case("1250.5", "£1,250.50")]
#[case("0.05", "£0.05")]
#[case("-1000", "-£1,000")]
fn amounts_are_written_as_people_write_them(#[case] amount: &str, #[case] written: &str) {
    assert_eq!(pounds(scaled(Figure::parse(amount).unwrap())), written);
}
