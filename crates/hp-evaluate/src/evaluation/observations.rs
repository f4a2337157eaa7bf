//! What an evaluation is made from: labelled rows, what every method predicts for them, and where
//! both came from.

use super::EvaluationError;
use hp_core::config::Role;
use hp_core::fingerprint::Fingerprint;
use hp_core::prediction::Prediction;
use hp_core::version::ModelVersion;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// What was evaluated, on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of the methods.
    pub model_version: ModelVersion,
    /// The data set of the rows.
    pub data: Dataset,
    /// The hash of everything the evaluation was computed from, by name.
    pub inputs: BTreeMap<String, String>,
}

/// The data set that labelled rows are taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// What the rows are, for people: `boston, held-out rows`.
    pub name: String,
    /// The fingerprint of the data set.
    pub fingerprint: Fingerprint,
    /// Number of rows the methods were fitted on, when known.
    pub training_rows: Option<usize>,
}

/// What is predicted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Name of the column.
    pub name: String,
    /// Its unit.
    pub unit: Option<String>,
}

/// Names of the three methods that are served together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trio {
    /// The main regressor.
    pub main: String,
    /// The lower estimator.
    pub lower: String,
    /// The upper estimator.
    pub upper: String,
}

/// Labelled rows and what every method predicts for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    /// What is predicted.
    pub target: Target,
    /// Names of the features, in the order of the importances.
    pub feature_names: Vec<String>,
    /// The observed values `[rows]`.
    pub y_true: Vec<f64>,
    /// The methods, in the order they are to be shown; names are unique.
    pub methods: Vec<MethodPredictions>,
    /// Which of them are served.
    pub served: Trio,
}

/// What one method predicts for the labelled rows.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodPredictions {
    /// The name of the method, `Upper Estimator_GBR`.
    pub name: String,
    /// What it estimates.
    pub role: Role,
    /// The quantile that a lower or upper estimator is fitted to.
    pub quantile: Option<f64>,
    /// Its predictions `[rows]`.
    pub predictions: Vec<f64>,
    /// The importance of every feature `[features]`, when the method has such.
    pub feature_importances: Option<Vec<f64>>,
}

impl MethodPredictions {
    /// The kind of an estimator: what follows the last `_` of its name, `GBR`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.name.rsplit_once('_').map(|(_, kind)| kind)
    }
}

/// The observations of the three served methods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServedMethods<'a> {
    pub(crate) main: &'a MethodPredictions,
    pub(crate) lower: &'a MethodPredictions,
    pub(crate) upper: &'a MethodPredictions,
}

impl ServedMethods<'_> {
    /// What the trio says of every row.
    pub(crate) fn predictions(&self) -> impl Iterator<Item = Prediction> {
        let limits = self.lower.predictions.iter().zip(&self.upper.predictions);
        let rows = self.main.predictions.iter().zip(limits);
        rows.map(|(&prediction, (&lower, &upper))| Prediction {
            lower,
            prediction,
            upper,
        })
    }
}

impl Observations {
    /// The methods of one role, in order.
    pub fn methods_of(&self, role: Role) -> impl Iterator<Item = &MethodPredictions> {
        self.methods
            .iter()
            .filter(move |method| method.role == role)
    }

    /// Checks that names are unique and that everything has the length it must have.
    pub(crate) fn check(&self) -> Result<(), EvaluationError> {
        if self.y_true.is_empty() {
            return Err(EvaluationError::NoRows);
        }
        let mut names = HashSet::new();
        for method in &self.methods {
            let name = || method.name.clone();
            if !names.insert(&method.name) {
                return Err(EvaluationError::DuplicateMethod(name()));
            }
            if method.predictions.len() != self.y_true.len() {
                return Err(EvaluationError::Predictions {
                    method: name(),
                    found: method.predictions.len(),
                    rows: self.y_true.len(),
                });
            }
            if let Some(importances) = &method.feature_importances
                && (importances.len() != self.feature_names.len()
                    || importances.iter().any(|value| !value.is_finite()))
            {
                return Err(EvaluationError::Importances {
                    method: name(),
                    features: self.feature_names.len(),
                });
            }
        }
        self.served_methods().map(|_| ())
    }

    /// The three methods that are served.
    pub(crate) fn served_methods(&self) -> Result<ServedMethods<'_>, EvaluationError> {
        let find = |role, name: &String| {
            self.methods_of(role)
                .find(|method| method.name == *name)
                .ok_or_else(|| EvaluationError::NotServable {
                    method: name.clone(),
                    role,
                })
        };
        Ok(ServedMethods {
            main: find(Role::Main, &self.served.main)?,
            lower: find(Role::Lower, &self.served.lower)?,
            upper: find(Role::Upper, &self.served.upper)?,
        })
    }
}
