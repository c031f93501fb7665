//! What the server counts and measures, in the text format of Prometheus at `/metrics`.
//!
//! What every request touches is a handle that is found by its labels once and used ever after; what only a look at the
//! moment tells (connections, the ledger, keys) is looked at when the metrics are read. No label holds what a client made up.

mod gathered;

pub use gathered::metrics as answer;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use axum::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tokio_util::sync::CancellationToken;

/// Where they are.
pub const PATH: &str = "/metrics";

/// The buckets of durations, in seconds: few, as there is a set of them for every route.
const SECONDS: [f64; 6] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

/// The buckets of what GraphQL operations cost.
const COSTS: [f64; 6] = [10.0, 100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0];

/// The route of what is at no address.
const UNMATCHED: &str = "unmatched";

/// How often what was measured is put into buckets, also if nobody reads it.
const UPKEEP: Duration = Duration::from_secs(5);

static METADATA: Metadata<'_> = Metadata::new("indicator-exchange", Level::INFO, None);

/// The metrics of a server.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    in_flight: Gauge,
    routes: RwLock<HashMap<String, Arc<Route>>>,
}

/// The handles of one route.
struct Route {
    name: String,
    seconds: [std::sync::OnceLock<Histogram>; METHODS.len()],
    answers: [[std::sync::OnceLock<Counter>; CLASSES.len()]; METHODS.len()],
}

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

fn place_of(method: &Method) -> usize {
    METHODS.iter().position(|name| *name == method.as_str()).unwrap_or(METHODS.len() - 1)
}

/// Something that goes on for longer than its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// An answer of server-sent events.
    Events,
    /// A connection of WebSocket.
    WebSocket,
}

/// Counts something down when it ends, however it does.
pub struct Guard(Gauge);

impl Guard {
    fn new(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

impl Metrics {
    /// Metrics of which nothing is counted yet.
    ///
    /// # Errors
    /// Never in practice: only for buckets that are none.
    pub fn new() -> Result<Self, String> {
        let told = |failure: BuildError| failure.to_string();
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_cost".to_owned()), &COSTS))
            .map_err(told)?;
        let recorder = builder.build_recorder();
        describe(&recorder);
        let this = Self {
            handle: recorder.handle(),
            in_flight: recorder.register_gauge(&Key::from_static_name("http_requests_in_flight"), &METADATA),
            routes: RwLock::default(),
            recorder,
        };
        this.gauge("exchange_build_info", &[("version", env!("CARGO_PKG_VERSION"))]).set(1);
        let began = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        this.gauge("process_start_time_seconds", &[]).set(began.as_secs_f64());
        Ok(this)
    }

    /// A request has arrived.
    pub fn arrived(&self) -> Guard {
        Guard::new(self.in_flight.clone())
    }

    /// A request was answered.
    pub fn answered(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let route = self.route(route.unwrap_or(UNMATCHED));
        let (method, class) = (place_of(method), usize::from(status.as_u16() / 100).clamp(1, 5) - 1);
        let labels = [("route", route.name.as_str()), ("method", METHODS[method]), ("status", CLASSES[class])];
        route.answers[method][class].get_or_init(|| self.counter("http_requests_total", &labels)).increment(1);
        route.seconds[method]
            .get_or_init(|| self.histogram("http_request_duration_seconds", &labels[..2]))
            .record(took.as_secs_f64());
    }

    fn route(&self, name: &str) -> Arc<Route> {
        if let Some(route) = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Arc::clone(route);
        }
        let route =
            || Arc::new(Route { name: name.to_owned(), seconds: Default::default(), answers: Default::default() });
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(name.to_owned()).or_insert_with(route))
    }

    /// Something begins that goes on for longer than its request.
    pub fn open(&self, what: Open) -> Guard {
        let kind = match what {
            Open::Events => "events",
            Open::WebSocket => "websocket",
        };
        Guard::new(self.gauge("streams_open", &[("kind", kind)]))
    }

    /// A GraphQL operation was executed, or refused.
    pub fn graphql(&self, kind: &'static str, outcome: &'static str, cost: Option<usize>) {
        self.counter("graphql_operations_total", &[("type", kind), ("outcome", outcome)]).increment(1);
        if let Some(cost) = cost {
            #[allow(clippy::cast_precision_loss, reason = "a cost is put into a bucket")]
            self.histogram("graphql_operation_cost", &[]).record(cost as f64);
        }
    }

