//! What the tests of several crates share.

use std::path::{Path, PathBuf};

/// The path of `test-data/<name>` of the crate whose manifest folder is `manifest_dir`
/// (`env!("CARGO_MANIFEST_DIR")` in the test).
#[must_use]
pub fn test_data(manifest_dir: &str, name: &str) -> PathBuf {
    Path::new(manifest_dir).join("test-data").join(name)
}

/// The JSON of `test-data/<name>`.
///
/// # Panics
/// When the file is missing or is not JSON: the test has no fixture.
#[must_use]
pub fn json_fixture(manifest_dir: &str, name: &str) -> serde_json::Value {
    let path = test_data(manifest_dir, name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The numbers of a JSON array.
///
/// # Panics
/// When `value` is not an array of numbers.
#[must_use]
pub fn floats(value: &serde_json::Value) -> Vec<f64> {
    let items = value.as_array().expect("an array of numbers");
    items
        .iter()
        .map(|item| item.as_f64().expect("a number"))
        .collect()
}

/// Asserts that two series agree within `relative` of the larger magnitude (at least 1).
///
/// # Panics
/// When they do not, naming the first place where they differ.
pub fn assert_close(actual: &[f64], expected: &[f64], relative: f64) {
    assert_eq!(actual.len(), expected.len(), "lengths differ");
    for (index, (a, e)) in actual.iter().zip(expected).enumerate() {
        let scale = a.abs().max(e.abs()).max(1.0);
        assert!(
            (a - e).abs() <= relative * scale,
            "at {index}: {a} is not {e} within {relative}"
        );
    }
}
