//! Those who write in a race: partnerships that revise their returns again and again, and an editor.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as Moment};

use exchange::Instant;
use serde_json::{Value, json};
use tests::{Answer, Client};
use uuid::Uuid;

use crate::chance::Chance;
use crate::people::{Desk, insist, instant, now, text, wait_until};

/// Which release published a value, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub release: String,
    pub effective_at: Instant,
}

/// What a writer knows of what it has written.
#[derive(Debug, Default)]
pub struct Log {
    /// Each value of NI 16, which stands in one return alone, as JSON has it; `None` if no release of it took effect.
    pub values: HashMap<String, Option<Published>>,
    /// Withdrawals.
    pub withdrawals: Vec<Published>,
    /// Releases that were cancelled.
    pub cancelled: Vec<String>,
    /// How many embargoes were moved.
    pub moved: usize,
}

impl Log {
    /// Every release that took effect.
    pub fn releases(&self) -> impl Iterator<Item = &Published> {
        self.values.values().flatten().chain(&self.withdrawals)
    }
}

/// A partnership that revises its return until the race is over.
pub struct Writer {
    /// At either server.
    pub desks: [Desk; 2],
    /// The next value that nobody has written yet.
    pub values: Arc<AtomicU64>,
    pub chance: Chance,
    pub until: Moment,
    pub log: Log,
}

impl Writer {
    pub async fn write(mut self) -> Log {
        let desk = self.desk();
        let (body, value) = self.body(&desk);
        let key = Uuid::new_v4().to_string();
        let posted = insist(|| desk.post(&key, &body)).await.expect(201);
        let mut newest = text(&posted.at("/return/id"));
        self.sign_off(&newest, 1).await;
        self.release_at_once(&newest, value).await;
        while Moment::now() < self.until {
            newest = self.revise(newest).await;
        }
        self.log
    }

    fn desk(&mut self) -> Desk {
        self.chance.of(&self.desks).clone()
    }

    /// A return with a value of its own for NI 16, and others that may stay as they are or be left out.
    fn body(&mut self, desk: &Desk) -> (Value, String) {
        let number = self.values.fetch_add(1, Ordering::Relaxed);
        let value = format!("{}.{:04}", 10 + number / 10_000, number % 10_000);
        let number: Value = serde_json::from_str(&value).unwrap();
        let mut lines = vec![json!({
            "source_row": "3", "indicator": "NI 16", "period": "FY2008-09", "actual": { "value": number },
            "baseline": { "value": 34.56, "as_printed": "34.56", "period": "FY2007-08" }
        })];
        let seldom = self.chance.between(1, 4);
        lines.push(json!({ "indicator": "NI 15", "period": "FY2008-09", "actual": { "value": seldom } }));
        if !self.chance.one_in(3) {
            lines.push(json!({ "indicator": "NI 20", "period": "FY2008-09", "actual": { "value": number } }));
        }
        (json!({ "partnership": desk.partnership, "collection": "fy2008-09", "lines": lines }), value)
    }

    async fn sign_off(&mut self, id: &str, version: u32) {
        let (one, other) = (self.desk(), self.desk());
        insist(|| one.submit(id, version)).await.expect(200);
        insist(|| other.sign_off(id, version + 1)).await.expect(200);
    }

    /// Corrects the newest return, and says which is the newest then.
    async fn revise(&mut self, newest: String) -> String {
        let desk = self.desk();
        let key = Uuid::new_v4().to_string();
        let revision = text(&insist(|| desk.reopen(&key, &newest)).await.expect(201).at("/id"));
        let (body, value) = self.body(&desk);
        insist(|| desk.replace(&revision, &body)).await.expect(200);
        self.sign_off(&revision, 2).await;
        if self.chance.one_in(8) {
            self.release_too_soon(&revision).await;
        }
        let is_released = match self.chance.between(0, 5) {
            0 | 1 => self.release_at_once(&revision, value).await,
            _ => self.release_later(&revision, value).await,
        };
        if !is_released {
            return newest;
        }
        if self.chance.one_in(8) {
            self.withdraw(&revision).await;
        }
        revision
    }

    async fn release_at_once(&mut self, id: &str, value: String) -> bool {
        let desk = self.desk();
        let key = Uuid::new_v4().to_string();
        let released = insist(|| desk.release(&key, &json!({ "returns": [id] }))).await.expect(201);
        self.log.values.insert(value, Some(published(&released)));
        true
    }

    /// An embargo that is as good as over is refused, and nobody notices.
    async fn release_too_soon(&mut self, id: &str) {
        let desk = self.desk();
        let ahead = Duration::from_millis(self.chance.between(1, 25));
        let release = json!({ "returns": [id], "effective_at": (now() + ahead).to_rfc3339() });
        let refused = insist(|| desk.release(&Uuid::new_v4().to_string(), &release)).await.expect(422);
        assert_eq!(refused.problem_code(), "INVALID_DOCUMENT");
    }

