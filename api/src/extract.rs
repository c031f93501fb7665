//! Extractors whose rejections are problem documents: axum's own answer in plain text.

mod shape;

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use chrono::{DateTime, Utc};
use exchange::{
    Error, ProblemCode,
    rules::free_text::{self, shortened},
    service::{idempotency::IdempotencyKey, view::AsOf},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{application::Application, failure::Failure, protection::Visit};

/// Query parameters. An unknown one is an error that names it.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            free_text::check(&value).map_err(|why| Error::parameter(&shortened(&name), why))?;
        }
        let parameters = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(parameters).map(Self).map_err(|failure| {
            let (name, why) =
                (failure.path().to_string(), sentence(&failure.inner()).replace("Unknown field", "Unknown parameter"));
            match name.as_str() {
                "." | "?" => Error::problem(ProblemCode::InvalidParameter, why).into(),
                name => Error::parameter(name, why).into(),
            }
        })
    }
}

/// A path segment, decoded.
#[derive(Debug)]
pub struct Segment<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segment<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(segment)) => Ok(Self(segment)),
            // An identifier that cannot be one is an address with nothing behind it.
            Err(_) => Err(Error::problem(ProblemCode::NotFound, "There is nothing at this address.").into()),
        }
    }
}

/// A JSON body, as a value that keeps its numbers' literals.
#[derive(Debug)]
pub struct JsonBody(pub Value);

impl FromRequest<Arc<Application>> for JsonBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Arc<Application>) -> Result<Self, Failure> {
        Ok(Self(parse_json(&json_body(request).await?)?))
    }
}

async fn json_body(request: Request) -> Result<Bytes, Failure> {
    if media_type(request.headers()).is_none_or(|kind| kind != "application/json") {
        return Err(Error::problem(ProblemCode::UnsupportedMediaType, "The body must be `application/json`.").into());
    }
    body(request).await
}

/// A JSON body of a closed shape. What does not fit it is told all at once, with places.
#[derive(Debug)]
pub struct Document<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Application>> for Document<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Arc<Application>) -> Result<Self, Failure> {
        let body = json_body(request).await?;
        Ok(Self(shape::read(parse_json(&body)?, body.len())?))
    }
}

/// The whole body. Once it is there, the request takes its place among those that are worked on.
pub async fn body(request: Request) -> Result<Bytes, Failure> {
    use http_body_util::{BodyExt, LengthLimitError};
    let visit = request.extensions().get::<Arc<Visit>>().cloned();
    match request.into_body().collect().await {
        Ok(collected) => {
            if let Some(visit) = visit {
                visit.enter().await?;
            }
            Ok(collected.to_bytes())
        }
        Err(failure) => {
            let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&failure);
            while let Some(error) = cause {
                if error.is::<LengthLimitError>() {
                    return Err(
                        Error::problem(ProblemCode::BodyTooLarge, "The body exceeds the server's limit.").into()
                    );
                }
                cause = error.source();
            }
            Err(Error::problem(ProblemCode::MalformedBody, "The body did not arrive whole.").into())
        }
    }
}

/// Reads a JSON body.
pub fn parse_json(bytes: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|failure| Error::problem(ProblemCode::MalformedBody, sentence(&failure)).into())
}

/// The media type of a body, without its parameters, in lower case.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The client's own name for a write, which every create needs.
#[derive(Debug)]
pub struct Key(Option<HeaderValue>);

impl Key {
    /// The key.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` without one, or with one of another form.
    pub fn required(&self) -> exchange::Result<IdempotencyKey> {
        let why = "every create needs one: 8 to 255 visible ASCII characters, for example a UUID.";
        let value = self.0.as_ref().ok_or_else(|| Error::parameter("Idempotency-Key", why))?;
        IdempotencyKey::new(value.to_str().unwrap_or_default())
    }
}

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get("idempotency-key").cloned()))
    }
}

/// The version of a return or a release that a change is based on, from `If-Match`; `None` without one. It is judged once it is known
/// that the caller may know of it.
#[derive(Debug)]
pub struct Version(pub Option<i32>);

/// What none is ever at.
const NO_VERSION: i32 = -1;

impl<S: Sync> FromRequestParts<S> for Version {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let version = parts.headers.get(header::IF_MATCH).map(|value| {
            let tag = value.to_str().unwrap_or_default();
            let number =
                tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|number| number.parse().ok());
            number.unwrap_or(NO_VERSION)
        });
        Ok(Self(version))
    }
}

/// Reads an instant of a query, which may have lost its `+` to form encoding.
pub fn instant(name: &str, text: Option<&str>) -> exchange::Result<Option<DateTime<Utc>>> {
    text.map(|text| {
        let parsed =
            DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&text.replace(' ', "+")));
        let parsed = parsed.map(|instant| instant.to_utc());
        parsed
            .map_err(|_| Error::parameter(name, format!("`{text}` is not an instant such as `2009-06-30T09:00:00Z`.")))
    })
    .transpose()
}

/// Reads a moment of a query: an instant or a release.
pub fn as_of(name: &str, text: Option<&str>) -> exchange::Result<Option<AsOf>> {
    let read = |text: &str| AsOf::parse(text).or_else(|_| AsOf::parse(&text.replace(' ', "+")));
    text.map(|text| read(text).map_err(|why| Error::parameter(name, why))).transpose()
}

/// Parts a list at its commas.
pub fn list(text: Option<&str>) -> Vec<String> {
    let items = text.unwrap_or_default().split(',').map(str::trim);
    items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// The message of a reader, as a sentence.
fn sentence(failure: &impl std::fmt::Display) -> String {
    let text = failure.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
