//! The same API, answering the events of AWS Lambda.

use super::{Args, Face};
use crate::failure::Failure;
use crate::output;
use hp_http::ApiKeys;
use hp_store::PredictionRecord;
use serde_json::json;
use std::sync::Arc;

/// Answers events until Lambda ends the process.
pub(super) async fn run(args: &Args, keys: ApiKeys) -> Result<(), Failure> {
    let protection = args.protection(keys);
    let face = Face {
        keys_required: !protection.keys.is_empty(),
        // The spool may end with the process, the function's log does not.
        on_spooled: Some(Box::new(print_record)),
    };
    let api = args.api(face).await?;
    let router = hp_serve::router(Arc::clone(&api), protection);
    Ok(hp_serve::run_lambda(api, router)
        .await
        .map_err(anyhow::Error::from)?)
}

/// Prints a record as a line that `hp log replay` finds among others.
fn print_record(record: &PredictionRecord) {
    let line = json!({ "prediction_record": record });
    if let Err(failure) = output::print_text(&format!("{line}\n")) {
        tracing::error!("{}", failure.message());
    }
}
