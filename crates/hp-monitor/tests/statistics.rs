//! The statistics against SciPy's values, and by their properties.

use hp_core::reference::Distribution;
use hp_monitor::statistics::{
    Change, Outcome, Performance, StatisticsError, anderson_darling, chi_square, clopper_pearson,
    kolmogorov_smirnov, population_stability_index, q_values, rolling, uncertain_by_bin,
    wasserstein_distance,
};
use hp_testkit::{assert_close, floats, json_fixture};
use proptest::prelude::*;
use serde_json::Value;

fn fixture(part: &str) -> Vec<Value> {
    let mut fixture = json_fixture(env!("CARGO_MANIFEST_DIR"), "statistics.json");
    match fixture[part].take() {
        Value::Array(cases) if !cases.is_empty() => cases,
        other => panic!("no cases but {other}"),
    }
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a count")).expect("a count")
}

fn counts(value: &Value) -> Vec<u64> {
    let counts = value.as_array().expect("counts").iter();
    counts
        .map(|count| count.as_u64().expect("a count"))
        .collect()
}

/// Asserts equality within `relative` of the expected value, however small that is.
#[track_caller]
fn assert_within(actual: f64, expected: &Value, relative: f64, what: &str) {
    let expected = expected.as_f64().expect("a number");
    assert!(
        (actual - expected).abs() <= relative * expected.abs(),
        "{what}: {actual} is not {expected}"
    );
}

fn distribution(values: &[f64]) -> Distribution {
    Distribution::of("x", values).expect("finite values")
}

#[test]
fn two_samples_differ_by_as_much_as_scipy_says() {
    for case in fixture("two_samples") {
        let name = case["name"].as_str().unwrap();
        let (reference, window) = (floats(&case["reference"]), floats(&case["window"]));
        let ks = kolmogorov_smirnov(&reference, &window).unwrap();
        assert_within(ks.statistic, &case["ks"], 1e-12, name);
        assert_within(ks.p_value, &case["ks_p_value"], 1e-10, name);
        let distance = wasserstein_distance(&reference, &window).unwrap();
        assert_within(distance, &case["wasserstein"], 1e-10, name);
        let statistic = anderson_darling(&reference, &window).unwrap();
        assert_within(statistic, &case["anderson_darling"], 1e-10, name);
        let reference = distribution(&reference);
        assert_within(reference.mean(), &case["mean"], 1e-10, name);
        assert_within(reference.std(), &case["std"], 1e-10, name);
        if !case["psi"].is_null() {
            let psi = population_stability_index(&reference, &window).unwrap();
            assert_within(psi, &case["psi"], 1e-10, name);
        }
    }
}

#[test]
fn chi_square_agrees_with_scipy() {
    for case in fixture("chi_squares") {
        let test = chi_square(&counts(&case["reference"]), &counts(&case["window"])).unwrap();
        let what = case.to_string();
        assert_within(test.statistic, &case["statistic"], 1e-12, &what);
        assert_within(test.p_value, &case["p_value"], 1e-10, &what);
        assert_eq!(
            test.degrees_of_freedom,
            count(&case["degrees_of_freedom"]),
            "{what}"
        );
    }
}

#[test]
fn proportions_have_the_limits_of_scipy() {
    for case in fixture("proportions") {
        let (successes, trials) = (count(&case["successes"]), count(&case["trials"]));
        let confidence = case["confidence"].as_f64().unwrap();
        let proportion = clopper_pearson(successes, trials, confidence).unwrap();
        // Of a million rows, logarithms near 10⁷ are subtracted from each other.
        let relative = if trials > 10_000 { 1e-8 } else { 1e-11 };
        assert_within(proportion.low, &case["low"], relative, &case.to_string());
        assert_within(proportion.high, &case["high"], relative, &case.to_string());
    }
}

#[test]
fn q_values_agree_with_scipy() {
    for case in fixture("false_discoveries") {
        let actual = q_values(&floats(&case["p_values"])).unwrap();
        assert_close(&actual, &floats(&case["q_values"]), 1e-12);
    }
    assert_eq!(q_values(&[]), Ok(vec![]));
}

