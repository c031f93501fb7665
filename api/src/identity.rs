//! Who asks: bearer tokens (RFC 6750, JWT after RFC 8725 and RFC 9068). The one gate in front of REST and GraphQL.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use chrono::DateTime;
use exchange::{Caller, Error, Instant, ProblemCode, Scope};
use jsonwebtoken::{Header, Validation, decode, decode_header, encode, errors::ErrorKind, get_current_timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    application::Application,
    cli,
    failure::Failure,
    keys::{CheckingKey, SigningKey},
};

/// Seconds by which clocks may differ.
const LEEWAY: u64 = 30;

/// Checks bearer tokens.
pub struct Gate {
    key: CheckingKey,
    validation: Validation,
}

impl Gate {
    /// A gate for tokens of one issuer, meant for one audience.
    pub fn new(key: CheckingKey, issuer: &str, audience: &str) -> Self {
        // The algorithm is the key's, whatever a token's header says.
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        Self { key, validation }
    }

    /// The caller behind a token.
    ///
    /// # Errors
    /// `INVALID_TOKEN`, with the reason.
    pub fn caller(&self, token: &str) -> exchange::Result<Caller> {
        check_type(token)?;
        let claims: Claims =
            decode(token, &self.key.key, &self.validation).map_err(|failure| invalid(failure.kind()))?.claims;
        let mut caller = Caller::identified(claims.sub);
        // Scopes of other services may stand beside ours.
        caller.scopes = claims.scope.split_whitespace().filter_map(|scope| scope.parse::<Scope>().ok()).collect();
        caller.expires_at = Some(last_instant(claims.exp));
        caller.client = claims.client_id;
        caller.partnerships = claims.partnerships;
        caller.regions = claims.regions;
        caller.areas = claims.areas;
        Ok(caller)
    }

    /// The caller behind the value of an Authorization header; nobody in particular without one.
    ///
    /// # Errors
    /// `INVALID_TOKEN`, with the reason.
    pub fn admit(&self, authorization: Option<&str>) -> exchange::Result<Caller> {
        let Some(text) = authorization else {
            return Ok(Caller::anonymous());
        };
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            let detail = "The Authorization header is not of the form `Bearer` and a token.";
            return Err(Error::problem(ProblemCode::InvalidToken, detail));
        }
        self.caller(token.trim())
    }
}

/// Until when a token is taken that expires so many seconds after 1970.
fn last_instant(exp: u64) -> Instant {
    let seconds = i64::try_from(exp.saturating_add(LEEWAY)).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0).unwrap_or(Instant::MAX_UTC)
}

/// Only access tokens are taken (RFC 9068, section 4): an ID token of the same issuer is none.
fn check_type(token: &str) -> exchange::Result<()> {
    let kind = decode_header(token).map_err(|failure| invalid(failure.kind()))?.typ.unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    if kind.strip_prefix("application/").unwrap_or(&kind) == "at+jwt" {
        return Ok(());
    }
    Err(Error::problem(ProblemCode::InvalidToken, "The token is not an access token: its type is not `at+jwt`."))
}

fn invalid(reason: &ErrorKind) -> Error {
    let detail = match reason {
        ErrorKind::ExpiredSignature => "The token has expired.",
        ErrorKind::ImmatureSignature => "The token is not valid yet.",
        ErrorKind::InvalidIssuer => "The token is from another issuer.",
        ErrorKind::InvalidAudience => "The token is meant for another audience.",
        ErrorKind::InvalidSignature => "The token's signature does not match.",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "The token is signed by another algorithm.",
        ErrorKind::MissingRequiredClaim(_) => "The token lacks one of the claims `exp`, `iss`, `aud` and `sub`.",
        _ => "The token cannot be read.",
    };
    Error::problem(ProblemCode::InvalidToken, detail)
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: Audience,
    exp: u64,
    iat: u64,
    jti: Option<String>,
    #[serde(default)]
    scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default)]
    partnerships: BTreeSet<String>,
    #[serde(default)]
    regions: BTreeSet<String>,
    #[serde(default)]
    areas: BTreeSet<String>,
}

/// One audience or several.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Signs a token.
pub fn sign(key: &SigningKey, token: &cli::Token) -> Result<String, String> {
    for scope in token.scope.split_whitespace() {
        scope.parse::<Scope>()?;
    }
    let now = get_current_timestamp();
    let claims = Claims {
        sub: token.subject.clone(),
        iss: token.keys.jwt_issuer.clone(),
        aud: Audience::One(token.keys.jwt_audience.clone()),
        exp: now.saturating_add_signed(token.hours * 3600),
        iat: now,
        jti: Some(uuid::Uuid::now_v7().to_string()),
        scope: token.scope.clone(),
        client_id: token.client.clone(),
        partnerships: token.partnerships.iter().cloned().collect(),
        regions: token.regions.iter().cloned().collect(),
        areas: token.areas.iter().cloned().collect(),
    };
    let mut header = Header::new(key.algorithm);
    header.typ = Some("at+jwt".to_owned());
    encode(&header, &claims, &key.key).map_err(|failure| format!("the token cannot be signed: {failure}"))
}

/// The caller of a request: the holder of its bearer token, or nobody in particular.
#[derive(Debug, Clone)]
pub struct Identity(pub Arc<Caller>);

impl FromRequestParts<Arc<Application>> for Identity {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, application: &Arc<Application>) -> Result<Self, Failure> {
        let header = parts.headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        Ok(Self(Arc::new(application.gate.admit(header)?)))
    }
}

/// Callers whose tokens have the scope that a handler needs: as first argument they settle 401 and 403 before anything else
/// of the request is looked at.
macro_rules! authorities {
    ($($(#[$doc:meta])* $name:ident: $($scope:ident)|+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Arc<Caller>);

        impl FromRequestParts<Arc<Application>> for $name {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, application: &Arc<Application>) -> Result<Self, Failure> {
                let Identity(caller) = Identity::from_request_parts(parts, application).await?;
                caller.require_any(&[$(Scope::$scope),+])?;
                Ok(Self(caller))
            }
        }
    )+};
}

authorities! {
    /// May read returns that are not published.
    ReadsReturns: ReturnsRead | ReturnsWrite | ReturnsSignOff;
    /// May post, replace, submit and withdraw returns.
    WritesReturns: ReturnsWrite;
    /// May sign off returns, or send them back.
    SignsOffReturns: ReturnsSignOff;
    /// May release returns.
    Releases: ReleasesWrite;
    /// May put metadata.
    EditsMetadata: MetadataWrite;
    /// May read the audit trail.
    Audits: AuditRead;
}
