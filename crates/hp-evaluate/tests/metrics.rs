//! Metrics against scikit-learn's and statsmodels' values, and by their properties.

use hp_evaluate::metrics::{
    MetricError, coverage, crossings, mean_absolute_error, mean_interval_width, mean_squared_error,
    pinball_loss, proportion_interval, r2_score, root_mean_squared_error,
};
use hp_testkit::{floats, json_fixture};
use proptest::prelude::*;

type Metric = fn(&[f64], &[f64]) -> Result<f64, MetricError>;

const METRICS: [(&str, Metric); 4] = [
    ("mean_squared_error", mean_squared_error),
    ("root_mean_squared_error", root_mean_squared_error),
    ("mean_absolute_error", mean_absolute_error),
    ("r2_score", r2_score),
];

/// Asserts equality but for the order of a sum.
#[track_caller]
fn assert_same(actual: f64, expected: f64, what: &str) {
    let tolerance = 1e-12 * expected.abs();
    assert!(
        (actual - expected).abs() <= tolerance,
        "{what}: {actual} is not {expected}"
    );
}

#[test]
fn agree_with_scikit_learn() {
    let fixture = json_fixture(env!("CARGO_MANIFEST_DIR"), "metrics.json");
    let cases = fixture["points"].as_array().unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let (y_true, y_pred) = (floats(&case["y_true"]), floats(&case["y_pred"]));
        for (name, metric) in METRICS {
            let what = format!("{name} of {}", case["name"]);
            let expected = case[name].as_f64().unwrap();
            assert_same(metric(&y_true, &y_pred).unwrap(), expected, &what);
        }
        for pinball in case["pinball_loss"].as_array().unwrap() {
            let alpha = pinball["alpha"].as_f64().unwrap();
            let what = format!("pinball loss at {alpha} of {}", case["name"]);
            let actual = pinball_loss(&y_true, &y_pred, alpha).unwrap();
            assert_same(actual, pinball["value"].as_f64().unwrap(), &what);
        }
    }
}

#[test]
fn proportion_interval_agrees_with_statsmodels() {
    let fixture = json_fixture(env!("CARGO_MANIFEST_DIR"), "metrics.json");
    for case in fixture["proportions"].as_array().unwrap() {
        let rows = usize::try_from(case["rows"].as_u64().unwrap()).unwrap();
        let (low, high) = proportion_interval(case["share"].as_f64().unwrap(), rows).unwrap();
        let expected = floats(&case["interval"]);
        assert!((low - expected[0]).abs() < 1e-12, "{case}");
        assert!((high - expected[1]).abs() < 1e-12, "{case}");
    }
}

#[test]
fn a_constant_series_has_no_variance_however_its_mean_is_rounded() {
    let constant = [0.1; 3];
    assert_eq!(r2_score(&constant, &[0.1, 0.1, 0.2]), Ok(0.0));
    assert_eq!(r2_score(&constant, &constant), Ok(1.0));
}

#[test]
fn coverage_counts_values_on_the_limits() {
    let (lower, upper) = ([1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]);
    assert_eq!(coverage(&[1.0, 2.0, 0.9, 2.1], &lower, &upper), Ok(0.5));
}

#[test]
fn crossed_limits_cover_nothing() {
    let (lower, upper) = ([3.0, 1.0, 2.0], [1.0, 3.0, 2.0]);
    assert_eq!(crossings(&lower, &upper), Ok(1));
    assert_eq!(mean_interval_width(&lower, &upper), Ok(0.0));
    assert_eq!(coverage(&[2.0, 2.0, 2.0], &lower, &upper), Ok(2.0 / 3.0));
}

