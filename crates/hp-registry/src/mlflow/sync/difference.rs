//! What of a description the server does not have yet, in portions that it accepts.

use super::describe::Description;
use crate::mlflow::api::{Batch, Metric, RemoteRun, Texts};
use std::collections::BTreeMap;

/// Most entries of each kind at once. MLflow allows 100 parameters, 100 tags, 1000 entries and
/// 1 MB; entries of the greatest length reach the last first.
const PARAMS: usize = 80;
const TAGS: usize = 40;
const METRICS: usize = 800;

/// What `remote` lacks of `wanted`.
pub(super) fn missing(wanted: &Description, remote: &RemoteRun) -> Vec<Batch> {
    let has = remote.tags();
    let tags = wanted
        .tags
        .iter()
        .filter(|(key, value)| has.get(*key) != Some(*value));
    let has = remote.params();
    // A parameter that is there can never change.
    let params = wanted
        .params
        .iter()
        .filter(|(key, _)| !has.contains_key(*key));
    portions(metrics(&wanted.metrics, remote), owned(params), owned(tags))
}

/// The metrics whose newest value on the server is another, in a time after it: the server takes
/// for newest what is latest, whenever it came.
fn metrics(wanted: &[Metric], remote: &RemoteRun) -> Vec<Metric> {
    let newest = remote.metrics();
    let mut series: BTreeMap<&str, Vec<&Metric>> = BTreeMap::new();
    for metric in wanted {
        series.entry(&metric.key).or_default().push(metric);
    }
    let mut missing = Vec::new();
    for (key, points) in series {
        let last = points.last().map(|point| point.value);
        let after = match newest.get(key) {
            Some((value, _)) if same(*value, last) => continue,
            Some((_, time)) => time + 1,
            None => i64::MIN,
        };
        missing.extend(points.into_iter().map(|point| Metric {
            timestamp: point.timestamp.max(after),
            ..point.clone()
        }));
    }
    missing
}

/// Whether two values are the same, but for what a database may round.
fn same(found: Option<f64>, wanted: Option<f64>) -> bool {
    let (Some(found), Some(wanted)) = (found, wanted) else {
        return false;
    };
    (found - wanted).abs() <= 1e-12 * wanted.abs()
}

fn owned<'a>(texts: impl Iterator<Item = (&'a String, &'a String)>) -> Texts {
    texts
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn portions(metrics: Vec<Metric>, params: Texts, tags: Texts) -> Vec<Batch> {
    let mut metrics = metrics.into_iter();
    let mut params = params.into_iter();
    let mut tags = tags.into_iter();
    let mut batches = Vec::new();
    loop {
        let batch = Batch {
            metrics: metrics.by_ref().take(METRICS).collect(),
            params: params.by_ref().take(PARAMS).collect(),
            tags: tags.by_ref().take(TAGS).collect(),
        };
        if batch.metrics.is_empty() && batch.params.is_empty() && batch.tags.is_empty() {
            return batches;
        }
        batches.push(batch);
    }
}
