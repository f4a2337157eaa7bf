//! Quantile regression against scikit-learn, on degenerate data and on arbitrary data.

use crate::boston::boston;
use crate::linear_data;
use crate::linear_data::{
    assert_finite_or_error, awkward_data, extreme_data, fitted, linear_model, number,
};
use crate::matrices::fixture;
use hp_core::method::{MethodConfig, QuantileParams};
use hp_models::{FitError, LinearModel, Progress, Regressor, fit};
use hp_testkit::{assert_close, floats};
use ndarray::{Array1, Array2, ArrayView1, Axis, array, stack};
use proptest::prelude::*;
use std::ops::ControlFlow;

fn params(quantile: f64, alpha: f64, fit_intercept: bool) -> QuantileParams {
    QuantileParams {
        quantile,
        alpha,
        fit_intercept,
    }
}

fn model(params: &QuantileParams, x: &Array2<f64>, y: &Array1<f64>) -> LinearModel {
    let fitted = fitted(&MethodConfig::QuantileRegressor(params.clone()), x, y);
    assert_eq!(fitted.warnings, Vec::<String>::new());
    linear_model(fitted)
}

fn pinball(quantile: f64, predicted: &Array1<f64>, y: &Array1<f64>) -> f64 {
    let residuals = y - predicted;
    residuals
        .mapv(|r| (quantile * r).max((quantile - 1.0) * r))
        .mean()
        .expect("a row")
}

fn objective(
    params: &QuantileParams,
    model: &LinearModel,
    x: &Array2<f64>,
    y: &Array1<f64>,
) -> f64 {
    let size: f64 = model.coef().iter().map(|c| c.abs()).sum();
    pinball(params.quantile, &model.predict(x.view()), y) + params.alpha * size
}

#[test]
fn unpenalised_equals_scikit_learn() {
    let data = boston();
    let (x, y) = (data.x_train, data.y_train);
    let expected = fixture("oracle_linear.json");
    for (quantile, name) in [
        (0.1, "QuantileRegressor_q0.1"),
        (0.9, "QuantileRegressor_q0.9"),
    ] {
        let expected = &expected[name];
        let model = model(&params(quantile, 0.0, true), &x, &y);
        let loss = pinball(quantile, &model.predict(x.view()), &y);
        assert!(
            (loss - number(&expected["train_pinball"])).abs() < 1e-9,
            "{loss}"
        );
        assert_close(model.coef(), &floats(&expected["coef"]), 1e-5);
        assert_close(
            &[model.intercept()],
            &[number(&expected["intercept"])],
            1e-5,
        );
        let held_out = pinball(quantile, &model.predict(data.x_test.view()), &data.y_test);
        let expected = number(&expected["metrics"]["pinball"]);
        assert_close(&[held_out], &[expected], 1e-6);
        let residuals = (&y - &model.predict(x.view())).mapv(f64::abs);
        assert_eq!(residuals.iter().filter(|&&r| r < 1e-9).count(), 13);
    }
}

#[test]
fn penalised_equals_scikit_learn() {
    let data = boston();
    let (x, y) = (data.x_train, data.y_train);
    for case in fixture("quantile_penalised.json").as_array().unwrap() {
        let params = params(
            number(&case["quantile"]),
            number(&case["alpha"]),
            case["fit_intercept"].as_bool().unwrap(),
        );
        let model = model(&params, &x, &y);
        let reached = objective(&params, &model, &x, &y);
        let expected = number(&case["objective"]);
        assert!(
            (reached - expected).abs() <= 1e-9 * expected,
            "{params:?}: {reached} {expected}"
        );
        assert_close(model.coef(), &floats(&case["coef"]), 1e-5);
        assert_close(&[model.intercept()], &[number(&case["intercept"])], 1e-5);
        let zeros = |coef: &[f64]| coef.iter().filter(|&&c| c == 0.0).count();
        assert_eq!(zeros(model.coef()), zeros(&floats(&case["coef"])));
    }
}

