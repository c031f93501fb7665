//! Comparison with a Most Similar Group.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use exchange::{
    Error,
    rules::line::ReportedComparison,
    service::comparison::{ComparisonAnswer, ComparisonQuery},
    vocabulary::RankOrder,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{opened, part, refusals::ReadRefusals};
use crate::{
    application::Application,
    csv::{Table, cells_of},
    extract::{Params, Segment, list},
    failure::{Failure, ProblemDocument},
    identity::Identity,
    reading::Asked,
};

/// What is to be compared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ComparisonParams {
    /// Indicators by any code, parted by commas.
    #[param(example = "NI 16,NI 20")]
    pub indicators: String,
    /// Periods in any spelling, parted by commas.
    #[param(example = "FY2007-08,FY2008-09")]
    pub periods: String,
    /// A peer group by code; the partnership's own in each period unless given.
    #[param(example = "southwark-msg-2008")]
    pub peer_group: Option<String>,
    /// Which end of the ranking comes first; the best figure unless given.
    #[param(value_type = Option<RankOrder>)]
    pub rank_order: Option<String>,
    /// Answer as the exchange would have answered at this instant (RFC 3339), or just after this release took effect; for
    /// one that is still to come a preview, for those who may see it. Now unless given.
    #[param(example = "2026-01-31T12:00:00Z")]
    pub as_of: Option<String>,
}

/// Compare a partnership with its Most Similar Group.
///
/// For each indicator and period: every member's figure, who was used, who was left out and why, the average, rank with its
/// order, position, change in both kinds, and what the partnership's own plan prints about it. Across a break there is no
/// change, with the reason; below a minimum of members there is neither average nor rank.
#[utoipa::path(get, path = "/v1/partnerships/{code}/comparison", operation_id = "getComparison", tag = "Comparison",
    params(("code" = String, Path, description = "The partnership's code.", example = "southwark"), ComparisonParams),
    responses(
        (status = 200, description = "The comparison.", content(
            (ComparisonAnswer = "application/json"),
            (String = "text/csv"),
        )),
            ReadRefusals,
        (status = 404, description = "There is no such partnership.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn compare(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment(partnership): Segment<String>,
    Params(params): Params<ComparisonParams>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let rank_order = params.rank_order.map(|word| word.parse::<RankOrder>()).transpose();
    let query = ComparisonQuery {
        partnership,
        indicators: list(Some(&params.indicators)),
        periods: list(Some(&params.periods)),
        peer_group: params.peer_group,
        rank_order: rank_order.map_err(|failure| Error::parameter("rank_order", failure))?,
    };
    let answer = application.exchange.compare(&reading.view, &query).await?;
    Ok(reading.answer(&answer))
}

/// Which reported comparisons are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportedParams {
    /// Indicators by any code, parted by commas; any unless given.
    #[param(example = "NI 16,NI 20")]
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

/// A page of comparisons with a peer group as a partnership's sources print them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedComparisonPage {
    /// The comparisons, in printed order.
    pub items: Vec<ReportedComparison>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
    /// The state of the ledger that the answer speaks of.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
}

impl Table for ReportedComparisonPage {
    const COLUMNS: &'static [&'static str] = &[
        "source_row",
        "indicator",
        "period",
        "peer_group",
        "rank",
        "rank_as_printed",
        "group_size",
        "rank_order",
        "position",
        "position_as_printed",
        "progress",
        "progress_as_printed",
        "own_change",
        "own_change_as_printed",
        "regional_change",
        "regional_change_as_printed",
        "source",
        "indicator_as_printed",
    ];
    const OF: &'static [&'static str] = &["ReportedComparison"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(|item| cells_of(item, Self::COLUMNS)).collect()
    }
}

/// Read the comparisons with peer groups that a partnership's sources print, in printed order.
///
/// Ranks, positions, progress and changes as the source gives them; what the exchange computes is at `…/comparison`.
#[utoipa::path(get, path = "/v1/partnerships/{code}/reported-comparisons", operation_id = "listReportedComparisons",
    tag = "Comparison",
    params(("code" = String, Path, description = "The partnership's code.", example = "southwark"), ReportedParams),
    responses(
        (status = 200, description = "A page of comparisons; the Link header leads to the next.", content(
            (ReportedComparisonPage = "application/json"),
            (String = "text/csv"),
        )),
        ReadRefusals,
        (status = 404, description = "There is no such partnership.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn reported_comparisons(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment(partnership): Segment<String>,
    Params(params): Params<ReportedParams>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let (indicators, periods) = (list(params.indicators.as_deref()), list(params.periods.as_deref()));
    let (exchange, part) = (&application.exchange, part(params.limit, params.cursor));
    let page = exchange.reported_comparisons_of(&reading.view, &partnership, &indicators, &periods, &part).await?;
    let (items, next) = opened(&page);
    Ok(reading.page(&ReportedComparisonPage { items, next, state: reading.view.state.to_string() }, &page))
}
