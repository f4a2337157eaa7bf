//! What decides the outcome of a training.

use super::{DataSummary, Manifest};
use hp_core::config::{Method, ModelConfig, Role, ServingPins};
use hp_core::schema::Schema;

/// Everything that decides the outcome of a training: data and configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingInputs {
    /// The data set and its split.
    pub data: DataSummary,
    /// The columns.
    pub schema: Schema,
    /// Number of cross-validation folds.
    pub folds: usize,
    /// The methods in order.
    pub methods: Vec<Method>,
    /// The methods that the configuration names to be served.
    pub serving: ServingPins,
}

impl TrainingInputs {
    /// The inputs of a training still to be done.
    #[must_use]
    pub fn new(data: DataSummary, schema: &Schema, config: &ModelConfig) -> Self {
        Self {
            data,
            schema: schema.clone(),
            folds: config.folds,
            methods: config.methods.clone(),
            serving: config.serving.clone(),
        }
    }
}

impl Manifest {
    /// The inputs that this version was trained from.
    #[must_use]
    pub fn training_inputs(&self) -> TrainingInputs {
        let methods = self.methods.iter().map(|entry| Method {
            name: entry.name.clone(),
            role: entry.role,
            config: entry.config.clone(),
            ignored: Vec::new(),
        });
        let pinned = |role| {
            let served = self.serving.of(role);
            served.pinned.then(|| served.method.clone())
        };
        TrainingInputs {
            data: self.data.clone(),
            schema: self.schema.clone(),
            folds: self.folds,
            methods: methods.collect(),
            serving: ServingPins {
                main: pinned(Role::Main),
                lower: pinned(Role::Lower),
                upper: pinned(Role::Upper),
            },
        }
    }
}
