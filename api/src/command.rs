//! The commands. Each failure is one line.

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use exchange::{Clock, Exchange, Settings, store::Database};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[cfg(not(feature = "otel"))]
use crate::cli::LogFormat;
use crate::{
    application::{Application, metrics_router, router_with},
    cli::{Backup, Cli, Command, DatabaseOptions, Generate, LedgerOptions, Load, Restored, Serve, Token, VerifyAudit},
    demo, generate as generation,
    identity::{Gate, sign},
    keys,
    load::{self, Source},
    metrics, openapi,
    protection::Protection,
    resource::Resource,
    server,
};

/// Runs a command.
///
/// # Errors
/// One line that says what is wrong.
pub async fn run(cli: Cli) -> Result<(), String> {
    match cli.command {
        Command::Serve(options) => serve(*options).await,
        Command::Migrate(options) => migrate(&options).await,
        Command::Load(options) => push(&options).await,
        Command::Generate(options) => generate(&options).await,
        Command::VerifyAudit(options) => verify_audit(&options).await,
        Command::Backup(options) => backup(&options).await,
        Command::Restored(options) => restored(&options).await,
        Command::Token(options) => token(&options),
        Command::Openapi => print(&openapi::description()?),
        Command::Schema => print(&schema::sdl()),
    }
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    // A reader that has seen enough is no failure.
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(failure) if failure.kind() != std::io::ErrorKind::BrokenPipe => Err(failure.to_string()),
        _ => Ok(()),
    }
}

async fn connect(options: &DatabaseOptions) -> Result<Database, String> {
    let url = &options.database_url;
    if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err("the database URL must begin with sqlite:// or postgres://".to_owned());
    }
    Database::connect(url, options.database_connections)
        .await
        .map_err(|failure| format!("the database cannot be reached: {failure}"))
}

async fn open(options: &DatabaseOptions, ledger: &LedgerOptions, migrate: bool) -> Result<Arc<Exchange>, String> {
    let database = connect(options).await?;
    if migrate {
        database.migrate().await.map_err(|failure| format!("the schema cannot be brought up to date: {failure}"))?;
    }
    database.check_schema().await?;
    let clock = ledger.test_clock.clone().map_or(Clock::System, Clock::File);
    let settings = Settings { margin: Duration::from_millis(ledger.release_margin_ms) };
    Ok(Arc::new(Exchange::new(database, clock, settings)))
}

async fn migrate(options: &DatabaseOptions) -> Result<(), String> {
    let database = connect(options).await?;
    database.migrate().await.map_err(|failure| format!("the schema cannot be brought up to date: {failure}"))?;
    database.close().await;
    Ok(())
}

async fn push(options: &Load) -> Result<(), String> {
    let exchange = open(&options.database, &options.ledger, false).await?;
    let tally = load::push(&exchange, Source::read(&options.folder)?).await.map_err(|failure| failure.to_string())?;
    for warning in &tally.warnings {
        println!("warning: {warning}");
    }
    println!(
        "{} documents, {} returns loaded; {} returns were there already",
        tally.documents, tally.returns, tally.known
    );
    Ok(())
}

async fn generate(options: &Generate) -> Result<(), String> {
    let exchange = open(&options.database, &options.ledger, false).await?;
    let generated = generation::generate(&exchange, options.sizes, |done| println!("{done}")).await;
    let generated = generated.map_err(|failure| failure.to_string())?;
    println!(
        "{} documents, {} returns with {} actuals generated",
        generated.documents, generated.returns, generated.actuals
    );
    exchange.database().close().await;
    Ok(())
}

async fn verify_audit(options: &VerifyAudit) -> Result<(), String> {
    let exchange = over(&options.database).await?;
    let verdict = exchange.verify_audit(&options.anchors).await.map_err(|failure| failure.to_string())?;
    println!("{} entries in {} chains, {} anchors", verdict.entries, verdict.chains, verdict.anchors);
    for fault in &verdict.faults {
        println!("broken: {fault}");
    }
    for hash in &verdict.missing_anchors {
        println!(
            "broken: no anchor here has the hash {hash} that was kept: the trail was cut or written anew before it"
        );
    }
    if verdict.is_whole() {
        println!("the audit trail is whole; newest anchor {}", verdict.newest_anchor);
        return Ok(());
    }
    Err(format!("the audit trail is broken in {} places", verdict.faults.len() + verdict.missing_anchors.len()))
}

