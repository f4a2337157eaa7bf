//! Where the metrics of a process are counted, and their text for Prometheus.
//!
//! A series is one or a few atomic numbers, whatever is counted in it: memory does not grow with
//! the requests, and nothing has to be gathered between them.

mod buckets;
mod text;

use buckets::Buckets;
use metrics::atomics::AtomicU64;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts what the macros of the crate `metrics` report. Its clones share the numbers.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Families>>);

/// The metrics by name.
type Families = BTreeMap<String, Family>;

/// The series of one metric.
#[derive(Debug, Default)]
struct Family {
    help: String,
    /// Upper bounds of the buckets, should it be a histogram.
    bounds: &'static [f64],
    /// By their labels, as they are written.
    series: BTreeMap<String, Series>,
}

#[derive(Debug, Clone)]
enum Series {
    Counter(Arc<AtomicU64>),
    /// The bits of the number.
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Buckets>),
}

impl Recorder {
    /// Counts each of these histograms in buckets with rising upper bounds; any other one has a
    /// count and a sum only.
    #[must_use]
    pub fn new(histograms: &[(&str, &'static [f64])]) -> Self {
        let family = |&(name, bounds): &(&str, _)| {
            let family = Family {
                bounds,
                ..Family::default()
            };
            (name.to_owned(), family)
        };
        let families = histograms.iter().map(family).collect();
        Self(Arc::new(Mutex::new(families)))
    }

    /// Every series as text for Prometheus, in the order of their names.
    #[must_use]
    pub fn render(&self) -> String {
        text::of(&self.families())
    }

    fn families(&self) -> MutexGuard<'_, Families> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn describe(&self, name: &KeyName, help: &SharedString) {
        let mut families = self.families();
        let family = families.entry(name.as_str().to_owned()).or_default();
        family.help = help.to_string();
    }

    /// The series of `key`, which is made with the bounds of its buckets if there is none.
    fn series(&self, key: &Key, make: impl FnOnce(&'static [f64]) -> Series) -> Series {
        let mut families = self.families();
        let family = families.entry(key.name().to_owned()).or_default();
        let bounds = family.bounds;
        let series = family.series.entry(text::labels(key));
        series.or_insert_with(|| make(bounds)).clone()
    }
}

/// A name belongs to the kind that was registered first; what is counted under it as another kind
/// is lost.
impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, help: SharedString) {
        self.describe(&name, &help);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, help: SharedString) {
        self.describe(&name, &help);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, help: SharedString) {
        self.describe(&name, &help);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match self.series(key, |_| Series::Counter(Arc::default())) {
            Series::Counter(number) => Counter::from_arc(number),
            _ => Counter::noop(),
        }
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        match self.series(key, |_| Series::Gauge(Arc::default())) {
            Series::Gauge(bits) => Gauge::from_arc(bits),
            _ => Gauge::noop(),
        }
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let make = |bounds| Series::Histogram(Arc::new(Buckets::new(bounds)));
        match self.series(key, make) {
            Series::Histogram(buckets) => Histogram::from_arc(buckets),
            _ => Histogram::noop(),
        }
    }
}
