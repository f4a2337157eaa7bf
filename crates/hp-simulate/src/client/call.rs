//! One call.

use crate::sampler::{Defect, SimulatedRow};
use hp_core::cause::chain;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use std::time::Duration;
use tokio::task::JoinError;
use tokio::time::Instant;

/// The header that tells the API who asks.
const SOURCE: (&str, &str) = ("x-hp-source", "simulation");

/// The most characters of an unexpected body that are kept.
const SHOWN: usize = 200;

/// What became of a call.
#[derive(Debug)]
pub(super) struct Reply {
    /// The status code; `None` without an answer.
    pub(super) status: Option<u16>,
    /// From the moment the call was due to the last byte of the answer.
    pub(super) latency: Option<Duration>,
    /// Why it is not what was expected.
    pub(super) failure: Option<String>,
}

impl Reply {
    /// The task that made the call has ended early.
    pub(super) fn lost(error: &JoinError) -> Self {
        Self::unanswered(error.to_string())
    }

    fn unanswered(failure: String) -> Self {
        Self {
            status: None,
            latency: None,
            failure: Some(failure),
        }
    }
}

/// Posts a row that was `due`.
pub(super) async fn predict(http: Client, url: Url, row: SimulatedRow, due: Instant) -> Reply {
    let body = serde_json::Value::Object(row.fields).to_string();
    let request = http
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header(SOURCE.0, SOURCE.1)
        .body(body);
    let answer = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok::<_, reqwest::Error>((status, response.bytes().await?))
    };
    match answer.await {
        Ok((status, body)) => Reply {
            status: Some(status),
            latency: Some(due.elapsed()),
            failure: judge(status, row.defect.as_ref(), &body),
        },
        // Equal for equal causes, whatever the address.
        Err(error) => Reply::unanswered(chain(&error.without_url())),
    }
}

/// What is unexpected in an answer.
fn judge(status: u16, defect: Option<&Defect>, body: &[u8]) -> Option<String> {
    match (status, defect) {
        (200, None) | (422, Some(_)) => None,
        (status, None) => Some(format!("{status}: {}", beginning(body))),
        (status, Some(defect)) => Some(format!("{status} instead of 422 for a row {defect}")),
    }
}

/// The beginning of a body as text.
pub(super) fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(SHOWN).collect()
}
