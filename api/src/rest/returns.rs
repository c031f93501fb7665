//! Returns: posted, corrected, submitted, signed off, sent back, withdrawn; and their validation reports.

pub mod steps;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use exchange::{
    Error, ProblemCode, Report,
    rules::{
        decimal::Figure,
        line::{Breakdown, Entry, ReportedLight},
        posted::{LINE_FIELDS, PostedReturn, from_json, lines_from_csv},
    },
    service::returns::{Receipt, ReturnDocument, ReturnQuery, ReturnSummary},
    vocabulary::{Doubt, Movement, Position, RankOrder, ReturnState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{located, opened, part};
use crate::{
    application::Application,
    csv::{Table, cells_of},
    extract::{Key, Params, Segment, Version, body, media_type, parse_json},
    failure::{Failure, ProblemDocument},
    identity::{ReadsReturns, WritesReturns},
    reading::{Asked, private_answer, private_page},
};

/// A return as posted. Unknown members are refused by name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnInput {
    /// The partnership reported for, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The collection answered, by code.
    #[schema(example = "fy2008-09")]
    pub collection: String,
    /// What the respondent says about the return as a whole.
    pub note: Option<String>,
    /// Lines of figures.
    #[schema(example = json!([{ "source_row": "1", "indicator": "NI 15", "period": "2008/09",
        "actual": { "value": 2.29, "numerator": 629 }, "comment": "629 offences" }]))]
    pub lines: Vec<LineInput>,
    /// Comparisons with a peer group as the source prints them.
    #[schema(example = json!([]))]
    pub reported_comparisons: Option<Vec<ReportedComparisonInput>>,
}

/// A line as posted: at least one of its figures, or its light.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineInput {
    /// The row of the source, as the source numbers it.
    #[schema(example = "1")]
    pub source_row: Option<String>,
    /// The indicator, by any of its codes; a local one without its owner.
    #[schema(example = "NI 15")]
    pub indicator: String,
    /// The period, in any spelling.
    #[schema(example = "2008/09")]
    pub period: String,
    /// The area that the figures measure, by code; the partnership's own unless given.
    #[schema(example = "E09000028")]
    pub area: Option<String>,
    /// The member of a breakdown; absent for the whole.
    pub breakdown: Option<Breakdown>,
    /// The outturn.
    pub actual: Option<Entry>,
    /// The value that change is measured from, with its own `period`.
    pub baseline: Option<Entry>,
    /// The target.
    pub target: Option<Entry>,
    /// The target with the agreed stretch.
    pub target_with_stretch: Option<Entry>,
    /// The target without the agreed stretch.
    pub target_without_stretch: Option<Entry>,
    /// The change as the source prints it, with its `form`.
    pub reported_change: Option<Entry>,
    /// The traffic light as the source prints it.
    pub reported_light: Option<ReportedLight>,
    /// The comment printed with the line.
    pub comment: Option<String>,
    /// How the respondent read what the source leaves open.
    pub note: Option<String>,
    /// Why the respondent doubts what the source prints; the note has to say more.
    pub doubts: Option<Vec<Doubt>>,
}

/// A comparison with a peer group as a source prints it, as posted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedComparisonInput {
    /// The row of the source, as the source numbers it.
    pub source_row: Option<String>,
    /// The indicator, by any of its codes.
    #[schema(example = "NI 16")]
    pub indicator: String,
    /// The indicator as the source prints it.
    #[schema(example = "Serious acquisitive crime")]
    pub indicator_as_printed: Option<String>,
    /// The period, in any spelling.
    #[schema(example = "2008/09")]
    pub period: String,
    /// The peer group, by code, where the source says which.
    pub peer_group: Option<String>,
    /// The rank.
    #[schema(example = 6, minimum = 1)]
    pub rank: Option<u32>,
    /// The rank as printed.
    pub rank_as_printed: Option<String>,
    /// Among how many.
    #[schema(example = 15, minimum = 1)]
    pub group_size: Option<u32>,
    /// Which end the ranking starts at.
    pub rank_order: Option<RankOrder>,
    /// Where the figure lies against the group's average.
    pub position: Option<Position>,
    /// The position as printed.
    pub position_as_printed: Option<String>,
    /// Movement in rank.
    pub progress: Option<Movement>,
    /// The mark of progress as printed.
    pub progress_as_printed: Option<String>,
    /// The partnership's own change, in per cent.
    pub own_change: Option<Figure>,
    /// The own change as printed.
    pub own_change_as_printed: Option<String>,
    /// The region's change, in per cent.
    pub regional_change: Option<Figure>,
    /// The region's change as printed.
    pub regional_change_as_printed: Option<String>,
    /// Where the comparison comes from.
    pub source: Option<String>,
}

