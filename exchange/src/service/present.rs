//! The present: the ledger as it stands, and the time for readers, which stands still just before an instant that a change
//! under way may touch.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use chrono::Duration;
use tokio::sync::Mutex;

use super::{Exchange, PeriodNumbers, publishing::ABANDONED};
use crate::{
    clock::{Clock, Instant, instant, micros},
    problem::Result,
    rules::ledger::Ledger,
    store::ledger::{self, Head},
};

/// What a server knows of the present.
#[derive(Debug)]
pub(super) struct Present {
    ledger: RwLock<Arc<Ledger>>,
    /// Held by whoever reads the ledger, so that the others need not.
    reading: Mutex<()>,
    /// The latest time that a reader was told.
    told: AtomicI64,
    is_tidying: Arc<AtomicBool>,
}

impl Default for Present {
    fn default() -> Self {
        Self {
            ledger: RwLock::default(),
            reading: Mutex::default(),
            told: AtomicI64::new(i64::MIN),
            is_tidying: Arc::default(),
        }
    }
}

impl Present {
    fn known(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a ledger will do for a reader who has read a head. A later one will: what it has more takes effect after the
/// reader's time.
fn will_do(known: &Ledger, head: &Head) -> bool {
    known.epoch() == head.epoch && known.version() >= head.version
}

impl Exchange {
    /// The ledger as it stands, and the time for readers: one statement, two when it has changed.
    pub(super) async fn ledger(&self) -> Result<(Arc<Ledger>, Instant)> {
        let (ledger, now, _) = self.ledger_and_clock().await?;
        Ok((ledger, now))
    }

    /// The ledger, the time for readers, and the clock.
    pub(super) async fn ledger_and_clock(&self) -> Result<(Arc<Ledger>, Instant, Instant)> {
        // Times are taken before the ledger is read, or with it: what is published afterwards takes effect later.
        let told = self.present.told.load(Ordering::Acquire);
        let local = self.clock.local()?;
        let head = ledger::head(self.database.reader()).await?;
        let clock = self.time_from(head.clock, local);
        if head.held_since.is_some_and(|since| since < clock - ABANDONED) {
            self.tidy_up(clock - ABANDONED);
        }
        let reached = head.held_at.map_or(clock, |held_at| clock.min(held_at - Duration::microseconds(1)));
        let now = self.told_no_earlier(reached, told);
        let known = self.present.known();
        if will_do(&known, &head) {
            return Ok((known, now, clock.max(now)));
        }
        let _one = self.present.reading.lock().await;
        let known = self.present.known();
        if will_do(&known, &head) {
            return Ok((known, now, clock.max(now)));
        }
        if known.epoch() != head.epoch {
            *self.periods.write().unwrap_or_else(PoisonError::into_inner) = PeriodNumbers::default();
        }
        let ledger = Arc::new(ledger::load(self.database.reader(), head, &known).await?);
        *self.present.ledger.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&ledger);
        Ok((ledger, now, clock.max(now)))
    }

    /// Time does not step back, not even where a change was announced too late to hold it: such a change is not made. A test
    /// clock goes where it is set.
    fn told_no_earlier(&self, time: Instant, told: i64) -> Instant {
        if !self.clock.is_system() {
            return time;
        }
        let now = micros(time).max(told);
        self.present.told.fetch_max(now, Ordering::AcqRel);
        instant(now)
    }

    /// Removes announcements from before an instant that their writers have left behind, without anybody waiting for it.
    fn tidy_up(&self, before: Instant) {
        if self.present.is_tidying.swap(true, Ordering::AcqRel) {
            return;
        }
        let (database, is_tidying) = (self.database.clone(), Arc::clone(&self.present.is_tidying));
        tokio::spawn(async move {
            // Whoever writes just now may hold it up; somebody else comes upon it again.
            if let Err(failure) = ledger::remove_abandoned(database.reader(), before).await {
                tracing::debug!(%failure, "abandoned announcements could not be removed");
            }
            is_tidying.store(false, Ordering::Release);
        });
    }

    fn time_from(&self, of_database: Option<Instant>, local: Instant) -> Instant {
        match (&self.clock, of_database) {
            (Clock::System, Some(of_database)) => of_database,
            _ => local,
        }
    }

    /// The time: the database's where the exchange goes by the system's clock and the database has one.
    pub(super) fn time(&self, of_database: Option<Instant>) -> Result<Instant> {
        Ok(self.time_from(of_database, self.clock.local()?))
    }
}
