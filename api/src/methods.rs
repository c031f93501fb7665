//! What browsers and other clients ask before they ask: which methods an address takes, and whether another site's page may use
//! it (CORS, as the Fetch standard has it).

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::{layers::REQUEST_ID, reading::STATE};

/// How many seconds a browser may remember what it was told before it asked.
const REMEMBERED: u64 = 3600;

/// The header that names a create.
static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Answers `OPTIONS` at every address of a router, and says the same in `Allow` wherever a method is not taken.
pub fn around(router: Router) -> Router {
    router.layer(from_fn(options))
}

async fn options(request: Request, next: Next) -> Response {
    let is_asked = request.method() == Method::OPTIONS;
    // No route takes `OPTIONS`: what is said of the methods that they take is the answer.
    let mut response = next.run(request).await;
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let allowed = response.headers().get(header::ALLOW).and_then(|allowed| allowed.to_str().ok()).unwrap_or_default();
    let methods = allowed.split(',').map(str::trim).filter(|method| !method.is_empty() && *method != "OPTIONS");
    let allowed = methods.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ");
    if is_asked {
        response = (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response();
    }
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// Lets pages of other sites use a router: those of these origins, or all with `*`. It stands in front of everything, so that a
/// page can read a refusal, too.
pub fn shared_with(router: Router, origins: &[HeaderValue]) -> Router {
    if origins.is_empty() {
        return router;
    }
    let shared = router.clone().layer(cors(origins));
    // The layer takes every `OPTIONS` for a browser's question; one that is none goes the way of all others.
    let is_plain = |request: &Request| {
        request.method() == Method::OPTIONS && !request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    };
    Router::new().fallback(move |request: Request| {
        let router = if is_plain(&request) { router } else { shared };
        router.oneshot(request)
    })
}

fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let any = origins.iter().any(|origin| origin == "*");
    let origins = if any { AllowOrigin::from(Any) } else { AllowOrigin::list(origins.iter().cloned()) };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            IDEMPOTENCY_KEY.clone(),
            HeaderName::from_static("last-event-id"),
            REQUEST_ID.clone(),
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::ETAG,
            header::LINK,
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            STATE.clone(),
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
            REQUEST_ID.clone(),
        ])
        .max_age(std::time::Duration::from_secs(REMEMBERED))
}
