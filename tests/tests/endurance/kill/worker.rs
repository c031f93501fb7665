//! Those who write until their server dies, and remember what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use exchange::Instant;
use serde_json::{Value, json};
use tests::{Answer, Client, Request};
use uuid::Uuid;

use crate::chance::Chance;
use crate::people::{Desk, People, instant, now, text, try_insist, wait_until};

/// A write, which can be asked for again.
#[derive(Clone, Debug)]
pub enum Write {
    Post { key: String, body: Value },
    Reopen { key: String, id: String },
    Replace { id: String, body: Value },
    Submit { id: String, version: u32 },
    SignOff { id: String, version: u32 },
    Release { key: String, id: String, body: Value },
    Put { address: String, document: Value },
}

impl Write {
    pub fn request(&self, at: &Place) -> Request {
        let Place { desk, editor } = at;
        match self {
            Self::Post { key, body } => desk.post(key, body),
            Self::Reopen { key, id } => desk.reopen(key, id),
            Self::Replace { id, body } => desk.replace(id, body),
            Self::Submit { id, version } => desk.submit(id, *version),
            Self::SignOff { id, version } => desk.sign_off(id, *version),
            Self::Release { key, body, .. } => desk.release(key, body),
            Self::Put { address, document } => editor.put(address).json(document),
        }
    }

    /// Whether it carries a key under which its answer is repeated.
    pub fn is_keyed(&self) -> bool {
        matches!(self, Self::Post { .. } | Self::Reopen { .. } | Self::Release { .. })
    }
}

/// Whom a worker acts as, at one server.
#[derive(Debug)]
pub struct Place {
    pub desk: Desk,
    pub editor: Client,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Revises one return and releases it, again and again.
    Publisher,
    /// Posts many returns, and releases none.
    Drafter,
    /// Puts areas.
    Editor,
}

/// A return as it was acknowledged last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub version: u32,
    pub state: String,
    /// Its value of NI 16, which it shares with no other but the draft that was reopened from it.
    pub value: String,
}

/// Somebody who writes, and what was acknowledged to them.
#[derive(Debug)]
pub struct Worker {
    pub role: Role,
    pub people: People,
    pub chance: Chance,
    /// The token of the editor.
    pub editor: String,
    /// All returns.
    pub returns: BTreeMap<String, Known>,
    /// Those that have changed since the last death.
    pub touched: BTreeSet<String>,
    /// Releases since the last death, as they were answered.
    pub releases: Vec<Value>,
    /// What was put where last.
    pub documents: BTreeMap<String, Value>,
    /// The return that is being written.
    pub current: Option<String>,
    /// The newest that was released, and when it takes effect.
    pub newest: Option<(String, Instant)>,
    pub written: u64,
}

impl Worker {
    pub fn new(role: Role, people: People, editor: String, chance: Chance) -> Self {
        Self {
            role,
            people,
            chance,
            editor,
            returns: BTreeMap::new(),
            touched: BTreeSet::new(),
            releases: Vec::new(),
            documents: BTreeMap::new(),
            current: None,
            newest: None,
            written: 0,
        }
    }

    /// At a server.
    pub fn at(&self, server: &Client) -> Place {
        Place { desk: self.people.at(server), editor: server.with_token(&self.editor) }
    }

    /// Writes until the server does not answer any more; the write that it did not answer.
    pub async fn work(mut self, server: Client) -> (Self, Write) {
        let place = self.at(&server);
        loop {
            let write = self.next().await;
            match try_insist(|| write.request(&place)).await {
                Ok(answer) => self.hear(&write, &answer),
                Err(_) => return (self, write),
            }
        }
    }

