//! The figures of the requests, under the names that Prometheus users of FastAPI know.

use axum::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, Unit};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// A request and how it was answered.
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a Method,
    /// The route that matched, `none` if none did: what clients make up must not become a label.
    pub(crate) handler: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) elapsed: Duration,
}

/// Tells the recorder what the figures mean.
pub(crate) fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests by handler, method and status.");
    metrics::describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "Time from the headers of a request to the headers of its answer."
    );
    metrics::describe_gauge!(IN_PROGRESS, "Requests being answered.");
}

/// The figures of one route. Each is looked up in the recorder once and kept: to find it by its
/// labels for each request would take several allocations and a lock that all routes share.
#[derive(Debug, Default)]
pub(crate) struct RouteTraffic {
    series: RwLock<Vec<Series>>,
}

impl RouteTraffic {
    /// Counts one request.
    pub(crate) fn count(&self, exchange: &Exchange<'_>) {
        let method = label(exchange.method);
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.iter().find(|series| series.is_of(exchange, method)) {
            return series.count(exchange.elapsed);
        }
        drop(known);
        let series = Series::new(exchange, method);
        series.count(exchange.elapsed);
        let mut known = self.series.write().unwrap_or_else(PoisonError::into_inner);
        known.push(series);
    }
}

/// The number of requests being answered.
#[derive(Debug, Default)]
pub(crate) struct InProgress(OnceLock<Gauge>);

impl InProgress {
    /// Counts a request until what is returned is dropped.
    pub(crate) fn enter(&self) -> Entered {
        let gauge = self.0.get_or_init(|| metrics::gauge!(IN_PROGRESS)).clone();
        gauge.increment(1.0);
        Entered(gauge)
    }
}

/// A request being answered.
pub(crate) struct Entered(Gauge);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// The method, or `OTHER` for one that a client made up.
pub(crate) fn label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"];
    let known = KNOWN.into_iter().find(|known| method == known);
    known.unwrap_or("OTHER")
}

const REQUESTS: &str = "http_requests_total";
const SECONDS: &str = "http_request_duration_seconds";
const IN_PROGRESS: &str = "http_requests_in_progress";

/// The figures of the requests with the same labels.
#[derive(Debug)]
struct Series {
    handler: String,
    method: &'static str,
    status: StatusCode,
    requests: Counter,
    seconds: Histogram,
}

impl Series {
    fn new(exchange: &Exchange<'_>, method: &'static str) -> Self {
        let handler = exchange.handler.to_owned();
        let status = exchange.status.as_str().to_owned();
        Self {
            requests: metrics::counter!(
                REQUESTS, "handler" => handler.clone(), "method" => method, "status" => status
            ),
            seconds: metrics::histogram!(
                SECONDS, "handler" => handler.clone(), "method" => method
            ),
            handler,
            method,
            status: exchange.status,
        }
    }

    fn is_of(&self, exchange: &Exchange<'_>, method: &str) -> bool {
        self.status == exchange.status && self.method == method && self.handler == exchange.handler
    }

    fn count(&self, elapsed: Duration) {
        self.requests.increment(1);
        self.seconds.record(elapsed.as_secs_f64());
    }
}
