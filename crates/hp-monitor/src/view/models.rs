//! What is known of the model versions: their columns, and what they remember of their training.

use super::MonitorError;
use hp_core::fingerprint::Fingerprint;
use hp_core::reference::TrainingReference;
use hp_core::schema::Schema;
use hp_core::version::ModelVersion;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How long what was found of a version holds; one may be trained anew, or brought later.
const HOLDS: SignedDuration = SignedDuration::from_secs(60);

/// Where model versions are found. Its functions may block.
pub trait Models: Send + Sync {
    /// The versions there are, ascending.
    ///
    /// # Errors
    /// They cannot be listed.
    fn versions(&self) -> Result<Vec<ModelVersion>, Box<dyn Error + Send + Sync>>;

    /// What is known of `version`; `None` when it is not there.
    ///
    /// # Errors
    /// It cannot be read.
    fn find(
        &self,
        version: ModelVersion,
    ) -> Result<Option<KnownModel>, Box<dyn Error + Send + Sync>>;
}

/// What is known of a model version.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownModel {
    /// The name of the data set.
    pub data_name: String,
    /// The digest of the data set.
    pub data_fingerprint: Fingerprint,
    /// The columns.
    pub schema: Schema,
    /// The share of true values that the interval promises to hold, if it is one of quantiles.
    pub nominal_coverage: Option<f64>,
    /// What it remembers of its training rows; versions of earlier times have none.
    pub reference: Option<TrainingReference>,
}

/// The models as they were found, for a while.
pub(crate) struct Shelf {
    models: Arc<dyn Models>,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    versions: Option<(Timestamp, Vec<ModelVersion>)>,
    models: BTreeMap<ModelVersion, (Timestamp, Option<Arc<KnownModel>>)>,
}

impl Shelf {
    pub(crate) fn new(models: Arc<dyn Models>) -> Self {
        let found = Mutex::default();
        Self { models, found }
    }

    /// The versions there are at `now`, ascending.
    pub(crate) async fn versions(&self, now: Timestamp) -> Result<Vec<ModelVersion>, MonitorError> {
        let known = self.with(|found| found.versions.clone());
        if let Some((then, versions)) = known
            && holds(then, now)
        {
            return Ok(versions);
        }
        let versions = self.look(|models| models.versions()).await?;
        self.with(|found| found.versions = Some((now, versions.clone())));
        Ok(versions)
    }

    /// What is known of `version` at `now`.
    pub(crate) async fn find(
        &self,
        version: ModelVersion,
        now: Timestamp,
    ) -> Result<Option<Arc<KnownModel>>, MonitorError> {
        let known = self.with(|found| found.models.get(&version).cloned());
        if let Some((then, model)) = known
            && holds(then, now)
        {
            return Ok(model);
        }
        let model = self.look(move |models| models.find(version)).await?;
        let model = model.map(Arc::new);
        self.with(|found| found.models.insert(version, (now, model.clone())));
        Ok(model)
    }

    async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&dyn Models) -> Result<T, Box<dyn Error + Send + Sync>> + Send + 'static,
    ) -> Result<T, MonitorError> {
        let models = Arc::clone(&self.models);
        let looked = tokio::task::spawn_blocking(move || look(&*models)).await;
        looked?.map_err(MonitorError::Models)
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Found) -> T) -> T {
        use_it(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

/// Whether what was found `then` holds `now`; not when the clock was set back.
fn holds(then: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..HOLDS).contains(&now.duration_since(then))
}
