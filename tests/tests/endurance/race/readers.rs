//! Those who read in a race, and remember what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use exchange::Instant;
use serde_json::Value;
use tests::Client;

use crate::chance::Chance;
use crate::people::{insist, now, text};

/// What is read at an instant.
const ADDRESSES: [&str; 6] = [
    "/v1/actuals",
    "/v1/partnerships/southwark/comparison?indicators=NI%2016,NI%2020&periods=FY2008-09",
    "/v1/indicators?limit=20",
    "/v1/figures.csv",
    "/v1/areas/E09000028",
    "/v1/figures?limit=5",
];

/// An answer that must never change.
#[derive(Debug)]
pub struct Remembered {
    pub address: String,
    pub as_of: String,
    pub etag: String,
    pub body: Vec<u8>,
}

impl Remembered {
    /// Reads an address at an instant.
    pub async fn read(client: &Client, address: &str, as_of: &str) -> Self {
        let answer = insist(|| client.get(address).query("as_of", as_of)).await.expect(200);
        let etag = answer.etag().to_owned();
        Self { address: address.to_owned(), as_of: as_of.to_owned(), etag, body: answer.body }
    }

    /// Checks that another server says the same now.
    pub async fn assert_repeated_by(&self, client: &Client) {
        let again = Self::read(client, &self.address, &self.as_of).await;
        let told = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        let place = format!("{} as of {}", self.address, self.as_of);
        assert!(again.body == self.body, "{place} was\n{}\nand is\n{}", told(&self.body), told(&again.body));
        assert_eq!(again.etag, self.etag, "{place}");
    }
}

/// Asks for the time, then reads at it, at either server, until the race is over.
pub async fn remember(clients: [Client; 2], mut chance: Chance, over: Arc<AtomicBool>) -> Vec<Remembered> {
    let mut remembered = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let client = chance.of(&clients).clone();
        let state = insist(|| client.graphql("{ state { state asOf } }", &Value::Null)).await.graphql_data();
        let as_of = text(&state["state"]["asOf"]);
        for _ in 0..2 {
            let (client, address) = (chance.of(&clients).clone(), *chance.of(&ADDRESSES));
            remembered.push(Remembered::read(&client, address, &as_of).await);
        }
        tokio::time::sleep(Duration::from_millis(chance.between(20, 80))).await;
    }
    remembered
}

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
