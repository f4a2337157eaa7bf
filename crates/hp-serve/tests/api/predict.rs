//! `POST /predict/` and `POST /v1/predict`.

use crate::sample::{BODY, EXAMPLE};
use crate::server::{Answer, NOW, Server, Setup};
use axum::http::{Method, StatusCode};
use hp_core::fingerprint::Fingerprint;
use hp_http::{ApiKeys, Limits, Protection};
use hp_store::Source;
use serde_json::{Value, json};
use std::sync::mpsc::channel;

/// The example with some fields changed, a null removing one.
fn with(changes: Value) -> String {
    let mut row: Value = serde_json::from_str(BODY).unwrap();
    let fields = row.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(fields.shift_remove(name)),
            value => drop(fields.insert(name.clone(), value.clone())),
        }
    }
    row.to_string()
}

#[tokio::test]
async fn the_local_answer_has_the_published_shape() {
    let server = Server::new();
    let answer = server.post("/predict/", BODY).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.media_type(), "application/json");
    insta::assert_snapshot!(answer.text(), @r#"{"input_data":{"CRIM":0.00632,"ZN":18,"INDUS":2.31,"CHAS":0,"NOX":0.538,"RM":6.575,"AGE":65.2,"DIS":4.09,"RAD":1,"TAX":296,"PTRATIO":15.3,"LSTAT":4.98},"prediction":{"Lower_Interval":20.0,"Prediction":25.0,"Upper_Interval":30.0}}"#);
    let without_slash = server.post("/predict", BODY).await;
    assert_eq!(without_slash.text(), answer.text());
}

