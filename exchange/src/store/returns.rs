//! Returns with their lines, reported comparisons and validation reports.

use entity::{ReturnState, code, indicator_return, report, reported_comparison, return_line};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    database::{Engine, statement},
    figures::insert_documents,
    walk::Walk,
};
use crate::{
    clock::{Instant, micros},
    problem::{Error, Report, Result},
    rules::line::{Line, ReportedComparison},
};

pub use indicator_return::Model as StoredReturn;

/// A return that is about to be stored, as a draft.
#[derive(Debug, Clone)]
pub struct NewReturn<'a> {
    /// The public identifier.
    pub public_id: Uuid,
    /// The number of the partnership's code.
    pub partnership_id: i32,
    /// The number of the collection's code.
    pub collection_id: i32,
    /// The validation report.
    pub report_id: Uuid,
    /// What the respondent says about the return as a whole.
    pub note: Option<&'a str>,
    /// The return that it revises, with its number among the revisions and the reason.
    pub revision: Option<Revision<'a>>,
    /// The subject of the token that creates it.
    pub created_by: &'a str,
    /// When.
    pub created_at: Instant,
}

/// What a revision revises.
#[derive(Debug, Clone, Copy)]
pub struct Revision<'a> {
    /// The return.
    pub of: Uuid,
    /// The number of the revision.
    pub number: i32,
    /// Why it is made.
    pub reason: &'a str,
}

/// Adds a return and returns it as stored.
pub async fn insert(connection: &impl ConnectionTrait, new: NewReturn<'_>) -> Result<StoredReturn> {
    let row = indicator_return::ActiveModel {
        id: NotSet,
        public_id: Set(new.public_id),
        partnership_id: Set(new.partnership_id),
        collection_id: Set(new.collection_id),
        state: Set(ReturnState::Draft),
        version: Set(1),
        report_id: Set(new.report_id),
        note: Set(new.note.map(str::to_owned)),
        reason: Set(None),
        revision: Set(new.revision.map_or(1, |revision| revision.number)),
        revises: Set(new.revision.map(|revision| revision.of)),
        revision_reason: Set(new.revision.map(|revision| revision.reason.to_owned())),
        created_by: Set(new.created_by.to_owned()),
        created_at: Set(micros(new.created_at)),
        submitted_by: Set(None),
        submitted_at: Set(None),
        signed_off_by: Set(None),
        signed_off_at: Set(None),
    };
    Ok(indicator_return::Entity::insert(row).exec_with_returning(connection).await?)
}

/// Reads a return by its public identifier.
pub async fn find(connection: &impl ConnectionTrait, public_id: Uuid) -> Result<Option<StoredReturn>> {
    let query = indicator_return::Entity::find().filter(indicator_return::Column::PublicId.eq(public_id));
    Ok(query.one(connection).await?)
}

/// Which returns a list shows. `None` means any.
#[derive(Debug, Clone, Default)]
pub struct ReturnFilter {
    /// Only these partnerships.
    pub partnerships: Vec<i32>,
    /// Only this collection.
    pub collection: Option<i32>,
    /// Only these stored states; any if empty.
    pub states: Vec<ReturnState>,
}

/// Reads returns in the order in which they were created, or against it.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: &ReturnFilter,
    walk: Walk<i64>,
    limit: u64,
) -> Result<Vec<StoredReturn>> {
    let mut query = indicator_return::Entity::find()
        .filter(indicator_return::Column::PartnershipId.is_in(filter.partnerships.iter().copied()));
    if let Some(collection) = filter.collection {
        query = query.filter(indicator_return::Column::CollectionId.eq(collection));
    }
    if !filter.states.is_empty() {
        query = query.filter(indicator_return::Column::State.is_in(filter.states.iter().copied()));
    }
    Ok(walk.along(query, indicator_return::Column::Id).limit(limit).all(connection).await?)
}

/// Replaces a return, if nobody else has changed it since it was read; `false` if somebody has.
pub async fn update(connection: &impl ConnectionTrait, before: &StoredReturn, mut after: StoredReturn) -> Result<bool> {
    after.version = before.version + 1;
    let mut changed = after.into_active_model().reset_all();
    changed.id = Unchanged(before.id);
    let outcome = indicator_return::Entity::update_many()
        .set(changed)
        .filter(indicator_return::Column::Id.eq(before.id))
        .filter(indicator_return::Column::Version.eq(before.version))
        .exec(connection)
        .await?;
    Ok(outcome.rows_affected == 1)
}

