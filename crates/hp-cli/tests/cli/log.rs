//! `hp log`: setting up, reading, exporting, clearing and repairing the prediction log.

use crate::support::{Api, Project, ROW};
use insta::assert_snapshot;

/// A project with three predictions in its log.
fn predicted() -> Project {
    let project = Project::trained();
    let api = Api::start(&project);
    for _ in 0..3 {
        assert_eq!(api.post("/v1/predict", ROW).status, 200);
    }
    assert_eq!(api.stop(), Some(0));
    project
}

#[test]
fn a_log_is_made_or_checked() {
    let project = Project::new();
    project.hp("log list").refused(
        1,
        &["there is no prediction log `data/predictions.db`", "hint: "],
    );
    let said = |args: &str| project.hp(args).expect(0).stderr;
    assert_eq!(
        said("log init --dry-run"),
        "would create data/predictions.db\n"
    );
    assert!(!project.path("data/predictions.db").exists());
    assert_eq!(said("log init"), "created data/predictions.db\n");
    assert_eq!(
        said("log init"),
        "data/predictions.db is a prediction log, ready to use\n"
    );
    assert_snapshot!(project.hp("log list --format csv").stdout, @"id,time,model_version,data_fingerprint,git_commit,source,lower,prediction,upper,interval_width,is_uncertain,latency_us,actual,actual_time");
    assert_eq!(
        project.hp("log list --format json").json(),
        serde_json::json!([])
    );
    let mut list = project.command();
    let off = project.run(list.args(["log", "list"]).env("HP_STORE", "none"));
    off.refused(2, &["the prediction log is off", "HP_STORE"]);
    project
        .hp("log list --store redis://x")
        .refused(2, &["is not the address of a prediction log"]);
    project
        .hp("log list --store sqlite://input.json")
        .refused(1, &["sqlite://input.json"]);
}

#[test]
fn predictions_are_listed_newest_first() {
    let project = predicted();
    let list = |args: &str| project.hp(&format!("log list --format json {args}")).json();
    let all = list("");
    let ids: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["id"])
        .collect();
    assert!(ids.len() == 3 && ids.is_sorted_by_key(|id| std::cmp::Reverse(id.as_str())));
    assert_eq!(
        list("--limit 2").as_array().unwrap()[..],
        all.as_array().unwrap()[..2]
    );
    assert_eq!(list("--from 1h"), all);
    for none in [
        "--to 1h",
        "--model-version v2.0.0",
        "--source batch",
        "--from 2100-01-01",
    ] {
        assert_eq!(list(none), serde_json::json!([]), "{none}");
    }
    let table = project.hp("log list").expect(0).stdout;
    assert!(table.contains(ids[2].as_str().unwrap()), "{table}");
    let csv = project.hp("log list --format csv").expect(0).stdout;
    let lines: Vec<_> = csv.lines().collect();
    assert_snapshot!(lines[0], @"id,time,model_version,data_fingerprint,git_commit,source,CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,LSTAT,lower,prediction,upper,interval_width,is_uncertain,latency_us,actual,actual_time");
    assert_eq!(lines.len(), 4);
    project
        .hp("log list --from yesterday")
        .refused(2, &["a time is expected"]);
}

#[test]
fn one_prediction_is_shown_with_its_inputs() {
    let project = predicted();
    let all = project.hp("log list --format json").json();
    let id = all[0]["id"].as_str().unwrap();
    let shown = project.hp(&format!("log show {id}")).expect(0).stdout;
    assert!(shown.contains("LSTAT"), "{shown}");
    assert_eq!(
        project.hp(&format!("log show {id} --format json")).json(),
        all[0]
    );
    project
        .hp("log show 01ARZ3NDEKTSV4RRFFQ69G5FAV")
        .refused(1, &["there is no prediction 01ARZ3NDEKTSV4RRFFQ69G5FAV"]);
    project
        .hp("log show x")
        .refused(2, &["is not the id of a prediction"]);
}

