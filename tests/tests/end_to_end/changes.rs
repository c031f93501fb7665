//! The feed of changes and the difference between two moments, over every interface.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{Client, Server, TestClock, on_both_databases};

use crate::people::{anna, editor, office_of_london};
use crate::steps::{
    IN_TIME, keyed, ni_16_of, pass_the_margin, pluck, published_plan, release, release_at, return_of_southwark,
    revised, signed_off, with_lines,
};

/// Reads the feed from a cursor to its end, so many changes at a time.
async fn feed(client: &Client, after: &str, limit: u32) -> (Vec<Value>, String) {
    let (mut items, mut after) = (Vec::new(), after.to_owned());
    loop {
        let page = client.get(&format!("/v1/changes?limit={limit}&after={after}")).await.expect(200);
        items.extend(page.at("/items").as_array().unwrap().clone());
        page.at("/next").as_str().unwrap().clone_into(&mut after);
        if page.at("/is_caught_up") == json!(true) {
            return (items, after);
        }
    }
}

/// What a figure is of.
fn key(figure: &Value) -> String {
    let members = ["indicator", "period", "kind", "partnership", "area", "breakdown", "is_secondary", "line_variant"];
    members.map(|member| figure[member].to_string()).join("|")
}

/// A figure without where it comes from: one that says the same again is no change.
fn said(figure: &Value) -> Value {
    let mut said = figure.clone();
    for member in ["return_id", "release_id", "published_at", "line", "revision"] {
        said.as_object_mut().unwrap().remove(member);
    }
    said
}

/// A copy that somebody keeps by following the feed.
fn mirror(feed: &[Value]) -> BTreeMap<String, Value> {
    let mut figures = BTreeMap::new();
    for change in feed.iter().filter(|change| !change["figure"].is_null()) {
        let (from, to) = (&change["figure"]["from"], &change["figure"]["to"]);
        if to.is_null() {
            assert_eq!(change["kind"], "REMOVED");
            figures.remove(&key(from)).expect("what is removed was there");
        } else {
            let before = figures.insert(key(to), said(to));
            assert_eq!(before, (!from.is_null()).then(|| said(from)), "{change}");
        }
    }
    figures
}

async fn published(client: &Client) -> BTreeMap<String, Value> {
    let items = client.get("/v1/figures?limit=1000").await.expect(200).at("/items");
    items.as_array().unwrap().iter().map(|figure| (key(figure), said(figure))).collect()
}

fn cursors(feed: &[Value]) -> Vec<String> {
    pluck(&json!(feed), "/cursor").iter().map(|cursor| cursor.as_str().unwrap().to_owned()).collect()
}

