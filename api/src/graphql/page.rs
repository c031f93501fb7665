//! The page at `/graphql` for people: all of it is part of the program, and it asks nobody but the server that it came from.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::accept;

/// Nothing but what this server sends is run, shown or asked.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The ranges by which a client asks for anything but a page.
const OTHERS: [&str; 5] = [super::RESPONSE, super::LEGACY, "application/*", accept::EVENTS, "text/*"];

/// Whether somebody opens the address in a browser: a page is wanted most, and nothing is asked.
pub fn is_wanted(parts: &Parts) -> bool {
    let names = |pair: &str| matches!(pair.split('=').next(), Some("query" | "extensions"));
    wants_page(&parts.headers) && !parts.uri.query().unwrap_or_default().split('&').any(names)
}

fn wants_page(headers: &HeaderMap) -> bool {
    let ranges = accept::ranges(headers);
    let weight = |wanted: &[&str]| {
        let named = ranges.iter().filter(|(name, _)| wanted.contains(&name.as_str()));
        named.map(|(_, weight)| *weight).max().unwrap_or(0)
    };
    let page = weight(&["text/html", "application/xhtml+xml"]);
    page > 0 && page >= weight(&OTHERS)
}

/// The page.
pub fn page() -> Response {
    let page = include_str!("../../assets/graphql/index.html");
    let mut response = asset("text/html; charset=utf-8", page);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// `GET /graphql/page.js`
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../../assets/graphql/page.js"))
}

/// `GET /graphql/page.css`
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../assets/graphql/page.css"))
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &'static str); 2] =
        [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_browsers_alone() {
        let wants = |accept: &'static str| {
            wants_page(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(!wants_page(&HeaderMap::new()));
        for accept in ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"] {
            assert!(wants(accept), "{accept}");
        }
        for accept in
            ["*/*", "application/json", "application/json, text/html;q=0.9", "text/html;q=0", "text/event-stream"]
        {
            assert!(!wants(accept), "{accept}");
        }
    }
}
