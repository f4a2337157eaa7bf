//! The name of a request, by which its answer and its log lines are found again.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// The name of a request: the client's `x-request-id` when that is sane, otherwise a new one.
/// It is in the request's extensions, and the answer's `x-request-id` says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names requests so that no two are likely to be named alike.
#[derive(Debug, Default)]
pub(crate) struct RequestIds {
    /// Differs between processes, so that the logs of several can be put together.
    seed: RandomState,
    count: AtomicU64,
}

impl RequestIds {
    /// The name that the client gave in `headers`, otherwise a new one; also as the header that
    /// answers with it.
    pub(crate) fn name(&self, headers: &HeaderMap) -> (RequestId, HeaderValue) {
        if let Some(value) = headers.get(X_REQUEST_ID)
            && let Some(id) = sane(value)
        {
            return (RequestId(id.to_owned()), value.clone());
        }
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:016x}", self.seed.hash_one(count));
        // Digits are valid in a header, so the default never happens.
        let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static(""));
        (RequestId(id), value)
    }
}

const LONGEST: usize = 128;

/// The text of an id that can be repeated in headers and logs without harm: the characters of
/// ULIDs, UUIDs, trace ids and base 64.
fn sane(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=/+@".contains(&byte);
    ((1..=LONGEST).contains(&text.len()) && text.bytes().all(plain)).then_some(text)
}
