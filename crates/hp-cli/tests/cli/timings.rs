//! `hp train --timings`: what each part took, and trials that write nothing.

use crate::support::Project;
use serde_json::Value;
use std::time::Instant;

const FOREST: &str = "Random Forest Regressor";

/// A project whose forest is small.
fn project() -> Project {
    let project = Project::fetched();
    project.replace(
        "configs/model_config.yaml",
        "n_estimators: 100, criterion",
        "n_estimators: 5, criterion",
    );
    project
}

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

fn seconds(value: &Value) -> f64 {
    let seconds = value.as_f64().expect("seconds");
    assert!(seconds > 0.0, "{value}");
    seconds
}

#[test]
fn a_training_says_what_each_phase_and_each_fit_took() {
    let project = project();
    let begun = Instant::now();
    let timings = project.hp("train --timings json").expect(0).json();
    let whole = begun.elapsed().as_secs_f64();
    let phases = ["read", "keep", "prepare", "methods", "summarise", "write"];
    assert_eq!(keys(&timings), phases);
    let methods = timings["methods"].as_array().unwrap();
    assert_eq!(methods.len(), 8);
    let of_phases = phases.iter().filter(|phase| **phase != "methods");
    let phases: f64 = of_phases.map(|phase| seconds(&timings[*phase])).sum();
    let of_methods = methods.iter().map(|method| {
        assert_eq!(keys(method), ["name", "fit", "cross_validation"]);
        seconds(&method["fit"]) + seconds(&method["cross_validation"])
    });
    assert!(phases + of_methods.sum::<f64>() <= whole);
    assert!(project.path("artifacts/v1.0.0/manifest.json").exists());
}

#[test]
fn a_trial_fits_in_rounds_scores_on_held_out_rows_and_writes_nothing() {
    let project = project();
    let before = project.files("");
    let mut hp = project.command();
    hp.args(["train", "--timings", "json", "--trial", "3"]);
    hp.args(["--method", FOREST, "--method", "Lower Estimator_QR"]);
    let trial = project.run(&mut hp).expect(0).json();
    assert!(project.files("") == before);

    assert_eq!(trial["train_rows"], 404);
    assert_eq!(trial["test_rows"], 102);
    assert_eq!(trial["n_features"], 12);
    let methods = trial["methods"].as_array().unwrap();
    let names: Vec<_> = methods.iter().map(|method| &method["name"]).collect();
    assert_eq!(names, [FOREST, "Lower Estimator_QR"]);
    for method in methods {
        for times in [&method["fit"], &method["predict"]] {
            let times = times.as_array().unwrap();
            assert_eq!(times.len(), 3);
            assert!(times.iter().all(|time| seconds(time) > 0.0));
        }
    }

    // The scores are those that an evaluation of the trained version gives.
    project.hp("train").expect(0);
    let evaluation = project.hp("evaluate --format json").expect(0).json();
    let text = evaluation.to_string();
    for (method, metric) in methods.iter().zip(["rmse", "pinball"]) {
        assert_eq!(method["metric"], metric);
        let score = method["score"].to_string();
        assert!(text.contains(&score), "{score} is not in {evaluation:#}");
    }
}

#[test]
fn predicting_a_file_says_what_each_part_took() {
    let project = Project::trained();
    let command = "predict --input data/boston.csv --output out.csv --timings json";
    let timings = project.hp(command).expect(0).json();
    assert_eq!(
        keys(&timings),
        ["rows", "read", "check", "predict", "write"]
    );
    assert_eq!(timings["rows"], 506);
    for part in ["read", "check", "predict", "write"] {
        seconds(&timings[part]);
    }
    assert!(project.path("out.csv").exists());
}

#[test]
fn what_cannot_be_timed_is_refused() {
    let project = Project::fetched();
    project.hp("train --trial 2").refused(2, &["--timings"]);
    let none = "train --timings json --trial 0";
    project.hp(none).refused(2, &["--trial", "zero"]);
    let both = "train --timings json --format csv";
    project.hp(both).refused(2, &["--format"]);
    let unknown = "train --timings json --trial 1 --method Forest";
    project.hp(unknown).refused(2, &["no method `Forest`"]);
    let rows = "predict --json input.json --timings json";
    project.hp(rows).refused(2, &["--json"]);
    assert_eq!(project.listing("artifacts"), "");
}