#[test]
fn a_constant_alone_is_a_quantile_of_the_target() {
    let y = array![5.0, 1.0, 4.0, 2.0, 3.0, 10.0, 7.0];
    let x = Array2::from_elem((7, 1), 0.1);
    let model = model(&params(0.25, 0.0, true), &x, &y);
    assert_eq!(model.coef(), [0.0]);
    assert_close(&[model.intercept()], &[2.0], 1e-14);
}

#[test]
fn collinear_and_constant_columns_get_nothing() {
    let a = array![0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let b = array![1.0, -1.0, 2.0, 0.5, 0.0, 3.0];
    let x = stack![
        Axis(1),
        a,
        Array1::from_elem(6, 3.3),
        &a * 2.0 - 7.0,
        b,
        &a + &b
    ];
    let y = &a * 2.0 + &b + array![0.1, -0.2, 0.3, 0.0, 0.15, -0.1];
    let reduced = model(&params(0.5, 0.0, true), &stack![Axis(1), a, b], &y);
    let model = model(&params(0.5, 0.0, true), &x, &y);
    let [first, second] = reduced.coef() else {
        panic!("two features")
    };
    assert_close(model.coef(), &[*first, 0.0, 0.0, *second, 0.0], 1e-12);
    assert_close(&[model.intercept()], &[reduced.intercept()], 1e-12);
}

#[test]
fn one_row_or_a_constant_target_is_predicted_as_it_is() {
    for alpha in [0.0, 1.0] {
        let params = params(0.9, alpha, true);
        let one = model(&params, &array![[3.0, 0.1]], &array![7.5]);
        assert_eq!(one, LinearModel::new(vec![0.0, 0.0], 7.5));
        let x = array![[0.1, 5.0], [0.2, 6.0], [0.1, 8.5]];
        let constant = model(&params, &x, &array![0.3, 0.3, 0.3]);
        assert_close(constant.coef(), &[0.0, 0.0], 1e-14);
        assert_close(&[constant.intercept()], &[0.3], 1e-14);
    }
}

#[test]
fn more_features_than_rows_fits_perfectly() {
    let x = array![
        [1.0, 2.0, 2.0, 0.0],
        [0.0, 3.0, -3.0, 1.0],
        [5.0, 1.0, 0.0, 2.0]
    ];
    let y = array![9.0, 6.0, -2.0];
    for fit_intercept in [true, false] {
        let model = model(&params(0.3, 0.0, fit_intercept), &x, &y);
        assert_close(&model.predict(x.view()).to_vec(), &y.to_vec(), 1e-10);
    }
}

#[test]
fn far_more_features_than_rows_fits_perfectly() {
    let (x, y) = linear_data::many_rows(60, 3000);
    let model = model(&params(0.3, 0.0, true), &x, &y);
    assert_close(&model.predict(x.view()).to_vec(), &y.to_vec(), 1e-8);
    assert!(model.coef()[59..].iter().all(|&value| value == 0.0));
}

#[test]
fn huge_and_tiny_scales_do_not_overflow() {
    let x = array![[1.0], [2.0], [4.0], [5.0]];
    let y = array![1.0, 3.0, 7.0, 30.0];
    for (x_scale, y_scale) in [
        (1e150, 1e150),
        (1e-150, 1e100),
        (1e300, 1.0),
        (1e-200, 1e-200),
    ] {
        let exact = model(&params(0.5, 0.0, true), &(&x * x_scale), &(&y * y_scale));
        assert_close(&[exact.coef()[0] / y_scale * x_scale], &[2.0], 1e-12);
        assert_close(&[exact.intercept() / y_scale], &[-1.0], 1e-12);
        model(&params(0.5, 1.0, true), &(&x * x_scale), &(&y * y_scale));
    }
}

#[test]
fn stops_when_progress_says_so() {
    struct Stop;
    impl Progress for Stop {
        fn advance(&self, done: usize, _total: usize) -> ControlFlow<()> {
            if done < 3 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        }
    }
    let data = boston();
    let (x, y) = (data.x_train, data.y_train);
    let config = MethodConfig::QuantileRegressor(params(0.1, 0.0, true));
    assert_eq!(
        fit(&config, x.view(), y.view(), &Stop),
        Err(FitError::Interrupted)
    );
}

/// What rounding alone can make of a prediction: the terms of a perfect fit may be far larger than
/// its residuals.
fn rounding(model: &LinearModel, x: &Array2<f64>) -> f64 {
    let terms = |row: ArrayView1<'_, f64>| {
        let products = row.iter().zip(model.coef()).map(|(x, w)| (x * w).abs());
        products.sum::<f64>() + model.intercept().abs()
    };
    let largest = x.rows().into_iter().map(terms).fold(0.0, f64::max);
    16.0 * f64::EPSILON * largest
}

