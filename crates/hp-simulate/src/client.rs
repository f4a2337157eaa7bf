//! The client: calls the prediction API at a rate and counts what comes back.

mod call;
mod latency;
mod summary;

pub use latency::Latencies;
pub use summary::{FailureCount, Summary};

use crate::sampler::SimulatedRow;
use call::Reply;
use hp_core::schema::Schema;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use serde::Deserialize;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Which API is called, and how.
#[derive(Clone)]
pub struct Target {
    /// Where it is, `http://127.0.0.1:8000`.
    pub url: String,
    /// The key it asks for.
    pub key: Option<String>,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// How calls follow each other.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From one call to the next, whether the one before is answered or not.
    pub every: Duration,
    /// Calls that may wait for their answers at the same time; the next one waits for one of them.
    pub concurrency: NonZeroUsize,
}

/// The API cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// This is not the address of an API.
    #[error("`{url}` is not the address of an API like `http://127.0.0.1:8000`")]
    Url {
        /// The address given.
        url: String,
    },
    /// The key cannot be sent.
    #[error("the API key holds characters that a header cannot carry")]
    Key,
    /// The client cannot be made.
    #[error("the HTTP client cannot be made")]
    Build(#[source] reqwest::Error),
    /// There is no answer.
    #[error("`{url}` cannot be reached")]
    Unreachable {
        /// What was asked.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The answer is an error.
    #[error("`{url}` answered {status}: {body}")]
    Refused {
        /// What was asked.
        url: String,
        /// The status code.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// The answer does not hold the schema of a model.
    #[error("`{url}` does not describe a model")]
    NoModel {
        /// What was asked.
        url: String,
        /// What is wrong with the answer.
        #[source]
        source: serde_json::Error,
    },
}

/// Calls one API.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    url: Url,
}

impl Client {
    /// Prepares calls to `target`; nothing is sent yet.
    ///
    /// # Errors
    /// The address or the key cannot be used.
    pub fn new(target: &Target) -> Result<Self, ClientError> {
        let wrong = || ClientError::Url {
            url: target.url.chars().take(200).collect(),
        };
        let url = Url::parse(&target.url).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(wrong());
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = &target.key {
            let value = HeaderValue::from_str(&format!("Bearer {key}"));
            let mut value = value.map_err(|_| ClientError::Key)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("hp-simulate/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(target.timeout)
            .tcp_nodelay(true);
        // No proxy stands before the machine itself.
        if matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(ClientError::Build)?;
        Ok(Self { http, url })
    }

    /// Asks `/v1/model` for the schema of the served model.
    ///
    /// # Errors
    /// The API cannot be reached, refuses, or answers something else.
    pub async fn schema(&self) -> Result<Schema, ClientError> {
        /// What the answer holds among other things.
        #[derive(Deserialize)]
        struct Model {
            schema: Schema,
        }
        let url = self.at("/v1/model");
        let body = self.get(&url).await?;
        serde_json::from_slice::<Model>(&body)
            .map(|model| model.schema)
            .map_err(|source| ClientError::NoModel {
                url: url.to_string(),
                source,
            })
    }

    /// Asks the address itself and is content with any answer of success.
    ///
    /// # Errors
    /// The API cannot be reached or does not answer with success.
    pub async fn check(&self) -> Result<(), ClientError> {
        self.get(&self.url).await.map(|_| ())
    }

    /// Posts `rows` to `/v1/predict` at `pace` until they or the time that `stop` leaves are over,
    /// and waits for the answers that are then still to come. A latency counts from the moment a
    /// call was due, so that calls that waited for a slow server are counted as slow. `progress`
    /// sees the summary after every answer.
    pub async fn run(
        &self,
        pace: Pace,
        rows: impl Iterator<Item = SimulatedRow>,
        stop: impl Future<Output = ()>,
        progress: &mut dyn FnMut(&Summary),
    ) -> Summary {
        let url = self.at("/v1/predict");
        let mut rows = rows.fuse().peekable();
        let mut stop = pin!(stop);
        let mut summary = Summary::default();
        let mut calls = JoinSet::new();
        let mut due = Instant::now();
        loop {
            let more = rows.peek().is_some();
            if !more && calls.is_empty() {
                break;
            }
            let free = calls.len() < pace.concurrency.get();
            tokio::select! {
                // An answer first: its call may be what the next one waits for.
                biased;
                Some(answered) = calls.join_next() => {
                    summary.add(answered.unwrap_or_else(|error| Reply::lost(&error)));
                    progress(&summary);
                }
                () = &mut stop => break,
                () = sleep_until(due), if more && free => {
                    if let Some(row) = rows.next() {
                        summary.sent += 1;
                        calls.spawn(call::predict(self.http.clone(), url.clone(), row, due));
                    }
                    due += pace.every;
                }
            }
        }
        while let Some(answered) = calls.join_next().await {
            summary.add(answered.unwrap_or_else(|error| Reply::lost(&error)));
            progress(&summary);
        }
        summary
    }

    /// `path` below the address of the API.
    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let folder = self.url.path().trim_end_matches('/');
        url.set_path(&format!("{folder}{path}"));
        url
    }

    /// The body of an answer of success.
    async fn get(&self, url: &Url) -> Result<Vec<u8>, ClientError> {
        let unreachable = |source: reqwest::Error| ClientError::Unreachable {
            url: url.to_string(),
            source: source.without_url(),
        };
        let response = self.http.get(url.clone()).send().await;
        let response = response.map_err(unreachable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unreachable)?;
        if !status.is_success() {
            return Err(ClientError::Refused {
                url: url.to_string(),
                status: status.as_u16(),
                body: call::beginning(&body),
            });
        }
        Ok(body.to_vec())
    }
}
