//! How the exchange stands, for who watches over it.

use super::Exchange;
use crate::{clock::Instant, problem::Result, store::ledger};

/// How the ledger stands on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many publications are in effect.
    pub publications: u64,
    /// When it took effect; nothing if nothing is published.
    pub newest_effect: Option<Instant>,
    /// Until when readers on this server read.
    pub read_at: Instant,
    /// Since when a change that is under way holds their time up.
    pub held_since: Option<Instant>,
}

impl Exchange {
    /// How the ledger stands: two statements, three when it has changed.
    pub async fn standing(&self) -> Result<Standing> {
        let (ledger, read_at) = self.ledger().await?;
        let held_since = ledger::head(self.database.reader()).await?.held_since;
        let in_effect = ledger.in_effect(read_at);
        let newest_effect = in_effect.last().map(|publication| publication.effective_at);
        Ok(Standing { publications: in_effect.len() as u64, newest_effect, read_at, held_since })
    }
}
