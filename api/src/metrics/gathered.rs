//! What is looked at when the metrics are read.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use super::Metrics;
use crate::{application::Application, protection::rate::Rate};

/// How long the ledger may take to be looked at: a database that is away must not take the metrics along.
const PATIENCE: Duration = Duration::from_secs(1);

/// `GET /metrics`
pub async fn metrics(State(application): State<Arc<Application>>) -> Response {
    let metrics = &application.metrics;
    let looked = tokio::time::timeout(PATIENCE, application.exchange.standing()).await;
    metrics.gauge("ledger_readable", &[]).set(u32::from(matches!(looked, Ok(Ok(_)))));
    if let Ok(Ok(standing)) = looked {
        metrics.gauge("ledger_publications", &[]).set(float(standing.publications));
        metrics.gauge("ledger_read_timestamp_seconds", &[]).set(seconds(standing.read_at));
        if let Some(effect) = standing.newest_effect {
            metrics.gauge("ledger_newest_publication_timestamp_seconds", &[]).set(seconds(effect));
        }
        let held = standing.held_since.map(|since| (seconds(standing.read_at) - seconds(since)).max(0.0));
        metrics.gauge("ledger_held", &[]).set(u32::from(held.is_some()));
        metrics.gauge("ledger_held_seconds", &[]).set(held.unwrap_or_default());
    }
    metrics.gather(&application);
    let text = metrics.handle.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text)
        .into_response()
}

impl Metrics {
    fn gather(&self, application: &Application) {
        let database = application.exchange.database();
        let connections = database.connections();
        let in_use = connections.open.saturating_sub(connections.idle);
        self.gauge("database_connections", &[("state", "idle")]).set(count(connections.idle));
        self.gauge("database_connections", &[("state", "in_use")]).set(count(in_use));
        self.gauge("database_connections_max", &[]).set(connections.most);
        self.counter("database_statements_total", &[]).absolute(database.statements());
        self.counter("database_writes_retried_total", &[]).absolute(database.retried());
        self.counter("database_writes_given_up_total", &[]).absolute(database.given_up());

        let protection = &application.protection;
        self.gauge("http_requests_waiting", &[]).set(count(protection.slots.waiting()));
        self.counter("http_requests_shed_total", &[]).absolute(protection.slots.shed());
        for rate in [Rate::Reads, Rate::Writes] {
            let labels = [("policy", rate.name())];
            self.counter("http_requests_rate_limited_total", &labels).absolute(protection.rates.refused(rate));
            self.gauge("rate_limit_quota", &labels).set(protection.rates.quota(rate));
        }

        for (fault, refused) in application.gate.refusals() {
            self.counter("tokens_refused_total", &[("reason", fault.word())]).absolute(refused);
        }
        for (issuer, standing) in application.gate.standings() {
            let fetches = |outcome| self.counter("jwks_fetches_total", &[("issuer", issuer), ("outcome", outcome)]);
            fetches("success").absolute(standing.fetched);
            fetches("failure").absolute(standing.failed);
            self.gauge("jwks_keys", &[("issuer", issuer)]).set(count(standing.keys));
            if let Some(age) = standing.age {
                self.gauge("jwks_age_seconds", &[("issuer", issuer)]).set(age.as_secs_f64());
            }
        }

        // What only Linux tells so simply; elsewhere these two are missing.
        if let Some(pages) = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| resident_pages(&text)) {
            self.gauge("process_resident_memory_bytes", &[]).set(float(pages * 4096));
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            self.gauge("process_open_fds", &[]).set(count(files.count()));
        }
    }
}

fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_whitespace().nth(1)?.parse().ok()
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a double, and these stay below 2^53")]
fn float(number: u64) -> f64 {
    number as f64
}

fn count(number: usize) -> f64 {
    float(number as u64)
}

fn seconds(instant: DateTime<Utc>) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a gauge is a double; microseconds fit until the year 2255")]
    let micros = instant.timestamp_micros() as f64;
    micros / 1_000_000.0
}
