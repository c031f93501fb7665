//! A return goes the whole way: told what is wrong, corrected, submitted, signed off, released, read and compared.

use serde_json::{Value, json};
use tests::{Answer, Server, TestClock, on_both_databases};

use crate::people::{anna, ben, office_of_london, office_of_the_east_midlands};
use crate::steps::{
    IN_TIME, LINES_OF_SOUTHWARK, column, keyed, pass_the_margin, pluck, post, release, return_id, return_of_southwark,
    signed_off, step, with_lines,
};

/// Nine lines with as many mistakes, as a hurried officer types them.
fn lines_with_mistakes() -> Value {
    let period = "2008/09";
    with_lines(&json!([
        { "source_row": "1", "indicator": "NI 1S", "period": period, "actual": { "value": 2.29 } },
        { "source_row": "2", "indicator": "NI 32", "period": period, "actual": { "value": "tbc" }, "comment": "soon" },
        { "source_row": "3", "indicator": "NI 16", "period": "Sep-08", "actual": { "value": 29.24 } },
        { "source_row": "4", "indicator": "NI 20", "period": period, "actual": { "value": 10.123_456_7 } },
        { "source_row": "5", "indicator": "NI 28", "period": period, "actual": { "as_printed": "?" } },
        { "source_row": "6", "indicator": "NI 29", "period": period, "actual": { "value": 0.54 } },
        { "source_row": "6", "indicator": "NI 29", "period": period, "actual": { "value": 0.54 } },
        { "source_row": "7", "indicator": "NI 34", "period": period,
          "actual": { "value": 0.011, "status": ["MISSING"] } },
        { "source_row": "8", "indicator": "NI 26", "period": period, "area": "E09000022",
          "actual": { "missing": "NOT_YET_INTRODUCED" } }
    ]))
}

/// The same lines as a spreadsheet saves them.
const ROWS_WITH_MISTAKES: &str = "\
source_row,indicator,period,area,actual_value,actual_as_printed,actual_status,actual_missing,comment\r\n\
1,NI 1S,2008/09,,2.29,,,,\r\n\
2,NI 32,2008/09,,tbc,,,,soon\r\n\
3,NI 16,Sep-08,,29.24,,,,\r\n\
4,NI 20,2008/09,,10.1234567,,,,\r\n\
5,NI 28,2008/09,,,?,,,\r\n\
6,NI 29,2008/09,,0.54,,,,\r\n\
6,NI 29,2008/09,,0.54,,,,\r\n\
7,NI 34,2008/09,,0.011,,MISSING,,\r\n\
8,NI 26,2008/09,E09000022,,,,NOT_YET_INTRODUCED,\r\n";

/// What is wrong with them: line, source row, code, JSON pointer and column.
const MISTAKES: [(u32, &str, &str, &str, Option<&str>); 8] = [
    (1, "1", "NOT_IN_CATALOGUE", "/lines/0/indicator", Some("indicator")),
    (2, "2", "NOT_A_NUMBER", "/lines/1/actual/value", Some("actual_value")),
    (3, "3", "SPREADSHEET_DATE", "/lines/2/period", Some("period")),
    (4, "4", "TOO_MANY_DIGITS", "/lines/3/actual/value", Some("actual_value")),
    (5, "5", "MISSING_REASON_REQUIRED", "/lines/4/actual/missing", Some("actual_missing")),
    (7, "6", "SAME_ROW_TWICE", "/lines/6", None),
    (8, "7", "VALUE_BESIDE_MISSING", "/lines/7/actual/status", Some("actual_status")),
    (9, "8", "AREA_NOT_YOURS", "/lines/8/area", Some("area")),
];

