//! Options and commands. Every option can be given by the environment too; secrets come in files, never on a command line.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::http::{HeaderValue, Uri};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    identity::trust::Trust,
    protection::address::{ForwardedBy, TrustedProxies},
};

/// The service through which crime and disorder reduction partnerships exchange their performance indicators.
#[derive(Debug, Parser)]
#[command(name = "indicator-exchange", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the REST and GraphQL interfaces.
    Serve(Box<Serve>),
    /// Bring a database's schema up to date.
    Migrate(DatabaseOptions),
    /// Push files of metadata and returns through the same functions as an API client, sign off and release.
    Load(Load),
    /// Write a fictional exchange of any size into a migrated database, to try out and measure what it holds.
    Generate(Generate),
    /// Check the chains of the audit trail, and say where one breaks.
    VerifyAudit(VerifyAudit),
    /// Write a consistent copy of an embedded database to a file, while servers go on; for PostgreSQL use `pg_dump`.
    Backup(Backup),
    /// Begin a new history after a backup has been restored: run it before any server is started over the database.
    Restored(Restored),
    /// Print a signed bearer token.
    Token(Token),
    /// Print the OpenAPI document.
    Openapi,
    /// Print the GraphQL schema in its definition language.
    Schema,
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct DatabaseOptions {
    /// `sqlite://path/to/file.sqlite` or `postgres://user@host:port/database`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://indicator-exchange.sqlite", hide_env_values = true)]
    pub database_url: String,
    /// The most connections to the database at a time.
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: u32,
}

/// The clock and the ledger.
#[derive(Debug, Clone, Args)]
pub struct LedgerOptions {
    /// How many milliseconds ahead of the database's clock a publication takes effect; its transaction must end by then.
    #[arg(long, env = "RELEASE_MARGIN_MS", default_value_t = 250, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub release_margin_ms: u64,
    /// Read the time from a file that holds one RFC 3339 instant, instead of the system's clock. For tests only.
    #[arg(long, env = "TEST_CLOCK", value_name = "FILE")]
    pub test_clock: Option<PathBuf>,
}

/// How bearer tokens are checked.
#[derive(Debug, Clone, Args)]
pub struct KeyOptions {
    /// A PEM file with the public key that tokens are checked by (Ed25519: `EdDSA`, P-256: `ES256`, RSA: `RS256`), or with
    /// a private Ed25519 key. Its kind fixes the algorithm.
    #[arg(long, env = "JWT_KEY_FILE", value_name = "FILE", conflicts_with = "jwt_secret_file")]
    pub jwt_key_file: Option<PathBuf>,
    /// A file with a secret of at least 32 bytes that tokens are checked by (`HS256`).
    #[arg(long, env = "JWT_SECRET_FILE", value_name = "FILE")]
    pub jwt_secret_file: Option<PathBuf>,
    /// The issuer that a token must name.
    #[arg(long, env = "JWT_ISSUER", default_value = "indicator-exchange")]
    pub jwt_issuer: String,
    /// The audience that a token must name.
    #[arg(long, env = "JWT_AUDIENCE", default_value = "indicator-exchange")]
    pub jwt_audience: String,
}

/// Who else is trusted to say who asks.
#[derive(Debug, Clone, Args)]
pub struct TrustOptions {
    /// An issuer whose tokens are taken, too; may be repeated, in the environment parted by spaces. Settings parted by commas:
    /// `issuer=…`; `jwks=URL` of its keys or `key-file=FILE`, else its metadata say where they are; `audience=…` instead of
    /// `--jwt-audience`; `claims=lenient` if its tokens may lack `client_id` and `jti`; `subjects=plain` if its subjects are
    /// known as they are, and not with the issuer before them.
    #[arg(long = "trust", env = "TRUST", value_name = "SETTINGS", value_delimiter = ' ')]
    pub trusts: Vec<Trust>,
    /// Seconds after which the published keys of issuers are fetched again. A token with an unknown key makes that at once.
    #[arg(long, env = "JWKS_MAX_AGE", default_value_t = 300, value_parser = clap::value_parser!(u64).range(5..=86_400))]
    pub jwks_max_age: u64,
}

