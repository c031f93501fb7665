//! The real server under races and sudden death: what it has said, it goes on saying.
//!
//! | file | what it tests |
//! |---|---|
//! | `race.rs` | readers, writers and followers of two servers over one database, all at once |
//! | `kill.rs` | servers that are killed in the middle of their work |
//! | `late.rs` | a change that is announced too late |
//! | `chance.rs` | random choices that a seed repeats |
//! | `people.rs` | who acts, and a write that is repeated until it is heard |
//! | `memory.rs` | what was read at an instant, and must read the same for ever |
//! | `feed.rs` | the feed of changes as a client reads it, and the figures that it adds up to |
//!
//! Both go by the system's clock, as nothing else would race. They are short unless `RACE_SECONDS` and `KILL_ROUNDS` say
//! otherwise; `tests/endurance.sh` runs them at full length. `SEED` repeats the choices of an earlier run, though not its timing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic with a readable message is how a failure is told"
)]

mod chance;
mod feed;
mod kill;
mod late;
mod memory;
mod people;
mod race;

use std::str::FromStr;

/// A number that the environment may set.
fn setting<N: FromStr>(name: &str, otherwise: N) -> N {
    let Ok(text) = std::env::var(name) else { return otherwise };
    text.parse().unwrap_or_else(|_| panic!("{name} is to be a number, not `{text}`"))
}
