//! Choosing the trio that is served.

use crate::error::TrainError;
use crate::train::TrainedMethod;
use hp_core::config::{Role, ServingPins};

/// The served trio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// The main regressor.
    pub main: Choice,
    /// The lower estimator.
    pub lower: Choice,
    /// The upper estimator.
    pub upper: Choice,
}

/// The method that serves a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The method's name.
    pub method: String,
    /// Whether the configuration names it, rather than its cross-validated score.
    pub pinned: bool,
}

impl Serving {
    /// Chooses for each role the pinned method, or else the one with the best cross-validated
    /// score; of equal ones the first.
    pub(crate) fn choose(
        methods: &[TrainedMethod],
        pins: &ServingPins,
    ) -> Result<Self, TrainError> {
        Ok(Self {
            main: choose(methods, pins, Role::Main)?,
            lower: choose(methods, pins, Role::Lower)?,
            upper: choose(methods, pins, Role::Upper)?,
        })
    }

    /// The method that serves `role`.
    #[must_use]
    pub fn of(&self, role: Role) -> &Choice {
        match role {
            Role::Main => &self.main,
            Role::Lower => &self.lower,
            Role::Upper => &self.upper,
        }
    }
}

fn choose(methods: &[TrainedMethod], pins: &ServingPins, role: Role) -> Result<Choice, TrainError> {
    if let Some(name) = pins.of(role) {
        return Ok(Choice {
            method: name.to_owned(),
            pinned: true,
        });
    }
    let candidates = methods.iter().filter(|trained| trained.method.role == role);
    let score = |trained: &TrainedMethod| trained.cross_validation.mean();
    let best = candidates
        .min_by(|a, b| score(a).total_cmp(&score(b)))
        .ok_or(TrainError::NoMethod { role: role.name() })?;
    Ok(Choice {
        method: best.method.name.clone(),
        pinned: false,
    })
}
