//! The audit trail: read by auditors, and verified.

use entity::AuditAction;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    Exchange,
    page::{Page, PageRequest, seal},
};
use crate::{
    caller::{Caller, Scope},
    clock::{Instant, instant},
    problem::{Error, ProblemCode, Result},
    rules::audit_chain::{Content, Verdict, Verifier},
    store::{
        self, Walk,
        audit::{AuditFilter, StoredEntry},
    },
};

/// One thing that was done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditEntry {
    /// The partnership concerned, by code; absent for what concerns none. Each has a chain of its own.
    #[schema(example = "southwark")]
    pub partnership: Option<String>,
    /// The place in the chain, from 1 without a gap.
    #[schema(example = 1)]
    pub seq: i64,
    /// When, by the server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// The subject of the token.
    #[schema(example = "anna")]
    pub subject: String,
    /// The client named by the token.
    pub client: Option<String>,
    /// What was done.
    pub action: AuditAction,
    /// To what: a path such as `returns/0193…`.
    #[schema(example = "returns/01a20247-173a-773c-991e-e17320aad528")]
    pub object: String,
    /// What it was before.
    #[schema(value_type = Option<serde_json::Value>)]
    pub before: Option<Box<RawValue>>,
    /// What it was then.
    #[schema(value_type = Option<serde_json::Value>)]
    pub after: Option<Box<RawValue>>,
    /// The hash of the entry, which covers that of the one before it in the chain.
    pub hash: String,
}

/// An anchor of the audit trail: made with each publication, it seals the heads of all chains that have grown since the one
/// before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditAnchor {
    /// Its number, from 1 without a gap.
    #[schema(example = 1)]
    pub seq: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Its hash, which covers that of the anchor before it. Whoever keeps it can have proved later that the trail up to then
    /// was neither changed nor cut.
    pub hash: String,
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only of this partnership.
    pub partnership: Option<String>,
    /// Only by this subject.
    pub subject: Option<String>,
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only of this object.
    pub object: Option<String>,
    /// Only at or after this instant.
    pub from: Option<Instant>,
    /// Only before this instant.
    pub until: Option<Instant>,
}

/// How many entries are read at a time.
const BATCH: u64 = 1000;

impl Exchange {
    /// Lists what was done, oldest first: to one's own partnerships and those of one's regions; whoever speaks for nobody in
    /// particular sees all.
    ///
    /// # Errors
    /// `MISSING_SCOPE`; `INVALID_PARAMETER` for a partnership that is not registered; `NOT_YOUR_PARTNERSHIP`; `INVALID_CURSOR`.
    pub async fn audit(&self, caller: &Caller, query: &AuditQuery, request: &PageRequest) -> Result<Page<AuditEntry>> {
        const LIST: &str = "audit";
        caller.require(Scope::AuditRead)?;
        let limit = request.limit()?;
        let walk = request.walk(LIST)?;
        let filter = AuditFilter {
            chains: self.visible_chains(caller, query.partnership.as_deref()).await?,
            subject: query.subject.clone(),
            action: query.action,
            object: query.object.clone(),
            from: query.from,
            until: query.until,
        };
        let found = store::audit::list(self.database().reader(), &filter, walk, limit as u64 + 1).await?;
        let entries = found.into_iter().map(|stored| {
            let cursor = seal(LIST, &stored.id.to_string());
            Ok((cursor, entry(stored)?))
        });
        Ok(Page::walked(request, limit, entries.collect::<Result<_>>()?))
    }

    /// The chains that a caller may read; `None` for all.
    async fn visible_chains(&self, caller: &Caller, partnership: Option<&str>) -> Result<Option<Vec<String>>> {
        let (catalogue, _) = self.newest_catalogue().await?;
        let sees_all = caller.partnerships.is_empty() && caller.regions.is_empty();
        match partnership {
            Some(code) => {
                let known = catalogue
                    .partnership(code)
                    .ok_or_else(|| Error::parameter("partnership", format!("`{code}` is not registered.")))?;
                if !sees_all && !caller.may_see(known) {
                    let detail = format!("The token does not speak for `{code}`.");
                    return Err(Error::problem(ProblemCode::NotYourPartnership, detail));
                }
                Ok(Some(vec![known.code.clone()]))
            }
            None if sees_all => Ok(None),
            None => {
                let own = catalogue.partnerships.iter().filter(|(_, known)| caller.may_see(known));
                Ok(Some(own.map(|(_, known)| known.code.clone()).collect()))
            }
        }
    }

