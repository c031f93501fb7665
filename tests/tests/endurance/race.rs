//! Readers, writers and followers of two servers over one database, on the system's clock, all at once.

mod followers;
mod readers;
mod writers;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant as Moment};

use serde_json::Value;
use tests::{Client, Server, indicator_exchange, on_both_databases};
use tokio::spawn;
use tokio::task::JoinHandle;

use crate::chance::Chance;
use crate::feed::{self, Change};
use crate::memory::{Remembered, remember};
use crate::people::{People, editor, instant};
use readers::Seen;
use writers::{Log, Published, Writer};

const PARTNERSHIPS: [&str; 4] = ["southwark", "lambeth", "camden", "brent"];

/// Soon, so that much is published; and so near that a busy machine comes too late now and then.
const MARGIN: [&str; 2] = ["--release-margin-ms", "50"];

on_both_databases! { with_catalogue:
    /// Whatever two servers are doing: what was read at an instant reads the same for ever, nothing is seen before it takes
    /// effect, and everybody who follows the feed is told the same.
    async fn readers_and_writers_racing_never_see_the_past_change(db: Database) {
        let engine = db.engine();
        let mut chance = Chance::of_this_run(&format!("race on {engine:?}"));
        let servers = [0, 1].map(|_| Server::with(&db).args(MARGIN).start());
        let clients = servers.each_ref().map(Server::client);
        let until = Moment::now() + Duration::from_secs(crate::setting("RACE_SECONDS", 5));
        let (over, end) = (Arc::new(AtomicBool::new(false)), followers::End::default());

        let values = Arc::new(AtomicU64::new(0));
        let writing = PARTNERSHIPS.map(|partnership| {
            let people = People::of(partnership);
            let desks = clients.each_ref().map(|client| people.at(client));
            let (values, chance) = (Arc::clone(&values), chance.split());
            spawn(Writer { desks, values, chance, until, log: Log::default() }.write())
        });
        let token = editor();
        let editing = spawn(writers::edit(clients.each_ref().map(|client| client.with_token(&token)), chance.split(), until));
        let remembering = [0, 1].map(|_| spawn(remember(clients.to_vec(), chance.split(), Arc::clone(&over))));
        let [one, other] = clients.clone();
        let watching = [vec![one.clone()], vec![other.clone()], vec![one, other]]
            .map(|clients| spawn(readers::watch(clients, Arc::clone(&over))));
        let paging = clients.clone().map(|client| spawn(followers::page_by_page(client, chance.split(), Arc::clone(&end))));
        let streaming = servers.each_ref().map(|server| {
            spawn(followers::event_by_event(server.url().to_owned(), chance.split(), Arc::clone(&end)))
        });

        let logs = all(writing).await;
        let edits = editing.await.unwrap();
        over.store(true, Ordering::Relaxed);
        let remembered: Vec<Remembered> = all(remembering).await.into_iter().flatten().collect();
        let seen: Vec<Seen> = all(watching).await.into_iter().flatten().collect();

        let whole = feed::rest(&clients[0], None, 100).await;
        end.set(whole.last().expect("something has changed").0.clone()).unwrap();
        for (number, read) in all(paging).await.iter().enumerate() {
            feed::assert_same(read, &whole, &format!("who pages at server {number}"));
        }
        for (number, read) in all(streaming).await.iter().enumerate() {
            feed::assert_same(read, &whole, &format!("who has events from server {number}"));
        }
        feed::assert_in_order(&whole);
        assert_eq!(feed::mirror(&whole), feed::published(&clients[1]).await, "the feed adds up to what is published");
        told_as_it_took_effect(&whole, &logs);
        seen_in_time(&seen, &logs);

        let third = Server::with(&db).args(MARGIN).start();
        let [one, other] = clients;
        let answers = repeated(&remembered, [one, other, third.client()]).await;
        let trail = indicator_exchange(["verify-audit", "--database-url", &db.url()]).expect_success();

        let releases: usize = logs.iter().map(|log| log.releases().count()).sum();
        let (cancelled, moved) = logs.iter().fold((0, 0), |(c, m), log| (c + log.cancelled.len(), m + log.moved));
        println!(
            "race on {engine:?}: {} publications ({releases} releases, {edits} edits), {moved} embargoes moved, {cancelled} \
             cancelled; {answers} answers repeated, {} figures seen in time, {} changes followed 4 times; {}",
            releases + edits,
            seen.len(),
            whole.len(),
            trail.lines().next().unwrap_or_default(),
        );
    }
}

async fn all<T, const N: usize>(tasks: [JoinHandle<T>; N]) -> Vec<T> {
    let mut results = Vec::with_capacity(N);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// Asks every server for every answer again; how many answers that were.
async fn repeated(remembered: &[Remembered], servers: [Client; 3]) -> usize {
    for answer in remembered {
        for server in &servers {
            answer.assert_repeated_by(server).await;
        }
    }
    remembered.len() * servers.len()
}

/// Each value is told once, where it took effect, by the release that published it; one that was cancelled is not told.
fn told_as_it_took_effect(whole: &[Change], logs: &[Log]) {
    let of_figures = || whole.iter().map(|(_, change)| change).filter(|change| change["figure"].is_object());
    let mut told: HashMap<String, Published> = HashMap::new();
    for change in of_figures() {
        let figure = &change["figure"]["to"];
        if figure["indicator"] == "NI 16" && figure["kind"] == "ACTUAL" && !figure["value"].is_null() {
            let release = change["release_id"].as_str().unwrap().to_owned();
            let published = Published { release, effective_at: instant(&change["effective_at"]) };
            let again = told.insert(figure["value"].to_string(), published);
            assert_eq!(again, None, "a value is told twice: {change}");
        }
    }
    let values = logs.iter().flat_map(|log| &log.values);
    let written: HashMap<String, Published> =
        values.filter_map(|(value, published)| Some((value.clone(), published.clone()?))).collect();
    assert_eq!(told, written);
    let withdrawing: HashSet<&str> = of_figures()
        .filter(|change| change["kind"] == "WITHDRAWN")
        .filter_map(|change| change["release_id"].as_str())
        .collect();
    let withdrawn: HashSet<&str> =
        logs.iter().flat_map(|log| &log.withdrawals).map(|withdrawal| withdrawal.release.as_str()).collect();
    assert_eq!(withdrawing, withdrawn);
}

/// No value was seen before it took effect, nor one that was cancelled.
fn seen_in_time(seen: &[Seen], logs: &[Log]) {
    let known: HashMap<&String, &Option<Published>> = logs.iter().flat_map(|log| &log.values).collect();
    for Seen { at, newest, figure } in seen {
        assert!(instant(&figure["published_at"]) <= *at, "seen at {at}, before it took effect: {figure}");
        // What is withdrawn has no value any more.
        if figure["value"] == Value::Null {
            continue;
        }
        let value = figure["value"].to_string();
        let published = known.get(&value).unwrap_or_else(|| panic!("nobody has written {figure}"));
        let published = published.as_ref().unwrap_or_else(|| panic!("its release was cancelled: {figure}"));
        assert_eq!(figure["release_id"], published.release.as_str());
        assert_eq!(instant(&figure["published_at"]), published.effective_at, "{figure}");
        assert!(published.effective_at.timestamp_micros() <= *newest, "it is not in the state {newest}: {figure}");
    }
}
