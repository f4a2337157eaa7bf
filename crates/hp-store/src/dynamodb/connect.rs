//! Connects to DynamoDB with the credentials and the region of the environment.

use super::refusal::Address;
use crate::error::StoreError;
use crate::uri::DynamoDbUri;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Builder, ProvideCredentials};
use std::error::Error;
use std::time::Duration;
use tokio::time::timeout;

/// How long one call of DynamoDB may take, with its retries.
pub(super) const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(5);

/// A client for the table of `uri`, and its address.
pub(super) async fn connect(uri: &DynamoDbUri) -> Result<(Client, Address), StoreError> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(region) = &uri.region {
        loader = loader.region(Region::new(region.clone()));
    }
    let environment = loader.load().await;
    let region = environment.region().map(ToString::to_string);
    let is_known = region.is_some();
    let address = Address {
        table: uri.table.clone(),
        region: region.unwrap_or_else(|| "unknown".to_owned()),
        deadline: OPERATION_TIMEOUT,
    };
    if !is_known {
        let problem = "no AWS region is known: add `?region=…` or set AWS_REGION";
        return Err(address.not_set_up(problem.to_owned()));
    }
    find_credentials(&environment)
        .await
        .map_err(|source| StoreError::NotSetUp {
            store: address.text(),
            problem: "no AWS credentials are found: set AWS_ACCESS_KEY_ID and \
                      AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or run it with a role"
                .to_owned(),
            source,
        })?;
    let mut config = patience(Builder::from(&environment), None);
    if let Some(endpoint) = &uri.endpoint {
        config = config.endpoint_url(endpoint);
    }
    Ok((Client::from_conf(config.build()), address))
}

/// Looks for credentials once, or says why there are none if that is known.
async fn find_credentials(
    environment: &SdkConfig,
) -> Result<(), Option<Box<dyn Error + Send + Sync>>> {
    let provider = environment.credentials_provider().ok_or(None)?;
    let found = timeout(CREDENTIALS_TIMEOUT, provider.provide_credentials());
    match found.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Some(error.into())),
        Err(late) => Err(Some(late.into())),
    }
}

/// Sets how often a call is tried again, and how long it may take unless that is set already: a
/// table that does not answer must be known as such while the prediction's client still waits.
pub(super) fn patience(config: Builder, limits: Option<&TimeoutConfig>) -> Builder {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_millis(500));
    let config = config.retry_config(retries);
    if limits.is_some_and(|limits| limits.operation_timeout().is_some()) {
        return config;
    }
    let limits = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT);
    config.timeout_config(limits.build())
}
