//! Plans of partnerships: their list, and one whole. The lists within a plan are in `plan_lists.rs`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use exchange::{
    Error, View,
    rules::{
        catalogue::{Plan, plan_key},
        metadata::Document as Metadata,
    },
    service::metadata::PutReceipt,
    vocabulary::PlanStatus,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::refusals::{PutRefusals, ReadRefusals};
use crate::{
    application::Application,
    csv::{Table, cells_of},
    extract::{Document, Params, Segment},
    failure::{Failure, ProblemDocument},
    identity::{EditsMetadata, Identity},
    reading::{AsOfParam, Asked},
};

/// The plan that an address names.
pub(super) fn plan_at<'a>(view: &'a View, partnership: &str, code: &str) -> Result<&'a Arc<Plan>, Error> {
    let known = view.catalogue.plan(partnership, code).map(|known| &known.document);
    known.ok_or_else(|| Error::not_found(format!("plan `{code}` of `{partnership}`")))
}

/// A plan in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSummary {
    /// Its code.
    #[schema(example = "rolling-plan-2008-12")]
    pub code: String,
    /// The partnership whose plan it is, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The title.
    pub title: String,
    /// Where it stands.
    pub status: PlanStatus,
    /// The version, as printed.
    pub version: Option<String>,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// Its last day.
    pub valid_to: NaiveDate,
}

impl From<&Plan> for PlanSummary {
    fn from(plan: &Plan) -> Self {
        Self {
            code: plan.code.clone(),
            partnership: plan.partnership.clone(),
            title: plan.title.clone(),
            status: plan.status,
            version: plan.version.clone(),
            valid_from: plan.valid_from,
            valid_to: plan.valid_to,
        }
    }
}

const SUMMARY: &[&str] = &["code", "partnership", "title", "status", "version", "valid_from", "valid_to"];

/// The plans of a partnership.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanList {
    /// The plans, oldest first.
    pub items: Vec<PlanSummary>,
    /// The state of the ledger that the answer speaks of.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
}

impl Table for PlanList {
    const COLUMNS: &'static [&'static str] = SUMMARY;
    const OF: &'static [&'static str] = &["PlanSummary"];
    const KEY: &'static [&'static str] = &["code"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(|item| cells_of(item, Self::COLUMNS)).collect()
    }
}

/// List the plans of a partnership, oldest first.
///
/// Each has its title, status, printed version, and first and last day; what it holds is at its own address.
#[utoipa::path(get, path = "/v1/partnerships/{code}/plans", operation_id = "listPlans", tag = "Plans",
    params(("code" = String, Path, description = "The partnership's code.", example = "southwark"), AsOfParam),
    responses(
        (status = 200, description = "The plans, without their contents.", content(
            (PlanList = "application/json"),
            (String = "text/csv"),
        )),
        ReadRefusals,
        (status = 404, description = "There is no such partnership.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn list_plans(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment(partnership): Segment<String>,
    Params(params): Params<AsOfParam>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let catalogue = &reading.view.catalogue;
    let known = catalogue.partnership(&partnership);
    let known = known.ok_or_else(|| Error::not_found(format!("partnership `{partnership}`")))?;
    let plans = catalogue.plans_of(&known.code);
    let items = plans.into_iter().map(|plan| PlanSummary::from(plan.document.as_ref())).collect();
    Ok(reading.answer(&PlanList { items, state: reading.view.state.to_string() }))
}

/// A plan whole, which in CSV is one row without its lists.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct WholePlan<'a>(&'a Plan);

impl Table for WholePlan<'_> {
    const COLUMNS: &'static [&'static str] =
        &["code", "partnership", "title", "status", "version", "valid_from", "valid_to", "vision", "source", "note"];
    const OF: &'static [&'static str] = &["Plan"];
    const KEY: &'static [&'static str] = &["code"];

    fn rows(&self) -> Vec<Vec<String>> {
        vec![cells_of(self.0, Self::COLUMNS)]
    }
}

/// Read a plan: what the partnership sets out to do, by whom, with what, and the lines of its performance framework.
///
/// In CSV this is one row; each list of the plan has an address and a table of its own.
#[utoipa::path(get, path = "/v1/partnerships/{code}/plans/{plan}", operation_id = "getPlan", tag = "Plans",
    params(
        ("code" = String, Path, description = "The partnership's code.", example = "southwark"),
        ("plan" = String, Path, description = "The plan's code.", example = "rolling-plan-2008-12"),
        AsOfParam,
    ),
    responses(
        (status = 200, description = "The plan in effect.", content((Plan = "application/json"), (String = "text/csv"))),
        ReadRefusals,
        (status = 404, description = "There is none with this code.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn get(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment((partnership, code)): Segment<(String, String)>,
    Params(params): Params<AsOfParam>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let plan = plan_at(&reading.view, &partnership, &code)?;
    Ok(reading.answer(&WholePlan(plan)))
}

/// Put a plan: make it, or replace what it says from now on. Earlier versions stay readable by `as_of`.
///
/// The receipt warns of doubts that the plan declares and of resource tables that disagree.
#[utoipa::path(put, path = "/v1/partnerships/{code}/plans/{plan}", operation_id = "putPlan", tag = "Plans",
    params(
        ("code" = String, Path, description = "The partnership's code; the document says the same.", example = "southwark"),
        ("plan" = String, Path, description = "The plan's code; the document says the same.", example = "rolling-plan-2008-12"),
    ),
    request_body(content = Plan, description = "The plan, whole.", example = json!({
        "code": "rolling-plan-2008-12",
        "partnership": "southwark",
        "title": "Safer Southwark Partnership Rolling Plan 2008 to 2012",
        "status": "AGREED",
        "valid_from": "2008-04-01",
        "valid_to": "2012-03-31",
        "priorities": [
            { "code": "violent-crime", "kind": "PRIORITY", "title": "Violent crime", "indicators": ["NI 15"] },
        ],
        "sections": [
            { "number": 1, "table": "performance-framework", "title": "Tackling violent crime",
                "agreements": [{ "code": "PSA 23", "title": "Safer communities" }] },
        ],
        "lines": [
            { "section": 1, "source_row": "1", "indicator": "NI 15", "tier": "STRATEGIC",
                "indicator_as_printed": "NI 15 Serious violent crime rate per 1000 population (LAA)" },
        ],
    })),
    responses(
        (status = 200, description = "What became of it, and when it takes effect.", body = PutReceipt),
        PutRefusals,
    ))]
pub async fn put(
    State(application): State<Arc<Application>>,
    identity: EditsMetadata,
    Segment((partnership, code)): Segment<(String, String)>,
    Document(document): Document<Plan>,
) -> Result<Response, Failure> {
    let addressed = plan_key(&partnership, &code);
    super::metadata::put(&application, identity, &addressed, Metadata::Plan(Arc::new(document))).await
}
