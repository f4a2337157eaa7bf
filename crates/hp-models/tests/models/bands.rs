//! How well models of many seeds do, for the tests of ensembles.

use ndarray::Array1;
use serde_json::Value;

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

/// Asserts that the mean of `values` is within one deviation of the mean of scikit-learn's `band`,
/// and each of them within four.
pub(crate) fn assert_spread(values: &[f64], band: &Value) {
    let [mean, std] = ["mean", "std"].map(|key| band[key].as_f64().expect("a number"));
    let ours = values.iter().sum::<f64>() / values.len() as f64;
    assert!((ours - mean).abs() < std, "{ours} is not {mean} ± {std}");
    for value in values {
        assert!((value - mean).abs() < 4.0 * std, "{values:?}");
    }
}
