//! How much of everything a client may take.

use std::num::NonZeroU32;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How much, how many and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body; a larger one is answered 413. Bodies over 64 KiB take at most
    /// 256 MiB, or this if it is more, together; another one is answered 503 with `Retry-After`.
    pub body_bytes: usize,
    /// Bytes of a request's line and headers; larger ones are answered 431.
    pub header_bytes: usize,
    /// Number of a request's headers; more are answered 431.
    pub headers: usize,
    /// Open connections; another one waits until one of them closes. Each takes a file descriptor.
    pub connections: usize,
    /// Open connections of one address, of IPv6 the first 64 bits; another one is closed at once.
    /// Behind a proxy the address is the proxy's, so this must be all that it opens.
    /// `None` is half of `connections`.
    pub connections_per_address: Option<usize>,
    /// Requests in work at the same time; another one is answered 503 with `Retry-After`. One with
    /// an answer over 64 KiB is in work until the answer is sent.
    pub concurrency: usize,
    /// Time for a request's line and headers to arrive; then the connection is closed.
    pub header_timeout: Duration,
    /// Time for a request's whole body to arrive; then the answer is 408.
    pub body_timeout: Duration,
    /// Time from the headers of a request to the answer; then the answer is 504.
    pub request_timeout: Duration,
    /// Time that a client may leave its answers unread, all pauses together; then the connection is
    /// closed. For every 16 KiB that it reads it gains a second, up to this time.
    pub write_timeout: Duration,
    /// Time that a connection may lie idle between two requests; then it is closed. Longer than the
    /// idle time of a proxy in front, or the proxy will at times write to a connection that is just
    /// being closed.
    pub idle_timeout: Duration,
    /// Time for the accepted requests to finish after the end was asked for.
    pub grace: Duration,
    /// Requests per second of one client, which is also how many may come at once; more are answered
    /// 429 with `Retry-After`. A client is its key when it showed a valid one, otherwise its address,
    /// of IPv6 the first 64 bits. Behind a proxy the address is the proxy's.
    pub requests_per_second: Option<NonZeroU32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            header_bytes: 16 << 10,
            headers: 100,
            connections: 10_000,
            connections_per_address: None,
            concurrency: 1024,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            grace: Duration::from_secs(30),
            requests_per_second: None,
        }
    }
}

impl Limits {
    /// Connections of one address.
    pub(crate) fn of_one_address(&self) -> usize {
        self.connections_per_address
            .unwrap_or(self.connections.div_ceil(2))
            .max(1)
    }

    /// Bytes that all large bodies may take together, as many as a semaphore can count.
    pub(crate) fn large_bodies_bytes(&self) -> usize {
        const LARGE_BODIES_BYTES: usize = 256 << 20;
        LARGE_BODIES_BYTES
            .max(self.body_bytes)
            .min(Semaphore::MAX_PERMITS)
    }
}
