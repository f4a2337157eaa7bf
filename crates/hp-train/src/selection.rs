//! Choosing the trio that is served.

use crate::error::TrainError;
use crate::train::TrainedMethod;
use hp_core::config::{Role, ServingPins};
use hp_core::training::{ServedMethod, Serving};

/// Chooses for each role the pinned method, or else the one with the best cross-validated score; of
/// equal ones the first.
pub(crate) fn choose(methods: &[TrainedMethod], pins: &ServingPins) -> Result<Serving, TrainError> {
    Ok(Serving {
        main: choose_role(methods, pins, Role::Main)?,
        lower: choose_role(methods, pins, Role::Lower)?,
        upper: choose_role(methods, pins, Role::Upper)?,
    })
}

fn choose_role(
    methods: &[TrainedMethod],
    pins: &ServingPins,
    role: Role,
) -> Result<ServedMethod, TrainError> {
    if let Some(name) = pins.of(role) {
        return Ok(ServedMethod {
            method: name.to_owned(),
            pinned: true,
        });
    }
    let candidates = methods.iter().filter(|trained| trained.method.role == role);
    let score = |trained: &TrainedMethod| trained.cross_validation.mean;
    let best = candidates
        .min_by(|a, b| score(a).total_cmp(&score(b)))
        .ok_or(TrainError::NoMethod { role: role.name() })?;
    Ok(ServedMethod {
        method: best.method.name.clone(),
        pinned: false,
    })
}