    /// Lists the anchors of the audit trail, oldest first: for everybody, so that somebody keeps them.
    ///
    /// # Errors
    /// `INVALID_CURSOR`.
    pub async fn audit_anchors(&self, request: &PageRequest) -> Result<Page<AuditAnchor>> {
        const LIST: &str = "audit-anchors";
        let limit = request.limit()?;
        let walk = request.walk(LIST)?;
        let found = store::audit::anchors(self.database().reader(), walk, limit as u64 + 1).await?;
        let anchors = found.into_iter().map(|stored| {
            let anchor = AuditAnchor { seq: stored.seq, at: instant(stored.at), hash: stored.hash };
            (anchor.seq.to_string(), anchor)
        });
        request.cut(LIST, anchors)
    }

    /// Follows every chain of the audit trail from its first entry, and says where one is broken. `kept` are hashes of anchors
    /// that were kept elsewhere: the verdict names those that are not among the anchors here, and those that releases tell.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_audit(&self, kept: &[String]) -> Result<Verdict> {
        // Writers go on meanwhile: what must be among what is read first.
        let reader = self.database().reader();
        let mut chains = store::audit::chains(reader).await?;
        let heads = store::audit::heads(reader).await?;
        // Releases tell their anchors, too.
        let told = store::releases::anchors(reader).await?;
        let mut verifier = Verifier::missing(kept.iter().cloned().chain(told));
        let mut after = 0;
        loop {
            let anchors = store::audit::anchors(reader, Walk::after(Some(after)), BATCH).await?;
            let Some(last) = anchors.last() else { break };
            after = last.seq;
            for anchor in &anchors {
                verifier.anchor(anchor.seq, anchor.at, &anchor.heads, &anchor.hash);
            }
        }
        chains.extend(heads.iter().map(|head| head.chain.clone()));
        chains.sort();
        chains.dedup();
        for chain in chains {
            let head = heads.iter().find(|head| head.chain == chain);
            self.verify_chain(&mut verifier, &chain, head).await?;
        }
        Ok(verifier.verdict())
    }

    async fn verify_chain(
        &self,
        verifier: &mut Verifier,
        chain: &str,
        head: Option<&store::audit::StoredHead>,
    ) -> Result<()> {
        let mut after = 0;
        let mut is_headed = false;
        loop {
            let entries = store::audit::chain(self.database().reader(), chain, after, BATCH).await?;
            let Some(last) = entries.last() else { break };
            after = last.seq;
            for stored in &entries {
                let content = Content {
                    chain,
                    seq: stored.seq,
                    at: stored.at,
                    subject: &stored.subject,
                    client: stored.client.as_deref(),
                    action: stored.action.as_str(),
                    object: &stored.object,
                    before: stored.before.as_deref(),
                    after: stored.after.as_deref(),
                };
                verifier.entry(&content, &stored.hash);
                if head.is_some_and(|head| head.seq == stored.seq) {
                    is_headed = true;
                    verifier.head(chain, stored.seq, head.map_or("", |head| &head.hash));
                }
            }
        }
        // A head that is not among the entries stands beyond their end, or there is none.
        match head {
            Some(head) if !is_headed => verifier.head(chain, head.seq, &head.hash),
            Some(_) => {}
            None => verifier.head(chain, 0, ""),
        }
        Ok(())
    }
}

fn entry(stored: StoredEntry) -> Result<AuditEntry> {
    let raw = |text: Option<String>| {
        text.map(RawValue::from_string)
            .transpose()
            .map_err(|failure| Error::internal("reading the audit trail", failure))
    };
    Ok(AuditEntry {
        partnership: Some(stored.chain).filter(|chain| !chain.is_empty()),
        seq: stored.seq,
        at: instant(stored.at),
        subject: stored.subject,
        client: stored.client,
        action: stored.action,
        object: stored.object,
        before: raw(stored.before)?,
        after: raw(stored.after)?,
        hash: stored.hash,
    })
}
