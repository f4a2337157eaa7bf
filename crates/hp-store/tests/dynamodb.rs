//! The prediction log in DynamoDB does what every backend does, and what only this one can do.
//!
//! The server runs within the test; `HP_TEST_DYNAMODB_ENDPOINT` names another one on this machine,
//! `http://127.0.0.1:8000`. It must not check credentials.

#![cfg(feature = "dynamodb")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

#[path = "conformance/records.rs"]
mod records;
#[path = "conformance/suite.rs"]
#[macro_use]
mod suite;
#[path = "conformance/window.rs"]
#[macro_use]
mod window;

#[path = "dynamodb/proxy.rs"]
mod proxy;
#[path = "dynamodb/server.rs"]
mod server;

#[path = "dynamodb/calls.rs"]
mod calls;
#[path = "dynamodb/environment.rs"]
mod environment;
#[path = "dynamodb/failures.rs"]
mod failures;
#[path = "dynamodb/setup.rs"]
mod setup;
#[path = "dynamodb/volume.rs"]
mod volume;

mod one_shard {
    use crate::{server, suite, window};

    async fn empty() -> suite::Fresh {
        server::fresh(1).await
    }

    conformance_tests!(empty);
    window_tests!(empty);
}

mod three_shards {
    use crate::{server, suite, window};

    async fn empty() -> suite::Fresh {
        server::fresh(3).await
    }

    conformance_tests!(empty);
    window_tests!(empty);
}
