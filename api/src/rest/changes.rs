//! What changed: the feed, and the difference between two moments.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use exchange::{
    Error, Exchange, Instant,
    service::changes::{ChangeQuery, Feed, From, PublishedChange},
};
use futures_util::{Stream, StreamExt, stream::unfold};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{part, refusals::ReadRefusals};
use crate::{
    accept::prefers_events,
    application::Application,
    csv::{Row, Table},
    extract::{Params, as_of, list},
    failure::{Failure, ProblemDocument},
    identity::Identity,
    protection::Visit,
    reading::Asked,
    stream::{End, Event, end, events},
};

/// How long an answer may wait for a change, in seconds.
const LONGEST_WAIT: u64 = 25;

/// Which changes are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedParams {
    /// Only what comes after this cursor; `latest` for what takes effect from now on; from the beginning unless given.
    #[param(example = "latest")]
    pub after: Option<String>,
    /// Partnerships by code, parted by commas: their figures, and the metadata that is theirs; any unless given.
    #[param(example = "southwark")]
    pub partnerships: Option<String>,
    /// Indicators by any code, parted by commas: their figures alone; any unless given.
    #[param(example = "NI 15,NI 16")]
    pub indicators: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// If there is nothing yet, wait for it up to so many seconds.
    #[param(minimum = 0, maximum = 25, default = 0)]
    pub wait: Option<u64>,
}

/// A change with the cursor after it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedItem {
    /// Asks for what comes after the change, as `after`.
    pub cursor: String,
    /// What changed.
    #[serde(flatten)]
    pub change: PublishedChange,
}

/// A page of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedPage {
    /// The changes, in the order of effect.
    pub items: Vec<FeedItem>,
    /// Asks for what comes after the page, as `after`; there is always one, also where nothing has come yet.
    pub next: String,
    /// Whether nothing more has taken effect by now.
    pub is_caught_up: bool,
}

impl std::convert::From<Feed> for FeedPage {
    fn from(feed: Feed) -> Self {
        let items = feed.items.into_iter().map(|(cursor, change)| FeedItem { cursor, change }).collect();
        Self { items, next: feed.next, is_caught_up: feed.is_caught_up }
    }
}

impl Table for FeedPage {
    const COLUMNS: &'static [&'static str] = PublishedChange::COLUMNS;
    const OF: &'static [&'static str] = PublishedChange::OF;
    const OTHERWISE: &'static [(&'static str, &'static str)] = PublishedChange::OTHERWISE;
    const KEY: &'static [&'static str] = PublishedChange::KEY;

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(|item| item.change.cells()).collect()
    }
}

impl FeedParams {
    fn query(&self) -> ChangeQuery {
        ChangeQuery { partnerships: list(self.partnerships.as_deref()), indicators: list(self.indicators.as_deref()) }
    }
}

