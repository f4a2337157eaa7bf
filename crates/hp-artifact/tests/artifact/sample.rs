//! A small trained version, made without training.

use hp_artifact::{DataSummary, Manifest, NewVersion, Overwrite, TrainedMethod, write_version};
use hp_core::config::{Method, Role, Split};
use hp_core::fingerprint::Fingerprint;
use hp_core::method::{LinearParams, MethodConfig, QuantileParams, RidgeParams};
use hp_core::reference::{Answers, TrainingReference, UnseenRows};
use hp_core::schema::{Column, DType, Schema};
use hp_core::training::{CrossValidation, ServedMethod, Serving};
use hp_core::version::ModelVersion;
use hp_features::Preprocessor;
use hp_models::{Fit, FittedModel, LinearModel};
use ndarray::array;
use std::path::Path;

/// What a version is made of, owned.
pub(crate) struct Sample {
    pub(crate) version: ModelVersion,
    pub(crate) data: DataSummary,
    pub(crate) schema: Schema,
    pub(crate) preprocessor: Preprocessor,
    pub(crate) methods: Vec<(Method, Fit)>,
    pub(crate) main: &'static str,
    pub(crate) reference: Option<TrainingReference>,
}

impl Sample {
    /// Two features and four linear models, whose intercepts lie around `level`.
    pub(crate) fn new(level: f64) -> Self {
        let schema = Schema {
            features: vec![column("RM", DType::Float), column("RAD", DType::Integer)],
            target: column("MEDV", DType::Float),
        };
        let rows = array![[6.0, 1.0], [7.5, 2.0], [5.25, 24.0]];
        let quantile = |quantile| {
            MethodConfig::QuantileRegressor(QuantileParams {
                quantile,
                alpha: 0.0,
                ..QuantileParams::default()
            })
        };
        let linear = MethodConfig::LinearRegression(LinearParams::default());
        let ridge = MethodConfig::Ridge(RidgeParams::default());
        Self {
            version: version("v1.0.0"),
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
            preprocessor: Preprocessor::fit(&schema, rows.view()).unwrap(),
            schema,
            methods: vec![
                method("Linear Regression", Role::Main, linear, level),
                method("Ridge Regression", Role::Main, ridge, level + 1.0),
                method(
                    "Upper Estimator_QR",
                    Role::Upper,
                    quantile(0.9),
                    level + 5.0,
                ),
                method(
                    "Lower Estimator_QR",
                    Role::Lower,
                    quantile(0.1),
                    level - 5.0,
                ),
            ],
            main: "Linear Regression",
            reference: Some(reference(level)),
        }
    }

    /// The sample as it is written.
    pub(crate) fn parts(&self) -> NewVersion<'_> {
        let methods = self.methods.iter().map(|(method, fit)| TrainedMethod {
            method,
            fit,
            cross_validation: CrossValidation::new("rmse", vec![4.7, 4.9]),
        });
        let served = |method: &str| ServedMethod {
            method: method.to_owned(),
            pinned: false,
        };
        NewVersion {
            version: self.version,
            hp_version: "0.1.0",
            git_commit: Some("909b04c"),
            data: self.data.clone(),
            schema: &self.schema,
            example: &[6.0, 1.0],
            folds: 2,
            preprocessor: &self.preprocessor,
            methods: methods.collect(),
            serving: Serving {
                main: served(self.main),
                lower: served("Lower Estimator_QR"),
                upper: served("Upper Estimator_QR"),
            },
            reference: self.reference.as_ref(),
        }
    }

    /// Writes the sample below `artifacts`.
    pub(crate) fn write(&self, artifacts: &Path) -> Manifest {
        write_version(artifacts, &self.parts(), Overwrite::Replace).unwrap()
    }
}

/// The features of the sample and predictions around `level`, with values that decimals cannot hold.
pub(crate) fn reference(level: f64) -> TrainingReference {
    let [rooms, highways] = [[6.0, 7.5, 0.1 + 0.2], [1.0, 2.0, 24.0]];
    let around = |by: f64| [level + by, level + by / 3.0, level + by * 1e-9];
    let answers = Answers {
        y_true: &around(1.0),
        prediction: &around(0.0),
        lower: &around(-5.0),
        upper: &around(0.5),
    };
    let features = [("RM", rooms.as_slice()), ("RAD", highways.as_slice())];
    TrainingReference::new(&features, UnseenRows::OutOfFold, answers).unwrap()
}

pub(crate) fn version(text: &str) -> ModelVersion {
    text.parse().unwrap()
}

pub(crate) fn column(name: &str, dtype: DType) -> Column {
    Column {
        name: name.to_owned(),
        dtype,
        min: Some(0.0),
        max: None,
        allowed: None,
        description: String::new(),
        unit: "rooms".to_owned(),
    }
}

/// Names of everything in `folder`, hidden or not.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// An error with its sources, as the command prints it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn method(name: &str, role: Role, config: MethodConfig, intercept: f64) -> (Method, Fit) {
    let method = Method {
        name: name.to_owned(),
        role,
        config,
        ignored: Vec::new(),
    };
    let fit = Fit {
        model: FittedModel::Linear(LinearModel::new(vec![2.5, -0.125], intercept)),
        n_iter: 1,
        warnings: Vec::new(),
    };
    (method, fit)
}
