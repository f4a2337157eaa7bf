//! The Boston data.

use crate::matrices::{fixture, matrix};
use hp_testkit::floats;
use ndarray::{Array1, Array2};

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
