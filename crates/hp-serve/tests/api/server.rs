//! The API in memory, with a store that can be switched off.

use crate::sample::Versions;
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use hp_http::{Protection, Recorder};
use hp_serve::{Api, ApiOptions, OnSpooled, install_metrics, router};
use hp_store::{
    Actual, Aggregate, AggregateQuery, Attached, LogOptions, MemoryStore, Page, PredictionId,
    PredictionLog, PredictionRecord, PredictionStore, RecordQuery, StoreError,
};
use jiff::Timestamp;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::Value;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

/// When every test takes place.
pub(crate) const NOW: &str = "2024-09-08T16:46:02.125Z";

/// The API of one test.
pub(crate) struct Server {
    pub(crate) api: Arc<Api>,
    pub(crate) router: Router,
    pub(crate) versions: Versions,
    pub(crate) store: Arc<SwitchStore>,
    _spool: TempDir,
}

/// How a test wants it.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) log_off: bool,
    pub(crate) spool_bytes: Option<u64>,
    pub(crate) allow_out_of_range: bool,
    pub(crate) on_spooled: Option<OnSpooled>,
    pub(crate) protection: Protection,
}

/// An answer that came whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::with(Setup::default())
    }

    pub(crate) fn with(setup: Setup) -> Self {
        let versions = Versions::new();
        let store = Arc::new(SwitchStore::default());
        let spool = tempfile::tempdir().unwrap();
        let log = PredictionLog::open(
            Arc::clone(&store) as Arc<dyn PredictionStore>,
            LogOptions {
                deadline: Duration::from_secs(20),
                spool: spool.path().join("spool.ndjson"),
                spool_bytes: setup.spool_bytes.unwrap_or(1 << 20),
            },
        );
        let options = ApiOptions {
            clock: Arc::new(|| NOW.parse().unwrap()),
            rng: Box::new(SmallRng::seed_from_u64(7)),
            metrics: metrics(),
            width_threshold: 22.0,
            allow_out_of_range: setup.allow_out_of_range,
            keys_required: !setup.protection.keys.is_empty(),
            on_spooled: setup.on_spooled,
        };
        let source = versions.clone();
        let log = (!setup.log_off).then(|| Arc::new(log.unwrap()));
        let api = Api::new(move || source.load(), log, options).unwrap();
        Self {
            router: router(Arc::clone(&api), setup.protection),
            api,
            versions,
            store,
            _spool: spool,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, path, &headers, body).await
    }

    pub(crate) async fn post_as(
        &self,
        path: &str,
        media_type: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let headers = [("content-type", media_type)];
        self.send(Method::POST, path, &headers, body).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    /// Where a record would be kept, as `/readyz` says.
    pub(crate) async fn state(&self) -> String {
        let answer = self.get("/readyz").await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()["prediction_log"].as_str().unwrap().to_owned()
    }

    /// Every record of the store, newest first.
    pub(crate) async fn records(&self) -> Vec<PredictionRecord> {
        let query = RecordQuery {
            from: None,
            to: None,
            model_version: None,
            source: None,
            before: None,
            limit: NonZeroUsize::new(1_000).unwrap(),
        };
        self.store.list(&query).await.unwrap().records
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub(crate) fn media_type(&self) -> &str {
        self.headers["content-type"].to_str().unwrap()
    }

    /// The problems of a 422 as `type loc`.
    pub(crate) fn problems(&self) -> Vec<String> {
        assert_eq!(
            self.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            self.text()
        );
        let json = self.json();
        let details = json["detail"].as_array().expect("a list of details");
        details
            .iter()
            .map(|detail| {
                let steps = detail["loc"].as_array().expect("a location").iter();
                let steps: Vec<_> = steps
                    .map(|step| step.to_string().replace('"', ""))
                    .collect();
                format!("{} {}", detail["type"].as_str().unwrap(), steps.join("."))
            })
            .collect()
    }
}

/// A store in memory that can be switched off.
#[derive(Debug, Default)]
pub(crate) struct SwitchStore {
    store: MemoryStore,
    off: AtomicBool,
    refusing: AtomicBool,
    checks: AtomicUsize,
}

impl SwitchStore {
    pub(crate) fn switch(&self, off: bool) {
        self.off.store(off, Ordering::SeqCst);
    }

    /// Takes no records, or takes them again; it is well otherwise.
    pub(crate) fn refuse(&self, refusing: bool) {
        self.refusing.store(refusing, Ordering::SeqCst);
    }

    /// How often it was asked whether it is well.
    pub(crate) fn checks(&self) -> usize {
        self.checks.load(Ordering::SeqCst)
    }

    fn on(&self) -> Result<&MemoryStore, StoreError> {
        if self.off.load(Ordering::SeqCst) {
            return Err(failed());
        }
        Ok(&self.store)
    }
}

fn failed() -> StoreError {
    StoreError::Failed {
        store: "memory:".to_owned(),
        operation: "written",
        source: "switched off".into(),
    }
}

#[async_trait]
impl PredictionStore for SwitchStore {
    async fn put(&self, records: Arc<[PredictionRecord]>) -> Result<(), StoreError> {
        if self.refusing.load(Ordering::SeqCst) {
            return Err(failed());
        }
        self.on()?.put(records).await
    }

    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError> {
        self.on()?.get(id).await
    }

    async fn attach(&self, id: PredictionId, actual: Actual) -> Result<Attached, StoreError> {
        self.on()?.attach(id, actual).await
    }

    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError> {
        self.on()?.list(query).await
    }

    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError> {
        self.on()?.aggregate(query).await
    }

    async fn prune(&self, time: Timestamp) -> Result<u64, StoreError> {
        self.on()?.prune(time).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        // Others come meanwhile.
        tokio::task::yield_now().await;
        self.on()?.check().await
    }
}

/// The recorder of this process, which all tests share.
fn metrics() -> Recorder {
    static METRICS: OnceLock<Recorder> = OnceLock::new();
    METRICS.get_or_init(|| install_metrics().unwrap()).clone()
}
