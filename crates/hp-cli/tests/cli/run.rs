//! `hp run`: the whole way, what is skipped and why, and how to go on.

use crate::support::{Project, boston_csv};
use insta::assert_snapshot;

const MODEL_CONFIG: &str = "configs/model_config.yaml";

#[test]
fn a_clean_project_gets_everything() {
    let project = Project::new();
    let outcome = project.hp("run --offline").expect(0);
    assert_snapshot!(outcome.stderr, @"
    fetch     running: there is no data/boston.csv yet
    note: https://raw.githubusercontent.com/selva86/datasets/master/BostonHousing.csv: skipped because of `--offline`
    train     running: there is no v1.0.0 yet
    evaluate  running: v1.0.0 has no evaluation yet
    package   running: there is no artifacts/v1.0.0.tar.zst yet

    Next: hp predict --json input.json
          and look at artifacts/v1.0.0.report.html
    ");
    assert_eq!(outcome.stdout, project.hp("evaluate").stdout);
    let listing = project.listing("");
    let (records, files): (Vec<_>, Vec<_>) = listing.lines().partition(|name| {
        ["artifacts/data/", "artifacts/runs/"]
            .iter()
            .any(|folder| name.starts_with(folder))
    });
    // Three files of data and what they are together; of the run, two configurations and a manifest.
    assert_eq!(records.len(), 8, "{records:?}");
    assert_snapshot!(files.join("\n"), @"
    artifacts/runs.db
    artifacts/v1.0.0.evaluation.json
    artifacts/v1.0.0.report.html
    artifacts/v1.0.0.tar.zst
    artifacts/v1.0.0.tar.zst.sha256
    artifacts/v1.0.0/huber_regressor_v1.0.0.bin
    artifacts/v1.0.0/linear_regression_v1.0.0.bin
    artifacts/v1.0.0/lower_estimator_gbr_v1.0.0.bin
    artifacts/v1.0.0/lower_estimator_qr_v1.0.0.bin
    artifacts/v1.0.0/manifest.json
    artifacts/v1.0.0/preprocessor.bin
    artifacts/v1.0.0/random_forest_regressor_v1.0.0.bin
    artifacts/v1.0.0/reference.json
    artifacts/v1.0.0/ridge_regression_v1.0.0.bin
    artifacts/v1.0.0/upper_estimator_gbr_v1.0.0.bin
    artifacts/v1.0.0/upper_estimator_qr_v1.0.0.bin
    configs/data_config.yaml
    configs/model_config.yaml
    data/boston.csv
    data/boston.manifest.json
    data/boston.rejected.csv
    data/raw/boston.csv
    input.json
    ");
    project.hp("doctor").expect(0);
}

#[test]
fn a_second_run_skips_everything() {
    let project = Project::trained();
    let before = project.files("");
    assert_snapshot!(project.hp("run").expect(0).stderr, @"
    fetch     skipped: data/boston.csv is what its configuration asks for
    train     skipped: v1.0.0 was trained from the same data and configuration
    evaluate  skipped: the evaluation is of this v1.0.0 and this data
    package   skipped: artifacts/v1.0.0.tar.zst holds exactly this version

    Next: hp predict --json input.json
          and look at artifacts/v1.0.0.report.html
    ");
    assert!(project.files("") == before);
}

#[test]
fn force_runs_what_is_unchanged_and_makes_the_same() {
    let project = Project::trained();
    let before = project.files("artifacts/v1.0.0");
    assert_snapshot!(project.hp("run --offline --force").expect(0).stderr, @"
    fetch     running: --force
    note: https://raw.githubusercontent.com/selva86/datasets/master/BostonHousing.csv: skipped because of `--offline`
    train     running: --force
    evaluate  running: --force
    package   running: --force

    Next: hp predict --json input.json
          and look at artifacts/v1.0.0.report.html
    ");
    assert!(project.files("artifacts/v1.0.0") == before);
    assert_snapshot!(project.hp("run --force --from package").expect(0).stderr, @"
    package   running: --force

    Next: hp predict --json input.json
          and look at artifacts/v1.0.0.report.html
    ");
}

#[test]
fn each_stage_runs_again_when_what_it_made_is_gone_or_damaged() {
    let project = Project::trained();
    let running = |outcome: &str| -> String {
        let mut lines = outcome.lines();
        let first = lines.find(|line| line.contains(" running: "));
        first.unwrap().split(' ').next().unwrap().to_owned()
    };
    for (file, stage) in [
        ("data/boston.csv", "fetch"),
        ("data/boston.manifest.json", "fetch"),
        ("artifacts/v1.0.0.evaluation.json", "evaluate"),
        ("artifacts/v1.0.0.report.html", "evaluate"),
        ("artifacts/v1.0.0.tar.zst", "package"),
        ("artifacts/v1.0.0.tar.zst.sha256", "package"),
    ] {
        std::fs::remove_file(project.path(file)).unwrap();
        let outcome = project.hp("run --offline").expect(0);
        assert_eq!(running(&outcome.stderr), stage, "{file}");
        // Nobody but its reader knows what a report should look like.
        if !file.contains("report") {
            project.write(file, "damaged");
            let outcome = project.hp("run --offline").expect(0);
            assert_eq!(running(&outcome.stderr), stage, "{file}");
        }
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    let project = Project::new();
    let before = project.files("");
    assert_snapshot!(project.hp("run --dry-run"), @"
    exit code 0
    --- stderr
    fetch     would run: there is no data/boston.csv yet
    train     would be looked at then: an earlier stage would run
    evaluate  would be looked at then: an earlier stage would run
    package   would be looked at then: an earlier stage would run
    ");
    assert!(project.files("") == before && !project.path("artifacts").exists());
    let project = Project::trained();
    project.replace(MODEL_CONFIG, "v1.0.0", "v1.0.1");
    assert_snapshot!(project.hp("run --dry-run"), @"
    exit code 0
    --- stderr
    fetch     skipped: data/boston.csv is what its configuration asks for
    train     would run: there is no v1.0.1 yet
    evaluate  would be looked at then: an earlier stage would run
    package   would be looked at then: an earlier stage would run
    ");
}

#[test]
fn a_part_of_the_way_can_be_gone() {
    let project = Project::new();
    assert_snapshot!(project.hp("run --offline --to train"), @"
    exit code 0
    --- stderr
    fetch     running: there is no data/boston.csv yet
    note: https://raw.githubusercontent.com/selva86/datasets/master/BostonHousing.csv: skipped because of `--offline`
    train     running: there is no v1.0.0 yet
    ");
    assert_snapshot!(project.hp("run --from evaluate --to evaluate").expect(0).stderr, @"
    evaluate  running: v1.0.0 has no evaluation yet

    Next: hp predict --json input.json
          and look at artifacts/v1.0.0.report.html
    ");
    assert!(!project.path("artifacts/v1.0.0.tar.zst").exists());
    std::fs::remove_file(project.path("artifacts/v1.0.0.evaluation.json")).unwrap();
    assert_snapshot!(project.hp("run --from package"), @"
    exit code 0
    --- stderr
    package   running: there is no artifacts/v1.0.0.tar.zst yet
    note: v1.0.0 has no evaluation; `hp evaluate` makes it
    ");
}

#[test]
fn a_failure_names_the_command_that_resumes() {
    let project = Project::new();
    project.replace(MODEL_CONFIG, "alpha: 1.0", "alpha: -1.0");
    assert_snapshot!(project.hp("run --offline --from=fetch --data-dir data --artifacts art/efacts"), @r#"
    exit code 4
    --- stderr
    fetch     running: there is no data/boston.csv yet
    note: https://raw.githubusercontent.com/selva86/datasets/master/BostonHousing.csv: skipped because of `--offline`
    stopped at train; resume with: hp run --offline --data-dir data --artifacts art/efacts --from train
    error: `configs/model_config.yaml` has a problem
      configs/model_config.yaml:7:22: `alpha` must be a number in [0, inf), found `-1`
          |
        7 |     config: { alpha: -1.0, solver: "auto" }
          |                      ^
    "#);
    project.replace(MODEL_CONFIG, "alpha: -1.0", "alpha: 1.0");
    let resumed = project
        .hp("run --offline --data-dir data --artifacts art/efacts --from train")
        .expect(0);
    assert!(
        resumed
            .stderr
            .starts_with("train     running: there is no v1.0.0 yet\n"),
        "{resumed}"
    );
}

#[test]
fn arguments_of_the_resuming_command_are_quoted() {
    let project = Project::new();
    let mut hp = project.command();
    hp.args([
        "run",
        "--offline",
        "--config",
        "it's mine.yaml",
        "--force",
        "--from",
        "fetch",
    ]);
    let outcome = project.run(&mut hp).expect(4);
    let last = outcome
        .stderr
        .lines()
        .find(|line| line.starts_with("stopped"))
        .unwrap();
    assert_eq!(
        last,
        r"stopped at train; resume with: hp run --offline --config 'it'\''s mine.yaml' --from train"
    );
}

#[test]
fn a_changed_configuration_is_refused_naming_the_change() {
    let project = Project::trained();
    let before = project.files("artifacts");
    project.replace(MODEL_CONFIG, "max_iter: 100", "max_iter: 200");
    assert_snapshot!(project.hp("run"), @r#"
    exit code 3
    --- stderr
    fetch     skipped: data/boston.csv is what its configuration asks for
    stopped at train; resume with: hp run --from train
    error: v1.0.0 exists and was trained differently:
      Huber Regressor.max_iter: 100 → 200
    hint: raise `model_versions`, for example to "v1.1.0", or replace the version with --overwrite
    "#);
    project
        .hp("run --dry-run")
        .refused(3, &["max_iter: 100 → 200"]);
    assert!(project.files("artifacts") == before);
    assert_snapshot!(project.hp("run --overwrite").expect(0).stderr, @"
    fetch     skipped: data/boston.csv is what its configuration asks for
    train     running: v1.0.0 was trained differently
    evaluate  running: the evaluation is of another model or data
    package   running: artifacts/v1.0.0.tar.zst holds something else

    Next: hp predict --json input.json
          and look at artifacts/v1.0.0.report.html
    ");
}

#[test]
fn changed_data_goes_all_the_way() {
    let project = Project::trained();
    let fewer: Vec<_> = boston_csv().lines().take(401).map(str::to_owned).collect();
    project.write("fewer.csv", fewer.join("\n"));
    let config = project.read("configs/data_config.yaml");
    let start = config.find("  - url").unwrap();
    let end = config.find("rename").unwrap();
    let config = format!(
        "{}  - path: fewer.csv\n{}",
        &config[..start],
        &config[end..]
    );
    project.write("configs/data_config.yaml", config);
    assert_snapshot!(project.hp("run"), @r#"
    exit code 3
    --- stderr
    fetch     running: the data configuration changed
    stopped at train; resume with: hp run --from train
    error: v1.0.0 exists and was trained differently:
      data: 86befae859f7 → b264b28156ea
    hint: raise `model_versions`, for example to "v1.1.0", or replace the version with --overwrite
    "#);
    project.hp("run --overwrite").expect(0);
    assert_eq!(project.json("artifacts/v1.0.0.evaluation.json")["rows"], 80);
}

#[test]
fn results_are_available_to_programs() {
    let project = Project::trained();
    let json = project.hp("run --format json").expect(0).json();
    assert_eq!(json, project.json("artifacts/v1.0.0.evaluation.json"));
}
