//! Traces by OpenTelemetry: one span a request, sent to a collector by OTLP over HTTP. Only with the feature `otel`.
//!
//! These spans have a target of their own, which the log leaves out: its lines are the same with traces as without, and
//! `RUST_LOG` does not thin the traces out. Neither tokens, query values, headers nor bodies stand in a span. Warnings and
//! errors that the log has of a request become events of its span.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode},
};
use clap::Args;
use opentelemetry::{
    Context, Key, KeyValue,
    propagation::TextMapPropagator,
    trace::{Status, TraceContextExt, TracerProvider},
};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use reqwest::Url;
use tracing::{Level, Span, field::Empty, level_filters::LevelFilter};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::cli::LogFormat;

/// The target of the spans.
const TARGET: &str = "exchange_traces";

/// The service that the spans are of, unless the environment names another.
const SERVICE: &str = "indicator-exchange";

/// Where traces go.
#[derive(Debug, Clone, Args)]
pub struct TraceOptions {
    /// The collector that traces are sent to, at its `/v1/traces`, by OTLP over HTTP: `http://127.0.0.1:4318`. Without one
    /// there are no traces.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL", value_parser = address)]
    pub otlp_endpoint: Option<String>,
    /// The whole address that traces are sent to, if it is another one.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", value_name = "URL", value_parser = address)]
    pub otlp_traces_endpoint: Option<String>,
}

impl TraceOptions {
    fn address(&self) -> Option<String> {
        let given = |address: &Option<String>| address.clone().filter(|address| !address.is_empty());
        given(&self.otlp_traces_endpoint)
            .or_else(|| given(&self.otlp_endpoint).map(|base| format!("{}/v1/traces", base.trim_end_matches('/'))))
    }
}

/// The address of a collector; an empty one is none, as OpenTelemetry asks of its variables.
fn address(text: &str) -> Result<String, String> {
    let is_address = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_address || text.is_empty() {
        Ok(text.to_owned())
    } else {
        Err("it is no address of a collector, such as http://127.0.0.1:4318".to_owned())
    }
}

/// The traces of a server.
#[derive(Debug)]
pub struct Traces {
    provider: Option<SdkTracerProvider>,
}

impl Traces {
    /// Gets ready to send traces, if there is a collector to send them to; it need not be there yet. Sampling, batches,
    /// headers and times are as OpenTelemetry's variables say.
    ///
    /// # Errors
    /// One line that says which setting cannot be.
    pub fn open(options: &TraceOptions) -> Result<Self, String> {
        let Some(address) = options.address() else {
            return Ok(Self { provider: None });
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address)
            .build()
            .map_err(|failure| format!("traces cannot be sent: {failure}"))?;
        let provider = SdkTracerProvider::builder().with_resource(resource()).with_batch_exporter(exporter).build();
        Ok(Self { provider: Some(provider) })
    }

    /// Starts the log, and the traces beside it.
    pub fn start_log(&self, format: LogFormat, filter: EnvFilter) {
        let log = fmt::layer().with_writer(std::io::stderr);
        let log = match format {
            LogFormat::Text => log.with_ansi(false).boxed(),
            LogFormat::Json => log.json().boxed(),
        };
        let log = log.with_filter(filter.and(filter_fn(|metadata| metadata.target() != TARGET)));
        let traces = self.provider.as_ref().map(|provider| {
            let seen = filter_fn(|metadata| {
                if metadata.is_span() { metadata.target() == TARGET } else { *metadata.level() <= Level::WARN }
            });
            // Where in the code a span begins, and in which thread, is the same for all.
            OpenTelemetryLayer::new(provider.tracer(SERVICE))
                .with_location(false)
                .with_threads(false)
                .with_target(false)
                .with_tracked_inactivity(false)
                .with_filter(seen.with_max_level_hint(LevelFilter::INFO))
        });
        // Another subscriber may be there already, in tests; it may stay.
        let _ = Registry::default().with(log).with(traces).try_init();
    }

    /// Sends what has not been sent yet.
    pub async fn close(self) {
        let Some(provider) = self.provider else {
            return;
        };
        // It waits for the collector, but not for ever.
        let closed = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if let Ok(Err(failure)) = closed {
            tracing::warn!(%failure, "the last traces could not be sent");
        }
    }
}

/// What the spans are of: as `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let said = Resource::builder().build();
    let name = said.get(&Key::from_static_str("service.name"));
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let resource = Resource::builder().with_attribute(version);
    if is_named { resource.build() } else { resource.with_service_name(SERVICE).build() }
}

/// Begins the span of a request, as a part of the trace that its caller names (`traceparent`, W3C Trace Context). Names and
/// values are those of OpenTelemetry's conventions for HTTP.
pub fn begin(request: &Request, id: &HeaderValue) -> Span {
    let method = known(request.method());
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "request",
        "otel.name" = method.unwrap_or("HTTP"),
        "otel.kind" = "server",
        "http.request.method" = method.unwrap_or("_OTHER"),
        "url.path" = request.uri().path(),
        "url.scheme" = request.uri().scheme_str().unwrap_or("http"),
        "http.route" = Empty,
        "http.response.status_code" = Empty,
        "error.type" = Empty,
        "exchange.request.id" = id.to_str().unwrap_or_default(),
    );
    if !span.is_disabled() {
        let parent =
            TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(request.headers()));
        // It fails only where nobody makes traces of spans.
        let _ = span.set_parent(parent);
    }
    span
}

/// Notes how a request was answered.
pub fn end(span: &Span, method: &Method, route: Option<&str>, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    if let Some(route) = route {
        // A field would come too late: the span has its name since it was entered.
        span.context().span().update_name(format!("{} {route}", known(method).unwrap_or("HTTP")));
        span.record("http.route", route);
    }
    span.record("http.response.status_code", i64::from(status.as_u16()));
    // That a client errs is no failure of the server.
    if status.is_server_error() {
        span.record("error.type", status.as_str());
        span.set_status(Status::error(""));
    }
}

/// The name of a method, unless its caller made it up.
fn known(method: &Method) -> Option<&str> {
    const METHODS: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::CONNECT,
        Method::TRACE,
    ];
    METHODS.contains(method).then_some(method.as_str())
}
