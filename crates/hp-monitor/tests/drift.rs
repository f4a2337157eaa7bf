//! The verdict on windows: what alarms, what does not, and what there is too little of.

use hp_core::reference::Distribution;
use hp_monitor::statistics::{
    ColumnDrift, Drift, DriftSettings, DriftState, Effect, StatisticsError, Test, WindowColumn,
    anderson_darling, chi_square, drift, kolmogorov_smirnov, wasserstein_distance,
};
use hp_testkit::{assert_close, floats, json_fixture};
use proptest::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

const SEED: u64 = 7;

fn distribution(values: &[f64]) -> Distribution {
    Distribution::of("x", values).expect("finite values")
}

fn judge_with(settings: &DriftSettings, reference: &[f64], values: &[f64]) -> ColumnDrift {
    let reference = distribution(reference);
    let column = WindowColumn {
        reference: &reference,
        values,
    };
    drift(&[column], settings, SEED)
        .expect("sound settings")
        .remove(0)
}

fn judge(reference: &[f64], values: &[f64]) -> ColumnDrift {
    judge_with(&DriftSettings::default(), reference, values)
}

#[track_caller]
fn measured(column: &ColumnDrift) -> Drift {
    match column.state {
        DriftState::Measured(drift) => drift,
        DriftState::NeedsMore { rows } => panic!("{rows} rows are missing"),
    }
}

/// `rows` numbers of a distribution with mean `centre` and deviation `spread`, about normal.
fn numbers(rows: usize, centre: f64, spread: f64, rng: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let mut number = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    (0..rows).map(|_| centre + spread * number()).collect()
}

