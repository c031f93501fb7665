//! A change that is announced too late, as happens when a transaction takes longer than the margin.

use sea_orm::{ConnectionTrait, Database as Orm, Statement};
use serde_json::{Value, json};
use tests::{Client, Database, Server, on_both_databases};
use uuid::Uuid;

use crate::feed;
use crate::people::{editor, text};

/// Announces a change at an instant, as a writer does whose transaction took until now, or who is killed before its change.
pub async fn announce(db: &Database, id: Uuid, at: i64) {
    run(db, "INSERT INTO ledger_hold (id, at, made_at) VALUES ($1, $2, $2)", vec![id.into(), at.into()]).await;
}

/// How many announcements there are.
pub async fn announced(db: &Database) -> i64 {
    let connection = Orm::connect(db.url()).await.unwrap();
    let statement = Statement::from_string(connection.get_database_backend(), "SELECT count(*) FROM ledger_hold");
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    let count = row.try_get_by_index(0).unwrap();
    connection.close().await.unwrap();
    count
}

async fn take_back(db: &Database, id: Uuid) {
    run(db, "DELETE FROM ledger_hold WHERE id = $1", vec![id.into()]).await;
}

async fn run(db: &Database, sql: &str, values: Vec<sea_orm::Value>) {
    let connection = Orm::connect(db.url()).await.unwrap();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    assert_eq!(connection.execute_raw(statement).await.unwrap().rows_affected(), 1);
    connection.close().await.unwrap();
}

/// When the newest publication took effect that a server shows, in microseconds.
async fn newest(client: &Client) -> i64 {
    let state = text(&client.get("/v1/areas/X1").await.expect(200).headers["exchange-state"].to_str().unwrap().into());
    state.split_once('-').unwrap().1.parse().unwrap()
}

on_both_databases! { with_catalogue:
    /// What has been read is not taken back, and a place in the feed stays good, at whichever server.
    async fn an_announcement_that_comes_late_takes_nobody_back(db: Database) {
        let servers = [0, 1].map(|_| Server::start(&db));
        let [here, there] = servers.each_ref().map(Server::client);
        let editor = here.with_token(&editor());
        let put = |name: &str| {
            let area = json!({ "code": "X1", "name": name, "kind": "SUB_AREA", "within": ["E09000028"] });
            editor.put("/v1/areas/X1").json(&area)
        };
        put("Peckham").await.expect(200);
        let at = newest(&here).await;
        let cursor = feed::rest(&here, None, 1000).await.pop().unwrap().0;

        let late = Uuid::now_v7();
        announce(&db, late, at).await;
        assert_eq!(newest(&here).await, at, "what was read is taken back");
        for client in [&here, &there] {
            let page = feed::page(client, Some(&cursor), 100, 0).await;
            assert_eq!((page.changes, page.is_caught_up), (vec![], true));
            assert_eq!(page.next, cursor);
        }
        take_back(&db, late).await;

        put("Nunhead").await.expect(200);
        for client in [&here, &there] {
            let page = feed::page(client, Some(&cursor), 100, 5).await;
            let names: Vec<&Value> = page.changes.iter().map(|(_, change)| &change["document"]["to"]["name"]).collect();
            assert_eq!(names, ["Nunhead"]);
        }
    }
}
