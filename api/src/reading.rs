//! Published answers: the view that they speak of, their entity tag, and JSON or CSV as the client prefers.

use std::sync::Arc;

use axum::{
    Json,
    body::HttpBody,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use exchange::{
    Error, ProblemCode, View,
    service::{page::Page, view::AsOf},
};
use serde::Serialize;
use utoipa::IntoParams;

use crate::{
    accept,
    answers::{self, Key},
    application::Application,
    coding::{Coding, TaggedByCoding},
    csv::{self, Table},
    extract,
    failure::{Failure, ProblemDocument},
    identity::Identity,
};

/// Counts changes of how answers look, so that entity tags of older ones do not match.
const REPRESENTATION: &str = "3";

/// The header that names the state of the ledger that an answer speaks of.
pub static STATE: HeaderName = HeaderName::from_static("exchange-state");

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// What the columns of the table are (CSV on the Web).
    Description,
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Description => "application/csvm+json",
        }
    }
}

/// What the address of a REST request says of the form of its answer.
#[derive(Debug, Clone, Default)]
struct Spelling {
    /// The format that its suffix names.
    format: Option<Format>,
    /// The suffix.
    suffix: &'static str,
    /// The query as it was given.
    query: Option<String>,
    /// The value of `bom`.
    bom: Option<String>,
}

/// Takes what speaks of the form of the answer off a REST address, before routes are matched: `.csv` or `.json`, the ending of
/// a table's description, and the parameter `bom`.
pub fn take_spelling(mut request: Request) -> Request {
    let path = request.uri().path();
    if !path.starts_with("/v1/") || path == "/v1/datapackage.json" {
        return request;
    }
    let (path, described) =
        path.strip_suffix(DESCRIPTION).map_or((path, None), |path| (path, Some(Format::Description)));
    let known = [(".csv", Format::Csv), (".json", Format::Json)];
    let found = known.into_iter().find_map(|(suffix, format)| Some((path.strip_suffix(suffix)?, suffix, format)));
    let (path, suffix, format) = match (found, described) {
        (Some((path, ".csv", _)), Some(described)) => (path, ".csv", Some(described)),
        (Some((path, suffix, format)), None) => (path, suffix, Some(format)),
        (_, described) => (path, "", described),
    };
    let query = request.uri().query().map(str::to_owned);
    let mut spelling = Spelling { format, suffix, query: query.clone(), bom: None };
    let mut uri = path.to_owned();
    if let Some(query) = query {
        let is_bom = |part: &&str| *part == "bom" || part.starts_with("bom=");
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            spelling.bom = query
                .split('&')
                .find(is_bom)
                .map(|part| part.trim_start_matches("bom").trim_start_matches('=').to_owned());
        }
        let kept: Vec<&str> = query.split('&').filter(|part| spelling.bom.is_none() || !is_bom(part)).collect();
        if !kept.is_empty() {
            uri = format!("{uri}?{}", kept.join("&"));
        }
    }
    if let Ok(uri) = uri.parse::<Uri>() {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(spelling);
    }
    request
}

/// Refuses a write whose answer would have to be something else than JSON, before it is done.
pub async fn json_after_writing(request: Request, next: Next) -> Response {
    let spelling = request.extensions().get::<Spelling>();
    let writes = matches!(*request.method(), Method::POST | Method::PUT) && spelling.is_some();
    let wanted = spelling.and_then(|spelling| spelling.format).unwrap_or(Format::Json);
    if writes && (wanted != Format::Json || accept::preferred(request.headers(), &JSON).is_none()) {
        let detail = "What is written is answered as `application/json`.";
        return ProblemDocument::new(ProblemCode::NotAcceptable, detail).into_response();
    }
    next.run(request).await
}

/// The media types that stand for JSON in `Accept`, as it comes in an answer or in a refusal.
const JSON: [&str; 2] = ["application/json", "application/problem+json"];

/// What the description of a table is called after its address.
const DESCRIPTION: &str = "-metadata.json";

/// What was asked for, as far as it shapes the answer.
#[derive(Debug)]
pub struct Asked {
    uri: Uri,
    headers: HeaderMap,
    format: Format,
    coding: Coding,
    spelling: Spelling,
    has_bom: bool,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let spelling = parts.extensions.get::<Spelling>().cloned().unwrap_or_default();
        let format = match spelling.format {
            Some(format) => format,
            None => preferred(&parts.headers)?,
        };
        let has_bom = match spelling.bom.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Error::parameter("bom", "it is `true` or `false`.").into()),
        };
        let coding = Coding::preferred(&parts.headers);
        Ok(Self { uri: parts.uri.clone(), headers: parts.headers.clone(), format, coding, spelling, has_bom })
    }
}

