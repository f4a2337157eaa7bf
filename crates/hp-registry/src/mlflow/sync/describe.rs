//! What the server is told of a run: tags, parameters, metrics, times.

use super::note;
use crate::mlflow::api::{MANIFEST_SHA256, METHOD, MODEL_VERSION, Metric, RUN_ID, Texts};
use crate::run::{Metrics, Run, RunMethod, RunStatus};
use serde_json::Value;

/// Longest parameter that every server keeps whole, in bytes; longer ones are cut without a word.
const LONGEST_PARAM: usize = 6000;

/// Longest tag, likewise.
pub(super) const LONGEST_TAG: usize = 5000;

/// Longest name of a parameter or metric.
const LONGEST_KEY: usize = 250;

/// The tag that makes one run the child of another.
const PARENT: &str = "mlflow.parentRunId";

/// Everything that is told of one run on the server.
pub(super) struct Description {
    pub(super) name: String,
    pub(super) tags: Texts,
    pub(super) params: Texts,
    pub(super) metrics: Vec<Metric>,
    /// How long things took, which is no property of a model.
    pub(super) timings: Vec<Metric>,
    /// What is too long for a parameter, as a file.
    pub(super) long_params: Option<Value>,
    pub(super) status: &'static str,
}

/// What is told of the training.
pub(super) fn of_run(run: &Run) -> Description {
    let mut tags = common_tags(run);
    tags.insert(
        "mlflow.note.content".to_owned(),
        shortened(&note::results(run)),
    );
    if let Some(failure) = &run.failure {
        tags.insert("hp.failure".to_owned(), shortened(failure));
    }
    if let Some(artifact) = &run.artifact {
        let sha256 = artifact.manifest_sha256.to_string();
        tags.insert(MANIFEST_SHA256.to_owned(), sha256);
    }
    let data = &run.data;
    let mut params = Params::default();
    params.add("model_version", run.model_version.to_string());
    params.add("data.name", data.name.clone());
    params.add("data.rows", data.rows.to_string());
    params.add("data.train_rows", data.train_rows.to_string());
    params.add("data.test_rows", data.test_rows.to_string());
    for method in run.methods.iter().filter(|method| method.served) {
        let role = method.role.name();
        params.add(&format!("serving.{role}"), method.name.clone());
    }
    let time = time_of(run);
    let id = run.id.to_string();
    Description {
        name: format!("{} {}", run.model_version, &id[id.len() - 6..]),
        tags,
        long_params: params.take_long(),
        params: params.short,
        metrics: points("", &run.metrics, time),
        timings: points("seconds.", &run.timings, time),
        status: status(run.status),
    }
}

/// What is told of one method of the training `parent`.
pub(super) fn of_method(run: &Run, method: &RunMethod, parent: &str) -> Description {
    let mut tags = common_tags(run);
    tags.insert(PARENT.to_owned(), parent.to_owned());
    tags.insert(METHOD.to_owned(), method.name.clone());
    tags.insert("hp.role".to_owned(), method.role.name().to_owned());
    tags.insert("hp.served".to_owned(), method.served.to_string());
    let mut params = Params::default();
    for (key, value) in &method.parameters {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        params.add(key, text);
    }
    let time = time_of(run);
    let mut metrics = points("", &method.metrics, time);
    if let Some(scores) = &method.cross_validation {
        let key = key(&format!("cv_{}", scores.metric));
        for (step, &value) in (0..).zip(&scores.scores) {
            metrics.extend(point(&format!("{key}_fold"), value, time, step));
        }
        metrics.extend(point(&format!("{key}_mean"), scores.mean, time, 0));
    }
    let seconds = method.fit_seconds;
    let timings = seconds.and_then(|seconds| point("fit_seconds", seconds, time, 0));
    // A method that is fitted is finished, however the training ended.
    let fitted = method.fit_seconds.is_some();
    Description {
        name: method.name.clone(),
        tags,
        long_params: params.take_long(),
        params: params.short,
        metrics,
        timings: timings.into_iter().collect(),
        status: if fitted {
            "FINISHED"
        } else {
            status(run.status)
        },
    }
}

