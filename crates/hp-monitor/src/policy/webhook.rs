//! Telling a service of a change of state.

use super::Alert;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use std::fmt;
use std::time::Duration;

/// An address that takes alerts as JSON.
#[derive(Clone)]
pub struct Webhook {
    client: Client,
    url: Url,
    patience: Patience,
}

/// How long a service is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    tries: u32,
    /// The pause after the first try; it doubles after each.
    pause: Duration,
}

/// A service was not told.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address is not one of the web.
    #[error("the address of the webhook does not begin with http:// or https://")]
    Url,
    /// There is no client.
    #[error("the client for the webhook cannot be made")]
    Client(#[source] reqwest::Error),
    /// Nobody answered, however often.
    #[error("the webhook was not reached in {tries} tries")]
    Unreachable {
        /// How often.
        tries: u32,
        /// What happened last.
        #[source]
        source: reqwest::Error,
    },
    /// It was refused.
    #[error("the webhook answered {status}")]
    Refused {
        /// The last status.
        status: StatusCode,
    },
}

impl Webhook {
    /// The service at `url`, which has `timeout` for each of `tries`; between them is a `pause`,
    /// which doubles each time.
    ///
    /// # Errors
    /// The address is not one of the web.
    pub fn new(
        url: &str,
        timeout: Duration,
        tries: u32,
        pause: Duration,
    ) -> Result<Self, WebhookError> {
        let url = Url::parse(url).map_err(|_| WebhookError::Url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(WebhookError::Url);
        }
        let client = Client::builder()
            .timeout(timeout)
            .redirect(Policy::none())
            .build()
            .map_err(WebhookError::Client)?;
        let tries = tries.max(1);
        let patience = Patience { tries, pause };
        Ok(Self {
            client,
            url,
            patience,
        })
    }

    /// Posts `alert`, again if the service fails in a way that may pass.
    ///
    /// # Errors
    /// It was refused, or failed at every try.
    pub async fn post(&self, alert: &Alert) -> Result<(), WebhookError> {
        let Patience { tries, mut pause } = self.patience;
        let mut last = self.try_once(alert).await;
        for _ in 1..tries {
            if !may_pass(&last) {
                break;
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
            last = self.try_once(alert).await;
        }
        match last {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(WebhookError::Refused {
                status: response.status(),
            }),
            // The address may hold a secret.
            Err(error) => Err(WebhookError::Unreachable {
                tries,
                source: error.without_url(),
            }),
        }
    }

    async fn try_once(&self, alert: &Alert) -> Result<Response, reqwest::Error> {
        self.client.post(self.url.clone()).json(alert).send().await
    }
}

fn may_pass(last: &Result<Response, reqwest::Error>) -> bool {
    let Ok(response) = last else {
        return true;
    };
    let status = response.status();
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
}

/// Without the address, which may hold a secret.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}
