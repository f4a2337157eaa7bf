//! What the handlers share: the model that serves, the prediction log, ids and metrics.

mod keeping;
mod store_health;

pub(crate) use keeping::Keeping;
use store_health::StoreHealth;

use crate::metrics::{self, LogMetrics};
use crate::model::{Model, ModelSource};
use crate::openapi::Face;
use arc_swap::ArcSwap;
#[cfg(feature = "lambda")]
use hp_core::cause::chain;
use hp_core::version::ModelVersion;
use hp_http::Recorder;
use hp_store::{Clock, IdGenerator, PredictionId, PredictionLog, PredictionRecord};
use jiff::Timestamp;
use rand::Rng;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(feature = "lambda")]
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer may wait for the spool to be delivered.
#[cfg(feature = "lambda")]
const DELIVERY: Duration = Duration::from_millis(300);

/// What an [`Api`] is told by the program around it.
pub struct ApiOptions {
    /// The time of day.
    pub clock: Clock,
    /// Where the random part of ids comes from.
    pub rng: Box<dyn Rng + Send>,
    /// Where the metrics of this process are counted; from [`install_metrics`](crate::install_metrics).
    pub metrics: Recorder,
    /// The interval width above which a prediction is counted as doubtful, in units of the target.
    pub width_threshold: f64,
    /// Whether a number outside its column's range is predicted all the same.
    pub allow_out_of_range: bool,
    /// Whether clients must show a key, for the description of the API.
    pub keys_required: bool,
    /// What else is done with a record that only the spool has, where the spool may get lost.
    pub on_spooled: Option<OnSpooled>,
}

/// Is shown a record of a prediction before that is given.
pub type OnSpooled = Box<dyn Fn(&PredictionRecord) + Send + Sync>;

/// The prediction API without its web face.
pub struct Api {
    source: Box<dyn ModelSource>,
    model: ArcSwap<Model>,
    /// Held while a new model is loaded.
    reloading: Mutex<()>,
    log: Option<Arc<PredictionLog>>,
    store_health: StoreHealth,
    /// When a prediction was last refused because nothing kept its record.
    last_refusal: Mutex<Option<Instant>>,
    on_spooled: Option<OnSpooled>,
    log_metrics: LogMetrics,
    ids: Mutex<Ids>,
    clock: Clock,
    metrics: Recorder,
    width_threshold: f64,
    allow_out_of_range: bool,
    face: Face,
}

/// The model could not be loaded; the one before, if any, still serves.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// There is none, or it is not as it was written.
    #[error("the model cannot be loaded")]
    Load(#[source] Box<dyn Error + Send + Sync>),
}

/// What a reload changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reloaded {
    /// The version that served before.
    pub from: ModelVersion,
    /// The version that serves now; the same when the source has no other.
    pub to: ModelVersion,
}

impl Api {
    /// Loads the model from `source`. Without a `log` predictions are given and forgotten.
    ///
    /// # Errors
    /// The model cannot be loaded.
    pub fn new(
        source: impl ModelSource + 'static,
        log: Option<Arc<PredictionLog>>,
        options: ApiOptions,
    ) -> Result<Arc<Self>, ReloadError> {
        metrics::describe();
        let face = Face {
            keys_required: options.keys_required,
            allow_out_of_range: options.allow_out_of_range,
        };
        let model = load(&source, face)?;
        model.metrics.serve(None);
        Ok(Arc::new(Self {
            source: Box::new(source),
            model: ArcSwap::from_pointee(model),
            reloading: Mutex::default(),
            log,
            store_health: StoreHealth::default(),
            last_refusal: Mutex::default(),
            on_spooled: options.on_spooled,
            log_metrics: LogMetrics::register(),
            ids: Mutex::new(Ids {
                generator: IdGenerator::default(),
                rng: options.rng,
            }),
            clock: options.clock,
            metrics: options.metrics,
            width_threshold: options.width_threshold,
            allow_out_of_range: options.allow_out_of_range,
            face,
        }))
    }

