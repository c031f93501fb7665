//! What the resolvers of one request share: the caller, and one reading of the exchange for each `asOf`.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::Context;
use exchange::{
    Caller, Error, Exchange, Instant, View,
    rules::{catalogue::Catalogue, period::Period},
    service::view,
};
use tokio::sync::OnceCell;

use crate::{
    error::{Result, Told},
    loaders::{FigureGatherer, FrameworkGatherer},
    objects::{Area, Collection, Indicator, Partnership, PeerGroup, Plan},
    scalars::AsOf,
};

/// What one request may see, and what it has seen so far. Put one into the data of each request.
#[derive(Debug)]
pub struct Session {
    exchange: Arc<Exchange>,
    caller: Arc<Caller>,
    readings: Mutex<HashMap<Option<view::AsOf>, Arc<Once>>>,
    seen: Arc<Seen>,
}

/// What an answer rests on: whether everybody else would be answered the same in the same state.
#[derive(Debug, Default)]
pub struct Seen {
    beyond: AtomicBool,
    readings: Mutex<Vec<(Option<view::AsOf>, Arc<Reading>)>>,
}

impl Seen {
    /// Whether the answer is a function of what was published by the state of a view, and shown to everybody.
    pub fn is_of(&self, view: &View) -> bool {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |(as_of, reading): &(Option<view::AsOf>, Arc<Reading>)| {
            let read = &reading.view;
            !read.is_private() && (as_of.is_some() || read.state == view.state) && read.epoch() == view.epoch()
        };
        !self.beyond.load(Ordering::Acquire) && readings.iter().all(fits)
    }
}

/// A reading that somebody is the first to ask for.
type Once = OnceCell<Arc<Reading>>;

impl Session {
    /// The session of one request.
    pub fn new(exchange: Arc<Exchange>, caller: Arc<Caller>) -> Self {
        Self { exchange, caller, readings: Mutex::default(), seen: Arc::default() }
    }

    /// What the answer will rest on, to be looked at when it is there.
    pub fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }

    /// Says that more than what is published is looked at.
    fn look_beyond(&self) {
        self.seen.beyond.store(true, Ordering::Release);
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Who asks, to be kept beyond the request.
    pub(crate) fn shared_caller(&self) -> Arc<Caller> {
        Arc::clone(&self.caller)
    }

    /// The exchange, to be kept beyond the request.
    pub(crate) fn exchange(&self) -> Arc<Exchange> {
        self.look_beyond();
        Arc::clone(&self.exchange)
    }

    /// The reading of a moment, or of now: its view is taken once, by whoever asks first.
    pub(crate) async fn reading(&self, as_of: Option<AsOf>) -> Result<Arc<Reading>> {
        let as_of = as_of.map(|AsOf(as_of)| as_of);
        let cell = {
            let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(readings.entry(as_of).or_default())
        };
        let take = || async {
            let view = self.exchange.view(Arc::clone(&self.caller), as_of).await?;
            let reading = Arc::new(Reading::new(Arc::clone(&self.exchange), view));
            self.seen.readings.lock().unwrap_or_else(PoisonError::into_inner).push((as_of, Arc::clone(&reading)));
            Ok::<_, Told>(reading)
        };
        cell.get_or_try_init(take).await.cloned()
    }

    /// A reading of a view that is taken already.
    pub(crate) fn reading_of(&self, view: View) -> Arc<Reading> {
        Arc::new(Reading::new(Arc::clone(&self.exchange), view))
    }

    /// Lets later readings see what has just been written.
    pub(crate) fn forget(&self) {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The session of the request that is being answered.
pub fn session<'a>(ctx: &Context<'a>) -> Result<&'a Session> {
    ctx.data_opt().ok_or_else(|| Error::internal("answering a GraphQL request", "it has no session").into())
}

/// The exchange that the schema was built over, for what is not read in a [`Reading`]: drafts, acts, the trail of what was done.
pub fn exchange<'a>(ctx: &Context<'a>) -> Result<&'a Exchange> {
    if let Some(session) = ctx.data_opt::<Session>() {
        session.look_beyond();
    }
    let exchange = ctx.data_opt::<Arc<Exchange>>();
    exchange
        .map(AsRef::as_ref)
        .ok_or_else(|| Error::internal("answering a GraphQL request", "the schema has no exchange").into())
}

/// One view of the exchange, and what gathers questions that are asked of it. Every object carries the one it was read
/// in.
pub struct Reading {
    /// The exchange.
    pub exchange: Arc<Exchange>,
    /// The view.
    pub view: Arc<View>,
    /// Gathers questions for the figures of several partnerships.
    pub figures: FigureGatherer,
    /// Gathers questions for frameworks.
    pub frameworks: FrameworkGatherer,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("view", &self.view).finish_non_exhaustive()
    }
}

impl Reading {
    fn new(exchange: Arc<Exchange>, view: View) -> Self {
        let view = Arc::new(view);
        let figures = FigureGatherer::new(Arc::clone(&exchange), Arc::clone(&view));
        let frameworks = FrameworkGatherer::new(Arc::clone(&exchange), Arc::clone(&view));
        Self { exchange, view, figures, frameworks }
    }

    /// The reading of an instant that has come.
    pub async fn at(exchange: Arc<Exchange>, caller: Arc<Caller>, instant: Instant) -> Result<Arc<Self>> {
        let view = exchange.view(caller, Some(view::AsOf::Instant(instant))).await?;
        Ok(Arc::new(Self::new(exchange, view)))
    }

    /// All metadata in effect.
    pub fn catalogue(&self) -> &Catalogue {
        &self.view.catalogue
    }

    /// The area with this code.
    pub fn area(self: &Arc<Self>, code: &str) -> Option<Area> {
        self.catalogue().area(code).map(|known| Area::new(self, known))
    }

    /// The partnership with this code.
    pub fn partnership(self: &Arc<Self>, code: &str) -> Option<Partnership> {
        self.catalogue().partnership(code).map(|known| Partnership::new(self, known))
    }

    /// The indicator with this code; a local code means that of `partnership`, if given.
    pub fn indicator(self: &Arc<Self>, code: &str, partnership: Option<&str>) -> Option<Indicator> {
        self.catalogue().indicator(code, partnership).map(|known| Indicator::new(self, known))
    }

    /// The plan of a partnership with this code.
    pub fn plan(self: &Arc<Self>, partnership: &str, code: &str) -> Option<Plan> {
        self.catalogue().plan(partnership, code).map(|known| Plan::new(self, known))
    }

    /// The peer group with this code.
    pub fn peer_group(self: &Arc<Self>, code: &str) -> Option<PeerGroup> {
        self.catalogue().peer_group(code).map(|known| PeerGroup::new(self, known))
    }

    /// The collection with this code.
    pub fn collection(self: &Arc<Self>, code: &str) -> Option<Collection> {
        self.catalogue().collection(code).map(|known| Collection::new(self, known))
    }
}

/// What another object names. Codes are checked before they are stored, so that none is dangling.
pub fn linked<T>(found: Option<T>, code: &str) -> Result<T> {
    found.ok_or_else(|| Error::internal("following a link", format!("`{code}` is not in the catalogue")).into())
}

/// The period that a stored code names.
pub fn stored_period(code: &str) -> Result<Period> {
    Period::parse(code).map_err(|failure| Error::internal("reading a stored period", failure).into())
}
