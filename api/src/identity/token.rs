//! What a bearer token must be and say (RFC 8725, RFC 9068), apart from its signature. Pure: the time is passed in.

use std::{collections::BTreeSet, fmt};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de};

/// Seconds by which clocks may differ.
pub const LEEWAY: u64 = 30;

/// The most bytes of a token that are looked at.
const LONGEST: usize = 8 * 1024;

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenFault {
    /// The Authorization header holds something else.
    NotBearer,
    /// It is longer than any honest token.
    TooLong,
    /// It is no JSON Web Token, or a claim is not what it should be.
    Unreadable,
    /// Its header lists extensions that must be understood, and are not.
    Critical,
    /// It is not an access token.
    OtherType,
    /// Nobody here trusts its issuer.
    OtherIssuer,
    /// It is not signed, and says so.
    Unsigned,
    /// The issuer's key is for another algorithm.
    OtherAlgorithm,
    /// Its issuer does not publish the key that it names.
    UnknownKey,
    /// The signature is not that of the key.
    WrongSignature,
    /// A claim is missing.
    MissingClaim,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It says that it was issued in the future.
    IssuedInFuture,
    /// It is meant for somebody else.
    OtherAudience,
}

impl TokenFault {
    /// Every fault.
    pub const ALL: [Self; 15] = [
        Self::NotBearer,
        Self::TooLong,
        Self::Unreadable,
        Self::Critical,
        Self::OtherType,
        Self::OtherIssuer,
        Self::Unsigned,
        Self::OtherAlgorithm,
        Self::UnknownKey,
        Self::WrongSignature,
        Self::MissingClaim,
        Self::Expired,
        Self::NotYetValid,
        Self::IssuedInFuture,
        Self::OtherAudience,
    ];

    /// A word for it, for counting.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotBearer => "not_bearer",
            Self::TooLong => "too_long",
            Self::Unreadable => "unreadable",
            Self::Critical => "critical_header",
            Self::OtherType => "other_type",
            Self::OtherIssuer => "other_issuer",
            Self::Unsigned => "unsigned",
            Self::OtherAlgorithm => "other_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::WrongSignature => "wrong_signature",
            Self::MissingClaim => "missing_claim",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::OtherAudience => "other_audience",
        }
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotBearer => "The Authorization header is not of the form `Bearer` and a token.",
            Self::TooLong => "The token is longer than 8192 bytes.",
            Self::Unreadable => "The token cannot be read.",
            Self::Critical => "The token's header names extensions (`crit`) that are not known here.",
            Self::OtherType => "The token is not an access token: its type is not `at+jwt`.",
            Self::OtherIssuer => "The token is from another issuer.",
            Self::Unsigned => "The token is not signed.",
            Self::OtherAlgorithm => "The token is signed by another algorithm.",
            Self::UnknownKey => "The token is signed by a key that its issuer does not publish.",
            Self::WrongSignature => "The token's signature does not match.",
            Self::MissingClaim => {
                "The token lacks one of the claims that it must have: `exp`, `iss`, `aud`, `sub` and `iat`, and unless its \
                 issuer is trusted leniently `client_id` and `jti`."
            }
            Self::Expired => "The token has expired.",
            Self::NotYetValid => "The token is not valid yet.",
            Self::IssuedInFuture => "The token says that it was issued in the future.",
            Self::OtherAudience => "The token is meant for another audience.",
        })
    }
}

/// What is read of a token before it is known whose it is. None of it may be believed.
#[derive(Debug)]
pub struct Unverified {
    /// The issuer that it names.
    pub issuer: String,
    /// The key that it names.
    pub key_id: Option<String>,
    /// The algorithm that it names.
    pub algorithm: String,
}

