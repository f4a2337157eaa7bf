//! The preprocessor against scikit-learn's `StandardScaler`.

use hp_core::schema::{Column, DType, Schema};
use hp_core::table::Table;
use hp_features::{FeatureError, Preprocessor, StandardScaler, feature_matrix};
use hp_testkit::{assert_close, json_fixture};
use ndarray::array;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Boston {
    features: Vec<String>,
    x: Vec<Vec<f64>>,
    train: Vec<usize>,
    mean: Vec<f64>,
    scale: Vec<f64>,
    x_test_scaled_first: Vec<Vec<f64>>,
}

const TEST_ROWS: [usize; 5] = [173, 274, 491, 72, 452];

fn column(name: &str, dtype: DType) -> Column {
    Column {
        name: name.to_owned(),
        dtype,
        min: None,
        max: None,
        allowed: None,
        description: String::new(),
        unit: String::new(),
    }
}

fn boston() -> (Schema, Table, Boston) {
    let json = json_fixture(env!("CARGO_MANIFEST_DIR"), "boston_rs42.json");
    let boston: Boston = serde_json::from_value(json).expect("the fixture's shape");
    let dtype = |name: &str| match name {
        "CHAS" | "RAD" | "TAX" => DType::Integer,
        _ => DType::Float,
    };
    let schema = Schema {
        features: boston
            .features
            .iter()
            .map(|n| column(n, dtype(n)))
            .collect(),
        target: column("MEDV", DType::Float),
    };
    let features = (0..schema.features.len())
        .map(|feature| boston.x.iter().map(|row| row[feature]).collect())
        .collect();
    let table = Table {
        features,
        target: vec![0.0; boston.x.len()],
    };
    (schema, table, boston)
}

#[test]
fn features_are_grouped_by_dtype() {
    let (schema, ..) = boston();
    let floats = [
        "CRIM", "ZN", "INDUS", "NOX", "RM", "AGE", "DIS", "PTRATIO", "LSTAT",
    ];
    assert_eq!(schema.features_of(DType::Float), floats);
    assert_eq!(schema.features_of(DType::Integer), ["CHAS", "RAD", "TAX"]);
}

#[test]
fn scaler_is_fitted_on_training_rows_only() {
    let (schema, table, boston) = boston();
    let x_train = feature_matrix(&table, &boston.train);
    let preprocessor = Preprocessor::fit(&schema, x_train.view()).unwrap();
    assert_close(&preprocessor.scaler().mean, &boston.mean, 1e-13);
    assert_close(&preprocessor.scaler().scale, &boston.scale, 1e-13);

    let scaled = preprocessor.transform(feature_matrix(&table, &TEST_ROWS).view());
    for (row, expected) in scaled.rows().into_iter().zip(&boston.x_test_scaled_first) {
        assert_close(&row.to_vec(), expected, 1e-13);
    }
}

#[test]
fn one_row_scales_like_the_matrix() {
    let (schema, table, boston) = boston();
    let x = feature_matrix(&table, &boston.train);
    let preprocessor = Preprocessor::fit(&schema, x.view()).unwrap();
    let scaled = preprocessor.transform(x.view());
    let mut row = x.row(7).to_vec();
    preprocessor.transform_row(&mut row);
    assert_eq!(row, scaled.row(7).to_vec());
}

#[test]
fn a_constant_column_scales_by_one() {
    for constant in [0.0, 0.1, -3.7e9] {
        let values = [constant; 11];
        let scaler = StandardScaler::fit([("C", &values[..])]).unwrap();
        assert_eq!(scaler.scale, [1.0]);
    }
}

#[test]
fn overflow_is_an_error() {
    let values = [f64::MAX, -f64::MAX];
    let error = StandardScaler::fit([("HUGE", &values[..])]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column `HUGE` cannot be scaled: its mean or deviation overflows"
    );
    assert_eq!(
        StandardScaler::fit([("NONE", &[][..])]),
        Err(FeatureError::NoRows)
    );
}

#[test]
fn inconsistent_parts_are_refused() {
    let scaler = |mean: f64, scale: f64| StandardScaler {
        mean: vec![mean],
        scale: vec![scale],
    };
    assert!(Preprocessor::from_parts(2, vec![1], scaler(0.0, 1.0)).is_ok());
    for (n_features, scaled, scaler) in [
        (1, vec![1], scaler(0.0, 1.0)),
        (3, vec![1, 1], scaler(0.0, 1.0)),
        (2, vec![0, 1], scaler(0.0, 1.0)),
        (2, vec![1], scaler(0.0, 0.0)),
        (2, vec![1], scaler(f64::NAN, 1.0)),
    ] {
        assert!(Preprocessor::from_parts(n_features, scaled, scaler).is_err());
    }
}

#[test]
fn rows_are_taken_in_the_order_asked_for() {
    let table = Table {
        features: vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]],
        target: vec![0.0; 3],
    };
    assert_eq!(
        feature_matrix(&table, &[2, 0]),
        array![[3.0, 6.0], [1.0, 4.0]]
    );
}

proptest! {
    #[test]
    fn scaling_is_undone_by_its_inverse(values in prop::collection::vec(-1e6..1e6, 2..40)) {
        let scaler = StandardScaler::fit([("X", &values[..])]).unwrap();
        for value in values {
            let back = scaler.inverse_transform(0, scaler.transform(0, value));
            prop_assert!((back - value).abs() <= 1e-9 * value.abs().max(1.0));
        }
    }
}
