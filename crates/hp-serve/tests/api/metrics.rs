//! `GET /metrics`. All tests of the process share the recorder, so each looks at what it added.

use crate::sample::BODY;
use crate::server::{Server, Setup};

/// The value of a line of the text, 0 when there is none.
fn value(text: &str, line: &str) -> f64 {
    let mut lines = text.lines();
    let found = lines.find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
    found.map_or(0.0, |value| value.parse().unwrap())
}

#[tokio::test]
async fn predictions_are_counted() {
    let server = Server::new();
    // A version of its own has counters of its own.
    server.versions.write("v7.0.0", 25.0);
    server.api.reload().unwrap();
    server.post("/v1/predict", BODY).await;
    let batch = format!("[{BODY},{BODY}]");
    server.post("/v1/predict/batch", batch).await;
    server.post("/v1/predict", "{}").await;
    let answer = server.get("/metrics").await;
    assert_eq!(
        answer.media_type(),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = answer.text();
    let line = r#"hp_predictions_total{model="boston",version="v7.0.0"}"#;
    assert_eq!(value(&text, line).to_bits(), 3f64.to_bits(), "{text}");
    assert!(value(&text, "hp_interval_width_count") >= 3.0, "{text}");
    assert!(
        text.contains("hp_interval_width_bucket{le=\"10\"}"),
        "{text}"
    );
    for name in [
        "http_requests_total{",
        "http_request_duration_seconds_bucket{",
        "http_requests_in_progress",
    ] {
        assert!(text.contains(name), "{name}: {text}");
    }
    let info = text
        .lines()
        .find(|line| line.starts_with("hp_model_info{") && line.contains("version=\"v7.0.0\""));
    let info = info.unwrap();
    assert!(
        info.contains("git=\"909b04c\"") && info.ends_with(" 1"),
        "{info}"
    );
}

#[tokio::test]
async fn values_out_of_range_are_counted_by_feature() {
    let server = Server::with(Setup {
        allow_out_of_range: true,
        ..Setup::default()
    });
    let line = r#"hp_input_out_of_range_total{feature="INDUS"}"#;
    let before = value(&server.get("/metrics").await.text(), line);
    let body = BODY.replace("2.31", "231");
    server.post("/v1/predict", body).await;
    let after = value(&server.get("/metrics").await.text(), line);
    assert!(after > before, "{before} {after}");
}

#[tokio::test]
async fn what_the_store_does_not_take_is_counted() {
    let server = Server::new();
    server.store.switch(true);
    let line = "hp_log_write_failures_total";
    let before = value(&server.get("/metrics").await.text(), line);
    server.post("/v1/predict", BODY).await;
    let text = server.get("/metrics").await.text();
    assert!(value(&text, line) > before, "{text}");
    // The servers of other tests set the same gauge, perhaps just before it is read.
    let mut bytes = 0.0;
    for _ in 0..1_000 {
        let text = server.get("/metrics").await.text();
        bytes = value(&text, "hp_log_spooled_bytes");
        if bytes > 0.0 {
            break;
        }
    }
    assert!(bytes > 0.0);
}