impl Asked {
    /// Whether CSV is preferred.
    pub fn wants_csv(&self) -> bool {
        self.format != Format::Json
    }

    /// The address with a suffix, and the query as it was asked for.
    fn address(&self, suffix: &str) -> String {
        let query = self.spelling.query.as_ref().map(|query| format!("?{query}"));
        format!("{}{suffix}{}", self.uri.path(), query.unwrap_or_default())
    }

    /// The same without what is said of tables alone.
    fn plain_address(&self, suffix: &str) -> String {
        let query = self.uri.query().map(|query| format!("?{query}"));
        format!("{}{suffix}{}", self.uri.path(), query.unwrap_or_default())
    }

    /// Whether it is asked whether something has changed that has this entity tag. `*` would match what is not there; a tag of
    /// this answer was only ever given with the answer.
    fn knows(&self, tag: &str) -> bool {
        let known = self.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        known
            .flat_map(|tags| tags.split(','))
            .map(str::trim)
            .any(|known| known.strip_prefix("W/").unwrap_or(known) == tag)
    }

    /// The name under which a table is kept: `/v1/partnerships/southwark/framework` is `partnerships-southwark-framework.csv`.
    fn file_name(&self) -> String {
        let path = percent_decoded(self.uri.path().trim_start_matches("/v1/"));
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || "._".contains(letter) { letter } else { '-' };
        format!("{}.csv", path.chars().map(plain).collect::<String>())
    }

    /// What else is there of what the answer says, and what describes it (RFC 8288).
    fn links(&self) -> Vec<String> {
        let table = self.spelling.suffix;
        match self.format {
            // The description comes first: some readers of tables look no further.
            Format::Csv => vec![
                format!(
                    "<{}>; rel=\"describedby\"; type=\"application/csvm+json\"",
                    self.address(&format!("{table}{DESCRIPTION}"))
                ),
                format!("<{}>; rel=\"alternate\"; type=\"application/json\"", self.plain_address(".json")),
            ],
            Format::Json => vec![format!("<{}>; rel=\"alternate\"; type=\"text/csv\"", self.address(".csv"))],
            Format::Description => vec![format!("<{}>; rel=\"describes\"; type=\"text/csv\"", self.address(table))],
        }
    }

    /// An answer in the form that was asked for.
    fn form<T: Serialize + Table>(&self, document: &T, licence: Option<&str>) -> exchange::Result<Response> {
        let mut response = match self.format {
            Format::Json => serde_json::to_vec(document)
                .map_err(|failure| Error::internal("writing an answer", failure))?
                .into_response(),
            Format::Csv => csv::write(document, self.has_bom)?.into_response(),
            Format::Description => {
                let table = self.address(self.spelling.suffix);
                Json(csv::description::on_the_web::<T>(&table, licence)).into_response()
            }
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.format.media_type()));
        if self.format == Format::Csv
            && let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", self.file_name()))
        {
            headers.insert(header::CONTENT_DISPOSITION, name);
        }
        headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding, Authorization"));
        link(&mut response, self.links());
        Ok(response)
    }
}

/// A path as people write it.
fn percent_decoded(path: &str) -> String {
    // A path is a query of one name without a value, but for its `+`.
    let pairs = form_urlencoded::parse(path.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

/// An answer that depends on its reader; `cache` says what may be kept of it.
pub fn private_answer<T: Serialize + Table>(
    asked: &Asked,
    document: &T,
    cache: &'static str,
) -> Result<Response, Failure> {
    let mut response = asked.form(document, None)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Ok(response)
}

/// A page of a list that depends on its reader, with a link to the next; `cache` says what may be kept of it.
pub fn private_page<T: Serialize + Table, I>(
    asked: &Asked,
    document: &T,
    page: &Page<I>,
    cache: &'static str,
) -> Result<Response, Failure> {
    let mut response = private_answer(asked, document, cache)?;
    link_next(&mut response, page, asked);
    Ok(response)
}

/// Which of the offered media types is wanted, at an address that has no tables.
pub fn offered<'a>(parts: &Parts, offers: &[&'a str]) -> Option<&'a str> {
    let spelled = parts.extensions.get::<Spelling>().and_then(|spelling| spelling.format);
    match spelled {
        Some(format) => offers.iter().copied().find(|offer| *offer == format.media_type()),
        None => accept::preferred(&parts.headers, offers),
    }
}

