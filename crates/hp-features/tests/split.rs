//! Splits and folds against scikit-learn's.

use hp_core::config::Split;
use hp_features::{FeatureError, k_fold, train_test_split};
use hp_testkit::json_fixture;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    splits: Vec<Case>,
    k_folds: Vec<FoldCase>,
}

#[derive(Deserialize)]
struct Case {
    n_rows: usize,
    test_size: f64,
    random_state: u32,
    test: Vec<usize>,
    train: Option<Vec<usize>>,
    train_front: Option<Vec<usize>>,
}

#[derive(Deserialize)]
struct FoldCase {
    n_rows: usize,
    folds: usize,
    validation: Vec<Vec<usize>>,
}

fn fixture() -> Fixture {
    let json = json_fixture(env!("CARGO_MANIFEST_DIR"), "splits.json");
    serde_json::from_value(json).expect("the fixture's shape")
}

#[test]
fn splits_row_for_row_like_scikit_learn() {
    for case in fixture().splits {
        let split = Split {
            test_size: case.test_size,
            random_state: case.random_state,
        };
        let rows = train_test_split(case.n_rows, split).unwrap();
        assert_eq!(rows.test, case.test, "test rows of {} rows", case.n_rows);
        if let Some(train) = case.train {
            assert_eq!(rows.train, train, "training rows of {} rows", case.n_rows);
        }
        if let Some(front) = case.train_front {
            assert_eq!(rows.train[..front.len()], front);
        }
    }
}

#[test]
fn boston_is_split_404_to_102() {
    let split = Split {
        test_size: 0.2,
        random_state: 42,
    };
    let rows = train_test_split(506, split).unwrap();
    assert_eq!((rows.train.len(), rows.test.len()), (404, 102));
}

#[test]
fn an_empty_side_is_refused() {
    let split = Split {
        test_size: 0.2,
        random_state: 42,
    };
    for n_rows in [0, 1] {
        let error = train_test_split(n_rows, split).unwrap_err();
        assert!(matches!(error, FeatureError::EmptySplit { .. }), "{error}");
    }
}

#[test]
fn folds_are_those_of_k_fold() {
    for case in fixture().k_folds {
        let folds = k_fold(case.n_rows, case.folds).unwrap();
        let validation: Vec<_> = folds.iter().map(hp_features::Fold::validation).collect();
        assert_eq!(validation, case.validation);
        for fold in folds {
            let mut all = [fold.training(), fold.validation()].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..case.n_rows));
        }
    }
}

#[test]
fn more_folds_than_rows_are_refused() {
    assert_eq!(k_fold(4, 5), Err(FeatureError::Folds { rows: 4, folds: 5 }));
    assert!(k_fold(4, 1).is_err());
}
