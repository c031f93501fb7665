//! Published figures, page by page.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use exchange::{
    Error,
    rules::fact::TARGETS,
    service::figures::{FigureQuery, PublishedFigure},
    vocabulary::FigureKind,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{opened, part, refusals::ReadRefusals};
use crate::{
    application::Application,
    csv::{Row, Table},
    extract::{Params, list},
    failure::Failure,
    identity::Identity,
    reading::Asked,
};

/// Which figures a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FigureParams {
    /// Partnerships by code, parted by commas; any unless given.
    #[param(example = "southwark")]
    pub partnerships: Option<String>,
    /// Indicators by any code, parted by commas; any unless given.
    #[param(example = "NI 15,NI 16")]
    pub indicators: Option<String>,
    /// Periods in any spelling, parted by commas; any unless given.
    #[param(example = "FY2008-09")]
    pub periods: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
    /// Answer as the exchange would have answered at this instant (RFC 3339), or just after this release took effect; for
    /// one that is still to come a preview, for those who may see it. Now unless given.
    #[param(example = "2026-01-31T12:00:00Z")]
    pub as_of: Option<String>,
}

/// Which figures of which kinds a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnyFigureParams {
    /// Kinds of figure, parted by commas; any unless given.
    #[param(example = "ACTUAL,BASELINE")]
    pub kinds: Option<String>,
    /// Partnerships by code, parted by commas; any unless given.
    #[param(example = "southwark")]
    pub partnerships: Option<String>,
    /// Indicators by any code, parted by commas; any unless given.
    #[param(example = "NI 15,NI 16")]
    pub indicators: Option<String>,
    /// Periods in any spelling, parted by commas; any unless given.
    #[param(example = "FY2008-09")]
    pub periods: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
    /// Answer as the exchange would have answered at this instant (RFC 3339), or just after this release took effect; for
    /// one that is still to come a preview, for those who may see it. Now unless given.
    #[param(example = "2026-01-31T12:00:00Z")]
    pub as_of: Option<String>,
}

/// A page of published figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct FigurePage {
    /// The figures.
    pub items: Vec<PublishedFigure>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
    /// The state of the ledger that the answer speaks of.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
}

impl Table for FigurePage {
    const COLUMNS: &'static [&'static str] = PublishedFigure::COLUMNS;
    const OF: &'static [&'static str] = PublishedFigure::OF;
    const OTHERWISE: &'static [(&'static str, &'static str)] = PublishedFigure::OTHERWISE;
    const KEY: &'static [&'static str] = PublishedFigure::KEY;

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(Row::cells).collect()
    }
}

async fn page(
    application: &Application,
    identity: Identity,
    asked: Asked,
    params: FigureParams,
    kinds: Vec<FigureKind>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let query = FigureQuery {
        kinds,
        partnerships: list(params.partnerships.as_deref()),
        indicators: list(params.indicators.as_deref()),
        periods: list(params.periods.as_deref()),
    };
    let page = application.exchange.figures(&reading.view, &query, &part(params.limit, params.cursor)).await?;
    let (items, next) = opened(&page);
    Ok(reading.page(&FigurePage { items, next, state: reading.view.state.to_string() }, &page))
}

/// List actuals.
#[utoipa::path(get, path = "/v1/actuals", operation_id = "listActuals", tag = "Figures", params(FigureParams),
    responses(
        (status = 200, description = "A page of actuals; the Link header leads to the next.", content(
            (FigurePage = "application/json"),
            (String = "text/csv"),
        )),
            ReadRefusals,
    ))]
pub async fn actuals(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Params(params): Params<FigureParams>,
) -> Result<Response, Failure> {
    page(&application, identity, asked, params, vec![FigureKind::Actual]).await
}

/// List targets, of all variants.
#[utoipa::path(get, path = "/v1/targets", operation_id = "listTargets", tag = "Figures", params(FigureParams),
    responses(
        (status = 200, description = "A page of targets; the Link header leads to the next.", content(
            (FigurePage = "application/json"),
            (String = "text/csv"),
        )),
            ReadRefusals,
    ))]
pub async fn targets(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Params(params): Params<FigureParams>,
) -> Result<Response, Failure> {
    page(&application, identity, asked, params, TARGETS.to_vec()).await
}

/// List figures of any kind: actuals, baselines, targets, reported changes and reported lights.
#[utoipa::path(get, path = "/v1/figures", operation_id = "listFigures", tag = "Figures", params(AnyFigureParams),
    responses(
        (status = 200, description = "A page of figures; the Link header leads to the next.", content(
            (FigurePage = "application/json"),
            (String = "text/csv"),
        )),
            ReadRefusals,
    ))]
pub async fn figures(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Params(params): Params<AnyFigureParams>,
) -> Result<Response, Failure> {
    let words = list(params.kinds.as_deref());
    let kinds: Result<Vec<FigureKind>, _> = words.iter().map(|word| word.parse()).collect();
    let kinds = kinds.map_err(|failure| Error::parameter("kinds", failure))?;
    let AnyFigureParams { partnerships, indicators, periods, limit, cursor, as_of, .. } = params;
    let params = FigureParams { partnerships, indicators, periods, limit, cursor, as_of };
    page(&application, identity, asked, params, kinds).await
}
