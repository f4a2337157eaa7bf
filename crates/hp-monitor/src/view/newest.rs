//! Whether something new has come, asked every few seconds.

use super::{Monitor, MonitorError};
use hp_store::PredictionId;
use serde::Serialize;

/// The newest record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Newest {
    /// Its id; none while the log is empty.
    pub newest: Option<PredictionId>,
}

impl Monitor {
    /// The newest record of the log.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn newest(&self) -> Result<Newest, MonitorError> {
        let deadline = self.options.deadline;
        match tokio::time::timeout(deadline, self.store.newest()).await {
            Ok(newest) => Ok(Newest { newest: newest? }),
            Err(_) => Err(MonitorError::TooLate { deadline }),
        }
    }
}
