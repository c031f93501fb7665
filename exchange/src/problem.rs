//! Everything that can be wrong, with one code each.
//!
//! The list feeds the problem documents of REST, the error extensions of GraphQL, the validation reports, `/v1/problems` and
//! the documentation. A code is never reused for something else.

use std::fmt;

use entity::Severity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Instant;

/// A result whose error a client may be told of, or an internal one.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! problem_codes {
    ($($variant:ident = $word:tt, $status:literal, $title:literal, $explanation:literal;)+) => {
        /// The code of a problem.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
            async_graphql::Enum,
        )]
        pub enum ProblemCode {
            $(
                #[doc = $explanation]
                #[serde(rename = $word)]
                #[graphql(name = $word)]
                $variant,
            )+
        }

        impl ProblemCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The HTTP status of an answer that fails with this code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// A short title in plain English, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What it means and what to do about it.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation),+ }
            }
        }
    };
}

problem_codes! {
    Unauthenticated = "UNAUTHENTICATED", 401, "A token is needed",
        "The operation needs a bearer token in the Authorization header. Ask the exchange's operator for one.";
    InvalidToken = "INVALID_TOKEN", 401, "The token is not valid",
        "The bearer token is malformed, expired, signed by another key, or meant for another audience. The detail says which.";
    MissingScope = "MISSING_SCOPE", 403, "The token lacks a scope",
        "The token is valid but does not allow the operation. The detail names the scope that does.";
    NotYourPartnership = "NOT_YOUR_PARTNERSHIP", 403, "Not your partnership",
        "The token speaks for other partnerships or regions than the one written for.";
    SecondPersonRequired = "SECOND_PERSON_REQUIRED", 403, "A second person is required",
        "A return is signed off by somebody other than the person who submitted it.";
    NotFound = "NOT_FOUND", 404, "Not found",
        "There is nothing at this address, or nothing that the token may know of.";
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "Method not allowed",
        "The address exists but does not take this method; the Allow header lists those that it takes.";
    NotAcceptable = "NOT_ACCEPTABLE", 406, "No acceptable representation",
        "None of the media types in the Accept header is offered at this address.";
    RequestTimeout = "REQUEST_TIMEOUT", 408, "The request took too long",
        "The request did not arrive or could not be answered within the server's time limit.";
    WrongState = "WRONG_STATE", 409, "Not possible in this state",
        "The return is in a state in which the operation makes no sense; the detail names the state and what is possible.";
    IdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE", 409, "The first request is still running",
        "A request with the same idempotency key has not been answered yet. Repeat it a little later.";
    ReleaseOutOfOrder = "RELEASE_OUT_OF_ORDER", 409, "Revisions would take effect out of order",
        "Revisions of one return take effect in their order: a later one is in the ledger before this instant, or an earlier one after it.";
    RevisionRequired = "REVISION_REQUIRED", 409, "A released return is corrected by a revision",
        "A return of the partnership for this collection is released, or is to be. Reopen the newest as a revision, with a reason, and correct that.";
    ResyncRequired = "RESYNC_REQUIRED", 410, "Start again",
        "The place in the feed is of another history: a backup has been restored. Read what is published anew, then follow the feed from there.";
    PreconditionFailed = "PRECONDITION_FAILED", 412, "The return has changed",
        "The entity tag in If-Match is not the current one. Read the return again, and repeat the change on what it says now.";
    BodyTooLarge = "BODY_TOO_LARGE", 413, "The body is too large",
        "The request body exceeds the server's limit; split the return.";
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415, "Media type not supported",
        "The Content-Type of the body is none that this address takes.";
    MalformedBody = "MALFORMED_BODY", 400, "The body cannot be read",
        "The body is not well-formed JSON or CSV. The detail gives the line and column.";
    InvalidParameter = "INVALID_PARAMETER", 400, "A parameter is not valid",
        "A path, query or header parameter is unknown, missing, or not of the form that is expected.";
    InvalidCursor = "INVALID_CURSOR", 400, "The cursor is not valid",
        "The cursor was not given out by this list. Start again without one.";
    FutureAsOf = "FUTURE_AS_OF", 400, "The instant lies in the future",
        "`as_of` takes an instant up to now: what will be published later is not known yet.";
    InvalidDocument = "INVALID_DOCUMENT", 422, "The document is not valid",
        "The document is well formed but says something that cannot be; the problems name the places.";
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", 422, "The idempotency key was used for something else",
        "The same idempotency key came before with another body. Use a new key for a new request.";
    ReturnRefused = "RETURN_REFUSED", 422, "The return was refused",
        "The return has at least one problem of severity ERROR. The report lists all of them; nothing was kept but the report.";
    PreconditionRequired = "PRECONDITION_REQUIRED", 428, "If-Match is required",
        "Changing a return needs an If-Match header with the entity tag of the version that the change is based on.";
    Internal = "INTERNAL", 500, "The exchange failed",
        "The exchange could not answer for a reason of its own. The request id finds the reason in the operator's log.";
    Overloaded = "OVERLOADED", 503, "The exchange is busy",
        "The server has as much work as it can take. Repeat the request a little later.";
    NotReady = "NOT_READY", 503, "The server cannot answer yet",
        "The database does not answer, or the keys of an issuer of tokens could not be had yet. Repeat the request a little later.";
    RateLimited = "RATE_LIMITED", 429, "Too many requests",
        "The holder of the token, or the address, has asked too often. Header fields of the answer tell how it stands, and after how many seconds to go on.";
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED", 400, "The GraphQL document cannot be read",
        "The query is not well-formed GraphQL; the locations say where.";
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED", 400, "The GraphQL document is not valid",
        "The query does not fit the schema.";
    GraphqlLimitExceeded = "GRAPHQL_LIMIT_EXCEEDED", 400, "The GraphQL operation asks for too much",
        "The operation exceeds a limit. `limited` in the extensions names it (`TOKENS`, `NESTING`, `FRAGMENTS`, `FIELDS`, `TYPENAMES`, `DIRECTIVES`, `DIRECTIVES_ON_ONE_FIELD` and `DEPTH` of what is sent, `COST` as estimated from it, `NODES` of what is answered), `limit` is the most that is taken and `cost` what was found. Ask for smaller pages or fewer fields, or in several operations.";
    IntrospectionDisabled = "INTROSPECTION_DISABLED", 400, "Introspection is switched off",
        "This server does not answer `__schema` and `__type`. The schema is published in its definition language at `/graphql/schema.graphql`.";
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND", 400, "The persisted query is not known",
        "No query with this hash is registered on this server, or not any more. Repeat the request with the query beside its hash, which registers it.";
    NotInCatalogue = "NOT_IN_CATALOGUE", 422, "Not in the catalogue",
        "The indicator's code is not in the catalogue. A near one is suggested if there is any. The catalogue is partial: ask its editors to add a missing indicator, or register your own local one.";
    UnknownPartnership = "UNKNOWN_PARTNERSHIP", 422, "No such partnership",
        "The partnership's code is not registered.";
    UnknownCollection = "UNKNOWN_COLLECTION", 422, "No such collection",
        "The collection's code is not registered.";
    UnknownArea = "UNKNOWN_AREA", 422, "No such area",
        "The area's code is not registered.";
    UnknownPeriod = "UNKNOWN_PERIOD", 422, "Not a period",
        "The text names no period that the exchange knows how to read.";
    SpreadsheetDate = "SPREADSHEET_DATE", 422, "A spreadsheet changed the period",
        "A spreadsheet took the period for a date. Format the column as text and type the period again.";
    NotANumber = "NOT_A_NUMBER", 422, "Not a number",
        "The value is not a plain decimal number. What was printed beside the number belongs in `as_printed`.";
    TooManyDigits = "TOO_MANY_DIGITS", 422, "Too many digits",
        "At most 12 integer digits, 6 decimals and 15 significant digits are kept exactly; more is refused, never rounded.";
    MissingReasonRequired = "MISSING_REASON_REQUIRED", 422, "A reason is required",
        "There is no value, and nothing says why. A blank is not a zero.";
    ValueBesideMissing = "VALUE_BESIDE_MISSING", 422, "A value beside a missing status",
        "A missing reason, or a status that says there is no value, stands beside a value.";
    StatusWithoutValue = "STATUS_WITHOUT_VALUE", 422, "A status that needs a value",
        "The status describes a value, and there is none; or two statuses exclude each other.";
    SameRowTwice = "SAME_ROW_TWICE", 422, "The same figure from the same row twice",
        "Two lines give the same indicator, period, area, breakdown and source row.";
    RepeatedRow = "REPEATED_ROW", 422, "The same figure in another row",
        "Another row of the source gives the same figures for the same key. Both rows are kept.";
    Conflict = "CONFLICT", 422, "Two rows contradict each other",
        "Another row of the source gives other figures for the same key. Both are kept, and nothing is computed from either.";
    AreaNotYours = "AREA_NOT_YOURS", 422, "Not your area",
        "The token may not report figures of this area.";
    UnknownField = "UNKNOWN_FIELD", 422, "Unknown field",
        "The request has a field that is not part of its documented shape.";
    RequiredField = "REQUIRED_FIELD", 422, "A required field is missing",
        "The request lacks a field that it must have.";
    WrongType = "WRONG_TYPE", 422, "Not of the expected type",
        "The value is of another type than the field takes.";
    UnknownWord = "UNKNOWN_WORD", 422, "Not one of the words",
        "The field takes one of a closed list of words, and this is none of them.";
    TooManyLines = "TOO_MANY_LINES", 422, "Too many lines",
        "A return may have at most 5,000 lines and as many reported comparisons.";
    UnfitText = "UNFIT_TEXT", 422, "The text cannot be taken",
        "A text has control characters in it, or is too long: 10,000 characters are the most, 200 for codes and names.";
    NothingReported = "NOTHING_REPORTED", 422, "The line reports nothing",
        "A line must carry at least one of actual, baseline, target, reported change and reported light. For an empty cell `missing` is BLANK.";
    NotAsked = "NOT_ASKED", 422, "Not asked in this collection",
        "The collection does not ask for this indicator or period; the figure is kept all the same.";
    CollectionNotOpen = "COLLECTION_NOT_OPEN", 422, "The collection is not open",
        "The collection has not opened yet, or has closed.";
    ReturnedLate = "RETURNED_LATE", 422, "After the due date",
        "The collection's due date has passed; the return is taken and marked late.";
    PrintedDiffers = "PRINTED_DIFFERS", 422, "Value and print differ",
        "The cell as printed reads as another number than the value.";
    ChangeUnexplained = "CHANGE_UNEXPLAINED", 422, "The printed change does not follow",
        "The reported change follows from the reported figures neither as a relative change nor in points.";
    Implausible = "IMPLAUSIBLE", 422, "Outside the plausible range",
        "The value lies outside the range that the indicator's definition calls plausible, such as 0 to 100 for a proportion.";
    UnitDiffers = "UNIT_DIFFERS", 422, "Printed in another unit",
        "The cell as printed has a per cent sign, and the indicator is not in per cent.";
    Doubted = "DOUBTED", 422, "The respondent doubts the print",
        "The line itself says that what the source prints is doubtful; its note says why. The figures are kept as printed.";
    ResourcesDisagree = "RESOURCES_DISAGREE", 422, "The resource tables disagree",
        "The amounts of a plan's resource tables do not add up to their printed totals, or two tables give one agency different amounts.";
}

