//! `GET /openapi.json` and `GET /docs/`.

use crate::server::{Answer, Server, Setup};
use axum::http::{Method, StatusCode};
use hp_http::{ApiKeys, Protection};
use hp_serve::OPEN_PATHS_WITH_DOCS;
use hp_testkit::test_data;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

async fn description(setup: Setup) -> Value {
    Server::with(setup).get("/openapi.json").await.json()
}

#[tokio::test]
async fn the_description_is_as_it_was() {
    let found = description(Setup::default()).await;
    let path = test_data(env!("CARGO_MANIFEST_DIR"), "openapi.json");
    let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    assert!(golden == text, "the description has changed:\n{text}");
}

#[tokio::test]
async fn the_row_is_described_by_the_schema() {
    let found = description(Setup::default()).await;
    assert_eq!(found["openapi"], "3.1.0");
    let row = &found["components"]["schemas"]["InputData"];
    let names: Vec<_> = row["properties"].as_object().unwrap().keys().collect();
    let expected = "CRIM ZN INDUS CHAS NOX RM AGE DIS RAD TAX PTRATIO LSTAT";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
    assert_eq!(row["required"].as_array().unwrap().len(), 12);
    assert_eq!(row["additionalProperties"], false);
    let nox = &row["properties"]["NOX"];
    assert_eq!(nox["minimum"], 0.1);
    assert_eq!(
        nox["description"],
        "nitric oxide concentration, in parts per 10 million"
    );
    assert_eq!(row["properties"]["CHAS"]["enum"], serde_json::json!([0, 1]));
    let operation = &found["paths"]["/v1/predict"]["post"];
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    assert_eq!(example["LSTAT"], 4.98);
}

#[tokio::test]
async fn ranges_are_only_told_where_other_values_are_let_through() {
    let found = description(Setup {
        allow_out_of_range: true,
        ..Setup::default()
    })
    .await;
    let nox = &found["components"]["schemas"]["InputData"]["properties"]["NOX"];
    assert_eq!(nox["minimum"], Value::Null);
    let told = nox["description"].as_str().unwrap();
    assert!(told.ends_with("usually from 0.1 up to 1"), "{told}");
}

#[tokio::test]
async fn keys_are_described_where_they_are_needed() {
    let open = description(Setup::default()).await;
    assert_eq!(open["security"], Value::Null);
    let found = description(Setup {
        protection: Protection {
            keys: ApiKeys::parse("correct-horse-battery").unwrap(),
            open_paths: OPEN_PATHS_WITH_DOCS,
            ..Protection::default()
        },
        ..Setup::default()
    })
    .await;
    let schemes = &found["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(schemes["apiKey"]["name"], "x-api-key");
    assert_eq!(found["security"].as_array().unwrap().len(), 2);
    let paths = &found["paths"];
    assert!(paths["/v1/predict"]["post"]["responses"]["401"].is_object());
    assert_eq!(paths["/livez"]["get"]["security"], serde_json::json!([]));
    assert_eq!(paths["/livez"]["get"]["responses"]["401"], Value::Null);
}

#[tokio::test]
async fn what_is_open_needs_no_key_and_nothing_else() {
    let server = Server::with(Setup {
        protection: Protection {
            keys: ApiKeys::parse("correct-horse-battery").unwrap(),
            open_paths: OPEN_PATHS_WITH_DOCS,
            ..Protection::default()
        },
        ..Setup::default()
    });
    for path in [
        "/livez",
        "/readyz/",
        "/healthz",
        "/openapi.json",
        "/openapi.json/",
    ] {
        assert_eq!(server.get(path).await.status, StatusCode::OK, "{path}");
    }
    let page = server.get("/docs/").await;
    for link in links(&page) {
        let path = format!("/docs/{}", link.trim_start_matches("./"));
        assert_eq!(server.get(&path).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/v1/model", "/metrics", "/v1/predict", "/metrics/"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

/// Every reference leads somewhere, and every component is referred to.
#[tokio::test]
async fn references_are_sound() {
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(target)) = fields.get("$ref") {
                    found.insert(target.clone());
                }
                fields.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let description = description(Setup::default()).await;
    let mut found = BTreeSet::new();
    collect(&description, &mut found);
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let known = schemas
        .keys()
        .map(|name| format!("#/components/schemas/{name}"));
    assert_eq!(found, known.collect());
}

#[tokio::test]
async fn the_page_is_whole_without_the_internet() {
    let server = Server::new();
    let redirect = server.get("/docs").await;
    assert_eq!(redirect.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(redirect.headers["location"], "docs/");
    let page = server.get("/docs/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.media_type().starts_with("text/html"));
    let links = links(&page);
    assert!(links.len() >= 6, "{links:?}");
    for link in links {
        assert!(!link.contains("//"), "{link} is elsewhere");
        let path = format!("/docs/{}", link.trim_start_matches("./"));
        let asset = server.get(&path).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert!(!asset.body.is_empty(), "{path}");
    }
    let settings = server.get("/docs/swagger-initializer.js").await;
    assert!(
        settings.media_type().contains("javascript"),
        "{}",
        settings.media_type()
    );
    let text = settings.text();
    assert!(text.contains(r#""url": "../openapi.json""#), "{text}");
    assert!(text.contains(r#""validatorUrl": "none""#), "{text}");
    let none = server.get("/docs/none.js").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let outside = server.get("/docs/..%2fopenapi.json").await;
    assert_eq!(outside.status, StatusCode::NOT_FOUND);
}

/// What the page's `href` and `src` name.
fn links(page: &Answer) -> Vec<String> {
    let text = page.text();
    let parts = text.split(['"']).collect::<Vec<_>>();
    let pairs = parts.windows(2);
    pairs
        .filter(|pair| pair[0].ends_with("href=") || pair[0].ends_with("src="))
        .map(|pair| pair[1].to_owned())
        .collect()
}

/// Whatever a path answers to a plain request is described.
#[tokio::test]
async fn described_paths_are_there() {
    let server = Server::new();
    let description = server.get("/openapi.json").await.json();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = server.send(method, path, &[], "").await;
            let responses = operation["responses"].as_object().unwrap();
            let status = answer.status.as_str();
            assert!(responses.contains_key(status), "{path}: {status}");
            let content = responses[status]["content"].as_object().unwrap();
            let media_type = answer.media_type().split(';').next().unwrap();
            assert!(content.contains_key(media_type), "{path}: {media_type}");
        }
    }
}
