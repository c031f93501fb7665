//! What must hold when a new server has taken the place of one that was killed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant as Moment};

use serde_json::Value;
use tests::Client;

use super::worker::{Place, Role, Worker, Write, value_of};
use crate::people::{insist, instant, now, text};

/// How long readers may be held up by what a killed server has announced, which is given up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again for the write that was not answered: it was done, or is done now, and in either case once.
pub async fn settle(worker: &mut Worker, write: &Write, server: &Client) {
    let place = worker.at(server);
    if write.is_keyed() {
        let answer = insist(|| write.request(&place)).await;
        let again = insist(|| write.request(&place)).await;
        assert_eq!((answer.status, answer.text()), (again.status, again.text()), "{write:?} is answered twice");
        return worker.hear(write, &answer);
    }
    let answer = insist(|| write.request(&place)).await;
    match write {
        Write::Put { .. } => {
            let again = insist(|| write.request(&place)).await;
            assert_eq!(again.expect(200).at("/unchanged"), 1);
            worker.hear(write, &answer);
        }
        // It is at the next version already.
        Write::Replace { id, .. } | Write::Submit { id, .. } | Write::SignOff { id, .. } if answer.status == 412 => {
            let found = insist(|| place.desk.respondent.get(&format!("/v1/returns/{id}"))).await.expect(200).json();
            assert_eq!(found["version"], worker.returns[id].version + 1, "{write:?}");
            worker.know(&found, Some(&found));
        }
        _ => worker.hear(write, &answer),
    }
}

/// Checks that everything acknowledged is there, once; how many writes that were.
pub async fn is_all_there(worker: &mut Worker, server: &Client) -> usize {
    let place = worker.at(server);
    let mut checked = 0;
    for id in std::mem::take(&mut worker.touched) {
        let known = &worker.returns[&id];
        let found = insist(|| place.desk.respondent.get(&format!("/v1/returns/{id}"))).await.expect(200).json();
        let state = text(&found["state"]);
        // A release takes a moment to take effect, and what comes later supersedes what was signed off.
        let later: &[&str] = match known.state.as_str() {
            "SIGNED_OFF" => &["SUPERSEDED"],
            "RELEASED" => &["SIGNED_OFF", "SUPERSEDED"],
            _ => &[],
        };
        let is_later = later.contains(&state.as_str());
        assert!(state == known.state || is_later, "it was acknowledged as {known:?}: {found}");
        assert!(is_later || found["version"] == known.version, "{known:?}: {found}");
        assert_eq!(value_of(&found), known.value, "{known:?}: {found}");
        checked += 1;
    }
    for release in std::mem::take(&mut worker.releases) {
        let address = format!("/v1/releases/{}", text(&release["id"]));
        let found = insist(|| place.desk.office.get(&address)).await.expect(200).json();
        // Whether it is in effect changes by itself.
        let lasting = |release: &Value| {
            let mut release = release.clone();
            release.as_object_mut().unwrap().remove("state");
            release
        };
        assert_eq!(lasting(&found), lasting(&release));
        checked += 1;
    }
    for (address, document) in &worker.documents {
        let found = insist(|| place.editor.get(address)).await.expect(200);
        assert_eq!(found.at("/name"), document["name"], "{found:?}");
        checked += 1;
    }
    if worker.role != Role::Editor {
        let known: BTreeSet<String> = worker.returns.keys().cloned().collect();
        assert_eq!(
            returns(&place).await,
            known,
            "there are returns that nobody knows of, or fewer than were acknowledged"
        );
    }
    checked
}

/// The returns of a partnership.
async fn returns(place: &Place) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut cursor = None::<String>;
    loop {
        let request = || {
            let request = place.desk.respondent.get("/v1/returns?limit=1000");
            cursor.iter().fold(request, |request, cursor| request.query("cursor", cursor))
        };
        let page = insist(request).await.expect(200);
        found.extend(page.at("/items").as_array().unwrap().iter().map(|item| text(&item["id"])));
        let next = page.at("/next");
        let Some(next) = next.as_str() else { return found };
        cursor = Some(next.to_owned());
    }
}

/// Waits until readers' time has reached the present; how long that took.
pub async fn time_goes_on(server: Client) -> Duration {
    let (since, present) = (Moment::now(), now());
    loop {
        let state = insist(|| server.graphql("{ state { asOf } }", &Value::Null)).await.graphql_data();
        if instant(&state["state"]["asOf"]) >= present {
            return since.elapsed();
        }
        assert!(since.elapsed() < PATIENCE, "it was {present} when the server was started, and is {state}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Goes on until the publisher's next release, and waits until everybody sees it.
pub async fn goes_on(publisher: &mut Worker, server: &Client) {
    let place = publisher.at(server);
    let before = publisher.newest.clone().map(|(id, _)| id);
    while publisher.newest.as_ref().map(|(id, _)| id) == before.as_ref() {
        let write = publisher.next().await;
        let answer = insist(|| write.request(&place)).await;
        publisher.hear(&write, &answer);
    }
    let (id, since) = (&publisher.newest.as_ref().unwrap().0, Moment::now());
    let expected = &publisher.returns[id].value;
    let address = format!("/v1/actuals?indicators=NI%2016&partnerships={}", publisher.people.partnership);
    loop {
        let answer = insist(|| server.get(&address)).await.expect(200);
        let figures = answer.at("/items");
        let shown: Vec<String> = figures.as_array().unwrap().iter().map(|figure| figure["value"].to_string()).collect();
        if shown.contains(expected) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{expected} does not take effect:\n{answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