#[derive(Deserialize)]
struct HeaderPart {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

#[derive(Deserialize)]
struct IssuerPart {
    iss: Option<String>,
}

impl Unverified {
    /// Reads what is needed to find the key.
    ///
    /// # Errors
    /// What is wrong with the token's form, type or header.
    pub fn read(token: &str) -> Result<Self, TokenFault> {
        if token.len() > LONGEST {
            return Err(TokenFault::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenFault::Unreadable);
        };
        let header: HeaderPart = part(header)?;
        if header.crit {
            return Err(TokenFault::Critical);
        }
        if header.alg.eq_ignore_ascii_case("none") {
            return Err(TokenFault::Unsigned);
        }
        // Only access tokens are taken (RFC 9068, section 4): an ID token of the same issuer is none.
        let kind = header.typ.unwrap_or_default().to_ascii_lowercase();
        if kind.strip_prefix("application/").unwrap_or(&kind) != "at+jwt" {
            return Err(TokenFault::OtherType);
        }
        let issuer = part::<IssuerPart>(claims)?.iss.ok_or(TokenFault::MissingClaim)?;
        Ok(Self { issuer, key_id: header.kid, algorithm: header.alg })
    }
}

fn part<T: de::DeserializeOwned>(text: &str) -> Result<T, TokenFault> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenFault::Unreadable)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenFault::Unreadable)
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who acts.
    #[serde(default)]
    pub sub: Option<String>,
    /// Who says so.
    #[serde(default)]
    pub iss: Option<String>,
    /// To whom.
    #[serde(default)]
    pub aud: Option<Audience>,
    /// Until when, in seconds since 1970.
    #[serde(default, deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// From when.
    #[serde(default, deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// Since when.
    #[serde(default, deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub iat: Option<u64>,
    /// The token's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// What it allows.
    #[serde(default)]
    pub scope: String,
    /// The program that acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The program, where an issuer goes by `OpenID` Connect's name for it.
    #[serde(default, skip_serializing)]
    pub azp: Option<String>,
    /// The partnerships that it speaks for.
    #[serde(default)]
    pub partnerships: BTreeSet<String>,
    /// The regions that it speaks for.
    #[serde(default)]
    pub regions: BTreeSet<String>,
    /// The areas that it may report on.
    #[serde(default)]
    pub areas: BTreeSet<String>,
}

/// One audience or several.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Several(several) => several.iter().any(|one| one == name),
        }
    }
}

/// What an issuer's tokens must say.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The audience that they must name.
    pub audience: String,
    /// Whether they may lack `client_id` and `jti`, which not every provider writes.
    pub lenient: bool,
}

impl Claims {
    /// Whether what a token says can be taken at a time, in seconds since 1970; answers who acts and until when.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, terms: &Terms, now: u64) -> Result<(&str, u64), TokenFault> {
        let (Some(exp), Some(iat), Some(aud)) = (self.exp, self.iat, &self.aud) else {
            return Err(TokenFault::MissingClaim);
        };
        let subject = self.sub.as_deref().filter(|subject| !subject.is_empty()).ok_or(TokenFault::MissingClaim)?;
        if !terms.lenient && (self.client_id.is_none() || self.jti.is_none()) {
            return Err(TokenFault::MissingClaim);
        }
        if !aud.has(&terms.audience) {
            return Err(TokenFault::OtherAudience);
        }
        let last = exp.saturating_add(LEEWAY);
        if now > last {
            return Err(TokenFault::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf > now + LEEWAY) {
            return Err(TokenFault::NotYetValid);
        }
        if iat > now + LEEWAY {
            return Err(TokenFault::IssuedInFuture);
        }
        Ok((subject, last))
    }
}

/// Whether a member is there, whatever it holds.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Seconds since 1970, which may have decimals (RFC 7519, section 2).
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let Some(seconds) = Option::<f64>::deserialize(deserializer)? else {
        return Ok(None);
    };
    if !(0.0..=253_402_300_799.0).contains(&seconds) {
        return Err(de::Error::custom("not an instant"));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between the years 1970 and 9999")]
    Ok(Some(seconds as u64))
}
