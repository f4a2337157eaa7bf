//! A monitor of a small log, and questions to it.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::reference::{Answers, TrainingReference, UnseenRows};
use hp_core::schema::{Column, DType, Schema};
use hp_core::version::ModelVersion;
use hp_http::{ApiKeys, Protection};
use hp_monitor::statistics::DriftSettings;
use hp_monitor::view::{KnownModel, Models, Monitor, MonitorOptions, Range};
use hp_monitor::web::{FaceOptions, router};
use hp_store::{
    Actual, Aggregate, AggregateQuery, Attached, Inputs, MemoryStore, Page, PredictionId,
    PredictionRecord, PredictionStore, RecordQuery, Source, StoreError,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

/// When the tests take place.
pub(crate) const NOW: &str = "2024-09-08T12:00:00Z";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn version(text: &str) -> ModelVersion {
    text.parse().unwrap()
}

/// A prediction `minutes` before [`NOW`] with inputs `rooms` and `river`; it is certain, 4 wide, and
/// for 20.
pub(crate) fn record(minutes: i64, rooms: f64, river: f64) -> PredictionRecord {
    let time = time(NOW) - SignedDuration::from_mins(minutes);
    PredictionRecord {
        id: PredictionId::first_at(time),
        model_version: version("v1.0.0"),
        data_fingerprint: Fingerprint::of(b"boston"),
        git_commit: None,
        inputs: Inputs {
            names: Arc::from(["rooms".to_owned(), "river".to_owned()]),
            values: vec![rooms, river],
        },
        prediction: Prediction {
            lower: 18.0,
            prediction: 20.0,
            upper: 22.0,
        },
        source: Source::Api,
        latency: Duration::from_micros(120),
        actual: None,
    }
}

/// The same outside of its limits, by as much as it is over 22.
pub(crate) fn uncertain(mut record: PredictionRecord, prediction: f64) -> PredictionRecord {
    record.prediction.prediction = prediction;
    record
}

/// The same with its true value.
pub(crate) fn known(mut record: PredictionRecord, value: f64) -> PredictionRecord {
    let time = time(NOW);
    record.actual = Some(Actual { value, time });
    record
}

fn column(name: &str, dtype: DType, unit: &str) -> Column {
    Column {
        name: name.to_owned(),
        dtype,
        min: None,
        max: None,
        allowed: None,
        description: format!("what {name} means"),
        unit: unit.to_owned(),
    }
}

/// The columns of [`record`], trained on 100 rows with 4 to 8 rooms, of which every tenth is at the
/// river.
pub(crate) fn model() -> KnownModel {
    let rows = 100;
    let rooms: Vec<_> = (0..rows).map(|row| 4.0 + f64::from(row) / 25.0).collect();
    let river: Vec<_> = (0..rows)
        .map(|row| f64::from(u8::from(row % 10 == 0)))
        .collect();
    let level = |level: f64| vec![level; rooms.len()];
    let spread: Vec<_> = rooms.iter().map(|rooms| 14.0 + rooms).collect();
    let reference = TrainingReference::new(
        &[("rooms", &rooms), ("river", &river)],
        UnseenRows::HeldOut,
        Answers {
            y_true: &spread,
            prediction: &spread,
            lower: &level(18.0),
            upper: &level(22.0),
        },
    );
    KnownModel {
        data_name: "boston".to_owned(),
        data_fingerprint: Fingerprint::of(b"boston"),
        schema: Schema {
            features: vec![
                column("rooms", DType::Float, "1"),
                column("river", DType::Integer, ""),
            ],
            target: column("price", DType::Float, "1000 $"),
        },
        nominal_coverage: Some(0.8),
        reference: Some(reference.unwrap()),
    }
}

/// The versions that are known.
#[derive(Clone)]
pub(crate) struct Known(pub(crate) Vec<(ModelVersion, KnownModel)>);

impl Models for Known {
    fn versions(&self) -> Result<Vec<ModelVersion>, Box<dyn Error + Send + Sync>> {
        Ok(self.0.iter().map(|(version, _)| *version).collect())
    }

    fn find(
        &self,
        version: ModelVersion,
    ) -> Result<Option<KnownModel>, Box<dyn Error + Send + Sync>> {
        let found = self.0.iter().find(|(of, _)| *of == version);
        Ok(found.map(|(_, model)| model.clone()))
    }
}

/// A store that fails when it is told to, and counts its answers.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    store: MemoryStore,
    pub(crate) down: AtomicBool,
    pub(crate) hangs: AtomicBool,
}

