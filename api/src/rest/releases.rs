//! Releases: made, read, and moved or cancelled before their embargo is over.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use exchange::{
    Error, ProblemCode,
    service::{
        releases::{Release, ReleaseQuery, ReleaseRequest, Reschedule},
        view::AsOf,
    },
    vocabulary::ReleaseState,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{located, opened, part, refusals::ChangeRefusals, returns::steps::Reason};
use crate::{
    application::Application,
    csv::{self, Table},
    extract::{self, Document, Key, Params, Segment, Version},
    failure::{Failure, ProblemDocument},
    identity::{Identity, Releases},
    reading::{Asked, private_answer, private_page},
};

/// Release signed-off returns, or withdraw released ones, at once or at an embargo instant.
///
/// A regional office releases the national indicators and crime measures of its region's partnerships, a partnership its own
/// local ones; `schemes` takes a part of that. With `action` `WITHDRAW` the figures are withdrawn: readers see that they are
/// gone, and the `reason`. The answer to a release at once comes when it has taken effect.
#[utoipa::path(post, path = "/v1/releases", operation_id = "createRelease", tag = "Releases",
    params(("Idempotency-Key" = String, Header, description = "The client's own name for this write: 8 to 255 visible ASCII characters.",
        min_length = 8, max_length = 255, pattern = "^[!-~]{8,255}$", example = "b1f7c8f2-0001-4000-8000-000000000002")),
    request_body(content = ReleaseRequest, description = "What to release, for whom, and when."),
    responses(
        (status = 201, description = "The release.", body = Release,
            headers(("Location" = String, description = "The address of the release."), ("ETag" = String, description = "Its version, for If-Match."))),
        (status = 400, description = "A header or the body cannot be read.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "A valid token is needed.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks `releases:write`, or nothing of a return is yours to release.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "A return is not there, or not yours.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "A return is not in the state for it, or revisions would take effect out of order.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The request is not valid, or the idempotency key was used for another.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn create(
    State(application): State<Arc<Application>>,
    Releases(caller): Releases,
    key: Key,
    Document(request): Document<ReleaseRequest>,
) -> Result<Response, Failure> {
    let release = application.exchange.release(&caller, &request, Some(&key.required()?)).await?;
    Ok(located(tagged(StatusCode::CREATED, &release), &format!("/v1/releases/{}", release.id)))
}

fn tagged(status: StatusCode, release: &Release) -> Response {
    with_tag(release, (status, Json(release)).into_response())
}

fn with_tag(release: &Release, mut response: Response) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", release.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    // The tag is for If-Match: where a release stands changes without it.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// Which releases a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Only in this state.
    #[param(value_type = Option<ReleaseState>)]
    pub state: Option<String>,
    /// Only of this partnership's returns, by code.
    #[param(example = "southwark")]
    pub partnership: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
}

/// A page of releases.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasePage {
    /// The releases, in the order in which they were made.
    pub items: Vec<Release>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// One row a return.
impl Table for Release {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "action",
        "state",
        "released_by",
        "audience",
        "effective_at",
        "created_at",
        "note",
        "reason",
        "change_reason",
        "version",
        "cancelled_at",
        "anchor",
        "return_id",
        "partnership",
        "schemes",
    ];
    const OF: &'static [&'static str] = &["Release", "ReleasedReturn"];
    const OTHERWISE: &'static [(&'static str, &'static str)] =
        &[("return_id", "ReleasedReturn.id"), ("schemes", "ReleasedReturn.schemes")];

    fn rows(&self) -> Vec<Vec<String>> {
        let of_release = csv::cells_of(self, &Self::COLUMNS[..13]);
        let rows = self.returns.iter().map(|released| {
            let schemes: Vec<&str> = released.schemes.iter().map(|scheme| scheme.as_str()).collect();
            let of_return = [released.id.to_string(), released.partnership.clone(), schemes.join("; ")];
            of_release.iter().cloned().chain(of_return).collect()
        });
        rows.collect()
    }
}

impl Table for ReleasePage {
    const COLUMNS: &'static [&'static str] = Release::COLUMNS;
    const OF: &'static [&'static str] = Release::OF;
    const OTHERWISE: &'static [(&'static str, &'static str)] = Release::OTHERWISE;

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().flat_map(Table::rows).collect()
    }
}

