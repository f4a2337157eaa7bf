//! Huber regression against scikit-learn, on degenerate data and on arbitrary data.

use crate::boston::boston;
use crate::linear_data;
use crate::linear_data::{
    assert_finite_or_error, awkward_data, extreme_data, fitted, linear_model, number,
};
use crate::matrices::fixture;
use hp_core::method::{HuberParams, MethodConfig};
use hp_models::{Fit, FitError, LinearModel, Progress, Regressor, fit};
use hp_testkit::{assert_close, floats};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;
use std::ops::ControlFlow;

fn huber(params: &HuberParams, x: &Array2<f64>, y: &Array1<f64>) -> Fit {
    fitted(&MethodConfig::HuberRegressor(params.clone()), x, y)
}

/// The best scale for residuals, found by bisection of the objective's slope, which rises.
fn scale(params: &HuberParams, residuals: &Array1<f64>) -> f64 {
    let slope = |sigma: f64| {
        let terms = residuals.mapv(|r| 1.0 - (r / sigma).abs().min(params.epsilon).powi(2));
        terms.sum()
    };
    let (mut low, mut high) = (1e-300_f64, 1e300_f64);
    for _ in 0..200 {
        let middle = (low.ln() / 2.0 + high.ln() / 2.0).exp();
        if slope(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The objective with the best scale for `model`.
fn objective(params: &HuberParams, model: &LinearModel, x: &Array2<f64>, y: &Array1<f64>) -> f64 {
    let residuals = y - &model.predict(x.view());
    let high = scale(params, &residuals);
    let loss = residuals.mapv(|r| {
        let z = (r / high).abs();
        let square = z <= params.epsilon;
        let h = if square {
            z * z
        } else {
            2.0 * params.epsilon * z - params.epsilon.powi(2)
        };
        high + h * high
    });
    loss.sum() + params.alpha * model.coef().iter().map(|c| c * c).sum::<f64>()
}

#[test]
fn converges_to_scikit_learns_minimum() {
    let data = boston();
    let (x, y) = (data.x_train, data.y_train);
    let expected = fixture("oracle_linear.json");
    let (expected, oracle) = (
        &expected["huber_minimum"],
        &expected["HuberRegressor_converged"],
    );
    let params = HuberParams::default();
    let fitted = huber(&params, &x, &y);
    assert_eq!(fitted.warnings, Vec::<String>::new());
    assert!(fitted.n_iter < 20, "{} iterations", fitted.n_iter);

    let model = linear_model(fitted);
    let reached = objective(&params, &model, &x, &y);
    assert!(
        reached <= number(&oracle["objective"]) * (1.0 + 1e-6),
        "{reached}"
    );
    assert_close(&[reached], &[number(&expected["objective"])], 1e-9);
    assert_close(model.coef(), &floats(&expected["coef"]), 1e-5);

    let errors = model.predict(data.x_test.view()) - data.y_test;
    let rmse = (errors.dot(&errors) / errors.len() as f64).sqrt();
    let oracle_rmse = number(&oracle["metrics"]["rmse"]);
    assert!((rmse - oracle_rmse).abs() < 1e-3, "{rmse}");
}

#[test]
fn neither_units_nor_offsets_change_the_answer() {
    let data = boston();
    let (x, y) = (data.x_train, data.y_train);
    let params = HuberParams {
        alpha: 0.0,
        ..HuberParams::default()
    };
    let plain = linear_model(huber(&params, &x, &y)).predict(x.view());
    let units = Array1::from_shape_fn(x.ncols(), |column| 7.0_f64.powf(column as f64 - 6.0));
    let moved = linear_model(huber(&params, &(&x * &units + 50.0), &(&y * 1e6)));
    let again = moved.predict((&x * &units + 50.0).view()) / 1e6;
    assert_close(&again.to_vec(), &plain.to_vec(), 1e-7);
}

#[test]
fn says_when_it_did_not_converge() {
    let data = boston();
    let (x, y) = (data.x_train, data.y_train);
    let params = HuberParams {
        max_iter: 1,
        ..HuberParams::default()
    };
    let fitted = huber(&params, &x, &y);
    assert_eq!(fitted.n_iter, 1);
    assert_eq!(fitted.warnings.len(), 1);
    assert!(fitted.warnings[0].contains("after 1 iterations without converging"));
    assert!(fitted.warnings[0].contains("raise `max_iter` or `tol`"));
}

#[test]
fn stops_when_progress_says_so() {
    struct Stop;
    impl Progress for Stop {
        fn advance(&self, done: usize, total: usize) -> ControlFlow<()> {
            assert_eq!((done, total), (1, 100));
            ControlFlow::Break(())
        }
    }
    let data = boston();
    let (x, y) = (data.x_train, data.y_train);
    let config = MethodConfig::HuberRegressor(HuberParams::default());
    assert_eq!(
        fit(&config, x.view(), y.view(), &Stop),
        Err(FitError::Interrupted)
    );
}

#[test]
fn a_few_outliers_do_not_move_an_exact_line() {
    let x = Array1::range(0.0, 20.0, 1.0).insert_axis(Axis(1));
    let mut y = &x.column(0) * 2.0 + 1.0;
    y[3] = 500.0;
    y[11] = -80.0;
    let params = HuberParams {
        alpha: 0.0,
        ..HuberParams::default()
    };
    let fitted = huber(&params, &x, &y);
    assert_eq!(fitted.warnings, Vec::<String>::new());
    let model = linear_model(fitted);
    assert_close(model.coef(), &[2.0], 1e-7);
    assert_close(&[model.intercept()], &[1.0], 1e-7);
}

#[test]
fn a_perfect_fit_is_found() {
    let x = array![[1.0, 0.5], [2.0, -1.0], [4.0, 3.0], [7.0, 1.0], [9.0, 2.5]];
    let y = &x.column(0) * 3.0 - &x.column(1) * 2.0 + 0.25;
    let model = linear_model(huber(&HuberParams::default(), &x, &y));
    assert_close(model.coef(), &[3.0, -2.0], 1e-9);
    assert_close(&[model.intercept()], &[0.25], 1e-9);
}

#[test]
fn collinear_and_constant_columns_share_or_take_nothing() {
    let a = array![0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let x = ndarray::stack![Axis(1), a, a, Array1::from_elem(6, 3.3)];
    let y = array![0.1, 1.9, 4.2, 5.8, 30.0, 10.1];
    for alpha in [0.0, 1e-4] {
        let params = HuberParams {
            alpha,
            ..HuberParams::default()
        };
        let model = linear_model(huber(&params, &x, &y));
        assert_close(&model.coef()[..1], &model.coef()[1..2], 1e-9);
        assert!((model.coef()[0] - 1.0).abs() < 0.05, "{model:?}");
        assert_close(&model.coef()[2..], &[0.0], 1e-12);
    }
}

#[test]
fn one_row_or_a_constant_target_is_predicted_as_it_is() {
    let params = HuberParams::default();
    let one = linear_model(huber(&params, &array![[3.0, 0.1]], &array![7.5]));
    assert_eq!(one, LinearModel::new(vec![0.0, 0.0], 7.5));
    let x = array![[0.1, 5.0], [0.2, 6.0], [0.1, 8.5]];
    let constant = linear_model(huber(&params, &x, &array![0.3, 0.3, 0.3]));
    assert_eq!(constant, LinearModel::new(vec![0.0, 0.0], 0.3));
}

#[test]
fn without_a_constant_term_the_line_passes_the_origin() {
    let params = HuberParams {
        fit_intercept: false,
        alpha: 0.0,
        ..HuberParams::default()
    };
    let x = array![[1.0], [2.0], [3.0], [4.0]];
    let model = linear_model(huber(&params, &x, &array![2.1, 3.9, 6.0, 8.1]));
    assert_close(&[model.intercept()], &[0.0], 0.0);
    assert!((model.coef()[0] - 2.0).abs() < 0.05);
}

proptest! {
    #[test]
    fn no_neighbour_is_better((x, y) in awkward_data(), fit_intercept: bool) {
        let params = HuberParams { fit_intercept, max_iter: 1000, ..HuberParams::default() };
        let fitted = huber(&params, &x, &y);
        // Few rows of which most fit perfectly can take more steps than that, and it says so.
        prop_assume!(fitted.warnings.is_empty());
        let model = linear_model(fitted);
        let reached = objective(&params, &model, &x, &y);
        for column in 0..x.ncols() {
            for relative in [-1e-2, -1e-4, 1e-4, 1e-2] {
                let mut coef = model.coef().to_vec();
                coef[column] += relative * (1.0 + coef[column].abs());
                let neighbour = LinearModel::new(coef, model.intercept());
                let other = objective(&params, &neighbour, &x, &y);
                prop_assert!(other >= reached - 1e-7 * (1.0 + reached), "{other} < {reached}");
            }
        }
    }

    #[test]
    fn any_finite_data_gives_finite_answers_or_an_error(
        (x, y) in extreme_data(),
        fit_intercept: bool,
    ) {
        let params = HuberParams { fit_intercept, ..HuberParams::default() };
        assert_finite_or_error(&MethodConfig::HuberRegressor(params), &x, &y);
    }
}

/// Asserts that `params` fits `x` and `y` to where the rows, each counting no more than epsilon, pull
/// nowhere.
fn assert_minimum(params: &HuberParams, x: &Array2<f64>, y: &Array1<f64>) {
    let fitted = huber(params, x, y);
    assert_eq!(fitted.warnings, Vec::<String>::new());
    assert!(fitted.n_iter < 30, "{} iterations", fitted.n_iter);
    let model = linear_model(fitted);
    let residuals = y - &model.predict(x.view());
    let sigma = scale(params, &residuals);
    let pulls = residuals.mapv(|r| (r / sigma).clamp(-params.epsilon, params.epsilon));
    let by_coef =
        x.t().dot(&pulls) * -2.0 + Array1::from(model.coef().to_vec()) * (2.0 * params.alpha);
    assert!(by_coef.iter().all(|slope| slope.abs() < 1e-4), "{by_coef}");
    assert!(pulls.sum().abs() < 1e-4);
}

#[test]
fn many_rows_end_at_the_minimum() {
    let (x, y) = linear_data::many_rows(20_000, 4);
    assert_minimum(&HuberParams::default(), &x, &y);
}

#[test]
fn very_many_rows_end_at_the_minimum_in_any_order() {
    let (x, y) = linear_data::many_rows(60_000, 4);
    assert_minimum(&HuberParams::default(), &x, &y);
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_by(|&one, &other| y[one].total_cmp(&y[other]));
    let (x, y) = (x.select(Axis(0), &order), y.select(Axis(0), &order));
    assert_minimum(&HuberParams::default(), &x, &y);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for rows in [10_000, 20_000, 60_000] {
        let (x, y) = linear_data::many_rows(rows, 4);
        let config = MethodConfig::HuberRegressor(HuberParams::default());
        linear_data::assert_same_on_threads(&config, &x, &y);
    }
}