/// Follow what changes, in the order of effect.
///
/// Every figure and document that reads otherwise than before, with what it was, what it is and why: additions, revisions,
/// withdrawals and removals. The feed has no gaps and repeats nothing: whoever goes on after `next` misses nothing, whichever
/// server answers. An embargo stands where it took effect. With `wait` the answer waits for the next change; with
/// `Accept: text/event-stream` changes come as server-sent events, each with its cursor as `id`. In CSV the Link header carries
/// `next`.
#[utoipa::path(get, path = "/v1/changes", operation_id = "listChanges", tag = "Changes", params(FeedParams),
    responses(
        (status = 200, description = "A page of the feed; the Link header leads to the next.", content(
            (FeedPage = "application/json"),
            (String = "text/csv"),
            (String = "text/event-stream"),
        )),
        ReadRefusals,
        (status = 410, description = "The cursor is of a history that a restored backup has undone: read anew, and follow from `latest`.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn feed(
    State(application): State<Arc<Application>>,
    identity: Identity,
    visit: Option<Extension<Arc<Visit>>>,
    headers: HeaderMap,
    asked: Result<Asked, Failure>,
    Params(params): Params<FeedParams>,
) -> Result<Response, Failure> {
    let (query, from) = (params.query(), From::parse(params.after.as_deref()));
    if prefers_events(&headers, &["application/json", "text/csv", "application/*", "*/*"]) {
        return follow(&application, identity, query, resumed(&headers).unwrap_or(from)).await;
    }
    let asked = asked?;
    let wait = params.wait.unwrap_or(0);
    if wait > LONGEST_WAIT {
        return Err(Error::parameter("wait", format!("{wait} is not between 0 and {LONGEST_WAIT}.")).into());
    }
    if wait > 0 {
        if asked.wants_csv() {
            return Err(Error::parameter("wait", "a table is answered at once.").into());
        }
        application.check_reader(&identity)?;
        let wait = Duration::from_secs(wait);
        // Who waits is not worked for.
        if let Some(Extension(visit)) = &visit {
            visit.leave();
        }
        let feed = tokio::select! {
            feed = application.exchange.changes_within(&identity.0, &query, &from, params.limit, wait) => feed?,
            // Nobody is kept waiting by a server that stops: what there is, is nothing.
            () = application.stopping.cancelled() => {
                let view = application.view(&identity, None).await?;
                application.exchange.changes(&view, &query, &from, params.limit).await?
            }
        };
        let headers = [(header::CACHE_CONTROL, "no-store")];
        return Ok((headers, Json(FeedPage::from(feed))).into_response());
    }
    let reading = application.read(identity, asked, None).await?;
    let feed = application.exchange.changes(&reading.view, &query, &from, params.limit).await?;
    let page = FeedPage::from(feed);
    Ok(reading.answer_with_next(&page, "after", &page.next))
}

/// Where a client of events goes on that has lost its connection.
fn resumed(headers: &HeaderMap) -> Option<From> {
    let id = headers.get("last-event-id")?.to_str().ok()?;
    (!id.is_empty()).then(|| From::Cursor(id.to_owned()))
}

/// Changes as events, each with its cursor as id. The next is asked for when there is room for it, so that a slow reader costs
/// one page; one that takes nothing at all loses its connection, and goes on from its last id.
async fn follow(
    application: &Arc<Application>,
    identity: Identity,
    query: ChangeQuery,
    from: From,
) -> Result<Response, Failure> {
    // What cannot be answered is refused before anything is sent.
    let view = application.view(&identity, None).await?;
    let from = Exchange::feed_begins(&view, &query, &from)?;
    let From::Cursor(cursor) = &from else { return Err(Error::parameter("after", "it is no cursor.").into()) };
    let cursor = cursor.clone();
    let changes = application.exchange.follow(Arc::clone(&identity.0), query, from);
    let end = end(&application.stopping, &identity.0);
    let telling = Telling { changes: Box::pin(changes), end: Box::pin(end), cursor, has_ended: false };
    Ok(events(unfold(telling, |mut telling| async move { Some((telling.next().await?, telling)) })))
}

/// What is told of the feed, and from where to go on when it ends.
struct Telling<S, E> {
    changes: S,
    end: E,
    cursor: String,
    has_ended: bool,
}

impl<S, E> Telling<S, E>
where
    S: Stream<Item = exchange::Result<(String, PublishedChange)>> + Unpin,
    E: Future<Output = End> + Unpin,
{
    async fn next(&mut self) -> Option<Event> {
        if self.has_ended {
            return None;
        }
        let told = tokio::select! {
            biased;
            end = &mut self.end => Err(match end {
                End::Expired => "The token has expired: go on with a new one.",
                End::Stopping => "The server stops: go on with another one.",
            }),
            change = self.changes.next() => Ok(change),
        };
        let reason = match told {
            Ok(Some(Ok((cursor, change)))) => {
                let data = serde_json::to_string(&change).unwrap_or_default();
                let event = Event::with_id("change", &cursor, &data);
                self.cursor = cursor;
                return Some(event);
            }
            Ok(Some(Err(failure))) => {
                tracing::error!(%failure, "the feed could not be followed");
                "The exchange could not go on: try again a little later."
            }
            Ok(None) => return None,
            Err(reason) => reason,
        };
        self.has_ended = true;
        let data = json!({ "after": self.cursor, "reason": reason }).to_string();
        Some(Event::with_id("resume", &self.cursor, &data))
    }
}

/// Between which moments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiffParams {
    /// The earlier moment: an instant (RFC 3339), or a release, which means just after it took effect.
    #[param(example = "2008-04-01T00:00:00Z")]
    pub from: String,
    /// The later moment, likewise; now unless given. A release that is still to come is previewed.
    #[param(example = "2026-01-31T12:00:00Z")]
    pub to: Option<String>,
    /// Partnerships by code, parted by commas: their figures, and the metadata that is theirs; any unless given.
    #[param(example = "southwark")]
    pub partnerships: Option<String>,
    /// Indicators by any code, parted by commas: their figures alone; any unless given.
    #[param(example = "NI 15,NI 16")]
    pub indicators: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// The cursor of the page, from the page before.
    pub cursor: Option<String>,
}

/// A page of what changed between two moments.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffPage {
    /// The earlier moment.
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    /// The later one.
    #[schema(value_type = String, format = DateTime)]
    pub to: Instant,
    /// The changes: documents first, then figures by partnership, indicator and period.
    pub items: Vec<PublishedChange>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
    /// The state of the ledger at the later moment.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
}

impl Table for DiffPage {
    const COLUMNS: &'static [&'static str] = PublishedChange::COLUMNS;
    const OF: &'static [&'static str] = PublishedChange::OF;
    const OTHERWISE: &'static [(&'static str, &'static str)] = PublishedChange::OTHERWISE;
    const KEY: &'static [&'static str] = PublishedChange::KEY;

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(Row::cells).collect()
    }
}

/// Compare what is published at two moments.
///
/// Every figure and document that reads otherwise at `to` than at `from`: from what, to what, since when, by which release and
/// why. What was changed and changed back is not told; the feed tells it.
#[utoipa::path(get, path = "/v1/diff", operation_id = "getDiff", tag = "Changes", params(DiffParams),
    responses(
        (status = 200, description = "A page of changes; the Link header leads to the next.", content(
            (DiffPage = "application/json"),
            (String = "text/csv"),
        )),
        ReadRefusals,
    ))]
pub async fn diff(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Params(params): Params<DiffParams>,
) -> Result<Response, Failure> {
    let request = part(params.limit, params.cursor);
    let to = as_of("to", params.to.as_deref())?;
    let from = as_of("from", Some(&params.from))?.ok_or_else(|| Error::parameter("from", "it is missing."))?;
    application.check_reader(&identity)?;
    let (from, to) = application.exchange.diff_views(&identity.0, (from, to), &request).await?;
    let reading = application.read_view(to, asked)?;
    let query = ChangeQuery {
        partnerships: list(params.partnerships.as_deref()),
        indicators: list(params.indicators.as_deref()),
    };
    let diff = application.exchange.diff(&from, &reading.view, &query, &request).await?;
    let next = diff.changes.next().map(str::to_owned);
    let items = diff.changes.items.iter().map(|(_, change)| change.clone()).collect();
    let page = DiffPage { from: diff.from, to: diff.to, items, next, state: reading.view.state.to_string() };
    Ok(reading.page(&page, &diff.changes))
}
