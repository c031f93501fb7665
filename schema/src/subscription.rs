//! What can be followed.

use std::sync::Arc;

use async_graphql::{Context, Subscription as Root};
use exchange::{
    Caller, Exchange, Instant,
    service::changes::{ChangeQuery, Followed, From},
};
use futures_util::{Stream, StreamExt, stream::unfold};

use crate::{
    error::Result,
    objects::PublishedChange,
    session::{Reading, session},
};

/// What can be followed.
#[derive(Default)]
pub struct Subscription;

/// What can be followed, over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[Root]
impl Subscription {
    /// Every figure and document that reads otherwise than before, as it takes effect: without gaps, in the order of effect.
    /// Keep the cursor of the last one: a subscription that ends, for whatever reason, is taken up again with it.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only what comes after this cursor; `latest`, unless given, for what takes effect from now on; an \
                          empty text for all from the beginning."
        )]
        after: Option<String>,
        #[graphql(desc = "Only of these partnerships, by code.", default)] partnerships: Vec<String>,
        #[graphql(desc = "Only figures of these indicators, by any code.", default)] indicators: Vec<String>,
    ) -> Result<impl Stream<Item = Result<PublishedChange>>> {
        let session = session(ctx)?;
        let (exchange, caller) = (session.exchange(), session.shared_caller());
        let from = after.map_or(From::Latest, |after| From::parse(Some(&after)));
        let query = ChangeQuery { partnerships, indicators };
        // A question that cannot be answered is refused at once.
        let view = exchange.view(Arc::clone(&caller), None).await?;
        let from = Exchange::feed_begins(&view, &query, &from)?;
        let feed = Box::pin(exchange.follow(Arc::clone(&caller), query, from));
        // What is read beside a change is read as of its instant; changes of one instant share it.
        let follower = Follower { feed, exchange, caller, known: None, has_failed: false };
        Ok(unfold(follower, |mut follower| async move { Some((follower.next().await?, follower)) }))
    }
}

struct Follower<S> {
    feed: S,
    exchange: Arc<Exchange>,
    caller: Arc<Caller>,
    known: Option<(Instant, Arc<Reading>)>,
    has_failed: bool,
}

impl<S: Stream<Item = exchange::Result<Followed>> + Unpin> Follower<S> {
    /// The next change; after a failure nothing more, as that would leave a gap.
    async fn next(&mut self) -> Option<Result<PublishedChange>> {
        if self.has_failed {
            return None;
        }
        let followed = self.feed.next().await?;
        let told = self.told(followed).await;
        self.has_failed = told.is_err();
        Some(told)
    }

    async fn told(&mut self, followed: exchange::Result<Followed>) -> Result<PublishedChange> {
        let (cursor, change) = followed?;
        let at = change.effective_at;
        let reading = match self.known.take() {
            Some((known, reading)) if known == at => reading,
            _ => Reading::at(Arc::clone(&self.exchange), Arc::clone(&self.caller), at).await?,
        };
        self.known = Some((at, Arc::clone(&reading)));
        Ok(PublishedChange::new(&reading, Some(cursor), change))
    }
}