/// How logs are written, to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// The address to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) ledger: LedgerOptions,
    #[command(flatten)]
    pub(crate) keys: KeyOptions,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    /// Try the exchange out: migrate an embedded database, make a development key beside it, load the demo data and print
    /// addresses, tokens and requests to copy. Not for production.
    #[arg(long)]
    pub demo: bool,
    #[command(flatten)]
    pub(crate) publishing: Publishing,
    /// The address at which clients reach the server, such as `https://exchange.example`, if a proxy stands in front: it is what
    /// tokens are for (RFC 9728).
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", value_parser = crate::resource::origin)]
    pub public_url: Option<String>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) protection: ProtectionOptions,
    /// An address of its own for `/metrics`, which is then served there alone.
    #[arg(long, env = "METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// How logs are written.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    #[cfg(feature = "otel")]
    #[command(flatten)]
    pub(crate) traces: crate::traces::TraceOptions,
}

/// How what is published may be used.
#[derive(Debug, Clone, Args)]
pub struct Publishing {
    /// Ask for a token for reading published data, too.
    #[arg(long, env = "REQUIRE_TOKEN", value_parser = clap::builder::FalseyValueParser::new())]
    pub require_token: bool,
    /// The licence of published data, by its address; every answer links it.
    #[arg(long, env = "DATA_LICENCE", default_value = OPEN_GOVERNMENT_LICENCE, value_parser = licence, value_name = "URL")]
    pub data_licence: Arc<str>,
    /// The origin of a site whose pages may use the exchange from a browser, such as `https://dashboard.example`; may be repeated,
    /// or several parted by commas, or `*` for all. None unless given.
    #[arg(long = "cors-origin", env = "CORS_ORIGIN", value_parser = origin, value_delimiter = ',', value_name = "ORIGIN")]
    pub cors_origins: Vec<HeaderValue>,
    /// Whether GraphQL answers `__schema` and `__type`. The schema is published at `/graphql/schema.graphql` in any case.
    #[arg(long, env = "INTROSPECTION", default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub introspection: bool,
    /// The most bytes of public answers that are kept in memory, to be given again while the state is the same; 0 for none.
    #[arg(long, env = "KEEP_ANSWERS_BYTES", default_value_t = KEPT_BYTES, value_name = "BYTES")]
    pub keep_answers_bytes: usize,
}

impl Publishing {
    pub(crate) const fn schema(&self) -> schema::Settings {
        schema::Settings { introspection: self.introspection }
    }
}

/// How many bytes of answers are kept unless said otherwise.
const KEPT_BYTES: usize = 64 << 20;

/// The Open Government Licence v3.0.
pub const OPEN_GOVERNMENT_LICENCE: &str = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/";

impl Default for Publishing {
    fn default() -> Self {
        Self {
            require_token: false,
            data_licence: Arc::from(OPEN_GOVERNMENT_LICENCE),
            cors_origins: Vec::new(),
            introspection: true,
            keep_answers_bytes: KEPT_BYTES,
        }
    }
}

/// The address of a licence, which has to stand in a Link header.
fn licence(text: &str) -> Result<Arc<str>, String> {
    let uri: Uri = text.parse().map_err(|_| "it is no address".to_owned())?;
    if matches!(uri.scheme_str(), Some("http" | "https")) && !text.contains(['<', '>', '"']) {
        Ok(Arc::from(text))
    } else {
        Err("it is no address of the web, such as https://example.org/licence".to_owned())
    }
}

/// An origin as browsers write it: no path, no closing slash.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let text = text.trim();
    let is_plain = text.parse::<Uri>().is_ok_and(|uri| {
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let scheme = uri.scheme_str().unwrap_or_default();
        matches!(scheme, "http" | "https") && text == format!("{scheme}://{authority}") && !authority.contains('@')
    });
    if text == "*" || is_plain {
        HeaderValue::from_str(text).map_err(|failure| failure.to_string())
    } else {
        Err("it is no origin, such as https://dashboard.example (no path, no closing slash)".to_owned())
    }
}

/// How often callers may ask, and how much is worked on at a time.
#[derive(Debug, Clone, Args)]
pub struct ProtectionOptions {
    /// How many reads a minute one caller may ask: the holder of a token, or an address without one. 0 for no limit.
    #[arg(long, env = "RATE_LIMIT_READS", default_value_t = 600_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000_000))]
    pub rate_limit_reads: u32,
    /// How many writes a minute one caller may ask. 0 for no limit.
    #[arg(long, env = "RATE_LIMIT_WRITES", default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000_000))]
    pub rate_limit_writes: u32,
    /// How many requests are worked on at a time; as many again wait up to a second, the others are told to come back. 0 for no
    /// limit.
    #[arg(long, env = "MAX_REQUESTS", default_value_t = 256)]
    pub max_requests: usize,
    /// The proxies in front that say where a request comes from: how many, or their networks, parted by commas.
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "NUMBER or NETWORKS", default_value = "0")]
    pub trusted_proxies: TrustedProxies,
    /// The header in which they say it.
    #[arg(long, env = "FORWARDED_HEADER", value_enum, default_value_t = ForwardedBy::XForwardedFor)]
    pub forwarded_header: ForwardedBy,
}

