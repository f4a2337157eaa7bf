//! Fits and arbitrary data for the tests of linear models.

use crate::threads::on_threads;
use hp_core::method::MethodConfig;
use hp_models::{Fit, FittedModel, LinearModel, Silent, fit};
use ndarray::{Array1, Array2, Axis, concatenate};
use proptest::prelude::*;
use serde_json::Value;

/// A number of a fixture.
pub(crate) fn number(json: &Value) -> f64 {
    json.as_f64().expect("a number")
}

/// Fits `config`, which must succeed.
pub(crate) fn fitted(config: &MethodConfig, x: &Array2<f64>, y: &Array1<f64>) -> Fit {
    fit(config, x.view(), y.view(), &Silent).expect("a fit")
}

/// The linear model that a fit ended in.
pub(crate) fn linear_model(fit: Fit) -> LinearModel {
    match fit.model {
        FittedModel::Linear(model) => model,
        other => panic!("not a linear model: {other:?}"),
    }
}

/// Data with ties, repeated rows, and columns that are constant or follow from others.
pub(crate) fn awkward_data() -> impl Strategy<Value = (Array2<f64>, Array1<f64>)> {
    let cell = || prop_oneof![-1e3..1e3, -5.0..5.0, (-2_i8..3).prop_map(f64::from)];
    let shape = (1_usize..25, 1_usize..5, 0_usize..10, any::<bool>());
    shape.prop_flat_map(move |(rows, features, repeats, collinear)| {
        let cells = prop::collection::vec(cell(), rows * features);
        let target = prop::collection::vec(cell(), rows);
        (cells, target).prop_map(move |(cells, target)| {
            let mut x = Array2::from_shape_vec((rows, features), cells).expect("cells for each");
            let y = Array1::from(target);
            if collinear {
                let sum = x.sum_axis(Axis(1)).insert_axis(Axis(1));
                x = concatenate![Axis(1), x, sum, Array2::from_elem((rows, 1), 0.1)];
            }
            let again: Vec<usize> = (0..rows).chain((0..repeats).map(|i| i % rows)).collect();
            (x.select(Axis(0), &again), y.select(Axis(0), &again))
        })
    })
}

/// Data of any magnitude a float can have.
pub(crate) fn extreme_data() -> impl Strategy<Value = (Array2<f64>, Array1<f64>)> {
    let cell = prop::num::f64::NORMAL | prop::num::f64::ZERO;
    (prop::collection::vec(cell, 24), 1_usize..8).prop_map(|(cells, features)| {
        let rows = cells.len() / (features + 1);
        let (cells, target) = cells.split_at(rows * features);
        let x = Array2::from_shape_vec((rows, features), cells.to_vec()).expect("cells for each");
        (x, target.iter().take(rows).copied().collect())
    })
}

/// Asserts that a fit is an error or that all its coefficients are finite.
pub(crate) fn assert_finite_or_error(config: &MethodConfig, x: &Array2<f64>, y: &Array1<f64>) {
    if let Ok(fitted) = fit(config, x.view(), y.view(), &Silent) {
        let model = linear_model(fitted);
        assert!(model.intercept().is_finite(), "{model:?}");
        assert!(model.coef().iter().all(|c| c.is_finite()), "{model:?}");
    }
}

/// Features and a target with noise of many sizes, from a generator of its own.
pub(crate) fn many_rows(rows: usize, features: usize) -> (Array2<f64>, Array1<f64>) {
    let mut state = 42_u64;
    let mut uniform = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let x = Array2::from_shape_simple_fn((rows, features), &mut uniform);
    let y = Array1::from_shape_fn(rows, |row| {
        let noise = (uniform() - 0.5) / (0.05 + uniform());
        4.0 * x[(row, 0)] - 2.0 * x[(row, features - 1)] + noise
    });
    (x, y)
}

/// Asserts that one and two threads fit the same model, to the bit.
pub(crate) fn assert_same_on_threads(config: &MethodConfig, x: &Array2<f64>, y: &Array1<f64>) {
    let on = |threads| on_threads(threads, || fitted(config, x, y));
    let (one, two) = (on(1), on(2));
    assert_eq!(one.n_iter, two.n_iter);
    let (one, two) = (linear_model(one), linear_model(two));
    let bits = |model: &LinearModel| {
        let numbers = model.coef().iter().copied().chain([model.intercept()]);
        numbers.map(f64::to_bits).collect::<Vec<_>>()
    };
    assert_eq!(bits(&one), bits(&two));
}
