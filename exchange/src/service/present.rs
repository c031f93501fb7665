//! The present: the ledger as it stands, and the time for readers, which stands still just before an instant that a change
//! under way may touch.
//!
//! A look at the ledger's head is good for half the margin, for all readers of a server: a change that it did not see, announced
//! or made, was announced later, and so touches nothing before then (`publishing.rs` sees to it). Within that time readers
//! need no statement of their own; what takes effect at an instant that the look has seen coming does so for them, too.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time,
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
    /// The last look at the ledger's head.
    look: RwLock<Option<Look>>,
    /// Held by whoever looks for the others.
    looking: Mutex<()>,
    /// The latest time that a reader was told.
    told: AtomicI64,
    is_tidying: Arc<AtomicBool>,
}

impl Default for Present {
    fn default() -> Self {
        Self {
            ledger: RwLock::default(),
            reading: Mutex::default(),
            look: RwLock::default(),
            looking: Mutex::default(),
            told: AtomicI64::new(i64::MIN),
            is_tidying: Arc::default(),
        }
    }
}

impl Present {
    fn known(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The last look, unless it is older than it is good for.
    fn fresh(&self, good_for: time::Duration) -> Option<Look> {
        let look = self.look.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        (look.asked.elapsed() < good_for).then_some(look)
    }

    fn keep(&self, look: Look) {
        let mut known = self.look.write().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|known| known.asked < look.asked) {
            *known = Some(look);
        }
    }
}

/// What was seen of the ledger's head, and when by the server's own steady clock.
#[derive(Debug, Clone)]
struct Look {
    /// The ledger of the head.
    ledger: Arc<Ledger>,
    /// The time of the head.
    clock: Instant,
    /// When a change under way may touch something.
    held_at: Option<Instant>,
    /// Before the head was asked for: from then on the look grows old.
    asked: time::Instant,
    /// After it was answered: the time of the head had come.
    answered: time::Instant,
}

impl Look {
    /// The clock by now: no later than it really is.
    fn clock(&self) -> Instant {
        self.clock + Duration::from_std(self.answered.elapsed()).unwrap_or_default()
    }

    /// The time that readers may be told at a time of the clock.
    fn reached(&self, clock: Instant) -> Instant {
        self.held_at.map_or(clock, |held_at| clock.min(held_at - Duration::microseconds(1)))
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
        let look = self.look().await?;
        let now = self.told_no_earlier(look.reached(look.clock), told);
        let clock = look.clock.max(now);
        Ok((look.ledger, now, clock))
    }

    /// As [`Exchange::ledger_and_clock`], without a statement where a look of a moment ago is still good. Whoever begins to read
    /// after a change was answered reads it all the same: by then no look that missed it is good any more.
    pub(super) async fn glance(&self) -> Result<(Arc<Ledger>, Instant, Instant)> {
        let good_for = self.settings.margin / 2;
        if !self.clock.is_system() || good_for.is_zero() {
            return self.ledger_and_clock().await;
        }
        let told = self.present.told.load(Ordering::Acquire);
        let look = match self.present.fresh(good_for) {
            Some(look) => look,
            None => {
                let _one = self.present.looking.lock().await;
                match self.present.fresh(good_for) {
                    Some(look) => look,
                    None => self.look().await?,
                }
            }
        };
        let clock = look.clock();
        let now = self.told_no_earlier(look.reached(clock), told);
        Ok((look.ledger, now, clock.max(now)))
    }

    /// Looks at the head of the ledger, and reads the ledger if it has changed.
    async fn look(&self) -> Result<Look> {
        let asked = time::Instant::now();
        let local = self.clock.local()?;
        let head = ledger::head(self.database.reader()).await?;
        let answered = time::Instant::now();
        let clock = self.time_from(head.clock, local);
        if head.held_since.is_some_and(|since| since < clock - ABANDONED) {
            self.tidy_up(clock - ABANDONED);
        }
        let held_at = head.held_at;
        let look = Look { ledger: self.ledger_of_head(head).await?, clock, held_at, asked, answered };
        self.present.keep(look.clone());
        Ok(look)
    }

    async fn ledger_of_head(&self, head: Head) -> Result<Arc<Ledger>> {
        let known = self.present.known();
        if will_do(&known, &head) {
            return Ok(known);
        }
        let _one = self.present.reading.lock().await;
        let known = self.present.known();
        if will_do(&known, &head) {
            return Ok(known);
        }
        if known.epoch() != head.epoch {
            *self.periods.write().unwrap_or_else(PoisonError::into_inner) = PeriodNumbers::default();
        }
        let ledger = Arc::new(ledger::load(self.database.reader(), head, &known).await?);
        *self.present.ledger.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&ledger);
        Ok(ledger)
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
