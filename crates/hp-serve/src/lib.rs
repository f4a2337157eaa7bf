//! The prediction API: the served trio behind HTTP, every prediction kept in the prediction log.
//!
//! [`Api`] holds the model, which can be exchanged while requests are answered, and the log;
//! [`router()`] is its web face, the same over TCP and on AWS Lambda.

mod api;
mod router;

mod model;
mod resources;

mod answer;
mod body;
mod details;
mod given;
mod predictor;

mod metrics;
mod openapi;

#[cfg(feature = "lambda")]
mod lambda;

pub use api::{Api, ApiOptions, OnSpooled, ReloadError, Reloaded};
#[cfg(feature = "lambda")]
pub use lambda::{LambdaError, LambdaHandler, run_lambda};
pub use metrics::{MetricsError, install_metrics};
pub use model::ModelSource;
pub use router::{OPEN_PATHS, OPEN_PATHS_WITH_DOCS, router};
