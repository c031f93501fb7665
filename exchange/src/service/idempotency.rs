//! Writes that carry an idempotency key happen once: a replay returns the first answer.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::AuditAction;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::Exchange;
use crate::{
    caller::Caller,
    clock::Instant,
    problem::{Error, ProblemCode, Refusal, Result},
    store::{self, Tx},
};

/// A client's own name for one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Takes 8 to 255 visible ASCII characters; a UUID is a good choice.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` for anything else.
    pub fn new(text: &str) -> Result<Self> {
        let visible = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        if visible && (8..=255).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::parameter("Idempotency-Key", "it takes 8 to 255 visible ASCII characters, for example a UUID."))
        }
    }
}

/// The answer that is kept under a key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome<T> {
    /// The write was done.
    Done(T),
    /// It was refused, and would be again.
    Refused(Refusal),
}

/// A write that may happen once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Once<'a> {
    /// Whose write it is.
    pub subject: &'a str,
    /// The client's name for it.
    pub key: Option<&'a IdempotencyKey>,
    /// What is written, for example `POST returns`.
    pub operation: &'a str,
    /// When it began.
    pub now: Instant,
}

impl Exchange {
    /// Runs a write in one transaction, or repeats the answer that it was given the first time.
    ///
    /// A refusal is an answer too: it is kept, with what the work wrote before it refused, which must be no more than a
    /// report. Failures that pass by themselves are not kept.
    pub(super) async fn once<T, F, W>(&self, once: Once<'_>, input: &(impl Serialize + Sync), work: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Tx) -> W,
        W: Future<Output = Result<T>>,
    {
        let hash = &request_hash(once.operation, input)?;
        let work = &work;
        let outcome = self
            .database
            .write(move |tx| async move {
                if let Some(IdempotencyKey(key)) = once.key
                    && let Some(stored) = store::idempotency::claim(&*tx, once.subject, key, hash, once.now).await?
                {
                    return replay(&stored, hash);
                }
                let outcome = match work(Tx::clone(&tx)).await {
                    Ok(answer) => Outcome::Done(answer),
                    Err(Error::Refusal(refusal)) if matches!(refusal.code.status(), 409 | 422) => {
                        Outcome::Refused(*refusal)
                    }
                    Err(failure) => return Err(failure),
                };
                if let Some(IdempotencyKey(key)) = once.key {
                    let json = serde_json::to_string(&outcome)
                        .map_err(|failure| Error::internal("keeping an answer", failure))?;
                    store::idempotency::settle(&*tx, once.subject, key, &json).await?;
                }
                Ok(outcome)
            })
            .await?;
        match outcome {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Refused(refusal) => Err(refusal.into()),
        }
    }
}

fn replay<T: DeserializeOwned>(stored: &store::idempotency::StoredKey, hash: &str) -> Result<Outcome<T>> {
    if stored.request_hash != hash {
        let detail = "This idempotency key came before with another request.";
        return Err(Error::problem(ProblemCode::IdempotencyKeyReused, detail));
    }
    if stored.outcome.is_empty() {
        let detail = "The first request with this idempotency key is still running.";
        return Err(Error::problem(ProblemCode::IdempotencyKeyInUse, detail));
    }
    serde_json::from_str(&stored.outcome).map_err(|failure| Error::internal("repeating an answer", failure))
}

fn request_hash(operation: &str, input: &impl Serialize) -> Result<String> {
    let input = serde_json::to_vec(input).map_err(|failure| Error::internal("hashing a request", failure))?;
    let mut hash = Sha256::new();
    hash.update(operation);
    hash.update([0]);
    hash.update(input);
    Ok(URL_SAFE_NO_PAD.encode(hash.finalize()))
}

/// Starts an entry of the audit trail.
pub(super) fn trace<'a>(
    caller: &'a Caller,
    subject: &'a str,
    at: Instant,
    action: AuditAction,
    object: String,
) -> store::audit::Entry<'a> {
    store::audit::Entry {
        at,
        subject,
        client: caller.client.as_deref(),
        action,
        object,
        chain: String::new(),
        before: None,
        after: None,
    }
}