    /// The version that serves.
    #[must_use]
    pub fn version(&self) -> ModelVersion {
        self.model.load().version
    }

    /// Loads the model again and puts it in the place of the one that serves. Requests in work
    /// finish with the model they began with. May block; several reloads take turns.
    ///
    /// # Errors
    /// The model cannot be loaded. The one before still serves.
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        let _turn = self
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let model = Arc::new(load(&*self.source, self.face)?);
        let before = self.model.swap(Arc::clone(&model));
        model.metrics.serve(Some(&before.metrics));
        let (from, to) = (before.version, model.version);
        tracing::info!(%from, %to, "reloaded the model");
        Ok(Reloaded { from, to })
    }

    /// Does now what [`run_background`](Self::run_background) does, for at most a short time: for
    /// where nothing goes on beside the requests.
    #[cfg(feature = "lambda")]
    pub(crate) async fn settle(&self) {
        if let Some(log) = &self.log
            && log.spooled_bytes() > 0
        {
            // What is not delivered now is tried again after the next answer.
            let delivery = tokio::time::timeout(DELIVERY, log.deliver()).await;
            if let Ok(Err(error)) = delivery {
                tracing::warn!(error = chain(&error), "the spool was not delivered");
            }
        }
    }

    /// Does for ever what goes on beside the requests: delivers spooled records to the store when it
    /// is back. To be spawned once beside a server.
    pub async fn run_background(&self) {
        match &self.log {
            Some(log) => log.keep_delivering().await,
            None => std::future::pending().await,
        }
    }

    /// The model that serves, for the whole of a request.
    pub(crate) fn model(&self) -> Arc<Model> {
        self.model.load_full()
    }

    /// The prediction log, unless it is off.
    pub(crate) fn log(&self) -> Option<&Arc<PredictionLog>> {
        self.log.as_ref()
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The interval width above which a prediction is doubtful.
    pub(crate) fn width_threshold(&self) -> f64 {
        self.width_threshold
    }

    /// Whether numbers outside their range are predicted.
    pub(crate) fn allow_out_of_range(&self) -> bool {
        self.allow_out_of_range
    }

    /// Ids for `count` predictions made now, rising.
    pub(crate) fn ids(&self, count: usize) -> Vec<PredictionId> {
        let now = self.now();
        let mut ids = self.lock_ids();
        (0..count).map(|_| ids.next(now)).collect()
    }

    /// The id of a prediction made now.
    pub(crate) fn id(&self) -> PredictionId {
        let now = self.now();
        self.lock_ids().next(now)
    }

    /// Draws something random.
    #[cfg(feature = "lambda")]
    pub(crate) fn with_rng<T>(&self, draw: impl FnOnce(&mut Box<dyn Rng + Send>) -> T) -> T {
        draw(&mut self.lock_ids().rng)
    }

    /// Every metric of the process as text for Prometheus.
    pub(crate) fn metrics_text(&self) -> String {
        if let Some(log) = &self.log {
            self.log_metrics
                .spooled_bytes
                .set(log.spooled_bytes() as f64);
        }
        self.metrics.render()
    }

    fn lock_ids(&self) -> MutexGuard<'_, Ids> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("version", &self.version())
            .field("log", &self.log.is_some())
            .finish_non_exhaustive()
    }
}

/// Makes ids.
struct Ids {
    generator: IdGenerator,
    rng: Box<dyn Rng + Send>,
}

impl Ids {
    fn next(&mut self, now: Timestamp) -> PredictionId {
        self.generator.next(now, &mut self.rng)
    }
}

fn load(source: &(impl ModelSource + ?Sized), face: Face) -> Result<Model, ReloadError> {
    let artifact = source.load().map_err(ReloadError::Load)?;
    Ok(Model::new(artifact, face))
}
