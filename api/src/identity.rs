//! Who asks: bearer tokens (RFC 6750, JWT after RFC 8725 and RFC 9068). The one gate in front of REST and GraphQL.

pub mod key_set;
pub mod published;
#[cfg(test)]
mod tests;
pub mod token;
pub mod trust;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use chrono::DateTime;
use exchange::{Caller, Error, Instant, ProblemCode, Refusal, Scope};
use jsonwebtoken::{Header, Validation, decode, encode, errors::ErrorKind, get_current_timestamp};
use tokio_util::sync::CancellationToken;

use self::{
    key_set::KeySet,
    published::{Published, Standing},
    token::{Audience, Claims, Terms, TokenFault, Unverified},
    trust::{KeySource, Trust},
};
use crate::{
    application::Application,
    cli::{self, KeyOptions},
    failure::Failure,
    keys::{self, CheckingKey, SigningKey},
};

/// Checks bearer tokens.
#[derive(Debug)]
pub struct Gate {
    issuers: Vec<Issuer>,
    refused: [AtomicU64; TokenFault::ALL.len()],
}

/// Somebody who says who asks.
#[derive(Debug)]
struct Issuer {
    name: String,
    terms: Terms,
    /// Whether its subjects are known here as they are. Those of others have their issuer before them: a subject is nobody
    /// without who says so.
    plain: bool,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    Fixed(KeySet),
    Published(Arc<Published>),
}

/// Why nobody is admitted.
enum Refused {
    Fault(TokenFault),
    /// The keys of the issuer were never had.
    NoKeys,
}

impl From<TokenFault> for Refused {
    fn from(fault: TokenFault) -> Self {
        Self::Fault(fault)
    }
}

impl Gate {
    /// A gate for tokens of one issuer, meant for one audience.
    pub fn new(key: CheckingKey, issuer: &str, audience: &str) -> Self {
        Self::of(vec![Issuer {
            name: issuer.to_owned(),
            // Tokens for programs of one's own; `indicator-exchange token` names no client unless told.
            terms: Terms { audience: audience.to_owned(), lenient: true },
            plain: true,
            keys: Keys::Fixed(KeySet::of(key)),
        }])
    }

    /// A gate for the issuers of the settings.
    ///
    /// # Errors
    /// One line that says what is wrong with them.
    pub fn open(options: &KeyOptions, trusts: &[Trust]) -> Result<Self, String> {
        let has_key = options.jwt_key_file.is_some() || options.jwt_secret_file.is_some();
        let mut issuers = if has_key || trusts.is_empty() {
            Self::new(keys::checking_key(options)?, &options.jwt_issuer, &options.jwt_audience).issuers
        } else {
            Vec::new()
        };
        for trust in trusts {
            if issuers.iter().any(|issuer| issuer.name == trust.issuer) {
                return Err(format!("the issuer {} is given twice", trust.issuer));
            }
            if trust.plain && issuers.iter().any(|issuer| issuer.plain) {
                return Err("the subjects of only one issuer can be known as they are (`subjects=plain`); \
                            that of --jwt-key-file is the one if it is given"
                    .to_owned());
            }
            let keys = match &trust.keys {
                KeySource::File(path) => Keys::Fixed(KeySet::of(keys::public_key(path)?)),
                source => Keys::Published(Published::new(&trust.issuer, source.clone())?),
            };
            let audience = trust.audience.as_ref().unwrap_or(&options.jwt_audience).clone();
            issuers.push(Issuer {
                name: trust.issuer.clone(),
                terms: Terms { audience, lenient: trust.lenient },
                plain: trust.plain,
                keys,
            });
        }
        Ok(Self::of(issuers))
    }

    fn of(issuers: Vec<Issuer>) -> Self {
        Self { issuers, refused: [const { AtomicU64::new(0) }; TokenFault::ALL.len()] }
    }

