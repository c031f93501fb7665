//! Servers that are killed in the middle of their work, again and again, over one database.

mod recovery;
mod worker;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tests::{Client, Server, indicator_exchange, on_both_databases};
use tokio::spawn;
use uuid::Uuid;

use crate::chance::Chance;
use crate::feed::{self, Change};
use crate::late::{announce, announced};
use crate::memory::remember;
use crate::people::{People, editor, now};
use worker::{Role, Worker};

const WORKERS: [(Role, &str); 6] = [
    (Role::Publisher, "southwark"),
    (Role::Publisher, "lambeth"),
    (Role::Publisher, "camden"),
    (Role::Drafter, "hackney"),
    (Role::Drafter, "islington"),
    (Role::Editor, "brent"),
];

on_both_databases! { with_catalogue:
    /// Nothing that was acknowledged is lost, nothing that was not is done twice, and nobody is kept waiting by the dead.
    async fn every_acknowledged_write_survives_the_death_of_its_server(db: Database) {
        let engine = db.engine();
        let mut chance = Chance::of_this_run(&format!("kill on {engine:?}"));
        let rounds = crate::setting("KILL_ROUNDS", 3);
        let editor = editor();
        let new = |(role, code)| Worker::new(role, People::of(code), editor.clone(), chance.split());
        let mut workers: Vec<Worker> = WORKERS.map(new).into();
        let (mut told, mut after) = (Vec::<Change>::new(), None);
        let (mut acknowledged, mut in_doubt, mut answers, mut longest) = (0, 0, 0, Duration::ZERO);
        let mut abandoned = 0;
        let mut server = Server::start(&db);
        for round in 1..=rounds {
            let client = server.client();
            let working: Vec<_> = workers.drain(..).map(|worker| spawn(worker.work(client.clone()))).collect();
            let remembering = [0, 1].map(|_| spawn(remember(vec![client.clone()], chance.split(), Arc::new(AtomicBool::new(false)))));
            let following = spawn(follow(client.clone(), after.take()));
            tokio::time::sleep(Duration::from_millis(chance.between(50, 1500))).await;
            server.kill();
            if round == rounds {
                // Should nobody have been killed between the announcement of a change and the change.
                announce(&db, Uuid::now_v7(), (now() + Duration::from_millis(40)).timestamp_micros()).await;
            }
            abandoned += announced(&db).await;

            server = Server::start(&db);
            let client = server.client();
            let holding = spawn(recovery::time_goes_on(client.clone()));
            for work in working {
                let (mut worker, write) = work.await.unwrap();
                recovery::settle(&mut worker, &write, &client).await;
                in_doubt += 1;
                acknowledged += recovery::is_all_there(&mut worker, &client).await;
                workers.push(worker);
            }
            for remembered in remembering {
                for answer in remembered.await.unwrap() {
                    answer.assert_repeated_by(&client).await;
                    answers += 1;
                }
            }
            for publisher in workers.iter_mut().filter(|worker| worker.role == Role::Publisher) {
                recovery::goes_on(publisher, &client).await;
            }
            longest = longest.max(holding.await.unwrap());

            let (read, cursor) = following.await.unwrap();
            told.extend(read);
            let rest = feed::rest(&client, cursor, 100).await;
            after = rest.last().or(told.last()).map(|(cursor, _)| cursor.clone());
            told.extend(rest);
            let whole = feed::rest(&client, None, 1000).await;
            feed::assert_same(&told, &whole, "who follows the feed from one server to the next");
            indicator_exchange(["verify-audit", "--database-url", &db.url()]).expect_success();
        }
        feed::assert_in_order(&told);
        assert_eq!(feed::mirror(&told), feed::published(&server.client()).await, "the feed adds up to what is published");
        let returns: usize = workers.iter().map(|worker| worker.returns.len()).sum();
        println!(
            "kill on {engine:?}: {rounds} servers killed; {acknowledged} acknowledged writes found again, {in_doubt} in doubt \
             done once, {returns} returns; {answers} answers repeated, {} changes followed; {abandoned} \
             announcements abandoned, which held readers up for {longest:.1?} at most",
            told.len()
        );
    }
}

/// Follows the feed until the server does not answer any more; what was read, and the place that it ends at.
async fn follow(client: Client, mut after: Option<String>) -> (Vec<Change>, Option<String>) {
    let mut read = Vec::new();
    while let Ok(page) = feed::try_page(&client, after.as_deref(), 100, 1).await {
        read.extend(page.changes);
        after = Some(page.next);
    }
    (read, after)
}
