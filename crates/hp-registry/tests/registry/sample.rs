//! Small runs and versions, made without training.

use hp_artifact::{DataSummary, NewVersion, Overwrite, TrainedMethod, version_path, write_version};
use hp_core::config::{Method, Role, Split};
use hp_core::fingerprint::Fingerprint;
use hp_core::method::{LinearParams, MethodConfig, QuantileParams};
use hp_core::schema::{Column, DType, Schema};
use hp_core::training::{CrossValidation, ServedMethod, Serving};
use hp_core::version::ModelVersion;
use hp_features::Preprocessor;
use hp_models::{Fit, FittedModel, LinearModel};
use hp_registry::reference::Alias;
use hp_registry::run::{
    FORMAT_VERSION, GitState, Metrics, Run, RunArtifact, RunData, RunId, RunMethod, RunStatus,
};
use jiff::Timestamp;
use ndarray::array;
use serde_json::json;
use std::fs;
use std::path::Path;

pub(crate) fn version(text: &str) -> ModelVersion {
    text.parse().unwrap()
}

pub(crate) fn alias(text: &str) -> Alias {
    text.parse().unwrap()
}

/// A moment, `second` seconds after the first run of all.
pub(crate) fn at(second: u32) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + i64::from(second)).unwrap()
}

pub(crate) fn id(number: u32) -> RunId {
    RunId::new(at(number), u128::from(number))
}

pub(crate) fn metrics(values: &[(&str, f64)]) -> Metrics {
    let values = values.iter();
    values
        .map(|&(name, value)| (name.to_owned(), value))
        .collect()
}

/// The run that began `number` seconds after the first.
pub(crate) fn run(number: u32, model_version: &str) -> Run {
    Run {
        format_version: FORMAT_VERSION,
        id: id(number),
        status: RunStatus::Finished,
        started_at: at(number),
        ended_at: Some(at(number + 2)),
        failure: None,
        hp_version: "0.1.0".to_owned(),
        user: Some("ada".to_owned()),
        git: Some(GitState {
            commit: "909b04c5d3c1a1f4".to_owned(),
            branch: Some("main".to_owned()),
            dirty: false,
            remote: None,
        }),
        model_version: version(model_version),
        data: RunData {
            name: "boston".to_owned(),
            fingerprint: Fingerprint::of(b"boston"),
            source: "https://example.org/boston.csv".to_owned(),
            rows: 506,
            train_rows: 404,
            test_rows: 102,
            columns: vec![("RM".to_owned(), "float".to_owned())],
        },
        methods: vec![
            method("Ridge Regression", Role::Main, &[("alpha", json!(1.0))]),
            method(
                "Lower Estimator_QR",
                Role::Lower,
                &[("quantile", json!(0.1))],
            ),
            method(
                "Upper Estimator_QR",
                Role::Upper,
                &[("quantile", json!(0.9))],
            ),
        ],
        metrics: metrics(&[("rmse", 3.5), ("coverage", 0.79), ("cv_rmse", 3.75)]),
        timings: metrics(&[("fit", 1.5)]),
        artifact: None,
    }
}

pub(crate) fn method(
    name: &str,
    role: Role,
    parameters: &[(&str, serde_json::Value)],
) -> RunMethod {
    let parameters = parameters.iter();
    RunMethod {
        name: name.to_owned(),
        role,
        served: true,
        parameters: parameters
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        cross_validation: Some(CrossValidation::new("rmse", vec![3.5, 4.0])),
        fit_seconds: Some(0.5),
        metrics: metrics(&[("rmse", 3.5)]),
    }
}

/// Writes a sound version below `artifacts` whose intercepts lie around `level`, and gives what a
/// run says of it.
pub(crate) fn write(artifacts: &Path, model_version: &str, level: f64) -> RunArtifact {
    let column = |name: &str| Column {
        name: name.to_owned(),
        dtype: DType::Float,
        min: None,
        max: None,
        allowed: None,
        description: String::new(),
        unit: String::new(),
    };
    let schema = Schema {
        features: vec![column("RM")],
        target: column("MEDV"),
    };
    let rows = array![[6.0], [7.5], [5.25]];
    let quantile = |quantile| {
        MethodConfig::QuantileRegressor(QuantileParams {
            quantile,
            ..QuantileParams::default()
        })
    };
    let main = MethodConfig::LinearRegression(LinearParams::default());
    let methods = [
        fitted("Linear Regression", Role::Main, main, level),
        fitted("Lower", Role::Lower, quantile(0.1), level - 5.0),
        fitted("Upper", Role::Upper, quantile(0.9), level + 5.0),
    ];
    let served = |index: usize| ServedMethod {
        method: methods[index].0.name.clone(),
        pinned: false,
    };
    let new = NewVersion {
        version: version(model_version),
        hp_version: "0.1.0",
        git_commit: None,
        data: DataSummary {
            name: "boston".to_owned(),
            fingerprint: Fingerprint::of(b"boston"),
            rows: 4,
            train_rows: 3,
            test_rows: 1,
            split: Split {
                test_size: 0.2,
                random_state: 42,
            },
        },
        preprocessor: &Preprocessor::fit(&schema, rows.view()).unwrap(),
        schema: &schema,
        example: &[6.0],
        folds: 2,
        methods: methods
            .iter()
            .map(|(method, fit)| TrainedMethod {
                method,
                fit,
                cross_validation: CrossValidation::new("rmse", vec![3.5, 4.0]),
            })
            .collect(),
        serving: Serving {
            main: served(0),
            lower: served(1),
            upper: served(2),
        },
        reference: None,
    };
    write_version(artifacts, &new, Overwrite::Replace).unwrap();
    let folder = version_path(artifacts, new.version);
    let manifest = fs::read(folder.join("manifest.json")).unwrap();
    RunArtifact {
        path: model_version.to_owned(),
        manifest_sha256: Fingerprint::of(&manifest),
    }
}

fn fitted(name: &str, role: Role, config: MethodConfig, intercept: f64) -> (Method, Fit) {
    let method = Method {
        name: name.to_owned(),
        role,
        config,
        ignored: Vec::new(),
    };
    let fit = Fit {
        model: FittedModel::Linear(LinearModel::new(vec![2.5], intercept)),
        n_iter: 1,
        warnings: Vec::new(),
    };
    (method, fit)
}
