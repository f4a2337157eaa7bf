//! Kills, ctrl-c and other runs at any moment: the old or the new files, never a mixture.

use crate::support::{Project, Server};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

fn start(project: &Project, args: &str) -> Child {
    let mut hp = project.command();
    hp.args(args.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    hp.spawn().unwrap()
}

/// Presses ctrl-c once the command has said a line with `sign`; gives its exit code and last words.
fn interrupt_after(mut child: Child, sign: &str) -> (Option<i32>, String) {
    let mut stderr = wait_for(&mut child, sign);
    // Into the middle of what the line announced.
    sleep(Duration::from_millis(100));
    let code = interrupt(child);
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    (code, rest)
}

/// Waits until the command has said a line with `sign`; gives what it goes on to say.
fn wait_for(child: &mut Child, sign: &str) -> impl Read + use<> {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(sign) {
        line.clear();
        assert!(
            stderr.read_line(&mut line).unwrap() > 0,
            "`{sign}` was not said"
        );
    }
    stderr
}

fn interrupt(mut child: Child) -> Option<i32> {
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    child.wait().unwrap().code()
}

/// A forest that takes far longer to fit than anyone waits, and says so before it starts.
fn with_endless_training(project: &Project) {
    project.replace(
        "configs/model_config.yaml",
        "n_estimators: 100, criterion",
        "n_jobs: 1, n_estimators: 1000000, criterion",
    );
}

/// A file that takes a while to predict.
fn with_large_file(project: &Project) {
    let text = project.read("data/boston.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    project.write("large.csv", format!("{header}\n{}", rows.repeat(1000)));
}

#[test]
fn a_killed_run_is_made_good_by_the_next() {
    let project = Project::new();
    let whole = Instant::now();
    project.hp("run --offline --force").expect(0);
    let whole = whole.elapsed();
    let expected = project.files("artifacts/v1.0.0");
    for step in 0..15 {
        if step % 3 == 0 {
            std::fs::remove_dir_all(project.path("artifacts")).unwrap();
        }
        let mut child = start(&project, "run --offline --force");
        sleep(whole * step / 15);
        child.kill().unwrap();
        child.wait().unwrap();
        if project.path("artifacts/v1.0.0").exists() {
            assert!(project.files("artifacts/v1.0.0") == expected, "step {step}");
        }
        project.hp("run --offline").expect(0);
        project.hp("doctor").expect(0);
        assert!(project.files("artifacts/v1.0.0") == expected, "step {step}");
    }
    // The writers that came later have cleared away what the killed ones left; but in the folder of
    // a run nobody writes once it is over.
    project.hp("run --offline --force").expect(0);
    let left: Vec<_> = project
        .files("")
        .into_keys()
        .filter(|name| name.contains("/.") && !name.starts_with("artifacts/runs/"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let project = Project::new();
    let runs: Vec<_> = (0..3).map(|_| start(&project, "run --offline")).collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words}");
    }
    let expected = Project::trained().files("artifacts/v1.0.0");
    assert!(project.files("artifacts/v1.0.0") == expected);
    project.hp("doctor").expect(0);
    let again = project.hp("run --offline").expect(0);
    assert!(!again.stderr.contains("running:"), "{again}");
}

#[test]
fn ctrl_c_ends_a_training_and_leaves_only_its_run() {
    let project = Project::fetched();
    with_endless_training(&project);
    let (code, words) = interrupt_after(start(&project, "train"), "without effect");
    assert_eq!(code, Some(130), "{words}");
    assert!(words.ends_with("interrupted\n"), "{words}");
    assert!(!project.path("artifacts/v1.0.0").exists());
    let runs = project.runs();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["status"], "KILLED");
    assert_eq!(runs[0]["failure"], "interrupted");
    assert!(runs[0]["ended_at"].as_str().is_some());
}

#[test]
fn a_training_is_listed_while_it_runs_and_as_killed_after_a_kill() {
    let project = Project::fetched();
    with_endless_training(&project);
    let mut child = start(&project, "train");
    wait_for(&mut child, "without effect");
    assert_eq!(project.statuses(), ["RUNNING"]);
    project.hp("runs gc --keep-last 0").expect(0);
    assert_eq!(project.statuses(), ["RUNNING"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(project.statuses(), ["KILLED"]);
    let run = project.hp("runs show --format json").json();
    assert_eq!(run["failure"], "its process is gone");
    std::fs::remove_file(project.path("artifacts/runs.db")).unwrap();
    project.hp("runs reindex").expect(0);
    assert_eq!(project.statuses(), ["KILLED"]);
    project.hp("runs gc --keep-last 0").expect(0);
    assert_eq!(project.listing("artifacts/runs"), "");
}

#[test]
fn ctrl_c_ends_a_run_and_names_the_command_that_resumes() {
    let project = Project::new();
    with_endless_training(&project);
    let (code, words) = interrupt_after(start(&project, "run --offline"), "without effect");
    assert_eq!(code, Some(130), "{words}");
    assert!(
        words.contains("resume with: hp run --offline --from train"),
        "{words}"
    );
}

#[test]
fn ctrl_c_ends_a_download() {
    let server = Server::silent();
    let project = Project::fetched();
    project.replace(
        "configs/data_config.yaml",
        "  - url: https://raw.githubusercontent.com/selva86/datasets/master/BostonHousing.csv",
        &format!("  - path: none.csv\n  - url: {}", server.url("x.csv")),
    );
    let before = project.files("");
    let (code, words) = interrupt_after(start(&project, "fetch"), "note: none.csv");
    assert_eq!(code, Some(130), "{words}");
    assert!(project.files("") == before);
}

#[test]
fn ctrl_c_ends_a_prediction_and_leaves_nothing() {
    let project = Project::trained();
    with_large_file(&project);
    let files = || std::fs::read_dir(project.path("")).unwrap().count();
    let before = files();
    let child = start(&project, "predict --input large.csv --output out.csv");
    let begun = Instant::now();
    while files() == before {
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
    assert_eq!(interrupt(child), Some(130));
    assert_eq!(files(), before);
}

#[test]
fn a_killed_prediction_leaves_the_old_output_or_the_whole_new_one() {
    let project = Project::trained();
    project
        .hp("predict --input data/boston.csv --output out.csv")
        .expect(0);
    let before = project.read("out.csv");
    with_large_file(&project);
    let mut child = start(&project, "predict --input large.csv --output out.csv");
    sleep(Duration::from_millis(100));
    child.kill().unwrap();
    child.wait().unwrap();
    let after = project.read("out.csv");
    assert!(after == before || after.lines().count() == 506_001);
}
