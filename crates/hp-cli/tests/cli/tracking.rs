//! A tracking server that is not there, or not what it should be: nothing fails because of it, and
//! nobody waits for it.

use crate::support::{Outcome, Project, SMALL, Server};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

const CONFIG: &str = "configs/model_config.yaml";

/// The address of a server that is down.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The address of a server that is content with every run.
fn content() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(|| agree(stream));
        }
    });
    address
}

/// Gives one answer that fits every call.
fn agree(mut stream: TcpStream) {
    let answer = serde_json::json!({
        "experiment": { "experiment_id": "1" },
        "runs": [],
        "run": { "info": { "run_id": "r", "artifact_uri": "mlflow-artifacts:/1/r/artifacts" } },
    });
    let answer = answer.to_string();
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        request.push(byte[0]);
    }
    let length = answer.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(format!("{head}{answer}").as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
    // Closing with something unread would take the answer back.
    let _ = io::copy(&mut stream, &mut io::sink());
}

fn hp(project: &Project, server: &str, args: &str) -> Outcome {
    let mut hp = project.command();
    hp.args(args.split_whitespace());
    project.run(hp.env("MLFLOW_TRACKING_URI", server))
}

fn small() -> Project {
    let project = Project::fetched();
    project.write(CONFIG, SMALL);
    project
}

#[test]
fn a_training_does_not_fail_when_the_server_is_down() {
    let project = small();
    let server = nobody();
    let begun = Instant::now();
    let outcome = hp(&project, &server, "run --from train").expect(0);
    // The first retry alone would come two seconds later.
    assert!(begun.elapsed() < Duration::from_secs(30), "{outcome}");
    let warning = format!("the tracking server `{server}` cannot be reached");
    assert_eq!(outcome.stderr.matches(&warning).count(), 2, "{outcome}");
    assert!(
        outcome
            .stderr
            .contains("\nhint: `hp runs sync` tells it later\n"),
        "{outcome}"
    );
    assert_eq!(project.statuses(), ["FINISHED"]);

    let promoted = hp(&project, &server, "models promote v1.0.0 --alias champion").expect(0);
    assert!(
        promoted
            .stderr
            .contains("\nhint: `hp runs sync` tells it later\n"),
        "{promoted}"
    );
    assert_eq!(project.targets("champion"), ["v1.0.0"]);
    hp(&project, &server, "runs sync").refused(5, &[&warning, "hint: check MLFLOW_TRACKING_URI"]);
    // Sooner or later it would have been retried.
    let mut patient = project.command();
    patient
        .args(["runs", "sync"])
        .env("MLFLOW_TRACKING_URI", &server)
        .env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        .env("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
        .env("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0");
    let begun = Instant::now();
    project.run(&mut patient).refused(5, &[&warning]);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_server_that_refuses_or_is_none_is_told_of() {
    let project = small();
    let refusing = Server::failing("401 Unauthorized");
    let outcome = hp(&project, &refusing.url(""), "train").expect(0);
    assert!(outcome.stderr.contains("with status 401"), "{outcome}");
    hp(&project, &refusing.url(""), "runs sync")
        .refused(5, &["status 401", "MLFLOW_TRACKING_TOKEN"]);
    let page = Server::with("<html>Log in</html>");
    hp(&project, &page.url(""), "runs sync").refused(
        1,
        &[
            "not with JSON",
            "page to log in",
            "1 of 1 runs and aliases could not be sent",
        ],
    );
    hp(&project, "ftp://host", "runs sync").refused(4, &["`MLFLOW_TRACKING_URI` is not"]);
    let outcome = hp(
        &project,
        "ftp://host",
        "models promote v1.0.0 --alias champion",
    );
    assert!(outcome.expect(0).stderr.contains("warning: "));
    project.hp("runs sync").refused(
        4,
        &[
            "no tracking server is named",
            "hint: set MLFLOW_TRACKING_URI",
        ],
    );
}

#[test]
fn a_run_that_is_sent_without_its_models_is_told_of() {
    let project = small();
    let server = content();
    let none = hp(&project, &server, "runs sync").expect(0);
    assert_eq!(none.stderr, "no run to send\n");
    project.hp("train").expect(0);
    std::fs::remove_dir_all(project.path("artifacts/v1.0.0")).unwrap();
    let sent = hp(&project, &server, "runs sync").expect(0);
    let warning = " is sent without its models: the version `v1.0.0` is gone\nsent run ";
    assert!(sent.stderr.starts_with("warning: run "), "{sent}");
    assert!(sent.stderr.contains(warning), "{sent}");
    let again = hp(&project, &server, "runs sync").expect(0);
    assert_eq!(again.stderr, "the tracking server knows the run\n");
}

#[test]
fn a_version_of_a_server_that_is_down_is_the_one_it_named_last() {
    let project = Project::trained();
    let server = nobody();
    let predict = "predict --json input.json --model-version models:/hp@champion";
    hp(&project, &server, predict)
        .refused(5, &["cannot be reached", "hint: check MLFLOW_TRACKING_URI"]);
    project
        .hp(predict)
        .refused(4, &["no tracking server is named"]);
    let digest = project.hp("models show --format json").json()["manifest_sha256"].clone();
    let pulled = serde_json::json!({
        "version": "v1.0.0",
        "manifest_sha256": digest,
        "number": 3,
    });
    project.write(
        "artifacts/mlflow.json",
        serde_json::json!({ "pulled": { "models:/hp@champion": pulled } }).to_string(),
    );
    let outcome = hp(&project, &server, predict).expect(0);
    assert_eq!(outcome.json()["model_version"], "v1.0.0");
    assert!(
        outcome
            .stderr
            .starts_with("warning: using v1.0.0, which was models:/hp@champion the last time: "),
        "{outcome}"
    );
    for wrong in ["models:/hp", "models:hp@champion", "models:/../x/1"] {
        project
            .hp(&format!(
                "predict --json input.json --model-version {wrong}"
            ))
            .refused(2, &["is not like `models:/hp@champion` or `models:/hp/3`"]);
    }
}
