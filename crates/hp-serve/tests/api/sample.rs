//! A small version with the columns of the reference data set, made without training.

use hp_artifact::{
    Artifact, DataSummary, NewVersion, Overwrite, TrainedMethod, What, load_version, version_path,
    write_version,
};
use hp_core::config::{Method, Role, Split};
use hp_core::fingerprint::Fingerprint;
use hp_core::method::{LinearParams, MethodConfig, QuantileParams};
use hp_core::schema::Schema;
use hp_core::training::{CrossValidation, ServedMethod, Serving};
use hp_core::version::ModelVersion;
use hp_features::Preprocessor;
use hp_models::{Fit, FittedModel, LinearModel};
use ndarray::{Array2, arr2};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// The first row of the reference data set.
pub(crate) const EXAMPLE: [f64; 12] = [
    0.00632, 18.0, 2.31, 0.0, 0.538, 6.575, 65.2, 4.09, 1.0, 296.0, 15.3, 4.98,
];

/// The same row as the published request has it.
pub(crate) const BODY: &str = r#"{"CRIM": 0.00632, "ZN": 18, "INDUS": 2.31, "CHAS": 0, "NOX": 0.538, "RM": 6.575, "AGE": 65.2, "DIS": 4.09, "RAD": 1, "TAX": 296, "PTRATIO": 15.3, "LSTAT": 4.98}"#;

/// A folder of versions and the one that is to be served.
#[derive(Clone)]
pub(crate) struct Versions {
    folder: Arc<TempDir>,
    current: Arc<Mutex<ModelVersion>>,
}

impl Versions {
    /// With `v1.0.0`, which predicts 25 for the example.
    pub(crate) fn new() -> Self {
        let versions = Self {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            current: Arc::new(Mutex::new(version("v1.0.0"))),
        };
        versions.write("v1.0.0", 25.0);
        versions
    }

    /// Writes a version that predicts `level` for the example and is served by the next load.
    pub(crate) fn write(&self, text: &str, level: f64) {
        let version = version(text);
        write_sample(self, version, level);
        *self.current.lock().unwrap() = version;
    }

    /// The folder of a version.
    pub(crate) fn path(&self, text: &str) -> PathBuf {
        version_path(self.folder.path(), version(text))
    }

    /// Loads the version that is to be served.
    pub(crate) fn load(&self) -> Result<Artifact, Box<dyn std::error::Error + Send + Sync>> {
        let version = *self.current.lock().unwrap();
        Ok(load_version(self.folder.path(), version, What::Served)?)
    }
}

pub(crate) fn version(text: &str) -> ModelVersion {
    text.parse().unwrap()
}

fn schema() -> Schema {
    let fixture = hp_testkit::json_fixture(env!("CARGO_MANIFEST_DIR"), "schema.json");
    serde_json::from_value(fixture).unwrap()
}

fn write_sample(versions: &Versions, version: ModelVersion, level: f64) {
    let schema = schema();
    let preprocessor = Preprocessor::fit(&schema, rows().view()).unwrap();
    // At the example each model gives its level; the limits close in as LSTAT grows, and cross.
    let methods = [
        method("Linear Regression", Role::Main, level, 0.0, &preprocessor),
        method(
            "Upper Estimator_QR",
            Role::Upper,
            level + 5.0,
            -1.0,
            &preprocessor,
        ),
        method(
            "Lower Estimator_QR",
            Role::Lower,
            level - 5.0,
            1.0,
            &preprocessor,
        ),
    ];
    let trained = methods.iter().map(|(method, fit)| TrainedMethod {
        method,
        fit,
        cross_validation: CrossValidation::new("rmse", vec![4.7, 4.9]),
    });
    let served = |method: &str| ServedMethod {
        method: method.to_owned(),
        pinned: false,
    };
    let new = NewVersion {
        version,
        hp_version: "0.1.0",
        git_commit: Some("909b04c"),
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
        schema: &schema,
        example: &EXAMPLE,
        folds: 2,
        preprocessor: &preprocessor,
        methods: trained.collect(),
        serving: Serving {
            main: served("Linear Regression"),
            lower: served("Lower Estimator_QR"),
            upper: served("Upper Estimator_QR"),
        },
        reference: None,
    };
    write_version(versions.folder.path(), &new, Overwrite::Replace).unwrap();
}

/// Three rows of the reference data set, which the scaler is fitted on.
fn rows() -> Array2<f64> {
    arr2(&[
        EXAMPLE,
        [
            0.02731, 0.0, 7.07, 0.0, 0.469, 6.421, 78.9, 4.9671, 2.0, 242.0, 17.8, 9.14,
        ],
        [
            15.8744, 0.0, 18.1, 1.0, 0.671, 6.545, 99.1, 1.5192, 24.0, 666.0, 20.2, 21.08,
        ],
    ])
}

/// A linear model that gives `level` at the example and moves by `slope` with scaled LSTAT.
fn method(
    name: &str,
    role: Role,
    level: f64,
    slope: f64,
    preprocessor: &Preprocessor,
) -> (Method, Fit) {
    let mut weights = vec![0.0; EXAMPLE.len()];
    weights[11] = slope * 10.0;
    let mut scaled = EXAMPLE.to_vec();
    preprocessor.transform_row(&mut scaled);
    let intercept = level - weights[11] * scaled[11];
    let config = match role {
        Role::Main => MethodConfig::LinearRegression(LinearParams::default()),
        Role::Lower => quantile(0.1),
        Role::Upper => quantile(0.9),
    };
    let method = Method {
        name: name.to_owned(),
        role,
        config,
        ignored: Vec::new(),
    };
    let fit = Fit {
        model: FittedModel::Linear(LinearModel::new(weights, intercept)),
        n_iter: 1,
        warnings: Vec::new(),
    };
    (method, fit)
}

fn quantile(quantile: f64) -> MethodConfig {
    MethodConfig::QuantileRegressor(QuantileParams {
        quantile,
        alpha: 0.0,
        ..QuantileParams::default()
    })
}
