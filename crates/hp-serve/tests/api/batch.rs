//! `POST /v1/predict/batch`.

use crate::sample::BODY;
use crate::server::{Server, Setup};
use axum::http::StatusCode;
use hp_store::Source;
use serde_json::Value;

const PATH: &str = "/v1/predict/batch";
const HEADER: &str = "CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,LSTAT";
const ROW: &str = "0.00632,18,2.31,0,0.538,6.575,65.2,4.09,1,296,15.3,4.98";

#[tokio::test]
async fn an_array_is_answered_with_an_array() {
    let server = Server::new();
    for path in [PATH, "/v1/predict/batch/"] {
        let answer = server.post(path, format!("[{BODY}, {BODY}]")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.media_type(), "application/json");
        let rows = answer.json();
        assert_eq!(rows.as_array().unwrap().len(), 2);
        assert_eq!(rows[1]["prediction"]["Prediction"], 25.0);
        assert!(rows[0]["id"].as_str() < rows[1]["id"].as_str());
    }
    let records = server.records().await;
    assert_eq!(records.len(), 4);
    assert!(records.iter().all(|record| record.source == Source::Batch));
}

#[tokio::test]
async fn lines_are_answered_with_lines() {
    let server = Server::new();
    let body = format!("{BODY}\r\n\n{BODY}\n");
    let answer = server.post_as(PATH, "application/x-ndjson", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.media_type(), "application/x-ndjson");
    let text = answer.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["model_version"], "v1.0.0");
}

#[tokio::test]
async fn csv_is_answered_with_csv() {
    let server = Server::new();
    // Columns in another order, blanks and a mark of the byte order do not matter.
    let body = format!(
        "\u{feff}LSTAT, {}\n4.98,{}\n",
        &HEADER[..HEADER.len() - 6],
        &ROW[..ROW.len() - 5]
    );
    let answer = server.post_as(PATH, "text/csv; charset=utf-8", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.media_type(), "text/csv; charset=utf-8");
    let id = server.records().await[0].id.to_string();
    let expected = format!(
        "{HEADER},lower,prediction,upper,interval_width,is_uncertain,model_version,id\n\
         {ROW},20,25,30,10,false,v1.0.0,{id}\n"
    );
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn all_problems_of_all_rows_are_told_and_nothing_is_kept() {
    let server = Server::new();
    let array = format!(r#"[{BODY}, {{"CRIM": 1}}, 5, {BODY}]"#);
    let problems = server.post(PATH, array).await.problems();
    assert_eq!(problems.len(), 12);
    assert_eq!(problems[0], "missing body.1.ZN");
    assert_eq!(problems[11], "model_attributes_type body.2");

    let lines = format!("{BODY}\nnonsense\n{}\n", BODY.replace("0.538", "7"));
    let answer = server.post_as(PATH, "application/x-ndjson", lines).await;
    let expected = ["json_invalid body.1.1", "less_than_equal body.2.NOX"];
    assert_eq!(answer.problems(), expected);

    let csv = format!(
        "{HEADER}\n{ROW}\n1,2\n{}\n",
        ROW.replace("0.538", "NA").replace("296", "x")
    );
    let answer = server.post_as(PATH, "text/csv", csv).await;
    let expected = [
        "csv_invalid body.1",
        "missing body.2.NOX",
        "int_parsing body.2.TAX",
    ];
    assert_eq!(answer.problems(), expected);
    assert!(server.records().await.is_empty());
}

#[tokio::test]
async fn a_header_must_name_each_feature_once() {
    let server = Server::new();
    let csv = format!("{},CRIM,B\n", &HEADER[..HEADER.len() - 6]);
    let answer = server.post_as(PATH, "text/csv", csv).await;
    let expected = [
        "duplicate_field body.CRIM",
        "missing body.LSTAT",
        "extra_forbidden body.B",
    ];
    assert_eq!(answer.problems(), expected);
}

#[tokio::test]
async fn only_so_many_problems_are_listed() {
    let server = Server::new();
    let answer = server
        .post(PATH, format!("[{}{{}}]", "{},".repeat(999)))
        .await;
    let problems = answer.problems();
    assert_eq!(problems.len(), 1_001);
    assert_eq!(problems[1_000], "too_many_problems body");
    assert_eq!(answer.json()["detail"][1_000]["ctx"]["not_listed"], 11_000);
}

#[tokio::test]
async fn bodies_that_are_no_list_are_told_so() {
    let server = Server::new();
    for (media_type, body, expected) in [
        ("application/json", "", "missing body"),
        ("application/json", BODY, "list_type body"),
        ("application/json", "[", "json_invalid body.0"),
        ("text/plain", "[]", "list_type body"),
        ("text/csv", "\n", "missing body"),
    ] {
        let answer = server.post_as(PATH, media_type, body).await;
        assert_eq!(answer.problems(), [expected], "{media_type} {body}");
    }
}

#[tokio::test]
async fn no_rows_give_no_answers() {
    let server = Server::new();
    assert_eq!(server.post(PATH, "[]").await.text(), "[]");
    let csv = server
        .post_as(PATH, "text/csv", format!("{HEADER}\n"))
        .await;
    assert_eq!(csv.text().lines().count(), 1);
}

#[tokio::test]
async fn a_batch_that_cannot_be_kept_is_not_given() {
    let server = Server::with(Setup {
        spool_bytes: Some(10),
        ..Setup::default()
    });
    server.store.switch(true);
    let answer = server.post(PATH, format!("[{BODY}]")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_spooled_batch_says_so_in_each_row() {
    let server = Server::new();
    server.store.switch(true);
    let answer = server.post(PATH, format!("[{BODY}]")).await.json();
    let response = answer[0]["response"].as_str().unwrap();
    assert!(response.contains("database is down"), "{response}");
}
