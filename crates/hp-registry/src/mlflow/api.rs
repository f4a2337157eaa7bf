//! The calls of MLflow's REST API that are needed, one attempt each. Ids are text; fields that are
//! not named here are ignored.

mod experiments;
mod files;
mod models;
mod registered;
mod runs;

pub(super) use experiments::RemoteExperiment;
pub(super) use files::listing;
pub(super) use models::{NewModel, RemoteModel};
pub(super) use registered::NewRegistered;
pub(super) use runs::{Batch, Metric, RemoteRun, Subject};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tag that every run and model of hp carries: the id of the run here.
pub(super) const RUN_ID: &str = "hp.run_id";

/// The tag that says of which method a run or model is.
pub(super) const METHOD: &str = "hp.method";

/// The tag of a registered version with its own name.
pub(super) const MODEL_VERSION: &str = "hp.model_version";

/// The tag of a registered version with the digest of its manifest.
pub(super) const MANIFEST_SHA256: &str = "hp.manifest_sha256";

/// Texts by name, as MLflow writes tags and parameters.
pub(super) type Texts = BTreeMap<String, String>;

/// A tag or parameter on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

/// Pairs as MLflow writes them.
pub(super) fn pairs(texts: &Texts) -> Vec<Pair> {
    let pair = |(key, value): (&String, &String)| Pair {
        key: key.clone(),
        value: value.clone(),
    };
    texts.iter().map(pair).collect()
}

/// Pairs by name.
fn texts(pairs: Vec<Pair>) -> Texts {
    pairs
        .into_iter()
        .map(|pair| (pair.key, pair.value))
        .collect()
}

/// An answer that says nothing.
#[derive(Deserialize)]
struct Nothing {}

/// A comparison with a tag in MLflow's search language; `value` is an id, digest or version, which
/// holds no quotes.
fn tag_is(tag: &str, value: &str) -> String {
    format!("tags.`{tag}` = '{value}'")
}
