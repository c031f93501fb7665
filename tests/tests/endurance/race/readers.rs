//! Those who read in a race, and remember what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use exchange::Instant;
use serde_json::Value;
use tests::Client;

use crate::people::{insist, now, text};

/// A figure as it was seen.
#[derive(Debug)]
pub struct Seen {
    /// No earlier than the answer came.
    pub at: Instant,
    /// When the newest publication that the answer speaks of took effect, in microseconds.
    pub newest: i64,
    pub figure: Value,
}

/// Reads what is published now, at one server after the other, until the race is over.
pub async fn watch(clients: Vec<Client>, over: Arc<AtomicBool>) -> Vec<Seen> {
    let (mut seen, mut known) = (Vec::<Seen>::new(), (0, 0, String::new()));
    for client in clients.iter().cycle() {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let answer = insist(|| client.get("/v1/actuals?indicators=NI%2016")).await.expect(200);
        let at = now();
        let (publications, newest) = state(&text(&answer.at("/state")));
        let told = format!("{answer:?}");
        // What has been read is not taken back: nobody's time goes backwards.
        assert!((publications, newest) >= (known.0, known.1), "first\n{}\nthen, at {at},\n{told}", known.2);
        let is_new = (publications, newest) != (known.0, known.1);
        known = (publications, newest, told);
        if is_new {
            let figures = answer.at("/items");
            seen.extend(figures.as_array().unwrap().iter().map(|figure| Seen { at, newest, figure: figure.clone() }));
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    seen
}

/// How many publications a state speaks of, and when the newest took effect.
pub fn state(text: &str) -> (u64, i64) {
    let (publications, newest) = text.split_once('-').unwrap_or_else(|| panic!("{text} is no state"));
    (publications.parse().unwrap(), newest.parse().unwrap())
}
