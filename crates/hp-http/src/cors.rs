//! The web pages of other origins that a browser lets use the API.

use crate::request_id::X_REQUEST_ID;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use std::str::FromStr;
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// The origin of web pages: `https://example.org`, with a port where it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// A text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the origin of web pages, such as `https://example.org`")]
pub struct OriginError {
    text: String,
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = || {
            let uri: Uri = text.parse().ok()?;
            let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
            let plain = ["http", "https"].contains(&scheme) && !authority.contains('@');
            // A browser sends an origin without a path, and compares letter by letter.
            let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
            (plain && origin == text).then(|| HeaderValue::try_from(origin).ok())?
        };
        value().map(Self).ok_or_else(|| OriginError {
            text: text.chars().take(200).collect(),
        })
    }
}

/// Tells browsers that pages of `origins` may send rows and keys, and read the answers.
pub(crate) fn layer(origins: Vec<Origin>) -> CorsLayer {
    const A_DAY: Duration = Duration::from_hours(24);
    let x_api_key = HeaderName::from_static("x-api-key");
    let retry_after = HeaderName::from_static("retry-after");
    CorsLayer::new()
        .allow_origin(
            origins
                .into_iter()
                .map(|Origin(value)| value)
                .collect::<Vec<_>>(),
        )
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([CONTENT_TYPE, AUTHORIZATION, x_api_key, X_REQUEST_ID])
        .expose_headers([X_REQUEST_ID, retry_after])
        .max_age(A_DAY)
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for text in [
            "https://example.org",
            "http://127.0.0.1:5173",
            "http://[::1]:80",
        ] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        let wrong = [
            "",
            "*",
            "example.org",
            "https://example.org/",
            "https://example.org/app",
            "ftp://example.org",
            "https://Example.org",
            "https://user@example.org",
            "null",
        ];
        for text in wrong {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
