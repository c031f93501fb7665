//! The demo data, loaded once for each engine, and an exchange with its router over it.

use std::{sync::Arc, time::Duration};

use api::{
    application::{Application, router},
    cli::{KeyOptions, Limits, Publishing},
    identity::Gate,
    keys, load,
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header::ACCEPT, header::CONTENT_TYPE},
};
use exchange::{Clock, Exchange, Settings};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tests::{Database, Engine, Key};
use tokio::sync::OnceCell;
use tower::ServiceExt;

/// The indicators that the demo reports for every year and, all but the last three, for every quarter.
pub const INDICATORS: &str = "NI 15,NI 16,NI 18,NI 19,NI 28,NI 29,NI 34,NI 17,NI 21,NI 27";

/// The years that the demo reports.
pub const YEARS: &str = "FY2008-09,FY2009-10,FY2010-11,FY2011-12";

/// An exchange over the demo data, with its router. Each has connections, memory and counters of its own; the database
/// is shared, and only to be read.
pub struct Loaded {
    /// The exchange.
    pub exchange: Arc<Exchange>,
    router: Router,
    _database: Database,
}

impl Loaded {
    /// Over the engine of `fresh`, which holds the demo data from now on if it is the first.
    pub async fn over(fresh: Database) -> Self {
        static SQLITE: OnceCell<Database> = OnceCell::const_new();
        static POSTGRES: OnceCell<Database> = OnceCell::const_new();
        let loaded = match fresh.engine() {
            Engine::Sqlite => &SQLITE,
            Engine::Postgres => &POSTGRES,
        };
        let database = loaded.get_or_init(|| load(fresh)).await;
        Self::new(database.clone()).await
    }

    async fn new(database: Database) -> Self {
        let exchange = exchange_over(&database).await;
        let options = KeyOptions {
            jwt_key_file: Some(Key::OfTheServer.file()),
            jwt_secret_file: None,
            jwt_issuer: "indicator-exchange".to_owned(),
            jwt_audience: "indicator-exchange".to_owned(),
        };
        let key = keys::checking_key(&options).unwrap();
        let gate = Gate::new(key, &options.jwt_issuer, &options.jwt_audience);
        // What is asked for again is to be read again.
        let publishing = Publishing { keep_answers_bytes: 0, ..Publishing::default() };
        let application = Application::new(Arc::clone(&exchange), gate, publishing).unwrap();
        let limits = Limits {
            max_body_bytes: 1024 * 1024,
            max_connections: 1,
            header_timeout: 60,
            request_timeout: 60,
            write_timeout: 60,
            drain_timeout: 0,
        };
        Self { exchange, router: router(application, limits), _database: database }
    }

    /// How many statements have been run so far, outside transactions.
    pub fn statements(&self) -> u64 {
        self.exchange.database().statements()
    }

    /// Reads a path, in which spaces may stand, as a media type.
    pub async fn read(&self, path: &str, accept: &str) -> Answer {
        let request = Request::get(path.replace(' ', "%20")).header(ACCEPT, accept).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// Reads a path as JSON.
    pub async fn json(&self, path: &str) -> Value {
        self.read(path, "application/json").await.expect_ok().json()
    }

    /// Reads a path as CSV: its header and its rows.
    pub async fn csv(&self, path: &str) -> (Vec<String>, Vec<Vec<String>>) {
        self.read(path, "text/csv").await.expect_ok().csv()
    }

    /// Asks a GraphQL document, which must be answered without errors.
    pub async fn graphql(&self, document: &str, variables: &Value) -> Value {
        let mut answer = self.try_graphql(document, variables).await.expect_ok().json();
        assert_eq!(answer.get("errors"), None, "{document}\n{variables}");
        answer["data"].take()
    }

    /// Asks a GraphQL document.
    pub async fn try_graphql(&self, document: &str, variables: &Value) -> Answer {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = Request::post("/graphql").header(CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let asked = format!("{} {}", request.method(), request.uri());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let link = head.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
        let body = body.collect().await.unwrap().to_bytes();
        Answer { asked, status: head.status, link, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}

/// Connects to a database and builds an exchange over it in which each reader looks at the ledger for itself, so that the
/// statements of one request can be counted.
pub async fn exchange_over(database: &Database) -> Arc<Exchange> {
    exchange_with(database, Settings { margin: Duration::ZERO }).await
}

/// As [`exchange_over`], with other settings.
pub async fn exchange_with(database: &Database, settings: Settings) -> Arc<Exchange> {
    let connected = exchange::store::Database::connect(&database.url(), 8).await.unwrap();
    Arc::new(Exchange::new(connected, Clock::System, settings))
}

async fn load(database: Database) -> Database {
    let exchange = exchange_with(&database, Settings::default()).await;
    load::push(&exchange, api::demo::source().unwrap()).await.unwrap();
    exchange.database().close().await;
    // The last release takes effect a little after it has been made.
    tokio::time::sleep(Settings::default().margin + Duration::from_millis(50)).await;
    database
}

/// An answer of the router.
#[derive(Debug)]
pub struct Answer {
    asked: String,
    pub status: StatusCode,
    link: Option<String>,
    pub body: String,
}

impl Answer {
    /// The same answer, which must be a good one.
    #[track_caller]
    pub fn expect_ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}\n{}", self.asked, self.body);
        self
    }

    /// The body, which must be JSON; numbers keep their digits.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|failure| panic!("{failure}: {self:#?}"))
    }

    /// The body, which must be CSV: its header and its rows.
    #[track_caller]
    pub fn csv(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let mut reader = csv::Reader::from_reader(self.body.as_bytes());
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = cells(reader.headers().unwrap());
        (header, reader.records().map(|record| cells(&record.unwrap())).collect())
    }

    /// Where the next page is (RFC 8288), if there is one.
    pub fn next(&self) -> Option<String> {
        let mut links = self.link.as_deref()?.split(", <").map(|link| link.trim_start_matches('<'));
        links.find_map(|link| link.strip_suffix(">; rel=\"next\"")).map(str::to_owned)
    }
}

/// A list of codes as GraphQL takes it.
pub fn list(codes: &str) -> Value {
    codes.split(',').map(Value::from).collect()
}

/// Prints a measured number, so that `--nocapture` shows it.
pub fn told(engine: Engine, what: &str, number: impl std::fmt::Display) {
    println!("{engine:?}: {what}: {number}");
}