/// How a return is posted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PostParams {
    /// Only say what is wrong: keep nothing but the report.
    #[serde(default)]
    #[param(default = false)]
    pub dry_run: bool,
    /// The partnership reported for; a CSV body does not say it itself.
    #[param(example = "southwark")]
    pub partnership: Option<String>,
    /// The collection answered; a CSV body does not say it itself.
    #[param(example = "fy2008-09")]
    pub collection: Option<String>,
}

/// Reads a return from a JSON or a CSV body.
async fn posted(params: &PostParams, request: Request) -> Result<PostedReturn, Failure> {
    match media_type(request.headers()).as_deref() {
        Some("application/json") => {
            let mut posted = from_json(&parse_json(&body(request).await?)?);
            agree("partnership", &mut posted.partnership, params.partnership.as_ref())?;
            agree("collection", &mut posted.collection, params.collection.as_ref())?;
            Ok(posted)
        }
        Some("text/csv") => {
            let (partnership, collection) = (params.partnership.clone(), params.collection.clone());
            let mut posted = PostedReturn { partnership, collection, is_csv: true, ..PostedReturn::default() };
            posted.lines = lines_from_csv(&body(request).await?, &LINE_FIELDS, &mut posted.problems);
            Ok(posted)
        }
        _ => {
            let detail = "A return is posted as `application/json` or `text/csv`.";
            Err(Error::problem(ProblemCode::UnsupportedMediaType, detail).into())
        }
    }
}

/// What the address says of a return holds where the body says nothing, and may not contradict it.
fn agree(name: &str, said: &mut Option<String>, given: Option<&String>) -> Result<(), Failure> {
    let Some(given) = given else { return Ok(()) };
    match said {
        Some(said) if said == given => Ok(()),
        Some(said) => Err(Error::parameter(name, format!("it says `{given}`, and the body `{said}`.")).into()),
        None => {
            *said = Some(given.clone());
            Ok(())
        }
    }
}

/// An answer that carries the entity tag of a return.
fn tagged(status: StatusCode, version: i32, document: impl Serialize) -> Response {
    with_tag(version, (status, Json(document)).into_response())
}

/// The entity tag is the version, whether the return is read as JSON or as CSV: either can be corrected and put back.
fn with_tag(version: i32, mut response: Response) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

fn receipt(created: bool, receipt: Receipt) -> Response {
    let Some(draft) = &receipt.draft else { return Json(receipt).into_response() };
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let response = tagged(status, draft.version, &receipt);
    if created { located(response, &format!("/v1/returns/{}", draft.id)) } else { response }
}