fn generator(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

#[test]
fn a_verdict_holds_the_statistics_of_its_column() {
    let mut rng = generator(1);
    let (reference, window) = (
        numbers(404, 20.0, 9.0, &mut rng),
        numbers(60, 25.0, 9.0, &mut rng),
    );
    let verdict = measured(&judge(&reference, &window));
    assert_eq!(verdict.test, Test::AndersonDarling);
    let statistic = anderson_darling(&reference, &window).unwrap();
    assert_close(&[verdict.statistic], &[statistic], 1e-12);
    let distance = wasserstein_distance(&reference, &window).unwrap();
    let size = distance / distribution(&reference).std();
    assert!(matches!(verdict.effect, Effect::Wasserstein(_)));
    assert_close(&[verdict.effect.size()], &[size], 1e-12);
    let ks = kolmogorov_smirnov(&reference, &window).unwrap();
    assert_close(&[verdict.kolmogorov_smirnov], &[ks.statistic], 1e-15);
    assert!(verdict.alarm && verdict.effect_by_chance < size);
    assert_close(&[verdict.p_value], &[1.0 / 1001.0], 1e-15);
}

#[test]
fn few_values_are_compared_by_their_shares() {
    let fixture = json_fixture(env!("CARGO_MANIFEST_DIR"), "statistics.json");
    let counts = |case: &serde_json::Value| -> Vec<u64> {
        case.as_array()
            .unwrap()
            .iter()
            .filter_map(serde_json::Value::as_u64)
            .collect()
    };
    let spread = |counts: &[u64]| -> Vec<f64> {
        let values = counts.iter().enumerate();
        let rows = values.flat_map(|(value, &rows)| (0..rows).map(move |_| value as f64));
        rows.collect()
    };
    // The tables in which every value is expected in both samples, so that none are merged.
    for case in &fixture["chi_squares"].as_array().unwrap()[..3] {
        let (reference, window) = (counts(&case["reference"]), counts(&case["window"]));
        let verdict = measured(&judge(&spread(&reference), &spread(&window)));
        let asymptotic = chi_square(&reference, &window).unwrap();
        assert_eq!(verdict.test, Test::ChiSquare);
        assert_close(&[verdict.statistic], &[asymptotic.statistic], 1e-12);
        assert!(
            (verdict.p_value - asymptotic.p_value).abs() < 0.06,
            "{case}"
        );
        assert!(matches!(verdict.effect, Effect::CramersV(_)));
        let expected = case["cramers_v"].as_f64().unwrap();
        assert_close(&[verdict.effect.size()], &[expected], 1e-12);
    }
}

#[test]
fn rare_values_are_merged_with_their_neighbours() {
    let mut reference = vec![1.0; 300];
    reference.extend([2.0; 100]);
    let mut window = vec![1.0; 15];
    window.extend([2.0; 4]);
    let plain = measured(&judge(&reference, &[window.clone(), vec![2.0]].concat()));
    window.push(3.0);
    let merged = measured(&judge(&reference, &window));
    assert_eq!(plain.statistic.to_bits(), merged.statistic.to_bits());
    assert_eq!(judge(&reference, &window).out_of_range, 1);
}

#[test]
fn too_few_rows_say_how_many_are_missing() {
    let reference: Vec<_> = (0..100).map(f64::from).collect();
    let short = judge(&reference, &[1.0, f64::NAN, f64::INFINITY, -3.0]);
    assert_eq!((short.rows, short.missing, short.out_of_range), (2, 2, 1));
    let rows = DriftSettings::default().min_rows - 2;
    assert_eq!(short.state, DriftState::NeedsMore { rows });
    assert!(!short.alarm());
    let rows = rows + 2;
    let empty = judge(&reference, &[]);
    assert_eq!(empty.state, DriftState::NeedsMore { rows });
    let enough = judge(&reference, &reference[..rows]);
    assert!(matches!(enough.state, DriftState::Measured(_)));
}

#[test]
fn constants_have_a_verdict() {
    let constant = measured(&judge(&[0.1; 300], &[0.1; 40]));
    assert_close(
        &[constant.p_value, constant.effect.size()],
        &[1.0, 0.0],
        0.0,
    );
    assert!(!constant.alarm);
    let moved = measured(&judge(&[0.1; 300], &[0.2; 40]));
    assert!(moved.alarm);
    assert_close(&[moved.effect.size()], &[1.0], 1e-12);
    let stuck: Vec<_> = (0..300).map(|row| f64::from(row) / 7.0).collect();
    assert!(measured(&judge(&stuck, &[20.0; 40])).alarm);
}

#[test]
fn a_small_difference_is_no_alarm_however_certain() {
    let mut rng = generator(2);
    let reference = numbers(1000, 0.0, 1.0, &mut rng);
    let window: Vec<_> = reference.iter().map(|value| value + 0.3).collect();
    let certain = measured(&judge(&reference, &window));
    assert!(certain.alarm && certain.q_value < 0.01);
    let settings = DriftSettings {
        min_effect: 0.5,
        ..DriftSettings::default()
    };
    let small = measured(&judge_with(&settings, &reference, &window));
    assert!(!small.alarm);
    assert_eq!(small.q_value.to_bits(), certain.q_value.to_bits());
}

#[test]
fn large_windows_are_represented_by_a_sample() {
    let mut rng = generator(3);
    let reference = numbers(300, 0.0, 1.0, &mut rng);
    let window = numbers(5000, 1.0, 1.0, &mut rng);
    let column = judge(&reference, &window);
    assert_eq!(column.rows, 5000);
    let drift = measured(&column);
    assert_eq!(drift.rows_compared, DriftSettings::default().max_rows);
    assert!(drift.alarm);
    assert_eq!(judge(&reference, &window), column);
}

#[test]
fn many_columns_leave_room_for_one_alarm() {
    let mut rng = generator(4);
    let references: Vec<_> = (0..120)
        .map(|_| distribution(&numbers(40, 0.0, 1.0, &mut rng)))
        .collect();
    let still = numbers(25, 0.0, 1.0, &mut rng);
    let moved = numbers(25, 9.0, 1.0, &mut rng);
    let columns: Vec<_> = references
        .iter()
        .enumerate()
        .map(|(place, reference)| WindowColumn {
            reference,
            values: if place == 60 { &moved } else { &still },
        })
        .collect();
    let verdicts = drift(&columns, &DriftSettings::default(), SEED).unwrap();
    assert!(verdicts[60].alarm());
}

/// 1,500 windows without drift, of numbers with and without ties and of few values: the p-values
/// are uniform. The limits are three deviations of the share of a binomial.
#[test]
fn p_values_are_uniform_without_drift() {
    let mut rng = generator(5);
    let settings = DriftSettings {
        permutations: 500,
        min_rows: 1,
        ..DriftSettings::default()
    };
    let kinds: [fn(f64) -> f64; 3] = [|x| x, |x| (x * 4.0).round() / 8.0, |x| x.abs().floor()];
    for kind in kinds {
        let trials = 500;
        let mut p_values = Vec::new();
        for trial in 0..trials {
            let mut sample = |rows| -> Vec<f64> {
                let numbers = numbers(rows, 0.0, 1.0, &mut rng).into_iter();
                numbers.map(kind).collect()
            };
            let (reference, window) = (distribution(&sample(50)), sample(20));
            let column = WindowColumn {
                reference: &reference,
                values: &window,
            };
            let verdict = drift(&[column], &settings, trial).unwrap();
            p_values.push(measured(&verdict[0]).p_value);
        }
        for level in [0.05, 0.2, 0.5] {
            let below = p_values.iter().filter(|p| **p <= level).count() as f64 / 500.0;
            let deviation = (level * (1.0 - level) / 500.0_f64).sqrt();
            assert!(below <= level + 3.0 * deviation, "{below} below {level}");
            // Few values have few different statistics, so that some p-values cannot occur.
            assert!(
                below >= level * 0.6 - 3.0 * deviation,
                "{below} below {level}"
            );
        }
    }
}

#[test]
fn settings_are_checked() {
    let usual = DriftSettings::default();
    let refused = [
        DriftSettings {
            alpha: 0.0,
            ..usual
        },
        DriftSettings {
            alpha: f64::NAN,
            ..usual
        },
        DriftSettings {
            min_effect: -0.1,
            ..usual
        },
        DriftSettings {
            min_rows: 0,
            ..usual
        },
        DriftSettings {
            min_rows: 3000,
            ..usual
        },
        DriftSettings {
            max_rows: 10_001,
            ..usual
        },
        DriftSettings {
            permutations: 0,
            ..usual
        },
        DriftSettings {
            permutations: 20_001,
            ..usual
        },
    ];
    for settings in refused {
        assert!(drift(&[], &settings, SEED).is_err(), "{settings:?}");
    }
    assert_eq!(drift(&[], &usual, SEED), Ok(vec![]));
    let error = StatisticsError::TooLarge {
        name: "max_rows",
        value: 10_001,
        most: 10_000,
    };
    assert_eq!(
        error.to_string(),
        "`max_rows` is `10001`, at most `10000` is allowed"
    );
}

#[test]
fn fixtures_alarm_as_their_names_say() {
    let fixture = json_fixture(env!("CARGO_MANIFEST_DIR"), "statistics.json");
    for case in fixture["two_samples"].as_array().unwrap() {
        let alarm = match case["name"].as_str().unwrap() {
            "shifted" | "scaled" | "ties" => true,
            "normal" | "the same" | "larger window" | "skewed" => false,
            _ => continue,
        };
        let column = judge(&floats(&case["reference"]), &floats(&case["window"]));
        assert_eq!(column.alarm(), alarm, "{}", case["name"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_numbers_have_a_finite_verdict(
        reference in prop::collection::vec(any::<f64>(), 1..30),
        values in prop::collection::vec(any::<f64>(), 0..30),
    ) {
        let settings = DriftSettings { permutations: 500, min_rows: 1, ..DriftSettings::default() };
        if let Ok(reference) = Distribution::of("x", &reference) {
            let column = WindowColumn { reference: &reference, values: &values };
            let verdict = drift(&[column], &settings, SEED).unwrap().remove(0);
            prop_assert_eq!(verdict.rows + verdict.missing, values.len());
            if let DriftState::Measured(drift) = verdict.state {
                let numbers = [drift.statistic, drift.effect.size(), drift.effect_by_chance,
                    drift.kolmogorov_smirnov, drift.population_stability_index];
                prop_assert!(numbers.iter().all(|number| number.is_finite()), "{:?}", drift);
                prop_assert!(drift.p_value > 0.0 && drift.p_value <= 1.0);
            }
        }
    }
}
