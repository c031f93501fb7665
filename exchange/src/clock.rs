//! The clock is passed in: tests can set it, and two servers can share one.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, SubsecRound, Utc};

use crate::problem::{Error, Result};

/// An instant, UTC, in whole microseconds.
pub type Instant = DateTime<Utc>;

/// Where the exchange reads the time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The database's clock where it has one (PostgreSQL), else this machine's. All servers over one database agree.
    System,
    /// A file that holds one RFC 3339 instant, read at every look: for tests.
    File(PathBuf),
}

impl Clock {
    /// The time on this machine or in the file.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that looks at the machine's clock")]
    pub fn local(&self) -> Result<Instant> {
        match self {
            Self::System => Ok(Utc::now().trunc_subsecs(6)),
            Self::File(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|error| Error::internal("reading the test clock", error))?;
                let instant = DateTime::parse_from_rfc3339(text.trim())
                    .map_err(|error| Error::internal("reading the test clock", error))?;
                Ok(instant.to_utc().trunc_subsecs(6))
            }
        }
    }

    /// Whether it moves by itself.
    pub fn is_system(&self) -> bool {
        matches!(self, Self::System)
    }

    /// Waits until the instant has passed. A test clock does not move by itself, so that nobody waits for it.
    pub async fn wait_until(&self, now: Instant, instant: Instant) {
        if let (Self::System, Ok(wait)) = (self, (instant - now).to_std()) {
            tokio::time::sleep(wait + Duration::from_millis(1)).await;
        }
    }
}

/// Microseconds since 1970, as instants are stored.
pub fn micros(instant: Instant) -> i64 {
    instant.timestamp_micros()
}

/// The instant that was stored as microseconds since 1970; the last one that there is for a number beyond it.
pub fn instant(micros: i64) -> Instant {
    DateTime::from_timestamp_micros(micros).unwrap_or(Instant::MAX_UTC)
}
