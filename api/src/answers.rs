//! Answers that were given before.
//!
//! A published answer is a pure function of the request, the state of the ledger and who may see it. What everybody may see is
//! kept by a key that all of these go into, as it was sent, content coding and all: a change of state gives other keys, so that
//! nothing that is kept can be out of date. It is kept in this server's memory alone, and lost without harm.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use hashlink::LruCache;
use sha2::{Digest, Sha256};

use crate::graphql::OperationCost;

/// The largest answer that is kept, in bytes: greater ones would leave no room for others.
const LARGEST: usize = 1 << 20;

/// What an answer is kept by. In the extensions of a response it says that the response may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of all that shapes an answer.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Self(key)
    }

    /// The key as bytes.
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An answer as it was sent.
#[derive(Debug, Clone)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
    cost: Option<OperationCost>,
}

/// The answers that a server keeps, those asked for last.
#[derive(Debug)]
pub struct Answers {
    most_bytes: usize,
    kept: Mutex<(LruCache<Key, Kept>, usize)>,
}

impl Answers {
    /// Keeps answers of so many bytes in all; none for 0.
    pub fn of_bytes(most_bytes: usize) -> Arc<Self> {
        Arc::new(Self { most_bytes, kept: Mutex::new((LruCache::new_unbounded(), 0)) })
    }

    /// Whether any answers are kept.
    pub const fn are_kept(&self) -> bool {
        self.most_bytes > 0
    }

    /// The answer that was given before.
    pub fn recall(&self, key: &Key) -> Option<Response> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).0.get(key).cloned()?;
        let mut response = (StatusCode::OK, kept.body).into_response();
        *response.headers_mut() = kept.headers;
        if let Some(cost) = kept.cost {
            response.extensions_mut().insert(cost);
        }
        Some(response)
    }

    fn keep(&self, key: Key, kept: Kept) {
        let mut locked = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (answers, bytes) = &mut *locked;
        *bytes += size(&kept);
        if let Some(before) = answers.insert(key, kept) {
            *bytes -= size(&before);
        }
        while *bytes > self.most_bytes {
            let Some((_, oldest)) = answers.remove_lru() else { break };
            *bytes -= size(&oldest);
        }
    }
}

/// About how many bytes an answer takes.
fn size(kept: &Kept) -> usize {
    const HEADERS: usize = 1024;
    kept.body.len() + HEADERS
}

/// Keeps what a router answers, as it leaves, where the answer says that it may be kept.
pub fn around(router: Router, answers: Arc<Answers>) -> Router {
    if !answers.are_kept() {
        return router;
    }
    router.layer(from_fn_with_state(answers, keep))
}

async fn keep(State(answers): State<Arc<Answers>>, request: Request, next: Next) -> Response {
    let may_be_kept = request.method() != Method::HEAD;
    let mut response = next.run(request).await;
    let Some(key) = response.extensions_mut().remove::<Key>().filter(|_| may_be_kept) else { return response };
    if response.status() != StatusCode::OK {
        return response;
    }
    let (parts, body) = response.into_parts();
    // Only answers that fit are marked; coded they are no larger, but for a few bytes.
    match to_bytes(body, 2 * LARGEST).await {
        Ok(body) => {
            let cost = parts.extensions.get::<OperationCost>().copied();
            answers.keep(key, Kept { headers: parts.headers.clone(), body: body.clone(), cost });
            Response::from_parts(parts, Body::from(body))
        }
        Err(failure) => {
            tracing::error!(%failure, "an answer could not be kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Marks an answer as one that may be kept, unless it is too large.
pub fn mark(response: &mut Response, key: Key, bytes: Option<u64>) {
    if bytes.is_some_and(|bytes| bytes <= LARGEST as u64) {
        response.extensions_mut().insert(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bytes: usize) -> Kept {
        Kept { headers: HeaderMap::new(), body: Bytes::from(vec![b'x'; bytes]), cost: None }
    }

    #[test]
    fn what_was_asked_for_longest_ago_goes_first() {
        let answers = Answers::of_bytes(10_000);
        let [one, two, three] = ["1", "2", "3"].map(|part| Key::of([part]));
        answers.keep(one, kept(3_000));
        answers.keep(two, kept(3_000));
        assert!(answers.recall(&one).is_some());
        answers.keep(three, kept(3_000));
        assert_eq!([one, two, three].map(|key| answers.recall(&key).is_some()), [true, false, true]);
        answers.keep(three, kept(20_000));
        assert_eq!([one, two, three].map(|key| answers.recall(&key).is_some()), [false; 3]);
        assert_eq!(answers.kept.lock().unwrap().1, 0);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Key::of(["a", "bc"]), Key::of(["ab", "c"]));
    }
}
