//! The monitor in a browser: the page, the JSON it is made of, exports, and gauges for Prometheus.
//!
//! The page and its files hold no data and are open; everything else asks for a key, if there are
//! keys. Nothing is ever written to the log.

mod assets;
mod export;
mod gauges;
mod handlers;
mod parameters;
mod reply;

pub use assets::prepare;
pub use export::{ParquetFiles, TableFile};
pub use gauges::{MetricsError, install_metrics};

use crate::view::{Monitor, Range};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use hp_http::{Protection, Recorder};
use std::sync::Arc;

/// No script or style but the page's own, and no address but the monitor's. plotly.js makes one style
/// element, which is empty (the digest) and filled by script, and pictures of its charts out of data;
/// its maps, which would fetch, are not used.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// What the web face is told by the program around it.
pub struct FaceOptions {
    /// What it is protected by; the open paths are added.
    pub protection: Protection,
    /// Where the requests of this process are counted; from [`install_metrics`].
    pub recorder: Option<Recorder>,
    /// The period whose figures `/metrics` tells.
    pub gauges: Range,
    /// How Parquet is written, if this build can.
    pub parquet: Option<ParquetFiles>,
}

/// What the handlers share.
struct Face {
    monitor: Arc<Monitor>,
    recorder: Option<Recorder>,
    gauges: Range,
    parquet: Option<ParquetFiles>,
}

/// The web face of `monitor`. Its links are relative, so that it works below any prefix that a
/// proxy takes away.
pub fn router(monitor: Arc<Monitor>, options: FaceOptions) -> Router {
    let face = Face {
        monitor,
        recorder: options.recorder,
        gauges: options.gauges,
        parquet: options.parquet,
    };
    let router = Router::new()
        .route("/", get(handlers::page))
        .route("/assets/{*name}", get(handlers::asset))
        .route("/livez", get(handlers::live))
        .route("/metrics", get(handlers::metrics))
        .route("/api/settings", get(handlers::settings))
        .route("/api/newest", get(handlers::newest))
        .route("/api/overview", get(handlers::overview))
        .route("/api/series", get(handlers::series))
        .route("/api/records", get(handlers::records))
        .route("/api/records/{id}", get(handlers::record))
        .route("/api/export", get(handlers::export))
        .route("/api/uncertain", get(handlers::uncertain))
        .route("/api/inputs", get(handlers::inputs))
        .route("/api/outcomes", get(handlers::outcomes))
        .with_state(Arc::new(face))
        .layer(map_response(with_policy));
    let protection = Protection {
        open_paths: assets::open_paths(),
        ..options.protection
    };
    hp_http::protect(router, protection)
}

async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
