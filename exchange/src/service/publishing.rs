//! Changing the ledger so that what a reader has seen at an instant never changes.
//!
//! A change is announced before it is written, with the earliest instant that it may touch. While the announcement stands, no
//! reader's time passes that instant, on no server. The announcement goes in the transaction of the change: however long that
//! takes to commit, readers before it do not reach the instant, and readers after it see the change. An announcement that
//! stands later than half the margin before its instant does not count: until then readers may go by what they saw without it. What
//! a killed server has announced and not written is removed by whoever next comes upon it.

use chrono::Duration;
use entity::AuditAction;
use serde_json::json;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::Exchange;
use crate::{
    clock::Instant,
    problem::{Error, ProblemCode, Result},
    store::{Database, Tx, audit, ledger},
};

/// How often a change is announced anew because the clock was faster.
const ATTEMPTS: u32 = 5;

/// After how long an announcement is taken to be abandoned, unless its transaction is still under way.
pub(super) const ABANDONED: Duration = Duration::seconds(10);

/// How long a writer waits, beyond its instant, for readers' time to reach it: longer than an abandoned announcement may hold
/// it, so that whoever has been answered reads what was written.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// How often it looks.
const LOOK: std::time::Duration = std::time::Duration::from_millis(10);

/// A change of the ledger that readers' time waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announced {
    id: Uuid,
    /// Nothing before this instant is touched.
    pub at: Instant,
}

/// Takes an announcement back that its writer did not come to take back itself: it was dropped in the middle, as its client has
/// gone or its time was over.
struct Undone {
    database: Database,
    id: Option<Uuid>,
}

impl Undone {
    async fn take_back(mut self) {
        if let Some(id) = self.id.take() {
            remove(&self.database, id).await;
        }
    }
}

impl Drop for Undone {
    fn drop(&mut self) {
        // A server that is about to end leaves it to be found.
        if let (Some(id), Ok(runtime)) = (self.id.take(), Handle::try_current()) {
            let database = self.database.clone();
            runtime.spawn(async move { remove(&database, id).await });
        }
    }
}

fn too_busy() -> Error {
    Error::problem(ProblemCode::Overloaded, "Other writes were in the way; repeat the request.")
}

async fn remove(database: &Database, id: Uuid) {
    // It is gone already if the change was made. If it cannot be removed, readers come upon it later.
    if let Err(failure) = ledger::take_back(database.reader(), id).await {
        tracing::warn!(%failure, "an announcement could not be taken back");
    }
}

impl Exchange {
    /// Announces a change that touches nothing before `earliest`, nor within the margin from now, and makes it; announces it
    /// anew if the clock has come too near before it could be made. What it was to touch sooner it must refuse.
    pub(super) async fn announced<T, W>(&self, earliest: Option<Instant>, work: impl Fn(Announced) -> W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        for _ in 0..ATTEMPTS {
            let (announced, undone) = self.announce(earliest).await?;
            let outcome = work(announced).await;
            undone.take_back().await;
            self.heart.hurry();
            match outcome {
                Err(Error::Internal { source, .. }) if source.is::<ledger::TooLate>() => {}
                outcome => return outcome,
            }
        }
        Err(too_busy())
    }

    async fn announce(&self, earliest: Option<Instant>) -> Result<(Announced, Undone)> {
        for _ in 0..ATTEMPTS {
            let id = Uuid::now_v7();
            let announced = self
                .database
                .write(move |tx| async move {
                    let now = self.time(ledger::clock(&*tx).await?)?;
                    // Readers' time must not have passed it when they come to see it.
                    let soonest = now + self.margin();
                    let at = earliest.map_or(soonest, |earliest| earliest.max(soonest));
                    ledger::announce(&*tx, id, at, now).await?;
                    Ok(Announced { id, at })
                })
                .await?;
            let undone = Undone { database: self.database.clone(), id: Some(id) };
            let stands_since = self.time(ledger::clock(self.database.reader()).await?)?;
            if stands_since <= announced.at - self.margin() / 2 {
                return Ok((announced, undone));
            }
            undone.take_back().await;
        }
        Err(too_busy())
    }

    /// Begins an announced change: nobody else changes the ledger until the transaction ends.
    ///
    /// The announcement must have been there before the clock reached its instant: then every reader whose time could have
    /// reached it has waited.
    pub(super) async fn begin_change(&self, tx: &Tx, announced: Announced) -> Result<()> {
        ledger::lock(&**tx).await?;
        let is_there = ledger::take_back(&**tx, announced.id).await?;
        if is_there && self.time(ledger::clock(&**tx).await?)? < announced.at {
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

    /// Waits until readers' time has reached an instant. A test clock does not move by itself, so that nobody waits for it.
    pub(super) async fn reach(&self, at: Instant) -> Result<()> {
        self.clock.wait_until(self.now().await?, at).await;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.clock.is_system() && self.now().await? < at && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
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
}