/// The format that the Accept header prefers; JSON where it does not care.
fn preferred(headers: &HeaderMap) -> Result<Format, Failure> {
    let [json, problem] = JSON;
    match accept::preferred(headers, &[json, "text/csv", problem, Format::Description.media_type()]) {
        Some("text/csv") => Ok(Format::Csv),
        Some("application/csvm+json") => Ok(Format::Description),
        Some(_) => Ok(Format::Json),
        None => {
            let detail = "This address offers `application/json` and `text/csv`.";
            Err(Error::problem(ProblemCode::NotAcceptable, detail).into())
        }
    }
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
    asked: Asked,
    key: Key,
    tag: String,
    is_private: bool,
    licence: Arc<str>,
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
        let key = key_of(&view, &asked);
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(key.bytes()));
        let is_private = !self.open_reading || view.is_private();
        let is_known = asked.knows(&tag);
        let reading = Reading { view, asked, key, tag, is_private, licence: Arc::clone(&self.publishing.data_licence) };
        if is_known {
            let response = reading.with_headers(StatusCode::NOT_MODIFIED.into_response());
            return Err(Failure::Answered(Box::new(response)));
        }
        if let Some(response) = self.answers.recall(&reading.key).filter(|_| !is_private) {
            return Err(Failure::Answered(Box::new(response)));
        }
        Ok(reading)
    }
}

/// Everything that shapes the answer goes in, and nothing else does: the entity tag that is made from it is a strong one.
fn key_of(view: &View, asked: &Asked) -> Key {
    let mut query: Vec<&str> = asked.spelling.query.as_deref().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let state = view.state.to_string();
    let reader = if view.is_private() { view.caller.says() } else { String::new() };
    let query = query.join("&");
    let form = [asked.format.media_type(), asked.spelling.suffix, asked.coding.name()];
    let parts = [REPRESENTATION, view.epoch(), &state, asked.uri.path(), &query, &reader];
    Key::of(parts.into_iter().chain(form))
}

impl Reading {
    /// The answer: a document in JSON, its table in CSV, or what the table's columns are.
    pub fn answer<T: Serialize + Table>(&self, document: &T) -> Response {
        match self.asked.form(document, Some(&self.licence)) {
            Ok(response) => {
                let mut response = self.with_headers(response);
                if !self.is_private {
                    let bytes = response.body().size_hint().exact();
                    answers::mark(&mut response, self.key, bytes);
                }
                response
            }
            Err(failure) => Failure::from(failure).into_response(),
        }
    }

    /// The answer with a link to the next page, if there is one (RFC 8288).
    pub fn page<T: Serialize + Table, I>(&self, document: &T, page: &Page<I>) -> Response {
        let mut response = self.answer(document);
        link_next(&mut response, page, &self.asked);
        response
    }

    /// The answer with a link to what comes after it, which the parameter `name` asks for.
    pub fn answer_with_next<T: Serialize + Table>(&self, document: &T, name: &str, next: &str) -> Response {
        let mut response = self.answer(document);
        link_with(&mut response, (name, next), &self.asked);
        response
    }

    fn with_headers(&self, mut response: Response) -> Response {
        response.extensions_mut().insert(TaggedByCoding);
        let headers = response.headers_mut();
        let cache = if self.is_private { "private, no-cache" } else { "public, no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding, Authorization"));
        for (name, value) in [(header::ETAG, self.tag.clone()), (STATE.clone(), self.view.state.to_string())] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        link(&mut response, [format!("<{}>; rel=\"license\"", self.licence)]);
        response
    }
}

/// Links the next page, if there is one (RFC 8288).
fn link_next<I>(response: &mut Response, page: &Page<I>, asked: &Asked) {
    if let Some(next) = page.next() {
        link_with(response, ("cursor", next), asked);
    }
}

/// Links the address as it was asked for, with another value of one parameter.
fn link_with(response: &mut Response, (name, value): (&str, &str), asked: &Asked) {
    if asked.format == Format::Description {
        // What holds of a page holds of the next.
        return;
    }
    let query = asked.spelling.query.as_deref().unwrap_or_default().split('&');
    let kept = query.filter(|part| !part.is_empty() && part.split('=').next() != Some(name));
    let query: Vec<String> = kept.map(str::to_owned).chain([format!("{name}={value}")]).collect();
    let suffix = asked.spelling.suffix;
    link(response, [format!("<{}{suffix}?{}>; rel=\"next\"", asked.uri.path(), query.join("&"))]);
}

/// Adds links. All stand in one header, which every client finds.
fn link(response: &mut Response, links: impl IntoIterator<Item = String>) {
    let known = response.headers().get(header::LINK).and_then(|known| known.to_str().ok().map(str::to_owned));
    let all: Vec<String> = known.into_iter().chain(links).collect();
    if let Ok(all) = HeaderValue::from_str(&all.join(", ")) {
        response.headers_mut().insert(header::LINK, all);
    }
}
