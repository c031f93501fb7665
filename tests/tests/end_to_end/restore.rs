//! Backups, and what follows from restoring one.

use std::process::Command;

use serde_json::{Value, json};
use tests::{Cluster, Database, Engine, Server, TestClock, indicator_exchange, on_both_databases};

use crate::people::{auditor, editor, office_of_london};
use crate::steps::{IN_TIME, ni_16_of, pass_the_margin, pluck, release, revised, signed_off};

/// Makes a backup as README says, and returns how to restore it over the same database.
fn backup(db: &Database) -> Box<dyn Fn()> {
    let url = db.url();
    match db.engine() {
        Engine::Sqlite => {
            let live = url.strip_prefix("sqlite://").unwrap().to_owned();
            let copy = format!("{live}.backup");
            indicator_exchange(["backup", &copy, "--database-url", &url]).expect_success();
            let refused = indicator_exchange(["backup", &copy, "--database-url", &url]);
            assert!(!refused.status.success() && refused.stderr.contains("is there already"), "{refused:#?}");
            Box::new(move || {
                for log in ["-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{live}{log}"));
                }
                std::fs::copy(&copy, &live).unwrap();
            })
        }
        Engine::Postgres => {
            let refused = indicator_exchange(["backup", "/tmp/never", "--database-url", &url]);
            assert!(!refused.status.success() && refused.stderr.contains("use pg_dump"), "{refused:#?}");
            let tools = Cluster::of_this_run().unwrap();
            let file = std::env::temp_dir().join(format!("exchange-{}.dump", uuid::Uuid::new_v4().simple()));
            let run = |command: &mut Command| {
                let ran = command.output().unwrap();
                assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            };
            run(tools.client_program("pg_dump").args(["--format=custom", "--dbname", &url, "--file"]).arg(&file));
            Box::new(move || {
                let restore = ["--clean", "--if-exists", "--no-owner", "--dbname", &url];
                run(tools.client_program("pg_restore").args(restore).arg(&file));
                let _ = std::fs::remove_file(&file);
            })
        }
    }
}

on_both_databases! { with_catalogue:
    /// After a restore the chains verify, what was said after the backup is undone, and whoever followed is told to start again.
    async fn a_restored_backup_begins_a_new_history(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let first = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        release(&office_of_london(&server), &first).await.expect(201);
        pass_the_margin(&clock);
        let restore = backup(&db);
        let at_backup = server.client().get("/v1/changes?after=latest").await.expect(200).at("/next");
        let before = server.client().get("/v1/actuals").await.expect(200);

        // Work goes on, and is lost.
        let second = revised(&server, &first, &ni_16_of(&json!(29.5))).await;
        release(&office_of_london(&server), &second).await.expect(201);
        pass_the_margin(&clock);
        let lost = server.client().get("/v1/changes?after=latest").await.expect(200).at("/next");
        let kept = release_anchor(&server).await;
        assert!(server.stop().success());
        restore();
        let url = db.url();
        let clock_file = clock.file().display().to_string();
        let ran = indicator_exchange(["restored", "--database-url", &url, "--test-clock", &clock_file]);
        assert!(ran.status.success() && ran.stdout.contains("a new history begins"), "{ran:#?}");
        indicator_exchange(["verify-audit", "--database-url", &url]).expect_success();
        // An anchor that was made after the backup is not there any more: that is how the loss is proved.
        let ran = indicator_exchange(["verify-audit", "--database-url", &url, "--anchor", &kept]);
        assert!(!ran.status.success() && ran.stdout.contains(&kept), "{ran:#?}");

        let server = Server::with(&db).clock(&clock).start();
        let reader = server.client();
        for cursor in [&lost, &at_backup] {
            let cursor = cursor.as_str().unwrap();
            for accept in ["application/json", "text/event-stream"] {
                let told = reader.get(&format!("/v1/changes?after={cursor}")).header("accept", accept).await.expect(410);
                assert_eq!(told.problem_code(), "RESYNC_REQUIRED");
            }
            let query = "query ($after: String) { changes(after: $after) { next } }";
            assert_eq!(reader.graphql(query, &json!({ "after": cursor })).await.graphql_codes(), ["RESYNC_REQUIRED"]);
        }
        let after = reader.get("/v1/actuals").header("if-none-match", before.etag()).await.expect(200);
        assert_eq!(pluck(&after.at("/items"), "/value"), [json!(29.24)]);
        assert_ne!(after.etag(), before.etag());
        let trail = auditor(&server).get("/v1/audit?action=RESTORED").await.expect(200).at("/items");
        assert_eq!(pluck(&trail, "/subject"), ["operator"]);
        // And life goes on.
        let area = json!({ "code": "X1", "name": "Somewhere", "kind": "SUB_AREA", "within": ["E09000028"] });
        editor(&server).put("/v1/areas/X1").json(&area).await.expect(200);
        let again = revised(&server, &first, &ni_16_of(&json!(29.7))).await;
        release(&office_of_london(&server), &again).await.expect(201);
        pass_the_margin(&clock);
        let values = reader.get("/v1/actuals").await.expect(200).at("/items");
        assert_eq!(pluck(&values, "/value"), [json!(29.7)]);
        indicator_exchange(["verify-audit", "--database-url", &url]).expect_success();
    }

    /// Who forgets to begin a new history is still not followed from places that are not there any more.
    async fn a_cursor_of_an_undone_history_is_noticed_without_being_told(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let first = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let restore = backup(&db);
        release(&office_of_london(&server), &first).await.expect(201);
        pass_the_margin(&clock);
        let lost = server.client().get("/v1/changes?after=latest").await.expect(200).at("/next");
        assert!(server.stop().success());
        restore();
        let server = Server::with(&db).clock(&clock).start();
        let told = server.client().get(&format!("/v1/changes?after={}", lost.as_str().unwrap())).await.expect(410);
        assert_eq!(told.problem_code(), "RESYNC_REQUIRED");
    }
}

/// The hash of the newest anchor.
async fn release_anchor(server: &Server) -> String {
    let anchors = server.client().get("/v1/audit/anchors?limit=1000").await.expect(200).at("/items");
    pluck(&anchors, "/hash").last().and_then(Value::as_str).unwrap().to_owned()
}