on_both_databases! { with_catalogue:
    /// Whoever follows the feed has what everybody reads, whatever happened on the way.
    async fn a_mirror_that_follows_the_feed_is_what_is_published(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = [Server::with(&db).clock(&clock).start(), Server::with(&db).clock(&clock).start()];
        let (reader, london) = (servers[0].client(), office_of_london(&servers[0]));
        let first = published_plan(&servers[0], &clock).await;
        assert_eq!(mirror(&feed(&reader, "", 1000).await.0), published(&reader).await);
        // A revision that changes, adds and leaves out; a contradiction; a withdrawal; metadata between.
        let mut lines = return_of_southwark()["lines"].clone();
        lines.as_array_mut().unwrap().remove(2);
        lines[1]["actual"]["value"] = json!(29.5);
        lines.as_array_mut().unwrap().push(json!({ "source_row": "77", "indicator": "NI 16", "period": "FY2008-09", "actual": { "value": 31 } }));
        let second = revised(&servers[1], &first, &with_lines(&lines)).await;
        release(&london, &second).await.expect(201);
        pass_the_margin(&clock);
        let area = json!({ "code": "X1", "name": "Somewhere", "kind": "SUB_AREA", "within": ["E09000028"] });
        editor(&servers[1]).put("/v1/areas/X1").json(&area).await.expect(200);
        release(&anna(&servers[0]), &second).await.expect(201);
        pass_the_margin(&clock);
        assert_eq!(mirror(&feed(&reader, "", 7).await.0), published(&reader).await);
        let body = json!({ "returns": [second], "schemes": ["LI"], "action": "WITHDRAW", "reason": "Counted twice." });
        keyed(anna(&servers[0]).post("/v1/releases").json(&body)).await.expect(201);
        pass_the_margin(&clock);
        let (whole, _) = feed(&reader, "", 1000).await;
        assert_eq!(mirror(&whole), published(&reader).await);
        let kinds: Vec<Value> = whole.iter().filter(|change| !change["figure"].is_null()).map(|c| c["kind"].clone()).collect();
        for kind in ["ADDED", "REVISED", "REMOVED", "WITHDRAWN"] {
            assert!(kinds.contains(&json!(kind)), "{kind}: {kinds:?}");
        }

        // Page by page, on either server and from any place, it is the same feed, in the order of effect.
        let instants = pluck(&json!(whole), "/effective_at");
        assert!(instants.is_sorted_by_key(|instant| instant.as_str().unwrap().trim_end_matches('Z').to_owned()));
        for (server, limit) in servers.iter().zip([1, 50]) {
            let (again, end_again) = feed(&server.client(), "", limit).await;
            assert_eq!(again, whole);
            assert_eq!(feed(&server.client(), &end_again, limit).await, (Vec::new(), end_again));
        }
        for place in [0, 3, whole.len() / 2, whole.len() - 2] {
            let (rest, _) = feed(&servers[1].client(), &cursors(&whole)[place], 1000).await;
            assert_eq!(rest, whole[place + 1..], "after {place}");
        }
        // And in CSV it has as many rows.
        let address = "/v1/changes?limit=1000&partnerships=southwark&indicators=NI%2016";
        let csv = reader.get(address).header("accept", "text/csv").await.expect(200);
        let told = reader.get(address).await.expect(200).at("/items");
        let of_csv = crate::steps::column(csv.text(), "change");
        assert_eq!(json!(of_csv), json!(pluck(&told, "/kind")));
        assert!(csv.expect_header("link").contains("after="), "{csv:?}");
    }

    /// The difference between two moments is the feed between them with what was changed back left out.
    async fn the_difference_says_from_what_to_what_and_why(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let (reader, london) = (server.client(), office_of_london(&server));
        let first = signed_off(&server, &return_of_southwark()).await;
        let release_of_first = release(&london, &first).await.expect(201).at("/id");
        pass_the_margin(&clock);
        let mut twice = return_of_southwark();
        twice["lines"][1]["actual"] = json!({ "value": 99 });
        let second = revised(&server, &first, &twice).await;
        release(&london, &second).await.expect(201);
        pass_the_margin(&clock);
        let mut corrected = return_of_southwark();
        corrected["lines"][0]["actual"]["value"] = json!(2.3);
        let third = revised(&server, &second, &corrected).await;
        let release_of_third = release(&london, &third).await.expect(201).at("/id");
        pass_the_margin(&clock);
        let from = release_of_first.as_str().unwrap();
        let diff = reader.get(&format!("/v1/diff?from={from}")).await.expect(200);
        let items = diff.at("/items");
        assert_eq!(pluck(&items, "/figure/to/indicator"), ["NI 15"]);
        assert_eq!(pluck(&items, "/figure/from/value"), [json!(2.29)]);
        assert_eq!(pluck(&items, "/figure/to/value"), [json!(2.3)]);
        assert_eq!(pluck(&items, "/reason"), ["A mistake was found."]);
        assert_eq!(pluck(&items, "/release_id"), [release_of_third]);
        // Over GraphQL it is the same.
        let query = "query ($from: AsOf!) { diff(from: $from) { changes { nodes { kind reason
            figure { from { value } to { value indicator { code } } } } } } }";
        let data = reader.graphql(query, &json!({ "from": from })).await.graphql_data();
        let expected = json!([{ "kind": "REVISED", "reason": "A mistake was found.",
            "figure": { "from": { "value": 2.29 }, "to": { "value": 2.3, "indicator": { "code": "NI 15" } } } }]);
        assert_eq!(data["diff"]["changes"]["nodes"], expected);
        // From nothing it is all there is, and page by page the same: what is published meanwhile does not mix in.
        let whole = reader.get("/v1/diff?from=2009-01-01T00:00:00Z&limit=1000").await.expect(200);
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = reader.get(&format!("/v1/diff?from=2009-01-01T00:00:00Z&limit=100&cursor={cursor}")).await.expect(200);
            paged.extend(page.at("/items").as_array().unwrap().clone());
            assert_eq!(page.at("/to"), whole.at("/to"));
            if paged.len() == 100 {
                release(&anna(&server), &third).await.expect(201);
                pass_the_margin(&clock);
            }
            match page.at("/next") {
                Value::String(next) => cursor = next,
                _ => break,
            }
        }
        assert_eq!(json!(paged), whole.at("/items"));
        let backwards = reader.get(&format!("/v1/diff?from={from}&to=2009-01-01T00:00:00Z")).await.expect(400);
        assert_eq!(backwards.problem_code(), "INVALID_PARAMETER");
        let foreign = reader.get(&format!("/v1/diff?from={from}&cursor={cursor}")).await.expect(400);
        assert_eq!(foreign.problem_code(), "INVALID_CURSOR");
    }

    /// An embargo stands in the feed where it took effect, whenever it was made.
    async fn embargoes_stand_in_their_place(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let (reader, london) = (server.client(), office_of_london(&server));
        let southwark = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release_at(&london, &southwark, "2009-06-16T08:30:00Z").await.expect(201);
        let latest = reader.get("/v1/changes?after=latest").await.expect(200).at("/next");
        let latest = latest.as_str().unwrap();
        let area = json!({ "code": "X1", "name": "Somewhere", "kind": "SUB_AREA", "within": ["E09000028"] });
        editor(&server).put("/v1/areas/X1").json(&area).await.expect(200);
        pass_the_margin(&clock);
        assert_eq!(pluck(&json!(feed(&reader, latest, 10).await.0), "/document/code"), ["X1"]);
        clock.set("2009-06-16T08:30:00Z");
        let (changes, end) = feed(&reader, latest, 10).await;
        assert_eq!(pluck(&json!(changes), "/effective_at").last().unwrap(), "2009-06-16T08:30:00Z");
        assert_eq!(changes.len(), 2);
        assert_eq!(feed(&reader, &end, 10).await, (Vec::new(), end));
    }

    /// Whoever waits is answered when something takes effect, on whichever server it was published.
    async fn whoever_waits_is_told(db: Database) {
        let servers = [Server::start(&db), Server::start(&db)];
        let waits = servers[0].client();
        let latest = waits.get("/v1/changes?after=latest").await.expect(200).at("/next");
        let nothing = waits.get(&format!("/v1/changes?wait=1&after={}", latest.as_str().unwrap())).await.expect(200);
        assert_eq!((nothing.at("/items"), nothing.at("/next")), (json!([]), latest.clone()));
        let waiting = waits.get(&format!("/v1/changes?wait=25&after={}", latest.as_str().unwrap()));
        let waiting = tokio::spawn(async move { waiting.await.expect(200) });
        let area = json!({ "code": "X1", "name": "Somewhere", "kind": "SUB_AREA", "within": ["E09000028"] });
        editor(&servers[1]).put("/v1/areas/X1").json(&area).await.expect(200);
        let told = tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it is told in time").unwrap();
        assert_eq!(pluck(&told.at("/items"), "/document/to/name"), ["Somewhere"]);
        waits.get("/v1/changes?wait=26").await.expect(400);
    }

    /// Server-sent events carry each change with its cursor, go on after Last-Event-ID, and say where to go on at the end.
    async fn changes_come_as_events(db: Database) {
        let mut server = Server::start(&db);
        let reader = server.client();
        let known = reader.get("/v1/changes?limit=3").await.expect(200).at("/items");
        let after = known[0]["cursor"].as_str().unwrap();
        let events = reader.get("/v1/changes").header("accept", "text/event-stream").header("last-event-id", after);
        let events = tokio::spawn(events.into_future());
        let area = json!({ "code": "X1", "name": "Somewhere", "kind": "SUB_AREA", "within": ["E09000028"] });
        editor(&server).put("/v1/areas/X1").json(&area).await.expect(200);
        let (whole, _) = feed(&reader, "", 1000).await;
        // The server sends what it has before it is told to stop.
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.terminate();
        let sent = events.await.unwrap().expect(200);
        assert!(sent.expect_header("content-type").starts_with("text/event-stream"));
        let ids: Vec<&str> = sent.text().lines().filter_map(|line| line.strip_prefix("id: ")).collect();
        assert_eq!(ids[..ids.len() - 1], cursors(&whole)[1..]);
        let last_id = *ids.last().unwrap();
        assert_eq!(last_id, cursors(&whole).last().unwrap());
        let last = sent.text().trim_end().lines().last().unwrap().strip_prefix("data: ").unwrap().to_owned();
        let last: Value = serde_json::from_str(&last).unwrap();
        assert_eq!(last["after"], last_id);
        assert!(sent.text().contains("event: resume"), "{sent:?}");
    }

    /// A GraphQL subscription is the same feed.
    async fn a_subscription_follows_the_feed(db: Database) {
        let mut server = Server::start(&db);
        let reader = server.client();
        let query = "subscription { changes(after: \"\") { cursor kind document { family code to } } }";
        let stream = reader.post("/graphql/stream").json(&json!({ "query": query })).header("accept", "text/event-stream");
        let stream = tokio::spawn(stream.into_future());
        let area = json!({ "code": "X1", "name": "Somewhere", "kind": "SUB_AREA", "within": ["E09000028"] });
        editor(&server).put("/v1/areas/X1").json(&area).await.expect(200);
        let (whole, _) = feed(&reader, "", 1000).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.terminate();
        let sent = stream.await.unwrap().expect(200);
        let results: Vec<Value> = sent.text().lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
        let seen: Vec<Value> = results.iter().filter_map(|result| result.pointer("/data/changes").cloned()).collect();
        assert_eq!(pluck(&json!(seen), "/cursor"), pluck(&json!(whole), "/cursor"));
        assert_eq!(seen.last().unwrap()["document"]["to"]["name"], "Somewhere");
    }

    /// What cannot be answered is refused before anything is sent.
    async fn a_place_of_no_feed_is_refused(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let reader = server.client();
        for accept in ["application/json", "text/event-stream", "text/csv"] {
            let refused = reader.get("/v1/changes?after=nowhere").header("accept", accept).await.expect(400);
            assert_eq!(refused.problem_code(), "INVALID_CURSOR");
        }
        let actuals = reader.get("/v1/indicators?limit=1").await.expect(200).at("/next");
        let of_a_list = reader.get(&format!("/v1/changes?after={}", actuals.as_str().unwrap())).await.expect(400);
        assert_eq!(of_a_list.problem_code(), "INVALID_CURSOR");
        reader.get("/v1/changes?partnerships=atlantis").await.expect(400);
        let query = "{ changes(after: \"nowhere\") { next } }";
        assert_eq!(reader.graphql(query, &Value::Null).await.graphql_codes(), ["INVALID_CURSOR"]);
    }
}
