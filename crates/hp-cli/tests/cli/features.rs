//! `hp features`: groups, split and scaler.

use crate::support::Project;
use hp_testkit::{assert_close, floats};
use insta::assert_snapshot;

#[test]
fn groups_split_and_scaler_are_shown() {
    assert_snapshot!(Project::fetched().hp("features"), @"
    exit code 0
    --- stdout
    Features
     group            columns
    ─────────────────────────────────────────────────────────────
     FLOAT_FEATURES   CRIM ZN INDUS NOX RM AGE DIS PTRATIO LSTAT
     INT_FEATURES     CHAS RAD TAX
     TARGET           MEDV

    Split (random_state 42)
     part    rows
    ──────────────
     train    404
     test     102

    Scaler, fitted on the training rows
     feature                 mean             deviation
    ────────────────────────────────────────────────────
     CRIM       3.609124628712873     8.864067436517159
     ZN        11.569306930693068    23.123809008984797
     INDUS     10.985049504950474     6.886079353226732
     NOX       0.5564841584158422   0.11755871040721981
     RM         6.315891089108914     0.708573177967144
     AGE        68.55643564356438    27.960253493381895
     DIS       3.8081950495049512    2.1285871372501006
     PTRATIO   18.318316831683124     2.225940926558603
     LSTAT     12.457351485148516     7.101575593215996
    ");
}

#[test]
fn split_and_scaler_are_those_of_scikit_learn() {
    let json = Project::fetched()
        .hp("features --format json")
        .expect(0)
        .json();
    assert_eq!(json["train_rows"], 404);
    assert_eq!(json["test_rows"], 102);
    assert_eq!(
        floats(&json["train_indices"])[..5],
        [477.0, 15.0, 332.0, 423.0, 19.0]
    );
    assert_eq!(
        floats(&json["test_indices"])[..5],
        [173.0, 274.0, 491.0, 72.0, 452.0]
    );
    let crim = &json["scaler"][0];
    assert_eq!(crim["feature"], "CRIM");
    assert_close(
        &floats(&serde_json::json!([crim["mean"], crim["scale"]])),
        &[3.609_124_628_712_871, 8.864_067_436_517_16],
        1e-12,
    );
}

#[test]
fn a_csv_has_one_table_after_the_other() {
    let csv = Project::fetched()
        .hp("features --format csv")
        .expect(0)
        .stdout;
    assert!(csv.contains("\nINT_FEATURES,CHAS RAD TAX\n"), "{csv}");
    assert!(csv.contains("\ntest,102\n"), "{csv}");
}

#[test]
fn without_data_the_cure_is_named() {
    let outcome = Project::new()
        .hp("features")
        .refused(1, &["hint: run `hp fetch`"]);
    assert_snapshot!(outcome, @"
    exit code 1
    --- stderr
    error: there is no data set in `data/boston.manifest.json`
    hint: run `hp fetch`
    ");
}
