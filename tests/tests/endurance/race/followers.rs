//! Those who follow the feed in a race.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tests::Client;

use crate::chance::Chance;
use crate::feed::{self, Change};

/// How long a follower may take to read what is left once the race is over.
const PATIENCE: Duration = Duration::from_secs(60);

/// The cursor after the last change, once it is known.
pub type End = Arc<OnceLock<String>>;

/// Whether a follower has read everything.
fn has_all(read: &[Change], end: &End) -> bool {
    end.get().is_some_and(|end| read.last().is_some_and(|(cursor, _)| cursor == end))
}

/// Pages through the feed, some pages so short that they end within a release.
pub async fn page_by_page(client: Client, mut chance: Chance, end: End) -> Vec<Change> {
    let (mut read, mut after) = (Vec::new(), None::<String>);
    while !has_all(&read, &end) {
        // Looked at first: what has changed by then is there to be read.
        let is_over = end.get().is_some();
        // The catalogue, which took effect at one instant, is read at once.
        let limit = after.as_ref().map_or(1000, |_| *chance.of(&[1, 2, 3, 7, 100, 1000]));
        let page = feed::page(&client, after.as_deref(), limit, 1).await;
        assert!(!(is_over && page.is_caught_up && page.changes.is_empty()), "the end is never read");
        read.extend(page.changes);
        after = Some(page.next);
    }
    read
}

/// Reads the feed as server-sent events; hangs up now and then, and goes on from the last event.
pub async fn event_by_event(url: String, mut chance: Chance, end: End) -> Vec<Change> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut read = Vec::<Change>::new();
    let mut over_since = None;
    while !has_all(&read, &end) {
        let mut request = http.get(format!("{url}/v1/changes")).header("accept", "text/event-stream");
        if let Some((cursor, _)) = read.last() {
            request = request.header("last-event-id", cursor);
        }
        let mut response = request.send().await.unwrap();
        if response.status() == 503 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        assert_eq!(response.status(), 200, "{:?}", response.text().await);
        let (mut text, mut left) = (Vec::new(), chance.between(1, 60));
        // The catalogue, which took effect at one instant, is read at once.
        left += if read.is_empty() { 1000 } else { 0 };
        while left > 0 && !has_all(&read, &end) {
            if end.get().is_some() {
                let since = *over_since.get_or_insert_with(tokio::time::Instant::now);
                assert!(since.elapsed() < PATIENCE, "the end is never told");
            }
            // Looks up now and then whether the race is over.
            match tokio::time::timeout(Duration::from_millis(500), response.chunk()).await {
                Err(_) => {}
                Ok(chunk) => text.extend_from_slice(&chunk.unwrap().expect("the stream goes on until it is hung up")),
            }
            while left > 0
                && let Some(at) = text.windows(2).position(|two| two == b"\n\n")
            {
                let event: Vec<u8> = text.drain(..at + 2).collect();
                read.extend(change(&event));
                left -= 1;
            }
        }
    }
    read
}

/// The change that an event tells; a heartbeat tells none.
fn change(event: &[u8]) -> Option<Change> {
    let event = std::str::from_utf8(event).unwrap();
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
    let (cursor, name, data) = (field("id: ")?, field("event: ")?, field("data: ")?);
    assert_eq!(name, "change", "{event}");
    Some((cursor.to_owned(), serde_json::from_str(data).unwrap()))
}