    /// Puts what was measured into buckets again and again, until the server stops.
    pub async fn keep(self: Arc<Self>, stopping: CancellationToken) {
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(UPKEEP) => self.handle.run_upkeep(),
            }
        }
    }

    fn counter(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Counter {
        self.recorder.register_counter(&key(name, labels), &METADATA)
    }

    fn gauge(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Gauge {
        self.recorder.register_gauge(&key(name, labels), &METADATA)
    }

    fn histogram(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Histogram {
        self.recorder.register_histogram(&key(name, labels), &METADATA)
    }
}

fn key(name: &'static str, labels: &[(&'static str, &str)]) -> Key {
    let labels: Vec<Label> = labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect();
    Key::from_parts(name, labels)
}

/// What a metric is.
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Every metric, with what it says.
const METRICS: [(Kind, &str, &str); 29] = [
    (Kind::Counter, "http_requests_total", "Requests answered, by route, method and class of status."),
    (Kind::Histogram, "http_request_duration_seconds", "Time until the head of the answer, by route and method."),
    (Kind::Gauge, "http_requests_in_flight", "Requests that have arrived and are not answered."),
    (Kind::Gauge, "http_requests_waiting", "Requests that wait for a place among those that are worked on."),
    (Kind::Counter, "http_requests_shed_total", "Requests sent away because the server had too much work."),
    (
        Kind::Counter,
        "http_requests_rate_limited_total",
        "Requests refused because their caller has asked too often, by policy.",
    ),
    (Kind::Gauge, "streams_open", "Answers of server-sent events and connections of WebSocket that are open."),
    (Kind::Counter, "graphql_operations_total", "GraphQL operations, by type and outcome."),
    (Kind::Histogram, "graphql_operation_cost", "What GraphQL operations cost, in the units of the limit."),
    (Kind::Counter, "tokens_refused_total", "Bearer tokens refused, by reason."),
    (Kind::Counter, "jwks_fetches_total", "Attempts to fetch the keys of an issuer, by outcome."),
    (Kind::Gauge, "jwks_keys", "Keys that the tokens of an issuer are checked by."),
    (Kind::Gauge, "jwks_age_seconds", "Time since the keys of an issuer were fetched."),
    (Kind::Gauge, "database_connections", "Connections to the database, by what they do."),
    (Kind::Gauge, "database_connections_max", "Connections to the database that there may be."),
    (Kind::Counter, "database_statements_total", "Statements run outside transactions."),
    (Kind::Counter, "database_writes_retried_total", "Writes run again because another one was in their way."),
    (Kind::Counter, "database_writes_given_up_total", "Writes given up because others were always in their way."),
    (Kind::Gauge, "ledger_readable", "Whether the ledger could be read when the metrics were."),
    (Kind::Gauge, "ledger_publications", "Publications in effect: the number that the state of answers begins with."),
    (Kind::Gauge, "ledger_newest_publication_timestamp_seconds", "When the newest publication took effect."),
    (Kind::Gauge, "ledger_read_timestamp_seconds", "Until when readers on this server read."),
    (Kind::Gauge, "ledger_held", "Whether a change that is under way holds readers' time up."),
    (Kind::Gauge, "ledger_held_seconds", "For how long it has."),
    (Kind::Gauge, "exchange_build_info", "The version of the program."),
    (Kind::Gauge, "process_start_time_seconds", "When the server was started."),
    (Kind::Gauge, "process_resident_memory_bytes", "Memory that the server takes."),
    (Kind::Gauge, "process_open_fds", "Files and sockets that the server has open."),
    (Kind::Gauge, "rate_limit_quota", "Requests that one caller may make a minute, by policy; 0 without a limit."),
];

fn describe(recorder: &PrometheusRecorder) {
    for (kind, name, help) in METRICS {
        let (name, help) = (KeyName::from_const_str(name), help.into());
        match kind {
            Kind::Counter => recorder.describe_counter(name, None, help),
            Kind::Gauge => recorder.describe_gauge(name, None, help),
            Kind::Histogram => recorder.describe_histogram(name, None, help),
        }
    }
}
