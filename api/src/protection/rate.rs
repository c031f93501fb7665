//! How often a caller may ask: so many reads and so many writes a minute, all at once or bit by bit.
//!
//! What is kept of a caller is one instant under a hash that differs from server to server. Callers who have not asked for a
//! while are forgotten; if there are too many of the others, several share one count, so that memory is bounded.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

/// The window of the policies, in seconds.
const WINDOW: u64 = 60;

/// With more callers than this, several share one count.
const MOST_CLIENTS: usize = 100_000;

/// How many counts there are then.
const SHARED: u64 = 4096;

/// How often those who have not asked for a while are forgotten, in requests.
const TIDY: usize = 4096;

/// The fields of the IETF draft (draft-ietf-httpapi-ratelimit-headers).
static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Requests that change nothing.
    Reads,
    /// Requests that may change something.
    Writes,
}

impl Rate {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
        }
    }
}

/// Whom requests are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(u64);

type Limiter = RateLimiter<Client, DashMapStateStore<Client>, DefaultClock, StateInformationMiddleware>;

/// The rates of a server.
#[derive(Debug)]
pub struct Rates {
    reads: Option<Counted>,
    writes: Option<Counted>,
    hashes: RandomState,
}

struct Counted {
    name: &'static str,
    limiter: Limiter,
    quota: u32,
    policy: HeaderValue,
    asked: AtomicUsize,
    is_crowded: AtomicBool,
    refused: AtomicU64,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} in {WINDOW} s", self.name, self.quota)
    }
}

/// How a caller stands.
#[derive(Debug, Clone)]
pub struct Tally {
    name: &'static str,
    policy: HeaderValue,
    remaining: u32,
    /// Seconds until the quota is whole again; for who has asked too often, until the next request is taken.
    seconds: u64,
}

impl Tally {
    /// Writes it into an answer's headers.
    pub fn write(&self, headers: &mut HeaderMap) {
        let limit = format!("\"{}\";r={};t={}", self.name, self.remaining, self.seconds);
        if let Ok(limit) = HeaderValue::from_maybe_shared(limit.into_bytes()) {
            headers.insert(LIMIT.clone(), limit);
        }
        headers.insert(POLICY.clone(), self.policy.clone());
    }

    /// Seconds until the next request is taken.
    pub fn retry_after(&self) -> u64 {
        self.seconds
    }

    /// What is told to who has asked too often.
    pub fn told(&self) -> String {
        format!("Too many {} for now; ask again in {} s.", self.name, self.seconds)
    }
}

impl Rates {
    /// So many reads and writes a minute; 0 for no limit.
    pub fn new(reads: u32, writes: u32) -> Self {
        Self {
            reads: NonZeroU32::new(reads).and_then(|quota| Counted::new(Rate::Reads, quota)),
            writes: NonZeroU32::new(writes).and_then(|quota| Counted::new(Rate::Writes, quota)),
            hashes: RandomState::new(),
        }
    }

    /// Whether anything is counted.
    pub fn is_limited(&self) -> bool {
        self.reads.is_some() || self.writes.is_some()
    }

    /// The holder of tokens of a subject, which has its issuer before it.
    pub fn subject(&self, subject: &str) -> Client {
        Client(self.hashes.hash_one(("subject", subject)))
    }

    /// Whoever asks from an address; of IPv6 from a network of 64 bits, which one customer has.
    pub fn address(&self, address: IpAddr) -> Client {
        let network = match address.to_canonical() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits() >> 64 << 64,
        };
        Client(self.hashes.hash_one(("address", network)))
    }

    /// Counts a request; answers how its client stands, or nothing where there is no limit.
    ///
    /// # Errors
    /// With the tally, if the client has asked too often.
    pub fn count(&self, client: Client, rate: Rate) -> Result<Option<Tally>, Tally> {
        let counted = match rate {
            Rate::Reads => &self.reads,
            Rate::Writes => &self.writes,
        };
        counted.as_ref().map_or(Ok(None), |counted| counted.count(client).map(Some))
    }

    /// How many requests a minute a client may make; 0 without a limit.
    pub fn quota(&self, rate: Rate) -> u32 {
        let counted = match rate {
            Rate::Reads => &self.reads,
            Rate::Writes => &self.writes,
        };
        counted.as_ref().map_or(0, |counted| counted.quota)
    }

    /// How many requests were refused so far.
    pub fn refused(&self, rate: Rate) -> u64 {
        let counted = match rate {
            Rate::Reads => &self.reads,
            Rate::Writes => &self.writes,
        };
        counted.as_ref().map_or(0, |counted| counted.refused.load(Ordering::Relaxed))
    }
}

