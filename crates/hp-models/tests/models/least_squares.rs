//! Linear and ridge regression against scikit-learn, on degenerate data and on arbitrary data.

use crate::boston::boston;
use crate::linear_data;
use crate::linear_data::{assert_finite_or_error, awkward_data, extreme_data, fitted, number};
use crate::matrices::fixture;
use hp_core::method::{
    BoostingParams, ForestParams, HuberParams, LinearParams, MethodConfig, QuantileParams,
    RidgeParams,
};
use hp_models::{FitError, LinearModel, Regressor, Silent, fit};
use hp_testkit::{assert_close, floats};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;

fn linear_model(config: &MethodConfig, x: &Array2<f64>, y: &Array1<f64>) -> LinearModel {
    linear_data::linear_model(fitted(config, x, y))
}

fn linear(fit_intercept: bool) -> MethodConfig {
    MethodConfig::LinearRegression(LinearParams {
        fit_intercept,
        ..LinearParams::default()
    })
}

/// Least squares that neglects rounding errors only, as ridge regression does.
fn precise(fit_intercept: bool, x: &Array2<f64>) -> MethodConfig {
    MethodConfig::LinearRegression(LinearParams {
        fit_intercept,
        tol: f64::EPSILON * x.nrows().max(x.ncols()) as f64,
    })
}

fn ridge(alpha: f64, fit_intercept: bool) -> MethodConfig {
    MethodConfig::Ridge(RidgeParams {
        alpha,
        fit_intercept,
    })
}

fn assert_equals_oracle(config: &MethodConfig, name: &str) {
    let data = boston();
    let expected = &fixture("oracle_linear.json")[name];
    let model = linear_model(config, &data.x_train, &data.y_train);
    for (actual, expected) in model.coef().iter().zip(floats(&expected["coef"])) {
        assert!(
            (actual - expected).abs() <= 1e-8 * expected.abs(),
            "{actual} is not {expected}"
        );
    }
    let intercept = number(&expected["intercept"]);
    assert_close(&[model.intercept()], &[intercept], 1e-8);
    let predicted = model.predict(data.x_test.view());
    assert_close(&predicted.to_vec(), &floats(&expected["test_pred"]), 1e-9);
    let errors = predicted - data.y_test;
    let mse = errors.dot(&errors) / errors.len() as f64;
    assert_close(&[mse], &[number(&expected["metrics"]["mse"])], 1e-9);
}

#[test]
fn linear_equals_scikit_learn() {
    assert_equals_oracle(&linear(true), "LinearRegression");
}

#[test]
fn ridge_equals_scikit_learn() {
    assert_equals_oracle(&ridge(1.0, true), "Ridge");
}

/// Of all that fit, the answer of least norm is a combination of the rows.
#[test]
fn far_more_features_than_rows_give_the_answer_of_least_norm() {
    let (x, y) = linear_data::many_rows(60, 3000);
    let alpha = 1e-6;
    for config in [linear(true), ridge(alpha, true)] {
        let model = linear_model(&config, &x, &y);
        let residuals = &y - &model.predict(x.view());
        assert!(residuals.iter().all(|r| r.abs() < 1e-6), "{residuals}");
    }
    let penalised = linear_model(&ridge(10.0, true), &x, &y);
    let residuals = &y - &penalised.predict(x.view());
    // The gradient of the ridge objective: Xᵀr = alpha · coef.
    let pull = x.t().dot(&residuals) / 10.0;
    assert_close(penalised.coef(), &pull.to_vec(), 1e-10);
}

#[test]
fn collinear_columns_share_their_weight() {
    // y = 4a with the column `a` given twice: of all answers, (2, 2) has the least norm.
    let x = array![
        [1.0, 1.0, 7.0],
        [2.0, 2.0, 7.0],
        [4.0, 4.0, 7.0],
        [5.0, 5.0, 7.0]
    ];
    let y = array![4.0, 8.0, 16.0, 20.0];
    for config in [linear(true), ridge(0.0, true)] {
        let model = linear_model(&config, &x, &y);
        assert_close(model.coef(), &[2.0, 2.0, 0.0], 1e-12);
        assert_close(&[model.intercept()], &[0.0], 1e-12);
    }
}

