//! The same API, answering the events of AWS Lambda.

use super::Args;
use crate::failure::Failure;
use hp_http::ApiKeys;
use std::sync::Arc;

/// Answers events until Lambda ends the process.
pub(super) async fn run(args: &Args, keys: ApiKeys) -> Result<(), Failure> {
    let protection = args.protection(keys);
    let api = args.api(!protection.keys.is_empty()).await?;
    let router = hp_serve::router(Arc::clone(&api), protection);
    Ok(hp_serve::run_lambda(api, router)
        .await
        .map_err(anyhow::Error::from)?)
}