impl Switch {
    async fn up(&self) -> Result<(), StoreError> {
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.down.load(Ordering::Relaxed) {
            return Err(StoreError::Failed {
                store: "dynamodb://log".to_owned(),
                operation: "read",
                source: "throttled <script>".into(),
            });
        }
        Ok(())
    }
}

/// The questions of windows are answered by the others.
#[async_trait]
impl PredictionStore for Switch {
    async fn put(&self, _: Arc<[PredictionRecord]>) -> Result<(), StoreError> {
        unreachable!("the log is only read")
    }

    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError> {
        self.up().await?;
        self.store.get(id).await
    }

    async fn attach(&self, _: PredictionId, _: Actual) -> Result<Attached, StoreError> {
        unreachable!("the log is only read")
    }

    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError> {
        self.up().await?;
        self.store.list(query).await
    }

    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError> {
        self.up().await?;
        self.store.aggregate(query).await
    }

    async fn prune(&self, _: Timestamp) -> Result<u64, StoreError> {
        unreachable!("the log is only read")
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.up().await
    }
}

/// A monitor with its web face.
pub(crate) struct Sample {
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) store: Arc<Switch>,
    router: Router,
    /// Milliseconds since [`NOW`].
    later: Arc<AtomicI64>,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text()))
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
}

impl Sample {
    /// A log with `records`, made by `v1.0.0`.
    pub(crate) async fn new(records: Vec<PredictionRecord>) -> Self {
        let known = Known(vec![(version("v1.0.0"), model())]);
        Self::with(records, known, "").await
    }

    pub(crate) async fn with(records: Vec<PredictionRecord>, known: Known, keys: &str) -> Self {
        let store = Arc::new(Switch::default());
        store.store.put(records.into()).await.unwrap();
        let later = Arc::new(AtomicI64::new(0));
        let clock = {
            let later = Arc::clone(&later);
            move || time(NOW) + SignedDuration::from_millis(later.load(Ordering::Relaxed))
        };
        let options = MonitorOptions {
            clock: Arc::new(clock),
            store_kind: "memory",
            width_threshold: 22.0,
            drift: DriftSettings::default(),
            deadline: Duration::from_secs(30),
        };
        let monitor = Monitor::new(
            Arc::clone(&store) as Arc<dyn PredictionStore>,
            Arc::new(known),
            options,
        );
        let monitor = Arc::new(monitor);
        let options = FaceOptions {
            protection: Protection {
                keys: ApiKeys::parse(keys).unwrap(),
                ..Protection::default()
            },
            recorder: None,
            gauges: Range::Day,
            parquet: None,
        };
        Self {
            router: router(Arc::clone(&monitor), options),
            monitor,
            store,
            later,
        }
    }

    /// Lets time go on.
    pub(crate) fn wait(&self, seconds: i64) {
        self.later.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// Adds a record to the log, as a server would.
    pub(crate) async fn put(&self, record: PredictionRecord) {
        self.store.store.put([record].into()).await.unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (head, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Reply {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// The answer to a question that has one.
    #[track_caller]
    pub(crate) fn ask(&self, path: &str) -> impl Future<Output = Value> {
        let path = path.to_owned();
        async move {
            let reply = self.get(&path).await;
            assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
            reply.json()
        }
    }
}

/// Every question of the page.
pub(crate) const QUESTIONS: [&str; 6] = [
    "/api/overview",
    "/api/series",
    "/api/records",
    "/api/uncertain",
    "/api/inputs",
    "/api/outcomes",
];

/// Where tests of a sequence keep what they have seen.
pub(crate) type Seen<T> = Arc<Mutex<Vec<T>>>;