#[tokio::test]
async fn the_cloud_answer_has_the_published_shape() {
    let server = Server::new();
    let answer = server.post("/v1/predict", BODY).await;
    assert_eq!(answer.status, StatusCode::OK);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(answer.text().replace(&id, "ID"), @r#"{"input_data":{"CRIM":0.00632,"ZN":18,"INDUS":2.31,"CHAS":0,"NOX":0.538,"RM":6.575,"AGE":65.2,"DIS":4.09,"RAD":1,"TAX":296,"PTRATIO":15.3,"LSTAT":4.98},"prediction":{"Lower_Interval":20.0,"Prediction":25.0,"Upper_Interval":30.0},"interval_width":10.0,"is_uncertain":false,"timestamp":"2024-09-08 16:46:02","response":"Success add data to database!","id":"ID","model_version":"v1.0.0"}"#);
    let next = server.post("/v1/predict/", BODY).await;
    assert_eq!(next.status, StatusCode::OK);
    assert!(id.as_str() < next.json()["id"].as_str().unwrap());
}

#[tokio::test]
async fn what_is_answered_is_kept() {
    let server = Server::new();
    let answer = server.post("/v1/predict", BODY).await.json();
    server.post("/predict/", BODY).await;
    let headers = [("x-hp-source", "simulation")];
    server
        .send(Method::POST, "/v1/predict", &headers, BODY)
        .await;

    let records = server.records().await;
    let sources: Vec<_> = records.iter().map(|record| record.source).collect();
    assert_eq!(sources, [Source::Simulation, Source::Api, Source::Api]);
    let first = &records[2];
    assert_eq!(first.id.to_string(), answer["id"].as_str().unwrap());
    assert_eq!(first.id.time().to_string(), NOW);
    assert_eq!(first.inputs.values, EXAMPLE);
    assert_eq!(first.prediction.prediction.to_bits(), 25.0f64.to_bits());
    assert_eq!(first.model_version.to_string(), "v1.0.0");
    assert_eq!(first.data_fingerprint, Fingerprint::of(b"boston"));
    assert_eq!(first.git_commit.as_deref(), Some("909b04c"));
    assert!(!first.latency.is_zero());
}

#[tokio::test]
async fn an_answer_outside_its_limits_is_uncertain() {
    let server = Server::new();
    let answer = server.post("/v1/predict", with(json!({"LSTAT": 30}))).await;
    let json = answer.json();
    assert_eq!(json["is_uncertain"], true);
    assert!(json["interval_width"].as_f64().unwrap() < 0.0);
}

#[tokio::test]
async fn every_rule_has_its_words_and_all_problems_are_told() {
    let server = Server::new();
    let body = r#"{"CRIM": -1, "ZN": 1e400, "INDUS": "2.31", "CHAS": 2, "NOX": "much", "RM": null,
        "AGE": true, "DIS": 4.09, "DIS": 4.1, "RAD": 1.5, "TAX": 9999, "LSTAT": [1], "B": 396.9}"#;
    let answer = server.post("/v1/predict", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let json = answer.json();
    let lines: Vec<_> = json["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| {
            let ctx = &detail["ctx"];
            let input = if detail["type"] == "missing" {
                &Value::Null
            } else {
                &detail["input"]
            };
            format!(
                "{} {}: {} <- {input} {ctx}",
                detail["type"], detail["loc"], detail["msg"]
            )
            .replace('"', "")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    greater_than_equal [body,CRIM]: Input should be greater than or equal to 0 <- -1 {ge:0.0}
    finite_number [body,ZN]: Input should be a finite number <- 1e400 null
    float_type [body,INDUS]: Input should be a valid number <- 2.31 null
    literal_error [body,CHAS]: Input should be 0 or 1 <- 2 {expected:0 or 1}
    float_parsing [body,NOX]: Input should be a valid number, unable to parse string as a number <- much null
    float_type [body,RM]: Input should be a valid number <- null null
    float_type [body,AGE]: Input should be a valid number <- true null
    duplicate_field [body,DIS]: Field given more than once <- 4.1 null
    int_from_float [body,RAD]: Input should be a valid integer, got a number with a fractional part <- 1.5 null
    less_than_equal [body,TAX]: Input should be less than or equal to 1000 <- 9999 {le:1000}
    missing [body,PTRATIO]: Field required <- null null
    float_type [body,LSTAT]: Input should be a valid number <- [1] null
    extra_forbidden [body,B]: Extra inputs are not permitted <- 396.9 null
    ");
    let missing = &json["detail"].as_array().unwrap()[10];
    assert_eq!(missing["input"]["DIS"], 4.1, "{missing}");
    assert!(server.records().await.is_empty());
}

#[tokio::test]
async fn bodies_that_are_no_row_are_told_so() {
    let server = Server::new();
    let cases = [
        ("", "missing body"),
        ("  \n", "missing body"),
        ("[]", "model_attributes_type body"),
        ("[[]]", "model_attributes_type body"),
        ("5", "model_attributes_type body"),
        ("null", "missing body"),
        ("\"CRIM\"", "model_attributes_type body"),
        ("{", "json_invalid body.0"),
        ("{\"CRIM\": NaN}", "json_invalid body.9"),
        ("{\"CRIM\": 1,\n \"ZN\": Infinity}", "json_invalid body.19"),
        ("{\"CRIM\": 1} trailing", "json_invalid body.12"),
        ("5 trailing", "json_invalid body.2"),
    ];
    for (body, expected) in cases {
        let answer = server.post("/v1/predict", body).await;
        assert_eq!(answer.problems(), [expected], "{body}");
    }
}

#[tokio::test]
async fn the_content_type_decides_as_in_fastapi() {
    let server = Server::new();
    let status = async |media_type: &str| {
        let answer = server.post_as("/v1/predict", media_type, BODY).await;
        answer.status
    };
    for media_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/geo+json",
    ] {
        assert_eq!(status(media_type).await, StatusCode::OK, "{media_type}");
    }
    let without = server.send(Method::POST, "/v1/predict", &[], BODY).await;
    assert_eq!(without.status, StatusCode::OK);
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "json",
        "text/csv",
    ] {
        let answer = server.post_as("/v1/predict", media_type, BODY).await;
        assert_eq!(
            answer.problems(),
            ["model_attributes_type body"],
            "{media_type}"
        );
    }
}

#[tokio::test]
async fn values_out_of_range_are_predicted_where_allowed() {
    let body = with(json!({"CRIM": 500, "CHAS": 3}));
    let strict = Server::new().post("/v1/predict", body.clone()).await;
    assert_eq!(
        strict.problems(),
        ["less_than_equal body.CRIM", "literal_error body.CHAS"]
    );
    let server = Server::with(Setup {
        allow_out_of_range: true,
        ..Setup::default()
    });
    let lenient = server.post("/v1/predict", body).await;
    assert_eq!(lenient.status, StatusCode::OK);
    assert_eq!(lenient.json()["input_data"]["CRIM"], 500);
    let wrong_type = server.post("/v1/predict", with(json!({"CHAS": 0.5}))).await;
    assert_eq!(wrong_type.problems(), ["int_from_float body.CHAS"]);
}

