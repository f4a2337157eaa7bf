//! Matrices out of JSON fixtures.

use hp_testkit::{floats, json_fixture};
use ndarray::Array2;
use serde_json::Value;

/// A JSON fixture of this crate.
pub(crate) fn fixture(name: &str) -> Value {
    json_fixture(env!("CARGO_MANIFEST_DIR"), name)
}

/// A list of rows.
pub(crate) fn matrix(json: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = json
        .as_array()
        .expect("a list of rows")
        .iter()
        .map(floats)
        .collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).expect("rows of one length")
}
