//! Whether the server can be used.

use super::Tracking;
use super::error::MlflowError;
use std::time::{Duration, Instant};

/// A server that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The version of MLflow, where the server tells it.
    pub version: Option<String>,
    /// How long a call of its API took.
    pub latency: Duration,
}

impl Tracking {
    /// Asks the server for its version and calls its API; the former alone proves nothing, since
    /// it is answered even to callers that the API refuses.
    ///
    /// # Errors
    /// The API cannot be used; [`MlflowError::hint`] says what to do.
    pub async fn probe(&self) -> Result<Probe, MlflowError> {
        let client = &self.client;
        let begin = Instant::now();
        client
            .retry(async || client.search_experiments().await)
            .await?;
        let latency = begin.elapsed();
        let page = client.retry(async || client.page("version").await).await;
        // Hosted services and old servers have no such page, or a page of another kind.
        let version = page.ok().filter(|text| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || ".+-".contains(c);
            !text.is_empty() && text.len() < 40 && text.chars().all(allowed)
        });
        Ok(Probe { version, latency })
    }
}
