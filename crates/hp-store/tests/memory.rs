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

use hp_store::{MemoryStore, PredictionStore, SampleQuery, StoreError, Window};
use jiff::Timestamp;
use records::{Maker, time};
use std::future::{Ready, ready};
use std::num::NonZeroUsize;
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

/// A store that reads record by record says so instead of reading for minutes.
#[tokio::test]
async fn too_many_records_are_an_error_that_says_what_to_do() {
    let mut maker = Maker::new(40);
    let now = time("08T16:00:00");
    let records: Vec<_> = (0..50_000).map(|_| maker.record(now)).collect();
    let store = MemoryStore::default();
    store.put(records.into()).await.unwrap();
    let window = Window {
        from: Timestamp::UNIX_EPOCH,
        to: Timestamp::MAX,
        model_version: None,
        source: None,
        uncertain: None,
    };
    let size = NonZeroUsize::new(3).unwrap();
    let query = SampleQuery { window, size };
    assert_eq!(store.sample(&query).await.unwrap().total, 50_000);
    store.put([maker.record(now)].into()).await.unwrap();
    let error = store.sample(&query).await.unwrap_err();
    assert!(matches!(error, StoreError::TooMany { limit: 50_000 }));
    let text = error.to_string();
    assert!(text.contains("more than 50000 predictions") && text.contains("narrow the time"));
}
