//! Drafts are replaced, returns are sent back and withdrawn, and two writers do not lose each other's work.

use serde_json::{Value, json};
use tests::{Server, TestClock, on_both_databases};

use crate::people::{anna, ben, office_of_london, signatory_of_southwark};
use crate::steps::{
    IN_TIME, column, drafted, keyed, ni_16_of, pass_the_margin, pluck, release, return_of_lambeth, return_of_southwark,
    signed_off, step, step_with_reason, submitted, with_lines,
};

on_both_databases! { with_catalogue:
    /// A draft is replaced whole, on the version that was read.
    async fn a_draft_is_replaced_whole(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let place = format!("/v1/returns/{}", drafted(&server, &return_of_southwark()).await);
        let read = anna.get(&place).await.expect(200);
        assert_eq!((read.etag(), read.at("/version"), read.at("/lines").as_array().unwrap().len()), ("\"1\"", json!(1), 4));
        let old_report = read.at("/report");

        let put = anna.put(&place).json(&ni_16_of(&json!(29.40)));
        let unconditional = anna.put(&place).json(&ni_16_of(&json!(29.40))).await.expect(428);
        assert_eq!(unconditional.problem_code(), "PRECONDITION_REQUIRED");
        let replaced = put.header("if-match", read.etag()).await.expect(200);
        assert_eq!((replaced.etag(), replaced.at("/return/state")), ("\"2\"", json!("DRAFT")));

        let read = anna.get(&place).await.expect(200);
        assert_eq!(pluck(&read.at("/lines"), "/actual/value"), [json!(29.4)]);
        assert_ne!(read.at("/report"), old_report);
        // The report of the first version stays where it was.
        anna.get(&format!("/v1/reports/{}", old_report.as_str().unwrap())).await.expect(200);
    }

    /// CSV carries lines: what a return says beside them, and whom it is for, outlives a correction in CSV.
    async fn a_correction_in_csv_leaves_what_csv_cannot_say(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let mut body = return_of_southwark();
        body["note"] = json!("NI 15 is provisional.");
        body["reported_comparisons"] = json!([
            { "source_row": "msg 3", "indicator": "NI 16", "indicator_as_printed": "Serious acquisitive crime",
              "period": "FY2008-09", "rank": 6, "rank_as_printed": "6 <sup>th</sup>", "own_change": -14,
              "own_change_as_printed": "-14%" },
            { "indicator": "NI 15", "period": "FY2008-09", "rank": 2 }
        ]);
        let place = format!("/v1/returns/{}", drafted(&server, &body).await);
        let before = anna.get(&place).await.expect(200);
        let csv = anna.get(&format!("{place}.csv")).await.expect(200);
        // Both say which version they are of.
        assert_eq!((csv.etag(), before.etag()), ("\"1\"", "\"1\""));

        // Neither partnership nor collection need be said again.
        let corrected = csv.text().replace("29.24", "29.40");
        assert_ne!(corrected, csv.text());
        let put = anna.put(&place).body("text/csv", corrected).header("if-match", csv.etag()).await.expect(200);
        assert_eq!((put.etag(), put.at("/report/lines")), ("\"2\"", json!(4)));
        let after = anna.get(&place).await.expect(200);
        assert_eq!(after.at("/lines/1/actual/value"), 29.4);
        assert_eq!(after.at("/reported_comparisons"), before.at("/reported_comparisons"));
        assert_eq!(after.at("/reported_comparisons/0/indicator_as_printed"), "Serious acquisitive crime");
        for kept in ["/note", "/partnership", "/collection"] {
            assert_eq!(after.at(kept), before.at(kept), "{kept}");
        }

        // What is said all the same must be the return's own; and comparisons are judged beside the new lines.
        let other = format!("{place}?collection=plans-2009");
        let refused = anna.put(&other).body("text/csv", csv.text().to_owned()).header("if-match", "\"2\"").await.expect(422);
        assert_eq!(refused.problem_code(), "INVALID_DOCUMENT");
        let rows = "source_row,indicator,period,actual_value,baseline_value,baseline_period\r\n\
            3,NI 16,2008/09,29.24,29.24,2007/08\r\n";
        let put = anna.put(&place).body("text/csv", rows).header("if-match", "\"2\"").await.expect(200);
        assert_eq!(pluck(&put.at("/report/problems"), "/place/pointer"), ["/reported_comparisons/0/own_change"]);
        assert_eq!(pluck(&put.at("/report/problems"), "/code"), ["CHANGE_UNEXPLAINED"]);

        // JSON is the return whole: what it leaves out is gone.
        anna.put(&place).json(&ni_16_of(&json!(29.24))).header("if-match", "\"3\"").await.expect(200);
        let whole = anna.get(&place).await.expect(200);
        assert_eq!((whole.at("/reported_comparisons"), whole.at("/note")), (json!([]), Value::Null));
    }

    /// A report is read as a table: one row a problem, with its place.
    async fn a_report_is_a_table_of_its_problems(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let lines = json!([
            { "source_row": "3", "indicator": "NI 16", "period": "Sep-08", "actual": { "value": 1 } },
            { "indicator": "NI 1S", "period": "2008/09", "actual": { "value": 1 } }
        ]);
        let refused = keyed(anna.post("/v1/returns").json(&with_lines(&lines))).await.expect(422);
        let report = format!("/v1/reports/{}", refused.at("/report/id").as_str().unwrap());
        let json = anna.get(&report).await.expect(200);
        let csv = anna.get(&format!("{report}.csv")).await.expect(200);
        assert_eq!(csv.expect_header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(anna.get(&report).header("accept", "text/csv").await.expect(200).text(), csv.text());
        for (name, member) in [
            ("line", "/place/line"),
            ("source_row", "/place/source_row"),
            ("pointer", "/place/pointer"),
            ("column", "/place/column"),
            ("severity", "/severity"),
            ("code", "/code"),
        ] {
            let said: Vec<String> = pluck(&json.at("/problems"), member)
                .iter()
                .map(|value| value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned))
                .collect();
            assert_eq!(column(csv.text(), name), said, "{name}");
        }
        assert_eq!(column(csv.text(), "code"), ["SPREADSHEET_DATE", "NOT_IN_CATALOGUE"]);
        assert!(csv.text().starts_with("line,source_row,pointer,column,severity,code,message,expected\r\n"), "{}", csv.text());
        for place in [&report, &format!("/v1/returns/{}", drafted(&server, &return_of_southwark()).await)] {
            let refused = anna.get(place).header("accept", "image/png").await.expect(406);
            assert_eq!(refused.problem_code(), "NOT_ACCEPTABLE");
        }
        // A report of CSV names columns.
        let rows = "indicator,period,actual_value\r\nNI 16,Sep-08,1\r\n";
        let post = anna.post("/v1/returns?partnership=southwark&collection=fy2008-09");
        let refused = keyed(post.body("text/csv", rows)).await.expect(422);
        let csv = anna.get(&format!("/v1/reports/{}.csv", refused.at("/report/id").as_str().unwrap())).await.expect(200);
        assert_eq!((column(csv.text(), "column"), column(csv.text(), "pointer")), (vec!["period".to_owned()], vec![String::new()]));
    }

    /// A replacement with mistakes is told them, and the draft stays as it was.
    async fn a_bad_replacement_leaves_the_draft_as_it_was(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let place = format!("/v1/returns/{}", drafted(&server, &ni_16_of(&json!(29.24))).await);
        let before = anna.get(&place).await.expect(200);
        let bad = with_lines(&json!([{ "indicator": "NI 16", "period": "Sep-08", "actual": { "value": 1 } }]));
        let refused = anna.put(&place).json(&bad).header("if-match", "\"1\"").await.expect(422);
        assert_eq!(pluck(&refused.at("/report/problems"), "/code"), ["SPREADSHEET_DATE"]);
        assert_eq!(anna.get(&place).await.expect(200).body, before.body);
        let report = refused.at("/report/id");
        assert_eq!(anna.get(&format!("/v1/reports/{}", report.as_str().unwrap())).await.at("/outcome"), "REFUSED");
        // Nor does a draft of Southwark become one of Lambeth.
        let lambeths = anna.put(&place).json(&return_of_lambeth()).header("if-match", "\"1\"").await.expect(403);
        assert_eq!(lambeths.problem_code(), "NOT_YOUR_PARTNERSHIP");
    }

    /// Of two who change the same version, the second learns of the first.
    async fn the_second_of_two_writers_learns_of_the_first(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = [Server::with(&db).clock(&clock).start(), Server::with(&db).clock(&clock).start()];
        let place = format!("/v1/returns/{}", drafted(&servers[0], &return_of_southwark()).await);
        let puts: Vec<_> = servers
            .iter()
            .zip([31.1, 32.2])
            .map(|(server, value)| {
                let put = anna(server).put(&place).json(&ni_16_of(&json!(value))).header("if-match", "\"1\"");
                tokio::spawn(async move { (put.await, value) })
            })
            .collect();
        let (mut won, mut lost) = (Vec::new(), 0);
        for put in puts {
            let (answer, value) = put.await.unwrap();
            match answer.status.as_u16() {
                200 => won.push(value),
                _ => {
                    assert_eq!(answer.expect(412).problem_code(), "PRECONDITION_FAILED");
                    lost += 1;
                }
            }
        }
        assert_eq!((won.len(), lost), (1, 1));
        let read = anna(&servers[1]).get(&place).await.expect(200);
        assert_eq!((read.at("/version"), read.at("/lines/0/actual/value")), (json!(2), json!(won[0])));
    }

    /// A return that was sent back says why, is corrected and goes its way.
    async fn a_return_that_was_sent_back_is_corrected_and_submitted_again(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let (anna, ben) = (anna(&server), ben(&server));
        let id = submitted(&server, &ni_16_of(&json!(34.56))).await;
        let why = "NI 16 is last year's figure.";
        let no_reason = step(&ben, &id, "send-back", "\"2\"").json(&json!({})).await.expect(422);
        assert_eq!(no_reason.problem_code(), "INVALID_DOCUMENT");
        let back = step_with_reason(&ben, &id, "send-back", "\"2\"", why).await.expect(200);
        assert_eq!((back.at("/state"), back.at("/reason"), back.etag()), (json!("RETURNED"), json!(why), "\"3\""));
        let place = format!("/v1/returns/{id}");
        let seen = anna.get(&place).await.expect(200);
        assert_eq!((seen.at("/state"), seen.at("/reason")), (json!("RETURNED"), json!(why)));
        let returned = anna.get("/v1/returns?state=RETURNED").await.expect(200);
        assert_eq!(pluck(&returned.at("/items"), "/id"), [json!(id)]);

        let put = anna.put(&place).json(&ni_16_of(&json!(29.24))).header("if-match", "\"3\"").await.expect(200);
        assert_eq!((put.at("/return/state"), put.at("/return/reason")), (json!("DRAFT"), Value::Null));
        step(&anna, &id, "submit", put.etag()).await.expect(200);
        let signed = step(&ben, &id, "sign-off", "\"5\"").await.expect(200);
        assert_eq!((signed.at("/state"), signed.at("/version")), (json!("SIGNED_OFF"), json!(6)));
    }

    /// What is withdrawn stays readable and goes nowhere.
    async fn a_withdrawn_return_goes_nowhere(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let anna = anna(&server);
        let id = submitted(&server, &return_of_southwark()).await;
        let withdrawn = step_with_reason(&anna, &id, "withdraw", "\"2\"", "Posted twice.").await.expect(200);
        let told = (withdrawn.at("/state"), withdrawn.at("/reason"));
        assert_eq!(told, (json!("WITHDRAWN"), json!("Posted twice.")));
        assert_eq!(step(&anna, &id, "submit", "\"3\"").await.expect(409).problem_code(), "WRONG_STATE");
        assert_eq!(release(&office_of_london(&server), &id).await.expect(409).problem_code(), "WRONG_STATE");
        assert_eq!(anna.get(&format!("/v1/returns/{id}")).await.expect(200).at("/lines/0/actual/value"), 2.29);
    }

    /// Every step has states from which it makes sense, and the refusal names them.
    async fn a_step_that_makes_no_sense_is_a_conflict(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let (anna, ben, london) = (anna(&server), ben(&server), office_of_london(&server));
        let wrong_state = async |request: tests::Request, state: &str| {
            let answer = request.await.expect(409);
            assert_eq!(answer.problem_code(), "WRONG_STATE");
            let detail = answer.at("/detail");
            assert!(detail.as_str().unwrap().contains(state), "{detail} does not name {state}");
        };
        let replace = |id: &str, etag: &str| {
            anna.put(&format!("/v1/returns/{id}")).json(&return_of_southwark()).header("if-match", etag)
        };

        let draft = drafted(&server, &return_of_southwark()).await;
        wrong_state(step(&ben, &draft, "sign-off", "\"1\""), "DRAFT").await;
        wrong_state(step_with_reason(&ben, &draft, "send-back", "\"1\"", "No."), "DRAFT").await;
        wrong_state(release(&london, &draft), "DRAFT").await;

        let submitted = submitted(&server, &return_of_southwark()).await;
        wrong_state(replace(&submitted, "\"2\""), "SUBMITTED").await;
        wrong_state(step(&anna, &submitted, "submit", "\"2\""), "SUBMITTED").await;
        wrong_state(release(&london, &submitted), "SUBMITTED").await;

        let signed = signed_off(&server, &return_of_southwark()).await;
        wrong_state(replace(&signed, "\"3\""), "SIGNED_OFF").await;
        wrong_state(step(&ben, &signed, "sign-off", "\"3\""), "SIGNED_OFF").await;
        wrong_state(step_with_reason(&anna, &signed, "withdraw", "\"3\"", "Too late."), "SIGNED_OFF").await;
        release(&london, &signed).await.expect(201);
        release(&anna, &signed).await.expect(201);
        pass_the_margin(&clock);
        wrong_state(release(&london, &signed), "released").await;
    }

    /// A stale version comes before a wrong state: whoever holds one has something to read first.
    async fn a_stale_version_comes_before_a_wrong_state(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let id = submitted(&server, &return_of_southwark()).await;
        let stale = step(&anna(&server), &id, "submit", "\"1\"").await.expect(412);
        assert_eq!(stale.problem_code(), "PRECONDITION_FAILED");
        for nonsense in ["2", "\"two\"", "W/\"2\"", "*"] {
            let answer = step(&ben(&server), &id, "sign-off", nonsense).await.expect(412);
            assert_eq!(answer.problem_code(), "PRECONDITION_FAILED", "{nonsense}");
        }
    }

    /// Of six who sign off at once, one does.
    async fn of_many_signatories_at_once_exactly_one_wins(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = [Server::with(&db).clock(&clock).start(), Server::with(&db).clock(&clock).start()];
        let id = submitted(&servers[0], &return_of_southwark()).await;
        let attempts: Vec<_> = (0..6)
            .map(|number| {
                let client = signatory_of_southwark(&servers[number % 2], &format!("signatory-{number}"));
                let attempt = step(&client, &id, "sign-off", "\"2\"");
                tokio::spawn(async move { attempt.await })
            })
            .collect();
        let mut winners = Vec::new();
        for attempt in attempts {
            let answer = attempt.await.unwrap();
            match answer.status.as_u16() {
                200 => winners.push(answer.at("/signed_off_by")),
                409 => assert_eq!(answer.problem_code(), "WRONG_STATE"),
                _ => assert_eq!(answer.expect(412).problem_code(), "PRECONDITION_FAILED"),
            }
        }
        assert_eq!(winners.len(), 1);
        let read = anna(&servers[0]).get(&format!("/v1/returns/{id}")).await.expect(200);
        assert_eq!((read.at("/signed_off_by"), read.at("/version")), (winners[0].clone(), json!(3)));
        // Its figures were written once.
        release(&office_of_london(&servers[1]), &id).await.expect(201);
        pass_the_margin(&clock);
        let actuals = servers[0].client().get("/v1/actuals").await.expect(200).at("/items");
        assert_eq!(pluck(&actuals, "/value"), [json!(2.29), json!(29.24), json!(10.1)]);
    }

    /// The same steps over GraphQL have the same codes.
    async fn graphql_takes_the_same_steps_with_the_same_codes(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let (anna, ben) = (anna(&server), ben(&server));
        let create = "mutation ($input: ReturnInput!) { createReturn(input: $input, idempotencyKey: \"over-graphql\") {
            return { id state version lines { actual { value asPrinted } } } report { outcome errors } } }";
        let line = json!({ "indicator": "ni016", "period": "2008/09", "actual": { "value": 29.24, "asPrinted": "29.24" } });
        let input = json!({ "partnership": "southwark", "collection": "fy2008-09", "lines": [line] });
        let created = anna.graphql(create, &json!({ "input": input })).await.expect(200).graphql_data();
        assert_eq!(created["createReturn"]["report"], json!({ "outcome": "ACCEPTED", "errors": 0 }));
        let draft = &created["createReturn"]["return"];
        assert_eq!((&draft["state"], &draft["lines"][0]["actual"]["value"]), (&json!("DRAFT"), &json!(29.24)));
        let id = &draft["id"];
        let submit = "mutation ($id: UUID!, $version: Int!) { submitReturn(id: $id, version: $version) { state version } }";
        let stale = anna.graphql(submit, &json!({ "id": id, "version": 9 })).await.expect(200);
        assert_eq!(stale.graphql_codes(), ["PRECONDITION_FAILED"]);
        let submitted = anna.graphql(submit, &json!({ "id": id, "version": 1 })).await.expect(200).graphql_data();
        assert_eq!(submitted["submitReturn"], json!({ "state": "SUBMITTED", "version": 2 }));
        let again = anna.graphql(submit, &json!({ "id": id, "version": 2 })).await.expect(200);
        assert_eq!(again.graphql_codes(), ["WRONG_STATE"]);
        // What one interface has begun, the other ends.
        let signed = step(&ben, id.as_str().unwrap(), "sign-off", "\"2\"").await.expect(200);
        assert_eq!(signed.at("/state"), "SIGNED_OFF");
        let read = "query ($id: UUID!) { return(id: $id) { state signedOffBy } }";
        let read = anna.graphql(read, &json!({ "id": id })).await.expect(200).graphql_data();
        assert_eq!(read["return"], json!({ "state": "SIGNED_OFF", "signedOffBy": "ben" }));
    }
}
