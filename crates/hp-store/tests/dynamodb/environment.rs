//! Credentials, region and endpoint come from the environment, each test in a process of its own.

use crate::server::{SECRET, Server};
use hp_store::dynamodb::DynamoDbStore;
use hp_store::{DynamoDbUri, PredictionStore, StoreError};
use jiff::Timestamp;
use std::error::Error;
use std::process::Command;
use std::sync::Arc;

/// What opening the table says in an environment of these variables only.
async fn opened_with(table: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--ignored", "--exact", "--nocapture", "environment::child"])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("NO_PROXY", "127.0.0.1")
        .env("HP_TEST_TABLE", table)
        .envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || child.output()).await;
    String::from_utf8(output.unwrap().unwrap().stdout).unwrap()
}

/// Opens the table that `HP_TEST_TABLE` names and prints how that went.
#[tokio::test]
#[ignore = "run by the other tests, each with an environment of its own"]
async fn child() {
    let uri = DynamoDbUri {
        table: std::env::var("HP_TEST_TABLE").unwrap(),
        region: None,
        endpoint: None,
        model: "hp".to_owned(),
        shards: 1,
        ttl_days: None,
    };
    let mut outcome = opened(&uri).await;
    // A busy machine may not keep the time limits of the store.
    for _ in 0..20 {
        if !matches!(outcome, Err(StoreError::TimedOut { .. })) {
            break;
        }
        outcome = opened(&uri).await;
    }
    match outcome {
        Ok(()) => println!("opened and checked"),
        Err(error) => println!("refused: {error}, because {:?}", error.source()),
    }
}

async fn opened(uri: &DynamoDbUri) -> Result<(), StoreError> {
    let store = DynamoDbStore::open(uri, Arc::new(Timestamp::now)).await?;
    store.check().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_says_where_and_who() {
    let server = Server::with_table().await;
    let endpoint = format!("http://{}", server.address);
    let region = ("AWS_REGION", "eu-west-1");
    let key = ("AWS_ACCESS_KEY_ID", "accesskey");
    let secret = ("AWS_SECRET_ACCESS_KEY", SECRET);
    let place = ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str());
    let table = server.uri.table.as_str();

    let text = opened_with(table, &[region, key, secret, place]).await;
    assert!(text.contains("opened and checked"), "{text}");
    let text = opened_with(table, &[key, secret, place]).await;
    assert!(text.contains("no AWS region is known"), "{text}");
    let text = opened_with(table, &[region, place]).await;
    assert!(text.contains("no AWS credentials are found"), "{text}");
    assert!(text.contains("because Some(CredentialsNotLoaded"), "{text}");
    let nowhere = ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1");
    let text = opened_with(table, &[region, key, secret, nowhere]).await;
    assert!(text.contains("refused"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}