/// Post a return.
///
/// The answer says everything that is wrong at once, each with its place, a code, a message and what was expected. A return
/// without errors is kept as a draft; one with errors is refused, and nothing of it is kept but the report. With
/// `dry_run=true` nothing is kept but the report either way.
#[utoipa::path(post, path = "/v1/returns", operation_id = "createReturn", tag = "Returns",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The client's own name for this write, needed unless it is a dry run: 8 to 255 visible ASCII characters.",
            min_length = 8, max_length = 255, pattern = "^[!-~]{8,255}$", example = "b1f7c8f2-0001-4000-8000-000000000001"),
        PostParams,
    ),
    request_body(description = "The return: JSON, or its lines as CSV with a header of columns such as `indicator`, `period`, `actual_value`.", content(
        (ReturnInput = "application/json"),
        (String = "text/csv", example = "source_row,indicator,period,actual_value\r\n1,NI 15,2008/09,2.29\r\n"),
    )),
    responses(
        (status = 200, description = "What would become of the return (dry run).", body = Receipt),
        (status = 201, description = "The draft, with its report.", body = Receipt,
            headers(("Location" = String, description = "The address of the return."), ("ETag" = String, description = "Its version, for If-Match."))),
        (status = 400, description = "The body or a parameter cannot be read.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks `returns:write`, or does not speak for the partnership.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "A request with the same idempotency key is still running.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is neither JSON nor CSV.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The return was refused; the report says why.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn create(
    State(application): State<Arc<Application>>,
    WritesReturns(caller): WritesReturns,
    key: Key,
    Params(params): Params<PostParams>,
    request: Request,
) -> Result<Response, Failure> {
    let key = if params.dry_run { None } else { Some(key.required()?) };
    let posted = posted(&params, request).await?;
    let answer = application.exchange.create_return(&caller, posted, params.dry_run, key.as_ref()).await?;
    Ok(receipt(true, answer))
}

/// Replace a draft, or a return that was sent back.
///
/// JSON replaces it whole. CSV holds lines and nothing else: partnership and collection are the return's own unless the address
/// names them, which cannot change them; its note and its reported comparisons stay as they are, and are judged beside the new
/// lines.
#[utoipa::path(put, path = "/v1/returns/{id}", operation_id = "replaceReturn", tag = "Returns",
    params(
        ("id" = Uuid, Path, description = "The return."),
        ("If-Match" = String, Header, description = "The entity tag of the version that the change is based on.", example = "\"1\""),
        PostParams,
    ),
    request_body(description = "The return: JSON, whole, or its lines as CSV.", content(
        (ReturnInput = "application/json"),
        (String = "text/csv", example = "source_row,indicator,period,actual_value\r\n1,NI 15,2008/09,2.29\r\n"),
    )),
    responses(
        (status = 200, description = "The draft, with its report.", body = Receipt),
        (status = 400, description = "The body or a parameter cannot be read.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks `returns:write`, or does not speak for the partnership.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The return is not there, or not yours.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The return is no draft any more.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, description = "The return has changed since.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is neither JSON nor CSV.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The return was refused; the report says why.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn replace(
    State(application): State<Arc<Application>>,
    WritesReturns(caller): WritesReturns,
    Segment(id): Segment<Uuid>,
    Params(params): Params<PostParams>,
    Version(version): Version,
    request: Request,
) -> Result<Response, Failure> {
    if params.dry_run {
        return Err(Error::parameter("dry_run", "a dry run is posted to `/v1/returns`.").into());
    }
    let posted = posted(&params, request).await?;
    Ok(receipt(false, application.exchange.replace_return(&caller, id, version, posted).await?))
}

/// Read a return with its lines.
///
/// As CSV its lines come in the form in which they are posted, with the same entity tag, so that they can be corrected and put
/// back.
#[utoipa::path(get, path = "/v1/returns/{id}", operation_id = "getReturn", tag = "Returns",
    params(("id" = Uuid, Path, description = "The return.")),
    responses(
        (status = 200, description = "The return.", content((ReturnDocument = "application/json"), (String = "text/csv")),
            headers(("ETag" = String, description = "Its version, for If-Match; the same for JSON and CSV."))),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks a scope for returns.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The return is not there, or not yours.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV is acceptable.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn find(
    State(application): State<Arc<Application>>,
    ReadsReturns(caller): ReadsReturns,
    asked: Asked,
    Segment(id): Segment<Uuid>,
) -> Result<Response, Failure> {
    let document = application.exchange.find_return(&caller, id).await?;
    Ok(with_tag(document.summary.version, private_answer(&asked, &document, "private, no-cache")?))
}

/// Which returns a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Only this partnership.
    #[param(example = "southwark")]
    pub partnership: Option<String>,
    /// Only this collection.
    #[param(example = "fy2008-09")]
    pub collection: Option<String>,
    /// Only this state.
    #[param(value_type = Option<ReturnState>)]
    pub state: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
}

/// A page of returns.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnPage {
    /// The returns, oldest first.
    pub items: Vec<ReturnSummary>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

impl Table for ReturnPage {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partnership",
        "collection",
        "state",
        "version",
        "revision",
        "revises",
        "revision_reason",
        "reason",
        "note",
        "report",
        "created_by",
        "created_at",
        "submitted_by",
        "submitted_at",
        "late",
        "signed_off_by",
        "signed_off_at",
    ];
    const OF: &'static [&'static str] = &["ReturnSummary"];
    const KEY: &'static [&'static str] = &["id"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(|item| cells_of(item, Self::COLUMNS)).collect()
    }
}

/// List the returns that the token may see: those of its partnerships and regions.
#[utoipa::path(get, path = "/v1/returns", operation_id = "listReturns", tag = "Returns", params(ListParams),
    responses(
        (status = 200, description = "A page of returns, oldest first; the Link header leads to the next.", content(
            (ReturnPage = "application/json"),
            (String = "text/csv"),
        )),
        (status = 400, description = "A parameter is not valid.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks a scope for returns.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV is acceptable.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn list(
    State(application): State<Arc<Application>>,
    ReadsReturns(caller): ReadsReturns,
    asked: Asked,
    Params(params): Params<ListParams>,
) -> Result<Response, Failure> {
    let state = params.state.map(|word| word.parse::<ReturnState>()).transpose();
    let state = state.map_err(|failure| Error::parameter("state", failure))?;
    let query = ReturnQuery { partnership: params.partnership, collection: params.collection, state };
    let page = application.exchange.list_returns(&caller, &query, &part(params.limit, params.cursor)).await?;
    let (items, next) = opened(&page);
    private_page(&asked, &ReturnPage { items, next }, &page, "private, no-cache")
}

/// Read a validation report.
///
/// In CSV one row a problem: its place, severity and code, what is wrong, and what was expected.
#[utoipa::path(get, path = "/v1/reports/{id}", operation_id = "getReport", tag = "Returns",
    params(("id" = Uuid, Path, description = "The report.")),
    responses(
        (status = 200, description = "The report.", content((Report = "application/json"), (String = "text/csv"))),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks a scope for returns.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The report is not there, or not yours.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV is acceptable.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn report(
    State(application): State<Arc<Application>>,
    ReadsReturns(caller): ReadsReturns,
    asked: Asked,
    Segment(id): Segment<Uuid>,
) -> Result<Response, Failure> {
    let report = application.exchange.find_report(&caller, id).await?;
    private_answer(&asked, &report, "private, no-cache")
}