/// Marks other signed-off returns of the same partnership and collection, none of which is published, as superseded, and
/// returns their public identifiers.
pub async fn supersede_others(connection: &impl ConnectionTrait, newest: &StoredReturn) -> Result<Vec<Uuid>> {
    let sql = "UPDATE indicator_return SET state = 'SUPERSEDED', version = version + 1
        WHERE partnership_id = $1 AND collection_id = $2 AND id <> $3 AND state = 'SIGNED_OFF'
        AND NOT EXISTS (SELECT 1 FROM edition e JOIN publication p ON p.edition_id = e.id
            WHERE e.return_id = indicator_return.id AND p.effective_at IS NOT NULL)
        RETURNING public_id";
    let values = [newest.partnership_id.into(), newest.collection_id.into(), newest.id.into()];
    let rows = connection.query_all_raw(statement(connection, sql, values)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Removes the lines and reported comparisons of a draft that is replaced.
pub async fn clear_lines(connection: &impl ConnectionTrait, return_id: i64) -> Result<()> {
    return_line::Entity::delete_many().filter(return_line::Column::ReturnId.eq(return_id)).exec(connection).await?;
    reported_comparison::Entity::delete_many()
        .filter(reported_comparison::Column::ReturnId.eq(return_id))
        .exec(connection)
        .await?;
    Ok(())
}

/// Adds the lines and reported comparisons of a return that has none.
pub async fn add_lines(
    connection: &impl ConnectionTrait,
    (return_id, partnership_id): (i64, i32),
    lines: &[Line],
    comparisons: &[NumberedComparison],
) -> Result<()> {
    let engine = Engine::of(connection);
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        rows.push((line_number(line.line), to_json(line)?));
    }
    insert_documents(connection, "return_line (return_id, line_no, content)", return_id, rows).await?;
    for chunk in comparisons.chunks(engine.rows_per_insert(7)) {
        let rows = chunk.iter().map(|numbered| {
            Ok(reported_comparison::ActiveModel {
                return_id: Set(return_id),
                line_no: Set(line_number(numbered.comparison.line)),
                partnership_id: Set(partnership_id),
                indicator_id: Set(numbered.indicator_id),
                period_id: Set(numbered.period_id),
                edition_id: Set(None),
                content: Set(to_json(&numbered.comparison)?),
            })
        });
        let rows: Vec<_> = rows.collect::<Result<_>>()?;
        reported_comparison::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// A reported comparison with the numbers of its indicator and period.
#[derive(Debug, Clone)]
pub struct NumberedComparison {
    /// The indicator.
    pub indicator_id: i32,
    /// The period.
    pub period_id: i32,
    /// What is reported.
    pub comparison: ReportedComparison,
}

/// Says which edition publishes the reported comparisons of a return about some indicators.
pub async fn assign_comparisons(
    connection: &impl ConnectionTrait,
    return_id: i64,
    indicators: &[i32],
    edition_id: i64,
) -> Result<()> {
    reported_comparison::Entity::update_many()
        .col_expr(reported_comparison::Column::EditionId, Expr::value(edition_id))
        .filter(reported_comparison::Column::ReturnId.eq(return_id))
        .filter(reported_comparison::Column::IndicatorId.is_in(indicators.iter().copied()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Reads the lines of a return.
pub async fn lines(connection: &impl ConnectionTrait, return_id: i64) -> Result<Vec<Line>> {
    let query = return_line::Entity::find().filter(return_line::Column::ReturnId.eq(return_id));
    let rows = query.order_by_asc(return_line::Column::LineNo).all(connection).await?;
    rows.iter().map(|row| from_json(&row.content)).collect()
}

/// Reads the reported comparisons of a return.
pub async fn reported_comparisons(
    connection: &impl ConnectionTrait,
    return_id: i64,
) -> Result<Vec<NumberedComparison>> {
    let query = reported_comparison::Entity::find().filter(reported_comparison::Column::ReturnId.eq(return_id));
    let rows = query.order_by_asc(reported_comparison::Column::LineNo).all(connection).await?;
    rows.iter().map(numbered).collect()
}

/// Reads a partnership's reported comparisons, with the editions that publish them: of some indicators and periods, or of
/// any if there are none.
pub async fn published_comparisons(
    connection: &impl ConnectionTrait,
    partnership_id: i32,
    indicators: &[i32],
    periods: &[i32],
) -> Result<Vec<(i64, NumberedComparison)>> {
    let mut query = reported_comparison::Entity::find()
        .filter(reported_comparison::Column::PartnershipId.eq(partnership_id))
        .filter(reported_comparison::Column::EditionId.is_not_null());
    if !indicators.is_empty() {
        query = query.filter(reported_comparison::Column::IndicatorId.is_in(indicators.iter().copied()));
    }
    if !periods.is_empty() {
        query = query.filter(reported_comparison::Column::PeriodId.is_in(periods.iter().copied()));
    }
    let rows = query
        .order_by_asc(reported_comparison::Column::EditionId)
        .order_by_asc(reported_comparison::Column::LineNo)
        .all(connection)
        .await?;
    let published = rows.iter().filter_map(|row| row.edition_id.map(|edition_id| (edition_id, row)));
    published.map(|(edition_id, row)| Ok((edition_id, numbered(row)?))).collect()
}

fn numbered(row: &reported_comparison::Model) -> Result<NumberedComparison> {
    let comparison = from_json(&row.content)?;
    Ok(NumberedComparison { indicator_id: row.indicator_id, period_id: row.period_id, comparison })
}

/// Keeps a validation report at its own address.
pub async fn insert_report(connection: &impl ConnectionTrait, partnership_id: i32, report: &Report) -> Result<()> {
    let row = report::ActiveModel {
        id: Set(report.id),
        partnership_id: Set(partnership_id),
        content: Set(to_json(report)?),
        created_at: Set(micros(report.created_at)),
    };
    report::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

/// Reads a validation report, with the folded code of the partnership that it is about.
pub async fn find_report(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<(String, Report)>> {
    let Some(row) = report::Entity::find_by_id(id).one(connection).await? else {
        return Ok(None);
    };
    let code = code::Entity::find_by_id(row.partnership_id).one(connection).await?;
    match code {
        Some(code) => Ok(Some((code.code_key, from_json(&row.content)?))),
        None => Ok(None),
    }
}

fn line_number(line: u32) -> i32 {
    i32::try_from(line).unwrap_or(i32::MAX)
}

fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|failure| Error::internal("writing a document", failure))
}

fn from_json<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|failure| Error::internal("reading a stored document", failure))
}