    /// Releases at an embargo, which may be moved, or cancelled, before it is over; says whether it took effect.
    async fn release_later(&mut self, id: &str, value: String) -> bool {
        let desk = self.desk();
        let released = loop {
            let ahead = Duration::from_millis(self.chance.between(200, 800));
            let release = json!({ "returns": [id], "effective_at": (now() + ahead).to_rfc3339() });
            let key = Uuid::new_v4().to_string();
            let answer = insist(|| desk.release(&key, &release)).await;
            // The machine may be so busy that the embargo is over before the request arrives.
            if answer.status != 422 {
                break answer.expect(201);
            }
        };
        let published = published(&released);
        let change = self.chance.between(0, 4);
        if change < 2 {
            // Now and then so late that it is not sure who comes first.
            let before = Duration::from_millis(*self.chance.of(&[0, 20, 60, 100, 200, 400]));
            wait_until(published.effective_at - before).await;
        }
        let is_cancelled = match change {
            0 => self.cancel(&published.release).await,
            1 => self.put_off(&published.release).await,
            _ => false,
        };
        if is_cancelled {
            self.log.values.insert(value, None);
            self.log.cancelled.push(published.release);
            return false;
        }
        let effective = self.effective(&published.release).await;
        if change != 1 {
            assert_eq!(effective, published, "nobody has moved it");
        }
        self.log.values.insert(value, Some(effective));
        true
    }

    async fn cancel(&mut self, release: &str) -> bool {
        let desk = self.desk();
        let cancel = json!({ "reason": "It is last year's figure." });
        let address = format!("/v1/releases/{release}/cancel");
        let answer = insist(|| desk.office.post(&address).header("if-match", "\"1\"").json(&cancel)).await;
        if answer.status == 409 {
            assert_eq!(answer.problem_code(), "WRONG_STATE");
            return false;
        }
        assert_eq!(answer.expect(200).at("/state"), "CANCELLED");
        true
    }

    async fn put_off(&mut self, release: &str) -> bool {
        let desk = self.desk();
        let to = now() + Duration::from_millis(self.chance.between(150, 500));
        let change = json!({ "effective_at": to.to_rfc3339(), "reason": "It comes later." });
        let address = format!("/v1/releases/{release}/reschedule");
        let answer = insist(|| desk.office.post(&address).header("if-match", "\"1\"").json(&change)).await;
        match answer.status.as_u16() {
            409 => assert_eq!(answer.problem_code(), "WRONG_STATE"),
            // The new embargo was over before the request arrived.
            422 => assert_eq!(answer.problem_code(), "INVALID_DOCUMENT"),
            _ => {
                assert!(instant(&answer.expect(200).at("/effective_at")) >= to - Duration::from_micros(1));
                self.log.moved += 1;
            }
        }
        false
    }

    /// A release once it has taken effect.
    async fn effective(&mut self, release: &str) -> Published {
        let desk = self.desk();
        let patience = Moment::now() + Duration::from_secs(20);
        loop {
            let answer = insist(|| desk.office.get(&format!("/v1/releases/{release}"))).await.expect(200);
            if answer.at("/state") == "EFFECTIVE" {
                return published(&answer);
            }
            assert!(Moment::now() < patience, "it does not take effect:\n{answer:?}");
            wait_until(instant(&answer.at("/effective_at")).max(now() + Duration::from_millis(5))).await;
        }
    }

    async fn withdraw(&mut self, id: &str) {
        let desk = self.desk();
        let key = Uuid::new_v4().to_string();
        let release = json!({ "returns": [id], "action": "WITHDRAW", "reason": "It is last year's figure." });
        let withdrawn = insist(|| desk.release(&key, &release)).await.expect(201);
        self.log.withdrawals.push(published(&withdrawn));
    }
}

fn published(release: &Answer) -> Published {
    Published { release: text(&release.at("/id")), effective_at: instant(&release.at("/effective_at")) }
}

/// An editor who changes an area and an indicator now and then; how often.
pub async fn edit(editors: [Client; 2], mut chance: Chance, until: Moment) -> usize {
    let mut edits = 0;
    while Moment::now() < until {
        let editor = chance.of(&editors).clone();
        let note = format!("Edited {edits} times.");
        let (address, document) = if chance.one_in(2) {
            ("/v1/indicators/NI%201", json!({ "code": "NI 1", "agreements": ["PSA 21"], "note": note }))
        } else {
            let area = json!({ "code": "X1", "name": note, "kind": "SUB_AREA", "within": ["E09000028"] });
            ("/v1/areas/X1", area)
        };
        let receipt = insist(|| editor.put(address).json(&document)).await.expect(200);
        assert_eq!(receipt.at("/unchanged"), 0, "{receipt:?}");
        edits += 1;
        tokio::time::sleep(Duration::from_millis(chance.between(100, 700))).await;
    }
    edits
}
