//! The prediction log in memory does what every backend does.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

#[path = "conformance/records.rs"]
mod records;
#[path = "conformance/suite.rs"]
#[macro_use]
mod suite;
#[path = "conformance/window.rs"]
#[macro_use]
mod window;

use hp_store::MemoryStore;
use std::future::{Ready, ready};
use std::sync::Arc;
use suite::Fresh;

fn empty() -> Ready<Fresh> {
    ready(Fresh {
        store: Arc::new(MemoryStore::default()),
        _keep: Box::new(()),
    })
}

conformance_tests!(empty);
window_tests!(empty);
