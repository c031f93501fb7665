//! What users of the indicator exchange see: the real server, over a real socket, on SQLite and on PostgreSQL.
//!
//! | file | what it tells |
//! |---|---|
//! | `one_return.rs` | a return goes the whole way, from its first mistakes to a comparison |
//! | `corrections.rs` | drafts are replaced, returns are sent back and withdrawn, two writers do not lose each other's work |
//! | `idempotency.rs` | a repeated write is answered again and done once |
//! | `who_may_do_what.rs` | tokens, scopes, and what is nobody else's business |
//! | `publishing.rs` | embargoes, corrections after release, and reading the past |
//! | `releases.rs` | schemes, audiences, previews; releases are moved and cancelled |
//! | `revisions.rs` | released returns are reopened, their figures withdrawn |
//! | `changes.rs` | the feed and the difference between two moments, over every interface |
//! | `audit.rs` | the trail of what was done; tampering is found |
//! | `restore.rs` | backups, and what follows from restoring one |
//! | `plans.rs` | plans are put and read, and their frameworks follow what is published |
//! | `metadata.rs` | documents that are put together, all or none |
//! | `reading.rs` | pages, formats, spellings, and answers to requests that are wrong |
//! | `negotiation.rs` | methods, media types, content codings, links, and pages of other sites |
//! | `csv_tables.rs` | tables, and what describes them |
//! | `kept_answers.rs` | answers that a server keeps, and gives again while nothing has changed |
//! | `generate.rs` | a fictional exchange of any size |
//! | `command_line.rs` | the program as its operator knows it |
//! | `people.rs`, `steps.rs` | who acts in these tests, and what they do again and again |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

mod audit;
mod changes;
mod command_line;
mod corrections;
mod csv_tables;
mod generate;
mod idempotency;
mod kept_answers;
mod metadata;
mod negotiation;
mod one_return;
mod people;
mod plans;
mod publishing;
mod reading;
mod releases;
mod restore;
mod revisions;
mod steps;
mod who_may_do_what;
