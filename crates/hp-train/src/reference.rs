//! What a model remembers of its training.

use crate::error::TrainError;
use crate::train::{TrainedMethod, TrainingRows};
use hp_core::config::Role;
use hp_core::reference::{Answers, TrainingReference, UnseenRows};
use hp_core::training::Serving;

/// Summarises the training rows and the out-of-fold answers of the trio that is `serving`.
pub(crate) fn remember(
    rows: &TrainingRows<'_>,
    methods: &[TrainedMethod],
    serving: &Serving,
) -> Result<TrainingReference, TrainError> {
    let columns: Vec<Vec<f64>> = rows.x.columns().into_iter().map(|c| c.to_vec()).collect();
    let names = rows.schema.feature_names();
    let features: Vec<_> = names.zip(columns.iter().map(Vec::as_slice)).collect();
    let answers = Answers {
        y_true: &rows.y.to_vec(),
        prediction: out_of_fold(methods, serving, Role::Main)?,
        lower: out_of_fold(methods, serving, Role::Lower)?,
        upper: out_of_fold(methods, serving, Role::Upper)?,
    };
    let reference = TrainingReference::new(&features, UnseenRows::OutOfFold, answers)?;
    Ok(reference)
}

/// The predictions of the method served as `role` `[training rows]`.
fn out_of_fold<'a>(
    methods: &'a [TrainedMethod],
    serving: &Serving,
    role: Role,
) -> Result<&'a [f64], TrainError> {
    let name = &serving.of(role).method;
    let served = methods.iter().find(|trained| trained.method.name == *name);
    let served = served.ok_or(TrainError::NoMethod { role: role.name() })?;
    Ok(&served.out_of_fold)
}
