//! Whether the store of the prediction log is well, asked seldom however often it is wanted to know.

use hp_core::cause::chain;
use hp_store::PredictionStore;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long the store may take to say that it is well.
const DEADLINE: Duration = Duration::from_secs(2);

/// How long its answer is believed.
const MEMORY: Duration = Duration::from_secs(1);

/// What the store said last. Who comes while it is asked waits for the same answer.
#[derive(Debug, Default)]
pub(super) struct StoreHealth(Mutex<Option<Checked>>);

#[derive(Debug)]
struct Checked {
    at: Instant,
    outcome: Result<(), String>,
}

impl StoreHealth {
    /// Whether `store` is well, or why it is not.
    pub(super) async fn of(&self, store: &dyn PredictionStore) -> Result<(), String> {
        let mut last = self.0.lock().await;
        if let Some(checked) = &*last
            && checked.at.elapsed() < MEMORY
        {
            return checked.outcome.clone();
        }
        let outcome = match timeout(DEADLINE, store.check()).await {
            Ok(outcome) => outcome.map_err(|error| chain(&error)),
            Err(late) => Err(late.to_string()),
        };
        let at = Instant::now();
        last.insert(Checked { at, outcome }).outcome.clone()
    }
}