#[test]
fn an_empty_bin_counts_as_a_small_share() {
    let reference = distribution(&[0.0, 1.0, 1.0, 0.0]);
    let psi = population_stability_index(&reference, &[1.0, 1.0, f64::NAN]).unwrap();
    let expected = (1.0 - 0.5) * 2_f64.ln() + (0.0001 - 0.5) * 0.0002_f64.ln();
    assert_close(&[psi], &[expected], 1e-12);
    let empty = population_stability_index(&reference, &[f64::NAN]);
    assert_eq!(empty, Err(StatisticsError::Empty));
}

#[test]
fn uncertainty_is_told_by_values() {
    let reference = distribution(&[1.0, 2.0, 2.0, 3.0]);
    let values = [1.0, 1.0, 2.0, 9.0, f64::NAN];
    let uncertain = [true, false, false, true, true];
    let bins = uncertain_by_bin(&reference, &values, &uncertain, 10, 0.95).unwrap();
    let limits: Vec<_> = bins.iter().map(|bin| (bin.above, bin.up_to)).collect();
    assert_eq!(
        limits,
        [(None, Some(1.0)), (Some(1.0), Some(2.0)), (Some(2.0), None)]
    );
    let shares = bins.iter().map(|bin| bin.uncertain.unwrap());
    let shares: Vec<_> = shares
        .map(|share| (share.successes, share.trials))
        .collect();
    assert_eq!(shares, [(1, 2), (0, 1), (1, 1)]);
    let none = uncertain_by_bin(&reference, &[], &[], 10, 0.95).unwrap();
    assert!(none.iter().all(|bin| bin.uncertain.is_none()));
    assert!(uncertain_by_bin(&reference, &values, &[], 10, 0.95).is_err());
    assert!(uncertain_by_bin(&reference, &[], &[], 0, 0.95).is_err());
    assert!(uncertain_by_bin(&reference, &[], &[], 10, 1.0).is_err());
}

fn outcome(y_true: f64, prediction: f64) -> Outcome {
    Outcome {
        y_true,
        prediction,
        lower: prediction - 1.0,
        upper: prediction + 1.0,
    }
}

#[test]
fn outcomes_are_measured_in_windows() {
    let outcomes = [
        outcome(1.0, 1.0),
        outcome(2.0, 4.0),
        outcome(f64::NAN, 4.0),
        outcome(5.0, 6.0),
    ];
    let all = Performance::of(&outcomes, 0.95).unwrap();
    assert_eq!((all.coverage.successes, all.coverage.trials), (2, 3));
    assert_close(&[all.mean_absolute_error], &[1.0], 1e-15);
    let expected = (5.0_f64 / 3.0).sqrt();
    assert_close(&[all.root_mean_squared_error], &[expected], 1e-15);
    let pairs = rolling(&outcomes, 2, 1, 0.95).unwrap();
    let errors: Vec<_> = pairs.iter().map(|pair| pair.mean_absolute_error).collect();
    assert_eq!(errors, [1.0, 2.0, 1.0]);
    assert_eq!(rolling(&outcomes, 2, 2, 0.95).unwrap().len(), 2);
    assert_eq!(rolling(&outcomes, 5, 1, 0.95), Ok(vec![]));
    assert!(rolling(&outcomes, 0, 1, 0.95).is_err());
    assert_eq!(Performance::of(&[], 0.95), Err(StatisticsError::Empty));
    let far = Performance::of(&[outcome(1e300, -1e300)], 0.95);
    assert_eq!(far, Err(StatisticsError::Overflow));
}

#[test]
fn a_change_has_a_direction() {
    let change = Change::new(3.0, -2.0).unwrap();
    assert_eq!((change.difference, change.relative), (5.0, Some(2.5)));
    assert_eq!(Change::new(3.0, 0.0).unwrap().relative, None);
    assert_eq!(Change::new(f64::NAN, 1.0), None);
}