impl ProblemCode {
    /// The code as a path segment: `not-in-catalogue`.
    pub fn slug(self) -> String {
        self.as_str().to_ascii_lowercase().replace('_', "-")
    }

    /// The code with this path segment.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.slug() == slug)
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in a request a problem lies.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// The line of the return, from 1 in the order posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 3)]
    pub line: Option<u32>,
    /// The source row that the line names, as printed in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_row: Option<String>,
    /// The column of a CSV body; its first row is the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "actual_value")]
    pub column: Option<String>,
    /// The JSON pointer (RFC 6901) into a JSON body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/lines/2/actual/value")]
    pub pointer: Option<String>,
}

impl Place {
    /// A place in a JSON document.
    pub fn pointer(pointer: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..Self::default() }
    }

    /// Moves the place into a greater document, which holds its own at a pointer.
    pub fn move_into(&mut self, within: &str) {
        if let Some(pointer) = &mut self.pointer {
            pointer.insert_str(0, within);
        }
    }
}

/// One thing that is wrong, or worth knowing, about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Its code.
    pub code: ProblemCode,
    /// How much it weighs.
    pub severity: Severity,
    /// Plain English: what is wrong with what was given.
    #[schema(example = "`NI 1S` is not in the catalogue. Did you mean `NI 15`?")]
    pub message: String,
    /// What was expected instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "an indicator code such as `NI 15`")]
    pub expected: Option<String>,
    /// Where.
    pub place: Place,
}

