//! Published answers: the view that they speak of, their entity tag, and JSON or CSV as the client prefers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use exchange::{
    Error, ProblemCode, View,
    service::{page::Page, view::AsOf},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::{accept, application::Application, csv::Table, extract, failure::Failure, identity::Identity};

/// Counts changes of how answers look, so that entity tags of older ones do not match.
const REPRESENTATION: &str = "2";

/// The header that names the state of the ledger that an answer speaks of.
pub static STATE: HeaderName = HeaderName::from_static("exchange-state");

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }
}

/// A suffix of the path that names the format.
#[derive(Debug, Clone, Copy)]
struct Suffix(Format, &'static str);

/// Takes `.csv` or `.json` off the path of a REST address, before routes are matched.
pub fn take_suffix(mut request: Request) -> Request {
    let path = request.uri().path();
    if !path.starts_with("/v1/") {
        return request;
    }
    let found = [(".csv", Format::Csv), (".json", Format::Json)]
        .into_iter()
        .find_map(|(suffix, format)| Some((path.strip_suffix(suffix)?.to_owned(), Suffix(format, suffix))));
    if let Some((path, suffix)) = found {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(uri) = format!("{path}{query}").parse::<Uri>() {
            *request.uri_mut() = uri;
            request.extensions_mut().insert(suffix);
        }
    }
    request
}

/// What was asked for, as far as it shapes the answer.
#[derive(Debug)]
pub struct Asked {
    uri: Uri,
    headers: HeaderMap,
    format: Format,
    suffix: &'static str,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let (format, suffix) = match parts.extensions.get::<Suffix>() {
            Some(Suffix(format, suffix)) => (*format, *suffix),
            None => (preferred(&parts.headers)?, ""),
        };
        Ok(Self { uri: parts.uri.clone(), headers: parts.headers.clone(), format, suffix })
    }
}

impl Asked {
    /// The address, without a suffix that names a format.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether CSV is preferred.
    pub fn wants_csv(&self) -> bool {
        self.format == Format::Csv
    }
}

/// The media type of CSV answers.
const CSV: &str = Format::Csv.media_type();

/// A table that is not for everybody.
pub fn private_table(bytes: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, CSV), (header::CACHE_CONTROL, "private, no-cache")];
    (headers, bytes).into_response()
}

/// A page of a list that depends on its reader, with a link to the next; `cache` says what may be kept of it.
pub fn private_page<T: Serialize + Table, I>(
    asked: &Asked,
    document: &T,
    page: &Page<I>,
    cache: &'static str,
) -> Result<Response, Failure> {
    let mut response = match asked.format {
        Format::Json => Json(document).into_response(),
        Format::Csv => private_table(crate::csv::write(document)?),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    link_next(&mut response, page, &asked.uri, asked.suffix);
    Ok(response)
}

/// The format that the Accept header prefers; JSON where it does not care.
fn preferred(headers: &HeaderMap) -> Result<Format, Failure> {
    let ranges = accept::ranges(headers);
    if ranges.is_empty() {
        return Ok(Format::Json);
    }
    let mut best: Option<(Format, u32)> = None;
    for (name, weight) in ranges {
        let format = match name.as_str() {
            "application/json" | "application/*" | "*/*" | "application/problem+json" => Format::Json,
            "text/csv" | "text/*" => Format::Csv,
            _ => continue,
        };
        if weight > 0 && best.is_none_or(|(_, known)| weight > known) {
            best = Some((format, weight));
        }
    }
    best.map(|(format, _)| format).ok_or_else(|| {
        Error::problem(ProblemCode::NotAcceptable, "This address offers `application/json` and `text/csv`.").into()
    })
}

/// Query parameters of every read.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfParam {
    /// Answer as the exchange would have answered at this instant (RFC 3339), or just after this release took effect; for
    /// one that is still to come a preview, for those who may see it. Now unless given.
    #[param(example = "2026-01-31T12:00:00Z")]
    pub as_of: Option<String>,
}

/// A published answer in the making.
pub struct Reading {
    /// What the reader sees.
    pub view: View,
    format: Format,
    suffix: &'static str,
    tag: String,
    uri: Uri,
    private: bool,
}

impl Application {
    /// Whether published data may be read without a token, or there is one.
    pub fn check_reader(&self, Identity(caller): &Identity) -> Result<(), Failure> {
        if !self.open_reading {
            caller.subject()?;
        }
        Ok(())
    }