/// Asserts that a report tells all of the mistakes and nothing else.
#[track_caller]
fn assert_all_mistakes(report: &Value, as_csv: bool) {
    let expected: Vec<Value> = MISTAKES
        .iter()
        .map(|(line, row, code, pointer, column)| {
            let mut place = json!({ "line": line, "source_row": row });
            match (as_csv, column) {
                (false, _) => place["pointer"] = (*pointer).into(),
                (true, Some(column)) => place["column"] = (*column).into(),
                (true, None) => {}
            }
            json!({ "code": code, "severity": "ERROR", "place": place })
        })
        .collect();
    let told: Vec<Value> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| json!({ "code": problem["code"], "severity": problem["severity"], "place": problem["place"] }))
        .collect();
    assert_eq!(told, expected);
    let counts = [&report["lines"], &report["errors"], &report["warnings"], &report["infos"]];
    assert_eq!(counts, [&json!(9), &json!(8), &json!(0), &json!(0)]);
    let messages = pluck(&report["problems"], "/message");
    assert_eq!(messages[0], "`NI 1S` is not in the catalogue. Did you mean `NI 15`?");
    for (message, words) in
        messages.iter().zip(["NI 1S", "tbc", "2008/09", "10.1234567", "no reason", "Line 6", "", "Lambeth"])
    {
        assert!(message.as_str().unwrap().contains(words), "{message} does not say {words}");
    }
    assert_eq!(report["problems"][0]["expected"], "`NI 15`");
}

/// The figures of a page of actuals, by indicator.
fn values(page: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    pluck(page, "/indicator")
        .iter()
        .zip(pluck(page, "/value"))
        .map(|(code, value)| (text(code), text(&value)))
        .collect()
}

/// What Southwark's plan prints of 2008/09, in the order of the catalogue.
fn printed() -> Vec<(String, String)> {
    let printed = [
        ("NI 15", "2.29"),
        ("NI 16", "29.24"),
        ("NI 20", "10.1"),
        ("NI 26", "null"),
        ("NI 28", "2.64"),
        ("NI 29", "0.54"),
        ("NI 32", "null"),
        ("NI 34", "0.011"),
        ("southwark:LI 1", "1712"),
    ];
    printed.map(|(code, value)| (code.to_owned(), value.to_owned())).to_vec()
}

/// The first comparison of an answer, and what it says of Southwark.
fn compared(answer: &Answer) -> (Value, Value) {
    let comparison = answer.at("/comparisons/0");
    let own = comparison["members"][0].clone();
    assert_eq!(own["partnership"], "southwark");
    (comparison, own)
}

