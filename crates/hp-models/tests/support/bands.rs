//! The Boston data and how well a random model does on it, for the tests of ensembles.

use crate::matrices::{fixture, matrix};
use hp_testkit::floats;
use ndarray::{Array1, Array2};
use serde_json::Value;

/// Features and targets to train and to test on.
pub(crate) struct TrainTest {
    /// `[rows, features]`.
    pub(crate) x_train: Array2<f64>,
    /// `[rows]`.
    pub(crate) y_train: Array1<f64>,
    /// `[rows, features]`.
    pub(crate) x_test: Array2<f64>,
    /// `[rows]`.
    pub(crate) y_test: Array1<f64>,
}

/// The Boston data, scaled, in scikit-learn's split with `random_state=42`.
pub(crate) fn boston() -> TrainTest {
    let json = fixture("boston_rs42.json");
    TrainTest {
        x_train: matrix(&json["x_train"]),
        y_train: floats(&json["y_train"]).into(),
        x_test: matrix(&json["x_test"]),
        y_test: floats(&json["y_test"]).into(),
    }
}

/// The root of the mean squared error.
pub(crate) fn rmse(actual: &Array1<f64>, predicted: &Array1<f64>) -> f64 {
    let error = actual - predicted;
    (error.dot(&error) / actual.len() as f64).sqrt()
}

/// Asserts that the mean of `values` is near that of scikit-learn's `band` (`mean`, `std` over as
/// many seeds): within four standard errors of the difference.
pub(crate) fn assert_in_band(values: &[f64], band: &Value) {
    let (mean, std) = (
        band["mean"].as_f64().expect("a mean"),
        band["std"].as_f64().expect("a deviation"),
    );
    let ours = values.iter().sum::<f64>() / values.len() as f64;
    let error = std * (2.0 / values.len() as f64).sqrt();
    assert!(
        (ours - mean).abs() <= 4.0 * error,
        "{ours} is not near {mean} ± {error}"
    );
}
