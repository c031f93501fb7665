//! Periods and breakdowns: the dimensions of the fact table that are not codes of metadata. They are only ever added.

use entity::{breakdown, period};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use crate::{
    problem::Result,
    rules::{line::Breakdown, period::Period},
};

/// How many rows one statement looks up or adds: a long condition is a deep one, and engines bound its depth.
const CHUNK: usize = 200;

/// Periods by code; those that no figure is for are left out.
pub async fn periods_by_code(connection: &impl ConnectionTrait, codes: &[String]) -> Result<Vec<(i32, String)>> {
    let mut periods = Vec::with_capacity(codes.len());
    for chunk in codes.chunks(CHUNK) {
        let query = period::Entity::find().filter(period::Column::Code.is_in(chunk));
        periods.extend(query.all(connection).await?.into_iter().map(|row| (row.id, row.code)));
    }
    Ok(periods)
}

/// Periods by number.
pub async fn periods_by_id(connection: &impl ConnectionTrait, ids: &[i32]) -> Result<Vec<(i32, String)>> {
    let query = period::Entity::find().filter(period::Column::Id.is_in(ids.iter().copied()));
    Ok(query.all(connection).await?.into_iter().map(|row| (row.id, row.code)).collect())
}

/// Adds the periods that are new.
pub async fn insert_periods(connection: &impl ConnectionTrait, periods: &[Period]) -> Result<()> {
    for chunk in periods.chunks(CHUNK) {
        let rows = chunk.iter().map(|period| period::ActiveModel {
            id: NotSet,
            code: Set(period.code()),
            kind: Set(period.kind()),
            start_date: Set(period.start()),
            end_date: Set(period.end()),
        });
        period::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(period::Column::Code).do_nothing().to_owned())
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// Members of breakdowns by number.
pub async fn breakdowns_by_id(connection: &impl ConnectionTrait, ids: &[i32]) -> Result<Vec<(i32, Breakdown)>> {
    let query = breakdown::Entity::find().filter(breakdown::Column::Id.is_in(ids.iter().copied()));
    let rows = query.all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.id, Breakdown { dimension: row.dimension, member: row.member })).collect())
}

/// The number of a member of a breakdown, if some figure is for it.
pub async fn breakdown_id(connection: &impl ConnectionTrait, of: &Breakdown) -> Result<Option<i32>> {
    let query = breakdown::Entity::find()
        .filter(breakdown::Column::Dimension.eq(&of.dimension))
        .filter(breakdown::Column::Member.eq(&of.member));
    Ok(query.one(connection).await?.map(|row| row.id))
}

/// Members of breakdowns with their numbers, which they are given if they are new.
pub async fn breakdown_ids(connection: &impl ConnectionTrait, members: &[Breakdown]) -> Result<Vec<(i32, Breakdown)>> {
    let mut known = Vec::with_capacity(members.len());
    for chunk in members.chunks(CHUNK) {
        let rows = chunk.iter().map(|member| breakdown::ActiveModel {
            id: NotSet,
            dimension: Set(member.dimension.clone()),
            member: Set(member.member.clone()),
        });
        breakdown::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([breakdown::Column::Dimension, breakdown::Column::Member]).do_nothing().to_owned(),
            )
            .exec_without_returning(connection)
            .await?;
        let any = chunk.iter().fold(Condition::any(), |any, member| {
            any.add(
                Condition::all()
                    .add(breakdown::Column::Dimension.eq(&member.dimension))
                    .add(breakdown::Column::Member.eq(&member.member)),
            )
        });
        let rows = breakdown::Entity::find().filter(any).all(connection).await?;
        known.extend(rows.into_iter().map(|row| (row.id, Breakdown { dimension: row.dimension, member: row.member })));
    }
    Ok(known)
}
