//! Who asks: what a bearer token says about its holder. One gate stands in front of REST and GraphQL.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::{
    clock::Instant,
    problem::{Error, ProblemCode, Result},
    rules::catalogue::{Catalogue, Partnership},
};

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Read the returns of one's own partnerships and regions.
    ReturnsRead,
    /// Post, replace, submit and withdraw returns of one's own partnerships.
    ReturnsWrite,
    /// Sign off or send back returns submitted by somebody else.
    ReturnsSignOff,
    /// Release signed-off returns: a regional office its region's, a partnership its own local indicators.
    ReleasesWrite,
    /// Put metadata.
    MetadataWrite,
    /// Read the audit trail of one's own partnerships and regions; whoever speaks for nobody in particular, all of it.
    AuditRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::ReturnsRead,
        Self::ReturnsWrite,
        Self::ReturnsSignOff,
        Self::ReleasesWrite,
        Self::MetadataWrite,
        Self::AuditRead,
    ];

    /// The scope as it stands in a token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReturnsRead => "returns:read",
            Self::ReturnsWrite => "returns:write",
            Self::ReturnsSignOff => "returns:sign-off",
            Self::ReleasesWrite => "releases:write",
            Self::MetadataWrite => "metadata:write",
            Self::AuditRead => "audit:read",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|scope| scope.as_str()).collect();
            format!("`{text}` is not one of the scopes {}", known.join(", "))
        })
    }
}

/// Who asks.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    subject: Option<String>,
    /// The client program, if the token names it.
    pub client: Option<String>,
    /// When the token is no longer taken; a caller without one may stay.
    pub expires_at: Option<Instant>,
    /// What the token allows.
    pub scopes: BTreeSet<Scope>,
    /// The partnerships that it speaks for, by code.
    pub partnerships: BTreeSet<String>,
    /// The regions that it speaks for, by the codes of their areas.
    pub regions: BTreeSet<String>,
    /// The areas that it may report on, by code; empty for those of its partnerships and regions.
    pub areas: BTreeSet<String>,
}

/// Each of these scopes lets a token see what its partnerships have signed off and not yet published.
const SEEING: [Scope; 4] = [Scope::ReturnsRead, Scope::ReturnsWrite, Scope::ReturnsSignOff, Scope::ReleasesWrite];

impl Caller {
    /// Somebody without a token.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// The holder of a token.
    pub fn identified(subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..Self::default() }
    }

    /// The same caller with scopes.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes.extend(scopes);
        self
    }

    /// The same caller, speaking for partnerships.
    #[must_use]
    pub fn for_partnerships<'a>(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        self.partnerships.extend(codes.into_iter().map(str::to_owned));
        self
    }

    /// The same caller, speaking for regions.
    #[must_use]
    pub fn for_regions<'a>(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        self.regions.extend(codes.into_iter().map(str::to_owned));
        self
    }

    /// All that answers may depend on: equal texts, equal answers.
    pub fn says(&self) -> String {
        let Self { subject, client: _, scopes, partnerships, regions, areas, expires_at: _ } = self;
        format!("{subject:?} {scopes:?} {partnerships:?} {regions:?} {areas:?}")
    }

    /// Whether there is no token.
    pub fn is_anonymous(&self) -> bool {
        self.subject.is_none()
    }

    /// The token's subject.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` without a token.
    pub fn subject(&self) -> Result<&str> {
        self.subject.as_deref().ok_or_else(|| {
            Error::problem(ProblemCode::Unauthenticated, "This needs a bearer token in the Authorization header.")
        })
    }

    /// Checks a scope, before anything is looked up.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` without a token, `MISSING_SCOPE` without the scope.
    pub fn require(&self, scope: Scope) -> Result<&str> {
        self.require_any(&[scope])
    }

    /// Checks that the token has at least one of the scopes.
    ///
    /// # Errors
    /// As [`Caller::require`].
    pub fn require_any(&self, scopes: &[Scope]) -> Result<&str> {
        let subject = self.subject()?;
        if scopes.iter().any(|scope| self.scopes.contains(scope)) {
            return Ok(subject);
        }
        let names: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
        Err(Error::problem(ProblemCode::MissingScope, format!("The token lacks the scope {}.", names.join(" or "))))
    }

    /// Whether the token speaks for the partnership itself.
    pub fn speaks_for(&self, partnership: &Partnership) -> bool {
        self.partnerships.contains(&partnership.code)
    }

    /// Whether the token speaks for the partnership's regional office.
    pub fn speaks_for_region_of(&self, partnership: &Partnership) -> bool {
        partnership.region.as_ref().is_some_and(|region| self.regions.contains(region))
    }

    /// Whether the token may see what the partnership has not published.
    pub fn may_see(&self, partnership: &Partnership) -> bool {
        self.speaks_for(partnership) || self.speaks_for_region_of(partnership)
    }

    /// Whether the token may see what the partnership has signed off and not yet published: it speaks for it, and may read or
    /// release returns.
    pub fn may_see_unpublished(&self, partnership: &Partnership) -> bool {
        self.may_see(partnership) && SEEING.iter().any(|scope| self.scopes.contains(scope))
    }

    /// What a caller is told who asks for what is told to those alone who may see what a partnership has not published.
    pub fn refused_unpublished(&self, detail: &str) -> Error {
        let lacking = self.require_any(&SEEING).err();
        lacking.unwrap_or_else(|| Error::problem(ProblemCode::NotYourPartnership, detail))
    }

    /// Whether the token may report figures of an area: one that it names; if it names none, one of its partnerships' or
    /// regions' areas or a part of such.
    pub fn may_report_on(&self, area: &str, catalogue: &Catalogue) -> bool {
        if !self.areas.is_empty() {
            return self.areas.contains(area);
        }
        let own = self.partnerships.iter().filter_map(|code| catalogue.partnership(code)).map(|p| p.area.as_str());
        let mut own = own.chain(self.regions.iter().map(String::as_str));
        own.any(|reached| catalogue.lies_within(area, reached))
    }
}
