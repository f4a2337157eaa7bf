//! Rows that are drawn, shifted and spoiled.

#![expect(clippy::unwrap_used, reason = "a failure fails the test")]

use hp_core::record::RawRow;
use hp_core::schema::Schema;
use hp_simulate::{Plan, SampleError, Sampler};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

const ROWS: usize = 2000;

fn schema() -> Schema {
    schema_of(json!([
        { "name": "RM", "dtype": "float", "min": 3, "max": 9 },
        { "name": "RAD", "dtype": "integer", "min": 0.5, "max": 4.5 },
        { "name": "CHAS", "dtype": "integer", "allowed": [0, 1] },
    ]))
}

fn schema_of(features: Value) -> Schema {
    let target = json!({ "name": "MEDV", "dtype": "float" });
    serde_json::from_value(json!({ "features": features, "target": target })).unwrap()
}

fn plan(drift: &str, bad: f64) -> Plan {
    let drift = drift.split_whitespace().map(|text| text.parse().unwrap());
    Plan {
        drift: drift.collect(),
        bad,
    }
}

/// The values of one column in many rows.
fn column(sampler: &Sampler, name: &str) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(7);
    let rows = sampler.rows(&mut rng).take(ROWS);
    rows.map(|row| row.fields[name].as_f64().unwrap()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Whether the API would take the row.
fn is_valid(schema: &Schema, row: &serde_json::Map<String, Value>) -> bool {
    let row: RawRow = serde_json::from_str(&Value::Object(row.clone()).to_string()).unwrap();
    row.check(schema, 0).problems.is_empty()
}

#[test]
fn uniform_rows_fill_their_ranges() {
    let sampler = Sampler::uniform(&schema(), Plan::default()).unwrap();
    let rm = column(&sampler, "RM");
    assert!((mean(&rm) - 6.0).abs() < 0.2, "{}", mean(&rm));
    assert!(rm.iter().any(|rm| *rm < 3.1) && rm.iter().any(|rm| *rm > 8.9));
    for (name, values) in [("RAD", vec![1.0, 2.0, 3.0, 4.0]), ("CHAS", vec![0.0, 1.0])] {
        let drawn = column(&sampler, name);
        let expected = ROWS / values.len();
        for value in values {
            let found = drawn.iter().filter(|drawn| [value].contains(drawn)).count();
            assert!(
                found.abs_diff(expected) < expected / 4,
                "{name} {value}: {found}"
            );
        }
    }
}

#[test]
fn resampled_rows_are_the_given_ones() {
    let rows = vec![vec![4.0, 1.0, 0.0], vec![8.0, 4.0, 1.0]];
    let sampler = Sampler::resample(&schema(), rows, Plan::default()).unwrap();
    let mut rng = StdRng::seed_from_u64(7);
    let mut counts = [0, 0];
    for row in sampler.rows(&mut rng).take(ROWS) {
        let first = row.fields["RM"] == json!(4);
        let expected = if first {
            json!({ "RM": 4, "RAD": 1, "CHAS": 0 })
        } else {
            json!({ "RM": 8, "RAD": 4, "CHAS": 1 })
        };
        assert_eq!(Value::Object(row.fields), expected);
        counts[usize::from(first)] += 1;
    }
    assert!(counts[0] > ROWS / 3 && counts[1] > ROWS / 3, "{counts:?}");
}

#[test]
fn drift_shifts_by_units_or_deviations_and_stops_at_the_limit() {
    let drifted = |drift: &str| {
        let sampler = Sampler::uniform(&schema(), plan(drift, 0.0)).unwrap();
        column(&sampler, "RM")
    };
    let plain = drifted("");
    let shift = |values: &[f64], by: f64| {
        let moved = plain.iter().map(|value| (value + by).clamp(3.0, 9.0));
        let worst = moved.zip(values).map(|(a, b)| (a - b).abs());
        worst.fold(0.0, f64::max)
    };
    let sd = 6.0 / 12_f64.sqrt();
    assert!(shift(&drifted("RM=+2"), 2.0) < 1e-9);
    assert!(shift(&drifted("RM=-1.5sd"), -1.5 * sd) < 1e-9);
    // Several add up.
    assert!(shift(&drifted("RM=+1 RM=+1sd"), 1.0 + sd) < 1e-9);

    let rows = vec![vec![4.0, 1.0, 0.0], vec![6.0, 2.0, 0.0]];
    let sampler = Sampler::resample(&schema(), rows, plan("RM=+2sd CHAS=+0.6", 0.0)).unwrap();
    let rm = column(&sampler, "RM");
    assert!(rm.iter().all(|rm| [6.0, 8.0].contains(rm)));
    assert!(
        column(&sampler, "CHAS")
            .iter()
            .all(|chas| [1.0].contains(chas))
    );
}

#[test]
fn bad_rows_are_refused_and_no_others() {
    let schema = schema();
    let sampler = Sampler::uniform(&schema, plan("", 0.25)).unwrap();
    let mut rng = StdRng::seed_from_u64(7);
    let mut defects = std::collections::BTreeSet::new();
    let mut bad = 0;
    for row in sampler.rows(&mut rng).take(ROWS) {
        assert_eq!(
            is_valid(&schema, &row.fields),
            row.defect.is_none(),
            "{row:?}"
        );
        bad += usize::from(row.defect.is_some());
        defects.extend(row.defect.map(|defect| defect.to_string()));
    }
    assert!(bad.abs_diff(ROWS / 4) < ROWS / 20, "{bad}");
    // Three columns, each without a value, null, text and out of range; two are integers.
    assert_eq!(defects.len(), 3 * 4 + 2 + 1, "{defects:#?}");
}

#[test]
fn the_same_seed_draws_the_same_rows() {
    let sampler = Sampler::uniform(&schema(), plan("RM=+1", 0.1)).unwrap();
    let draw = |seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        sampler.rows(&mut rng).take(50).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let open = schema_of(json!([{ "name": "RM", "dtype": "float", "min": 3 }]));
    let message = |result: Result<Sampler, SampleError>| result.unwrap_err().to_string();
    assert_eq!(
        message(Sampler::uniform(&open, Plan::default())),
        "the column `RM` has no `min` and `max` to draw values from"
    );
    assert!(Sampler::resample(&open, vec![vec![4.0]], Plan::default()).is_ok());
    let hollow = schema_of(json!([{ "name": "N", "dtype": "integer", "min": 0.2, "max": 0.8 }]));
    assert_eq!(
        message(Sampler::uniform(&hollow, Plan::default())),
        "the range of the column `N` holds no value"
    );
    assert_eq!(
        message(Sampler::uniform(&schema(), plan("AGE=+1", 0.0))),
        "there is no feature `AGE` that could drift"
    );
    assert_eq!(
        message(Sampler::uniform(&schema(), plan("", 1.5))),
        "the share of bad rows is 1.5, which is not between 0 and 1"
    );
    assert_eq!(
        message(Sampler::resample(
            &schema(),
            vec![vec![4.0]],
            Plan::default()
        )),
        "row 0 has 1 values instead of 3"
    );
    assert_eq!(
        message(Sampler::resample(&schema(), Vec::new(), Plan::default())),
        "there are no rows to draw from"
    );
    assert_eq!(
        message(Sampler::uniform(&schema_of(json!([])), Plan::default())),
        "the schema has no features"
    );
}

proptest! {
    /// Whatever the range, the type and the drift, rows are valid.
    #[test]
    fn drawn_rows_are_valid(
        limits in [proptest::num::f64::NORMAL, proptest::num::f64::NORMAL],
        integer in any::<bool>(),
        drift in proptest::num::f64::NORMAL,
        seed in any::<u64>(),
    ) {
        let dtype = if integer { "integer" } else { "float" };
        let (min, max) = (limits[0].min(limits[1]), limits[0].max(limits[1]));
        let schema = schema_of(json!([{ "name": "x", "dtype": dtype, "min": min, "max": max }]));
        let sampler = Sampler::uniform(&schema, plan(&format!("x={drift:e}"), 0.0));
        if let Ok(sampler) = sampler {
            let mut rng = StdRng::seed_from_u64(seed);
            for row in sampler.rows(&mut rng).take(5) {
                prop_assert!(is_valid(&schema, &row.fields), "{:?} {min} {max}", row.fields);
            }
        } else {
            prop_assert!(integer && min.ceil() > max.floor());
        }
    }
}