    /// Takes a view for a reader.
    pub async fn view(&self, identity: &Identity, as_of: Option<AsOf>) -> Result<View, Failure> {
        self.check_reader(identity)?;
        Ok(self.exchange.view(Arc::clone(&identity.0), as_of).await?)
    }

    /// Takes the view of a request; ends the request here if the client already has the answer.
    pub async fn read(&self, identity: Identity, asked: Asked, as_of: Option<&str>) -> Result<Reading, Failure> {
        let as_of = extract::as_of("as_of", as_of)?;
        self.read_view(self.view(&identity, as_of).await?, asked)
    }

    /// As [`Application::read`], of a view that is taken already.
    pub fn read_view(&self, view: View, asked: Asked) -> Result<Reading, Failure> {
        let tag = entity_tag(&view, &asked);
        let private = !self.open_reading || view.is_private();
        let reading = Reading { view, format: asked.format, suffix: asked.suffix, tag, uri: asked.uri, private };
        let known = asked.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let unchanged = known
            .flat_map(|tags| tags.split(','))
            .map(str::trim)
            // `*` would match what is not there; a tag of this answer was only ever given with the answer.
            .any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == reading.tag);
        if unchanged {
            let response = reading.with_headers(StatusCode::NOT_MODIFIED.into_response());
            return Err(Failure::NotModified(Box::new(response)));
        }
        Ok(reading)
    }
}

/// Strong: everything that shapes the answer goes in, and nothing else does.
fn entity_tag(view: &View, asked: &Asked) -> String {
    let mut hash = Sha256::new();
    let mut query: Vec<&str> = asked.uri.query().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let state = view.state.to_string();
    let reader = if view.is_private() { view.caller.says() } else { String::new() };
    let parts =
        [REPRESENTATION, view.epoch(), &state, asked.uri.path(), &query.join("&"), asked.format.media_type(), &reader];
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.finalize()[..16]))
}

impl Reading {
    /// The answer: a document in JSON, or its table in CSV.
    pub fn answer<T: Serialize + Table>(&self, document: &T) -> Response {
        match self.format {
            Format::Json => self.with_headers(Json(document).into_response()),
            Format::Csv => match crate::csv::write(document) {
                Ok(bytes) => {
                    let mut response = self.with_headers(bytes.into_response());
                    response
                        .headers_mut()
                        .insert(header::CONTENT_TYPE, HeaderValue::from_static(Format::Csv.media_type()));
                    response
                }
                Err(failure) => Failure::from(failure).into_response(),
            },
        }
    }

    /// The answer with a link to the next page, if there is one (RFC 8288).
    pub fn page<T: Serialize + Table, I>(&self, document: &T, page: &Page<I>) -> Response {
        let mut response = self.answer(document);
        link_next(&mut response, page, &self.uri, self.suffix);
        response
    }

    /// The answer with a link to what comes after it, which the parameter `name` asks for.
    pub fn answer_with_next<T: Serialize + Table>(&self, document: &T, name: &str, next: &str) -> Response {
        let mut response = self.answer(document);
        link(&mut response, (name, next), &self.uri, self.suffix);
        response
    }

    fn with_headers(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        let cache = if self.private { "private, no-cache" } else { "public, no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
        for (name, value) in [(header::ETAG, self.tag.clone()), (STATE.clone(), self.view.state.to_string())] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Links the next page, if there is one (RFC 8288).
pub fn link_next<I>(response: &mut Response, page: &Page<I>, uri: &Uri, suffix: &str) {
    if let Some(next) = page.next() {
        link(response, ("cursor", next), uri, suffix);
    }
}

/// Links the address as it was asked for, with another value of one parameter.
fn link(response: &mut Response, (name, value): (&str, &str), uri: &Uri, suffix: &str) {
    let asked = uri.query().unwrap_or_default().split('&');
    let kept = asked.filter(|part| !part.is_empty() && part.split('=').next() != Some(name));
    let query: Vec<String> = kept.map(str::to_owned).chain([format!("{name}={value}")]).collect();
    let link = format!("<{}{suffix}?{}>; rel=\"next\"", uri.path(), query.join("&"));
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(accept: &str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        preferred(&headers).ok()
    }

    #[test]
    fn the_preferred_format_wins_and_an_unknown_one_is_refused() {
        assert_eq!(asks("text/csv"), Some(Format::Csv));
        assert_eq!(asks("text/csv;q=0.5, application/json;q=0.9"), Some(Format::Json));
        assert_eq!(asks("*/*"), Some(Format::Json));
        assert_eq!(asks("application/json;q=0, text/csv;q=0.1"), Some(Format::Csv));
        assert_eq!(asks("image/png"), None);
    }
}
