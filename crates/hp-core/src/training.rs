//! What a training finds out: scores, and which methods are served.

use crate::config::Role;
use serde::{Deserialize, Serialize};

/// The scores of a method in cross-validation; smaller is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// The name of the metric, `rmse` or `pinball`.
    pub metric: String,
    /// Mean over the folds.
    pub mean: f64,
    /// The score on each fold `[folds]`.
    pub scores: Vec<f64>,
}

impl CrossValidation {
    /// The scores of the folds and their mean.
    #[must_use]
    pub fn new(metric: &str, scores: Vec<f64>) -> Self {
        Self {
            metric: metric.to_owned(),
            mean: scores.iter().sum::<f64>() / scores.len() as f64,
            scores,
        }
    }
}

/// The served trio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    /// The main regressor.
    pub main: ServedMethod,
    /// The lower estimator.
    pub lower: ServedMethod,
    /// The upper estimator.
    pub upper: ServedMethod,
}

/// A served method and who decided so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedMethod {
    /// The name of the method.
    pub method: String,
    /// Whether the configuration names it; otherwise cross-validation chose it.
    pub pinned: bool,
}

impl Serving {
    /// The served method of `role`.
    #[must_use]
    pub fn of(&self, role: Role) -> &ServedMethod {
        match role {
            Role::Main => &self.main,
            Role::Lower => &self.lower,
            Role::Upper => &self.upper,
        }
    }

    /// The role that `method` is served in, if any.
    #[must_use]
    pub fn role_of(&self, method: &str) -> Option<Role> {
        Role::ALL
            .into_iter()
            .find(|&role| self.of(role).method == method)
    }
}
