//! Requests to a server, and its answers as a test looks at them.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};

/// Where GraphQL is asked.
const GRAPHQL: &str = "/graphql";

/// The media type of RFC 9457.
const PROBLEM: &str = "application/problem+json";

/// A client of one server, with a token or without. It follows no redirects: tests look at them.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    server: String,
    token: Option<String>,
}

impl Client {
    /// A client, without a token, of the server at `url` (`http://127.0.0.1:port`).
    pub fn new(url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(Duration::from_secs(60));
        Self { http: http.build().expect("a client"), server: url.to_owned(), token: None }
    }

    /// The same client with this bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Reads `path` (`/v1/areas?limit=2`).
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// Creates at `path`; see [`Request::json`] and [`Request::body`].
    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    /// Replaces what is at `path`.
    pub fn put(&self, path: &str) -> Request {
        self.request(Method::PUT, path)
    }

    /// Changes what is at `path`.
    pub fn patch(&self, path: &str) -> Request {
        self.request(Method::PATCH, path)
    }

    /// Removes what is at `path`.
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Asks a GraphQL document with its variables (an object, or `Value::Null` for none).
    pub fn graphql(&self, document: &str, variables: &Value) -> Request {
        self.post(GRAPHQL).json(&json!({ "query": document, "variables": variables }))
    }

    /// Any other method.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let url = Url::parse(&format!("{}{path}", self.server)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut request = reqwest::Request::new(method, url);
        if let Some(token) = &self.token {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token of printable characters");
            request.headers_mut().insert("authorization", value);
        }
        Request { http: self.http.clone(), request }
    }
}

/// A request in the making; `.await` sends it.
#[derive(Debug)]
#[must_use = "a request is sent by `.await`"]
pub struct Request {
    http: reqwest::Client,
    request: reqwest::Request,
}

impl Request {
    /// With a header, instead of one of the same name.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let value = HeaderValue::from_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
        self.request.headers_mut().insert(name, value);
        self
    }

    /// With one more query parameter, which is encoded as need be.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.request.url_mut().query_pairs_mut().append_pair(name, value);
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a body of any kind (`text/csv`, …).
    #[track_caller]
    pub fn body(mut self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        *self.request.body_mut() = Some(body.into());
        self.header("content-type", media_type)
    }

    /// Sends it; an error is a connection that broke or an answer that took too long.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let asked = format!("{} {}", self.request.method(), self.request.url());
        let response = self.http.execute(self.request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        Ok(Answer { asked, status, headers, body })
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let asked = format!("{} {}", self.request.method(), self.request.url());
            self.try_send().await.unwrap_or_else(|error| panic!("{asked} is not answered: {error:?}"))
        })
    }
}

/// An answer. What a test expects of it and does not find panics with the whole of it.
#[derive(Clone)]
pub struct Answer {
    asked: String,
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The same answer, which must have this status.
    #[track_caller]
    #[allow(clippy::return_self_not_must_use, reason = "a test may want no more of an answer than its status")]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status.as_u16() == status, "expected {status}, not\n{self:?}");
        self
    }

    /// A header that may be missing.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let text = |value: &HeaderValue| value.to_str().map(str::len).is_ok();
        let value = self.headers.get(name)?;
        assert!(text(value), "{name} is not text in\n{self:?}");
        value.to_str().ok()
    }

    /// A header that must be there.
    #[track_caller]
    pub fn expect_header(&self, name: &str) -> &str {
        self.header(name).unwrap_or_else(|| panic!("there is no {name} in\n{self:?}"))
    }

    /// The entity tag, which must be there.
    #[track_caller]
    pub fn etag(&self) -> &str {
        self.expect_header("etag")
    }

    /// The body, which must be UTF-8.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_else(|error| panic!("{error} in\n{self:?}"))
    }

    /// The body, which must be JSON and say so.
    #[track_caller]
    pub fn json(&self) -> Value {
        let media_type = self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
        assert!(media_type.ends_with("/json") || media_type.ends_with("+json"), "expected JSON, not\n{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in\n{self:?}"))
    }

    /// What the JSON pointer (`/items/0/code`) leads to in the body, which must be there.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        let found = self.json().pointer_mut(pointer).map(Value::take);
        found.unwrap_or_else(|| panic!("there is no {pointer} in\n{self:?}"))
    }

    /// The code of the problem (RFC 9457) that the answer must be.
    #[track_caller]
    pub fn problem_code(&self) -> String {
        let media_type = self.header("content-type").unwrap_or_default();
        assert!(media_type.starts_with(PROBLEM), "expected a problem, not\n{self:?}");
        self.at("/code").as_str().unwrap_or_else(|| panic!("the code is not text in\n{self:?}")).to_owned()
    }

    /// The data of a GraphQL answer without errors.
    #[track_caller]
    pub fn graphql_data(&self) -> Value {
        let mut body = self.json();
        assert!(body.get("errors").is_none(), "expected no errors, not\n{self:?}");
        body.get_mut("data").map_or_else(|| panic!("there is no data in\n{self:?}"), Value::take)
    }

    /// The `extensions.code` of each error in a GraphQL answer, which must have errors.
    #[track_caller]
    pub fn graphql_codes(&self) -> Vec<String> {
        let errors = self.at("/errors");
        let errors = errors.as_array().unwrap_or_else(|| panic!("errors are not a list in\n{self:?}"));
        let code = |error: &Value| error.pointer("/extensions/code").and_then(Value::as_str).map(str::to_owned);
        errors.iter().map(|e| code(e).unwrap_or_else(|| panic!("an error has no code in\n{self:?}"))).collect()
    }
}

/// The whole answer, as it is read: request, status, headers, body (JSON in lines).
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n{}", self.asked, self.status)?;
        for (name, value) in &self.headers {
            writeln!(formatter, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        let pretty = serde_json::from_slice(&self.body).and_then(|body: Value| serde_json::to_string_pretty(&body));
        write!(formatter, "\n{}", pretty.unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into_owned()))
    }
}
