//! Schemes, audiences and previews; releases are moved and cancelled before their embargo is over.

use serde_json::{Value, json};
use tests::{Client, Server, TestClock, TokenSpec, on_both_databases};

use crate::people::{anna, lola, office_of_london, office_of_the_east_midlands};
use crate::steps::{
    IN_TIME, keyed, ni_16_of, pass_the_margin, pluck, post, release_at, return_of_southwark, revised, signed_off,
};

const EMBARGO: &str = "2009-06-16T08:30:00Z";
const LATER: &str = "2009-06-17T08:30:00Z";

/// The published values of Southwark, as somebody reads them at a moment.
async fn values(client: &Client, as_of: Option<&str>) -> Vec<Value> {
    let mut request = client.get("/v1/actuals").query("partnerships", "southwark");
    if let Some(as_of) = as_of {
        request = request.query("as_of", as_of);
    }
    pluck(&request.await.expect(200).at("/items"), "/value")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Moves or cancels a release, from the version that `etag` names.
fn change(client: &Client, id: &str, what: &str, etag: &str, body: &Value) -> tests::Request {
    client.post(&format!("/v1/releases/{id}/{what}")).header("if-match", etag).json(body)
}

on_both_databases! { with_catalogue:
    /// A return with lines of several schemes is released scheme by scheme, each by whom it belongs to.
    async fn a_release_takes_the_schemes_that_it_names(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let (anna, london) = (anna(&server), office_of_london(&server));
        let id = signed_off(&server, &return_of_southwark()).await;
        let of = |schemes: Value| json!({ "returns": [id], "schemes": schemes });
        let foreign = keyed(london.post("/v1/releases").json(&of(json!(["LI"])))).await.expect(403);
        assert_eq!(foreign.problem_code(), "NOT_YOUR_PARTNERSHIP");
        let nothing = keyed(london.post("/v1/releases").json(&of(json!(["CRIME"])))).await.expect(409);
        assert_eq!(nothing.problem_code(), "WRONG_STATE");
        keyed(anna.post("/v1/releases").json(&of(json!(["LI"])))).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), None).await, [json!(1712)]);
        let national = keyed(london.post("/v1/releases").json(&of(json!(["NI"])))).await.expect(201);
        assert_eq!(national.at("/returns/0/schemes"), json!(["NI"]));
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), None).await.len(), 4);
    }

    /// Whoever may see a return reads beforehand how it will read; nobody else learns that there is anything.
    async fn a_release_is_previewed_by_those_who_may_see_its_returns(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = [Server::with(&db).clock(&clock).start(), Server::with(&db).clock(&clock).start()];
        let id = signed_off(&servers[0], &ni_16_of(&json!(29.24))).await;
        let release = text(&release_at(&office_of_london(&servers[0]), &id, EMBARGO).await.expect(201).at("/id"));
        let corrected = revised(&servers[0], &id, &ni_16_of(&json!(29.5))).await;
        let later = text(&release_at(&office_of_london(&servers[0]), &corrected, LATER).await.expect(201).at("/id"));
        let query = "query ($asOf: AsOf) { actuals(asOf: $asOf) { nodes { value } } }";
        for server in &servers {
            for (release, value) in [(&release, 29.24), (&later, 29.5)] {
                for reader in [anna(server), office_of_london(server)] {
                    assert_eq!(values(&reader, Some(release)).await, [json!(value)]);
                    let data = reader.graphql(query, &json!({ "asOf": release })).await.graphql_data();
                    assert_eq!(data["actuals"]["nodes"], json!([{ "value": value }]));
                }
                let dashboard = server.client_for(&TokenSpec::subject("dashboard").partnership("southwark"));
                for stranger in [server.client(), lola(server), office_of_the_east_midlands(server), dashboard] {
                    let address = format!("/v1/actuals?as_of={release}");
                    let refused = stranger.get(&address).await.expect(400);
                    assert_eq!(refused.problem_code(), "INVALID_PARAMETER");
                    stranger.get(&format!("/v1/releases/{release}")).await.expect(404);
                    assert_eq!(stranger.get("/v1/releases").await.expect(200).at("/items"), json!([]));
                }
            }
        }
        // A preview is nobody else's, and is another answer than any before and after.
        let preview = anna(&servers[0]).get(&format!("/v1/actuals?as_of={release}")).await.expect(200);
        assert!(preview.expect_header("cache-control").starts_with("private"));
        assert!(text(&preview.at("/state")).starts_with("preview-"));
        let diff = anna(&servers[0]).get(&format!("/v1/diff?from={release}&to={later}")).await.expect(200);
        assert_eq!(pluck(&diff.at("/items"), "/kind"), ["REVISED"]);
        clock.set(EMBARGO);
        for server in &servers {
            let reader = server.client();
            assert_eq!(values(&reader, Some(&release)).await, [json!(29.24)]);
            assert_eq!(reader.get(&format!("/v1/releases/{release}")).await.expect(200).at("/state"), "EFFECTIVE");
            reader.get(&format!("/v1/actuals?as_of={later}")).await.expect(400);
        }
        let after = anna(&servers[1]).get(&format!("/v1/actuals?as_of={release}")).await.expect(200);
        assert_ne!(after.etag(), preview.etag());
        assert_eq!(after.at("/items"), preview.at("/items"));
    }

    /// Before its embargo is over a release is moved or cancelled; readers never learn of it.
    async fn a_release_is_moved_and_cancelled_before_its_embargo_is_over(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let (london, reader) = (office_of_london(&server), server.client());
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let made = release_at(&london, &id, EMBARGO).await.expect(201);
        let release = text(&made.at("/id"));
        assert_eq!((made.at("/state"), made.etag()), (json!("SCHEDULED"), "\"1\""));
        let to = json!({ "effective_at": LATER, "reason": "The Home Office publishes a day later." });
        let unconditional = london.post(&format!("/v1/releases/{release}/reschedule")).json(&to).await.expect(428);
        assert_eq!(unconditional.problem_code(), "PRECONDITION_REQUIRED");
        change(&london, &release, "reschedule", "\"7\"", &to).await.expect(412);
        change(&anna(&server), &release, "reschedule", "\"1\"", &to).await.expect(403);
        change(&lola(&server), &release, "reschedule", "\"1\"", &to).await.expect(404);
        let past = json!({ "effective_at": IN_TIME, "reason": "Now." });
        change(&london, &release, "reschedule", "\"1\"", &past).await.expect(422);
        let moved = change(&london, &release, "reschedule", "\"1\"", &to).await.expect(200);
        assert_eq!((moved.at("/effective_at"), moved.at("/version")), (json!(LATER), json!(2)));
        clock.set(EMBARGO);
        assert_eq!(values(&reader, None).await, Vec::<Value>::new());
        let why = json!({ "reason": "NI 16 is last year's figure." });
        let cancelled = change(&london, &release, "cancel", "\"2\"", &why).await.expect(200);
        assert_eq!((cancelled.at("/state"), cancelled.at("/change_reason")), (json!("CANCELLED"), why["reason"].clone()));
        change(&london, &release, "cancel", "\"3\"", &why).await.expect(409);
        clock.set("2009-06-18T08:30:00Z");
        assert_eq!(values(&reader, None).await, Vec::<Value>::new());
        reader.get(&format!("/v1/releases/{release}")).await.expect(404);
        let listed = anna(&server).get("/v1/releases?state=CANCELLED").await.expect(200).at("/items");
        assert_eq!(pluck(&listed, "/id"), [json!(release)]);
        // What was not released can be released again.
        keyed(london.post("/v1/releases").json(&json!({ "returns": [id] }))).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(values(&reader, None).await, [json!(29.24)]);
        let feed = reader.get("/v1/changes?partnerships=southwark&indicators=NI%2016").await.expect(200).at("/items");
        assert_eq!(pluck(&feed, "/kind"), ["ADDED"]);
    }

    /// What has taken effect is moved by nobody.
    async fn a_release_in_effect_is_not_moved(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let release = text(&release_at(&london, &id, EMBARGO).await.expect(201).at("/id"));
        clock.set(EMBARGO);
        let to = json!({ "effective_at": LATER, "reason": "Later." });
        let refused = change(&london, &release, "reschedule", "\"1\"", &to).await.expect(409);
        assert_eq!(refused.problem_code(), "WRONG_STATE");
        let refused = change(&london, &release, "cancel", "\"1\"", &json!({ "reason": "Stop." })).await.expect(409);
        assert_eq!(refused.problem_code(), "WRONG_STATE");
        assert_eq!(values(&server.client(), None).await, [json!(29.24)]);
    }

    /// Revisions keep their order when embargoes are moved.
    async fn an_embargo_is_not_moved_past_that_of_a_revision(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let first = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let release = text(&release_at(&london, &first, EMBARGO).await.expect(201).at("/id"));
        let second = revised(&server, &first, &ni_16_of(&json!(29.5))).await;
        release_at(&london, &second, LATER).await.expect(201);
        let to = json!({ "effective_at": "2009-06-18T08:30:00Z", "reason": "Later." });
        let refused = change(&london, &release, "reschedule", "\"1\"", &to).await.expect(409);
        assert_eq!(refused.problem_code(), "RELEASE_OUT_OF_ORDER");
        let sooner = json!({ "effective_at": "2009-06-17T08:29:59Z", "reason": "A second before." });
        change(&london, &release, "reschedule", "\"1\"", &sooner).await.expect(200);
    }

    /// GraphQL takes the same steps, with the same codes.
    async fn graphql_moves_and_cancels_releases_too(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let make = "mutation ($id: UUID!) { release(input: { returns: [$id], schemes: [NI], effectiveAt: \"2009-06-16T08:30:00Z\" },
            idempotencyKey: \"key-of-a-release\") { id state version effectiveAt returns { schemes } } }";
        let made = london.graphql(make, &json!({ "id": id })).await.graphql_data()["release"].clone();
        assert_eq!((&made["state"], &made["returns"]), (&json!("SCHEDULED"), &json!([{ "schemes": ["NI"] }])));
        let moves = "mutation ($id: UUID!, $version: Int!) { rescheduleRelease(id: $id, version: $version,
            effectiveAt: \"2009-06-17T08:30:00Z\", reason: \"Later.\") { version changeReason } }";
        let moved = london.graphql(moves, &json!({ "id": made["id"], "version": 1 })).await.graphql_data();
        assert_eq!(moved["rescheduleRelease"], json!({ "version": 2, "changeReason": "Later." }));
        let stale = london.graphql(moves, &json!({ "id": made["id"], "version": 1 })).await;
        assert_eq!(stale.graphql_codes(), ["PRECONDITION_FAILED"]);
        let cancel = "mutation ($id: UUID!) { cancelRelease(id: $id, version: 2, reason: \"Wrong.\") { state } }";
        let cancelled = london.graphql(cancel, &json!({ "id": made["id"] })).await.graphql_data();
        assert_eq!(cancelled["cancelRelease"]["state"], "CANCELLED");
        let list = "{ releases(state: CANCELLED) { nodes { id releasedBy } } }";
        let listed = london.graphql(list, &Value::Null).await.graphql_data();
        assert_eq!(listed["releases"]["nodes"], json!([{ "id": made["id"], "releasedBy": "gol" }]));
        assert_eq!(lola(&server).graphql(list, &Value::Null).await.graphql_data()["releases"]["nodes"], json!([]));
    }

    /// What is released to the region is read there and nowhere else, in figures, feed and list.
    async fn a_release_to_the_region_stays_in_the_region(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let body = json!({ "returns": [id], "audience": "REGION" });
        keyed(office_of_london(&server).post("/v1/releases").json(&body)).await.expect(201);
        pass_the_margin(&clock);
        let feed = "/v1/changes?indicators=NI%2016";
        let diff = "/v1/diff?indicators=NI%2016&from=2009-06-15T09:00:00Z";
        for (reader, sees) in [
            (anna(&server), 1),
            (lola(&server), 1),
            (office_of_london(&server), 1),
            (office_of_the_east_midlands(&server), 0),
            (server.client(), 0),
        ] {
            assert_eq!(values(&reader, None).await.len(), sees);
            for address in [feed, diff, "/v1/releases"] {
                let answer = reader.get(address).await.expect(200);
                assert_eq!(answer.at("/items").as_array().unwrap().len(), sees, "{address}: {answer:?}");
            }
        }
        // Who sees it without its return being theirs is not told who released it.
        let of_lola = lola(&server).get("/v1/releases").await.expect(200);
        assert_eq!(of_lola.at("/items/0/released_by"), Value::Null);
        let who = "{ releases { nodes { audience releasedBy } } }";
        let told = anna(&server).graphql(who, &Value::Null).await.graphql_data();
        assert_eq!(told["releases"]["nodes"], json!([{ "audience": "REGION", "releasedBy": "gol" }]));
        let scopeless = server.client_for(&TokenSpec::subject("bystander").partnership("southwark"));
        for (reader, code) in [(lola(&server), "NOT_YOUR_PARTNERSHIP"), (scopeless, "MISSING_SCOPE")] {
            // GraphQL says why, and tells the rest.
            let answer = reader.graphql(who, &Value::Null).await;
            assert_eq!(answer.graphql_codes(), [code]);
            assert_eq!(answer.at("/errors/0/path"), json!(["releases", "nodes", 0, "releasedBy"]));
            let rest = json!([{ "audience": "REGION", "releasedBy": null }]);
            assert_eq!(answer.at("/data/releases/nodes"), rest);
        }
        post(&lola(&server), &ni_16_of(&json!(1))).await.expect(403);
    }

    /// Nearer than the margin to its instant a release stays as it is: a reader may be there already.
    async fn what_is_about_to_take_effect_is_neither_moved_nor_cancelled(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).arg("--release-margin-ms").arg("250").start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let release = text(&release_at(&london, &id, EMBARGO).await.expect(201).at("/id"));
        let to = json!({ "effective_at": LATER, "reason": "Later." });
        clock.set("2009-06-16T08:29:59.750000Z");
        change(&london, &release, "reschedule", "\"1\"", &to).await.expect(200);
        clock.set("2009-06-17T08:29:59.751000Z");
        for (what, body) in [("reschedule", json!({ "effective_at": "2009-06-18T08:30:00Z", "reason": "Later." })), ("cancel", json!({ "reason": "Wrong." }))] {
            let refused = change(&london, &release, what, "\"2\"", &body).await.expect(409);
            assert_eq!(refused.problem_code(), "WRONG_STATE");
            assert!(text(&refused.at("/detail")).starts_with("The release is about to take effect"), "{refused:?}");
        }
        clock.set(LATER);
        assert_eq!(values(&server.client(), None).await, [json!(29.24)]);
    }
}
