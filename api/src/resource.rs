//! What a client finds out about the tokens that the server takes: protected resource metadata (RFC 9728).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use exchange::{ProblemCode, Scope};
use reqwest::Url;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{application::Application, identity::trust::fetchable};

/// Where the metadata are.
pub const METADATA: &str = "/.well-known/oauth-protected-resource";

/// The address at which clients reach the server, as a setting: scheme, host and port alone.
///
/// # Errors
/// One line that says what is wrong.
pub fn origin(text: &str) -> Result<String, String> {
    let url: Url = text.parse().map_err(|_| format!("`{text}` is not an address"))?;
    let origin = url.origin();
    if !matches!(url.scheme(), "http" | "https")
        || url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(format!("`{text}` is not of the form https://host or https://host:port"));
    }
    Ok(origin.ascii_serialization())
}

/// What the server is to clients that ask for tokens.
#[derive(Debug, Default)]
pub struct Resource {
    url: Option<String>,
    /// ` resource_metadata="…"`, as it ends a challenge.
    pointer: String,
}

impl Resource {
    /// The server at an address; without one it is not told.
    pub fn new(url: Option<String>) -> Self {
        let pointer = url.as_ref().map_or_else(String::new, |url| format!(", resource_metadata=\"{url}{METADATA}\""));
        Self { url, pointer }
    }

    /// Says in a refusal what would be needed (RFC 6750, section 3).
    pub fn challenge(&self, response: &mut Response) {
        let error = match response.status() {
            StatusCode::UNAUTHORIZED => match response.extensions().get::<ProblemCode>() {
                Some(ProblemCode::InvalidToken) => ", error=\"invalid_token\"".to_owned(),
                _ => String::new(),
            },
            StatusCode::FORBIDDEN => match response.extensions().get::<Needed>() {
                Some(Needed(scope)) => format!(", error=\"insufficient_scope\", scope=\"{scope}\""),
                None => return,
            },
            _ => return,
        };
        let challenge = format!("Bearer realm=\"indicator-exchange\"{error}{}", self.pointer);
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
}

/// The scope that a refused request needed; noted in the answer's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Needed(pub Scope);

/// Protected resource metadata (RFC 9728).
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceMetadata {
    /// The server, as clients reach it.
    #[schema(example = "https://exchange.example")]
    pub resource: String,
    /// Its name.
    #[schema(example = "The indicator exchange")]
    pub resource_name: &'static str,
    /// Where tokens for it are had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["https://id.example"]))]
    pub authorization_servers: Vec<String>,
    /// What tokens may allow.
    #[schema(example = json!(["returns:read", "returns:write"]))]
    pub scopes_supported: Vec<&'static str>,
    /// How a token is sent: in the header alone.
    #[schema(example = json!(["header"]))]
    pub bearer_methods_supported: [&'static str; 1],
    /// Where it is explained.
    #[schema(example = "https://exchange.example/docs")]
    pub resource_documentation: String,
}

/// Which tokens the server takes (RFC 9728).
#[utoipa::path(get, path = "/.well-known/oauth-protected-resource", operation_id = "getResourceMetadata", tag = "Operation",
    security(()),
    responses((status = 200, description = "The metadata of the protected resource.", body = ResourceMetadata)))]
pub async fn metadata(State(application): State<Arc<Application>>, headers: HeaderMap) -> Response {
    let url = application.resource.url.clone().unwrap_or_else(|| {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        format!("http://{host}")
    });
    let metadata = ResourceMetadata {
        resource_name: "The indicator exchange",
        // An issuer that is no address is one of one's own, without a server.
        authorization_servers: application
            .gate
            .issuers()
            .filter(|name| fetchable(name).is_ok())
            .map(str::to_owned)
            .collect(),
        scopes_supported: Scope::ALL.iter().map(|scope| scope.as_str()).collect(),
        bearer_methods_supported: ["header"],
        resource_documentation: format!("{url}/docs"),
        resource: url,
    };
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(metadata)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_an_origin() {
        assert_eq!(origin("https://exchange.example"), Ok("https://exchange.example".to_owned()));
        assert_eq!(origin("https://exchange.example:8443/"), Ok("https://exchange.example:8443".to_owned()));
        for wrong in ["exchange.example", "https://exchange.example/path", "https://exchange.example/?a", "ftp://x"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
