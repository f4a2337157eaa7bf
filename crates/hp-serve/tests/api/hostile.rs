//! Bodies that nobody sends by accident.

use crate::sample::BODY;
use crate::server::{Server, Setup};
use axum::http::StatusCode;
use proptest::prelude::*;
use std::sync::OnceLock;
use tokio::runtime::Runtime;

const PATHS: [&str; 4] = [
    "/predict/",
    "/v1/predict",
    "/v1/predict/batch",
    "/v1/feedback",
];
const MEDIA_TYPES: [&str; 4] = ["application/json", "application/x-ndjson", "text/csv", "x"];

#[tokio::test]
async fn hostile_json_is_refused_and_forgotten() {
    let server = Server::new();
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let digits = "9".repeat(100_000);
    let bodies: Vec<Vec<u8>> = vec![
        deep("[", "]").into(),
        deep("{\"CRIM\":", "}").into(),
        "[".repeat(100_000).into(),
        format!("{{\"CRIM\": {}}}", deep("[", "]")).into(),
        BODY.replace("0.00632", &digits).into(),
        BODY.replace("0.00632", "-1e400").into(),
        BODY.replace("0.00632", "NaN").into(),
        BODY.replace("0.00632", "Infinity").into(),
        BODY.replace("0.00632", "\"NaN\"").into(),
        BODY.replace("0.00632", &format!("\"{}\"", "é".repeat(100_000)))
            .into(),
        BODY.replace("CRIM", "\\ud800").into(),
        BODY.replace("CRIM", "\\u0000").into(),
        format!("{{{}}}", "\"CRIM\": 1,".repeat(20_000)).into(),
        b"{\"CRIM\": \"\xff\xfe\"}".to_vec(),
        b"\xff\xfe{\x00}\x00".to_vec(),
        vec![0; 1_000],
    ];
    for body in bodies {
        for path in PATHS {
            let answer = server.post(path, body.clone()).await;
            let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{path} {start}"
            );
            assert!(!answer.problems().is_empty());
            // A problem is told in a few kilobytes, however large the value.
            let most = 4_000_000.min(200_000 + 20 * body.len());
            assert!(
                answer.body.len() < most,
                "{path} {start} {}",
                answer.body.len()
            );
        }
    }
    assert!(server.records().await.is_empty());
}

#[tokio::test]
async fn an_empty_row_many_times_over_is_answered_briefly() {
    let server = Server::new();
    let body = format!("[{}{{}}]", "{},".repeat(300_000));
    let answer = server.post("/v1/predict/batch", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.len() < 200_000, "{}", answer.body.len());
}

/// A body made of what JSON, CSV and a row are made of.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(BODY.as_bytes().to_vec()),
        Just(b"CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,LSTAT\n".to_vec()),
        Just(b"\"CRIM\":".to_vec()),
        Just(b"1e400".to_vec()),
        prop::sample::select(b"{}[],:\"\\\n\r\t 0123456789.eE+-ntfu\xff\xc3\x00".to_vec())
            .prop_map(|byte| vec![byte]),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_body_gives_a_5xx(body in any_body(), path in 0..PATHS.len(), kind in 0..MEDIA_TYPES.len()) {
        static SERVER: OnceLock<(Runtime, Server)> = OnceLock::new();
        let (runtime, server) = SERVER.get_or_init(|| {
            let lenient = Setup { allow_out_of_range: true, ..Setup::default() };
            (Runtime::new().unwrap(), Server::with(lenient))
        });
        let answer = runtime.block_on(server.post_as(PATHS[path], MEDIA_TYPES[kind], body));
        prop_assert!(!answer.status.is_server_error(), "{} {}", answer.status, answer.text());
        prop_assert!(answer.headers.contains_key("content-type"));
    }
}
