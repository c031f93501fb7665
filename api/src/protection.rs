//! What keeps one caller, or many at once, from taking all of a server: rates, and a limit of what is worked on at a time.
//!
//! All of it is of one server alone; another one counts by itself.

pub mod address;
pub mod rate;
pub mod slots;

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use axum::{extract::MatchedPath, http::HeaderMap};
use exchange::{Caller, Error, ProblemCode};
use tokio::sync::OwnedSemaphorePermit;

use self::{
    address::{ForwardedBy, Peer, TrustedProxies},
    rate::{Client, Rate, Rates, Tally},
    slots::Slots,
};
use crate::cli::ProtectionOptions;

/// The protection of a server.
#[derive(Debug)]
pub struct Protection {
    /// How often callers may ask.
    pub rates: Rates,
    /// How much is worked on at a time.
    pub slots: Arc<Slots>,
    proxies: TrustedProxies,
    forwarded_by: ForwardedBy,
}

impl Default for Protection {
    /// None at all.
    fn default() -> Self {
        Self {
            rates: Rates::new(0, 0),
            slots: Arc::new(Slots::new(0)),
            proxies: TrustedProxies::default(),
            forwarded_by: ForwardedBy::XForwardedFor,
        }
    }
}

impl Protection {
    /// The protection of the settings.
    pub fn new(options: &ProtectionOptions) -> Self {
        Self {
            rates: Rates::new(options.rate_limit_reads, options.rate_limit_writes),
            slots: Arc::new(Slots::new(options.max_requests)),
            proxies: options.trusted_proxies.clone(),
            forwarded_by: options.forwarded_header,
        }
    }

    /// Whom a request is counted for: the holder of its token, or else the address that it comes from. Without a socket there
    /// is nobody.
    pub fn client(&self, caller: Option<&Caller>, peer: Option<&Peer>, headers: &HeaderMap) -> Option<Client> {
        if let Some(subject) = caller.and_then(|caller| caller.subject().ok()) {
            return Some(self.rates.subject(subject));
        }
        let address = self.proxies.client(peer?.0, headers, self.forwarded_by);
        Some(self.rates.address(address))
    }
}

impl Protection {
    /// Counts a write that is found out only when the request is read, such as a mutation. Nobody writes without a token.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub fn count_write(&self, caller: &Caller) -> exchange::Result<()> {
        let Ok(subject) = caller.subject() else {
            return Ok(());
        };
        let counted = self.rates.count(self.rates.subject(subject), Rate::Writes);
        counted.map(|_| ()).map_err(|spent| Error::problem(ProblemCode::RateLimited, spent.told()))
    }
}

/// What is known of a request while it is answered, shared by what stands in front and the handler.
#[derive(Debug)]
pub struct Visit {
    protection: Arc<Protection>,
    route: OnceLock<MatchedPath>,
    slot: Mutex<Option<OwnedSemaphorePermit>>,
    retry_after: AtomicU64,
    is_exempt: bool,
}

impl Visit {
    /// A request that has just arrived.
    pub fn new(protection: Arc<Protection>, is_exempt: bool) -> Self {
        let (route, slot) = (OnceLock::new(), Mutex::default());
        Self { protection, route, slot, retry_after: AtomicU64::new(1), is_exempt }
    }

    /// Notes the route that it takes.
    pub fn takes(&self, route: MatchedPath) {
        let _ = self.route.set(route);
    }

    /// The route that it took; none if there is nothing at its address.
    pub fn route(&self) -> Option<&str> {
        self.route.get().map(MatchedPath::as_str)
    }

    /// Counts it for a client, and answers the tally; none where there is no limit.
    ///
    /// # Errors
    /// With the tally, if the client has asked too often.
    pub fn count(&self, client: Client, rate: Rate) -> Result<Option<Tally>, Tally> {
        self.protection.rates.count(client, rate).inspect_err(|tally| {
            self.retry_after.store(tally.retry_after(), Ordering::Relaxed);
        })
    }

    /// Seconds after which a client who has asked too often may ask again.
    pub fn retry_after(&self) -> u64 {
        self.retry_after.load(Ordering::Relaxed)
    }

    /// Waits for a place among the requests that are worked on; one that has a place keeps it.
    ///
    /// # Errors
    /// `OVERLOADED` if there is none for too long, or too many wait already.
    pub async fn enter(&self) -> exchange::Result<()> {
        if self.is_exempt || self.slot.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let slot = self.protection.slots.take().await.map_err(|_| {
            let detail = "The server has as much work as it can take; repeat the request.";
            Error::problem(ProblemCode::Overloaded, detail)
        })?;
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = slot;
        Ok(())
    }

    /// Gives the place up, while waiting for something else than work, or for good.
    pub fn leave(&self) {
        drop(self.slot.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