    /// Fetches the keys of the issuers that publish them, and keeps them fresh until the server stops. Answers when each
    /// was asked once: a server starts, too, while one is away.
    pub async fn fetch_keys(&self, age: Duration, stopping: &CancellationToken) {
        let fetching = self.issuers.iter().filter_map(|issuer| match &issuer.keys {
            Keys::Published(published) => Some(Arc::clone(published)),
            Keys::Fixed(_) => None,
        });
        let fetching: Vec<_> = fetching
            .map(|published| {
                let stopping = stopping.clone();
                let first = tokio::spawn({
                    let published = Arc::clone(&published);
                    async move { published.refresh().await }
                });
                (published, stopping, first)
            })
            .collect();
        for (published, stopping, first) in fetching {
            let _ = first.await;
            tokio::spawn(async move { published.keep_fresh(age, stopping).await });
        }
    }

    /// The issuers whose keys are fetched, and how these stand.
    pub fn standings(&self) -> impl Iterator<Item = (&str, Standing)> {
        self.issuers.iter().filter_map(|issuer| match &issuer.keys {
            Keys::Published(published) => Some((issuer.name.as_str(), published.standing())),
            Keys::Fixed(_) => None,
        })
    }

    /// All issuers.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        self.issuers.iter().map(|issuer| issuer.name.as_str())
    }

    /// How many tokens were refused so far, by the reason.
    pub fn refusals(&self) -> impl Iterator<Item = (TokenFault, u64)> {
        TokenFault::ALL.into_iter().zip(self.refused.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// The caller behind a token.
    ///
    /// # Errors
    /// `INVALID_TOKEN` with the reason; `NOT_READY` while the keys of its issuer cannot be had.
    pub async fn caller(&self, token: &str) -> exchange::Result<Caller> {
        self.verified(token).await.map_err(|refused| match refused {
            Refused::Fault(fault) => self.refusal(fault),
            Refused::NoKeys => {
                let detail = "The keys of the token's issuer cannot be had at the moment.";
                Error::problem(ProblemCode::NotReady, detail)
            }
        })
    }

    /// The caller behind the value of an Authorization header; nobody in particular without one.
    ///
    /// # Errors
    /// As [`Gate::caller`].
    pub async fn admit(&self, authorization: Option<&str>) -> exchange::Result<Caller> {
        let Some(text) = authorization else {
            return Ok(Caller::anonymous());
        };
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(self.refusal(TokenFault::NotBearer));
        }
        self.caller(token.trim()).await
    }

    /// Who is admitted by a request's headers.
    pub async fn admission(&self, headers: &HeaderMap) -> Admission {
        let header = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        Admission(self.admit(header).await.map(Arc::new).map_err(|refusal| match refusal {
            Error::Refusal(refusal) => Arc::new(*refusal),
            Error::Internal { .. } => Arc::new(Refusal {
                code: ProblemCode::Internal,
                detail: "The token could not be checked.".to_owned(),
                problems: Vec::new(),
                report: None,
            }),
        }))
    }

    fn refusal(&self, fault: TokenFault) -> Error {
        if let Some(place) = TokenFault::ALL.iter().position(|other| *other == fault) {
            self.refused[place].fetch_add(1, Ordering::Relaxed);
        }
        Error::problem(ProblemCode::InvalidToken, fault.to_string())
    }

    async fn verified(&self, token: &str) -> Result<Caller, Refused> {
        let unverified = Unverified::read(token)?;
        // Only the keys of the issuer that it names can verify it: those of another one never do.
        let issuer = self.issuers.iter().find(|issuer| issuer.name == unverified.issuer);
        let issuer = issuer.ok_or(TokenFault::OtherIssuer)?;
        let claims = match &issuer.keys {
            Keys::Fixed(keys) => verified(token, &unverified, keys)?,
            Keys::Published(published) => {
                let known = match published.current() {
                    Some(keys) => keys,
                    None => published.after(None).await.ok_or(Refused::NoKeys)?,
                };
                match verified(token, &unverified, &known) {
                    // Keys may have been changed since they were fetched. One without a name is only known by its signature.
                    Err(fault @ (TokenFault::UnknownKey | TokenFault::WrongSignature))
                        if fault == TokenFault::UnknownKey || unverified.key_id.is_none() =>
                    {
                        let newer = published.after(Some(&known)).await.ok_or(fault)?;
                        verified(token, &unverified, &newer)?
                    }
                    claims => claims?,
                }
            }
        };
        if claims.iss.as_ref() != Some(&issuer.name) {
            return Err(TokenFault::OtherIssuer.into());
        }
        let (subject, last) = claims.check(&issuer.terms, get_current_timestamp())?;
        let mut caller = Caller::identified(if issuer.plain {
            subject.to_owned()
        } else {
            // No issuer has a `#`, so that no subject of one can be taken for another's.
            format!("{}#{subject}", issuer.name)
        });
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        caller.expires_at = Some(DateTime::from_timestamp(last, 0).unwrap_or(Instant::MAX_UTC));
        // Scopes of other services may stand beside ours.
        caller.scopes = claims.scope.split_whitespace().filter_map(|scope| scope.parse::<Scope>().ok()).collect();
        caller.client = claims.client_id.or(claims.azp);
        caller.partnerships = claims.partnerships;
        caller.regions = claims.regions;
        caller.areas = claims.areas;
        Ok(caller)
    }
}

