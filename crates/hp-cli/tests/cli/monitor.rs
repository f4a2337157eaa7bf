//! `hp monitor`: the page, reports and checks.

use crate::support::{Api, Project, ROW};
use insta::assert_snapshot;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// A project with `count` equal predictions in its log.
fn predicted(count: usize) -> Project {
    let project = Project::trained();
    let api = Api::start(&project);
    let rows = vec![ROW; count].join(",");
    let body = format!("[{rows}]");
    assert_eq!(api.post("/v1/predict/batch", &body).status, 200);
    assert_eq!(api.stop(), Some(0));
    project
}

#[test]
fn the_page_and_its_figures_are_served() {
    let project = predicted(3);
    let (monitor, line) =
        Api::with_line(
            project
                .command()
                .args(["monitor", "--port", "0", "--log-format", "text"]),
        );
    assert!(
        line.starts_with("monitoring sqlite://data/predictions.db on"),
        "{line}"
    );
    let page = monitor.get("/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<!doctype html>"));
    let settings = monitor.get("/api/settings").json();
    assert_eq!(settings["target"]["name"], "MEDV");
    assert_eq!(settings["versions"], serde_json::json!(["v1.0.0"]));
    let overview = monitor.get("/api/overview").json();
    assert_eq!(overview["cards"]["total"]["value"], 3.0);
    let outcomes = monitor.get("/api/outcomes").json();
    assert!(outcomes["hint"].is_string());
    let inputs = monitor.get("/api/inputs").json();
    assert_eq!(
        inputs["features"].as_array().map(Vec::len),
        Some(12),
        "{inputs}"
    );
    assert_eq!(monitor.get("/api/overview?range=1y").status, 422);
    assert!(
        monitor
            .get("/metrics")
            .body
            .contains("hp_monitor_predictions{window=\"24h\"} 3")
    );
    assert_eq!(monitor.stop(), Some(0));
}

#[test]
fn a_log_that_is_missing_is_no_empty_one() {
    let project = Project::new();
    for args in ["monitor --port 0", "monitor report", "monitor check"] {
        project.hp(args).refused(
            1,
            &["there is no prediction log `data/predictions.db`", "hint: "],
        );
    }
    assert!(!project.path("data/predictions.db").exists());
    project
        .hp("monitor --store none")
        .refused(2, &["the prediction log is off"]);
    project
        .hp("monitor --host 0.0.0.0")
        .refused(2, &["can be reached from other machines"]);
}

#[test]
fn arguments_of_the_page_are_none_of_a_report() {
    let project = Project::new();
    for (args, named) in [
        ("monitor --port 1 report", ["'--port'", "'report'"]),
        ("monitor --insecure check", ["'--insecure'", "'check'"]),
        (
            "monitor --log-level debug report",
            ["'--log-level'", "'report'"],
        ),
    ] {
        project.hp(args).refused(2, &named);
    }
    project.hp("log init").expect(0);
    project
        .hp("monitor --store sqlite://data/predictions.db report")
        .expect(0);
    let mut report = project.command();
    report
        .args(["monitor", "report"])
        .env("HP_MONITOR_PORT", "1");
    assert_eq!(report.output().unwrap().status.code(), Some(0));
}

