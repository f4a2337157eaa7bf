//! What is counted.

use hp_artifact::Manifest;
use hp_core::prediction::Prediction;
use hp_http::Recorder;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

/// Upper bounds of the buckets for durations, in seconds.
static SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// Upper bounds of the buckets for interval widths: 1, 2, 5 and so on, as the unit of a target can
/// be of any size.
static WIDTHS: [f64; 21] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3,
    2e3, 5e3, 1e4, 1e5, 1e6,
];

/// Makes the recorder that every metric of the server is counted in, and makes it the one of this
/// process. Once in a process.
///
/// # Errors
/// There is a recorder already.
pub fn install_metrics() -> Result<Recorder, MetricsError> {
    let recorder = Recorder::new(&[
        ("http_request_duration_seconds", &SECONDS),
        ("hp_interval_width", &WIDTHS),
    ]);
    metrics::set_global_recorder(recorder.clone()).map_err(|_| MetricsError::Installed)?;
    Ok(recorder)
}

/// Metrics cannot be counted.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Only one recorder fits in a process.
    #[error("this process has a recorder of metrics already")]
    Installed,
}

/// The metrics of one model, found once and then only raised.
pub(crate) struct ModelMetrics {
    predictions: Counter,
    interval_width: Histogram,
    over_threshold: Counter,
    out_of_range: Vec<Counter>,
    info: Info,
}

/// The line that describes the model. Models with the same labels share it.
struct Info {
    labels: [(&'static str, String); 4],
    gauge: Gauge,
}

impl ModelMetrics {
    /// The metrics of the model that `manifest` describes.
    pub(crate) fn register(manifest: &Manifest) -> Self {
        let model = manifest.data.name.clone();
        let version = manifest.model_version.to_string();
        let features = manifest.schema.feature_names().map(str::to_owned);
        let labels = [
            ("name", model.clone()),
            ("version", version.clone()),
            ("data_version", manifest.data.fingerprint.short()),
            ("git", manifest.git_commit.clone().unwrap_or_default()),
        ];
        Self {
            predictions: counter!(
                "hp_predictions_total",
                "model" => model, "version" => version
            ),
            interval_width: histogram!("hp_interval_width"),
            over_threshold: counter!("hp_interval_over_threshold_total"),
            out_of_range: features
                .map(|feature| counter!("hp_input_out_of_range_total", "feature" => feature))
                .collect(),
            info: Info {
                gauge: gauge!("hp_model_info", &labels),
                labels,
            },
        }
    }

    /// Counts a prediction that was given; `threshold` is the width above which it is doubtful.
    pub(crate) fn predicted(&self, prediction: &Prediction, threshold: f64) {
        self.predictions.increment(1);
        self.interval_width.record(prediction.interval_width());
        if prediction.interval_width() > threshold {
            self.over_threshold.increment(1);
        }
    }

    /// Counts a value outside the range of the feature at `index`.
    pub(crate) fn out_of_range(&self, index: usize) {
        if let Some(counter) = self.out_of_range.get(index) {
            counter.increment(1);
        }
    }

    /// Says that the model is the one that serves, in the place of the one `before`.
    pub(crate) fn serve(&self, before: Option<&Self>) {
        self.info.gauge.set(1.0);
        if let Some(before) = before
            && before.info.labels != self.info.labels
        {
            before.info.gauge.set(0.0);
        }
    }
}

/// The metrics of the prediction log.
pub(crate) struct LogMetrics {
    /// Writes that the store did not take.
    pub(crate) write_failures: Counter,
    /// Bytes that wait in the spool.
    pub(crate) spooled_bytes: Gauge,
}

impl LogMetrics {
    pub(crate) fn register() -> Self {
        Self {
            write_failures: counter!("hp_log_write_failures_total"),
            spooled_bytes: gauge!("hp_log_spooled_bytes"),
        }
    }
}

/// Says what each metric is, for the text.
pub(crate) fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("hp_predictions_total", "Predictions given.");
    describe_histogram!(
        "hp_interval_width",
        "Upper minus lower limit of predictions."
    );
    describe_counter!(
        "hp_interval_over_threshold_total",
        "Predictions whose interval is wider than the threshold."
    );
    describe_counter!(
        "hp_input_out_of_range_total",
        "Values outside what the schema allows for the feature."
    );
    describe_counter!(
        "hp_log_write_failures_total",
        "Writes that the store of the prediction log did not take."
    );
    describe_gauge!(
        "hp_log_spooled_bytes",
        "Bytes of the spool that wait for the store."
    );
    describe_gauge!("hp_model_info", "1 for the model that serves.");
}

#[cfg(test)]
mod tests {
    use super::{Info, ModelMetrics};
    use metrics::{Counter, Gauge, GaugeFn, Histogram};
    use std::sync::{Arc, Mutex};

    /// A gauge that remembers every value.
    #[derive(Default)]
    struct History(Mutex<Vec<f64>>);

    impl GaugeFn for History {
        fn increment(&self, _: f64) {}

        fn decrement(&self, _: f64) {}

        fn set(&self, value: f64) {
            self.0.lock().unwrap().push(value);
        }
    }

    fn metrics(version: &str, history: &Arc<History>) -> ModelMetrics {
        let info = Info {
            labels: ["name", "version", "data_version", "git"].map(|it| (it, version.to_owned())),
            gauge: Gauge::from_arc(Arc::clone(history)),
        };
        ModelMetrics {
            predictions: Counter::noop(),
            interval_width: Histogram::noop(),
            over_threshold: Counter::noop(),
            out_of_range: Vec::new(),
            info,
        }
    }

    #[test]
    fn a_model_that_is_loaded_again_serves_at_every_moment() {
        let (first, second) = (Arc::default(), Arc::default());
        let before = metrics("v1.0.0", &first);
        before.serve(None);
        metrics("v1.0.0", &first).serve(Some(&before));
        assert_eq!(*first.0.lock().unwrap(), [1.0, 1.0]);
        metrics("v1.1.0", &second).serve(Some(&before));
        assert_eq!(*first.0.lock().unwrap(), [1.0, 1.0, 0.0]);
        assert_eq!(*second.0.lock().unwrap(), [1.0]);
    }
}
