//! Codes of metadata and the versions of their documents.

use entity::{MetadataFamily, code, metadata};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
};

use super::database::statement;
use crate::{
    problem::{Error, Result},
    rules::{catalogue::Version, metadata::Document},
};

/// A version of a document with the edition that brings it.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    /// The edition.
    pub edition_id: i64,
    /// The version.
    pub version: Version,
}

/// Reads every version of every document, oldest edition first.
pub async fn load(connection: &impl ConnectionTrait) -> Result<Vec<StoredVersion>> {
    let sql = "SELECT m.edition_id, m.code_id, m.family, c.code_key, m.document
        FROM metadata m JOIN code c ON c.id = m.code_id ORDER BY m.edition_id, m.code_id";
    let mut versions = Vec::new();
    for row in connection.query_all_raw(statement(connection, sql, [])).await? {
        let family: MetadataFamily = row.try_get_by_index(2)?;
        let json: String = row.try_get_by_index(4)?;
        let document = Document::from_json(family, &json)
            .map_err(|failure| Error::internal("reading stored metadata", failure))?;
        let version = Version { id: row.try_get_by_index(1)?, key: row.try_get_by_index(3)?, document };
        versions.push(StoredVersion { edition_id: row.try_get_by_index(0)?, version });
    }
    Ok(versions)
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
