//! The log: one event for each request, and one more for each answer that hides its reason.

use crate::RequestId;
use crate::traffic::{Exchange, label};
use hp_core::cause::chain;
use std::error::Error;

/// Tells of an answered request. It costs next to nothing where nobody listens.
pub(crate) fn write(exchange: &Exchange<'_>, id: &RequestId) {
    tracing::info!(
        method = label(exchange.method),
        path = exchange.handler,
        status = exchange.status.as_u16(),
        ms = exchange.elapsed.as_secs_f64() * 1e3,
        request_id = id.0,
        "answered"
    );
}

/// Tells what the client is not told.
pub(crate) fn write_hidden(
    exchange: &Exchange<'_>,
    id: &RequestId,
    reason: &(dyn Error + 'static),
) {
    tracing::error!(
        method = label(exchange.method),
        path = exchange.handler,
        status = exchange.status.as_u16(),
        request_id = id.0,
        error = chain(reason),
        "failed"
    );
}
