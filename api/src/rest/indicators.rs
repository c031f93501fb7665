//! Indicators with their definitions and breaks.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use exchange::{
    Error, ProblemCode,
    rules::{
        catalogue::key_of,
        metadata::{Break, Definition, Document as Metadata, Indicator, IndicatorLink},
    },
    service::metadata::PutReceipt,
    vocabulary::Scheme,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    metadata::{ListParams, put},
    opened, part,
    refusals::{PutRefusals, ReadRefusals},
};
use crate::{
    application::Application,
    csv::{Row, Table},
    extract::{Document, Params, Segment},
    failure::{Failure, ProblemDocument},
    identity::{EditsMetadata, Identity},
    reading::{AsOfParam, Asked},
};

/// A page of indicators.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorPage {
    /// The indicators, in the order of their codes.
    pub items: Vec<Indicator>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
    /// The state of the ledger that the answer speaks of.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
}

impl Table for IndicatorPage {
    const COLUMNS: &'static [&'static str] = Indicator::COLUMNS;
    const OF: &'static [&'static str] = Indicator::OF;
    const OTHERWISE: &'static [(&'static str, &'static str)] = Indicator::OTHERWISE;
    const KEY: &'static [&'static str] = Indicator::KEY;

    fn rows(&self) -> Vec<Vec<String>> {
        self.items.iter().map(Row::cells).collect()
    }
}

/// An indicator with what it means and has meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorDocument {
    /// Its code.
    #[schema(example = "NI 15")]
    pub code: String,
    /// The partnership that owns it, for a local one.
    pub owner: Option<String>,
    /// Who defines it.
    pub scheme: Option<Scheme>,
    /// Other codes of the same indicator.
    pub aliases: Vec<String>,
    /// How it is connected to other indicators.
    pub links: Vec<IndicatorLink>,
    /// The public service agreements that it serves, as printed.
    pub agreements: Vec<String>,
    /// What else should be known.
    pub note: Option<String>,
    /// Its definitions, oldest first.
    pub definitions: Vec<Definition>,
    /// Its breaks, oldest first.
    pub breaks: Vec<Break>,
}

/// In CSV one row a definition, as that is what repeats.
impl Table for IndicatorDocument {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "owner",
        "aliases",
        "valid_from",
        "title",
        "unit",
        "per",
        "denominator",
        "decimals",
        "polarity",
        "aggregation",
        "lowest",
        "highest",
    ];
    const OF: &'static [&'static str] = &["IndicatorDocument", "Definition"];

    fn rows(&self) -> Vec<Vec<String>> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let rows = self.definitions.iter().map(|definition| {
            vec![
                self.code.clone(),
                text(&self.owner),
                self.aliases.join("; "),
                definition.valid_from.to_string(),
                definition.title.clone(),
                definition.unit.to_string(),
                definition.per.map(|per| per.to_string()).unwrap_or_default(),
                text(&definition.denominator),
                definition.decimals.to_string(),
                definition.polarity.to_string(),
                definition.aggregation.to_string(),
                definition.lowest.map(|bound| bound.to_string()).unwrap_or_default(),
                definition.highest.map(|bound| bound.to_string()).unwrap_or_default(),
            ]
        });
        rows.collect()
    }
}

/// List indicators, in the order of their codes.
#[utoipa::path(get, path = "/v1/indicators", operation_id = "listIndicators", tag = "Indicators", params(ListParams),
    responses(
        (status = 200, description = "A page of indicators; the Link header leads to the next.", content(
            (IndicatorPage = "application/json"),
            (String = "text/csv"),
        )),
            ReadRefusals,
    ))]
pub async fn list(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Params(params): Params<ListParams>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let family = &reading.view.catalogue.indicators;
    let page = reading.view.documents("indicators", family, &part(params.limit, params.cursor), |_| true)?;
    let (items, next) = opened(&page);
    let items = items.into_iter().map(|known| known.document).collect();
    Ok(reading.page(&IndicatorPage { items, next, state: reading.view.state.to_string() }, &page))
}

