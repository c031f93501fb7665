//! Who acts in these tests, and how they write.

use std::time::{Duration, SystemTime};

use exchange::Instant;
use serde_json::{Value, json};
use tests::{Answer, Client, Key, Request, TokenSpec};

/// The Government Office region of all partnerships here.
const LONDON: &str = "E12000007";

/// How often a write that finds others in its way is repeated.
const ATTEMPTS: u32 = 100;

/// The tokens of a partnership's two people, of its regional office and of the editor. A token outlives the server that it is
/// shown to.
#[derive(Clone, Debug)]
pub struct People {
    /// The partnership, by code.
    pub partnership: String,
    respondent: String,
    signatory: String,
    office: String,
}

/// The editor's token.
pub fn editor() -> String {
    TokenSpec::subject("editor").scope("metadata:write").signed_with(Key::OfTheServer)
}

impl People {
    /// Those of a partnership of London.
    pub fn of(partnership: &str) -> Self {
        let token = |name: &str, scope: &str| {
            let spec = TokenSpec::subject(&format!("{name} of {partnership}")).scope(scope).partnership(partnership);
            spec.signed_with(Key::OfTheServer)
        };
        Self {
            partnership: partnership.to_owned(),
            respondent: token("respondent", "returns:read returns:write"),
            signatory: token("signatory", "returns:sign-off"),
            // Each partnership has its own officer, so that their idempotency keys are apart.
            office: TokenSpec::subject(&format!("officer for {partnership}"))
                .scope("returns:read releases:write")
                .region(LONDON)
                .signed_with(Key::OfTheServer),
        }
    }

    /// At a server.
    pub fn at(&self, server: &Client) -> Desk {
        Desk {
            partnership: self.partnership.clone(),
            respondent: server.with_token(&self.respondent),
            signatory: server.with_token(&self.signatory),
            office: server.with_token(&self.office),
        }
    }
}

/// The people of a partnership as clients of one server.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The partnership, by code.
    pub partnership: String,
    /// Posts, submits, reopens.
    pub respondent: Client,
    /// Signs off.
    pub signatory: Client,
    /// Releases.
    pub office: Client,
}

impl Desk {
    /// Posts a return under a key.
    pub fn post(&self, key: &str, body: &Value) -> Request {
        self.respondent.post("/v1/returns").header("idempotency-key", key).json(body)
    }

    /// Reopens a return under a key.
    pub fn reopen(&self, key: &str, id: &str) -> Request {
        let post = self.respondent.post(&format!("/v1/returns/{id}/revisions"));
        post.header("idempotency-key", key).json(&json!({ "reason": "A mistake was found." }))
    }

    /// Replaces a draft from its first version.
    pub fn replace(&self, id: &str, body: &Value) -> Request {
        self.respondent.put(&format!("/v1/returns/{id}")).header("if-match", "\"1\"").json(body)
    }

    /// Submits a draft at a version.
    pub fn submit(&self, id: &str, version: u32) -> Request {
        self.respondent.post(&format!("/v1/returns/{id}/submit")).header("if-match", &format!("\"{version}\""))
    }

    /// Signs off what was submitted at a version.
    pub fn sign_off(&self, id: &str, version: u32) -> Request {
        self.signatory.post(&format!("/v1/returns/{id}/sign-off")).header("if-match", &format!("\"{version}\""))
    }

    /// Makes a release under a key.
    pub fn release(&self, key: &str, release: &Value) -> Request {
        self.office.post("/v1/releases").header("idempotency-key", key).json(release)
    }
}

/// Asks until the server is not too busy to answer. Whatever else it answers is the answer; an error is none.
pub async fn try_insist(request: impl Fn() -> Request) -> Result<Answer, reqwest::Error> {
    for _ in 0..ATTEMPTS {
        let answer = request().try_send().await?;
        if answer.status != 503 {
            return Ok(answer);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server has been busy {ATTEMPTS} times: {:?}", request().await);
}

/// As [`try_insist`], where there must be an answer.
pub async fn insist(request: impl Fn() -> Request) -> Answer {
    try_insist(&request).await.unwrap_or_else(|error| panic!("{:?} is not answered: {error:?}", request()))
}

/// Now.
pub fn now() -> Instant {
    Instant::from(SystemTime::now())
}

/// An instant that an answer tells.
#[track_caller]
pub fn instant(told: &Value) -> Instant {
    let text = told.as_str().unwrap_or_else(|| panic!("{told} is no instant"));
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Waits until an instant.
pub async fn wait_until(at: Instant) {
    tokio::time::sleep((at - now()).to_std().unwrap_or_default()).await;
}

/// Text that an answer tells.
#[track_caller]
pub fn text(told: &Value) -> String {
    told.as_str().unwrap_or_else(|| panic!("{told} is no text")).to_owned()
}
