//! Disks that are full and places that cannot be written: an error, and what was there stays.

use crate::support::{Project, boston_csv};
use insta::assert_snapshot;
use std::collections::BTreeMap;

/// Runs `hp` where no file may grow beyond `blocks` of 512 or 1024 bytes. Nothing changes but what is
/// told of runs.
fn on_a_full_disk(project: &Project, blocks: u32, args: &str) -> String {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec $hp {args}");
    let files = || {
        let mut files = project.files("");
        files.retain(|name, _| !name.starts_with("artifacts/runs"));
        files
    };
    let before = files();
    let outcome = project.shell(&script).refused(1, &["hint: "]);
    let after = files();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&after), names(&before), "{outcome}");
    assert!(after == before, "{outcome}");
    outcome.stderr
}

#[test]
fn a_disk_that_fills_up_while_fetching() {
    let project = Project::fetched();
    project.write("mine.csv", boston_csv());
    assert_snapshot!(on_a_full_disk(&project, 1, "fetch --source mine.csv"), @"
    error: cannot write a temporary file in `data`: File too large (os error 27)
    hint: make room on the disk, or choose a folder you may write
    ");
}

#[test]
fn a_disk_that_fills_up_while_training() {
    let project = Project::trained();
    project.replace("configs/model_config.yaml", "max_iter: 100", "max_iter: 50");
    let report = on_a_full_disk(&project, 50, "train --overwrite");
    assert!(report.contains("cannot write `"), "{report}");
    let failed = &project.runs()[0];
    assert_eq!(failed["status"], "FAILED");
    let reason = failed["failure"].as_str().unwrap();
    assert!(reason.starts_with("cannot write `"), "{reason}");
    project.hp("train --overwrite").expect(0);
    project.hp("run").expect(0);
}

#[test]
fn a_disk_that_fills_up_while_evaluating_and_packaging() {
    let project = Project::trained();
    assert_snapshot!(on_a_full_disk(&project, 1, "evaluate"), @"
    error: cannot write `artifacts/v1.0.0.report.html`: File too large (os error 27)
    hint: make room on the disk; nothing was overwritten
    ");
    assert_snapshot!(on_a_full_disk(&project, 1, "package"), @"
    error: cannot write `artifacts/v1.0.0.tar.zst`: File too large (os error 27)
    hint: make room on the disk; nothing was overwritten
    ");
}

#[test]
fn a_disk_that_fills_up_while_predicting() {
    let project = Project::trained();
    project
        .hp("predict --input data/boston.csv --output out.csv")
        .expect(0);
    assert_snapshot!(on_a_full_disk(&project, 1, "predict --input data/boston.csv --output out.csv"), @"
    error: cannot write `out.csv`: File too large (os error 27)
    hint: make room on the disk; nothing was overwritten
    ");
    project
        .hp("predict --input data/boston.csv --output out.parquet")
        .expect(0);
    let report = on_a_full_disk(
        &project,
        1,
        "predict --input data/boston.csv --output out.parquet",
    );
    assert!(report.contains("cannot write `out.parquet`"), "{report}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_standard_output_that_is_full() {
    let project = Project::trained();
    for command in [
        "predict --json input.json",
        "features",
        "evaluate --format json",
        "completions bash",
    ] {
        let outcome = project.shell(&format!("$hp {command} > /dev/full"));
        let outcome = outcome.refused(1, &["cannot write to standard output"]);
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome}");
    }
}

#[test]
fn a_folder_below_a_file() {
    let project = Project::trained();
    let before = project.files("");
    assert_snapshot!(project.hp("fetch --offline --data-dir input.json/data"), @"
    exit code 1
    --- stderr
    error: cannot write a temporary file in `input.json/data`: Not a directory (os error 20)
    hint: make room on the disk, or choose a folder you may write
    ");
    assert_snapshot!(project.hp("train --artifacts input.json/artifacts"), @"
    exit code 1
    --- stderr
    error: cannot create `input.json/artifacts/data/86`: Not a directory (os error 20)
    hint: choose another place
    ");
    assert_snapshot!(project.hp("evaluate --output-dir input.json/out"), @"
    exit code 1
    --- stderr
    error: cannot create `input.json/out`: Not a directory (os error 20)
    hint: choose another place
    ");
    project
        .hp("package --output input.json/v1.tar.zst")
        .refused(
            1,
            &[
                "cannot write `input.json/v1.tar.zst`: Not a directory",
                "hint: ",
            ],
        );
    project
        .hp("predict --input data/boston.csv --output input.json/out.csv")
        .refused(1, &["cannot write `input.json/out.csv`: Not a directory"]);
    assert!(project.files("") == before);
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_nobody_can_write() {
    let project = Project::trained();
    let before = project.files("");
    project
        .hp("fetch --offline --data-dir /proc/hp")
        .refused(1, &["/proc/hp", "hint: "]);
    project
        .hp("train --artifacts /proc/hp")
        .refused(1, &["/proc/hp", "hint: "]);
    project
        .hp("predict --input data/boston.csv --output /proc/hp.csv")
        .refused(1, &["/proc/hp.csv", "hint: "]);
    project
        .hp("run --offline --data-dir /proc/hp")
        .refused(1, &["/proc/hp", "resume with"]);
    assert!(project.files("") == before);
}