#[test]
fn rounding_does_not_hide_that_columns_are_collinear() {
    let a = array![0.3, 1.1, -2.7, 4.9, 0.2, 3.3];
    let b = array![1.7, 0.6, 0.9, -3.1, 2.3, 5.9];
    let x = ndarray::stack![Axis(1), a, b, &a * 0.1 + &b * 0.7];
    let y = array![1.0, 2.0, -1.0, 0.5, 3.0, -2.0];
    for config in [linear(true), linear(false), ridge(0.0, true)] {
        let model = linear_model(&config, &x, &y);
        // The answer of least norm has no part along (0.1, 0.7, −1), which changes no prediction.
        let [first, second, third] = model.coef() else {
            panic!("three features");
        };
        assert_close(&[0.1 * first + 0.7 * second - third], &[0.0], 1e-12);
    }
}

#[test]
fn more_features_than_rows_gives_the_least_norm() {
    let x = array![[1.0, 2.0, 2.0], [0.0, 3.0, -3.0]];
    let model = linear_model(&linear(false), &x, &array![9.0, 6.0]);
    // x⁺y, since the rows are orthogonal: 9·row₁/9 + 6·row₂/18.
    assert_close(model.coef(), &[1.0, 3.0, 1.0], 1e-12);
    assert_close(&[model.intercept()], &[0.0], 0.0);
}

#[test]
fn one_row_or_a_constant_target_is_predicted_as_it_is() {
    for config in [linear(true), ridge(1.0, true)] {
        let one = linear_model(&config, &array![[3.0, 0.1]], &array![7.5]);
        assert_eq!(one, LinearModel::new(vec![0.0, 0.0], 7.5));
        let x = array![[0.1, 5.0], [0.1, 6.0], [0.1, 8.5]];
        let constant = linear_model(&config, &x, &array![0.3, 0.3, 0.3]);
        assert_eq!(constant, LinearModel::new(vec![0.0, 0.0], 0.3));
    }
}

#[test]
fn huge_and_tiny_scales_do_not_overflow() {
    let x = array![[1.0], [2.0], [4.0]];
    let y = array![1.0, 3.0, 7.0];
    for (x_scale, y_scale) in [
        (1e150, 1e150),
        (1e-150, 1e100),
        (1e300, 1.0),
        (1e-200, 1e-200),
    ] {
        let model = linear_model(&linear(true), &(&x * x_scale), &(&y * y_scale));
        assert_close(&[model.coef()[0] / y_scale * x_scale], &[2.0], 1e-12);
        assert_close(&[model.intercept() / y_scale], &[-1.0], 1e-12);
        let ridge = linear_model(&ridge(1.0, true), &(&x * x_scale), &(&y * y_scale));
        assert!(ridge.coef()[0].is_finite() && ridge.intercept().is_finite());
    }
}

#[test]
fn an_answer_beyond_the_floats_is_an_error() {
    let x = array![[1e-300], [2e-300]];
    let outcome = fit(
        &linear(true),
        x.view(),
        array![1e300, 3e300].view(),
        &Silent,
    );
    assert!(
        matches!(outcome, Err(FitError::Numerical(_))),
        "{outcome:?}"
    );
}

#[test]
fn a_mean_far_above_the_spread_keeps_its_precision() {
    let offsets = array![0.0, 1.0, 2.0, 5.0];
    let x = (&offsets + 1e9).insert_axis(Axis(1));
    let model = linear_model(&linear(true), &x, &(offsets * 3.0 + 1.0));
    assert_close(model.coef(), &[3.0], 1e-12);
}