on_both_databases! { with_catalogue:
    /// A return with mistakes is told all of them at once, and nothing of it is kept but the report.
    async fn a_return_with_mistakes_is_told_all_of_them_and_nothing_is_kept(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let refused = post(&anna, &lines_with_mistakes()).await.expect(422);
        assert_eq!(refused.problem_code(), "RETURN_REFUSED");
        assert_eq!(refused.at("/type"), "/v1/problems/return-refused");
        assert_eq!(refused.at("/report/outcome"), "REFUSED");
        assert_all_mistakes(&refused.at("/report"), false);
        assert_eq!(anna.get("/v1/returns").await.expect(200).at("/items"), json!([]));

        let report = anna.get(&format!("/v1/reports/{}", refused.at("/report/id").as_str().unwrap())).await.expect(200);
        assert_eq!(report.json(), refused.at("/report"));
    }

    /// A spreadsheet with the same mistakes is told the same, by column.
    async fn the_same_mistakes_in_csv_have_the_same_codes_with_columns(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let address = "/v1/returns?partnership=southwark&collection=fy2008-09";
        let refused = keyed(anna.post(address).body("text/csv", ROWS_WITH_MISTAKES)).await.expect(422);
        assert_eq!(refused.problem_code(), "RETURN_REFUSED");
        assert_all_mistakes(&refused.at("/report"), true);
        let report = anna.get(&format!("/v1/reports/{}", refused.at("/report/id").as_str().unwrap())).await.expect(200);
        assert_eq!(report.json(), refused.at("/report"));
        assert_eq!(anna.get("/v1/returns").await.expect(200).at("/items"), json!([]));
    }

    /// One mistake is one problem, however the line is posted.
    async fn a_word_for_a_number_is_one_problem_in_json_as_in_csv(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let address = "/v1/returns?partnership=southwark&collection=fy2008-09";
        let row = "indicator,period,actual_value,actual_as_printed\r\nNI 32,2008/09,tbc,tbc\r\n";
        let csv = keyed(anna.post(address).body("text/csv", row)).await.expect(422);
        assert_eq!(pluck(&csv.at("/report/problems"), "/code"), ["NOT_A_NUMBER"]);
        for actual in [json!({ "value": "tbc", "as_printed": "tbc" }), json!({ "value": "tbc" })] {
            let lines = with_lines(&json!([{ "indicator": "NI 32", "period": "2008/09", "actual": actual }]));
            let json = post(&anna, &lines).await.expect(422);
            assert_eq!(pluck(&json.at("/report/problems"), "/code"), ["NOT_A_NUMBER"], "{actual}");
        }
    }

    /// A dry run says what would become of a return, and keeps none.
    async fn a_dry_run_says_what_would_happen_and_keeps_no_return(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let dry = |body: &Value| anna.post("/v1/returns?dry_run=true").json(body);
        let bad = dry(&lines_with_mistakes()).await.expect(200);
        assert_eq!((bad.at("/report/outcome"), bad.at("/return")), (json!("WOULD_BE_REFUSED"), Value::Null));
        assert_all_mistakes(&bad.at("/report"), false);
        let good = dry(&return_of_southwark()).await.expect(200);
        assert_eq!((good.at("/report/outcome"), good.at("/report/errors")), (json!("WOULD_BE_ACCEPTED"), json!(0)));
        assert_eq!(anna.get("/v1/returns").await.expect(200).at("/items"), json!([]));
        for answer in [bad, good] {
            let id = answer.at("/report/id");
            let report = anna.get(&format!("/v1/reports/{}", id.as_str().unwrap())).await.expect(200);
            assert_eq!(report.json(), answer.at("/report"));
        }
    }

    /// From the first mistake to the comparison, by the clock on the wall.
    async fn a_return_goes_the_whole_way(db: Database) {
        let server = Server::start(&db);
        let (anna, ben, london) = (anna(&server), ben(&server), office_of_london(&server));
        let anybody = server.client();

        // Refused, corrected, accepted.
        post(&anna, &lines_with_mistakes()).await.expect(422);
        let address = "/v1/returns?partnership=southwark&collection=fy2008-09";
        let draft = keyed(anna.post(address).body("text/csv", LINES_OF_SOUTHWARK)).await.expect(201);
        let id = return_id(&draft);
        let place = format!("/v1/returns/{id}");
        assert_eq!((draft.expect_header("location"), draft.etag()), (place.as_str(), "\"1\""));
        assert_eq!((draft.at("/return/state"), draft.at("/report/outcome")), (json!("DRAFT"), json!("ACCEPTED")));
        assert_eq!((draft.at("/report/lines"), draft.at("/report/errors")), (json!(9), json!(0)));
        // It comes years after the due date, which is worth knowing and no more.
        assert_eq!(pluck(&draft.at("/report/problems"), "/code"), ["RETURNED_LATE"]);

        // Submitted, on the version that was read.
        let submit = format!("{place}/submit");
        assert_eq!(anna.post(&submit).await.expect(428).problem_code(), "PRECONDITION_REQUIRED");
        assert_eq!(step(&anna, &id, "submit", "\"7\"").await.expect(412).problem_code(), "PRECONDITION_FAILED");
        let submitted = step(&anna, &id, "submit", draft.etag()).await.expect(200);
        assert_eq!((submitted.at("/state"), submitted.etag()), (json!("SUBMITTED"), "\"2\""));
        assert_eq!(submitted.at("/submitted_by"), "anna");

        // Signed off, by somebody else.
        let scope = "returns:read returns:write returns:sign-off";
        let anna_again = tests::TokenSpec::subject("anna").scope(scope).partnership("southwark");
        let alone = step(&server.client_for(&anna_again), &id, "sign-off", submitted.etag()).await.expect(403);
        assert_eq!(alone.problem_code(), "SECOND_PERSON_REQUIRED");
        let signed = step(&ben, &id, "sign-off", submitted.etag()).await.expect(200);
        assert_eq!((signed.at("/state"), signed.at("/signed_off_by")), (json!("SIGNED_OFF"), json!("ben")));

        // Nothing is published yet.
        let nothing = anybody.get("/v1/actuals").await.expect(200);
        assert_eq!(nothing.at("/items"), json!([]));

        // Released: the national lines by the office of its region, the local one by the partnership.
        let strangers = release(&office_of_the_east_midlands(&server), &id).await.expect(404);
        assert_eq!(strangers.problem_code(), "NOT_FOUND");
        let national = release(&london, &id).await.expect(201);
        assert_eq!(national.at("/returns/0/schemes"), json!(["NI"]));
        assert_eq!((national.at("/released_by"), national.at("/audience")), (json!("gol"), json!("PUBLIC")));
        let page = anybody.get("/v1/actuals").await.expect(200).at("/items");
        assert_eq!(values(&page), printed()[..8]);
        assert_eq!(anna.get(&place).await.expect(200).at("/state"), "SIGNED_OFF");
        let local = release(&anna, &id).await.expect(201);
        assert_eq!(local.at("/returns/0/schemes"), json!(["LI"]));
        assert_eq!(anna.get(&place).await.expect(200).at("/state"), "RELEASED");

        // The same figures over REST, as CSV and over GraphQL.
        let read = anybody.get("/v1/actuals?partnerships=southwark&periods=2008%2F09").await.expect(200);
        let items = read.at("/items");
        assert_eq!(values(&items), printed());
        assert_eq!(pluck(&items, "/return_id"), vec![json!(id); 9]);
        assert_eq!((&items[0]["numerator"], &items[0]["as_printed"]), (&json!(629), &json!("2.29")));
        assert_eq!((&items[6]["missing"], &items[8]["as_printed"]), (&json!("NOT_YET_INTRODUCED"), &json!("1,712")));
        let csv = anybody.get("/v1/actuals.csv?partnerships=southwark&periods=2008%2F09").await.expect(200);
        let cells: Vec<_> = column(csv.text(), "indicator").into_iter().zip(column(csv.text(), "value")).collect();
        let expected: Vec<_> = printed().into_iter().map(|(code, value)| (code, value.replace("null", ""))).collect();
        assert_eq!(cells, expected);
        let query = "{ actuals(partnerships: [\"southwark\"], periods: [\"2008/09\"]) {
            nodes { indicator { qualifiedCode } value } } }";
        let graphql = anybody.graphql(query, &Value::Null).await.expect(200).graphql_data();
        let nodes = &graphql["actuals"]["nodes"];
        assert_eq!(pluck(nodes, "/value"), pluck(&items, "/value"));
        assert_eq!(pluck(nodes, "/indicator/qualifiedCode"), pluck(&items, "/indicator"));

        // Compared: alone in its group, against its own baseline.
        let address = "/v1/partnerships/southwark/comparison?periods=FY2008-09&indicators=";
        let (comparison, own) = compared(&anybody.get(&format!("{address}NI%2016")).await.expect(200));
        assert_eq!((&comparison["coverage"], &comparison["used"]), (&json!("1 of 15 used"), &json!(1)));
        assert_eq!((&comparison["average"], &own["rank"], &own["position"]), (&Value::Null, &Value::Null, &Value::Null));
        let change = json!({ "from_period": "FY2007-08", "from_kind": "BASELINE", "from_value": 34.56,
            "relative": -15.4, "points": -5.32, "refused": null });
        assert_eq!((&own["value"], &own["change"]), (&json!(29.24), &change));
        assert_eq!((&own["direction_of_travel"], &own["used"]), (&json!("IMPROVED"), &json!(true)));
        let others = &comparison["members"].as_array().unwrap()[1..];
        assert_eq!(others.len(), 14);
        assert!(others.iter().all(|member| member["left_out"] == "NO_FIGURE" && member["used"] == false));

        // Across a break there is no change.
        let (_, own) = compared(&anybody.get(&format!("{address}NI%2020")).await.expect(200));
        assert_eq!((&own["value"], &own["change"]["relative"]), (&json!(10.1), &Value::Null));
        assert_eq!((&own["change"]["refused"]["reason"], &own["change"]["points"]), (&json!("BREAK"), &Value::Null));
        let message = own["change"]["refused"]["message"].as_str().unwrap();
        assert!(message.contains("Changes in Home Office counting rules"), "{message}");
    }

    /// What the plan prints of a comparison stands beside what is computed, and does not change it.
    async fn a_printed_rank_stands_beside_the_computed_one(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let mut body = return_of_southwark();
        body["reported_comparisons"] = json!([{
            "source_row": "3", "indicator": "NI 16", "period": "FY2008-09", "peer_group": "southwark-msg-2008",
            "rank": 6, "rank_as_printed": "6 <sup>th</sup>", "group_size": 15, "rank_order": "HIGHEST_FIRST",
            "position": "JUST_ABOVE", "position_as_printed": "Just above", "progress": "WORSENED",
            "own_change": -14, "regional_change": -8
        }]);
        let id = signed_off(&server, &body).await;
        let address = "/v1/partnerships/southwark/comparison?indicators=NI%2016&periods=FY2008-09";
        assert_eq!(server.client().get(address).await.expect(200).at("/comparisons/0/reported"), json!([]));
        release(&office_of_london(&server), &id).await.expect(201);
        pass_the_margin(&clock);

        let answer = server.client().get(address).await.expect(200);
        let (comparison, own) = compared(&answer);
        let reported = &comparison["reported"][0];
        assert_eq!((&reported["rank"], &reported["group_size"]), (&json!(6), &json!(15)));
        assert_eq!((&reported["rank_order"], &reported["position"]), (&json!("HIGHEST_FIRST"), &json!("JUST_ABOVE")));
        assert_eq!((&reported["own_change"], &reported["regional_change"]), (&json!(-14), &json!(-8)));
        assert_eq!(reported["rank_as_printed"], "6 <sup>th</sup>");
        assert_eq!((&own["rank"], &comparison["rank_order"]), (&Value::Null, &json!("LOWEST_FIRST")));

        let csv = server.client().get(&address.replace("comparison?", "comparison.csv?")).await.expect(200);
        assert_eq!(column(csv.text(), "partnership")[0], "southwark");
        let query = "{ comparison(partnership: \"southwark\", indicators: [\"NI 16\"], periods: [\"FY2008-09\"]) {
            comparisons { coverage reported { rank groupSize rankOrder } members { partnership { code } value
                change { fromKind fromValue relative points } } } } }";
        let data = server.client().graphql(query, &Value::Null).await.expect(200).graphql_data();
        let same = &data["comparison"]["comparisons"][0];
        assert_eq!(same["coverage"], "1 of 15 used");
        assert_eq!(same["reported"][0], json!({ "rank": 6, "groupSize": 15, "rankOrder": "HIGHEST_FIRST" }));
        let change = json!({ "fromKind": "BASELINE", "fromValue": 34.56, "relative": -15.4, "points": -5.32 });
        assert_eq!((&same["members"][0]["value"], &same["members"][0]["change"]), (&json!(29.24), &change));
    }

    /// Of two returns that print the same comparison the one released last counts, whichever was signed off first.
    async fn of_two_printed_ranks_the_one_released_last_counts(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let mut returns = Vec::new();
        for (collection, ranks) in [("fy2008-09", [6, 7]), ("plans-2009", [8, 9])] {
            let mut body = return_of_southwark();
            body["collection"] = json!(collection);
            let printed = ["NI 16", "NI 20"].iter().zip(ranks);
            let printed = printed.map(|(code, rank)| json!({ "indicator": code, "period": "FY2008-09", "rank": rank }));
            body["reported_comparisons"] = printed.collect();
            returns.push(signed_off(&server, &body).await);
        }
        let address = "/v1/partnerships/southwark/reported-comparisons";
        let mut seen = Vec::new();
        for id in returns.iter().rev() {
            release(&office_of_london(&server), id).await.expect(201);
            pass_the_margin(&clock);
            seen.push(pluck(&server.client().get(address).await.expect(200).at("/items"), "/rank"));
        }
        assert_eq!(seen, [[8, 9], [6, 7]]);
        let comparison = "/v1/partnerships/southwark/comparison?indicators=NI%2016&periods=FY2008-09";
        let beside = server.client().get(comparison).await.expect(200).at("/comparisons/0/reported");
        assert_eq!(pluck(&beside, "/rank"), [6]);
    }

    /// Lines given back as CSV can be posted again as they are.
    async fn lines_read_as_csv_can_be_posted_back(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let address = "/v1/returns?partnership=southwark&collection=fy2008-09";
        let first = keyed(anna.post(address).body("text/csv", LINES_OF_SOUTHWARK)).await.expect(201);
        let csv = anna.get(&format!("/v1/returns/{}.csv", return_id(&first))).await.expect(200);
        let again = keyed(anna.post(address).body("text/csv", csv.text().to_owned())).await.expect(201);
        assert_eq!(again.at("/report/problems"), json!([]));
        let lines = async |receipt: &Answer| anna.get(&format!("/v1/returns/{}", return_id(receipt))).await.at("/lines");
        assert_eq!(lines(&again).await, lines(&first).await);
    }
}
