//! A server that is slow, overloaded, behind a login, or not there.

use crate::fake::error;
use crate::server::{Reply, Request, Server};
use crate::setting::{settings, tracking, wait};
use hp_registry::mlflow::{MlflowError, Probe, Tracking};
use serde_json::json;
use std::time::{Duration, Instant};

fn fine() -> Reply {
    Reply::json(200, &json!({ "experiments": [] }))
}

/// Probes a server whose first `failures` answers are `failing`; gives what came of it and how
/// many calls of the API it took.
fn probe(failures: usize, failing: Reply, retries: u32) -> (Result<Probe, MlflowError>, usize) {
    let server = Server::start(move |request, before| match request.path() {
        "/version" => Reply::bytes(200, "text/plain", "3.17.2"),
        _ if before < failures => failing.clone(),
        _ => fine(),
    });
    let probe = wait(tracking(&server.uri, retries).probe());
    let api = |request: &&Request| request.path() != "/version";
    (probe, server.asked().iter().filter(api).count())
}

#[test]
fn a_server_that_answers_is_fine() {
    let (probe, calls) = probe(0, fine(), 0);
    assert_eq!(probe.unwrap().version.as_deref(), Some("3.17.2"));
    assert_eq!(calls, 1);
}

#[test]
fn what_may_pass_is_tried_again() {
    let busy = || error(429, "REQUEST_LIMIT_EXCEEDED", "slow down");
    for failing in [
        Reply::nothing(),
        Reply::html(500),
        Reply::html(502),
        Reply::html(503).with("retry-after", "0"),
        busy(),
        fine().cut(5),
    ] {
        let (mended, calls) = probe(2, failing.clone(), 2);
        assert!(mended.is_ok(), "{failing:?}: {mended:?}");
        assert_eq!(calls, 3);
        let (given_up, calls) = probe(9, failing.clone(), 1);
        let error = given_up.unwrap_err();
        assert!(error.is_network(), "{error}");
        assert_eq!(calls, 2);
    }
}

#[test]
fn the_wait_that_a_server_asks_for_is_kept() {
    let begin = Instant::now();
    let failing = Reply::html(429).with("retry-after", "1");
    probe(1, failing, 1).0.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[test]
fn what_stays_wrong_is_said_at_once() {
    let host = "Invalid Host header - possible DNS rebinding attack detected";
    let moved = Reply::html(302).with("location", "https://u:secret@login.example.org/in?t=secret");
    for (failing, text, hint) in [
        (
            Reply::html(200),
            "status 200 and `text/html`, not with JSON",
            "page to log in",
        ),
        (
            Reply::html(401),
            "refused `POST mlflow/experiments/search` with status 401",
            "TOKEN",
        ),
        (Reply::html(403), "status 403", "MLFLOW_TRACKING_PASSWORD"),
        (
            Reply::bytes(403, "text/plain", host),
            "name `127.0.0.1`",
            "--allowed-hosts",
        ),
        (
            moved,
            "`https://login.example.org/in`",
            "MLFLOW_TRACKING_URI",
        ),
        (
            Reply::html(404),
            "status 404 and `text/html`",
            "with its path",
        ),
        (
            error(400, "BAD_REQUEST", "no\nsecond line"),
            "BAD_REQUEST: no",
            "",
        ),
    ] {
        let (probe, calls) = probe(9, failing, 5);
        let error = probe.unwrap_err();
        let said = error.to_string();
        assert!(said.contains(text) && !said.contains("secret"), "{said}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{said}");
        assert_eq!(calls, 1, "{said}");
    }
}

#[test]
fn a_slow_server_times_out() {
    let server = Server::start(|_, _| fine().late(Duration::from_secs(30)));
    let read = settings(&[
        ("MLFLOW_TRACKING_URI", server.uri.as_str()),
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", "0.2"),
        ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0"),
    ]);
    let tracking = Tracking::new(read.unwrap().unwrap()).unwrap();
    let error = wait(tracking.probe()).unwrap_err();
    assert!(matches!(error, MlflowError::TimedOut { .. }), "{error}");
    assert!(error.is_network());
}

#[test]
fn no_server_is_unreachable() {
    let error = wait(tracking("http://127.0.0.1:1", 1).probe()).unwrap_err();
    assert!(matches!(error, MlflowError::Unreachable { .. }), "{error}");
    assert!(error.hint().unwrap().contains("MLFLOW_TRACKING_URI"));
    let said = "the tracking server `http://127.0.0.1:1` cannot be reached: connection refused";
    assert_eq!(error.to_string(), said);
}

#[test]
fn a_page_in_place_of_data_is_the_fault_of_the_network() {
    for (status, is_network) in [(200, true), (404, false)] {
        let (probe, _) = probe(9, Reply::html(status), 0);
        assert_eq!(probe.unwrap_err().is_network(), is_network, "{status}");
    }
}