#[test]
fn ridge_tends_to_least_squares() {
    let data = boston();
    let exact = linear_model(&linear(true), &data.x_train, &data.y_train);
    let distance = |alpha| {
        let ridge = linear_model(&ridge(alpha, true), &data.x_train, &data.y_train);
        let differences = ridge.coef().iter().zip(exact.coef());
        differences.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    assert!(distance(1e-12) < 1e-10, "{}", distance(1e-12));
    // The first term of the distance is proportional to the penalty.
    assert_close(&[distance(1e-3) / distance(1e-4)], &[10.0], 1e-3);
}

#[test]
fn tol_decides_which_spreads_count() {
    let (a, b) = (
        array![1.0, 2.0, 4.0, 7.0, 11.0, 16.0],
        array![3.0, -1.0, 4.0, 1.0, -5.0, 9.0],
    );
    let x = ndarray::stack![Axis(1), &a * 1e4, &b * 1e-3];
    let with_tol = |tol| {
        let params = LinearParams {
            tol,
            ..LinearParams::default()
        };
        linear_model(&MethodConfig::LinearRegression(params), &x, &(&a + &b))
    };
    // scikit-learn 1.9.1's answers: of rank 1 with the default, of rank 2 with 1e-9.
    let coarse = with_tol(1e-6);
    assert_eq!(coarse, linear_model(&linear(true), &x, &(&a + &b)));
    let expected = [1.226_773_226_773_226_8e-4, 2.781_993_231_543_702_4e-12];
    for (actual, expected) in coarse.coef().iter().zip(expected) {
        assert!((actual / expected - 1.0).abs() < 1e-6, "{coarse:?}");
    }
    assert_close(&[coarse.intercept()], &[0.283_716_283_716_270_1], 1e-9);
    let fine = with_tol(1e-9);
    assert_close(
        &[fine.coef()[0] * 1e4, fine.coef()[1] * 1e-3],
        &[1.0, 1.0],
        1e-9,
    );
}

proptest! {
    #[test]
    fn residuals_are_orthogonal_to_the_features((x, y) in awkward_data(), fit_intercept: bool) {
        let model = linear_model(&precise(fit_intercept, &x), &x, &y);
        let residuals = &y - &model.predict(x.view());
        let scale = 1.0 + model.coef().iter().map(|c| c.abs()).sum::<f64>();
        let correlation = x.t().dot(&residuals);
        prop_assert!(correlation.iter().all(|c| c.abs() <= 1e-6 * scale), "{correlation}");
    }

    #[test]
    fn a_penalty_shrinks_the_least_norm_answer((x, y) in awkward_data(), fit_intercept: bool) {
        let exact = linear_model(&ridge(0.0, fit_intercept), &x, &y);
        let linear = linear_model(&precise(fit_intercept, &x), &x, &y);
        prop_assert_eq!(&exact, &linear);
        let norm = |model: &LinearModel| model.coef().iter().map(|c| c * c).sum::<f64>();
        let mut last = norm(&linear) * (1.0 + 1e-12);
        for alpha in [1e-3, 1.0, 1e3] {
            let shrunk = norm(&linear_model(&ridge(alpha, fit_intercept), &x, &y));
            prop_assert!(shrunk <= last);
            last = shrunk;
        }
    }

    #[test]
    fn one_row_is_predicted_as_in_a_matrix((x, y) in awkward_data()) {
        let model = linear_model(&linear(true), &x, &y);
        let together = model.predict(x.view());
        for (row, predicted) in x.rows().into_iter().zip(together) {
            let alone = model.predict_row(&row.to_vec());
            prop_assert_eq!(alone.to_bits(), predicted.to_bits());
        }
    }

    #[test]
    fn any_finite_data_gives_finite_answers_or_an_error((x, y) in extreme_data()) {
        for config in [linear(true), linear(false), ridge(1.0, true), ridge(1.0, false)] {
            assert_finite_or_error(&config, &x, &y);
        }
    }
}

/// A matrix and `y = 1 − x₀ + x₁/2 + … + noise`, large enough for several threads.
fn many_rows(noise: f64) -> (Array2<f64>, Array1<f64>) {
    let (x, _) = linear_data::many_rows(20_000, 5);
    let y = Array1::from_shape_fn(x.nrows(), |row| {
        let terms = x.row(row).into_iter().enumerate();
        let sum: f64 = terms.map(|(j, value)| WEIGHTS[j] * value).sum();
        1.0 + sum + noise * ((row * 7919 % 1009) as f64 / 1009.0 - 0.5)
    });
    (x, y)
}

const WEIGHTS: [f64; 5] = [-1.0, 0.5, 3.0, 0.0, 20.0];

#[test]
fn many_rows_of_a_plane_give_its_coefficients() {
    let (x, y) = many_rows(0.0);
    for config in [linear(true), ridge(0.0, true)] {
        let model = linear_model(&config, &x, &y);
        assert_close(model.coef(), &WEIGHTS, 1e-11);
        assert_close(&[model.intercept()], &[1.0], 1e-11);
    }
}

#[test]
fn a_first_row_far_from_the_others_costs_no_precision() {
    let (mut x, mut y) = many_rows(0.0);
    y[0] += (1e4 - x[(0, 0)]) * WEIGHTS[0];
    x[(0, 0)] = 1e4;
    let model = linear_model(&linear(true), &x, &y);
    assert_close(model.coef(), &WEIGHTS, 1e-9);

    let (mut x, mut y) = many_rows(0.0);
    x += 1e6;
    x.row_mut(0).fill(0.0);
    y += 1e6 * WEIGHTS.iter().sum::<f64>();
    y[0] = 1.0;
    let model = linear_model(&linear(true), &x, &y);
    assert_close(model.coef(), &WEIGHTS, 1e-6);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (x, y) = many_rows(1.0);
    // The last column follows from the others, which the normal equations cannot solve.
    let collinear = ndarray::concatenate![Axis(1), x, x.sum_axis(Axis(1)).insert_axis(Axis(1))];
    for config in [linear(true), linear(false), ridge(1.0, true)] {
        linear_data::assert_same_on_threads(&config, &x, &y);
        linear_data::assert_same_on_threads(&config, &collinear, &y);
    }
}

#[test]
fn the_layout_of_a_matrix_changes_nothing() {
    let (x, y) = many_rows(1.0);
    let model = linear_model(&linear(true), &x, &y);
    let by_columns = x.t().as_standard_layout().reversed_axes().to_owned();
    assert!(!by_columns.is_standard_layout());
    assert_eq!(linear_model(&linear(true), &by_columns, &y), model);
}

#[test]
fn a_number_that_is_not_finite_is_found_among_many() {
    let (x, y) = many_rows(1.0);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (row, column) in [(0, 0), (13_107, 1), (19_999, 4)] {
            let mut x = x.clone();
            x[(row, column)] = value;
            let outcome = fit(&linear(true), x.view(), y.view(), &Silent);
            assert_eq!(outcome, Err(FitError::FeatureNotFinite { row, column }));
        }
        let mut y = y.clone();
        y[17_000] = value;
        let outcome = fit(&linear(true), x.view(), y.view(), &Silent);
        assert_eq!(outcome, Err(FitError::TargetNotFinite { row: 17_000 }));
    }
}

