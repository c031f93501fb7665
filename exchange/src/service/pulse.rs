//! The pulse: tells those who wait in this server that something has taken effect.
//!
//! One task looks for all of them, and only while there are any. It knows when the next embargo is over, looks at the ledger's
//! head in between, and is hurried by publications of this server and, over PostgreSQL, of others. Looking alone suffices.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, watch};

use super::Exchange;
use crate::{rules::ledger::State, store::listening::Listener};

/// How often the head of the ledger is looked at while somebody waits.
const LOOK: Duration = Duration::from_millis(500);

/// How soon it is looked again at the earliest: time may be held just before an effect.
const SOON: Duration = Duration::from_millis(10);

/// After a failure to look, the task rests.
const REST: Duration = Duration::from_secs(2);

/// What the pulse of one server is kept by.
#[derive(Debug)]
pub(super) struct Heart {
    states: watch::Sender<Option<State>>,
    is_beating: AtomicBool,
    hurry: Arc<Notify>,
}

impl Default for Heart {
    fn default() -> Self {
        Self { states: watch::Sender::new(None), is_beating: AtomicBool::new(false), hurry: Arc::default() }
    }
}

impl Heart {
    /// Lets the next look come at once.
    pub(super) fn hurry(&self) {
        self.hurry.notify_one();
    }
}

/// Waits for what takes effect.
#[derive(Debug, Clone)]
pub struct Pulse {
    states: watch::Receiver<Option<State>>,
    exchange: Arc<Exchange>,
}

impl Exchange {
    /// A pulse to wait by.
    pub fn pulse(self: &Arc<Self>) -> Pulse {
        Pulse { states: self.heart.states.subscribe(), exchange: Arc::clone(self) }
    }

    async fn beat(self: Arc<Self>) {
        let mut listener = Listener::over(&self.database).await;
        while self.heart.states.receiver_count() > 0 {
            let wait = match self.ledger().await {
                Ok((ledger, now)) => {
                    let state = ledger.state(now);
                    self.heart.states.send_if_modified(|known| known.replace(state) != Some(state));
                    let next = ledger.next_effect(now).and_then(|next| (next - now).to_std().ok());
                    next.map_or(LOOK, |next| next.clamp(SOON, LOOK))
                }
                Err(failure) => {
                    tracing::warn!(%failure, "the ledger could not be looked at");
                    REST
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.heart.hurry.notified() => {}
                () = listener.told() => {}
            }
        }
    }
}

/// Says that nobody looks any more, however the looking ended.
struct Beating(Arc<Exchange>);

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.heart.is_beating.store(false, Ordering::Release);
    }
}

impl Pulse {
    /// Waits until more has taken effect than in the state that is known.
    pub async fn beyond(&mut self, known: State) {
        loop {
            self.quicken();
            if self.states.borrow_and_update().is_some_and(|state| state > known) {
                return;
            }
            // The task may end just as this one begins to wait: then it is begun again.
            let _ = tokio::time::timeout(REST, self.states.changed()).await;
        }
    }

    /// Sees to it that somebody looks.
    fn quicken(&self) {
        let heart = &self.exchange.heart;
        if !heart.is_beating.swap(true, Ordering::AcqRel) {
            // What was known when nobody waited may be long out of date.
            heart.states.send_replace(None);
            let exchange = Arc::clone(&self.exchange);
            tokio::spawn(async move {
                let _beating = Beating(Arc::clone(&exchange));
                exchange.beat().await;
            });
        }
    }
}