fn any_params() -> impl Strategy<Value = QuantileParams> {
    let quantile = prop_oneof![
        0.02..0.98,
        (1_u8..10).prop_map(|tenths| f64::from(tenths) / 10.0)
    ];
    let alpha = prop_oneof![Just(0.0), 1e-4..1.0];
    (quantile, alpha, any::<bool>()).prop_map(|(quantile, alpha, fit_intercept)| QuantileParams {
        quantile,
        alpha,
        fit_intercept,
    })
}

proptest! {
    /// A convex function is at its minimum when it falls in no direction. At a vertex it is enough
    /// to look along the edges, each of which lets go of one row the plane passes through; random
    /// directions and the axes stand for them here.
    #[test]
    fn no_direction_leads_down(
        (x, y) in awkward_data(),
        params in any_params(),
        directions in prop::collection::vec(prop::collection::vec(-1.0..1.0, 8), 20),
    ) {
        let model = model(&params, &x, &y);
        let reached = objective(&params, &model, &x, &y);
        let tolerance = 1e-11 * (1.0 + reached) + rounding(&model, &x);
        for direction in directions {
            for step in [1e-6, 1e-3, 1.0] {
                let moved = model.coef().iter().zip(&direction).map(|(c, d)| c + step * d);
                let constant = if params.fit_intercept { step * direction[7] } else { 0.0 };
                let other = LinearModel::new(moved.collect(), model.intercept() + constant);
                let value = objective(&params, &other, &x, &y);
                prop_assert!(value >= reached - tolerance, "{value} < {reached}");
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter((x, y) in awkward_data(), params in any_params()) {
        let reversed: Vec<usize> = (0..y.len()).rev().collect();
        let (x_reversed, y_reversed) = (x.select(Axis(0), &reversed), y.select(Axis(0), &reversed));
        let one = model(&params, &x, &y);
        let other = model(&params, &x_reversed, &y_reversed);
        let rounding = rounding(&one, &x).max(rounding(&other, &x));
        let (one, other) = (objective(&params, &one, &x, &y), objective(&params, &other, &x, &y));
        prop_assert!((one - other).abs() <= 1e-11 * (1.0 + one) + rounding, "{one} {other}");
    }

    #[test]
    fn any_finite_data_gives_finite_answers_or_an_error(
        (x, y) in extreme_data(),
        params in any_params(),
    ) {
        assert_finite_or_error(&MethodConfig::QuantileRegressor(params), &x, &y);
    }
}

/// Solves a small system by elimination with the largest pivot.
fn solved(mut matrix: Array2<f64>, mut right: Array1<f64>) -> Array1<f64> {
    let size = right.len();
    for k in 0..size {
        let pivot =
            (k..size).max_by(|&a, &b| matrix[(a, k)].abs().total_cmp(&matrix[(b, k)].abs()));
        let pivot = pivot.expect("a row");
        for column in 0..size {
            matrix.swap((k, column), (pivot, column));
        }
        right.swap(k, pivot);
        for row in (0..size).filter(|&row| row != k) {
            let factor = matrix[(row, k)] / matrix[(k, k)];
            let scaled = &matrix.row(k) * factor;
            matrix
                .row_mut(row)
                .zip_mut_with(&scaled, |entry, value| *entry -= value);
            right[row] -= factor * right[k];
        }
    }
    right / matrix.diag()
}

/// Asserts that the rows can be balanced at `model`: those off the plane by their full price, those
/// on it by no more, against the penalty. This is so at the minimum alone.
fn assert_balanced(params: &QuantileParams, model: &LinearModel, x: &Array2<f64>, y: &Array1<f64>) {
    let residuals = y - &model.predict(x.view());
    let on_plane: Vec<usize> = (0..y.len())
        .filter(|&row| residuals[row].abs() < 1e-9)
        .collect();
    let active: Vec<usize> = (0..x.ncols()).filter(|&j| model.coef()[j] != 0.0).collect();
    let columns = active.len() + usize::from(params.fit_intercept);
    assert_eq!(on_plane.len(), columns, "as many rows as coefficients");
    let entry =
        |row: usize, place: usize| active.get(place).map_or(1.0, |&column| x[(row, column)]);
    let penalty = params.alpha * y.len() as f64;
    let paid = residuals.mapv(|r| {
        if r > 0.0 {
            params.quantile
        } else {
            params.quantile - 1.0
        }
    });
    let off_plane = |row: &usize| !on_plane.contains(row);
    let missing = Array1::from_shape_fn(columns, |place| {
        let pull: f64 = (0..y.len())
            .filter(off_plane)
            .map(|row| paid[row] * entry(row, place))
            .sum();
        let against = active
            .get(place)
            .map_or(0.0, |&j| penalty * model.coef()[j].signum());
        against - pull
    });
    let matrix = Array2::from_shape_fn((columns, columns), |(place, k)| entry(on_plane[k], place));
    let weights = solved(matrix, missing);
    let prices = params.quantile - 1.0 - 1e-7..=params.quantile + 1e-7;
    assert!(
        weights.iter().all(|weight| prices.contains(weight)),
        "{weights}"
    );
    for column in (0..x.ncols()).filter(|column| !active.contains(column)) {
        let off: f64 = (0..y.len())
            .filter(off_plane)
            .map(|row| paid[row] * x[(row, column)])
            .sum();
        let on: f64 = on_plane
            .iter()
            .zip(&weights)
            .map(|(&row, w)| w * x[(row, column)])
            .sum();
        assert!((off + on).abs() <= penalty * (1.0 + 1e-9), "{column}");
    }
}

#[test]
fn many_rows_are_balanced_at_the_minimum() {
    let (x, y) = linear_data::many_rows(30_000, 5);
    for params in [
        params(0.1, 0.0, true),
        params(0.5, 0.0, false),
        params(0.9, 0.0, true),
        params(0.9, 0.005, true),
        params(0.5, 0.02, true),
    ] {
        assert_balanced(&params, &model(&params, &x, &y), &x, &y);
    }
}

#[test]
fn rare_categories_are_balanced_at_the_minimum() {
    let (x, y) = linear_data::many_rows(30_000, 2);
    // Five rows of each, apart from one another.
    let rare = Array2::from_shape_fn((30_000, 3), |(row, category)| {
        f64::from(u8::from(row % 6000 == 1000 + 1777 * category))
    });
    let x = ndarray::concatenate![Axis(1), x, rare];
    for params in [params(0.3, 0.0, true), params(0.9, 0.0, true)] {
        assert_balanced(&params, &model(&params, &x, &y), &x, &y);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (x, y) = linear_data::many_rows(20_000, 5);
    for params in [params(0.9, 0.0, true), params(0.5, 0.005, false)] {
        let config = MethodConfig::QuantileRegressor(params);
        linear_data::assert_same_on_threads(&config, &x, &y);
    }
}

#[test]
fn columns_that_follow_from_others_get_nothing_among_many_rows() {
    let (x, y) = linear_data::many_rows(6000, 3);
    let params = params(0.9, 0.0, true);
    let plain = model(&params, &x, &y);
    let sum = x.sum_axis(Axis(1)).insert_axis(Axis(1));
    let collinear = model(&params, &ndarray::concatenate![Axis(1), x, sum], &y);
    assert_close(&collinear.coef()[..3], plain.coef(), 1e-9);
    assert_close(&collinear.coef()[3..], &[0.0], 0.0);
}