    /// What is to be written next.
    pub async fn next(&mut self) -> Write {
        let key = Uuid::new_v4().to_string();
        if self.role == Role::Editor {
            return self.put();
        }
        let Some(id) = self.current.clone() else {
            return match &self.newest {
                Some((newest, _)) => Write::Reopen { key, id: newest.clone() },
                None => Write::Post { key, body: self.body() },
            };
        };
        let known = self.returns[&id].clone();
        let is_copy = self.newest.as_ref().is_some_and(|(newest, _)| self.returns[newest].value == known.value);
        match known.state.as_str() {
            "DRAFT" if is_copy => Write::Replace { body: self.body(), id },
            "DRAFT" => Write::Submit { id, version: known.version },
            "SUBMITTED" => Write::SignOff { id, version: known.version },
            _ => self.release(key, id).await,
        }
    }

    fn put(&mut self) -> Write {
        self.written += 1;
        let code = format!("X{}", self.chance.between(0, 5));
        let name = format!("Number {}", self.written);
        let document = json!({ "code": code, "name": name, "kind": "SUB_AREA", "within": ["E09000028"] });
        Write::Put { address: format!("/v1/areas/{code}"), document }
    }

    fn body(&mut self) -> Value {
        self.written += 1;
        let value: Value =
            serde_json::from_str(&format!("{}.{:03}", 10 + self.written / 1000, self.written % 1000)).unwrap();
        let line = json!({ "indicator": "NI 16", "period": "FY2008-09", "actual": { "value": value } });
        json!({ "partnership": self.people.partnership, "collection": "fy2008-09", "lines": [line] })
    }

    async fn release(&mut self, key: String, id: String) -> Write {
        // A revision takes effect after what it revises.
        if let Some((_, effective_at)) = self.newest {
            wait_until(effective_at).await;
        }
        let mut body = json!({ "returns": [id] });
        if self.chance.one_in(2) {
            let ahead = Duration::from_millis(self.chance.between(150, 500));
            body["effective_at"] = json!((now() + ahead).to_rfc3339());
        }
        Write::Release { key, id, body }
    }

    /// Remembers what was acknowledged. An embargo that was over too soon is refused, and will be tried again.
    pub fn hear(&mut self, write: &Write, answer: &Answer) {
        match write {
            Write::Release { .. } if answer.status == 422 => assert_eq!(answer.problem_code(), "INVALID_DOCUMENT"),
            Write::Release { id, .. } => {
                let release = answer.clone().expect(201).json();
                self.newest = Some((id.clone(), instant(&release["effective_at"])));
                "RELEASED".clone_into(&mut self.returns.get_mut(id).unwrap().state);
                self.touched.insert(id.clone());
                self.current = None;
                self.releases.push(release);
            }
            Write::Post { body, .. } => self.know(&answer.clone().expect(201).at("/return"), Some(body)),
            Write::Reopen { id, .. } => {
                let value = self.returns[id].value.clone();
                let draft = answer.clone().expect(201).json();
                self.returns.insert(text(&draft["id"]), Known { version: 0, state: String::new(), value });
                self.know(&draft, None);
            }
            Write::Replace { body, .. } => self.know(&answer.clone().expect(200).at("/return"), Some(body)),
            Write::Submit { .. } | Write::SignOff { .. } => self.know(&answer.clone().expect(200).json(), None),
            Write::Put { address, document } => {
                answer.clone().expect(200);
                self.documents.insert(address.clone(), document.clone());
            }
        }
    }

    /// Remembers a return as it is told, with the values of its new lines.
    pub fn know(&mut self, told: &Value, body: Option<&Value>) {
        let id = text(&told["id"]);
        let value = body.map_or_else(|| self.returns[&id].value.clone(), value_of);
        let version = told["version"].to_string().parse().unwrap();
        let known = Known { version, state: text(&told["state"]), value };
        let is_done = self.role == Role::Drafter && (known.state == "SIGNED_OFF" || self.chance.one_in(4));
        self.current = if is_done { None } else { Some(id.clone()) };
        self.touched.insert(id.clone());
        self.returns.insert(id, known);
    }
}

/// The value of NI 16 in a return, as JSON has it.
pub fn value_of(body: &Value) -> String {
    body["lines"][0]["actual"]["value"].to_string()
}