/// What a token says, if one of the keys has signed it.
fn verified(token: &str, unverified: &Unverified, keys: &KeySet) -> Result<Claims, TokenFault> {
    let mut fault = TokenFault::UnknownKey;
    for candidate in keys.candidates(unverified.key_id.as_deref(), &unverified.algorithm)? {
        // The algorithm is the key's, whatever a token's header says. What the token says is checked by its terms.
        let mut validation = Validation::new(candidate.algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        match decode::<Claims>(token, &candidate.key, &validation) {
            Ok(decoded) => return Ok(decoded.claims),
            Err(failure) => {
                fault = match failure.kind() {
                    ErrorKind::InvalidSignature => TokenFault::WrongSignature,
                    ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenFault::OtherAlgorithm,
                    _ => TokenFault::Unreadable,
                };
            }
        }
    }
    Err(fault)
}

/// Signs a token.
pub fn sign(key: &SigningKey, token: &cli::Token) -> Result<String, String> {
    for scope in token.scope.split_whitespace() {
        scope.parse::<Scope>()?;
    }
    let now = get_current_timestamp();
    let claims = Claims {
        sub: Some(token.subject.clone()),
        iss: Some(token.keys.jwt_issuer.clone()),
        aud: Some(Audience::One(token.keys.jwt_audience.clone())),
        exp: Some(now.saturating_add_signed(token.hours * 3600)),
        nbf: None,
        iat: Some(now),
        jti: Some(uuid::Uuid::now_v7().to_string()),
        scope: token.scope.clone(),
        client_id: token.client.clone(),
        azp: None,
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
        // It was looked at in front of every route: no signature is verified twice.
        if let Some(admission) = parts.extensions.get::<Admission>() {
            return admission.caller().map(Self).map_err(Failure::from);
        }
        Ok(Self(application.gate.admission(&parts.headers).await.caller()?))
    }
}

/// Who was admitted by a request's header, or why nobody.
#[derive(Debug, Clone)]
pub struct Admission(Result<Arc<Caller>, Arc<Refusal>>);

impl Admission {
    /// The caller.
    ///
    /// # Errors
    /// As [`Gate::caller`].
    pub fn caller(&self) -> exchange::Result<Arc<Caller>> {
        self.0.clone().map_err(|refusal| Error::Refusal(Box::new(Refusal::clone(&refusal))))
    }

    /// The caller, if one is admitted.
    pub fn known(&self) -> Option<&Caller> {
        self.0.as_deref().ok()
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
                let scopes = [$(Scope::$scope),+];
                match caller.require_any(&scopes) {
                    Ok(_) => Ok(Self(caller)),
                    // The first of them says what the operation is for.
                    Err(refusal) => Err(Failure::MissingScope(Box::new(refusal), scopes[0])),
                }
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
