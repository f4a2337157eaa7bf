//! Tests of what is said to and asked of a tracking server, each file by what it is about. They
//! speak to servers of their own that fail on purpose; `scripts/components/mlflow` speaks to a real
//! one.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be made fails the test"
)]

#[path = "../registry/sample.rs"]
#[allow(dead_code, reason = "the tests of the local part use all of it")]
mod sample;

mod fake;
mod server;
mod setting;

mod calls;
mod pull;
mod settings;
mod sync;
