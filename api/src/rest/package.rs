//! What is published as one data package (Frictionless Data Package).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use exchange::service::page::MAXIMUM_LIMIT;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    figures::FigurePage,
    indicators::IndicatorPage,
    metadata::{AreaPage, CollectionPage, PartnershipPage, PeerGroupPage},
};
use crate::{
    application::Application,
    csv::{Table, description::in_package},
};

/// A data package: the tables that are published, and what their columns hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataPackage {
    /// Its name.
    #[schema(example = "indicator-exchange")]
    pub name: &'static str,
    /// What it is.
    #[schema(example = "What is published on the indicator exchange")]
    pub title: &'static str,
    /// The licences of the data.
    pub licenses: Vec<DataLicence>,
    /// The tables.
    pub resources: Vec<DataResource>,
}

/// The licence of data.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataLicence {
    /// Its address.
    #[schema(example = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/")]
    pub path: String,
}

/// A table of a data package.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataResource {
    /// Its name.
    #[schema(example = "actuals")]
    pub name: &'static str,
    /// What it holds; a longer table goes on at the `Link` header of its address.
    #[schema(example = "Published actuals.")]
    pub description: &'static str,
    /// Its address, from that of the package: its first thousand rows.
    #[schema(example = "actuals.csv?limit=1000")]
    pub path: String,
    /// `csv`.
    #[schema(example = "csv")]
    pub format: &'static str,
    /// Its media type.
    #[schema(example = "text/csv")]
    pub mediatype: &'static str,
    /// `utf-8`.
    #[schema(example = "utf-8")]
    pub encoding: &'static str,
    /// Its columns (Table Schema).
    #[schema(value_type = Object)]
    pub schema: Value,
}

fn table<T: Table>(name: &'static str, description: &'static str) -> DataResource {
    DataResource {
        name,
        description,
        path: format!("{name}.csv?limit={MAXIMUM_LIMIT}"),
        format: "csv",
        mediatype: "text/csv",
        encoding: "utf-8",
        schema: in_package::<T>(),
    }
}

/// Read what is published as a data package.
///
/// Each table with its address, and for each of its columns a name, a type and what it holds (Frictionless Data Package and Table
/// Schema).
#[utoipa::path(get, path = "/v1/datapackage.json", operation_id = "getDataPackage", tag = "Figures", security(()),
    responses((status = 200, description = "The package.", body = DataPackage)))]
pub async fn package(State(application): State<Arc<Application>>) -> Response {
    let package = DataPackage {
        name: "indicator-exchange",
        title: "What is published on the indicator exchange",
        licenses: vec![DataLicence { path: application.publishing.data_licence.to_string() }],
        resources: vec![
            table::<FigurePage>("actuals", "Published actuals."),
            table::<FigurePage>("targets", "Published targets, of all variants."),
            table::<FigurePage>("figures", "Published figures of any kind."),
            table::<IndicatorPage>("indicators", "What is measured."),
            table::<PartnershipPage>("partnerships", "Who reports."),
            table::<AreaPage>("areas", "Where it is measured."),
            table::<PeerGroupPage>("peer-groups", "Most Similar Groups."),
            table::<CollectionPage>("collections", "Rounds of returns."),
        ],
    };
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(package)).into_response()
}