#[test]
fn what_has_no_value_is_refused() {
    let some = [1.0];
    for (a, b) in [(&[][..], &some), (&some[..], &[f64::NAN])] {
        assert_eq!(kolmogorov_smirnov(a, b), Err(StatisticsError::Empty));
        assert_eq!(wasserstein_distance(a, b), Err(StatisticsError::Empty));
        assert_eq!(anderson_darling(a, b), Err(StatisticsError::Empty));
    }
    assert!(chi_square(&[1, 2], &[1]).is_err());
    assert!(chi_square(&[1, 2], &[0, 0]).is_err());
    assert_eq!(chi_square(&[3], &[2]).unwrap().degrees_of_freedom, 0);
    assert_eq!(clopper_pearson(0, 0, 0.9), Err(StatisticsError::Empty));
    assert!(clopper_pearson(2, 1, 0.9).is_err());
    assert!(clopper_pearson(1, 1, f64::NAN).is_err());
    assert!(q_values(&[0.1, f64::NAN]).is_err());
}

/// Numbers with ties.
fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-20..20).prop_map(|half| f64::from(half) / 2.0), 1..40)
}

proptest! {
    #[test]
    fn distances_are_symmetric(a in sample(), b in sample()) {
        prop_assert_eq!(kolmogorov_smirnov(&a, &b), kolmogorov_smirnov(&b, &a));
        let (there, back) = (wasserstein_distance(&a, &b).unwrap(), wasserstein_distance(&b, &a).unwrap());
        prop_assert!((there - back).abs() <= 1e-12 * there);
        let (there, back) = (anderson_darling(&a, &b).unwrap(), anderson_darling(&b, &a).unwrap());
        prop_assert!((there - back).abs() <= 1e-12 * there);
    }

    #[test]
    fn a_shift_moves_every_row_by_as_much(a in sample(), shift in -5.0..5.0_f64) {
        let shifted: Vec<_> = a.iter().map(|value| value + shift).collect();
        let distance = wasserstein_distance(&a, &shifted).unwrap();
        prop_assert!((distance - shift.abs()).abs() < 1e-12);
    }

    #[test]
    fn q_values_keep_the_order_and_are_no_smaller(p in prop::collection::vec(0.0..=1.0, 1..30)) {
        let q = q_values(&p).unwrap();
        for (i, j) in (0..p.len()).flat_map(|i| (0..p.len()).map(move |j| (i, j))) {
            prop_assert!(p[i] > p[j] || q[i] <= q[j]);
            prop_assert!(q[i] >= p[i] && q[i] <= 1.0);
        }
    }

    #[test]
    fn limits_of_a_proportion_hold_it(trials in 1..5000_usize, part in 0.0..=1.0, confidence in 0.01..0.999) {
        let successes = (0..trials).filter(|row| (*row as f64) < part * trials as f64).count();
        let proportion = clopper_pearson(successes, trials, confidence).unwrap();
        prop_assert!(0.0 <= proportion.low && proportion.low <= proportion.share);
        prop_assert!(proportion.share <= proportion.high && proportion.high <= 1.0);
    }

    #[test]
    fn any_numbers_give_a_finite_result_or_an_error(
        a in prop::collection::vec(any::<f64>(), 0..8),
        b in prop::collection::vec(any::<f64>(), 0..8),
    ) {
        let results = [
            kolmogorov_smirnov(&a, &b).map(|ks| ks.statistic + ks.p_value),
            wasserstein_distance(&a, &b),
            anderson_darling(&a, &b),
        ];
        for result in results {
            prop_assert!(result.clone().is_ok_and(f64::is_finite) || result.is_err());
        }
        if let Ok(reference) = Distribution::of("x", &a) {
            let psi = population_stability_index(&reference, &b);
            prop_assert!(psi.clone().is_ok_and(f64::is_finite) || psi.is_err());
        }
    }
}
