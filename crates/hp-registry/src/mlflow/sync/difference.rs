//! What of a description the server does not have yet, in portions that it accepts.

use super::describe::Description;
use crate::mlflow::api::{Batch, Metric, RemoteModel, RemoteRun, Texts};
use std::collections::BTreeMap;

/// Most entries of each kind at once. MLflow allows 100 parameters, 100 tags, 1000 entries and
/// 1 MB; entries of the greatest length reach the last first.
const PARAMS: usize = 80;
const TAGS: usize = 40;
const METRICS: usize = 800;

/// What `remote` lacks of the tags and parameters in `wanted`.
pub(super) fn texts(wanted: &Description, remote: &RemoteRun) -> Vec<Batch> {
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
    portions(Vec::new(), owned(params), owned(tags))
}

/// The metrics whose newest value on the server is another, in a time after it: the server takes
/// for newest what is latest, whenever it came. And those that `model` lacks, which the server
/// keeps apart from those of the run.
pub(super) fn metrics(
    wanted: &[Metric],
    remote: &RemoteRun,
    model: Option<&RemoteModel>,
) -> Vec<Batch> {
    let newest = remote.metrics();
    let mut series: BTreeMap<&str, Vec<&Metric>> = BTreeMap::new();
    for metric in wanted {
        series.entry(&metric.key).or_default().push(metric);
    }
    let mut missing = Vec::new();
    for (key, points) in series {
        let Some(last) = points.last() else { continue };
        let is_last = |value| same(value, last.value);
        let model_lacks =
            last.subject.is_some() && model.is_some_and(|model| !model.measured(key).any(is_last));
        let after = match newest.get(key) {
            Some((Some(value), _)) if is_last(*value) && !model_lacks => continue,
            // The run takes a point that it has for the same.
            Some((Some(value), time)) if is_last(*value) => *time,
            Some((_, time)) => time + 1,
            None => i64::MIN,
        };
        missing.extend(points.into_iter().map(|point| Metric {
            timestamp: point.timestamp.max(after),
            ..point.clone()
        }));
    }
    portions(missing, Texts::new(), Texts::new())
}

/// Whether two values are the same, but for what a database may round.
fn same(found: f64, wanted: f64) -> bool {
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
