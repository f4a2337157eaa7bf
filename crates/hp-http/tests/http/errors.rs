//! What errors look like from outside, and what of them is only in the log.

use crate::events::Events;
use crate::support::{Server, echo, request};
use axum::response::IntoResponse;
use hp_http::{Detail, HttpError, Protection};
use serde_json::{Value, json};

#[tokio::test]
async fn unknown_paths_and_methods_are_told_in_json() {
    let server = Server::start(Protection::default()).await;
    let answer = server.ask(request("GET /nothing", &[])).await;
    answer.assert_error(404, "Not Found");
    let answer = server.ask(request("GET /echo", &[])).await;
    answer.assert_error(405, "Method Not Allowed");
    assert_eq!(answer.header("allow"), Some("POST"));
    let answer = server.ask(request("BREW /livez", &[])).await;
    answer.assert_error(405, "Method Not Allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn what_an_extractor_refuses_is_told_in_json() {
    let server = Server::start(Protection::default()).await;
    let answer = server.ask(request("GET /hello/%ff", &[])).await;
    answer.assert_error(400, "Bad Request");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let server = Server::start(Protection::default()).await;
    for bytes in [
        echo("x"),
        request("GET /nothing", &[]),
        request("GET /panic", &[]),
    ] {
        let answer = server.ask(bytes).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn an_internal_error_is_hidden_and_logged_once() {
    let events = Events::record();
    let server = Server::start(Protection::default()).await;
    let answer = server
        .ask(request("GET /internal", &["x-request-id: abc"]))
        .await;
    answer.assert_error(500, "Internal Server Error");
    let failed = events.with(&["failed"]);
    assert_eq!(failed.len(), 1, "{failed:?}");
    for part in [
        "ERROR",
        "the model cannot be read: password 1234",
        "\"abc\"",
        "path=\"/internal\"",
    ] {
        assert!(failed[0].contains(part), "{failed:?}");
    }
    assert_eq!(
        events
            .with(&["INFO", "answered", "status=500", "\"abc\""])
            .len(),
        1
    );
}

#[tokio::test]
async fn a_panic_is_an_internal_error() {
    let events = Events::record();
    let server = Server::start(Protection::default()).await;
    let mut client = server.connect().await;
    client
        .send(request("GET /panic", &["x-request-id: abc"]))
        .await;
    client
        .answer()
        .await
        .assert_error(500, "Internal Server Error");
    let failed = events.with(&["failed"]);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].contains("the secret is 42"), "{failed:?}");
    // The connection and the server go on.
    client.send(request("GET /livez", &[])).await;
    assert_eq!(client.answer().await.body, "alive");
}

#[tokio::test]
async fn unavailable_says_when_to_come_back_but_not_why() {
    let events = Events::record();
    let server = Server::start(Protection::default()).await;
    let answer = server.ask(request("GET /unavailable", &[])).await;
    answer.assert_error(503, "Service Unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(events.with(&["failed", "the disk is full"]).len(), 1);
}

#[tokio::test]
async fn validation_has_the_shape_of_fastapi() {
    let problem = Detail {
        r#type: "greater_than_equal",
        loc: vec!["body".into(), 1.into(), "crim".into()],
        msg: "Input should be greater than or equal to 0".to_owned(),
        input: json!(-1.0),
        ctx: Some(json!({"ge": 0.0})),
    };
    let without_ctx = Detail {
        ctx: None,
        ..problem.clone()
    };
    let response = HttpError::Validation(vec![problem, without_ctx]).into_response();
    assert_eq!(response.status(), 422);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    let first = json!({
        "type": "greater_than_equal", "loc": ["body", 1, "crim"],
        "msg": "Input should be greater than or equal to 0", "input": -1.0, "ctx": {"ge": 0.0},
    });
    let mut second = first.clone();
    second.as_object_mut().unwrap().shift_remove("ctx");
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body, json!({"detail": [first, second]}));
}
