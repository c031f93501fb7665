//! Plans and performance frameworks: putting a plan, reading it back, and following what is published against it.

use serde_json::{Value, json};
use tests::{Server, TestClock, on_both_databases};

use crate::{
    people::{anna, ben, editor, lola, office_of_london},
    steps::{IN_TIME, keyed, pass_the_margin, pluck, published_plan, release, return_id, signed_off, step, with_lines},
};

/// A small plan of Southwark: two priorities, and two lines for one indicator.
fn night_plan() -> Value {
    json!({
        "code": "night-plan", "partnership": "southwark", "title": "Southwark at night", "status": "DRAFT",
        "valid_from": "2009-04-01", "valid_to": "2010-03-31",
        "priorities": [{ "code": "night-bus", "kind": "PRIORITY", "title": "Safe night buses", "indicators": ["li 1", "NI15"] }],
        "actions": [{ "number": "1.", "priority": "night-bus", "title": "Wardens on night buses", "indicators": ["NI 16"] }],
        "resource_tables": [
            { "code": "by-agency", "title": "By agency", "period": "2009/10", "printed_total": 300 },
            { "code": "by-priority", "title": "By priority", "period": "FY2009-10", "printed_total": 300 }
        ],
        "resources": [
            { "table": "by-agency", "heading": "£", "agency": "Police", "amount": 200 },
            { "table": "by-agency", "heading": "£", "agency": "Wardens", "amount": 90 },
            { "table": "by-priority", "heading": "Night bus (£)", "agency": "Police", "amount": 300 }
        ],
        "sections": [
            { "number": 1, "table": "framework", "title": "Night", "doubts": ["MISNAMED"], "note": "The heading says day." }
        ],
        "lines": [
            { "section": 1, "source_row": "1", "indicator": "NI 16", "indicator_as_printed": "NI16 at night", "tier": "STRATEGIC" },
            { "section": 1, "source_row": "3", "indicator": "NI 16" },
            { "section": 1, "source_row": "4", "indicator": "NI 29" }
        ]
    })
}

const PLAN: &str = "/v1/partnerships/southwark/plans/night-plan";