async fn backup(options: &Backup) -> Result<(), String> {
    let database = connect(&options.database).await?;
    let written = database.copy_to(&options.file).await;
    database.close().await;
    written?;
    println!("{} is a copy of the database", options.file.display());
    Ok(())
}

async fn restored(options: &Restored) -> Result<(), String> {
    let exchange = open(&options.database, &options.ledger, false).await?;
    let verdict = exchange.verify_audit(&[]).await.map_err(|failure| failure.to_string())?;
    if !verdict.is_whole() {
        return Err("the audit trail of the backup is broken; `verify-audit` says where".to_owned());
    }
    let epoch = exchange.begin_history().await.map_err(|failure| failure.to_string())?;
    println!(
        "{} entries in {} chains verified; a new history begins ({epoch}): old cursors are told to start again",
        verdict.entries, verdict.chains
    );
    exchange.database().close().await;
    Ok(())
}

/// An exchange over a database, for looking into it.
async fn over(options: &DatabaseOptions) -> Result<Exchange, String> {
    let database = connect(options).await?;
    database.check_schema().await?;
    Ok(Exchange::new(database, Clock::System, Settings::default()))
}

fn token(options: &Token) -> Result<(), String> {
    let key = keys::signing_key(&options.keys, &options.database_url)?;
    print(&format!("{}\n", sign(&key, options)?))
}

async fn serve(mut options: Serve) -> Result<(), String> {
    #[cfg(feature = "otel")]
    let traces = crate::traces::Traces::open(&options.traces)?;
    #[cfg(feature = "otel")]
    traces.start_log(options.log_format, log_filter());
    #[cfg(not(feature = "otel"))]
    start_log(options.log_format);
    if options.demo {
        let path = keys::development_key_path(&options.database.database_url)
            .ok_or("--demo needs an embedded database: sqlite://path/to/file.sqlite")?;
        keys::make_development_key(&path)?;
        if options.keys.jwt_key_file.is_none() && options.keys.jwt_secret_file.is_none() {
            options.keys.jwt_key_file = Some(path);
        }
    }
    let gate = Gate::open(&options.keys, &options.trust.trusts)?;
    let exchange = open(&options.database, &options.ledger, options.demo).await?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|failure| format!("cannot listen on {}: {failure}", options.listen))?;
    let address = listener.local_addr().map_err(|failure| failure.to_string())?;
    if options.demo {
        println!("loading the demo data …");
        let tally = load::push(&exchange, demo::source()?).await.map_err(|failure| failure.to_string())?;
        println!(
            "{} documents, {} returns loaded; {} returns were there already",
            tally.documents, tally.returns, tally.known
        );
        introduce(address, &options)?;
    }
    let resource = Resource::new(Some(options.public_url.clone().unwrap_or_else(|| format!("http://{address}"))));
    let protection = Protection::new(&options.protection);
    let application =
        Application::protected(Arc::clone(&exchange), gate, options.publishing.clone(), protection, resource)?;
    tokio::spawn(Arc::clone(&application.metrics).keep(application.stopping.clone()));
    application.gate.fetch_keys(Duration::from_secs(options.trust.jwks_max_age), &application.stopping).await;
    // Whoever reads the next line may tell the server to stop.
    let told_to_stop = server::told_to_stop();
    println!("listening on http://{address}");
    let stopping = application.stopping.clone();
    if let Some(listen) = options.metrics_listen {
        let listener =
            TcpListener::bind(listen).await.map_err(|failure| format!("cannot listen on {listen}: {failure}"))?;
        println!(
            "metrics on http://{}{}",
            listener.local_addr().map_err(|failure| failure.to_string())?,
            metrics::PATH
        );
        let (router, stop) = (metrics_router(Arc::clone(&application)), application.stopping.clone());
        let limits = options.limits;
        tokio::spawn(async move { server::serve(listener, router, limits, &stop, stop.cancelled()).await });
    }
    let router = router_with(application, options.limits, options.metrics_listen.is_none());
    server::serve(listener, router, options.limits, &stopping, told_to_stop).await;
    #[cfg(feature = "otel")]
    traces.close().await;
    exchange.database().close().await;
    Ok(())
}

