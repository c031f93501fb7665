//! Following the feed: waiting for what comes next. A reader is held by nothing but its place, so that a slow one costs a page.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::stream::{Stream, try_unfold};

use super::{ChangeQuery, Feed, From, PublishedChange};
use crate::{
    caller::Caller,
    problem::{ProblemCode, Result},
    service::{Exchange, pulse::Pulse},
};

/// How many changes are read at a time.
const PAGE: u32 = 100;

/// How many moments a stream lets pass in which the exchange is busy.
const BUSY: Duration = Duration::from_secs(1);

/// A change with the cursor after it.
pub type Followed = (String, PublishedChange);

impl Exchange {
    /// A page of the feed; if nothing has taken effect since, the answer waits until something does, but no longer than asked.
    ///
    /// # Errors
    /// As of [`Exchange::changes`].
    pub async fn changes_within(
        self: &Arc<Self>,
        caller: &Arc<Caller>,
        query: &ChangeQuery,
        from: &From,
        limit: Option<u32>,
        wait: Duration,
    ) -> Result<Feed> {
        let deadline = tokio::time::Instant::now() + wait;
        let mut pulse = self.pulse();
        let mut from = from.clone();
        loop {
            let view = self.view(Arc::clone(caller), None).await?;
            let feed = self.changes(&view, query, &from, limit).await?;
            if !feed.items.is_empty() || tokio::time::Instant::now() >= deadline {
                return Ok(feed);
            }
            if feed.is_caught_up && tokio::time::timeout_at(deadline, pulse.beyond(view.state)).await.is_err() {
                return Ok(feed);
            }
            from = From::Cursor(feed.next);
        }
    }

    /// Every change from a place in the feed on, as it takes effect. It ends with the first error that does not pass by itself.
    pub fn follow(
        self: &Arc<Self>,
        caller: Arc<Caller>,
        query: ChangeQuery,
        from: From,
    ) -> impl Stream<Item = Result<Followed>> + Send + use<> {
        let pulse = self.pulse();
        let follower = Follower { exchange: Arc::clone(self), caller, query, from, pulse, read: VecDeque::new() };
        try_unfold(follower, |mut follower| async move {
            let next = follower.next().await?;
            Ok(Some((next, follower)))
        })
    }
}

struct Follower {
    exchange: Arc<Exchange>,
    caller: Arc<Caller>,
    query: ChangeQuery,
    from: From,
    pulse: Pulse,
    read: VecDeque<Followed>,
}

impl Follower {
    async fn next(&mut self) -> Result<Followed> {
        loop {
            if let Some(next) = self.read.pop_front() {
                return Ok(next);
            }
            match self.page().await {
                Err(failure) if failure.code() == ProblemCode::Overloaded => tokio::time::sleep(BUSY).await,
                outcome => outcome?,
            }
        }
    }

    /// Reads a page, or waits until there may be one.
    async fn page(&mut self) -> Result<()> {
        let view = self.exchange.view(Arc::clone(&self.caller), None).await?;
        let feed = self.exchange.changes(&view, &self.query, &self.from, Some(PAGE)).await?;
        let is_idle = feed.items.is_empty() && feed.is_caught_up;
        self.read.extend(feed.items);
        self.from = From::Cursor(feed.next);
        if is_idle {
            self.pulse.beyond(view.state).await;
        }
        Ok(())
    }
}
