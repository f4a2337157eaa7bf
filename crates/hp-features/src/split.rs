//! Dividing rows into training and test rows, and training rows into cross-validation folds.

use crate::error::FeatureError;
use crate::mt19937::Mt19937;
use hp_core::config::Split;
use std::ops::Range;

/// Row indices of both sides of a split, in the order scikit-learn gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainTestSplit {
    /// Rows to train on.
    pub train: Vec<usize>,
    /// Rows held out.
    pub test: Vec<usize>,
}

/// Splits `n_rows` rows as scikit-learn's `train_test_split(test_size=…, random_state=…)`, row for
/// row: `⌈test_size · rows⌉` test rows from the front of a seeded permutation.
///
/// # Errors
/// When a side would be empty.
pub fn train_test_split(n_rows: usize, split: Split) -> Result<TrainTestSplit, FeatureError> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "test_size lies strictly between 0 and 1"
    )]
    let n_test = (split.test_size * n_rows as f64).ceil() as usize;
    let n_train = n_rows.saturating_sub(n_test);
    if n_train == 0 || n_test == 0 {
        return Err(FeatureError::EmptySplit {
            rows: n_rows,
            test_size: split.test_size,
            train: n_train,
            test: n_test,
        });
    }
    let mut test = Mt19937::new(split.random_state).permutation(n_rows);
    let train = test.split_off(n_test);
    Ok(TrainTestSplit { train, test })
}

/// One fold of a cross-validation: a run of training rows to validate on; the model is fitted on
/// all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    validation: Range<usize>,
    n_rows: usize,
}

impl Fold {
    /// Positions to validate on.
    #[must_use]
    pub fn validation(&self) -> Vec<usize> {
        self.validation.clone().collect()
    }

    /// Positions to fit on.
    #[must_use]
    pub fn training(&self) -> Vec<usize> {
        (0..self.validation.start)
            .chain(self.validation.end..self.n_rows)
            .collect()
    }
}

/// Divides `n_rows` positions into `folds` consecutive runs, the first ones longer by one where it
/// does not come out even, as scikit-learn's `KFold`. The rows are already in random order, that
/// of the train/test split.
///
/// # Errors
/// With fewer than two folds or more folds than rows.
pub fn k_fold(n_rows: usize, folds: usize) -> Result<Vec<Fold>, FeatureError> {
    if folds < 2 || folds > n_rows {
        return Err(FeatureError::Folds {
            rows: n_rows,
            folds,
        });
    }
    let mut start = 0;
    let runs = (0..folds).map(|fold| {
        let length = n_rows / folds + usize::from(fold < n_rows % folds);
        let validation = start..start + length;
        start += length;
        Fold { validation, n_rows }
    });
    Ok(runs.collect())
}