/// What stands in the log.
fn log_filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn"))
}

#[cfg(not(feature = "otel"))]
fn start_log(format: LogFormat) {
    let log = tracing_subscriber::fmt().with_env_filter(log_filter()).with_writer(std::io::stderr);
    // Another subscriber may be there already, in tests; it may stay.
    let _ = match format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}

/// Somebody in the demo.
struct Role {
    name: &'static str,
    subject: &'static str,
    scope: &'static str,
    partnership: Option<&'static str>,
    region: Option<&'static str>,
}

/// Who is who in the demo.
const ROLES: [Role; 5] = [
    Role {
        name: "RESPONDENT",
        subject: "anna",
        scope: "returns:read returns:write returns:sign-off releases:write metadata:write",
        partnership: Some("southwark"),
        region: None,
    },
    Role {
        name: "SIGNATORY",
        subject: "ben",
        scope: "returns:read returns:sign-off",
        partnership: Some("southwark"),
        region: None,
    },
    Role {
        name: "OFFICE",
        subject: "gol",
        scope: "returns:read releases:write",
        partnership: None,
        region: Some("E12000007"),
    },
    Role { name: "EDITOR", subject: "editor", scope: "metadata:write", partnership: None, region: None },
    Role { name: "AUDITOR", subject: "auditor", scope: "audit:read", partnership: None, region: None },
];

/// Prints addresses, a token for each role and requests to copy.
fn introduce(address: SocketAddr, options: &Serve) -> Result<(), String> {
    let key = keys::signing_key(&options.keys, &options.database.database_url)?;
    let base = format!("http://{address}");
    println!("\nOpen\n  {base}/docs                      the documentation, to try out");
    println!("  {base}/v1/partnerships           who reports");
    println!("  {base}/graphql                   GraphQL, to try out, with its schema\n");
    println!("Tokens, valid for 12 hours (partnerships named “(fictional)” are invented)");
    for Role { name, subject, scope, partnership, region } in ROLES {
        let token = Token {
            subject: subject.to_owned(),
            scope: scope.to_owned(),
            partnerships: partnership.map(str::to_owned).into_iter().collect(),
            regions: region.map(str::to_owned).into_iter().collect(),
            areas: Vec::new(),
            client: Some("demo".to_owned()),
            hours: 12,
            database_url: options.database.database_url.clone(),
            keys: options.keys.clone(),
        };
        println!("{name}={}", sign(&key, &token)?);
    }
    println!(
        r#"
Post a return (paste the line RESPONDENT=… first); it has a mistake, and is told so
  curl -s {base}/v1/returns -H "Authorization: Bearer $RESPONDENT" -H 'Content-Type: application/json' \
    -H "Idempotency-Key: $(date +%s%N)" -d '{{"partnership":"southwark","collection":"fy2008-09","lines":[{{"source_row":"1","indicator":"NI 1S","period":"2008/09","actual":{{"value":2.29}}}}]}}'

Query a comparison
  curl -s '{base}/v1/partnerships/southwark/comparison?indicators=NI+16,NI+20&periods=FY2007-08,FY2008-09'
  curl -s '{base}/v1/partnerships/fictional-kestrelby/comparison.csv?indicators=NI+16&periods=FY2010-11'

A GraphQL query
  curl -s {base}/graphql -H 'Content-Type: application/json' \
    -d '{{"query":"{{ partnership(code: \"southwark\") {{ name actuals(indicators: [\"NI 15\", \"NI 16\"], periods: [\"2008/09\"]) {{ indicator {{ code }} value asPrinted }} }} }}"}}'
"#
    );
    Ok(())
}
