//! Global object identification: whatever has an identity of its own has an `id` that leads back to it.
//!
//! Of what is known by a code, the identifier holds the type and the code, sealed like a cursor. Of what is known by a UUID it
//! is that UUID, the same as on every other interface.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface};
use exchange::{
    Error, ProblemCode,
    service::page::{open, seal},
};
use uuid::Uuid;

use crate::{
    error::Result,
    objects::{Area, Collection, Indicator, Partnership, PeerGroup, Plan, Release, Report, Return},
    session::{Reading, exchange, session},
};

/// How many objects may be asked for at once.
pub const MAXIMUM_NODES: usize = 100;

/// What has an identity of its own.
#[derive(Debug, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Identifies the object among all of the exchange, for ever: `node` leads back from it. It is opaque."
))]
#[expect(clippy::large_enum_variant, reason = "one lives only for as long as it takes to be told")]
pub enum Node {
    /// An area.
    Area(Area),
    /// A collection.
    Collection(Collection),
    /// An indicator.
    Indicator(Indicator),
    /// A partnership.
    Partnership(Partnership),
    /// A peer group.
    PeerGroup(PeerGroup),
    /// A plan.
    Plan(Plan),
    /// A release.
    Release(Release),
    /// A validation report.
    Report(Report),
    /// A return.
    Return(Return),
}

/// The identifier of what is known by a code.
pub fn of_code(kind: &str, code: &str) -> ID {
    ID(seal(kind, code))
}

/// The identifier of a partnership's plan.
pub fn of_plan(partnership: &str, plan: &str) -> ID {
    of_code("Plan", &format!("{partnership}/{plan}"))
}

/// What an identifier leads to: nothing if it is not known, or is private and not the caller's.
pub async fn find(ctx: &Context<'_>, reading: &Arc<Reading>, id: &ID) -> Result<Option<Node>> {
    match Uuid::try_parse(id) {
        Ok(id) => of_uuid(ctx, reading, id).await,
        Err(_) => Ok(coded(reading, id)),
    }
}

/// What a code leads to, by the type that stands before it.
fn coded(reading: &Arc<Reading>, id: &ID) -> Option<Node> {
    let code = |kind| open(kind, id).ok();
    if let Some(code) = code("Partnership") {
        return reading.partnership(&code).map(Node::Partnership);
    }
    if let Some(code) = code("Area") {
        return reading.area(&code).map(Node::Area);
    }
    if let Some(code) = code("Indicator") {
        return reading.indicator(&code, None).map(Node::Indicator);
    }
    if let Some(code) = code("PeerGroup") {
        return reading.peer_group(&code).map(Node::PeerGroup);
    }
    if let Some(code) = code("Collection") {
        return reading.collection(&code).map(Node::Collection);
    }
    let plan = code("Plan")?;
    let (partnership, plan) = plan.split_once('/')?;
    reading.plan(partnership, plan).map(Node::Plan)
}

/// UUIDs are never given twice: what is not a return may be a release, or a report.
async fn of_uuid(ctx: &Context<'_>, reading: &Reading, id: Uuid) -> Result<Option<Node>> {
    let (exchange, caller) = (exchange(ctx)?, session(ctx)?.caller());
    if let Some(found) = shown(exchange.find_release(&reading.view, id).await)? {
        return Ok(Some(Node::Release(found.into())));
    }
    if let Some(found) = shown(exchange.find_return(caller, id).await)? {
        return Ok(Some(Node::Return(found.into())));
    }
    Ok(shown(exchange.find_report(caller, id).await)?.map(|found| Node::Report(found.into())))
}

/// Whoever may not see an object is told no more than who asks for one that there is not.
fn shown<T>(found: exchange::Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if hides(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn hides(error: &Error) -> bool {
    matches!(error.code(), ProblemCode::NotFound | ProblemCode::Unauthenticated | ProblemCode::MissingScope)
}