impl Counted {
    fn new(rate: Rate, quota: NonZeroU32) -> Option<Self> {
        let every = Duration::from_secs(WINDOW).checked_div(quota.get())?;
        let limiter = RateLimiter::dashmap(Quota::with_period(every)?.allow_burst(quota));
        let policy = format!("\"{}\";q={quota};w={WINDOW}", rate.name());
        Some(Self {
            name: rate.name(),
            limiter: limiter.with_middleware(),
            quota: quota.get(),
            policy: HeaderValue::from_str(&policy).ok()?,
            asked: AtomicUsize::new(0),
            is_crowded: AtomicBool::new(false),
            refused: AtomicU64::new(0),
        })
    }

    fn count(&self, client: Client) -> Result<Tally, Tally> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            self.limiter.retain_recent();
            self.is_crowded.store(self.limiter.len() > MOST_CLIENTS, Ordering::Relaxed);
        }
        let client = if self.is_crowded.load(Ordering::Relaxed) { Client(client.0 % SHARED) } else { client };
        let tally = |remaining, seconds| Tally { name: self.name, policy: self.policy.clone(), remaining, seconds };
        match self.limiter.check_key(&client) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let spent = u64::from(self.quota - remaining.min(self.quota));
                Ok(tally(remaining, (spent * WINDOW).div_ceil(u64::from(self.quota))))
            }
            Err(early) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let wait = early.wait_time_from(self.limiter.clock().now());
                Err(tally(0, wait.as_secs() + 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(tally: &Tally) -> (String, String) {
        let mut headers = HeaderMap::new();
        tally.write(&mut headers);
        let text = |name: &HeaderName| headers[name].to_str().unwrap().to_owned();
        (text(&POLICY), text(&LIMIT))
    }

    #[test]
    fn a_client_is_told_how_it_stands_and_refused_when_it_has_asked_too_often() {
        let rates = Rates::new(3, 1);
        let anna = rates.subject("anna");
        for (remaining, seconds) in [(2, 20), (1, 40), (0, 60)] {
            let tally = rates.count(anna, Rate::Reads).unwrap().unwrap();
            let told = limit(&tally);
            assert_eq!(told, ("\"reads\";q=3;w=60".into(), format!("\"reads\";r={remaining};t={seconds}")));
        }
        let tally = rates.count(anna, Rate::Reads).unwrap_err();
        assert_eq!(limit(&tally).1, "\"reads\";r=0;t=20");
        assert_eq!(tally.told(), "Too many reads for now; ask again in 20 s.");
        assert!(rates.count(anna, Rate::Writes).is_ok(), "writes are counted apart");
        assert!(rates.count(rates.subject("ben"), Rate::Reads).is_ok(), "another caller is another caller");
        assert_eq!((rates.refused(Rate::Reads), rates.refused(Rate::Writes)), (1, 0));
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let rates = Rates::new(0, 0);
        assert!(rates.count(rates.subject("anna"), Rate::Reads).unwrap().is_none());
        assert!(!rates.is_limited());
    }

    #[test]
    fn addresses_of_one_network_are_one_client() {
        let rates = Rates::new(1, 1);
        let client = |text: &str| rates.address(text.parse().unwrap());
        assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::9"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("::ffff:192.0.2.7"), client("192.0.2.7"));
        assert_ne!(client("192.0.2.7"), client("192.0.2.8"));
        assert_ne!(rates.subject("192.0.2.7"), client("192.0.2.7"));
    }

    #[test]
    fn with_very_many_clients_several_share_a_count() {
        let rates = Rates::new(1, 0);
        let counted = rates.reads.as_ref().unwrap();
        for number in 0..(MOST_CLIENTS + 2 * TIDY) as u64 {
            let _ = rates.count(Client(number << 20), Rate::Reads);
        }
        assert!(counted.limiter.len() <= MOST_CLIENTS + TIDY + usize::try_from(SHARED).unwrap());
        assert!(counted.is_crowded.load(Ordering::Relaxed));
    }
}
