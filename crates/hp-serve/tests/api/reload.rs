//! `POST /v1/reload`, and the artifact that is exchanged while requests are answered.

use crate::sample::BODY;
use crate::server::Server;
use axum::http::StatusCode;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::task::JoinHandle;

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
    assert_eq!(answer.json(), json!({ "detail": "Service Unavailable" }));
    let ready = server.get("/readyz").await.json();
    assert_eq!(ready["model_version"], "v1.0.0");
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
    const LEVELS: [(&str, f64); 5] = [
        ("v1.0.0", 25.0),
        ("v1.1.0", 31.0),
        ("v1.2.0", 32.0),
        ("v1.3.0", 33.0),
        ("v1.4.0", 34.0),
    ];
    let server = Arc::new(Server::new());
    let answered = Arc::new(AtomicUsize::new(0));
    let enough = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (server, answered) = (Arc::clone(&server), Arc::clone(&answered));
            let enough = Arc::clone(&enough);
            tokio::spawn(async move {
                let mut seen = BTreeSet::new();
                while !enough.load(Ordering::SeqCst) {
                    let answer = server.post("/v1/predict", BODY).await;
                    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                    let json = answer.json();
                    let version = json["model_version"].as_str().unwrap();
                    let (version, expected) =
                        *LEVELS.iter().find(|(name, _)| *name == version).unwrap();
                    let level = json["prediction"]["Prediction"].as_f64().unwrap();
                    assert_eq!(level.to_bits(), expected.to_bits(), "{version}");
                    seen.insert(version);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                seen
            })
        })
        .collect();
    // More answers than the clients can have been waiting for.
    let more = async || {
        let before = answered.load(Ordering::SeqCst);
        while answered.load(Ordering::SeqCst) < before + 2 * clients.len() {
            assert!(
                !clients.iter().any(JoinHandle::is_finished),
                "a client failed"
            );
            tokio::task::yield_now().await;
        }
    };
    let mut meanwhile = 0;
    let mut reload = async || {
        let before = answered.load(Ordering::SeqCst);
        let answer = server.post(PATH, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        meanwhile += answered.load(Ordering::SeqCst) - before;
        meanwhile
    };
    more().await;
    for (version, level) in &LEVELS[1..] {
        server.versions.write(version, *level);
        reload().await;
        more().await;
    }
    // Some requests were answered while a version was loaded, however the threads were busy.
    while reload().await == 0 {}
    enough.store(true, Ordering::SeqCst);
    let mut seen = BTreeSet::new();
    for client in clients {
        seen.extend(client.await.unwrap());
    }
    assert_eq!(seen, LEVELS.map(|(version, _)| version).into());
    assert_eq!(server.api.version().to_string(), "v1.4.0");
}
