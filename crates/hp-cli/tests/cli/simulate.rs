//! `hp simulate`: calls to a running API.

use crate::support::{Api, Project};
use insta::assert_snapshot;
use std::process::Stdio;

#[test]
fn calls_are_counted_and_logged() {
    let project = Project::trained();
    let api = Api::start(&project);
    let url = api.url();
    let summary = project
        .hp(&format!(
            "simulate --url {url} --count 60 --rate 2000 --bad 25% --drift RM=+2sd --format json"
        ))
        .expect(0);
    assert_eq!(summary.stderr, "");
    let summary = summary.json();
    assert_eq!(
        (&summary["sent"], &summary["failed"]),
        (&60.into(), &0.into())
    );
    let refused = summary["refused"].as_u64().unwrap();
    assert!((5..30).contains(&refused), "{refused}");
    assert_eq!(summary["statuses"]["422"], refused);
    assert_eq!(summary["statuses"]["200"], 60 - refused);
    assert!(summary["latency_ms"]["p99"].as_f64().unwrap() > 0.0);

    let logged = project
        .hp("log list --limit 100 --source simulation --format json")
        .json();
    let rows = logged.as_array().unwrap();
    assert_eq!(rows.len() as u64, 60 - refused);
    let rm = rows.iter().map(|row| row["inputs"]["RM"].as_f64().unwrap());
    assert!(rm.sum::<f64>() / rows.len() as f64 > 8.0);
}

#[test]
fn the_summary_is_a_table() {
    let project = Project::trained();
    let api = Api::start(&project);
    let url = api.url();
    let text = project
        .hp(&format!("simulate --url {url}"))
        .expect(0)
        .stdout;
    let text = text.replace(&url, "[URL]");
    let (answers, latencies) = text.split_once("\n\n").unwrap();
    assert_snapshot!(answers, @"
    Calls to [URL]
     outcome        calls
    ──────────────────────
     sent               1
     answered 200       1
     failed             0
    ");
    assert!(latencies.trim_start().starts_with("latency"), "{latencies}");
}

#[test]
fn rows_can_be_those_of_a_file() {
    let project = Project::trained();
    let api = Api::start(&project);
    let url = api.url();
    project
        .hp(&format!(
            "simulate --url {url} --count 20 --rate 500 --from data/boston.csv"
        ))
        .expect(0);
    let logged = project.hp("log list --format json").json();
    let known = project.read("data/boston.csv");
    for row in logged.as_array().unwrap() {
        let cells = row["inputs"].as_object().unwrap().values();
        let cells: Vec<_> = cells
            .map(|value| hp_core::number::shortest(value.as_f64().unwrap()))
            .collect();
        assert!(known.contains(&cells.join(",")), "{cells:?}");
    }
}

#[test]
fn an_api_that_is_not_there_is_a_network_failure() {
    let project = Project::trained();
    let api = Api::start(&project);
    let url = api.url();
    assert_eq!(api.stop(), Some(0));
    project
        .hp(&format!("simulate --url {url}"))
        .refused(5, &["cannot be reached", "hint: "]);
    let outcome = project
        .hp(&format!("simulate --url {url} --artifact artifacts/v1.0.0"))
        .expect(5);
    assert!(outcome.stderr.contains("gave no answer"), "{outcome}");
    assert!(outcome.stdout.contains("without answer"), "{outcome}");
}

#[test]
fn an_unexpected_answer_is_a_failure() {
    let project = Project::trained();
    let api = Api::with(
        project
            .command()
            .args(["serve", "--port", "0", "--rate-limit", "3"]),
    );
    let url = api.url();
    let outcome = project
        .hp(&format!("simulate --url {url} --count 30 --rate 10000"))
        .expect(1);
    assert!(outcome.stderr.contains("of 30 calls failed"), "{outcome}");
    assert!(outcome.stdout.contains("429: "), "{outcome}");
}

#[test]
fn ctrl_c_ends_a_simulation_without_end_with_its_summary() {
    let project = Project::trained();
    let api = Api::start(&project);
    let mut hp = project.command();
    hp.args([
        "simulate",
        "--url",
        &api.url(),
        "--every",
        "1ms",
        "--format",
        "json",
    ]);
    let child = hp.stdout(Stdio::piped()).spawn().unwrap();
    api.line_with("/v1/predict");
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(summary["sent"].as_u64().unwrap() > 0);
}

#[test]
fn wrong_arguments_are_usage_errors() {
    let project = Project::trained();
    let api = Api::start(&project);
    let url = api.url();
    for (args, words) in [
        ("--drift B=+2sd", "there is no feature `B` that could drift"),
        ("--drift RM", "is not a drift like"),
        ("--bad 120%", "a share is expected"),
        ("--every soon", "a length of time is expected"),
        ("--every 1s --rate 3", "cannot be used with"),
        ("--once --count 3", "cannot be used with"),
        ("--url localhost", "is not the address of an API"),
    ] {
        let url = if args.contains("--url") {
            ""
        } else {
            &format!("--url {url}")
        };
        project
            .hp(&format!("simulate {url} {args}"))
            .refused(2, &[words]);
    }
}
