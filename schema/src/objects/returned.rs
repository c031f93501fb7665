//! Returns. They are private until they are released, and read as they stand now: they take no `asOf`.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use exchange::{
    service::returns::{ReturnDocument, ReturnSummary},
    vocabulary::ReturnState,
};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Collection, Partnership, line::Line, report::Report, reported_comparison::ReportedComparison};
use crate::{
    error::{Result, Told},
    limits,
    scalars::DateTime,
    session::{exchange, linked, session},
};

/// One respondent's answer to a collection.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct Return {
    #[graphql(skip)]
    partnership: String,
    #[graphql(skip)]
    collection: String,
    #[graphql(skip)]
    document: OnceCell<ReturnDocument>,
    #[graphql(skip)]
    id: Uuid,
    /// Where it stands.
    state: ReturnState,
    /// Counts its changes; every change names the version that it is based on.
    version: i32,
    /// The identifier of its newest validation report.
    report_id: Uuid,
    /// What the respondent says about the return as a whole.
    note: Option<String>,
    /// Why it was sent back or withdrawn.
    reason: Option<String>,
    /// 1 for a first answer to its collection, then counted on.
    revision: i32,
    /// The identifier of the return that it revises.
    revises: Option<Uuid>,
    /// Why that was reopened.
    revision_reason: Option<String>,
    /// The subject of the token that created it.
    created_by: String,
    /// When.
    created_at: DateTime,
    /// The subject of the token that submitted it.
    submitted_by: Option<String>,
    /// When.
    submitted_at: Option<DateTime>,
    /// Whether it was submitted after the collection's due date; null until it is submitted.
    late: Option<bool>,
    /// The subject of the token that signed it off.
    signed_off_by: Option<String>,
    /// When.
    signed_off_at: Option<DateTime>,
}

impl From<ReturnSummary> for Return {
    fn from(summary: ReturnSummary) -> Self {
        Self {
            partnership: summary.partnership,
            collection: summary.collection,
            document: OnceCell::new(),
            id: summary.id,
            state: summary.state,
            version: summary.version,
            report_id: summary.report,
            note: summary.note,
            reason: summary.reason,
            revision: summary.revision,
            revises: summary.revises,
            revision_reason: summary.revision_reason,
            created_by: summary.created_by,
            created_at: DateTime(summary.created_at),
            submitted_by: summary.submitted_by,
            submitted_at: summary.submitted_at.map(DateTime),
            signed_off_by: summary.signed_off_by,
            late: summary.late,
            signed_off_at: summary.signed_off_at.map(DateTime),
        }
    }
}

impl From<ReturnDocument> for Return {
    fn from(document: ReturnDocument) -> Self {
        let known = Self::from(document.summary.clone());
        Self { document: OnceCell::new_with(Some(document)), ..known }
    }
}

impl Return {
    /// The return with its lines: read once, and only if they are asked for.
    async fn document(&self, ctx: &Context<'_>) -> Result<&ReturnDocument> {
        let read = || async { Ok::<_, Told>(exchange(ctx)?.find_return(session(ctx)?.caller(), self.id).await?) };
        self.document.get_or_try_init(read).await
    }
}

#[ComplexObject]
impl Return {
    /// Its identifier, a UUID: the same on every interface.
    pub async fn id(&self) -> ID {
        self.id.into()
    }

    /// The partnership reported for.
    async fn partnership(&self, ctx: &Context<'_>) -> Result<Partnership> {
        let reading = session(ctx)?.reading(None).await?;
        linked(reading.partnership(&self.partnership), &self.partnership)
    }

    /// The collection answered.
    async fn collection(&self, ctx: &Context<'_>) -> Result<Collection> {
        let reading = session(ctx)?.reading(None).await?;
        linked(reading.collection(&self.collection), &self.collection)
    }

    /// Its newest validation report.
    #[graphql(complexity = "limits::STATEMENT + child_complexity")]
    async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
        let report = exchange(ctx)?.find_report(session(ctx)?.caller(), self.report_id).await?;
        Ok(report.into())
    }

    /// Its lines.
    #[graphql(complexity = "limits::STATEMENT + limits::LINES * child_complexity")]
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<Line>> {
        let reading = session(ctx)?.reading(None).await?;
        let lines = self.document(ctx).await?.lines.iter();
        Ok(lines.map(|line| Line::new(reading.clone(), line.clone())).collect())
    }

    /// Comparisons with a peer group as the source prints them.
    #[graphql(complexity = "limits::STATEMENT + limits::LINES * child_complexity")]
    async fn reported_comparisons(&self, ctx: &Context<'_>) -> Result<Vec<ReportedComparison>> {
        let reading = session(ctx)?.reading(None).await?;
        let reported = self.document(ctx).await?.reported_comparisons.iter();
        Ok(reported.map(|reported| ReportedComparison::new(reading.clone(), reported.clone())).collect())
    }
}
