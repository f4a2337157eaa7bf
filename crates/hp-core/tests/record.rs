//! Rows of a request against the schema.

use hp_core::prediction::{Answer, Prediction};
use hp_core::record::{RawRow, RawRows};
use hp_core::schema::{Column, DType, Schema};
use insta::assert_snapshot;

fn schema() -> Schema {
    let column = |name: &str, dtype, min, max| Column {
        name: name.to_owned(),
        dtype,
        min,
        max,
        allowed: None,
        description: String::new(),
        unit: String::new(),
    };
    Schema {
        features: vec![
            column("RM", DType::Float, Some(1.0), Some(12.0)),
            column("RAD", DType::Integer, Some(1.0), Some(24.0)),
            column("CRIM", DType::Float, None, None),
        ],
        target: column("MEDV", DType::Float, None, None),
    }
}

fn problems(json: &str) -> String {
    let row: RawRow = serde_json::from_str(json).expect("a JSON object");
    let checked = row.check(&schema(), 0);
    let lines: Vec<_> = checked.problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn a_good_row_gives_its_values_in_order() {
    let row: RawRow = serde_json::from_str(r#"{"RAD": 18.0, "CRIM": 1e-3, "RM": 6}"#).unwrap();
    let checked = row.check(&schema(), 0);
    assert_eq!(checked.values, [6.0, 18.0, 0.001]);
    assert_eq!(checked.problems, []);
}

#[test]
fn every_problem_is_named() {
    assert_snapshot!(problems(r#"{"RM": 13.5, "RAD": 1.5, "XYZ": [1]}"#), @"
    row 1: `RM` = 13.5 is above the maximum 12
    row 1: `RAD` = 1.5 is not an integer
    row 1: `CRIM` is missing
    row 1: `XYZ` = [1] is not a feature of the model
    ");
    assert_snapshot!(problems(r#"{"RM": null, "RAD": "4", "CRIM": true}"#), @r#"
    row 1: `RM` = null is missing
    row 1: `RAD` = "4" is not a number
    row 1: `CRIM` = true is not a number
    "#);
    assert_snapshot!(problems(r#"{"RM": 1e400, "RAD": -1e999, "CRIM": {"a": [1]}}"#), @r#"
    row 1: `RM` = 1e400 is not finite
    row 1: `RAD` = -1e999 is not finite
    row 1: `CRIM` = {"a": [1]} is not a number
    "#);
    assert_snapshot!(problems(r#"{"RM": 6, "RM": 7, "RAD": 0, "CRIM": 1}"#), @"
    row 1: `RM` = 7 is given more than once
    row 1: `RAD` = 0 is below the minimum 1
    ");
}

#[test]
fn values_out_of_range_are_still_given() {
    let row: RawRow = serde_json::from_str(r#"{"RM": 99, "RAD": 4, "CRIM": 1}"#).unwrap();
    let checked = row.check(&schema(), 0);
    assert_eq!(checked.values, [99.0, 4.0, 1.0]);
    assert!(
        checked
            .problems
            .iter()
            .all(|problem| problem.rule.is_range())
    );
}

#[test]
fn a_row_or_a_list_of_rows_is_taken() {
    assert!(matches!(
        serde_json::from_str(r#"{"RM": 1}"#),
        Ok(RawRows::One(_))
    ));
    assert!(
        matches!(serde_json::from_str(r#"[{"RM": 1}]"#), Ok(RawRows::Many(rows)) if rows.len() == 1)
    );
    for bad in ["3", "[3]", "[[{}]]", "null", r#"{"RM": NaN}"#, ""] {
        assert!(serde_json::from_str::<RawRows>(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_answer_has_the_published_shape() {
    let prediction = Prediction {
        lower: 24.0,
        prediction: 25.4,
        upper: 30.25,
    };
    let answer = Answer::new(
        &schema(),
        &[6.575, 1.0, 18.0],
        prediction,
        "v1.0.0".parse().unwrap(),
    );
    assert_snapshot!(serde_json::to_string(&answer).unwrap(), @r#"{"input_data":{"RM":6.575,"RAD":1,"CRIM":18},"prediction":{"Lower_Interval":24.0,"Prediction":25.4,"Upper_Interval":30.25},"interval_width":6.25,"is_uncertain":false,"model_version":"v1.0.0"}"#);
}

#[test]
fn uncertain_is_outside_the_limits() {
    let uncertain = |lower, prediction, upper| {
        Prediction {
            lower,
            prediction,
            upper,
        }
        .is_uncertain()
    };
    assert!(!uncertain(1.0, 1.0, 2.0));
    assert!(!uncertain(1.0, 2.0, 2.0));
    assert!(uncertain(1.0, 0.9, 2.0));
    assert!(uncertain(1.0, 2.1, 2.0));
    assert!(uncertain(2.0, 1.5, 1.0), "crossed limits");
    assert!(uncertain(1.0, f64::NAN, 2.0));
}
