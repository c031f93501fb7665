//! What was read at an instant, and must read the same for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use tests::Client;

use crate::chance::Chance;
use crate::people::{text, try_insist};

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
    address: String,
    as_of: String,
    etag: String,
    body: Vec<u8>,
}

impl Remembered {
    /// Reads an address at an instant.
    async fn read(client: &Client, address: &str, as_of: &str) -> Result<Self, reqwest::Error> {
        let answer = try_insist(|| client.get(address).query("as_of", as_of)).await?.expect(200);
        let etag = answer.etag().to_owned();
        Ok(Self { address: address.to_owned(), as_of: as_of.to_owned(), etag, body: answer.body })
    }

    /// Checks that another server says the same now.
    pub async fn assert_repeated_by(&self, client: &Client) {
        let again = Self::read(client, &self.address, &self.as_of).await.unwrap();
        let told = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        let place = format!("{} as of {}", self.address, self.as_of);
        assert!(again.body == self.body, "{place} was\n{}\nand is\n{}", told(&self.body), told(&again.body));
        assert_eq!(again.etag, self.etag, "{place}");
    }
}

/// Asks for the time, then reads at it, at any of the servers, until the race is over or a server does not answer any more.
pub async fn remember(clients: Vec<Client>, mut chance: Chance, over: Arc<AtomicBool>) -> Vec<Remembered> {
    let mut remembered = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let client = chance.of(&clients).clone();
        let state = try_insist(|| client.graphql("{ state { state asOf } }", &Value::Null)).await;
        let Ok(state) = state else { return remembered };
        let as_of = text(&state.graphql_data()["state"]["asOf"]);
        for _ in 0..2 {
            let (client, address) = (chance.of(&clients).clone(), *chance.of(&ADDRESSES));
            let Ok(answer) = Remembered::read(&client, address, &as_of).await else { return remembered };
            remembered.push(answer);
        }
        tokio::time::sleep(Duration::from_millis(chance.between(20, 80))).await;
    }
    remembered
}
