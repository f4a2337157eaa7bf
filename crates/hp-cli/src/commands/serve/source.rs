//! Which version is served, asked anew at every reload.

use crate::failure::Failure;
use crate::settings::VersionArgs;
use hp_artifact::{Artifact, What};
use hp_serve::ModelSource;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

/// The version that the arguments mean at the time.
pub(super) struct ServedVersion {
    version: VersionArgs,
    /// The one that is loaded already.
    first: Mutex<Option<Artifact>>,
}

impl ServedVersion {
    pub(super) fn new(version: VersionArgs, first: Artifact) -> Self {
        let first = Mutex::new(Some(first));
        Self { version, first }
    }
}

impl ModelSource for ServedVersion {
    fn load(&self) -> Result<Artifact, Box<dyn Error + Send + Sync>> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match first {
            Some(artifact) => Ok(artifact),
            None => Ok(self
                .version
                .load(What::Served)
                .map_err(Failure::into_error)?),
        }
    }
}