/// What became of a return that was validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportOutcome {
    /// It was kept as a draft.
    Accepted,
    /// It was refused; nothing was kept but this report.
    Refused,
    /// It would have been accepted; nothing was kept but this report.
    WouldBeAccepted,
    /// It would have been refused; nothing was kept but this report.
    WouldBeRefused,
}

/// The validation report of a return: the same for a dry run, a refused and an accepted return, on every interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Its identifier; it stays readable at `/v1/reports/{id}`.
    pub id: Uuid,
    /// The partnership reported for, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The collection answered, by code.
    #[schema(example = "fy2008-09")]
    pub collection: String,
    /// What became of the return.
    pub outcome: ReportOutcome,
    /// How many lines were read.
    pub lines: u32,
    /// How many problems of severity ERROR there are.
    pub errors: u32,
    /// How many of severity WARNING.
    pub warnings: u32,
    /// How many of severity INFO.
    pub infos: u32,
    /// All problems, in the order of their places.
    pub problems: Vec<Problem>,
    /// When the return was validated.
    #[schema(value_type = String, format = DateTime, example = "2009-06-30T09:00:00Z")]
    pub created_at: Instant,
}

/// An error at the border of the exchange.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that the client may be told.
    #[error("{0}")]
    Refusal(Box<Refusal>),
    /// Something that only the operator may be told.
    #[error("{context}: {source}")]
    Internal {
        /// What the exchange was doing.
        context: &'static str,
        /// What failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What a client is told when a request fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The code.
    pub code: ProblemCode,
    /// What went wrong this time, in plain English.
    pub detail: String,
    /// All that is wrong, with places.
    pub problems: Vec<Problem>,
    /// The validation report, if a return was refused.
    pub report: Option<Report>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)?;
        let problems = self.report.as_ref().map_or(&self.problems, |report| &report.problems);
        for problem in problems {
            write!(f, "\n  {} {}", problem.severity, problem.code)?;
            for part in [&problem.place.pointer, &problem.place.column].into_iter().flatten() {
                write!(f, " {part}")?;
            }
            if let Some(line) = problem.place.line {
                write!(f, " (line {line})")?;
            }
            write!(f, ": {}", problem.message)?;
        }
        Ok(())
    }
}

