//! The trail of what was done: who reads it, and how tampering with it is found.

use sea_orm::{ConnectionTrait, Database as Connection};
use serde_json::{Value, json};
use tests::{Database, Engine, Server, TestClock, TokenSpec, indicator_exchange, on_both_databases};

use crate::people::{anna, auditor, lola, office_of_london};
use crate::steps::{IN_TIME, keyed, ni_16_of, pass_the_margin, pluck, post, release, return_of_lambeth, signed_off};

/// Does something to the database behind the exchange's back, with the triggers out of the way.
async fn tamper(db: &Database, statements: &[&str]) {
    let connection = Connection::connect(db.url()).await.unwrap();
    let on = |table: &str| if db.engine() == Engine::Postgres { format!(" ON {table}") } else { String::new() };
    for table in ["audit", "audit_anchor"] {
        for what in ["change", "removal"] {
            let drop = format!("DROP TRIGGER {table}_{what}{}", on(table));
            connection.execute_unprepared(&drop).await.unwrap();
        }
    }
    for statement in statements {
        connection.execute_unprepared(statement).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// What `verify-audit` says is broken; nothing if all is well.
fn broken(db: &Database, anchors: &[&str]) -> Vec<String> {
    let url = db.url();
    let mut arguments = vec!["verify-audit", "--database-url", &url];
    for anchor in anchors {
        arguments.extend(["--anchor", anchor]);
    }
    let ran = indicator_exchange(&arguments);
    let said: Vec<String> =
        ran.stdout.lines().filter_map(|line| line.strip_prefix("broken: ")).map(str::to_owned).collect();
    assert_eq!(ran.status.success(), said.is_empty(), "{ran:#?}");
    said
}

/// Southwark's return is released, Lambeth's posted; the hash of the newest anchor.
async fn some_work(server: &Server, clock: &TestClock) -> String {
    let id = signed_off(server, &ni_16_of(&json!(29.24))).await;
    let released = release(&office_of_london(server), &id).await.expect(201);
    pass_the_margin(clock);
    post(&lola(server), &return_of_lambeth()).await.expect(201);
    released.at("/anchor").as_str().unwrap().to_owned()
}

on_both_databases! { with_catalogue:
    /// Every write is there: who, what, when, before and after, with which client.
    async fn every_write_leaves_a_trace(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release(&office_of_london(&server), &id).await.expect(201);
        pass_the_margin(&clock);
        keyed(anna(&server).post(&format!("/v1/returns/{id}/revisions")).json(&json!({ "reason": "Why not." }))).await.expect(201);
        anna(&server).post("/v1/returns?dry_run=true").json(&crate::steps::return_of_southwark()).await.expect(200);
        let with_a_mistake = json!({ "partnership": "lambeth", "collection": "fy2008-09", "lines": [{ "indicator": "NI 999" }] });
        post(&lola(&server), &with_a_mistake).await.expect(422);
        let trail = auditor(&server).get("/v1/audit?partnership=southwark").await.expect(200).at("/items");
        let mine: Vec<&Value> = trail.as_array().unwrap().iter().filter(|entry| entry["action"] != "METADATA_PUT").collect();
        let actions: Vec<&str> = mine.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(
            actions,
            ["RETURN_CREATED", "RETURN_SUBMITTED", "RETURN_SIGNED_OFF", "RELEASED", "RETURN_REOPENED", "RETURN_TRIED"]
        );
        let subjects: Vec<&str> = mine.iter().map(|entry| entry["subject"].as_str().unwrap()).collect();
        assert_eq!(subjects, ["anna", "anna", "ben", "gol", "anna", "anna"]);
        let signed_off = mine[2];
        assert_eq!((&signed_off["before"]["state"], &signed_off["after"]["state"]), (&json!("SUBMITTED"), &json!("SIGNED_OFF")));
        assert_eq!((&signed_off["at"], &signed_off["object"]), (&json!(IN_TIME), &json!(format!("returns/{id}"))));
        let places = pluck(&trail, "/seq");
        assert_eq!(places, (1..=places.len()).map(|seq| json!(seq)).collect::<Vec<_>>());
        let refused = auditor(&server).get("/v1/audit?action=RETURN_REFUSED").await.expect(200).at("/items");
        assert_eq!(pluck(&refused, "/partnership"), ["lambeth"]);
        assert_eq!(broken(&db, &[]), Vec::<String>::new());
    }

    /// Auditors read the trail, of those for whom they speak; page by page, filtered, in every format.
    async fn the_trail_is_read_by_auditors(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        some_work(&server, &clock).await;
        server.client().get("/v1/audit").await.expect(401);
        assert_eq!(anna(&server).get("/v1/audit").await.expect(403).problem_code(), "MISSING_SCOPE");
        let own = server.client_for(&TokenSpec::subject("eve").scope("audit:read").partnership("lambeth"));
        let seen = own.get("/v1/audit?limit=1000").await.expect(200).at("/items");
        assert!(seen.as_array().unwrap().iter().all(|entry| entry["partnership"] == "lambeth"), "{seen}");
        assert_eq!(pluck(&seen, "/action").last().unwrap(), "RETURN_CREATED");
        own.get("/v1/audit?partnership=southwark").await.expect(403);
        let auditor = auditor(&server);
        let whole = auditor.get("/v1/audit?limit=1000&subject=ben").await.expect(200).at("/items");
        assert_eq!(pluck(&whole, "/action"), ["RETURN_SIGNED_OFF"]);
        let first = auditor.get("/v1/audit?limit=2").await.expect(200);
        let next = auditor.get(&format!("/v1/audit?limit=2&cursor={}", first.at("/next").as_str().unwrap())).await.expect(200);
        assert_ne!(first.at("/items"), next.at("/items"));
        let since = auditor.get(&format!("/v1/audit?from={IN_TIME}&limit=1000")).await.expect(200).at("/items");
        assert_eq!(since.as_array().unwrap().len(), 5);
        let csv = auditor.get("/v1/audit.csv?subject=ben").await.expect(200);
        assert!(csv.text().contains("ben,,RETURN_SIGNED_OFF,returns/"), "{csv:?}");
        let query = "{ audit(subject: \"ben\") { nodes { action partnership seq after } } }";
        let data = auditor.graphql(query, &Value::Null).await.graphql_data();
        assert_eq!(data["audit"]["nodes"][0]["after"]["state"], "SIGNED_OFF");
        assert_eq!(anna(&server).graphql(query, &Value::Null).await.graphql_codes(), ["MISSING_SCOPE"]);
    }

    /// The newest entries and returns are read without walking through the older ones.
    async fn the_trail_and_the_returns_are_walked_backwards(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        some_work(&server, &clock).await;
        let page = "edges { cursor } pageInfo { hasPreviousPage hasNextPage startCursor }";
        for (client, field) in [(auditor(&server), "audit"), (office_of_london(&server), "returns")] {
            let all = client.graphql(&format!("{{ {field}(first: 1000) {{ {page} }} }}"), &Value::Null).await.graphql_data();
            let all = all[field]["edges"].as_array().unwrap().clone();
            assert!(all.len() > 1, "{field}: {all:?}");
            let last = client.graphql(&format!("{{ {field}(last: 1) {{ {page} }} }}"), &Value::Null).await.graphql_data();
            let last = &last[field];
            assert_eq!(last["edges"], json!([all[all.len() - 1]]), "{field}");
            assert_eq!([&last["pageInfo"]["hasPreviousPage"], &last["pageInfo"]["hasNextPage"]], [true, false], "{field}");
            let rest = format!("{{ {field}(last: 1000, before: {}) {{ {page} }} }}", last["pageInfo"]["startCursor"]);
            let rest = client.graphql(&rest, &Value::Null).await.graphql_data();
            assert_eq!(rest[field]["edges"], json!(all[..all.len() - 1]), "{field}");
            let info = &rest[field]["pageInfo"];
            assert_eq!([&info["hasPreviousPage"], &info["hasNextPage"]], [false, true], "{field}");
        }
    }

    /// The database itself refuses to change the trail.
    async fn the_trail_is_only_added_to(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        some_work(&server, &clock).await;
        let connection = Connection::connect(db.url()).await.unwrap();
        for statement in ["UPDATE audit SET subject = 'eve'", "DELETE FROM audit", "DELETE FROM audit_anchor"] {
            let refused = connection.execute_unprepared(statement).await.unwrap_err();
            assert!(refused.to_string().contains("only added to"), "{refused}");
        }
        assert_eq!(broken(&db, &[]), Vec::<String>::new());
    }

    /// A changed entry is found, with its place.
    async fn a_changed_entry_is_found(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        some_work(&server, &clock).await;
        let place = last_place(&server, "southwark").await - 1;
        tamper(&db, &[&format!("UPDATE audit SET subject = 'eve' WHERE chain = 'southwark' AND seq = {place}")]).await;
        let told = format!("chain of southwark, entry {place}: it, or the one before it, is not what its hash says");
        assert_eq!(broken(&db, &[]), [told]);
    }

    /// A removed entry is found by the one after it.
    async fn a_removed_entry_is_found(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        some_work(&server, &clock).await;
        let place = last_place(&server, "southwark").await;
        tamper(&db, &[&format!("DELETE FROM audit WHERE chain = 'southwark' AND seq = {}", place - 1)]).await;
        assert_eq!(broken(&db, &[]), [format!("chain of southwark, entry {place}: entries before it are gone")]);
    }

    /// A cut tail is found by the head; with the head cut too, by the anchors, and by what releases tell of them; with all of
    /// them cut, by an anchor that was kept elsewhere, and by nothing within.
    async fn a_cut_tail_is_found(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let kept = some_work(&server, &clock).await;
        assert_eq!(broken(&db, &[&kept]), Vec::<String>::new());
        let place = last_place(&server, "southwark").await;
        tamper(&db, &[&format!("DELETE FROM audit WHERE chain = 'southwark' AND seq = {place}")]).await;
        let gone = format!("chain of southwark, entry {place}: the end of the chain is gone");
        let anchored = format!("chain of southwark, entry {place}: it was anchored, and is gone");
        assert_eq!(broken(&db, &[]), [gone, anchored.clone()]);
        let connection = Connection::connect(db.url()).await.unwrap();
        let before = format!("(SELECT hash FROM audit WHERE chain = 'southwark' AND seq = {})", place - 1);
        let head = format!("UPDATE audit_head SET seq = {}, hash = {before} WHERE chain = 'southwark'", place - 1);
        connection.execute_unprepared(&head).await.unwrap();
        assert_eq!(broken(&db, &[]), [anchored]);
        connection.execute_unprepared("DELETE FROM audit_anchor WHERE seq = (SELECT max(seq) FROM audit_anchor)").await.unwrap();
        // The release still tells of it, until it is changed as well.
        let told = broken(&db, &[]);
        assert!(told.len() == 1 && told[0].contains(&kept), "{told:?}");
        let newest = "(SELECT hash FROM audit_anchor ORDER BY seq DESC LIMIT 1)";
        connection.execute_unprepared(&format!("UPDATE release SET anchor = {newest}")).await.unwrap();
        assert_eq!(broken(&db, &[]), Vec::<String>::new());
        let told = broken(&db, &[&kept]);
        assert!(told.len() == 1 && told[0].contains(&kept), "{told:?}");
    }
}

/// The place of the last entry of a partnership's chain.
async fn last_place(server: &Server, partnership: &str) -> i64 {
    let trail = auditor(server).get(&format!("/v1/audit?partnership={partnership}&limit=1000")).await.expect(200);
    pluck(&trail.at("/items"), "/seq").last().and_then(Value::as_i64).unwrap()
}