on_both_databases! { with_catalogue:
    /// What was put is what is read, with codes as they are printed; the receipt says what is doubtful.
    async fn a_partnership_puts_its_plan_and_is_told_what_does_not_add_up(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let receipt = anna(&server).put(PLAN).json(&night_plan()).await.expect(200);
        assert_eq!(receipt.at("/created"), 1);
        let told = receipt.at("/warnings");
        assert_eq!(pluck(&told, "/message"), [
            "MISNAMED: The heading says day. (rows 1 to 4)",
            "“By agency” prints a total of £300; its amounts add up to £290.",
            "For FY2009-10 Police has £200 in “By agency” and £300 in “By priority”.",
        ]);
        assert_eq!(pluck(&told, "/code"), ["DOUBTED", "RESOURCES_DISAGREE", "RESOURCES_DISAGREE"]);
        assert_eq!(pluck(&told, "/severity"), ["WARNING"; 3]);
        pass_the_margin(&clock);

        let read = server.client().get(PLAN).await.expect(200);
        let mut expected = night_plan();
        expected["priorities"][0]["indicators"] = json!(["southwark:LI 1", "NI 15"]);
        expected["resource_tables"][0]["period"] = json!("FY2009-10");
        for (pointer, value) in [("/code", "night-plan"), ("/title", "Southwark at night"), ("/status", "DRAFT")] {
            assert_eq!(read.at(pointer), value);
        }
        assert_eq!(read.at("/priorities"), expected["priorities"]);
        assert_eq!(read.at("/lines"), expected["lines"]);
        assert_eq!(read.at("/resource_tables/0/period"), "FY2009-10");
        // What is read can be put back, says nothing new, and is as doubtful as before.
        let again = anna(&server).put(PLAN).json(&read.json()).await.expect(200);
        assert_eq!((again.at("/unchanged"), again.at("/warnings")), (json!(1), told));

        let listed = server.client().get("/v1/partnerships/southwark/plans").await.expect(200).at("/items");
        assert_eq!(pluck(&listed, "/code"), ["rolling-plan-2008-12", "night-plan"]);
        let actions = server.client().get(&format!("{PLAN}/actions.csv")).await.expect(200);
        assert!(actions.text().contains("\r\n1.,night-bus,,Wardens on night buses,,,NI 16,,,\r\n"), "{}", actions.text());
        let data = server.client().graphql(
            "{ plan(partnership: \"southwark\", code: \"night-plan\") { title resourceDisagreements lines { indicator { code } } } }",
            &Value::Null,
        ).await.graphql_data();
        assert_eq!(data["plan"]["title"], "Southwark at night");
        assert_eq!(pluck(&data["plan"]["lines"], "/indicator/code"), ["NI 16", "NI 16", "NI 29"]);
    }

    /// Everything that is wrong is said at once, with its place, and nothing is kept.
    async fn a_plan_that_contradicts_itself_is_refused_whole(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let mut plan = night_plan();
        plan["actions"][0]["priority"] = json!("day-bus");
        plan["resources"][2]["table"] = json!("by-nobody");
        plan["lines"][1] = plan["lines"][0].clone();
        plan["lines"][2]["indicator"] = json!("NI 1S");
        plan["sections"][0].as_object_mut().unwrap().remove("note");
        let refused = anna(&server).put(PLAN).json(&plan).await.expect(422);
        assert_eq!(refused.problem_code(), "INVALID_DOCUMENT");
        let places = pluck(&refused.at("/problems"), "/place/pointer");
        let expected =
            ["/actions/0/priority", "/resources/2/table", "/sections/0/note", "/lines/1/source_row", "/lines/2/indicator"];
        assert_eq!(places, expected);
        assert_eq!(anna(&server).get(PLAN).await.expect(404).problem_code(), "NOT_FOUND");

        let mut plan = night_plan();
        plan["lines"][0]["teir"] = json!("STRATEGIC");
        let refused = anna(&server).put(PLAN).json(&plan).await.expect(422);
        let detail = refused.at("/detail");
        assert!(detail.as_str().unwrap().contains("`lines[0]") && detail.as_str().unwrap().contains("teir"), "{detail}");
        let elsewhere = "/v1/partnerships/southwark/plans/day-plan";
        assert_eq!(anna(&server).put(elsewhere).json(&night_plan()).await.expect(422).problem_code(), "INVALID_DOCUMENT");
    }

    /// A plan is its partnership's to put, and its regional office's; nobody else's.
    async fn nobody_puts_another_partnership_s_plan(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let refused = lola(&server).put(PLAN).json(&night_plan()).await.expect(403);
        assert_eq!(refused.problem_code(), "NOT_YOUR_PARTNERSHIP");
        let refused = office_of_london(&server).put(PLAN).json(&night_plan()).await.expect(403);
        assert_eq!(refused.problem_code(), "MISSING_SCOPE");
        assert_eq!(server.client().put(PLAN).json(&night_plan()).await.expect(401).problem_code(), "UNAUTHENTICATED");
        editor(&server).put(PLAN).json(&night_plan()).await.expect(200);
    }

    /// A plan that is put again leaves the old one to whoever asks for the time before.
    async fn an_earlier_version_of_a_plan_stays_readable(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let first = anna(&server).put(PLAN).json(&night_plan()).await.expect(200).at("/effective_at");
        pass_the_margin(&clock);
        let tag = server.client().get(PLAN).await.expect(200).etag().to_owned();
        server.client().get(PLAN).header("if-none-match", &tag).await.expect(304);
        let mut agreed = night_plan();
        agreed["status"] = json!("AGREED");
        assert_eq!(anna(&server).put(PLAN).json(&agreed).await.expect(200).at("/changed"), 1);
        pass_the_margin(&clock);
        let now = server.client().get(PLAN).header("if-none-match", &tag).await.expect(200);
        assert_eq!(now.at("/status"), "AGREED");
        let before = server.client().get(PLAN).query("as_of", first.as_str().unwrap()).await.expect(200);
        assert_eq!(before.at("/status"), "DRAFT");
        let framework = "/v1/partnerships/southwark/framework?plan=night-plan";
        let before = server.client().get(framework).query("as_of", first.as_str().unwrap()).await.expect(200);
        assert_eq!(before.at("/status"), "DRAFT");
    }

    /// The framework shows what is published when it is asked for, on the line that it belongs to.
    async fn a_framework_follows_what_is_published(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let address = "/v1/partnerships/southwark/framework";
        anna(&server).put(PLAN).json(&night_plan()).await.expect(200);
        pass_the_margin(&clock);
        // A draft does not take the place of a plan that is agreed; the newest of those that are agreed does.
        assert_eq!(server.client().get(address).await.expect(200).at("/plan"), "rolling-plan-2008-12");
        let mut agreed = night_plan();
        agreed["status"] = json!("AGREED");
        anna(&server).put(PLAN).json(&agreed).await.expect(200);
        pass_the_margin(&clock);
        let before = server.client().get(address).await.expect(200);
        assert_eq!((before.at("/plan"), before.at("/sections/0/lines/0/actuals")), (json!("night-plan"), json!([])));
        assert_eq!(before.at("/sections/0/lines/0/indicator_as_printed"), "NI16 at night");
        published_plan(&server, &clock).await;
        pass_the_margin(&clock);

        let after = server.client().get(address).await.expect(200);
        assert_ne!(after.etag(), before.etag());
        // The return's row 3 is the plan's row 3, although row 1 has the same indicator.
        assert_eq!(after.at("/sections/0/lines/0/actuals"), json!([]));
        let line = after.at("/sections/0/lines/1");
        assert_eq!((&line["actuals"][0]["value"], &line["actuals"][0]["as_printed"]), (&json!(29.24), &json!("29.24")));
        assert_eq!(line["actuals"][0]["change"], json!({
            "rule": "since-baseline", "from_kind": "BASELINE", "from_period": "FY2007-08", "from_value": 34.56,
            "relative": -15.4, "points": -5.32, "not_computed": null,
        }));
        let met = &line["targets"][0]["met"];
        assert_eq!((&met["met"], &met["light"], &met["level"]), (&json!(true), &json!("GREEN"), &json!(33.83424)));
        assert_eq!(line["reported_lights"][0]["light"], "GREEN");
        assert_eq!(line["reported_changes"][0]["change_match"], "MATCHES");
        let guns = after.at("/sections/0/lines/2/reported_changes/0");
        assert_eq!((&guns["as_printed"], &guns["change_match"]), (&json!("-26%"), &json!("WITHIN_ROUNDING")));

        // An outturn of the year after finds the target set for it, and the outturn before it.
        let next = json!([
            { "source_row": "3", "indicator": "NI 16", "period": "FY2008-09",
              "target": { "value": 28, "period": "FY2009-10" }, "comment": "set ahead" },
            { "source_row": "3", "indicator": "NI 16", "period": "FY2009-10", "actual": { "value": 28.5 } }
        ]);
        let mut body = with_lines(&next);
        body["collection"] = json!("plans-2009");
        let id = signed_off(&server, &body).await;
        release(&office_of_london(&server), &id).await.expect(201);
        pass_the_margin(&clock);
        let line = server.client().get(&format!("{address}?period=2009%2F10")).await.expect(200).at("/sections/0/lines/1");
        assert_eq!(pluck(&line["actuals"], "/value"), [28.5]);
        let met = &line["targets"][0]["met"];
        assert_eq!((&met["met"], &met["light"], &met["actual"]), (&json!(false), &json!("RED"), &json!(28.5)));
        assert!(pluck(&line["remarks"], "/comment").contains(&json!("set ahead")), "{line:#}");
    }

    /// What is asked for amiss is told with the parameter that is wrong.
    async fn a_framework_that_does_not_exist_is_not_found(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let get = |path: &'static str| server.client().get(path);
        for path in [
            "/v1/partnerships/atlantis/framework",
            "/v1/partnerships/brent/framework",
            "/v1/partnerships/southwark/framework?plan=night-plan",
            "/v1/partnerships/southwark/plans/night-plan",
            "/v1/partnerships/southwark/plans/night-plan/actions",
            "/v1/partnerships/southwark/plans/rolling-plan-2008-12/dreams",
            "/v1/partnerships/atlantis/plans",
            "/v1/partnerships/atlantis/reported-comparisons",
        ] {
            assert_eq!(get(path).await.expect(404).problem_code(), "NOT_FOUND", "{path}");
        }
        for (path, word) in [
            ("/v1/partnerships/southwark/framework?period=Sep-08", "period"),
            ("/v1/partnerships/southwark/framework?periods=2008%2F09", "periods"),
            ("/v1/partnerships/southwark/reported-comparisons?indicators=NI%201S", "indicators"),
            ("/v1/partnerships/southwark/reported-comparisons?limit=1001", "limit"),
        ] {
            let refused = get(path).await.expect(400);
            assert_eq!(refused.problem_code(), "INVALID_PARAMETER", "{path}");
            assert!(refused.at("/detail").as_str().unwrap().contains(word), "{path}: {}", refused.text());
        }
        assert_eq!(get("/v1/partnerships/brent/plans").await.expect(200).at("/items"), json!([]));
    }

    /// A return says what is doubtful in its source, and what its respondent made of it.
    async fn a_return_s_doubts_are_warnings_and_are_published_with_its_figures(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let lines = json!([
            { "source_row": "35", "indicator": "NI 21", "period": "FY2008-09",
              "actual": { "value": 28, "as_printed": "28%", "status": ["DEFINITION_DIFFERS"] },
              "doubts": ["ANOTHER_INDICATOR"], "note": "The question printed is that of NI 27." },
            { "source_row": "46", "indicator": "NI 46", "period": "FY2008-09", "actual": { "value": 117, "as_printed": "117%" } },
            { "source_row": "40", "indicator": "NI 40", "period": "FY2008-09",
              "actual": { "value": 1530, "as_printed": "1530%" } },
            { "source_row": "9", "indicator": "NI 40", "period": "FY2009-10",
              "target": { "value": 687, "as_printed": "687 +7%", "secondary_value": 7, "secondary_unit": "PERCENT",
                "secondary_form": "RELATIVE_CHANGE", "baseline_used": "2007/08", "results_expected": "Autumn 2008" } }
        ]);
        let mut body = with_lines(&lines);
        body["collection"] = json!("plans-2009");
        let receipt = keyed(anna(&server).post("/v1/returns").json(&body)).await.expect(201);
        let problems = receipt.at("/report/problems");
        assert_eq!(pluck(&problems, "/code"), ["DOUBTED", "IMPLAUSIBLE", "UNIT_DIFFERS"]);
        assert_eq!(pluck(&problems, "/severity"), ["WARNING"; 3]);
        assert_eq!(pluck(&problems, "/place/pointer"), ["/lines/0/doubts", "/lines/1/actual/value", "/lines/2/actual/as_printed"]);
        let id = return_id(&receipt);
        step(&anna(&server), &id, "submit", "\"1\"").await.expect(200);
        step(&ben(&server), &id, "sign-off", "\"2\"").await.expect(200);
        release(&office_of_london(&server), &id).await.expect(201);
        pass_the_margin(&clock);
        let figures = server.client().get("/v1/figures?indicators=NI%2021").await.expect(200).at("/items/0");
        assert_eq!(figures["doubts"], json!(["ANOTHER_INDICATOR"]));
        assert_eq!(figures["note"], "The question printed is that of NI 27.");
        let second = server.client().get("/v1/targets?indicators=NI%2040").await.expect(200).at("/items");
        assert_eq!(pluck(&second, "/is_secondary"), [false, true]);
        assert_eq!(pluck(&second, "/form"), ["LEVEL", "RELATIVE_CHANGE"]);
        assert_eq!(second[0]["baseline_used"], "FY2007-08");
        assert_eq!(second[0]["results_expected"], "Autumn 2008");
    }

    /// What does not fit the shape of a plan is said at once, too, with its places and in plain words.
    async fn a_plan_of_another_shape_is_refused_with_all_that_does_not_fit(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let mut plan = night_plan();
        plan["valid_from"] = json!("1 April 2009");
        plan["status"] = json!("AGREEDED");
        plan["lines"][0]["teir"] = json!("STRATEGIC");
        plan["lines"][1] = json!({ "section": "1", "source_row": "3" });
        plan["resources"][0]["amount"] = json!("£200");
        let refused = anna(&server).put(PLAN).json(&plan).await.expect(422);
        assert_eq!((refused.problem_code(), refused.at("/detail")), ("INVALID_DOCUMENT".into(), json!("There are 6 problems.")));
        let problems = refused.at("/problems");
        assert_eq!(pluck(&problems, "/place/pointer"), [
            "/status", "/valid_from", "/resources/0/amount", "/lines/0/teir", "/lines/1/section", "/lines/1/indicator",
        ]);
        assert_eq!(pluck(&problems, "/code"), [
            "UNKNOWN_WORD", "INVALID_DOCUMENT", "WRONG_TYPE", "UNKNOWN_FIELD", "WRONG_TYPE", "REQUIRED_FIELD",
        ]);
        assert_eq!(problems[1]["message"], "The text `1 April 2009` is not what `valid_from` takes.");
        assert_eq!(problems[1]["expected"], "a day such as `2009-04-01`");
        assert_eq!(problems[3]["message"], "There is no field `teir` here. Did you mean `tier`?");
        let refused = anna(&server).put(PLAN).json(&json!([])).await.expect(422);
        assert_eq!(refused.at("/detail"), "The document must be an object.");
        let refused = anna(&server).put(PLAN).json(&json!({})).await.expect(422);
        assert_eq!(pluck(&refused.at("/problems"), "/message")[0], "`code` is missing.");
    }

    /// A plan is of its own partnership, in words that can be shown, and of a size that somebody can read.
    async fn a_plan_is_refused_for_what_is_not_its_own_and_for_texts_and_lists_that_nobody_can_read(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let mut plan = night_plan();
        plan["title"] = json!("Southwark at night\u{0}");
        plan["vision"] = json!("v".repeat(100_000));
        plan["delivery_groups"] = json!([{ "name": "Wardens", "part_of": "Wardens" }]);
        plan["lines"][2]["indicator"] = json!("southampton:LOCAL emergency-department-assaults-1800-to-0900");
        let refused = anna(&server).put(PLAN).json(&plan).await.expect(422);
        let problems = refused.at("/problems");
        assert_eq!(pluck(&problems, "/code"), ["UNFIT_TEXT", "UNFIT_TEXT", "INVALID_DOCUMENT", "NOT_IN_CATALOGUE"]);
        let places = pluck(&problems, "/place/pointer");
        assert_eq!(places, ["/title", "/vision", "/delivery_groups/0/part_of", "/lines/2/indicator"]);
        let expected = "`southampton:LOCAL emergency-department-assaults-1800-to-0900` belongs to another partnership.";
        assert_eq!(problems[3]["message"], expected);

        // A hundred are told of any number, and an unending list is not looked into.
        let mut plan = night_plan();
        let line = |row: u32| json!({ "section": 1, "source_row": row.to_string(), "indicator": format!("NI {}", 5000 + row) });
        plan["lines"] = (0..2000).map(line).collect();
        let refused = anna(&server).put(PLAN).json(&plan).await.expect(422);
        let messages = pluck(&refused.at("/problems"), "/message");
        assert_eq!((messages.len(), &messages[100]), (101, &json!("1900 more problems are not told.")));
        assert_eq!(refused.at("/detail"), "There are more than 100 problems.");
        plan["lines"] = (0..20_000).map(line).collect();
        let refused = anna(&server).put(PLAN).json(&plan).await.expect(422);
        assert_eq!(pluck(&refused.at("/problems"), "/message"), ["20000 items are too many."]);
    }
}
