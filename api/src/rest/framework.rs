//! Performance frameworks.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use exchange::service::framework::{Framework, FrameworkQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use super::refusals::ReadRefusals;
use crate::{
    application::Application,
    extract::{Params, Segment},
    failure::{Failure, ProblemDocument},
    identity::Identity,
    reading::Asked,
};

/// Which framework is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FrameworkParams {
    /// The plan, by code. Unless given, of the partnership's plans with a framework the newest that is agreed or revised, else
    /// its newest draft.
    #[param(example = "rolling-plan-2008-12")]
    pub plan: Option<String>,
    /// Only what belongs to this period, in any spelling: return lines that give an actual, target, change or light for a period
    /// that ends within it, each whole, with its baseline; and baselines of the period itself.
    #[param(example = "2008/09")]
    pub period: Option<String>,
    /// Answer as the exchange would have answered at this instant (RFC 3339), or just after this release took effect; for
    /// one that is still to come a preview, for those who may see it. Now unless given.
    #[param(example = "2026-01-31T12:00:00Z")]
    pub as_of: Option<String>,
}

/// Read a plan's performance framework with its published figures, in printed order.
///
/// For each line: baseline, actuals and targets by period and variant, the change and the traffic light as printed, and the
/// comment. Beside them what the exchange computes: the change of each actual, whether each target is met, and whether each
/// printed change follows from the printed figures; each with its rule, or with the reason why there is nothing. In CSV one
/// row a figure.
#[utoipa::path(get, path = "/v1/partnerships/{code}/framework", operation_id = "getFramework", tag = "Plans",
    params(("code" = String, Path, description = "The partnership's code.", example = "southwark"), FrameworkParams),
    responses(
        (status = 200, description = "The framework.", content(
            (Framework = "application/json"),
            (String = "text/csv"),
        )),
        ReadRefusals,
        (status = 404, description = "There is no such partnership or plan.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn framework(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment(partnership): Segment<String>,
    Params(params): Params<FrameworkParams>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let query = FrameworkQuery { partnership, plan: params.plan, period: params.period };
    let framework = application.exchange.framework(&reading.view, &query).await?;
    Ok(reading.answer(&framework))
}
