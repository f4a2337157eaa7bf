//! Every route of the API, protected.

use crate::api::Api;
use crate::resources::{batch, docs, feedback, health, metrics, model, predict, reload};
use axum::Router;
use axum::routing::{MethodRouter, get, post};
use hp_http::Protection;
use std::sync::Arc;

/// The paths of [`Protection::open_paths`] that say nothing but how the server is.
pub const OPEN_PATHS: &[&str] = OPEN_PATHS_WITH_DOCS.split_at(6).0;

/// [`OPEN_PATHS`] and the pages that describe the API, so that a browser, which shows no key, can
/// open them. They tell the ranges of the columns and one row of the training data.
pub const OPEN_PATHS_WITH_DOCS: &[&str] = &[
    // Those of OPEN_PATHS first.
    "/livez",
    "/livez/",
    "/readyz",
    "/readyz/",
    "/healthz",
    "/healthz/",
    "/openapi.json",
    "/openapi.json/",
    "/docs",
    "/docs/",
    "/docs/index.css",
    "/docs/swagger-ui.css",
    "/docs/favicon-16x16.png",
    "/docs/favicon-32x32.png",
    "/docs/swagger-ui-bundle.js",
    "/docs/swagger-ui-standalone-preset.js",
    "/docs/swagger-initializer.js",
];

/// The web face of `api`, behind `protection`. Every path is also there with a slash at its end.
pub fn router(api: Arc<Api>, protection: Protection) -> Router {
    let routes: [(&str, MethodRouter<Arc<Api>>); 11] = [
        ("/predict", post(predict::local)),
        ("/v1/predict", post(predict::cloud)),
        ("/v1/predict/batch", post(batch::predict)),
        ("/v1/feedback", post(feedback::attach)),
        ("/v1/model", get(model::manifest)),
        ("/v1/reload", post(reload::reload)),
        ("/livez", get(health::live)),
        ("/readyz", get(health::ready)),
        ("/healthz", get(health::ready)),
        ("/metrics", get(metrics::metrics)),
        ("/openapi.json", get(docs::description)),
    ];
    let mut router = Router::new();
    for (path, method) in routes {
        router = router
            .route(&format!("{path}/"), method.clone())
            .route(path, method);
    }
    let router = router
        .route("/docs", get(docs::to_page))
        .route("/docs/", get(docs::page))
        .route("/docs/{file}", get(docs::file))
        .with_state(api);
    hp_http::protect(router, protection)
}
