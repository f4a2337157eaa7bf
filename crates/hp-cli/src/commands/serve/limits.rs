//! How much clients may take.

use crate::settings::{period, size};
use hp_http::Limits;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

/// How much clients may take.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitArgs {
    /// The largest body of a request; a larger one is answered 413
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = size)]
    max_body: u64,
    /// Open connections; another one waits
    #[arg(long, value_name = "N", default_value = "10000")]
    max_connections: NonZeroUsize,
    /// Requests in work at the same time; another one is answered 503
    #[arg(long, value_name = "N", default_value = "1024")]
    max_concurrency: NonZeroUsize,
    /// Requests per second of one client; more are answered 429 [default: any number]
    #[arg(long, value_name = "N")]
    rate_limit: Option<NonZeroU32>,
    /// Time for a request; then it is answered 504
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = period)]
    request_timeout: Duration,
    /// Time to finish accepted requests after the end was asked for
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = period)]
    grace: Duration,
}

impl LimitArgs {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            body_bytes: usize::try_from(self.max_body).unwrap_or(usize::MAX),
            connections: self.max_connections.get(),
            concurrency: self.max_concurrency.get(),
            requests_per_second: self.rate_limit,
            request_timeout: self.request_timeout,
            grace: self.grace,
            ..Limits::default()
        }
    }
}
