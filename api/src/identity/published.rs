//! Keys that an issuer publishes at an address: fetched, kept, and fetched again when they are old or a token names another.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::{Client, Url, redirect};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{
    key_set::{KeySet, Reading},
    trust::{KeySource, fetchable, is_loopback},
};

/// How long a connection may take, and the whole of an answer.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(5);

/// The most bytes of an answer.
const LONGEST: usize = 256 * 1024;

/// How many redirects are followed, all within one host.
const REDIRECTS: usize = 3;

/// Anybody can make up a token that names an unknown key: so many fetches are made for such at once, and then one each so
/// many seconds.
const AT_ONCE: u32 = 3;
const AT_ONCE_EVERY: Duration = Duration::from_secs(10);

/// After a failure it is tried again after a second, then two, up to a minute.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// The published keys of one issuer.
#[derive(Debug)]
pub struct Published {
    issuer: String,
    source: KeySource,
    client: Client,
    kept: RwLock<Option<Kept>>,
    /// Held by whoever fetches, so that the others wait for what comes.
    turn: tokio::sync::Mutex<()>,
    at_once: DefaultDirectRateLimiter,
    fetched: AtomicU64,
    failed: AtomicU64,
}

#[derive(Debug, Clone)]
struct Kept {
    keys: Arc<KeySet>,
    since: Instant,
    is_stale: bool,
}

