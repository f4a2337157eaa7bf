//! `hp runs`: listing, showing and comparing trainings, clearing old ones away, mending the index.

use crate::support::{Project, SMALL, masked};
use insta::assert_snapshot;
use std::fs;

const CONFIG: &str = "configs/model_config.yaml";

/// A training that fails after two that did not.
fn with_a_failure() -> Project {
    let project = Project::with_two_versions();
    project.replace(CONFIG, "v1.1.0", "v1.2.0");
    let few = "cross_validation: { folds: 500 }\nMethods:";
    project.replace(CONFIG, "Methods:", few);
    project.hp("train").expect(1);
    project
}

#[test]
fn the_newest_runs_are_listed() {
    let project = with_a_failure();
    let csv = project.hp("runs list --format csv").expect(0);
    let lines = masked(&csv.stdout);
    let lines = lines.lines().map(|line| {
        let mut cells: Vec<_> = line.split(',').collect();
        if cells[2].parse::<f64>().is_ok() {
            cells[2] = "s";
        }
        cells.join(",")
    });
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    run,started (UTC),seconds,status,version,data,commit,cv rmse,rmse,coverage,user
    RUN-0000000000000000000001,YYYY-MM-DD hh:mm:ss,s,FAILED,v1.2.0,86befae859f7,,,,,ada
    RUN-0000000000000000000002,YYYY-MM-DD hh:mm:ss,s,FINISHED,v1.1.0,86befae859f7,,6.9031,6.9400,0.8627,ada
    RUN-0000000000000000000003,YYYY-MM-DD hh:mm:ss,s,FINISHED,v1.0.0,86befae859f7,,4.9123,4.7726,0.8627,ada
    ");
    assert_eq!(csv.stderr, "");
    let table = project.hp("runs list --limit 1").expect(0);
    assert_eq!(table.stdout.lines().count(), 3, "{table}");

    let failed = project.hp("runs list --status failed --format json").json();
    assert_eq!(failed.as_array().unwrap().len(), 1);
    let reason = failed[0]["failure"].as_str().unwrap();
    assert!(reason.contains("500"), "{reason}");
    let first = project.hp("runs list --model-version v1.0.0 --format json");
    assert_eq!(first.json()[0]["model_version"], "v1.0.0");
    assert_eq!(first.json().as_array().unwrap().len(), 1);
    project.hp("runs list --limit 0").refused(2, &["--limit"]);
    project
        .hp("runs list --status lost")
        .refused(2, &["[possible values: RUNNING, FINISHED, FAILED, KILLED]"]);
}

#[test]
fn without_runs_the_list_is_empty() {
    let project = Project::new();
    let outcome = project.hp("runs list --format json").expect(0);
    assert_eq!(outcome.json(), serde_json::json!([]));
    assert_eq!(
        outcome.stderr,
        "there is no such run; every `hp train` is one\n"
    );
    assert!(!project.path("artifacts").exists());
    project.hp("runs show").refused(
        1,
        &[
            "there is no run `latest`",
            "hint: no run is recorded; `hp train` records one",
        ],
    );
}

#[test]
fn a_run_is_shown_by_id_beginning_version_or_as_the_latest() {
    let project = with_a_failure();
    let runs = project.runs();
    let id = |place: usize| runs[place]["id"].as_str().unwrap();
    for (name, place) in [
        (id(1), 1),
        (&id(1).to_lowercase()[..25], 1),
        ("v1.0.0", 2),
        ("latest", 0),
        ("", 0),
    ] {
        let run = project.hp(&format!("runs show {name} --format json"));
        assert_eq!(run.expect(0).json()["id"], id(place), "{name}");
    }
    let run = project.hp("runs show v1.1.0 --format json").json();
    assert_eq!(run["user"], "ada");
    assert_eq!(run["git"], serde_json::Value::Null);
    assert_eq!(run["data"]["source"], "data/raw/boston.csv");
    assert_eq!(run["methods"][2]["parameters"]["fit_intercept"], false);
    assert!(run["methods"][2]["metrics"]["rmse"].as_f64().unwrap() > 4.0);
    assert!(run["metrics"]["coverage"].as_f64().is_some());
    assert_eq!(run["artifact"]["path"], "v1.1.0");
    let table = project.hp("runs show").expect(0);
    assert!(table.stdout.contains("failure "), "{table}");
    assert!(table.stderr.contains("its files are in artifacts/runs/"));
    let failed = project.hp("runs show v1.2.0 --format json").expect(0);
    assert_eq!(failed.json()["status"], "FAILED");
    project.hp("runs show v1.3.0").refused(
        1,
        &["there is no run `v1.3.0`", "hint: the newest are `", id(2)],
    );
    project
        .hp(&format!("runs show {}", &id(0)[..4]))
        .refused(1, &["is the beginning of 3 runs", "hint: it may be `"]);
}

