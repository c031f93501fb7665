//! Released returns are reopened as revisions, and released figures are withdrawn.

use serde_json::{Value, json};
use tests::{Client, Server, TestClock, on_both_databases};

use crate::people::{anna, ben, lola, office_of_london};
use crate::steps::{
    IN_TIME, keyed, ni_16_of, pass_the_margin, pluck, post, release, release_at, reopen, return_of_southwark, revised,
    signed_off, step,
};

/// Withdraws a return's figures.
fn withdraw(client: &Client, id: &str, reason: &str) -> tests::Request {
    let body = json!({ "returns": [id], "action": "WITHDRAW", "reason": reason });
    keyed(client.post("/v1/releases").json(&body))
}

async fn actuals(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/actuals?partnerships=southwark{query}")).await.expect(200).at("/items")
}

async fn state_of(server: &Server, id: &str) -> Value {
    anna(server).get(&format!("/v1/returns/{id}")).await.expect(200).at("/state")
}

on_both_databases! { with_catalogue:
    /// A mistake in what is released is put right by a revision, which says why and goes the whole way.
    async fn a_released_return_is_reopened_with_a_reason(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let first = signed_off(&server, &return_of_southwark()).await;
        assert_eq!(reopen(&server, &first, "Too early.").await.expect(409).problem_code(), "WRONG_STATE");
        release(&london, &first).await.expect(201);
        release(&anna(&server), &first).await.expect(201);
        pass_the_margin(&clock);
        reopen(&server, &first, " ").await.expect(422);
        keyed(lola(&server).post(&format!("/v1/returns/{first}/revisions")).json(&json!({ "reason": "Mine?" })))
            .await
            .expect(404);
        let reopened = reopen(&server, &first, "The numerator was last year's.").await.expect(201);
        let revision = reopened.at("/id").as_str().unwrap().to_owned();
        assert_eq!((reopened.at("/state"), reopened.at("/revision"), reopened.at("/revises")), (json!("DRAFT"), json!(2), json!(first)));
        assert_eq!(reopened.expect_header("location"), format!("/v1/returns/{revision}"));
        // It begins with what is released, which stays as it is.
        let lines = anna(&server).get(&format!("/v1/returns/{revision}")).await.expect(200).at("/lines");
        assert_eq!(lines, anna(&server).get(&format!("/v1/returns/{first}")).await.expect(200).at("/lines"));
        assert_eq!(state_of(&server, &first).await, "RELEASED");
        // A year later the collection has long closed: a mistake is corrected all the same.
        clock.set("2010-06-15T09:00:00Z");
        let mut corrected = return_of_southwark();
        corrected["lines"][1]["actual"] = json!({ "value": 29.5 });
        let place = format!("/v1/returns/{revision}");
        anna(&server).put(&place).header("if-match", "\"1\"").json(&corrected).await.expect(200);
        step(&anna(&server), &revision, "submit", "\"2\"").await.expect(200);
        step(&ben(&server), &revision, "sign-off", "\"3\"").await.expect(200);
        release(&london, &revision).await.expect(201);
        pass_the_margin(&clock);
        let ni_16 = actuals(&server.client(), "&indicators=NI%2016").await;
        assert_eq!((&ni_16[0]["value"], &ni_16[0]["revision"]), (&json!(29.5), &json!(2)));
        assert_eq!(actuals(&server.client(), "&indicators=LI%201").await[0]["revision"], 1);
        release(&anna(&server), &revision).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!([state_of(&server, &first).await, state_of(&server, &revision).await], ["SUPERSEDED", "RELEASED"]);
        let feed = server.client().get("/v1/changes?indicators=NI%2016&partnerships=southwark").await.expect(200).at("/items");
        let last = feed.as_array().unwrap().last().unwrap();
        assert_eq!((&last["kind"], &last["reason"]), (&json!("REVISED"), &json!("The numerator was last year's.")));
        assert_eq!((&last["figure"]["from"]["value"], &last["figure"]["to"]["value"]), (&json!(29.24), &json!(29.5)));
    }

    /// What is released is not replaced on the quiet, neither by a new return nor by an older draft.
    async fn a_released_return_is_only_replaced_by_its_revision(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let draft = crate::steps::submitted(&server, &ni_16_of(&json!(1))).await;
        let first = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release_at(&london, &first, "2009-06-16T08:30:00Z").await.expect(201);
        let refused = post(&anna(&server), &ni_16_of(&json!(2))).await.expect(409);
        assert_eq!(refused.problem_code(), "REVISION_REQUIRED");
        assert!(refused.at("/detail").as_str().unwrap().contains(&first), "{refused:?}");
        let refused = step(&ben(&server), &draft, "sign-off", "\"2\"").await.expect(409);
        assert_eq!(refused.problem_code(), "REVISION_REQUIRED");
        let second = revised(&server, &first, &ni_16_of(&json!(29.5))).await;
        release_at(&london, &second, "2009-06-17T08:30:00Z").await.expect(201);
        // Of two revisions of one return only one can come; the other is made anew.
        let refused = reopen(&server, &first, "Another thing.").await.expect(409);
        assert_eq!(refused.problem_code(), "REVISION_REQUIRED");
        reopen(&server, &second, "Another thing.").await.expect(201);
    }

    /// The same key gives the same revision.
    async fn a_return_is_reopened_once_for_one_key(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let first = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release(&office_of_london(&server), &first).await.expect(201);
        let reopen = || {
            let post = anna(&server).post(&format!("/v1/returns/{first}/revisions"));
            post.json(&json!({ "reason": "Once." })).header("idempotency-key", "one-and-the-same")
        };
        let (one, two) = (reopen().await.expect(201), reopen().await.expect(201));
        assert_eq!(one.text(), two.text());
        assert_eq!(anna(&server).get("/v1/returns").await.expect(200).at("/items").as_array().unwrap().len(), 2);
    }

    /// Withdrawn figures are seen to be withdrawn, everywhere, and the past stays as it was.
    async fn a_withdrawal_is_a_tombstone_that_readers_see(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = [Server::with(&db).clock(&clock).start(), Server::with(&db).clock(&clock).start()];
        let london = office_of_london(&servers[0]);
        let id = signed_off(&servers[0], &return_of_southwark()).await;
        let nothing = withdraw(&london, &id, "Not yet.").await.expect(409);
        assert_eq!(nothing.problem_code(), "WRONG_STATE");
        release(&london, &id).await.expect(201);
        release(&anna(&servers[0]), &id).await.expect(201);
        pass_the_margin(&clock);
        let then = clock.now();
        let unsaid = json!({ "returns": [id], "action": "WITHDRAW" });
        keyed(london.post("/v1/releases").json(&unsaid)).await.expect(422);
        let withdrawn = withdraw(&london, &id, "The population base was wrong.").await.expect(201);
        assert_eq!(withdrawn.at("/returns/0/schemes"), json!(["NI"]));
        pass_the_margin(&clock);
        let again = json!({ "returns": [id], "schemes": ["NI"], "action": "WITHDRAW", "reason": "Again." });
        assert_eq!(keyed(london.post("/v1/releases").json(&again)).await.expect(409).problem_code(), "WRONG_STATE");
        // What is left is not the office's to withdraw.
        withdraw(&london, &id, "Again.").await.expect(403);
        for server in &servers {
            let reader = server.client();
            let ni_16 = actuals(&reader, "&indicators=NI%2016").await[0].clone();
            assert_eq!((&ni_16["value"], &ni_16["as_printed"], &ni_16["comment"]), (&Value::Null, &Value::Null, &Value::Null));
            assert_eq!(ni_16["withdrawn"], "The population base was wrong.");
            assert_eq!(ni_16["release_id"], withdrawn.at("/id"));
            let csv = reader.get("/v1/actuals.csv?indicators=NI%2016&partnerships=southwark").await.expect(200);
            assert!(csv.text().trim_end().ends_with(",1,The population base was wrong."), "{csv:?}");
            // The local part is Southwark's own, and stays.
            assert_eq!(actuals(&reader, "&indicators=LI%201").await[0]["value"], 1712);
            let address = "/v1/partnerships/southwark/comparison?indicators=NI%2016&periods=FY2008-09";
            let member = reader.get(address).await.expect(200).at("/comparisons/0/members/0");
            assert_eq!((&member["left_out"], &member["value"]), (&json!("WITHDRAWN"), &Value::Null));
            let past = actuals(&reader, &format!("&indicators=NI%2016&as_of={then}")).await;
            assert_eq!((&past[0]["value"], &past[0]["withdrawn"]), (&json!(29.24), &Value::Null));
            let query = "{ actuals(partnerships: [\"southwark\"], indicators: [\"NI 16\"]) { nodes { value withdrawn } } }";
            let data = reader.graphql(query, &Value::Null).await.graphql_data();
            assert_eq!(data["actuals"]["nodes"], json!([{ "value": null, "withdrawn": "The population base was wrong." }]));
            let diff = reader.get(&format!("/v1/diff?from={then}")).await.expect(200).at("/items");
            // Five figures of three lines: actuals, a baseline, a target, a light, and a baseline that was to come.
            assert_eq!(pluck(&diff, "/kind"), vec!["WITHDRAWN"; 7]);
            assert_eq!(pluck(&diff, "/reason"), vec!["The population base was wrong."; 7]);
        }
        withdraw(&anna(&servers[1]), &id, "And LI 1.").await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(state_of(&servers[0], &id).await, "WITHDRAWN");
        let listed = anna(&servers[1]).get("/v1/returns?state=WITHDRAWN").await.expect(200).at("/items");
        assert_eq!(pluck(&listed, "/id"), [json!(id)]);

        // What was withdrawn comes back as a revision.
        let again = revised(&servers[0], &id, &return_of_southwark()).await;
        release(&london, &again).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(actuals(&servers[1].client(), "&indicators=NI%2016").await[0]["value"], 29.24);
    }

    /// A withdrawal waits for its instant, and can be called off.
    async fn a_withdrawal_may_wait_and_be_cancelled(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release(&london, &id).await.expect(201);
        pass_the_margin(&clock);
        let at = "2009-06-16T08:30:00Z";
        let body = json!({ "returns": [id], "action": "WITHDRAW", "reason": "Wrong.", "effective_at": at });
        let first = keyed(london.post("/v1/releases").json(&body)).await.expect(201).at("/id");
        assert_eq!(actuals(&anna(&server), &format!("&as_of={}", first.as_str().unwrap())).await[0]["withdrawn"], "Wrong.");
        assert_eq!(actuals(&server.client(), "").await[0]["value"], 29.24);
        let cancel = london.post(&format!("/v1/releases/{}/cancel", first.as_str().unwrap()));
        cancel.header("if-match", "\"1\"").json(&json!({ "reason": "It was right." })).await.expect(200);
        clock.set(at);
        assert_eq!(actuals(&server.client(), "").await[0]["value"], 29.24);
        let body = json!({ "returns": [id], "action": "WITHDRAW", "reason": "Wrong after all." });
        keyed(london.post("/v1/releases").json(&body)).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(actuals(&server.client(), "").await[0]["withdrawn"], "Wrong after all.");
    }

    /// A withdrawal takes back what it names, and nothing that was published later in another collection.
    async fn a_withdrawal_hides_nothing_newer(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let mut returns = Vec::new();
        for (collection, value) in [("fy2008-09", 29.24), ("plans-2009", 29.5)] {
            let mut body = ni_16_of(&json!(value));
            body["collection"] = json!(collection);
            let id = signed_off(&server, &body).await;
            release(&london, &id).await.expect(201);
            pass_the_margin(&clock);
            returns.push(id);
        }
        withdraw(&london, &returns[0], "The older one was wrong.").await.expect(201);
        pass_the_margin(&clock);
        let seen = actuals(&server.client(), "").await;
        assert_eq!((&seen[0]["value"], &seen[0]["withdrawn"]), (&json!(29.5), &Value::Null));
        withdraw(&london, &returns[1], "So was the newer.").await.expect(201);
        pass_the_margin(&clock);
        let feed = server.client().get("/v1/changes?indicators=NI%2016&partnerships=southwark").await.expect(200);
        assert_eq!(pluck(&feed.at("/items"), "/kind"), ["ADDED", "REVISED", "WITHDRAWN"]);
        assert_eq!(actuals(&server.client(), "").await[0]["withdrawn"], "So was the newer.");
    }

    /// What a later withdrawal rests on is not cancelled under it.
    async fn a_release_that_is_to_be_withdrawn_is_not_cancelled_first(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let first = release_at(&london, &id, "2009-06-16T08:30:00Z").await.expect(201).at("/id");
        let body = json!({ "returns": [id], "action": "WITHDRAW", "reason": "Wrong.", "effective_at": "2009-06-17T08:30:00Z" });
        let second = keyed(london.post("/v1/releases").json(&body)).await.expect(201).at("/id");
        let cancel = |id: &Value| {
            let post = london.post(&format!("/v1/releases/{}/cancel", id.as_str().unwrap()));
            post.header("if-match", "\"1\"").json(&json!({ "reason": "Called off." }))
        };
        assert_eq!(cancel(&first).await.expect(409).problem_code(), "RELEASE_OUT_OF_ORDER");
        cancel(&second).await.expect(200);
        cancel(&first).await.expect(200);
        clock.set("2009-06-18T08:30:00Z");
        assert_eq!(actuals(&server.client(), "").await, json!([]));
    }
}