/// Read an indicator by any of its codes, in any spelling: `NI 15`, `NI15`, `NI 015`, `VSC26`, `southwark:LI 1`.
#[utoipa::path(get, path = "/v1/indicators/{code}", operation_id = "getIndicator", tag = "Indicators",
    params(("code" = String, Path, description = "Any code of it.", example = "NI 15"), AsOfParam),
    responses(
        (status = 200, description = "The indicator with its definitions and breaks.", content(
            (IndicatorDocument = "application/json"),
            (String = "text/csv"),
        )),
            ReadRefusals,
        (status = 404, description = "There is none with this code.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn get(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment(code): Segment<String>,
    Params(params): Params<AsOfParam>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let catalogue = &reading.view.catalogue;
    let found = catalogue.indicator(&code, None).ok_or_else(|| {
        let near = catalogue.nearest_indicator(&code, None).map(|near| format!(" Did you mean `{near}`?"));
        Error::problem(ProblemCode::NotFound, format!("`{code}` is not in the catalogue.{}", near.unwrap_or_default()))
    })?;
    let Indicator { code, owner, aliases, links, agreements, note } = found.document.clone();
    Ok(reading.answer(&IndicatorDocument {
        scheme: found.scheme(),
        code,
        owner,
        aliases,
        links,
        agreements,
        note,
        definitions: catalogue.definitions(found.id).map(|known| known.document.clone()).collect(),
        breaks: catalogue.breaks(found.id).map(|known| known.document.clone()).collect(),
    }))
}

/// Put an indicator. A partnership registers its own local ones.
#[utoipa::path(put, path = "/v1/indicators/{code}", operation_id = "putIndicator", tag = "Indicators",
    params(("code" = String, Path, description = "Its code, with its owner if it has one.", example = "southwark:LI 1")),
    request_body(content = Indicator, description = "The document, whole."),
    responses(
        (status = 200, description = "What became of it, and when it takes effect.", body = PutReceipt),
            PutRefusals,
    ))]
pub async fn put_indicator(
    State(application): State<Arc<Application>>,
    identity: EditsMetadata,
    Segment(code): Segment<String>,
    Document(document): Document<Indicator>,
) -> Result<Response, Failure> {
    let address = Indicator { owner: None, code, ..document.clone() };
    let addressed = key_of(&Metadata::Indicator(address));
    put(&application, identity, &addressed, Metadata::Indicator(document)).await
}

/// Put a definition: what the indicator means from a day on.
#[utoipa::path(put, path = "/v1/indicators/{code}/definitions/{valid_from}", operation_id = "putDefinition", tag = "Indicators",
    params(
        ("code" = String, Path, description = "The indicator.", example = "NI 15"),
        ("valid_from" = NaiveDate, Path, description = "The first day.", example = "2008-04-01"),
    ),
    request_body(content = Definition, description = "The definition, whole."),
    responses(
        (status = 200, description = "What became of it, and when it takes effect.", body = PutReceipt),
            PutRefusals,
    ))]
pub async fn put_definition(
    State(application): State<Arc<Application>>,
    identity: EditsMetadata,
    Segment((indicator, valid_from)): Segment<(String, NaiveDate)>,
    Document(document): Document<Definition>,
) -> Result<Response, Failure> {
    let address = Definition { indicator, valid_from, ..document.clone() };
    let addressed = key_of(&Metadata::Definition(address));
    put(&application, identity, &addressed, Metadata::Definition(document)).await
}

/// Put a break: figures before and after a day are not comparable.
#[utoipa::path(put, path = "/v1/indicators/{code}/breaks/{date}", operation_id = "putBreak", tag = "Indicators",
    params(
        ("code" = String, Path, description = "The indicator.", example = "NI 15"),
        ("date" = NaiveDate, Path, description = "The first day after the break.", example = "2008-04-01"),
    ),
    request_body(content = Break, description = "The break, whole."),
    responses(
        (status = 200, description = "What became of it, and when it takes effect.", body = PutReceipt),
            PutRefusals,
    ))]
pub async fn put_break(
    State(application): State<Arc<Application>>,
    identity: EditsMetadata,
    Segment((indicator, date)): Segment<(String, NaiveDate)>,
    Document(document): Document<Break>,
) -> Result<Response, Failure> {
    let address = Break { indicator, date, ..document.clone() };
    let addressed = key_of(&Metadata::Break(address));
    put(&application, identity, &addressed, Metadata::Break(document)).await
}
