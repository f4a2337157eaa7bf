//! The metrics of two runs side by side.

use crate::run::{Metrics, Run, RunMethod};
use hp_core::config::Role;
use serde::Serialize;

/// Largest distance of two nominal coverages that count as the same.
const SAME: f64 = 1e-9;

/// A metric in two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricPair {
    /// The method that it is about; `None` for the served trio.
    pub method: Option<String>,
    /// Its name, `rmse` or `cv_rmse`.
    pub metric: String,
    /// Its value in the first run.
    pub a: Option<f64>,
    /// Its value in the second run.
    pub b: Option<f64>,
    /// `b − a`.
    pub difference: Option<f64>,
    /// The run in which it is better. Neither when they are equal, when one lacks it, when it was
    /// measured on rows of different data sets, or when the metric alone does not tell: a coverage is better the nearer it is to the nominal one, which
    /// is known only when both runs serve limits of the same quantiles.
    pub better: Option<Side>,
}

/// One of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

/// Which value of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Better {
    Smaller,
    Larger,
    Nearer(f64),
    Unknown,
}

/// What is known for judging the metrics of two runs.
#[derive(Clone, Copy)]
struct Judged {
    /// The share of values that should lie within the limits, where it is the same in both.
    nominal: Option<f64>,
    /// Whether the held-out rows are those of the same data set.
    same_data: bool,
}

/// Every metric that one of the runs has.
pub(super) fn pairs(a: &Run, b: &Run) -> Vec<MetricPair> {
    let nominal = match (nominal_coverage(a), nominal_coverage(b)) {
        (Some(a), Some(b)) if (a - b).abs() < SAME => Some(a),
        _ => None,
    };
    let judged = Judged {
        nominal,
        same_data: a.data.fingerprint == b.data.fingerprint,
    };
    let mut pairs = pair(None, [&a.metrics, &b.metrics], judged);
    let judged = Judged {
        nominal: None,
        ..judged
    };
    let find = |run: &Run, name: &str| {
        let found = run.methods.iter().find(|method| method.name == name);
        found.map(metrics_of).unwrap_or_default()
    };
    let only_b = b.methods.iter().filter(|method| {
        let same = |other: &RunMethod| other.name == method.name;
        !a.methods.iter().any(same)
    });
    for method in a.methods.iter().chain(only_b) {
        let (a, b) = (find(a, &method.name), find(b, &method.name));
        pairs.extend(pair(Some(&method.name), [&a, &b], judged));
    }
    pairs
}

fn pair(method: Option<&str>, [a, b]: [&Metrics; 2], judged: Judged) -> Vec<MetricPair> {
    let only_b = b.keys().filter(|name| !a.contains_key(*name));
    let names = a.keys().chain(only_b);
    names
        .map(|name| {
            let (a, b) = (a.get(name).copied(), b.get(name).copied());
            let both = a.zip(b);
            MetricPair {
                method: method.map(str::to_owned),
                metric: name.clone(),
                a,
                b,
                difference: both.map(|(a, b)| b - a),
                better: both.and_then(|(a, b)| judged.direction(name).better(a, b)),
            }
        })
        .collect()
}

/// The metrics of a method, with those that are kept elsewhere.
fn metrics_of(method: &RunMethod) -> Metrics {
    let mut metrics = method.metrics.clone();
    if let Some(scores) = &method.cross_validation {
        metrics.insert(format!("cv_{}", scores.metric), scores.mean);
    }
    metrics.extend(
        method
            .fit_seconds
            .map(|value| ("fit_seconds".to_owned(), value)),
    );
    metrics
}

impl Judged {
    /// Which values of the metric `name` are better, judged by the words in it. How long something
    /// took says more of the machine than of the models.
    fn direction(self, name: &str) -> Better {
        const SMALLER: [&str; 7] = [
            "rmse",
            "mae",
            "mse",
            "pinball",
            "width",
            "share",
            "crossings",
        ];
        const LARGER: [&str; 2] = ["r2", "oob"];
        let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
        if !self.same_data && !has(&["cv"]) {
            Better::Unknown
        } else if has(&SMALLER) {
            Better::Smaller
        } else if has(&LARGER) {
            Better::Larger
        } else if name == "coverage" {
            self.nominal.map_or(Better::Unknown, Better::Nearer)
        } else {
            Better::Unknown
        }
    }
}

impl Better {
    fn better(self, a: f64, b: f64) -> Option<Side> {
        let (a, b) = match self {
            Self::Smaller => (a, b),
            Self::Larger => (-a, -b),
            Self::Nearer(to) => ((a - to).abs(), (b - to).abs()),
            Self::Unknown => return None,
        };
        if a < b {
            Some(Side::A)
        } else {
            (b < a).then_some(Side::B)
        }
    }
}

/// The share of values that should lie within the served limits: the distance of the quantiles that
/// they estimate.
fn nominal_coverage(run: &Run) -> Option<f64> {
    let quantile = |role| {
        let mut methods = run.methods.iter();
        let served = methods.find(|method| method.served && method.role == role)?;
        let parameters = &served.parameters;
        // Boosting calls it `alpha`, which is something else where there is a `quantile`.
        parameters
            .get("quantile")
            .or(parameters.get("alpha"))?
            .as_f64()
    };
    Some(quantile(Role::Upper)? - quantile(Role::Lower)?)
}