#[test]
fn refuse_what_has_no_value() {
    for (name, metric) in METRICS {
        assert_eq!(metric(&[], &[]), Err(MetricError::Empty), "{name}");
        let different = MetricError::LengthMismatch { left: 2, right: 1 };
        assert_eq!(metric(&[1.0, 2.0], &[1.0]), Err(different), "{name}");
        let infinite = metric(&[1.0, 2.0], &[1.0, f64::INFINITY]);
        let expected = MetricError::NotFinite {
            index: 1,
            value: f64::INFINITY,
        };
        assert_eq!(infinite, Err(expected), "{name}");
        assert!(metric(&[f64::NAN, 2.0], &[1.0, 2.0]).is_err(), "{name}");
    }
    let few = MetricError::TooFew {
        found: 1,
        needed: 2,
    };
    assert_eq!(r2_score(&[1.0], &[1.0]), Err(few));
    for metric in [mean_squared_error, root_mean_squared_error, r2_score] {
        let overflow = metric(&[1e300, -1e300], &[-1e300, 1e300]);
        assert_eq!(overflow, Err(MetricError::Overflow));
    }
    for alpha in [-0.1, 1.1, f64::NAN] {
        let refused = pinball_loss(&[1.0], &[1.0], alpha);
        assert!(
            matches!(refused, Err(MetricError::OutsideUnitInterval(_))),
            "{alpha}"
        );
    }
    assert_eq!(coverage(&[], &[], &[]), Err(MetricError::Empty));
    assert!(coverage(&[1.0], &[1.0], &[]).is_err());
    assert!(mean_interval_width(&[1.0], &[f64::NAN]).is_err());
    assert_eq!(
        mean_interval_width(&[-1e308], &[1e308]),
        Err(MetricError::Overflow)
    );
    assert!(crossings(&[], &[1.0]).is_err());
    assert_eq!(proportion_interval(0.5, 0), Err(MetricError::Empty));
    assert!(proportion_interval(1.5, 9).is_err());
}

/// Two series of equal length.
fn pairs() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((-1e6..1e6, -1e6..1e6), 1..50).prop_map(|rows| rows.into_iter().unzip())
}

proptest! {
    #[test]
    fn pinball_loss_at_one_half_is_half_the_absolute_error((y, p) in pairs()) {
        let pinball = pinball_loss(&y, &p, 0.5).unwrap();
        let mae = mean_absolute_error(&y, &p).unwrap();
        prop_assert!((pinball - mae / 2.0).abs() <= 1e-12 * mae);
    }

    #[test]
    fn pinball_losses_of_opposite_quantiles_add_up((y, p) in pairs(), alpha in 0.0..=1.0) {
        let both = pinball_loss(&y, &p, alpha).unwrap() + pinball_loss(&y, &p, 1.0 - alpha).unwrap();
        let mae = mean_absolute_error(&y, &p).unwrap();
        prop_assert!((both - mae).abs() <= 1e-9 * mae);
    }

    #[test]
    fn rmse_lies_between_mae_and_the_largest_error((y, p) in pairs()) {
        let rmse = root_mean_squared_error(&y, &p).unwrap();
        let mae = mean_absolute_error(&y, &p).unwrap();
        let largest = y.iter().zip(&p).map(|(y, p)| (y - p).abs()).fold(0.0, f64::max);
        prop_assert!(mae <= rmse * (1.0 + 1e-12) && rmse <= largest * (1.0 + 1e-12));
    }

    #[test]
    fn errors_do_not_depend_on_the_order_of_arguments((y, p) in pairs()) {
        prop_assert_eq!(mean_squared_error(&y, &p), mean_squared_error(&p, &y));
        prop_assert_eq!(mean_absolute_error(&y, &p), mean_absolute_error(&p, &y));
    }

    #[test]
    fn r2_is_one_exactly_for_perfect_predictions((y, p) in pairs()) {
        prop_assume!(y.len() > 1);
        prop_assert_eq!(r2_score(&y, &y), Ok(1.0));
        prop_assert!(r2_score(&y, &p).unwrap() <= 1.0);
    }

    #[test]
    fn wider_limits_cover_at_least_as_much((y, p) in pairs(), width in 0.0..1e6, more in 0.0..1e6) {
        let limits = |width: f64| -> (Vec<f64>, Vec<f64>) {
            p.iter().map(|p| (p - width, p + width)).unzip()
        };
        let (low, high) = limits(width);
        let (lower, higher) = limits(width + more);
        prop_assert!(coverage(&y, &low, &high).unwrap() <= coverage(&y, &lower, &higher).unwrap());
        prop_assert_eq!(crossings(&low, &high), Ok(0));
    }

    #[test]
    fn any_values_give_a_finite_result_or_an_error(
        y in prop::collection::vec(any::<f64>(), 0..6),
        p in prop::collection::vec(any::<f64>(), 0..6),
        alpha in any::<f64>(),
    ) {
        for (_, metric) in METRICS {
            prop_assert!(metric(&y, &p).is_ok_and(f64::is_finite) || metric(&y, &p).is_err());
        }
        let pinball = pinball_loss(&y, &p, alpha);
        prop_assert!(pinball.clone().is_ok_and(f64::is_finite) || pinball.is_err());
    }
}
