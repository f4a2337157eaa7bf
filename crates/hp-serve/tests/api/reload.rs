//! `POST /v1/reload`, and the artifact that is exchanged while requests are answered.

use crate::sample::BODY;
use crate::server::Server;
use axum::http::StatusCode;
use serde_json::json;
use std::fs;
use std::sync::Arc;

const PATH: &str = "/v1/reload";

#[tokio::test]
async fn the_new_version_serves_from_then_on() {
    let server = Server::new();
    server.versions.write("v1.1.0", 30.0);
    let answer = server.post(PATH, "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let expected = json!({ "previous_version": "v1.0.0", "model_version": "v1.1.0" });
    assert_eq!(answer.json(), expected);
    let answer = server.post("/v1/predict", BODY).await.json();
    assert_eq!(answer["model_version"], "v1.1.0");
    assert_eq!(answer["prediction"]["Prediction"], 30.0);
    assert_eq!(
        server.get("/v1/model").await.json()["model_version"],
        "v1.1.0"
    );
    let description = server.get("/openapi.json").await.json();
    assert_eq!(description["info"]["version"], "v1.1.0");
}

#[tokio::test]
async fn a_version_that_is_damaged_leaves_the_old_one_serving() {
    let server = Server::new();
    server.versions.write("v1.1.0", 30.0);
    let file = server.versions.path("v1.1.0").join("preprocessor.bin");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();

    let answer = server.post(PATH, "").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let expected = json!({ "detail": "Service Unavailable", "model_version": "v1.0.0" });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.media_type(), "application/json");
    let answer = server.post("/v1/predict", BODY).await.json();
    assert_eq!(answer["model_version"], "v1.0.0");
}

#[tokio::test]
async fn a_version_that_is_gone_leaves_the_old_one_serving() {
    let server = Server::new();
    fs::remove_dir_all(server.versions.path("v1.0.0")).unwrap();
    assert!(server.api.reload().is_err());
    let answer = server.post("/v1/predict", BODY).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// Each request is answered by one version alone, whatever is exchanged meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_dropped() {
    let server = Arc::new(Server::new());
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                for _ in 0..200 {
                    let answer = server.post("/v1/predict", BODY).await;
                    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                    let json = answer.json();
                    let version = json["model_version"].as_str().unwrap().to_owned();
                    let level = json["prediction"]["Prediction"].as_f64().unwrap();
                    seen.push((version, level));
                }
                seen
            })
        })
        .collect();
    let versions = ["v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0"];
    for (version, level) in versions.into_iter().zip([31.0, 32.0, 33.0, 34.0]) {
        server.versions.write(version, level);
        let answer = server.post(PATH, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    for client in clients {
        for (version, level) in client.await.unwrap() {
            let minor = f64::from(version.as_bytes()[3] - b'0');
            let expected = if minor > 0.0 { 30.0 + minor } else { 25.0 };
            assert_eq!(level.to_bits(), expected.to_bits(), "{version}");
        }
    }
    assert_eq!(server.api.version().to_string(), "v1.4.0");
}