impl Error {
    /// An error with a code and a sentence.
    pub fn problem(code: ProblemCode, detail: impl Into<String>) -> Self {
        Refusal { code, detail: detail.into(), problems: Vec::new(), report: None }.into()
    }

    /// Nothing is there, or nothing that the caller may know of: the two read alike.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::problem(ProblemCode::NotFound, format!("There is no {what} here."))
    }

    /// A parameter that is not valid.
    pub fn parameter(name: &str, why: impl fmt::Display) -> Self {
        Refusal {
            code: ProblemCode::InvalidParameter,
            detail: format!("The parameter `{name}` is not valid: {why}"),
            problems: Vec::new(),
            report: None,
        }
        .into()
    }

    /// An error that only the operator is told.
    pub fn internal(context: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal { context, source: source.into() }
    }

    /// The code that the client is told.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Refusal(refusal) => refusal.code,
            Self::Internal { .. } => ProblemCode::Internal,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(Box::new(refusal))
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(source: sea_orm::DbErr) -> Self {
        match source {
            // Every connection is busy: that passes.
            sea_orm::DbErr::ConnectionAcquire(_) => Self::problem(
                ProblemCode::Overloaded,
                "The server has as much work as it can take; repeat the request.",
            ),
            source => Self::internal("talking to the database", source),
        }
    }
}
