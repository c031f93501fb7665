//! The audit trail and its anchors.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use exchange::{
    Error,
    service::audit::{AuditAnchor, AuditEntry, AuditQuery},
    vocabulary::AuditAction,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{opened, part};
use crate::{
    application::Application,
    csv::{Table, cells_of},
    extract::{Params, instant},
    failure::{Failure, ProblemDocument},
    identity::{Audits, Identity},
    reading::{Asked, private_page},
};

/// Which entries a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    /// Only of this partnership.
    #[param(example = "southwark")]
    pub partnership: Option<String>,
    /// Only by this subject.
    #[param(example = "anna")]
    pub subject: Option<String>,
    /// Only this action.
    #[param(value_type = Option<AuditAction>)]
    pub action: Option<String>,
    /// Only of this object.
    #[param(example = "returns/01a20247-173a-773c-991e-e17320aad528")]
    pub object: Option<String>,
    /// Only at or after this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<String>,
    /// Only before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// The entries, in the order in which they were written.
    pub items: Vec<AuditEntry>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

impl Table for AuditPage {
    const COLUMNS: &'static [&'static str] =
        &["partnership", "seq", "at", "subject", "client", "action", "object", "before", "after", "hash"];
    const OF: &'static [&'static str] = &["AuditEntry"];

    fn rows(&self) -> Vec<Vec<String>> {
        let json = |raw: Option<&str>| raw.unwrap_or_default().to_owned();
        let rows = self.items.iter().map(|entry| {
            let mut row = cells_of(entry, Self::COLUMNS);
            row[7] = json(entry.before.as_ref().map(|raw| raw.get()));
            row[8] = json(entry.after.as_ref().map(|raw| raw.get()));
            row
        });
        rows.collect()
    }
}

/// Read the audit trail, in the order in which it was written.
///
/// Every write: who, what, when, before and after, with which client. Each partnership has a chain of its own, whose entries are
/// joined by their hashes. Whoever speaks for partnerships or regions sees theirs; an auditor who speaks for nobody in
/// particular sees all.
#[utoipa::path(get, path = "/v1/audit", operation_id = "listAudit", tag = "Audit", params(AuditParams),
    responses(
        (status = 200, description = "A page of entries; the Link header leads to the next.", content(
            (AuditPage = "application/json"),
            (String = "text/csv"),
        )),
        (status = 400, description = "A parameter is not valid.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks `audit:read`, or does not speak for the partnership.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV is acceptable.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn list(
    State(application): State<Arc<Application>>,
    Audits(caller): Audits,
    asked: Asked,
    Params(params): Params<AuditParams>,
) -> Result<Response, Failure> {
    let action = params.action.map(|word| word.parse::<AuditAction>()).transpose();
    let query = AuditQuery {
        partnership: params.partnership,
        subject: params.subject,
        action: action.map_err(|failure| Error::parameter("action", failure))?,
        object: params.object,
        from: instant("from", params.from.as_deref())?,
        until: instant("until", params.until.as_deref())?,
    };
    let page = application.exchange.audit(&caller, &query, &part(params.limit, params.cursor)).await?;
    let (items, next) = opened(&page);
    private_page(&asked, &AuditPage { items, next }, &page, "private, no-store")
}

/// Which anchors a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnchorParams {
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
}

/// A page of anchors.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnchorPage {
    /// The anchors, oldest first.
    pub items: Vec<AuditAnchor>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

impl Table for AnchorPage {
    const COLUMNS: &'static [&'static str] = &["seq", "at", "hash"];
    const OF: &'static [&'static str] = &["AuditAnchor"];
    const KEY: &'static [&'static str] = &["seq"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(|anchor| cells_of(anchor, Self::COLUMNS)).collect()
    }
}

/// List the anchors of the audit trail, oldest first.
///
/// Each publication seals the heads of all chains. Keep the hash of an anchor elsewhere, and it can be proved later that
/// nothing that was written up to then was changed or cut off since (`indicator-exchange verify-audit --anchor …`).
#[utoipa::path(get, path = "/v1/audit/anchors", operation_id = "listAuditAnchors", tag = "Audit", params(AnchorParams),
    responses(
        (status = 200, description = "A page of anchors; the Link header leads to the next.", content(
            (AnchorPage = "application/json"),
            (String = "text/csv"),
        )),
        (status = 400, description = "A parameter is not valid.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "The token is not valid.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV is acceptable.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn anchors(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Params(params): Params<AnchorParams>,
) -> Result<Response, Failure> {
    application.check_reader(&identity)?;
    let page = application.exchange.audit_anchors(&part(params.limit, params.cursor)).await?;
    let (items, next) = opened(&page);
    private_page(&asked, &AnchorPage { items, next }, &page, "private, no-cache")
}
