//! What cannot be asked, and what is said then.

use crate::sample::{QUESTIONS, Sample};
use proptest::prelude::*;

#[tokio::test]
async fn absurd_parameters_are_named() {
    let sample = Sample::new(Vec::new()).await;
    for (query, name) in [
        ("range=1y", "range"),
        ("range=", "range"),
        ("from=yesterday", "from"),
        ("to=2024-13-01", "to"),
        ("from=2024-09-08&to=2024-09-07", "to"),
        ("range=7d&from=2024-09-08", "range"),
        ("threshold=-1", "threshold"),
        ("threshold=NaN", "threshold"),
        ("threshold=1e999", "threshold"),
        ("bucket=month", "bucket"),
        ("version=latest", "version"),
        ("source=web", "source"),
        ("certainty=maybe", "certainty"),
        ("range=7d&range=30d", "range"),
        ("limit=7", "limit"),
    ] {
        for question in QUESTIONS {
            let reply = sample.get(&format!("{question}?{query}")).await;
            assert_eq!(reply.status, 422, "{question}?{query}");
            let body = reply.json();
            let loc = &body["detail"][0]["loc"];
            assert_eq!(loc, &serde_json::json!(["query", name]), "{query}");
        }
    }
    for query in [
        "page=0",
        "page=9999999999",
        "size=501",
        "size=x",
        "sort=LSTAT",
        "order=up",
    ] {
        let reply = sample.get(&format!("/api/records?{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
    }
    assert_eq!(sample.get("/api/export?format=xlsx").await.status, 422);
    assert_eq!(sample.get("/api/settings?x=1").await.status, 422);
    assert_eq!(sample.get("/api/records/x").await.status, 422);
    let unknown = "/api/records/01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let reply = sample.get(unknown).await;
    assert_eq!(reply.status, 404);
    assert!(reply.text().contains("there is no prediction 01ARZ3"));
    assert_eq!(sample.get("/api/none").await.status, 404);
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let sample = Sample::new(Vec::new()).await;
    let reply = sample.get("/api/series?bucket=x&threshold=y&z=1").await;
    assert_eq!(reply.json()["detail"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn nothing_can_be_written() {
    let sample = Sample::new(Vec::new()).await;
    for question in QUESTIONS {
        let request = axum::http::Request::post(question);
        let request = request.body(axum::body::Body::empty()).unwrap();
        assert_eq!(sample.send(request).await.status, 405, "{question}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_query_is_answered_or_refused(
        name in "range|from|to|threshold|bucket|version|source|certainty|[a-z]{1,8}",
        value in "([ -~]|%[0-9A-F]{2}){0,40}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let value: String = value.chars().map(|c| if c.is_ascii_alphanumeric() || c == '%' { c } else { '+' }).collect();
        let status = runtime.block_on(async {
            let sample = Sample::new(Vec::new()).await;
            sample.get(&format!("/api/overview?{name}={value}")).await.status
        });
        prop_assert!(status == 200 || status == 422, "{status}");
    }
}