/// List releases, in the order in which they were made.
///
/// Those in effect are for whom they were released; those still to come, and those cancelled, for the partnerships that they are
/// about and their regional offices. In CSV one row a return.
#[utoipa::path(get, path = "/v1/releases", operation_id = "listReleases", tag = "Releases", params(ListParams),
    responses(
        (status = 200, description = "A page of releases; the Link header leads to the next.", content(
            (ReleasePage = "application/json"),
            (String = "text/csv"),
        )),
        (status = 400, description = "A parameter is not valid.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "The token is not valid.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV is acceptable.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn list(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Params(params): Params<ListParams>,
) -> Result<Response, Failure> {
    let state = params.state.map(|word| word.parse::<ReleaseState>()).transpose();
    let state = state.map_err(|failure| Error::parameter("state", failure))?;
    let view = application.view(&identity, None).await?;
    let query = ReleaseQuery { state, partnership: params.partnership };
    let page = application.exchange.list_releases(&view, &query, &part(params.limit, params.cursor)).await?;
    let (items, next) = opened(&page);
    private_page(&asked, &ReleasePage { items, next }, &page, "private, no-cache")
}

/// Read a release.
#[utoipa::path(get, path = "/v1/releases/{id}", operation_id = "getRelease", tag = "Releases",
    params(("id" = Uuid, Path, description = "The release.")),
    responses(
        (status = 200, description = "The release; in CSV one row a return.", content((Release = "application/json"), (String = "text/csv")),
            headers(("ETag" = String, description = "Its version, for If-Match; the same for JSON and CSV."))),
        (status = 401, description = "The token is not valid.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV is acceptable.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The release is not there, or not yours to see.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn find(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment(id): Segment<Uuid>,
) -> Result<Response, Failure> {
    let view = application.view(&identity, None).await?;
    let release = application.exchange.find_release(&view, id).await?;
    Ok(with_tag(&release, private_answer(&asked, &release, "private, no-store")?))
}

/// When a release is to take effect instead, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The new embargo instant.
    #[schema(format = DateTime, example = "2030-01-31T09:30:00Z")]
    pub effective_at: String,
    /// Why.
    #[schema(example = "The Home Office publishes a week later.")]
    pub reason: String,
}

/// Move the embargo of a release that has not taken effect.
#[utoipa::path(post, path = "/v1/releases/{id}/reschedule", operation_id = "rescheduleRelease", tag = "Releases",
    params(
        ("id" = Uuid, Path, description = "The release."),
        ("If-Match" = String, Header, description = "The entity tag of the version that the change is based on.", example = "\"1\""),
    ),
    request_body(content = Move, description = "When instead, and why."),
    responses(
        (status = 200, description = "The release as it stands now.", body = Release, headers(("ETag" = String, description = "Its version, for If-Match."))),
        ChangeRefusals,
    ))]
pub async fn reschedule(
    State(application): State<Arc<Application>>,
    Releases(caller): Releases,
    Segment(id): Segment<Uuid>,
    Version(version): Version,
    Document(wanted): Document<Move>,
) -> Result<Response, Failure> {
    let Ok(Some(AsOf::Instant(to))) = extract::as_of("effective_at", Some(&wanted.effective_at)) else {
        let detail = "`effective_at` is not an instant such as `2009-06-30T09:30:00Z`.";
        return Err(Error::problem(ProblemCode::InvalidDocument, detail).into());
    };
    let change = Reschedule::Move { to, reason: &wanted.reason };
    let view = application.view(&Identity(caller), None).await?;
    Ok(tagged(StatusCode::OK, &application.exchange.reschedule_release(&view, id, version, change).await?))
}

/// Cancel a release that has not taken effect.
///
/// Its returns are signed off as before, and can be released again.
#[utoipa::path(post, path = "/v1/releases/{id}/cancel", operation_id = "cancelRelease", tag = "Releases",
    params(
        ("id" = Uuid, Path, description = "The release."),
        ("If-Match" = String, Header, description = "The entity tag of the version that the change is based on.", example = "\"1\""),
    ),
    request_body(content = Reason, description = "Why."),
    responses(
        (status = 200, description = "The release as it stands now.", body = Release, headers(("ETag" = String, description = "Its version, for If-Match."))),
        ChangeRefusals,
    ))]
pub async fn cancel(
    State(application): State<Arc<Application>>,
    Releases(caller): Releases,
    Segment(id): Segment<Uuid>,
    Version(version): Version,
    Document(wanted): Document<Reason>,
) -> Result<Response, Failure> {
    let change = Reschedule::Cancel { reason: &wanted.reason };
    let view = application.view(&Identity(caller), None).await?;
    Ok(tagged(StatusCode::OK, &application.exchange.reschedule_release(&view, id, version, change).await?))
}
