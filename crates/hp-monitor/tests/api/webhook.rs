//! Alerts on their way to a service that listens on this machine.

use crate::sample::{Sample, Seen, record};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use hp_monitor::policy::{Alert, Policy, Verdict, Webhook, WebhookError};
use hp_monitor::report::Report;
use hp_monitor::view::{Range, Selection, When};
use std::time::Duration;
use tokio::net::TcpListener;

/// A service that answers with `statuses` in turn, the last one for ever, and remembers the bodies.
async fn service(statuses: &'static [u16]) -> (String, Seen<String>) {
    let seen = Seen::<String>::default();
    let take = move |State(seen): State<Seen<String>>, body: String| async move {
        let mut seen = seen.lock().unwrap();
        let status = statuses[seen.len().min(statuses.len() - 1)];
        seen.push(body);
        StatusCode::from_u16(status).unwrap()
    };
    let router = Router::new()
        .route("/hook", post(take))
        .with_state(seen.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let limits = hp_http::Limits::default();
        hp_http::serve(listener, router, limits, std::future::pending()).await
    });
    (url, seen)
}

async fn alert() -> Alert {
    let sample = Sample::new(vec![record(1, 6.0, 0.0)]).await;
    let selection = Selection::new(When::Last(Range::Day), 22.0);
    let report = Report::new(&sample.monitor, &selection).await.unwrap();
    let policy: Policy = "predictions<9".parse().unwrap();
    let verdict = Verdict::new(&policy, &report, 20);
    Alert::new(&report, &verdict, &[], jiff::Timestamp::UNIX_EPOCH).unwrap()
}

fn webhook(url: &str) -> Webhook {
    Webhook::new(url, Duration::from_secs(30), 3, Duration::from_millis(1)).unwrap()
}

#[tokio::test]
async fn an_alert_is_posted_as_json() {
    let (url, seen) = service(&[200]).await;
    webhook(&url).post(&alert().await).await.unwrap();
    let bodies = seen.lock().unwrap().clone();
    assert_eq!(bodies.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&bodies[0]).unwrap();
    assert_eq!(
        (&body["state"], &body["title"]),
        (&"alert".into(), &"boston".into())
    );
    assert_eq!(body["met"][0]["condition"], "predictions<9");
    assert_eq!(body["met"][0]["value"], 1.0);
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let (url, seen) = service(&[503, 429, 204]).await;
    webhook(&url).post(&alert().await).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 3);
    let (url, seen) = service(&[500]).await;
    let error = webhook(&url).post(&alert().await).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the webhook answered 500 Internal Server Error"
    );
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    for status in [&[404], &[302]] {
        let (url, seen) = service(status).await;
        let error = webhook(&url).post(&alert().await).await.unwrap_err();
        assert!(matches!(error, WebhookError::Refused { .. }));
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn nobody_there_is_told_without_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let webhook = webhook(&format!("http://{address}/geheim"));
    let error = webhook.post(&alert().await).await.unwrap_err();
    let text = hp_core::cause::chain(&error);
    assert!(
        text.starts_with("the webhook was not reached in 3 tries"),
        "{text}"
    );
    assert!(!text.contains("geheim") && !format!("{webhook:?}").contains("geheim"));
    for url in ["ftp://127.0.0.1", "", "127.0.0.1", "file:///etc/passwd"] {
        let made = Webhook::new(url, Duration::from_secs(1), 1, Duration::ZERO);
        assert!(matches!(made, Err(WebhookError::Url)), "{url}");
    }
}
