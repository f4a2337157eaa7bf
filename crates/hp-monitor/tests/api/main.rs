//! The monitor as its clients meet it, in memory: every route, in good times and bad.

#![expect(
    clippy::unwrap_used,
    reason = "a sample that cannot be made fails the test"
)]

mod exports;
mod figures;
mod gauges;
mod hostile;
mod outage;
mod page;
mod refusals;
mod reports;
mod sample;
mod webhook;
