//! `GET /livez`, `/readyz`, `/healthz` and `/v1/model`.

use crate::sample::BODY;
use crate::server::{Server, Setup};
use axum::http::StatusCode;
use serde_json::json;
use std::time::Duration;
use tokio::time::advance;

#[tokio::test]
async fn all_is_well() {
    let server = Server::new();
    assert_eq!(server.get("/livez").await.json(), json!({ "status": "ok" }));
    for path in ["/readyz", "/healthz", "/readyz/"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        let expected =
            json!({ "status": "ok", "model_version": "v1.0.0", "prediction_log": "stored" });
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn a_spool_with_room_is_enough_to_be_ready() {
    let server = Server::new();
    server.store.switch(true);
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["prediction_log"], "spooled");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_takes_nothing_is_not_ready_until_its_store_is_back() {
    let server = Server::with(Setup {
        spool_bytes: Some(10),
        ..Setup::default()
    });
    server.store.switch(true);
    server.post("/v1/predict", BODY).await;
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json(), json!({ "detail": "Service Unavailable" }));
    assert_eq!(server.get("/livez").await.status, StatusCode::OK);
    server.store.switch(false);
    advance(Duration::from_secs(1)).await;
    server.post("/v1/predict", BODY).await;
    assert_eq!(server.state().await, "stored");
}

/// A disk without room, on which a store can be opened and asked but not written.
#[tokio::test(start_paused = true)]
async fn a_store_that_says_it_is_well_is_believed_when_it_takes_records_alone() {
    let server = Server::with(Setup {
        spool_bytes: Some(10),
        ..Setup::default()
    });
    server.store.refuse(true);
    assert_eq!(server.state().await, "stored");
    server.post("/v1/predict", BODY).await;
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    // Without predictions nobody would know when there is room again.
    advance(Duration::from_secs(10)).await;
    assert_eq!(server.state().await, "unknown");
    server.store.refuse(false);
    server.post("/v1/predict", BODY).await;
    assert_eq!(server.state().await, "stored");
}

#[tokio::test(start_paused = true)]
async fn the_store_is_asked_once_in_a_second_however_many_want_to_know() {
    let server = Server::new();
    let (first, second) = tokio::join!(server.get("/readyz"), server.get("/healthz"));
    assert_eq!(
        (first.status, second.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(server.store.checks(), 1);
    server.get("/readyz").await;
    assert_eq!(server.store.checks(), 1);
    advance(Duration::from_secs(1)).await;
    server.get("/readyz").await;
    assert_eq!(server.store.checks(), 2);
}

#[tokio::test]
async fn a_log_that_is_off_is_ready() {
    let server = Server::with(Setup {
        log_off: true,
        ..Setup::default()
    });
    let answer = server.get("/readyz").await;
    assert_eq!(answer.json()["prediction_log"], "off");
}

#[tokio::test]
async fn the_model_tells_where_it_comes_from() {
    let server = Server::new();
    let manifest = server.get("/v1/model").await.json();
    assert_eq!(manifest["model_version"], "v1.0.0");
    assert_eq!(manifest["data"]["fingerprint"].as_str().unwrap().len(), 64);
    let scores = &manifest["methods"][0]["cross_validation"];
    assert_eq!(scores["metric"], "rmse", "{scores}");
    assert_eq!(manifest["example"]["RM"], 6.575);
}
