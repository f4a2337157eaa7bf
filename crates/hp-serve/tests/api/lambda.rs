//! Events of AWS Lambda.

use crate::sample::BODY;
use crate::server::{Server, Setup};
use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::response::Response;
use hp_serve::{LambdaError, LambdaHandler};
use hp_store::Source;
use lambda_http::Request;
use serde_json::{Value, json};
use std::sync::Arc;

async fn answer(server: &Server, event: &Value) -> Result<Response, LambdaError> {
    let handler = LambdaHandler::new(Arc::clone(&server.api), server.router.clone());
    let request: Request = lambda_http::request::from_str(&event.to_string()).unwrap();
    handler.answer(request).await
}

async fn json(response: Response) -> Value {
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// A request to a function URL.
fn request(path: &str, body: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "x.lambda-url.eu-west-1.on.aws" },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "x",
            "domainName": "x.lambda-url.eu-west-1.on.aws",
            "http": {
                "method": "POST", "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7", "userAgent": "curl"
            },
            "requestId": "1", "routeKey": "$default", "stage": "$default",
            "time": "08/Sep/2024:16:46:02 +0000", "timeEpoch": 1_725_813_962_000u64
        },
        "body": body,
        "isBase64Encoded": false
    })
}

fn schedule() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "time": "2024-09-08T16:46:02Z",
        "detail": {}
    })
}

#[tokio::test]
async fn a_function_url_is_answered_by_the_router() {
    let server = Server::new();
    let response = answer(&server, &request("/v1/predict", BODY))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(json(response).await["prediction"]["Prediction"], 25.0);
    let refused = answer(&server, &request("/v1/predict", "{}"))
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(server.records().await.len(), 1);
}

#[tokio::test]
async fn a_schedule_predicts_a_simulated_row() {
    let server = Server::new();
    let response = answer(&server, &schedule()).await.unwrap();
    let found = json(response).await;
    assert_eq!(found["response"], "Success add data to database!");
    let records = server.records().await;
    assert_eq!(records[0].source, Source::Simulation);
    assert_eq!(found["id"], records[0].id.to_string());
}

#[tokio::test]
async fn other_events_fail() {
    let server = Server::new();
    for event in [json!({ "Records": [] }), json!({}), json!("x")] {
        let failed = answer(&server, &event).await;
        assert!(matches!(failed, Err(LambdaError::UnknownEvent)), "{event}");
    }
    // Nobody can send such an event by the web.
    let event = request("/events", &schedule().to_string());
    let sent = answer(&server, &event).await.unwrap();
    assert_eq!(sent.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_simulation_that_cannot_be_kept_fails() {
    let server = Server::with(Setup {
        spool_bytes: Some(10),
        ..Setup::default()
    });
    server.store.switch(true);
    let failed = answer(&server, &schedule()).await;
    assert!(matches!(failed, Err(LambdaError::Refused(_))));
}

/// No task runs beside the answers, so the spool is delivered before one.
#[tokio::test]
async fn the_spool_is_delivered_with_a_later_answer() {
    let server = Server::new();
    server.store.switch(true);
    answer(&server, &schedule()).await.unwrap();
    server.store.switch(false);
    assert!(server.records().await.is_empty());
    answer(&server, &schedule()).await.unwrap();
    assert_eq!(server.records().await.len(), 2);
}