#[tokio::test]
async fn a_prediction_that_is_not_finite_is_refused() {
    let server = Server::with(Setup {
        allow_out_of_range: true,
        ..Setup::default()
    });
    let answer = server
        .post("/v1/predict", with(json!({"LSTAT": 1.7e308})))
        .await;
    assert_eq!(answer.problems(), ["value_error body"]);
    assert!(server.records().await.is_empty());
}

#[tokio::test]
async fn a_store_that_is_down_leaves_the_answer_and_a_spool() {
    let server = Server::new();
    server.store.switch(true);
    let answer = server.post("/v1/predict", BODY).await;
    assert_eq!(answer.status, StatusCode::OK);
    let response = answer.json()["response"].as_str().unwrap().to_owned();
    assert!(response.contains("database is down"), "{response}");
}

/// Who cannot rely on the spool writes the record elsewhere too.
#[tokio::test]
async fn what_only_the_spool_has_is_shown_to_the_program() {
    let (sender, shown) = channel();
    let server = Server::with(Setup {
        on_spooled: Some(Box::new(move |record| sender.send(record.id).unwrap())),
        ..Setup::default()
    });
    server.post("/v1/predict", BODY).await;
    assert!(shown.try_recv().is_err());
    server.store.switch(true);
    let answer = server.post("/v1/predict", BODY).await.json();
    assert_eq!(answer["id"], shown.try_recv().unwrap().to_string());
    assert!(shown.try_recv().is_err());
}

#[tokio::test]
async fn a_full_spool_refuses_with_a_constant_body() {
    let server = Server::with(Setup {
        spool_bytes: Some(10),
        ..Setup::default()
    });
    server.store.switch(true);
    let answer = server.post("/v1/predict", BODY).await;
    assert_constant(
        &answer,
        StatusCode::SERVICE_UNAVAILABLE,
        "Service Unavailable",
    );
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn without_a_log_nothing_is_kept_and_the_answer_says_so() {
    let server = Server::with(Setup {
        log_off: true,
        ..Setup::default()
    });
    let json = server.post("/v1/predict", BODY).await.json();
    assert!(json["response"].as_str().unwrap().contains("log is off"));
    assert!(json["id"].is_string());
}

#[tokio::test]
async fn other_methods_and_paths_have_fastapis_bodies() {
    let server = Server::new();
    let wrong_method = server.get("/v1/predict").await;
    assert_constant(
        &wrong_method,
        StatusCode::METHOD_NOT_ALLOWED,
        "Method Not Allowed",
    );
    assert_eq!(wrong_method.headers["allow"], "POST");
    let unknown = server.post("/v2/predict", BODY).await;
    assert_constant(&unknown, StatusCode::NOT_FOUND, "Not Found");
}

#[tokio::test]
async fn keys_and_the_body_limit_are_in_force() {
    let server = Server::with(Setup {
        protection: Protection {
            keys: ApiKeys::parse("correct-horse-battery").unwrap(),
            limits: Limits {
                body_bytes: 600,
                ..Limits::default()
            },
            ..Protection::default()
        },
        ..Setup::default()
    });
    let without = server.post("/v1/predict", BODY).await;
    assert_eq!(without.status, StatusCode::UNAUTHORIZED);
    let headers = [("x-api-key", "correct-horse-battery")];
    let with_key = server
        .send(Method::POST, "/v1/predict", &headers, BODY)
        .await;
    assert_eq!(with_key.status, StatusCode::OK, "{}", with_key.text());
    let large = server
        .send(Method::POST, "/v1/predict", &headers, " ".repeat(601))
        .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// The whole body is `{"detail": detail}`.
fn assert_constant(answer: &Answer, status: StatusCode, detail: &str) {
    assert_eq!(answer.status, status);
    assert_eq!(answer.json(), json!({ "detail": detail }));
    assert_eq!(answer.media_type(), "application/json");
}
