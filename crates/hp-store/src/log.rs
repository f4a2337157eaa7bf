//! The prediction log as the API sees it: a store with a spool beside it for when it is down.

use std::path::PathBuf;
use std::time::Duration;

/// How a [`PredictionLog`] behaves when its store does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOptions {
    /// How long the store may take before the records go to the spool.
    pub deadline: Duration,
    /// The spool's file; its folder must exist.
    pub spool: PathBuf,
    /// The most bytes of the spool.
    pub spool_bytes: u64,
}

/// Where the records of a call are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// In the store.
    Stored,
    /// In the spool, until the store is back.
    Spooled,
}
