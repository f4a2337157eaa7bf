//! The protected router and its connections, over real sockets where those matter.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

mod events;
mod support;

mod admission;
mod bodies;
mod connections;
mod errors;
mod origins;
mod request_ids;
mod shutdown;
mod traffic;
