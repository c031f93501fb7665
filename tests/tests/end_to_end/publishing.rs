//! Embargoes, corrections after release, and reading the past. The clock is set by hand and shared by the servers.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Client, Database, Server, TestClock, TokenSpec, on_both_databases};

use crate::people::{anna, editor, lola, office_of_london};
use crate::steps::{
    IN_TIME, keyed, ni_16_of, pass_the_margin, pluck, post, release, release_at, return_id, return_of_lambeth,
    return_of_southwark, revised, signed_off, step, with_lines,
};

/// Two servers over one database and one clock.
fn two_servers(db: &Database, clock: &TestClock) -> [Server; 2] {
    [Server::with(db).clock(clock).start(), Server::with(db).clock(clock).start()]
}

/// The published values of an indicator of Southwark.
async fn values(client: &Client, indicator: &str) -> Vec<Value> {
    let page = client.get("/v1/actuals").query("indicators", indicator).query("partnerships", "southwark").await;
    pluck(&page.expect(200).at("/items"), "/value")
}

/// Lambeth's return, posted by Lola and signed off by Leo; its identifier.
async fn signed_off_for_lambeth(server: &Server) -> String {
    let id = return_id(&post(&lola(server), &return_of_lambeth()).await.expect(201));
    step(&lola(server), &id, "submit", "\"1\"").await.expect(200);
    let leo = TokenSpec::subject("leo").scope("returns:sign-off").partnership("lambeth");
    step(&server.client_for(&leo), &id, "sign-off", "\"2\"").await.expect(200);
    id
}

/// An address read at an instant.
fn at(address: &str, instant: &str) -> String {
    format!("{address}{}as_of={instant}", if address.contains('?') { '&' } else { '?' })
}

/// What is read again and again: figures, a comparison and metadata, in both formats.
const ADDRESSES: [&str; 9] = [
    "/v1/actuals",
    "/v1/actuals.csv",
    "/v1/figures?limit=4",
    "/v1/partnerships/southwark/comparison?indicators=NI%2016,NI%2020&periods=FY2008-09",
    "/v1/partnerships/southwark/comparison.csv?indicators=NI%2016&periods=FY2008-09",
    "/v1/indicators?limit=1000",
    "/v1/indicators/NI%2016",
    "/v1/peer-groups",
    "/v1/partnerships.csv",
];

