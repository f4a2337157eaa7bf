//! `POST /v1/feedback`.

use crate::sample::BODY;
use crate::server::{Answer, Server, Setup};
use axum::http::StatusCode;
use serde_json::json;

const PATH: &str = "/v1/feedback";
const UNKNOWN: &str = "01J79CBBWGNFSZ0P1A2Y3C4D5E";

/// Predicts the example and gives its id.
async fn predicted(server: &Server) -> String {
    let answer = server.post("/v1/predict", BODY).await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn send(server: &Server, id: &str, actual: f64) -> Answer {
    let body = json!({ "id": id, "actual": actual });
    server.post(PATH, body.to_string()).await
}

#[tokio::test]
async fn a_true_value_is_attached_once() {
    let server = Server::new();
    let id = predicted(&server).await;
    let answer = send(&server, &id, 24.0).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["id"], id);
    assert_eq!(answer.json()["actual"], 24.0);
    let kept = server.records().await[0].actual.unwrap();
    assert_eq!(kept.value.to_bits(), 24f64.to_bits());

    let again = send(&server, &id, 24.0).await;
    assert_eq!(again.status, StatusCode::OK);
    let other = send(&server, &id, 23.5).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    let detail = "Another actual value is attached already: 24";
    assert_eq!(other.json(), json!({ "detail": detail }));
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let server = Server::new();
    let answer = send(&server, UNKNOWN, 24.0).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let off = Server::with(Setup {
        log_off: true,
        ..Setup::default()
    });
    let answer = send(&off, UNKNOWN, 24.0).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_store_that_is_down_is_unavailable() {
    let server = Server::new();
    let id = predicted(&server).await;
    server.store.switch(true);
    let down = send(&server, &id, 24.0).await;
    assert_eq!(down.status, StatusCode::SERVICE_UNAVAILABLE);
    // The prediction is in the spool only, where the store will get it from.
    let spooled = predicted(&server).await;
    server.store.switch(false);
    let early = send(&server, &spooled, 24.0).await;
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn bad_bodies_are_told_what_is_wrong() {
    let server = Server::new();
    let with = |fields: &str| format!(r#"{{"id": "{UNKNOWN}", {fields}}}"#);
    let cases = [
        (
            "{}".to_owned(),
            vec!["missing body.id", "missing body.actual"],
        ),
        ("[]".to_owned(), vec!["model_attributes_type body"]),
        (String::new(), vec!["missing body"]),
        (with(r#""actual": "x""#), vec!["float_parsing body.actual"]),
        (with(r#""actual": null"#), vec!["float_type body.actual"]),
        (
            with(r#""actual": 1e999"#),
            vec!["finite_number body.actual"],
        ),
        (
            with(r#""actual": -1"#),
            vec!["greater_than_equal body.actual"],
        ),
        (with(r#""actual": 51"#), vec!["less_than_equal body.actual"]),
        (
            with(r#""actual": 24, "why": 1"#),
            vec!["extra_forbidden body.why"],
        ),
        (
            with(r#""id": 1, "actual": 24"#),
            vec!["duplicate_field body.id"],
        ),
        (
            r#"{"id": 7, "actual": 24}"#.to_owned(),
            vec!["string_type body.id"],
        ),
        (
            r#"{"id": "7", "actual": 24}"#.to_owned(),
            vec!["value_error body.id"],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(
            server.post(PATH, body.clone()).await.problems(),
            expected,
            "{body}"
        );
    }
    let text = server
        .post_as(PATH, "text/plain", with(r#""actual": 24"#))
        .await;
    assert_eq!(text.problems(), ["model_attributes_type body"]);
}