/// The tags of the run and of its methods.
fn common_tags(run: &Run) -> Texts {
    let mut tags = Texts::from([
        (RUN_ID.to_owned(), run.id.to_string()),
        (MODEL_VERSION.to_owned(), run.model_version.to_string()),
        (
            "hp.data_fingerprint".to_owned(),
            run.data.fingerprint.to_string(),
        ),
        ("hp.version".to_owned(), run.hp_version.clone()),
        ("mlflow.source.name".to_owned(), "hp train".to_owned()),
        ("mlflow.source.type".to_owned(), "LOCAL".to_owned()),
    ]);
    let mut add = |key: &str, value: &str| {
        tags.insert(key.to_owned(), shortened(value));
    };
    if let Some(user) = &run.user {
        add("mlflow.user", user);
    }
    if let Some(git) = &run.git {
        add("mlflow.source.git.commit", &git.commit);
        add(
            "mlflow.source.git.dirty",
            if git.dirty { "true" } else { "false" },
        );
        if let Some(branch) = &git.branch {
            add("mlflow.source.git.branch", branch);
        }
        if let Some(remote) = &git.remote {
            add("mlflow.source.git.repoURL", remote);
        }
    }
    tags
}

/// Parameters, those that are too long apart.
#[derive(Default)]
struct Params {
    short: Texts,
    long: serde_json::Map<String, Value>,
}

impl Params {
    fn add(&mut self, name: &str, value: String) {
        if value.len() > LONGEST_PARAM {
            self.long.insert(name.to_owned(), value.into());
        } else {
            self.short.insert(key(name), value);
        }
    }

    fn take_long(&mut self) -> Option<Value> {
        let long = std::mem::take(&mut self.long);
        (!long.is_empty()).then_some(Value::Object(long))
    }
}

fn points(prefix: &str, metrics: &Metrics, time: i64) -> Vec<Metric> {
    let named = |(name, &value): (&String, &f64)| point(&format!("{prefix}{name}"), value, time, 0);
    metrics.iter().filter_map(named).collect()
}

/// A metric; none of a value that is no number, which MLflow would store as another.
fn point(name: &str, value: f64, timestamp: i64, step: i64) -> Option<Metric> {
    value.is_finite().then(|| Metric {
        key: key(name),
        value,
        timestamp,
        step,
        subject: None,
    })
}

/// `name` with only the characters that MLflow allows.
fn key(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    let plain = |c| if allowed(c) { c } else { '_' };
    let mut key: String = name.chars().map(plain).take(LONGEST_KEY).collect();
    // Such a name would be a path.
    if key.starts_with('.') || key.is_empty() {
        key.replace_range(..key.len().min(1), "_");
    }
    key
}

fn time_of(run: &Run) -> i64 {
    run.ended_at.unwrap_or(run.started_at).as_millisecond()
}

fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "RUNNING",
        RunStatus::Finished => "FINISHED",
        RunStatus::Failed => "FAILED",
        RunStatus::Killed => "KILLED",
    }
}

/// The beginning of `text` that fits into a tag.
fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST_TAG)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_PARAM, LONGEST_TAG, Params, key, point, shortened};

    #[test]
    fn names_become_what_mlflow_allows() {
        assert_eq!(key("cv_rmse"), "cv_rmse");
        assert_eq!(key("Upper/Lower (é)"), "Upper_Lower ___");
        assert_eq!(key("../x"), "_._x");
        assert_eq!(key(""), "_");
        assert_eq!(key(&"x".repeat(300)).len(), 250);
    }

    #[test]
    fn what_is_no_number_is_no_metric() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(point("m", value, 0, 0), None);
        }
    }

    #[test]
    fn long_values_are_kept_apart_whole() {
        let long = "x".repeat(LONGEST_PARAM + 1);
        let mut params = Params::default();
        params.add("short", "1".to_owned());
        params.add("long", long.clone());
        assert_eq!(params.short.len(), 1);
        assert_eq!(params.take_long().unwrap()["long"], long);
        assert!(shortened(&"é".repeat(LONGEST_TAG)).len() <= LONGEST_TAG);
    }
}
