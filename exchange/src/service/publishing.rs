//! Changing the ledger so that what a reader has seen at an instant never changes.
//!
//! A change is announced before it is written, with the earliest instant that it may touch. While the announcement stands, no
//! reader's time passes that instant, on no server. The announcement goes in the transaction of the change: however long that
//! takes to commit, readers before it do not reach the instant, and readers after it see the change. What a killed server has
//! announced and not written is removed by whoever next comes upon it.

use chrono::Duration;
use entity::AuditAction;
use serde_json::json;
use uuid::Uuid;

use super::Exchange;
use crate::{
    clock::{Instant, instant, micros},
    problem::{Error, ProblemCode, Result},
    store::{Tx, audit, ledger},
};

/// How often a change is announced anew because the clock was faster.
const ATTEMPTS: u32 = 5;

/// After how long an announcement is taken to be abandoned.
pub(super) const ABANDONED: Duration = Duration::seconds(10);

/// How long a reader waits for time that is held.
const PATIENCE: Duration = Duration::seconds(2);

/// A change of the ledger that readers' time waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announced {
    id: Uuid,
    /// Nothing before this instant is touched.
    pub at: Instant,
}

impl Exchange {
    /// Announces a change that touches nothing before `earliest`, or before the margin from now, and makes it; announces it
    /// anew if the clock has come too near before it could be made.
    pub(super) async fn announced<T, W>(&self, earliest: Option<Instant>, work: impl Fn(Announced) -> W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        for _ in 0..ATTEMPTS {
            let announced = self.announce(earliest).await?;
            let outcome = work(announced).await;
            // It is gone if the change was made. A replayed or failed one has left it.
            ledger::take_back(self.database.reader(), announced.id).await?;
            self.heart.hurry();
            match outcome {
                Err(Error::Internal { source, .. }) if source.is::<ledger::TooLate>() => {}
                outcome => return outcome,
            }
        }
        Err(Error::problem(ProblemCode::Overloaded, "Other writes were in the way; repeat the request."))
    }

    async fn announce(&self, earliest: Option<Instant>) -> Result<Announced> {
        let id = Uuid::now_v7();
        self.database
            .write(move |tx| async move {
                let at = match earliest {
                    Some(earliest) => earliest,
                    None => self.time(ledger::head(&*tx).await?.clock)? + self.margin(),
                };
                ledger::announce(&*tx, id, at).await?;
                Ok(Announced { id, at })
            })
            .await
    }

    /// Begins an announced change: nobody else changes the ledger until the transaction ends.
    ///
    /// The announcement must have been there before the clock reached its instant: then every reader whose time could have
    /// reached it has waited.
    pub(super) async fn begin_change(&self, tx: &Tx, announced: Announced) -> Result<()> {
        ledger::lock(&**tx).await?;
        let is_there = ledger::take_back(&**tx, announced.id).await?;
        if is_there && self.time(ledger::head(&**tx).await?.clock)? < announced.at {
            return Ok(());
        }
        Err(Error::internal("changing the ledger", ledger::TooLate))
    }

    /// Ends a change: counts it, and seals the audit trail's heads, its own entries among them. Returns the new version and
    /// the hash of the anchor.
    pub(super) async fn end_change(&self, tx: &Tx, now: Instant) -> Result<(i64, String)> {
        let anchor = audit::anchor(&**tx, now).await?;
        let version = ledger::count(&**tx).await?;
        ledger::notify(&**tx).await?;
        Ok((version, anchor))
    }

    /// The first instant from `wanted` on at which nothing else takes effect. A change must have begun.
    pub(super) async fn slot(&self, tx: &Tx, wanted: Instant) -> Result<Instant> {
        let mut slot = instant(micros(wanted));
        while ledger::is_taken(&**tx, slot).await? {
            slot += Duration::microseconds(1);
        }
        Ok(slot)
    }

    /// Begins a new history, after a backup has been restored: what was said after it was made is undone, so that cursors and
    /// entity tags from then must not be taken for those of now. Returns the mark of the new history.
    ///
    /// # Errors
    /// When the database cannot be written to.
    pub async fn begin_history(&self) -> Result<String> {
        let (_, now) = self.ledger().await?;
        let epoch = &Uuid::new_v4().simple().to_string();
        let write = |announced: Announced| {
            self.database.write(move |tx| async move {
                self.begin_change(&tx, announced).await?;
                let entry = audit::Entry {
                    at: now,
                    subject: "operator",
                    client: None,
                    action: AuditAction::Restored,
                    object: "exchange".to_owned(),
                    chain: String::new(),
                    before: None,
                    after: Some(json!({ "epoch": epoch }).to_string()),
                };
                audit::record(&*tx, vec![entry]).await?;
                ledger::begin_epoch(&*tx, epoch).await?;
                self.end_change(&tx, now).await
            })
        };
        self.announced(None, write).await?;
        Ok(epoch.clone())
    }

    pub(super) fn margin(&self) -> Duration {
        Duration::from_std(self.settings.margin).unwrap_or_default()
    }

    /// Waits until readers' time has reached an instant. A test clock does not move by itself, so that nobody waits for it.
    pub(super) async fn reach(&self, at: Instant) -> Result<()> {
        self.clock.wait_until(self.now().await?, at).await;
        let deadline = at + PATIENCE;
        while self.clock.is_system() {
            let now = self.now().await?;
            if now >= at || now > deadline {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        Ok(())
    }
}
