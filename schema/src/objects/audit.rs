//! The audit trail.

use async_graphql::SimpleObject;
use exchange::{service::audit, vocabulary::AuditAction};

use crate::scalars::{DateTime, Document};

/// One thing that was done.
#[derive(SimpleObject)]
pub struct AuditEntry {
    /// The partnership concerned, by code; null for what concerns none. Each has a chain of its own.
    partnership: Option<String>,
    /// The place in the chain, from 1 without a gap.
    seq: i64,
    /// When, by the server's clock.
    at: DateTime,
    /// The subject of the token.
    subject: String,
    /// The client named by the token.
    client: Option<String>,
    /// What was done.
    action: AuditAction,
    /// To what: a path such as `returns/0193…`.
    object: String,
    /// What it was before.
    before: Option<Document>,
    /// What it was then.
    after: Option<Document>,
    /// The hash of the entry, which covers that of the one before it in the chain.
    hash: String,
}

impl From<audit::AuditEntry> for AuditEntry {
    fn from(entry: audit::AuditEntry) -> Self {
        Self {
            partnership: entry.partnership,
            seq: entry.seq,
            at: DateTime(entry.at),
            subject: entry.subject,
            client: entry.client,
            action: entry.action,
            object: entry.object,
            before: entry.before.map(Document),
            after: entry.after.map(Document),
            hash: entry.hash,
        }
    }
}

/// An anchor of the audit trail: made with each publication, it seals the heads of all chains that have grown since the one
/// before it.
#[derive(SimpleObject)]
pub struct AuditAnchor {
    /// Its number, from 1 without a gap.
    seq: i64,
    /// When it was made.
    at: DateTime,
    /// Its hash, which covers that of the anchor before it.
    hash: String,
}

impl From<audit::AuditAnchor> for AuditAnchor {
    fn from(anchor: audit::AuditAnchor) -> Self {
        Self { seq: anchor.seq, at: DateTime(anchor.at), hash: anchor.hash }
    }
}
