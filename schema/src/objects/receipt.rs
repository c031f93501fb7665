//! What became of a write.

use async_graphql::SimpleObject;
use exchange::service::{metadata, returns};

use super::{
    Return,
    report::{Problem, Report},
};
use crate::scalars::DateTime;

/// What became of a posted return.
#[derive(Debug, SimpleObject)]
pub struct Receipt {
    /// The draft; null after a dry run.
    #[graphql(name = "return")]
    draft: Option<Return>,
    /// What is wrong with it or worth knowing.
    report: Report,
}

impl From<returns::Receipt> for Receipt {
    fn from(receipt: returns::Receipt) -> Self {
        Self { draft: receipt.draft.map(Return::from), report: receipt.report.into() }
    }
}

/// What became of documents that were put.
#[derive(Debug, SimpleObject)]
pub struct PutReceipt {
    /// How many documents are new.
    created: u32,
    /// How many replaced an earlier version.
    changed: u32,
    /// How many said what was known already; nothing was written for them.
    unchanged: u32,
    /// When the change takes effect; null if there was none.
    effective_at: Option<DateTime>,
    /// The hash of the audit trail's anchor that was made with the change.
    anchor: Option<String>,
    /// What is worth knowing of plans that were put: doubts that they declare, and resource tables that disagree.
    warnings: Vec<Problem>,
}

impl From<metadata::PutReceipt> for PutReceipt {
    fn from(receipt: metadata::PutReceipt) -> Self {
        let metadata::PutReceipt { created, changed, unchanged, effective_at, anchor, warnings } = receipt;
        let warnings = warnings.into_iter().map(Problem::from).collect();
        Self { created, changed, unchanged, effective_at: effective_at.map(DateTime), anchor, warnings }
    }
}