/// What one client may take.
#[derive(Debug, Clone, Copy, Args)]
pub struct Limits {
    /// The most bytes of a request body.
    #[arg(long, env = "MAX_BODY_BYTES", default_value_t = 10 * 1024 * 1024)]
    pub max_body_bytes: usize,
    /// The most open connections; more wait.
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,
    /// Seconds within which a request's header must arrive; an idle connection is closed after as long.
    #[arg(long, env = "HEADER_TIMEOUT", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub header_timeout: u64,
    /// Seconds within which a request must have arrived whole and been answered.
    #[arg(long, env = "REQUEST_TIMEOUT", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub request_timeout: u64,
    /// Seconds within which a client must take something of what it is sent, or lose its connection.
    #[arg(long, env = "WRITE_TIMEOUT", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub write_timeout: u64,
    /// Seconds that requests under way are given when the server is told to stop.
    #[arg(long, env = "DRAIN_TIMEOUT", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub drain_timeout: u64,
}

impl Limits {
    pub(crate) const fn header(self) -> Duration {
        Duration::from_secs(self.header_timeout)
    }

    pub(crate) const fn request(self) -> Duration {
        Duration::from_secs(self.request_timeout)
    }

    pub(crate) const fn write(self) -> Duration {
        Duration::from_secs(self.write_timeout)
    }

    pub(crate) const fn drain(self) -> Duration {
        Duration::from_secs(self.drain_timeout)
    }
}

/// Options of `load`.
#[derive(Debug, Args)]
pub struct Load {
    /// The folder with the files; `data/README.md` says which.
    pub folder: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) ledger: LedgerOptions,
}

/// How large a fictional exchange is, and which.
#[derive(Debug, Clone, Copy, Args)]
pub struct Sizes {
    /// Partnerships, each with its area, peer group and plan.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub partnerships: u32,
    /// Indicators; each partnership returns an actual of each for each quarter.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=999))]
    pub indicators: u32,
    /// Quarters, from the first of 2005/06 on.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=80))]
    pub quarters: u32,
    /// Another seed gives other figures; the same one gives the same.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Options of `generate`.
#[derive(Debug, Args)]
pub struct Generate {
    #[command(flatten)]
    pub(crate) sizes: Sizes,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) ledger: LedgerOptions,
}

/// Options of `verify-audit`.
#[derive(Debug, Args)]
pub struct VerifyAudit {
    /// The hash of an anchor that was kept elsewhere; may be repeated. It must be among the anchors here.
    #[arg(long = "anchor", value_name = "HASH")]
    pub anchors: Vec<String>,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
}

/// Options of `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; it must not be there yet.
    pub file: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
}

/// Options of `restored`.
#[derive(Debug, Args)]
pub struct Restored {
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) ledger: LedgerOptions,
}

/// Options of `token`.
#[derive(Debug, Args)]
pub struct Token {
    /// Whose token it is.
    #[arg(long)]
    pub subject: String,
    /// What it allows, parted by spaces: `returns:read returns:write returns:sign-off releases:write metadata:write audit:read`.
    #[arg(long, default_value = "")]
    pub scope: String,
    /// A partnership that it speaks for, by code; may be repeated.
    #[arg(long = "partnership", value_name = "CODE")]
    pub partnerships: Vec<String>,
    /// A region that it speaks for, by the code of its area; may be repeated.
    #[arg(long = "region", value_name = "CODE")]
    pub regions: Vec<String>,
    /// An area that it may report on, by code; may be repeated. Without any: the areas of its partnerships and regions.
    #[arg(long = "area", value_name = "CODE")]
    pub areas: Vec<String>,
    /// The client program, for the audit trail.
    #[arg(long)]
    pub client: Option<String>,
    /// How many hours it is valid.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(i64).range(1..=8760))]
    pub hours: i64,
    /// The database whose development key signs the token, unless a key is given.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://indicator-exchange.sqlite", hide_env_values = true)]
    pub database_url: String,
    #[command(flatten)]
    pub(crate) keys: KeyOptions,
}