#[test]
fn every_method_finds_the_first_number_that_is_not_finite() {
    let methods = [
        linear(false),
        ridge(1.0, true),
        MethodConfig::HuberRegressor(HuberParams::default()),
        MethodConfig::QuantileRegressor(QuantileParams::default()),
        MethodConfig::RandomForestRegressor(ForestParams::default()),
        MethodConfig::GradientBoostingRegressor(BoostingParams::default()),
    ];
    for (rows, features) in [(50, 3), (5, 9)] {
        for config in &methods {
            let mut x = Array2::from_shape_fn((rows, features), |at| (at.0 * 7 + at.1) as f64);
            let mut y = Array1::from_iter((0..rows).map(|row| row as f64));
            y[1] = f64::NAN;
            let outcome = fit(config, x.view(), y.view(), &Silent);
            assert_eq!(outcome, Err(FitError::TargetNotFinite { row: 1 }));
            // Features come first, and row by row.
            x[(2, 2)] = f64::INFINITY;
            x[(3, 0)] = f64::NAN;
            let outcome = fit(config, x.view(), y.view(), &Silent);
            assert_eq!(
                outcome,
                Err(FitError::FeatureNotFinite { row: 2, column: 2 })
            );
            // Also where all values of a column are the same.
            x.column_mut(1).fill(f64::NEG_INFINITY);
            let outcome = fit(config, x.view(), y.view(), &Silent);
            assert_eq!(
                outcome,
                Err(FitError::FeatureNotFinite { row: 0, column: 1 })
            );
        }
    }
}