#[test]
fn whoever_has_no_name_has_a_number() {
    let project = Project::fetched();
    project.write(CONFIG, SMALL);
    let mut hp = project.command();
    hp.env_remove("USER").env_remove("LOGNAME");
    project.run(hp.arg("train")).expect(0);
    let runs = project.runs();
    let user = runs[0]["user"].as_str().unwrap();
    let number = user.strip_prefix("uid ").unwrap();
    assert!(number.parse::<u32>().is_ok(), "{user}");
}

#[test]
fn a_run_says_whether_the_server_knows_it() {
    let project = Project::with_two_versions();
    let plain = project.hp("runs show").expect(0);
    assert!(!plain.stdout.contains("synced"), "{plain}");
    let mut hp = project.command();
    hp.env("MLFLOW_TRACKING_URI", "http://127.0.0.1:1");
    let told = project.run(hp.args(["runs", "show"])).expect(0);
    let line = told.stdout.lines().find(|line| line.contains("synced"));
    assert!(line.unwrap().ends_with("no"), "{told}");
}

#[test]
fn two_runs_are_compared() {
    let project = Project::with_two_versions();
    let short = project.hp("runs compare v1.0.0 v1.1.0").expect(0);
    assert!(!short.stdout.contains("coverage"), "{short}");
    assert!(
        short
            .stderr
            .contains(" metrics are equal; --all prints them too"),
        "{short}"
    );
    let outcome = project.hp("runs compare v1.0.0 v1.1.0 --all").expect(0);
    let text = masked(&outcome.stdout);
    let lines = text.lines().filter(|line| !line.contains(" fit_seconds "));
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    A is run RUN-0000000000000000000001, B is run RUN-0000000000000000000002
     method               metric              A v1.0.0   B v1.1.0      B − A
    ─────────────────────────────────────────────────────────────────────────
     served trio          coverage              0.8627     0.8627    +0.0000
     served trio          cv_pinball_lower      0.6262     0.6262    +0.0000
     served trio          cv_pinball_upper      1.0589     1.0589    +0.0000
     served trio          cv_rmse             4.9123 *     6.9031    +1.9908
     served trio          mae                 3.1114 *     5.1261    +2.0147
     served trio          mean_width           10.5683    10.5683    +0.0000
     served trio          mse                22.7777 *    48.1630   +25.3853
     served trio          pinball_lower         0.5130     0.5130    +0.0000
     served trio          pinball_upper         1.0735     1.0735    +0.0000
     served trio          r2                  0.6894 *     0.3432    -0.3462
     served trio          rmse                4.7726 *     6.9400    +2.1674
     served trio          share_uncertain     0.0000 *     0.2745    +0.2745
     Upper Estimator_QR   cv_pinball            1.0589     1.0589    +0.0000
     Upper Estimator_QR   mae                   6.7956     6.7956    +0.0000
     Upper Estimator_QR   mse                  64.2443    64.2443    +0.0000
     Upper Estimator_QR   pinball               1.0735     1.0735    +0.0000
     Lower Estimator_QR   cv_pinball            0.6262     0.6262    +0.0000
     Lower Estimator_QR   mae                   4.8320     4.8320    +0.0000
     Lower Estimator_QR   mse                  47.3473    47.3473    +0.0000
     Lower Estimator_QR   pinball               0.5130     0.5130    +0.0000
     Linear Regression    cv_rmse             4.9123 *     6.9031    +1.9908
     Linear Regression    mae                 3.1114 *     5.1261    +2.0147
     Linear Regression    mse                22.7777 *    48.1630   +25.3853
     Linear Regression    r2                  0.6894 *     0.3432    -0.3462
     Linear Regression    rmse                4.7726 *     6.9400    +2.1674

    From A to B
     of           change
    ────────────────────────────────────────────────────────────
     parameters   Linear Regression.fit_intercept: true → false
    ");
    let json = project.hp("runs compare v1.0.0 latest --format json");
    assert_eq!(json.json()["parameters"].as_array().unwrap().len(), 1);
}