#[test]
fn figures_count_by_hour_and_day() {
    let project = predicted();
    for by in ["hour", "day"] {
        let stats = project
            .hp(&format!("log stats --by {by} --format json"))
            .json();
        let lines = stats.as_array().unwrap();
        let count: u64 = lines
            .iter()
            .map(|l| l["predictions"].as_u64().unwrap())
            .sum();
        assert_eq!(count, 3, "{stats}");
        assert_eq!(lines[0]["actuals"], 0);
        assert!(lines[0]["mae"].is_null());
    }
    let table = project.hp("log stats").expect(0).stdout;
    assert!(table.contains("mean width"), "{table}");
}

#[test]
fn exports_hold_every_column_as_csv_and_as_parquet() {
    let project = predicted();
    let outcome = project.hp("log export --output out.csv").expect(0);
    assert_eq!(outcome.stderr, "wrote 3 predictions to out.csv\n");
    let listed = project.hp("log list --format csv").expect(0).stdout;
    assert_eq!(project.read("out.csv"), listed);

    project.hp("log export --output out.parquet").expect(0);
    let written = project.bytes("out.parquet");
    assert!(written.starts_with(b"PAR1") && written.ends_with(b"PAR1"));

    project
        .hp("log export --output empty.parquet --source batch")
        .expect(0);
    assert!(project.path("empty.parquet").exists());
    project
        .hp("log export --output out.xlsx")
        .refused(2, &["`out.xlsx`", "hint: name it .csv or .parquet"]);
    project
        .hp("log export --output data")
        .refused(1, &["is not a file that can be replaced"]);
}

#[test]
fn what_is_old_is_removed_and_stays_counted() {
    let project = predicted();
    let said = |args: &str| project.hp(args).expect(0).stderr;
    assert!(said("log prune --older-than 1d").starts_with("removed 0 predictions"));
    assert!(said("log prune --older-than 1ms --dry-run").starts_with("would remove 3 "));
    assert!(said("log prune --older-than 1ms").starts_with("removed 3 predictions"));
    assert_eq!(
        project.hp("log list --format json").json(),
        serde_json::json!([])
    );
    let stats = project.hp("log stats --format json").json();
    assert_eq!(stats[0]["predictions"], 3);
    project.hp("log prune").refused(2, &["--older-than"]);
}

#[test]
fn a_spool_is_delivered_once() {
    let project = predicted();
    let records = project.hp("log list --format json").json();
    let listed = records.as_array().unwrap();
    let lines: Vec<_> = listed.iter().map(ToString::to_string).collect();
    let lines = lines.join("\n") + "\n";
    project.write("left.spool", &lines);
    let said = |outcome: crate::support::Outcome| outcome.expect(0).stderr;
    let replay = "log replay left.spool --store sqlite://other.db";
    assert_eq!(
        said(project.hp(replay)),
        "delivered 3 predictions to sqlite://other.db, 3 of them new\n"
    );
    assert_eq!(
        said(project.hp(replay)),
        "delivered 3 predictions to sqlite://other.db, 0 of them new\n"
    );
    let delivered = project.hp("log list --store sqlite://other.db --format json");
    assert_eq!(delivered.json(), records);
    assert_eq!(
        said(project.hp_with_input("log replay - --store sqlite://third.db", &lines)),
        "delivered 3 predictions to sqlite://third.db, 3 of them new\n"
    );
    project.write("bad.spool", lines.replacen("\"lower\"", "\"lowest\"", 1));
    project
        .hp("log replay bad.spool --store sqlite://fourth.db")
        .refused(1, &["`bad.spool` line 1 is not a record"]);
    project
        .hp("log replay none.spool")
        .refused(1, &["none.spool"]);
    std::fs::remove_file(project.path("data/predictions.spool")).ok();
    assert_eq!(
        said(project.hp("log replay")),
        "nothing to deliver: there is no data/predictions.spool\n"
    );
}
