//! Content codings (RFC 9110, section 8.4): answers are sent smaller to whoever says so; request bodies are taken as they are.

use axum::{
    Router,
    body::HttpBody,
    extract::Request,
    http::{Extensions, HeaderMap, HeaderValue, Response as HttpResponse, header},
    middleware::{Next, from_fn, map_request},
    response::{IntoResponse, Response},
};
use exchange::ProblemCode;
use tower_http::compression::{CompressionLayer, Predicate};

use crate::{accept, failure::ProblemDocument};

/// Answers of fewer bytes are sent as they are: they would not become smaller by much.
const WORTH_IT: u64 = 1024;

/// How an answer is coded on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    Identity,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
}

impl Coding {
    /// Its name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// The coding that a client would rather have; of equals the smaller.
    pub fn preferred(headers: &HeaderMap) -> Self {
        let ranges = accept::weighted(headers, &header::ACCEPT_ENCODING);
        let weight = |names: &[&str]| {
            let named = ranges.iter().find(|range| names.contains(&range.name.as_str()));
            named.or_else(|| ranges.iter().find(|range| range.name == "*")).map_or(0, |range| range.weight)
        };
        let (brotli, gzip) = (weight(&["br"]), weight(&["gzip", "x-gzip"]));
        match (brotli, gzip) {
            (0, 0) => Self::Identity,
            (brotli, gzip) if brotli >= gzip => Self::Brotli,
            _ => Self::Gzip,
        }
    }
}

/// Marks an answer whose entity tag speaks of its coding too. The version of a return is the tag of whatever form it is read in,
/// so that such an answer is never coded.
#[derive(Debug, Clone, Copy)]
pub struct TaggedByCoding;

/// Which answers are coded.
#[derive(Debug, Clone, Copy)]
struct Codable;

impl Predicate for Codable {
    fn should_compress<B: HttpBody>(&self, response: &HttpResponse<B>) -> bool {
        let headers = response.headers();
        // The answer to HEAD has the length of the body that it leaves out.
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let length = length.or_else(|| response.body().size_hint().exact());
        length.is_some_and(|length| length >= WORTH_IT)
            && is_text(headers)
            && is_tagged_so(headers, response.extensions())
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    (kind.starts_with("text/") && kind != accept::EVENTS)
        || ["json", "javascript", "graphql", "xml"].iter().any(|ending| kind.ends_with(ending))
}

fn is_tagged_so(headers: &HeaderMap, extensions: &Extensions) -> bool {
    !headers.contains_key(header::ETAG) || extensions.get::<TaggedByCoding>().is_some()
}

/// Codes what a router answers, and refuses bodies that are coded.
pub fn around(router: Router) -> Router {
    router
        .layer(CompressionLayer::new().compress_when(Codable))
        // What entity tags and answers speak of is decided once.
        .layer(map_request(|mut request: Request| async {
            let name = Coding::preferred(request.headers()).name();
            request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(name));
            request
        }))
        .layer(from_fn(plain_bodies))
}

/// A body that is coded is refused: its limit holds for what is read, and a small body can grow without one.
async fn plain_bodies(request: Request, next: Next) -> Response {
    let codings = request.headers().get_all(header::CONTENT_ENCODING);
    let is_plain = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if codings.iter().all(is_plain) {
        return next.run(request).await;
    }
    let detail = "The body has a Content-Encoding; it is taken only as it is (`identity`).";
    let mut response = ProblemDocument::new(ProblemCode::UnsupportedMediaType, detail).into_response();
    response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accepted: &str) -> Coding {
        Coding::preferred(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepted.parse().unwrap())]))
    }

    #[test]
    fn a_client_gets_the_coding_that_it_would_rather_have() {
        assert_eq!(Coding::preferred(&HeaderMap::new()), Coding::Identity);
        assert_eq!(preferred("gzip, deflate, br, zstd"), Coding::Brotli);
        assert_eq!(preferred("gzip, deflate"), Coding::Gzip);
        assert_eq!(preferred("br;q=0.5, gzip"), Coding::Gzip);
        assert_eq!(preferred("*"), Coding::Brotli);
        assert_eq!(preferred("gzip;q=0, br;q=0, *"), Coding::Identity);
        assert_eq!(preferred("identity, deflate"), Coding::Identity);
    }
}