on_both_databases! { with_catalogue:
    /// An embargo passes by itself, on every server, to the microsecond.
    async fn an_embargo_passes_with_nothing_done(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = two_servers(&db, &clock);
        let readers = servers.each_ref().map(Server::client);
        let id = signed_off(&servers[0], &ni_16_of(&json!(29.24))).await;
        let embargo = "2009-06-16T08:30:00Z";
        let released = release_at(&office_of_london(&servers[1]), &id, embargo).await.expect(201);
        assert_eq!(released.at("/effective_at"), embargo);

        let mut tags = Vec::new();
        for instant in [IN_TIME, "2009-06-16T08:29:59.999999Z"] {
            clock.set(instant);
            for reader in &readers {
                let before = reader.get("/v1/actuals").await.expect(200);
                assert_eq!(before.at("/items"), json!([]));
                reader.get("/v1/actuals").header("if-none-match", before.etag()).await.expect(304);
                tags.push(before.etag().to_owned());
            }
        }
        // No answer depends on which server gives it, or on the time that passes with nothing published.
        tags.dedup();
        assert_eq!(tags.len(), 1);
        let place = format!("/v1/returns/{id}");
        assert_eq!(anna(&servers[0]).get(&place).await.expect(200).at("/state"), "SIGNED_OFF");

        clock.set(embargo);
        for reader in &readers {
            let after = reader.get("/v1/actuals").header("if-none-match", &tags[0]).await.expect(200);
            assert_eq!(pluck(&after.at("/items"), "/value"), [json!(29.24)]);
            assert_eq!(after.at("/items/0/published_at"), embargo);
            assert_ne!(after.etag(), tags[0]);
            assert_eq!(after.at("/state"), after.expect_header("exchange-state"));
        }
        assert_eq!(anna(&servers[1]).get(&place).await.expect(200).at("/state"), "RELEASED");
        // Read as of the moment before, it is still not there.
        let before = readers[0].get("/v1/actuals?as_of=2009-06-16T08:29:59.999999Z").await.expect(200);
        assert_eq!(before.at("/items"), json!([]));
    }

    /// What was answered once is answered for ever.
    async fn the_past_is_answered_byte_for_byte(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = two_servers(&db, &clock);
        let (anna, london, editor) = (anna(&servers[0]), office_of_london(&servers[0]), editor(&servers[1]));
        let first = signed_off(&servers[0], &return_of_southwark()).await;
        release(&london, &first).await.expect(201);
        release(&anna, &first).await.expect(201);
        pass_the_margin(&clock);
        let then = clock.now();
        let query = "query ($asOf: DateTime) { state(asOf: $asOf) { state }
            actuals(asOf: $asOf) { nodes { value publishedAt indicator { definitions { title } } } }
            comparison(partnership: \"southwark\", indicators: [\"NI 16\"], periods: [\"2008/09\"], asOf: $asOf) {
                comparisons { title coverage members { partnership { code } value change { relative } } } } }";
        let mut answers = Vec::new();
        for address in ADDRESSES {
            let now = servers[0].client().get(address).await.expect(200);
            let as_of = servers[1].client().get(&at(address, &then)).await.expect(200);
            if !address.contains("limit=4") {
                assert_eq!(now.text(), as_of.text(), "{address}");
            }
            answers.push((at(address, &then), as_of));
        }
        let graphql = servers[0].client().graphql(query, &json!({ "asOf": then })).await.graphql_data();
        assert_eq!(graphql["actuals"]["nodes"][1]["value"], 29.24);

        // A day later Southwark corrects two figures, the editor a title, and the group changes.
        clock.advance(Duration::from_secs(86_400));
        let mut corrected = return_of_southwark();
        corrected["lines"][1]["actual"]["value"] = json!(29.50);
        corrected["lines"][1]["actual"]["as_printed"] = json!("29.50");
        corrected["lines"][3]["actual"] = json!({ "value": 1700 });
        let second = revised(&servers[1], &first, &corrected).await;
        release(&london, &second).await.expect(201);
        release(&anna, &second).await.expect(201);
        pass_the_margin(&clock);
        let definition = json!({ "indicator": "NI 16", "valid_from": "2008-04-01", "title": "Serious acquisitive crime",
            "unit": "RATE", "per": 1000, "denominator": "population", "decimals": 3, "polarity": "LOWER_IS_BETTER",
            "aggregation": "NOT_ADDITIVE" });
        let put = editor.put("/v1/indicators/NI%2016/definitions/2008-04-01").json(&definition).await.expect(200);
        assert_eq!((put.at("/changed"), put.at("/created")), (json!(1), json!(0)));
        pass_the_margin(&clock);
        let group = json!({ "code": "southwark-msg-2008", "name": "A smaller group", "owner": "southwark",
            "members": ["southwark", "lambeth"], "valid_from": "2007-04-01" });
        editor.put("/v1/peer-groups/southwark-msg-2008").json(&group).await.expect(200);
        pass_the_margin(&clock);

        let comparison = servers[0].client().get(ADDRESSES[3]).await.expect(200);
        assert_eq!(comparison.at("/comparisons/0/title"), "Serious acquisitive crime");
        assert_eq!(comparison.at("/comparisons/0/members/0/value"), 29.50);
        assert_eq!(comparison.at("/comparisons/0/coverage"), "1 of 2 used");
        for server in &servers {
            let reader = server.client();
            assert_eq!(values(&reader, "NI 16").await, [json!(29.50)]);
            for (address, before) in &answers {
                let again = reader.get(address).await.expect(200);
                assert_eq!(again.text(), before.text(), "{address}");
                assert_eq!(again.etag(), before.etag(), "{address}");
                reader.get(address).header("if-none-match", before.etag()).await.expect(304);
            }
            assert_eq!(reader.graphql(query, &json!({ "asOf": then })).await.graphql_data(), graphql);
        }
        // A server that has only just started knows the past as well.
        let newcomer = Server::with(&db).clock(&clock).start();
        for (address, before) in &answers {
            assert_eq!(newcomer.client().get(address).await.expect(200).body, before.body, "{address}");
        }
    }

    /// Before there was a catalogue there was nothing to read.
    async fn before_the_first_publication_there_is_nothing(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let reader = server.client();
        for list in ["partnerships", "indicators", "areas", "peer-groups", "collections", "actuals"] {
            let answer = reader.get(&format!("/v1/{list}?as_of=2009-03-31T23:59:59Z")).await.expect(200);
            assert_eq!((answer.at("/items"), answer.at("/state")), (json!([]), json!("0-0")));
        }
        let codes = reader.get("/v1/partnerships?as_of=2009-04-01T00:00:00Z").await.expect(200).at("/items");
        assert_eq!(codes.as_array().unwrap().len(), 16);
    }

    /// Nobody knows yet what will be published.
    async fn the_future_cannot_be_read(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let reader = server.client();
        for address in ADDRESSES {
            let answer = reader.get(&at(address, "2009-06-15T09:00:00.000001Z")).await.expect(400);
            assert_eq!(answer.problem_code(), "FUTURE_AS_OF");
        }
        let query = "{ actuals(asOf: \"2009-06-15T09:00:00.000001Z\") { nodes { value } } }";
        assert_eq!(reader.graphql(query, &Value::Null).await.graphql_codes(), ["FUTURE_AS_OF"]);
        reader.get(&at("/v1/actuals", IN_TIME)).await.expect(200);
        // Any offset names the same instant, also where form encoding has taken its plus sign.
        reader.get("/v1/actuals?as_of=2009-06-15T10:00:00%2B01:00").await.expect(200);
        reader.get("/v1/actuals?as_of=2009-06-15T10:00:00+01:00").await.expect(200);
        let nonsense = reader.get(&at("/v1/actuals", "yesterday")).await.expect(400);
        assert_eq!(nonsense.problem_code(), "INVALID_PARAMETER");
    }

    /// Nothing can appear in the past.
    async fn an_embargo_that_is_over_is_refused(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        for instant in ["2009-06-14T09:00:00Z", IN_TIME, "2009-06-15T09:00:00.010Z"] {
            let refused = release_at(&london, &id, instant).await.expect(422);
            assert_eq!(refused.problem_code(), "INVALID_DOCUMENT");
        }
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), "NI 16").await, Vec::<Value>::new());
        release_at(&london, &id, "2009-06-15T09:00:02Z").await.expect(201);
    }

    /// What is released is released, be its embargo over or not.
    async fn nothing_is_released_twice(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release_at(&london, &id, "2009-06-16T08:30:00Z").await.expect(201);
        assert_eq!(release(&london, &id).await.expect(409).problem_code(), "WRONG_STATE");
        clock.set("2009-06-17T08:30:00Z");
        assert_eq!(release(&london, &id).await.expect(409).problem_code(), "WRONG_STATE");
        assert_eq!(values(&server.client(), "NI 16").await, [json!(29.24)]);
    }

    /// A release of several returns is one or none.
    async fn one_bad_return_stops_the_whole_release(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let (lola, london) = (lola(&server), office_of_london(&server));
        let good = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let draft = return_id(&post(&lola, &return_of_lambeth()).await.expect(201));
        let both = json!({ "returns": [good, draft] });
        let refused = keyed(london.post("/v1/releases").json(&both)).await.expect(409);
        assert_eq!(refused.problem_code(), "WRONG_STATE");
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), "NI 16").await, Vec::<Value>::new());
        let none = keyed(london.post("/v1/releases").json(&json!({ "returns": [] }))).await.expect(422);
        assert_eq!(none.problem_code(), "INVALID_DOCUMENT");
        release(&london, &good).await.expect(201);
    }

    /// A correction replaces its predecessor whole, with what it leaves out; the past stays as it was.
    async fn a_second_return_replaces_the_first_whole(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = two_servers(&db, &clock);
        let london = office_of_london(&servers[0]);
        let first = signed_off(&servers[0], &return_of_southwark()).await;
        release(&london, &first).await.expect(201);
        release(&anna(&servers[0]), &first).await.expect(201);
        pass_the_margin(&clock);
        let then = clock.now();
        let mut corrected = return_of_southwark();
        corrected["lines"][1]["actual"] = json!({ "value": 29.50 });
        corrected["lines"].as_array_mut().unwrap().remove(2);
        let second = revised(&servers[1], &first, &corrected).await;
        assert_eq!(values(&servers[0].client(), "NI 16").await, [json!(29.24)]);
        release(&london, &second).await.expect(201);
        pass_the_margin(&clock);
        for server in &servers {
            let items = server.client().get("/v1/actuals").await.expect(200).at("/items");
            assert_eq!(pluck(&items, "/value"), [json!(2.29), json!(29.5), json!(1712)]);
            // The local part of the correction is still to be released by Southwark.
            assert_eq!(pluck(&items, "/return_id"), [json!(second), json!(second), json!(first)]);
            let past = server.client().get(&at("/v1/actuals", &then)).await.expect(200).at("/items");
            assert_eq!(pluck(&past, "/value"), [json!(2.29), json!(29.24), json!(10.1), json!(1712)]);
        }
        release(&anna(&servers[0]), &second).await.expect(201);
        pass_the_margin(&clock);
        let states = anna(&servers[1]).get("/v1/returns").await.expect(200).at("/items");
        assert_eq!(pluck(&states, "/state"), ["SUPERSEDED", "RELEASED"]);
    }

    /// Of two signed-off returns the older is superseded: it can be released no more.
    async fn a_newer_signed_off_return_supersedes_the_older(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let older = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let newer = signed_off(&server, &ni_16_of(&json!(29.50))).await;
        assert_eq!(anna(&server).get(&format!("/v1/returns/{older}")).await.expect(200).at("/state"), "SUPERSEDED");
        let refused = release(&london, &older).await.expect(409);
        assert_eq!(refused.problem_code(), "WRONG_STATE");
        assert!(refused.at("/detail").as_str().unwrap().contains("SUPERSEDED"), "{refused:?}");
        release(&london, &newer).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), "NI 16").await, [json!(29.50)]);
    }

    /// What is left of an older return cannot come out after the newer one.
    async fn the_rest_of_an_older_return_is_out_of_order(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let (anna, london) = (anna(&server), office_of_london(&server));
        let older = signed_off(&server, &return_of_southwark()).await;
        release(&london, &older).await.expect(201);
        let mut corrected = return_of_southwark();
        corrected["lines"][3]["actual"] = json!({ "value": 1700 });
        let newer = revised(&server, &older, &corrected).await;
        release(&anna, &newer).await.expect(201);
        let refused = release(&anna, &older).await.expect(409);
        assert_eq!(refused.problem_code(), "RELEASE_OUT_OF_ORDER");
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), "LI 1").await, [json!(1700)]);
    }

    /// Old figures never follow newer ones: the correction of an embargoed return comes out after it.
    async fn a_correction_comes_out_after_the_embargo_of_what_it_corrects(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let older = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release_at(&london, &older, "2009-06-16T08:30:00Z").await.expect(201);
        let newer = revised(&server, &older, &ni_16_of(&json!(29.50))).await;
        assert_eq!(release(&london, &newer).await.expect(409).problem_code(), "RELEASE_OUT_OF_ORDER");
        let too_soon = release_at(&london, &newer, "2009-06-16T08:29:59Z").await.expect(409);
        assert_eq!(too_soon.problem_code(), "RELEASE_OUT_OF_ORDER");
        release_at(&london, &newer, "2009-06-17T08:30:00Z").await.expect(201);
        let address = "/v1/partnerships/southwark/comparison?indicators=NI%2016&periods=2008%2F09";
        for (instant, value) in [
            (IN_TIME, Value::Null),
            ("2009-06-16T08:30:00Z", json!(29.24)),
            ("2009-06-17T08:30:00Z", json!(29.5)),
        ] {
            clock.set(instant);
            let compared = server.client().get(address).await.expect(200);
            assert_eq!(compared.at("/comparisons/0/members/0/value"), value);
            assert_eq!(values(&server.client(), "NI 16").await.first().cloned().unwrap_or_default(), value);
        }
    }

    /// Releases at once on two servers each have an instant of their own, and all are seen.
    async fn releases_at_once_take_effect_one_after_the_other(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = two_servers(&db, &clock);
        let southwarks = signed_off(&servers[0], &return_of_southwark()).await;
        let lambeths = signed_off_for_lambeth(&servers[0]).await;
        let releases = [
            release(&office_of_london(&servers[0]), &southwarks),
            release(&office_of_london(&servers[1]), &lambeths),
            release(&anna(&servers[1]), &southwarks),
        ];
        let releases = releases.map(|release| tokio::spawn(async move { release.await.expect(201) }));
        let mut instants = Vec::new();
        for release in releases {
            instants.push(release.await.unwrap().at("/effective_at").as_str().unwrap().to_owned());
        }
        instants.sort();
        instants.dedup();
        assert_eq!(instants.len(), 3);
        pass_the_margin(&clock);
        for server in &servers {
            let items = server.client().get("/v1/actuals").await.expect(200).at("/items");
            assert_eq!(pluck(&items, "/value"), [json!(2.29), json!(29.24), json!(33.1), json!(10.1), json!(1712)]);
        }
    }

    /// A change of the catalogue is seen by every server once it is answered, by the clock on the wall.
    async fn an_answered_change_of_metadata_is_in_effect_everywhere(db: Database) {
        let servers = [Server::start(&db), Server::start(&db)];
        let editor = editor(&servers[0]);
        for number in 1..=3 {
            let name = format!("Peckham {number}");
            let area = json!({ "code": "X1", "name": name, "kind": "SUB_AREA", "within": ["E09000028"] });
            editor.put("/v1/areas/X1").json(&area).await.expect(200);
            for server in &servers {
                assert_eq!(server.client().get("/v1/areas/X1").await.expect(200).at("/name"), name);
            }
            let same = editor.put("/v1/areas/X1").json(&area).await.expect(200);
            assert_eq!((same.at("/unchanged"), same.at("/effective_at")), (json!(1), Value::Null));
        }
    }

    /// Whoever repeats a release whose embargo is over meanwhile hears the first answer.
    async fn an_embargoed_release_is_repeated_after_its_embargo(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let body = json!({ "returns": [id], "effective_at": "2009-06-16T08:30:00Z" });
        let release = || office_of_london(&server).post("/v1/releases").header("idempotency-key", "embargo-1").json(&body);
        let first = release().await.expect(201);
        clock.set("2009-06-17T08:30:00Z");
        assert_eq!(release().await.expect(201).body, first.body);
    }

    /// At the instant that a release names, all of it is there.
    async fn a_release_of_two_returns_takes_effect_as_one(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let southwarks = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let lambeths = signed_off_for_lambeth(&server).await;
        let embargo = "2009-06-16T08:30:00Z";
        let body = json!({ "returns": [southwarks, lambeths], "effective_at": embargo });
        keyed(office_of_london(&server).post("/v1/releases").json(&body)).await.expect(201);
        clock.set("2009-06-16T08:29:59.999999Z");
        assert_eq!(server.client().get("/v1/actuals").await.expect(200).at("/items"), json!([]));
        clock.set(embargo);
        let items = server.client().get("/v1/actuals").await.expect(200).at("/items");
        assert_eq!(pluck(&items, "/value"), [json!(29.24), json!(33.1)]);
    }

    /// Two rows of a source that contradict each other are both kept; a correction with one row settles it.
    async fn a_correction_settles_a_contradiction(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let row = |row: &str, value: f64| {
            json!({ "source_row": row, "indicator": "NI 16", "period": "2008/09", "actual": { "value": value } })
        };
        let own = async || {
            let address = "/v1/partnerships/southwark/comparison?indicators=NI%2016&periods=2008%2F09";
            server.client().get(address).await.expect(200).at("/comparisons/0/members/0")
        };
        let contradiction = with_lines(&json!([row("3", 29.24), row("17", 29.50)]));
        let posted = post(&anna(&server), &contradiction).await.expect(201);
        assert_eq!(pluck(&posted.at("/report/problems"), "/code"), ["CONFLICT"]);
        assert_eq!((posted.at("/report/warnings"), posted.at("/report/errors")), (json!(1), json!(0)));
        let first = signed_off(&server, &contradiction).await;
        release(&london, &first).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), "NI 16").await, [json!(29.24), json!(29.5)]);
        let member = own().await;
        assert_eq!((&member["left_out"], &member["used"]), (&json!("CONFLICT"), &json!(false)));

        let second = revised(&server, &first, &with_lines(&json!([row("3", 29.24)]))).await;
        release(&london, &second).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(values(&server.client(), "NI 16").await, [json!(29.24)]);
        let member = own().await;
        assert_eq!((&member["left_out"], &member["value"]), (&Value::Null, &json!(29.24)));
    }

    /// Six editors at once on two servers: nobody's change is lost.
    async fn changes_of_metadata_at_once_all_take_effect(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = two_servers(&db, &clock);
        let puts: Vec<_> = (0..6)
            .map(|number| {
                let area = json!({ "code": format!("X{number}"), "name": "Somewhere", "kind": "SUB_AREA", "within": ["E09000028"] });
                let put = editor(&servers[number % 2]).put(&format!("/v1/areas/X{number}")).json(&area);
                tokio::spawn(async move { put.await.expect(200) })
            })
            .collect();
        let mut instants = Vec::new();
        for put in puts {
            let receipt = put.await.unwrap();
            assert_eq!(receipt.at("/created"), 1);
            instants.push(receipt.at("/effective_at").as_str().unwrap().to_owned());
        }
        instants.sort();
        instants.dedup();
        assert_eq!(instants.len(), 6);
        pass_the_margin(&clock);
        for server in &servers {
            let areas = server.client().get("/v1/areas?limit=1000").await.expect(200).at("/items");
            let codes = pluck(&areas, "/code");
            assert_eq!((0..6).filter(|number| codes.contains(&json!(format!("X{number}")))).count(), 6);
        }
    }
}