/// How the keys of an issuer stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many there are; none if they were never had.
    pub keys: usize,
    /// How long ago they were fetched.
    pub age: Option<Duration>,
    /// Whether the last attempt to fetch them failed.
    pub is_stale: bool,
    /// How often they were fetched, and how often that failed.
    pub fetched: u64,
    /// How often fetching them failed.
    pub failed: u64,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Published {
    /// The keys of an issuer, none of which are had yet.
    ///
    /// # Errors
    /// When no client for them can be made, such as for want of the system's root certificates.
    pub fn new(issuer: &str, source: KeySource) -> Result<Arc<Self>, String> {
        let is_here = match &source {
            KeySource::At(url) | KeySource::Discovered(url) => is_loopback(url),
            KeySource::File(_) => false,
        };
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(redirect::Policy::custom(|attempt| {
                let from = attempt.previous().last().map(Url::origin);
                if attempt.previous().len() <= REDIRECTS && from == Some(attempt.url().origin()) {
                    attempt.follow()
                } else {
                    attempt.stop()
                }
            }))
            .user_agent(concat!("indicator-exchange/", env!("CARGO_PKG_VERSION")));
        if is_here {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|failure| format!("no client for the keys of {issuer}: {failure:?}"))?;
        let quota = Quota::with_period(AT_ONCE_EVERY)
            .ok_or("no quota")?
            .allow_burst(AT_ONCE.try_into().unwrap_or(std::num::NonZeroU32::MIN));
        Ok(Arc::new(Self {
            issuer: issuer.to_owned(),
            source,
            client,
            kept: RwLock::default(),
            turn: tokio::sync::Mutex::default(),
            at_once: RateLimiter::direct(quota),
            fetched: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }))
    }

    /// The keys that were fetched last.
    pub fn current(&self) -> Option<Arc<KeySet>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| Arc::clone(&kept.keys))
    }

    /// How they stand.
    pub fn standing(&self) -> Standing {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner).clone();
        Standing {
            keys: kept.as_ref().map_or(0, |kept| kept.keys.count()),
            age: kept.as_ref().map(|kept| kept.since.elapsed()),
            is_stale: kept.is_none_or(|kept| kept.is_stale),
            fetched: self.fetched.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// Keys that came after those that did not suffice, fetched if that was not done too often of late. All who ask meanwhile
    /// wait for one answer.
    pub async fn after(self: &Arc<Self>, known: Option<&Arc<KeySet>>) -> Option<Arc<KeySet>> {
        let this = Arc::clone(self);
        let known = known.map(Arc::clone);
        // Whoever asked may leave; what was begun is ended for the others.
        let fetched = tokio::spawn(async move {
            let _turn = this.turn.lock().await;
            let is_newer = |keys: &Arc<KeySet>| known.as_ref().is_none_or(|known| !Arc::ptr_eq(known, keys));
            if let Some(keys) = this.current().filter(is_newer) {
                return Some(keys);
            }
            if this.at_once.check().is_err() {
                return None;
            }
            this.fetch().await;
            this.current().filter(is_newer)
        });
        tokio::time::timeout(2 * ANSWER, fetched).await.ok()?.ok()?
    }

    /// Fetches the keys once; answers whether they were had.
    pub async fn refresh(&self) -> bool {
        let _turn = self.turn.lock().await;
        self.fetch().await
    }

    /// Fetches the keys again and again, when they have become old, until the server stops.
    pub async fn keep_fresh(&self, age: Duration, stopping: CancellationToken) {
        let mut rest = Duration::from_secs(1);
        loop {
            let wait = if self.standing().is_stale { rest.min(age) } else { age };
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            rest = if self.refresh().await { Duration::from_secs(1) } else { (2 * rest).min(LONGEST_REST) };
        }
    }

    async fn fetch(&self) -> bool {
        match self.fetched().await {
            Ok(Reading { keys, left_out }) => {
                self.fetched.fetch_add(1, Ordering::Relaxed);
                let keys = Kept { keys: Arc::new(keys), since: Instant::now(), is_stale: false };
                let before = self.kept.write().unwrap_or_else(PoisonError::into_inner).replace(keys);
                if before.is_none_or(|kept| kept.is_stale) {
                    tracing::info!(issuer = self.issuer, "the issuer's keys are fetched");
                    for why in left_out {
                        tracing::warn!(issuer = self.issuer, "a published key is left out: {why}");
                    }
                }
                true
            }
            Err(failure) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
                if let Some(kept) = kept.as_mut() {
                    kept.is_stale = true;
                }
                let kept = kept.is_some();
                tracing::warn!(issuer = self.issuer, kept, "the issuer's keys could not be fetched: {failure}");
                false
            }
        }
    }

    async fn fetched(&self) -> Result<Reading, String> {
        let address = match &self.source {
            KeySource::At(url) => url.clone(),
            KeySource::Discovered(issuer) => self.discovered(issuer).await?,
            KeySource::File(_) => return Err("they are in a file".to_owned()),
        };
        KeySet::read(&self.get(address).await?)
    }

    /// The address of the keys, as the issuer's metadata say it.
    async fn discovered(&self, issuer: &Url) -> Result<Url, String> {
        let path = issuer.path().trim_end_matches('/').to_owned();
        let mut failure = String::new();
        // RFC 8414 puts its name before the issuer's path, OpenID Connect behind it.
        for well_known in [
            format!("/.well-known/oauth-authorization-server{path}"),
            format!("{path}/.well-known/openid-configuration"),
        ] {
            let mut address = issuer.clone();
            address.set_path(&well_known);
            let body = match self.get(address).await {
                Ok(body) => body,
                Err(why) => {
                    failure = why;
                    continue;
                }
            };
            let metadata: Metadata =
                serde_json::from_slice(&body).map_err(|_| "its metadata have no `issuer` and `jwks_uri`")?;
            if metadata.issuer != self.issuer {
                return Err(format!("its metadata are of another issuer, `{}`", metadata.issuer));
            }
            return fetchable(&metadata.jwks_uri);
        }
        Err(failure)
    }

    async fn get(&self, address: Url) -> Result<Vec<u8>, String> {
        let told = |failure: reqwest::Error| {
            let what = if failure.is_timeout() {
                "it takes too long"
            } else if failure.is_connect() {
                "it cannot be reached"
            } else {
                "it breaks off"
            };
            format!("{what} ({})", host(&address))
        };
        let request = self.client.get(address.clone()).header("accept", "application/json");
        let mut response = request.send().await.map_err(told)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(format!("it answers {} ({})", response.status(), host(&address)));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(format!("it answers more than {LONGEST} bytes ({})", host(&address)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// What of an address may stand in a log.
fn host(address: &Url) -> String {
    format!("{}{}", address.origin().ascii_serialization(), address.path())
}
