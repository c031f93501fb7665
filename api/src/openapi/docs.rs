//! The pages at `/docs`, which show the OpenAPI document to try out. All of them are part of the program, and ask nobody but the
//! server that they came from; a token that is typed in stays in the page's memory.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

use crate::rest;

/// Nothing but what this server sends is run, shown or asked. The library styles its elements one by one, and draws its
/// signs from addresses that hold them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How the library shows the document. Its validator is a service elsewhere, which would be told the document's address.
static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/openapi.json").use_base_layout().deep_linking(true).try_it_out_enabled(true);
    let config = config.persist_authorization(false).query_config_enabled(false).validator_url("none");
    Arc::new(config.doc_expansion("list").default_models_expand_depth(0).filter(true))
});

/// `GET /docs`
pub async fn page() -> Response {
    kept(include_str!("../../assets/docs/index.html").into(), "text/html; charset=utf-8", "no-cache")
}

/// `GET /docs/{file}`: what the page needs.
pub async fn file(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "index.html" => return page().await,
        "page.css" => {
            return kept(include_str!("../../assets/docs/page.css").into(), "text/css; charset=utf-8", "no-cache");
        }
        _ => {}
    }
    match of_the_library(&name) {
        Some(SwaggerFile { bytes, content_type, .. }) => {
            kept(bytes.into_owned().into(), &content_type, "public, max-age=3600")
        }
        None => rest::nothing_here().await,
    }
}

fn of_the_library(name: &str) -> Option<SwaggerFile<'_>> {
    serve(name, Arc::clone(&CONFIG)).unwrap_or_else(|failure| {
        tracing::error!(%failure, name, "a file of the documentation could not be made");
        None
    })
}

fn kept(body: axum::body::Bytes, media_type: &str, caching: &'static str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let own: [(HeaderName, &'static str); 3] = [
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    headers.extend(own.map(|(name, value)| (name, HeaderValue::from_static(value))));
    if let Ok(media_type) = HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    response
}
