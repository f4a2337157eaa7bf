//! The figures of the last hours or days as gauges for Prometheus.

use crate::statistics::DriftState;
use crate::view::{Answer, Inputs, Monitor, Outcomes, Overview, Range, Selection, When};
use hp_http::Recorder;
use std::fmt::Write;

/// Upper bounds of the buckets for durations, in seconds.
static SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Makes the recorder that the requests are counted in, and makes it the one of this process. Once
/// in a process.
///
/// # Errors
/// There is a recorder already.
pub fn install_metrics() -> Result<Recorder, MetricsError> {
    let recorder = Recorder::new(&[("http_request_duration_seconds", &SECONDS)]);
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

/// The gauges of `range` as text. A figure that has no value has no line.
pub(super) async fn text(monitor: &Monitor, range: Range) -> String {
    let selection = Selection::new(When::Last(range), monitor.width_threshold());
    let overview = monitor.overview(&selection).await;
    let inputs = monitor.inputs(&selection).await;
    let outcomes = monitor.outcomes(&selection).await;
    let is_up = overview
        .as_ref()
        .is_ok_and(|overview| !overview.freshness.stale);
    let mut gauges = Gauges {
        text: String::new(),
        window: range.name(),
    };
    gauges.bare(
        "hp_monitor_up",
        "1 when the prediction log can be read.",
        Some(f64::from(u8::from(is_up))),
    );
    if let Ok(overview) = overview {
        gauges.overview(&overview);
    }
    if let Ok(inputs) = inputs {
        gauges.inputs(&inputs);
    }
    if let Ok(outcomes) = outcomes {
        gauges.outcomes(&outcomes);
    }
    gauges.text
}

struct Gauges {
    text: String,
    window: &'static str,
}

impl Gauges {
    fn overview(&mut self, overview: &Answer<Overview>) {
        let cards = &overview.cards;
        let figures = [
            (
                "hp_monitor_predictions",
                "Predictions of the window.",
                cards.total,
            ),
            (
                "hp_monitor_uncertain_ratio",
                "Share of predictions outside their limits.",
                cards.share_uncertain,
            ),
            (
                "hp_monitor_over_threshold",
                "Predictions whose interval is wider than the threshold.",
                cards.over_threshold,
            ),
            (
                "hp_monitor_interval_width_mean",
                "Mean interval width, in units of the target.",
                cards.mean_width,
            ),
            (
                "hp_monitor_prediction_mean",
                "Mean prediction, in units of the target.",
                cards.mean_prediction,
            ),
        ];
        for (name, help, card) in figures {
            self.of_window(name, help, card.value);
        }
        self.bare(
            "hp_monitor_newest_age_seconds",
            "Seconds since the newest prediction.",
            overview.freshness.age_seconds,
        );
    }

    fn inputs(&mut self, inputs: &Inputs) {
        let columns: Vec<_> = inputs
            .features
            .iter()
            .chain(&inputs.prediction)
            .chain(&inputs.width)
            .collect();
        let measured = columns
            .iter()
            .filter_map(|column| match &column.drift.state {
                DriftState::Measured(drift) => Some((column.name.as_str(), drift)),
                DriftState::NeedsMore { .. } => None,
            });
        let measured: Vec<_> = measured.collect();
        let of = |value: fn(&crate::statistics::Drift) -> f64| {
            measured
                .iter()
                .map(move |(name, drift)| (*name, value(drift)))
        };
        self.by_feature(
            "hp_monitor_drift_effect",
            "Distance from the training data: Wasserstein in deviations, or Cramer's V.",
            of(|drift| drift.effect.size()),
        );
        self.by_feature(
            "hp_monitor_drift_q_value",
            "How likely so much drift is by chance, corrected for all columns.",
            of(|drift| drift.q_value),
        );
        self.by_feature(
            "hp_monitor_drift_alarm",
            "1 when the column has drifted.",
            of(|drift| f64::from(u8::from(drift.alarm))),
        );
        let out_of_range = columns.iter();
        let out_of_range =
            out_of_range.map(|column| (&*column.name, column.drift.out_of_range as f64));
        self.by_feature(
            "hp_monitor_out_of_range",
            "Compared rows outside the range of the training.",
            out_of_range,
        );
    }

    fn outcomes(&mut self, outcomes: &Outcomes) {
        let coverage = outcomes.coverage;
        let figures = [
            (
                "hp_monitor_actuals",
                "Predictions of the window whose true value is known.",
                Some(outcomes.actuals as f64),
            ),
            (
                "hp_monitor_coverage_ratio",
                "Share of true values within their limits.",
                coverage.map(|coverage| coverage.value),
            ),
            (
                "hp_monitor_coverage_low_ratio",
                "Lower limit of the true coverage at 95 %.",
                coverage.map(|coverage| coverage.low),
            ),
            (
                "hp_monitor_coverage_high_ratio",
                "Upper limit of the true coverage at 95 %.",
                coverage.map(|coverage| coverage.high),
            ),
            (
                "hp_monitor_absolute_error_mean",
                "Mean absolute error, in units of the target.",
                outcomes.all.mae,
            ),
            (
                "hp_monitor_root_mean_squared_error",
                "Root mean squared error, in units of the target.",
                outcomes.all.rmse,
            ),
        ];
        for (name, help, value) in figures {
            self.of_window(name, help, value);
        }
    }

    fn bare(&mut self, name: &str, help: &str, value: Option<f64>) {
        self.write(name, help, value.map(|value| (String::new(), value)));
    }

    fn of_window(&mut self, name: &str, help: &str, value: Option<f64>) {
        let labels = format!("{{window=\"{}\"}}", self.window);
        self.write(name, help, value.map(|value| (labels, value)));
    }

    fn by_feature<'a>(
        &mut self,
        name: &str,
        help: &str,
        values: impl Iterator<Item = (&'a str, f64)>,
    ) {
        let window = self.window;
        let values = values.map(|(feature, value)| {
            let feature = escaped(feature);
            (
                format!("{{feature=\"{feature}\",window=\"{window}\"}}"),
                value,
            )
        });
        self.write(name, help, values);
    }

    fn write(&mut self, name: &str, help: &str, lines: impl IntoIterator<Item = (String, f64)>) {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_none() {
            return;
        }
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in lines {
            let _ = writeln!(self.text, "{name}{labels} {value}");
        }
    }
}

/// The value of a label, which may be any text.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::Gauges;

    #[test]
    fn names_cannot_break_out_of_their_label() {
        let mut gauges = Gauges {
            text: String::new(),
            window: "24h",
        };
        gauges.by_feature("g", "Help.", [("a\"} 1\nb\\", 2.5)].into_iter());
        let expected =
            "# HELP g Help.\n# TYPE g gauge\ng{feature=\"a\\\"} 1\\nb\\\\\",window=\"24h\"} 2.5\n";
        assert_eq!(gauges.text, expected);
        gauges.by_feature("none", "Help.", std::iter::empty());
        assert_eq!(gauges.text, expected);
    }
}