#[test]
fn old_runs_are_cleared_away_unless_a_version_is_theirs() {
    let project = with_a_failure();
    let failed = project.runs()[0]["id"].as_str().unwrap().to_owned();
    let before = project.files("artifacts");
    let told = project
        .hp("runs gc --keep-last 0 --dry-run --format json")
        .expect(0);
    assert_eq!(told.json().as_array().unwrap().len(), 1);
    assert_eq!(told.json()[0]["id"], failed.as_str());
    assert!(told.stderr.starts_with("1 run with "), "{told}");
    assert!(told.stderr.ends_with(" KiB would be deleted\n"), "{told}");
    let young = project.hp("runs gc --older-than 90d --format json");
    assert_eq!(young.expect(0).json(), serde_json::json!([]));
    assert!(project.files("artifacts") == before);

    project.hp("runs gc --keep-last 0").expect(0);
    assert!(!project.path(&format!("artifacts/runs/{failed}")).exists());
    assert_eq!(project.statuses(), ["FINISHED", "FINISHED"]);
    // What another training made of the version, the first did not.
    project.replace(CONFIG, "v1.2.0", "v1.1.0");
    project.replace(CONFIG, "folds: 500", "folds: 3");
    project.hp("train --overwrite").expect(0);
    let removed = project.hp("runs gc --keep-last 0 --format json").json();
    assert_eq!(removed[0]["model_version"], "v1.1.0");
    assert_eq!(project.runs().len(), 2);
    project
        .hp("runs gc")
        .refused(2, &["--keep-last <N>|--older-than <AGE>"]);
    project.hp("runs gc --older-than old").refused(2, &["old"]);
}

#[test]
fn the_index_can_be_thrown_away_and_folders_be_copied() {
    let project = with_a_failure();
    let list = project.runs();
    fs::remove_file(project.path("artifacts/runs.db")).unwrap();
    assert_eq!(project.runs(), list);
    fs::remove_file(project.path("artifacts/runs.db")).unwrap();
    let outcome = project.hp("runs reindex").expect(0);
    assert_eq!(outcome.stderr, "3 runs are in the index\n");
    assert_eq!(project.runs(), list);

    let other = Project::new();
    for (name, bytes) in project.files("artifacts/runs") {
        other.write(&name, bytes);
    }
    assert_eq!(other.runs(), list);
    other.write("artifacts/runs/mine/note.txt", "");
    other.hp("runs reindex").refused(
        1,
        &[
            "`artifacts/runs/mine` is not the folder of a run: its name is no id",
            "1 folder",
        ],
    );
}

#[test]
fn a_corrupt_index_stops_nothing_and_the_cure_is_named() {
    let project = Project::fetched();
    project.write(CONFIG, SMALL);
    project.write(
        "artifacts/runs.db",
        "no database at all, but quite some text",
    );
    let outcome = project.hp("train").expect(0);
    let warning = "warning: the index `artifacts/runs.db` is unusable: it is no file of SQLite\n\
                   hint: run `hp runs reindex`; the index is made from the run folders\n";
    assert!(outcome.stderr.contains(warning), "{outcome}");
    let list = project.hp("runs list --format json").expect(0);
    assert_eq!(list.json()[0]["status"], "FINISHED");
    assert_eq!(list.stderr, warning);
    project.hp("evaluate").expect(0);
    project.hp("runs reindex").expect(0);
    let list = project.hp("runs list --format json").expect(0);
    assert!(list.json()[0]["metrics"]["rmse"].as_f64().is_some());
    assert_eq!(list.stderr, "");
}

#[test]
fn a_damaged_run_is_named_and_the_others_are_listed() {
    let project = Project::with_two_versions();
    let newest = project.runs()[0]["id"].as_str().unwrap().to_owned();
    let file = format!("artifacts/runs/{newest}/run.json");
    project.write(&file, "{\"format_version\": 1, ");
    let warning = format!("warning: `{file}` is not as hp writes it");
    let list = project.hp("runs list").expect(0);
    assert_eq!(list.stderr.matches(&warning).count(), 1, "{list}");
    let doctor = project.hp("doctor").expect(1);
    assert!(doctor.stdout.contains("BAD"), "{doctor}");
    assert!(doctor.stdout.contains("run.json"), "{doctor}");
    let cleared = project.hp("runs gc --keep-last 9").expect(0);
    assert!(cleared.stderr.contains(&warning), "{cleared}");
    fs::remove_file(project.path("artifacts/runs.db")).unwrap();
    let list = project.hp("runs list --format json").expect(0);
    assert_eq!(list.json().as_array().unwrap().len(), 1);
    assert!(
        list.stderr
            .contains(&format!("warning: `{file}` is not as hp writes it")),
        "{list}"
    );
    project
        .hp(&format!("runs show {newest}"))
        .refused(1, &["is not as hp writes it", "hint: "]);
    project.hp("runs reindex").expect(1);
    project.hp("models list").expect(0);
}
