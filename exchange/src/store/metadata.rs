//! Codes of metadata and the versions of their documents.

use std::collections::HashMap;

use entity::{MetadataFamily, code, metadata};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement,
};

use super::database::{Engine, statement};
use crate::{
    problem::{Error, Result},
    rules::{catalogue::Version, metadata::Document},
};

/// What names a version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The edition that brings it.
    pub edition_id: i64,
    /// The number of its code.
    pub code_id: i32,
    /// Its family.
    pub family: MetadataFamily,
    /// Its code, folded.
    pub key: String,
}

/// Names the versions of documents that editions bring, oldest edition first.
pub async fn headers(connection: &impl ConnectionTrait, editions: &[i64]) -> Result<Vec<Header>> {
    let (of_editions, editions) = Engine::of(connection).is_one_of("m.edition_id", 1, editions);
    let sql = format!(
        "SELECT m.edition_id, m.code_id, m.family, c.code_key
        FROM metadata m JOIN code c ON c.id = m.code_id WHERE {of_editions} ORDER BY m.edition_id, m.code_id"
    );
    let rows = connection.query_all_raw(statement(connection, sql, [editions])).await?;
    let header = |row: &sea_orm::QueryResult| {
        Ok(Header {
            edition_id: row.try_get_by_index(0)?,
            code_id: row.try_get_by_index(1)?,
            family: row.try_get_by_index(2)?,
            key: row.try_get_by_index(3)?,
        })
    };
    rows.iter().map(header).collect()
}

/// Reads versions, in any order, in one statement.
pub async fn versions(connection: &impl ConnectionTrait, wanted: Vec<Header>) -> Result<Vec<Version>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows = connection.query_all_raw(documents_statement(connection, &wanted)).await?;
    let mut wanted: HashMap<(i64, i32), Header> =
        wanted.into_iter().map(|header| ((header.edition_id, header.code_id), header)).collect();
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows {
        let json: String = row.try_get_by_index(2)?;
        let Some(header) = wanted.remove(&(row.try_get_by_index(0)?, row.try_get_by_index(1)?)) else { continue };
        let document = Document::from_json(header.family, &json)
            .map_err(|failure| Error::internal("reading stored metadata", failure))?;
        versions.push(Version { id: header.code_id, key: header.key, document });
    }
    if wanted.is_empty() {
        return Ok(versions);
    }
    Err(Error::internal("reading stored metadata", format!("{} versions are gone", wanted.len())))
}

/// The statement that reads documents by edition and code: one descent of the index a document.
fn documents_statement(connection: &impl ConnectionTrait, wanted: &[Header]) -> Statement {
    let pairs = wanted.iter().map(|header| (header.edition_id, header.code_id));
    match Engine::of(connection) {
        Engine::Postgres => {
            let (editions, codes): (Vec<i64>, Vec<i32>) = pairs.unzip();
            let sql = "SELECT edition_id, code_id, document FROM unnest($1, $2) AS wanted (edition, code)
                JOIN metadata ON edition_id = edition AND code_id = code";
            statement(connection, sql, [editions.into(), codes.into()])
        }
        Engine::Sqlite => {
            let pairs: Vec<String> = pairs.map(|(edition, code)| format!("[{edition},{code}]")).collect();
            let sql = "SELECT edition_id, code_id, document FROM json_each($1) AS wanted CROSS JOIN metadata
                ON edition_id = json_extract(wanted.value, '$[0]') AND code_id = json_extract(wanted.value, '$[1]')";
            statement(connection, sql, [format!("[{}]", pairs.join(",")).into()])
        }
    }
}

/// The number of a code, which is given one if it is new.
pub async fn code_id(connection: &impl ConnectionTrait, family: MetadataFamily, key: &str) -> Result<i32> {
    let find = code::Entity::find().filter(code::Column::Family.eq(family)).filter(code::Column::CodeKey.eq(key));
    if let Some(known) = find.one(connection).await? {
        return Ok(known.id);
    }
    let row = code::ActiveModel { id: NotSet, family: Set(family), code_key: Set(key.to_owned()) };
    Ok(code::Entity::insert(row).exec(connection).await?.last_insert_id)
}

/// Adds a version of a document.
pub async fn insert(
    connection: &impl ConnectionTrait,
    code_id: i32,
    edition_id: i64,
    document: &Document,
) -> Result<()> {
    let json = document.to_json().map_err(|failure| Error::internal("writing metadata", failure))?;
    let row = metadata::ActiveModel {
        code_id: Set(code_id),
        edition_id: Set(edition_id),
        family: Set(document.family()),
        document: Set(json),
    };
    metadata::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}
