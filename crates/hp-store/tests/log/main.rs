//! The log as the API sees it: a store with a spool beside it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

mod moody;
#[cfg(unix)]
mod processes;
#[path = "../conformance/records.rs"]
mod records;
mod spooling;