#[test]
fn an_empty_log_has_a_report() {
    let project = Project::new();
    project.hp("log init").expect(0);
    let outcome = project.hp("monitor report --from 2024-09-07 --to 2024-09-08");
    assert_snapshot!(outcome, @"
    exit code 0
    --- stdout
    predictions, 2024-09-07T00:00:00Z to 2024-09-09T00:00:00Z
     figure            now   before   change
    ─────────────────────────────────────────
     predictions         0        0        0
     wider than 22       0        0        0
     outside limits      0        0        0
     share uncertain     –        –        –
     mean width          –        –        –
     mean prediction     –        –        –

    drift
     column   missing   out of range   effect   by chance   q-value   verdict
    ──────────────────────────────────────────────────────────────────────────

    outcomes
     predictions   true values   mae   rmse
    ────────────────────────────────────────
     all                     0     –      –
     certain                 0     –      –
     uncertain               0     –      –
    --- stderr
    there are no predictions: choose a longer period
    no true values are known yet: send them to `POST /v1/feedback` with the id of their prediction
    ");
    let html = project.hp("monitor report --format html").expect(0).stdout;
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
}

#[test]
fn a_report_has_the_figures_of_the_log() {
    let project = predicted(25);
    let report = project
        .hp("monitor report --range 24h --format json")
        .json();
    assert_eq!(report["overview"]["cards"]["total"]["value"], 25.0);
    assert_eq!(report["inputs"]["reference"], true);
    let alarms = report["inputs"]["alarms"].as_array().unwrap();
    assert!(alarms.contains(&"CRIM".into()), "{alarms:?}");
    let table = project.hp("monitor report").expect(0);
    assert!(
        table.stdout.contains("drift from the training of v1.0.0"),
        "{table}"
    );
    assert!(table.stderr.contains("/v1/feedback"), "{table}");
    let other = project
        .hp("monitor report --source api --format json")
        .json();
    assert_eq!(other["overview"]["cards"]["total"]["value"], 0.0);
    project
        .hp("monitor report --range 24h --from 2024-09-08")
        .refused(2, &["--range"]);
}

#[test]
fn a_check_ends_with_the_reasons() {
    let project = predicted(25);
    let check =
        project.hp("monitor check --range 24h --fail-on predictions<9,width>1,coverage<0.7");
    assert_eq!(check.code, Some(3), "{check}");
    assert!(
        check
            .stderr
            .contains("error: the predictions are not well: width>1 (width is ")
    );
    assert!(
        check.stdout.contains("coverage needs 20 more true values"),
        "{check}"
    );
    let well = project
        .hp("monitor check --fail-on width>1000,coverage<0.7 --format json")
        .expect(0);
    let findings = well.json();
    assert_eq!(findings["state"], "well");
    assert_eq!(findings["findings"][1]["what"], "needs_more");
    project
        .hp("monitor check --fail-on medv>3")
        .refused(2, &["`medv` is not one of uncertain, width"]);
    project
        .hp("monitor check --webhook ftp://x")
        .refused(2, &["does not begin with http://"]);
}

/// A service that takes alerts, and their bodies as they come.
fn service() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, alerts) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut length, mut line) = (0, String::new());
            while reader.read_line(&mut line).is_ok_and(|_| line != "\r\n") {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            let _ = sender.send(serde_json::from_slice(&body).unwrap());
        }
    });
    (url, alerts)
}

#[test]
fn an_alert_is_posted_once() {
    let project = predicted(25);
    let (url, alerts) = service();
    let check = |policy: &str| {
        project.hp(&format!(
            "monitor check --fail-on {policy} --webhook {url} --format json"
        ))
    };
    let told = |outcome: crate::support::Outcome| outcome.json()["told"] == true;
    assert!(!told(check("width>1000").expect(0)));
    assert!(told(check("width>1").expect(3)));
    assert!(!told(check("width>1").expect(3)));
    assert!(told(check("width>1000").expect(0)));
    let states = alerts.try_iter().map(|alert| alert["state"].clone());
    assert_eq!(states.collect::<Vec<_>>(), ["alert", "resolved"]);
    assert!(project.path("data/predictions.alert.json").exists());
}

#[test]
fn a_webhook_that_fails_is_told_again() {
    let project = predicted(25);
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let args = format!("monitor check --fail-on width>1 --webhook http://127.0.0.1:{port}/secret");
    let outcome = project.hp(&args).expect(3);
    assert!(
        outcome.stderr.contains("the webhook was not reached"),
        "{outcome}"
    );
    assert!(!outcome.stderr.contains("secret"), "{outcome}");
    assert!(!project.path("data/predictions.alert.json").exists());
    let (url, alerts) = service();
    project
        .hp(&format!("monitor check --fail-on width>1 --webhook {url}"))
        .expect(3);
    let alert = alerts.recv_timeout(Duration::from_mins(1)).unwrap();
    assert_eq!(alert["met"][0]["condition"], "width>1");
}

#[test]
fn exports_are_files() {
    let project = predicted(3);
    let monitor = Api::start_monitor(&project);
    let mut stream = monitor.connect().unwrap();
    let request = "GET /api/export?format=parquet HTTP/1.0\r\nhost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let start = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap()
        + 4;
    assert!(answer.starts_with(b"HTTP/1.0 200"));
    assert!(answer[start..].starts_with(b"PAR1") && answer.ends_with(b"PAR1"));
    assert_eq!(monitor.stop(), Some(0));
}
