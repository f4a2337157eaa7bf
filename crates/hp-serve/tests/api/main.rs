//! The API through its router, on a small version and a store in memory.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be made fails the test"
)]

mod batch;
mod docs;
mod feedback;
mod health;
mod hostile;
#[cfg(feature = "lambda")]
mod lambda;
mod metrics;
mod predict;
mod reload;

mod sample;
mod server;
