//! The published contracts: the OpenAPI document, written by the program itself, and the GraphQL schema.

mod answers;
mod bounds;
pub mod docs;
mod examples;
mod forms;
mod shapes;
mod words;

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    application::Application,
    cli::OPEN_GOVERNMENT_LICENCE,
    resource,
    rest::{self, returns::steps},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Indicator exchange",
        description = "The service through which crime and disorder reduction partnerships exchange their performance \
                       indicators: partnerships post returns, regional offices release them and compare, everybody reads what \
                       is published. Errors are problem documents (RFC 9457); lists are paged by opaque cursors; every read of \
                       published data takes `as_of` and names the state of the ledger that it speaks of.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    security((), ("bearer" = [])),
    modifiers(&Bearer),
    tags(
        (name = "Returns", description = "Posting, correcting, submitting and signing off returns."),
        (name = "Releases", description = "Publishing signed-off returns."),
        (name = "Changes", description = "What changed, when and why: the feed, and the difference between two moments."),
        (name = "Audit", description = "Who did what, in chains that cannot be changed unnoticed."),
        (name = "Comparison", description = "Comparison with a Most Similar Group."),
        (name = "Plans", description = "What partnerships set out to do, and their performance frameworks."),
        (name = "Figures", description = "Published actuals, targets and other figures."),
        (name = "Partnerships", description = "Who reports."),
        (name = "Indicators", description = "What is measured, with definitions and breaks."),
        (name = "Areas", description = "Where it is measured."),
        (name = "Peer groups", description = "Most Similar Groups."),
        (name = "Collections", description = "Rounds of returns."),
        (name = "Problems", description = "What problem codes mean."),
        (name = "Operation", description = "Whether the server is well."),
    ),
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "A JSON Web Token after RFC 9068, checked as RFC8725 (RFC 8725) asks. Scopes: `returns:read` sees returns and reports \
                 of one's partnerships and regions; `returns:write` posts, replaces, submits and withdraws returns; `returns:sign-off` \
                 signs off or sends back what somebody else has submitted; `releases:write` releases, withdraws, moves and cancels; \
                 `metadata:write` puts metadata; `audit:read` reads the audit trail. The claims `partnerships`, `regions` and `areas` \
                 say for whom.",
            ))
            .build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The routes of REST, with their description.
pub fn router() -> OpenApiRouter<Arc<Application>> {
    use rest::{
        indicators,
        metadata::{areas, collections, partnerships, peer_groups},
        plan_lists,
    };
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(rest::returns::list, rest::returns::create))
        .routes(routes!(rest::returns::find, rest::returns::replace))
        .routes(routes!(steps::submit))
        .routes(routes!(steps::sign_off))
        .routes(routes!(steps::send_back))
        .routes(routes!(steps::withdraw))
        .routes(routes!(steps::reopen))
        .routes(routes!(rest::returns::report))
        .routes(routes!(rest::releases::list, rest::releases::create))
        .routes(routes!(rest::releases::find))
        .routes(routes!(rest::releases::reschedule))
        .routes(routes!(rest::releases::cancel))
        .routes(routes!(rest::changes::feed))
        .routes(routes!(rest::changes::diff))
        .routes(routes!(rest::audit::list))
        .routes(routes!(rest::audit::anchors))
        .routes(routes!(rest::comparison::compare))
        .routes(routes!(rest::comparison::reported_comparisons))
        .routes(routes!(rest::framework::framework))
        .routes(routes!(rest::plans::list_plans))
        .routes(routes!(rest::plans::get, rest::plans::put))
        .routes(routes!(plan_lists::priorities))
        .routes(routes!(plan_lists::commitments))
        .routes(routes!(plan_lists::actions))
        .routes(routes!(plan_lists::resources))
        .routes(routes!(plan_lists::delivery_groups))
        .routes(routes!(plan_lists::agencies))
        .routes(routes!(plan_lists::governance))
        .routes(routes!(plan_lists::links))
        .routes(routes!(plan_lists::sections))
        .routes(routes!(plan_lists::lines))
        .routes(routes!(rest::figures::actuals))
        .routes(routes!(rest::figures::targets))
        .routes(routes!(rest::figures::figures))
        .routes(routes!(partnerships::list))
        .routes(routes!(partnerships::get, partnerships::put))
        .routes(routes!(indicators::list))
        .routes(routes!(indicators::get, indicators::put_indicator))
        .routes(routes!(indicators::put_definition))
        .routes(routes!(indicators::put_break))
        .routes(routes!(areas::list))
        .routes(routes!(areas::get, areas::put))
        .routes(routes!(peer_groups::list))
        .routes(routes!(peer_groups::get, peer_groups::put))
        .routes(routes!(collections::list))
        .routes(routes!(collections::get, collections::put))
        .routes(routes!(rest::package::package))
        .routes(routes!(rest::problems::list))
        .routes(routes!(rest::problems::page))
        .routes(routes!(rest::health::live))
        .routes(routes!(rest::health::ready))
        .routes(routes!(resource::metadata))
}

/// What the code says of itself, without what is added to the published document.
pub(crate) fn undecorated() -> utoipa::openapi::OpenApi {
    router().split_for_parts().1
}

/// The OpenAPI document as published.
pub fn description() -> Result<String, String> {
    let mut document = undecorated();
    // Tools show either the summary or the description: neither may be empty.
    for path in document.paths.paths.values_mut() {
        let operations =
            [&mut path.get, &mut path.put, &mut path.post].into_iter().filter_map(|operation| operation.as_mut());
        for operation in operations.filter(|operation| operation.description.is_none()) {
            operation.description.clone_from(&operation.summary);
        }
    }
    let mut document = serde_json::to_value(document).map_err(|failure| failure.to_string())?;
    document["info"]["contact"] = json!({ "name": "The operator of this exchange" });
    document["externalDocs"] = json!({
        "description": "The licence of published data, unless an answer's link “license” names another",
        "url": OPEN_GOVERNMENT_LICENCE,
    });
    shapes::open_parts(&mut document);
    answers::add(&mut document);
    words::describe(&mut document);
    forms::add(&mut document);
    bounds::add(&mut document);
    examples::of_moments(&mut document);
    let mut text = serde_json::to_string_pretty(&document).map_err(|failure| failure.to_string())?;
    text.push('\n');
    Ok(text)
}

/// The contracts, written once.
pub struct Documents {
    openapi: String,
    sdl: String,
}

impl Documents {
    /// Writes them.
    pub fn new() -> Result<Self, String> {
        Ok(Self { openapi: description()?, sdl: schema::sdl() })
    }
}

/// `GET /openapi.json`
pub async fn document(State(application): State<Arc<Application>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], application.documents.openapi.clone()).into_response()
}

/// `GET /graphql/schema.graphql`
pub async fn sdl(State(application): State<Arc<Application>>) -> Response {
    ([(header::CONTENT_TYPE, "application/graphql; charset=utf-8")], application.documents.sdl.clone()).into_response()
}
