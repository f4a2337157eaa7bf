//! What the server answers, and whom to believe it.

use super::{Call, Client, Failure};
use crate::mlflow::error::MlflowError;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Largest answer of the API in bytes; a run with thousands of metrics has far less.
const MOST: u64 = 64 << 20;

/// How much of a server's own message is repeated.
const MESSAGE: usize = 300;

/// How the server refuses a `Host` that it does not know.
const INVALID_HOST: &str = "Invalid Host header";

/// An answer whose body is still to come.
pub(super) struct Answer<'a> {
    client: &'a Client,
    call: &'a Call,
    response: Response,
}

/// An error in MLflow's words.
#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    message: String,
}

impl<'a> Answer<'a> {
    pub(super) fn new(client: &'a Client, call: &'a Call, response: Response) -> Self {
        Self {
            client,
            call,
            response,
        }
    }

    /// The answer, if it says success.
    pub(super) async fn successful(self) -> Result<Self, Failure> {
        let status = self.response.status();
        if status.is_success() {
            return Ok(self);
        }
        if status.is_redirection() {
            return Err(self.redirected().into());
        }
        let retry_after = retry_after(self.response.headers());
        let content_type = self.content_type();
        let (client, call) = (self.client, self.call);
        // Whatever came of it: the status says more than how the body ended.
        let body = self.read().await.unwrap_or_default();
        let error = explain(client, call, status, content_type, &body);
        Err(Failure {
            again: matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504),
            retry_after,
            ..Failure::passing(error)
        })
    }

    /// The body as JSON.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let call = self.call.to_string();
        let status = self.response.status().as_u16();
        let content_type = self.content_type();
        let body = self.read().await?;
        // Some calls are answered with nothing at all.
        let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(text).map_err(|source| {
            if source.is_eof() {
                return Failure::passing(MlflowError::Truncated { call });
            }
            if source.is_syntax() {
                return Failure::from(MlflowError::NotJson {
                    call,
                    status,
                    content_type,
                });
            }
            Failure::from(MlflowError::Unexpected { call, source })
        })
    }

    /// The whole body.
    pub(super) async fn read(mut self) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            let chunk: &[u8] = chunk.as_ref();
            if (body.len() + chunk.len()) as u64 > MOST {
                return Err(self.too_large(MOST).into());
            }
            body.extend_from_slice(chunk);
        }
        Ok(body)
    }

    /// The next part of the body; `None` at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, Failure>
    where
        Self: 'a,
    {
        let after = self.client.settings.patience.timeout;
        match tokio::time::timeout(after, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(self.client.broken(self.call, error)),
            Err(_) => Err(self.client.timed_out(self.call)),
        }
    }

    pub(super) fn too_large(&self, limit: u64) -> MlflowError {
        MlflowError::TooLarge {
            call: self.call.to_string(),
            limit,
        }
    }

    fn content_type(&self) -> String {
        let text = text(self.response.headers(), CONTENT_TYPE);
        shortened(text.unwrap_or("nothing"), 60)
    }

    fn redirected(&self) -> MlflowError {
        let location = text(self.response.headers(), LOCATION).unwrap_or_default();
        let without_query = location.split(['?', '#']).next().unwrap_or_default();
        // A password before the host is nobody's business.
        let visible = match without_query.split_once("://") {
            Some((scheme, rest)) => {
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                let host = host.rsplit('@').next().unwrap_or(host);
                format!("{scheme}://{host}/{path}")
            }
            None => without_query.to_owned(),
        };
        MlflowError::Redirected {
            call: self.call.to_string(),
            location: shortened(&visible, MESSAGE),
        }
    }
}

fn explain(
    client: &Client,
    call: &Call,
    status: StatusCode,
    content_type: String,
    body: &[u8],
) -> MlflowError {
    let status = status.as_u16();
    let text = String::from_utf8_lossy(body);
    if status == 403 && text.starts_with(INVALID_HOST) {
        let host = client
            .settings
            .uri
            .host_str()
            .unwrap_or_default()
            .to_owned();
        return MlflowError::Host { host };
    }
    let call = call.to_string();
    if matches!(status, 401 | 403) {
        return MlflowError::Refused { call, status };
    }
    match serde_json::from_slice::<ApiError>(body) {
        Ok(error) => MlflowError::Api {
            call,
            status,
            code: shortened(&error.error_code, 60),
            message: shortened(&error.message, MESSAGE),
        },
        Err(_) => MlflowError::NotJson {
            call,
            status,
            content_type,
        },
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The beginning of a text, on one line and without control characters.
fn shortened(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect()
}

/// How long the server asks to wait: seconds, or a date, which is measured from its own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, RETRY_AFTER)?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| -> Option<Timestamp> { Some(rfc2822::parse(text).ok()?.timestamp()) };
    let wait = date(asked)?.duration_since(date(text(headers, DATE)?)?);
    // A date in the past means at once.
    Some(Duration::try_from(wait).unwrap_or_default())
}
