//! A table that is missing, gone, silent or closed to us is an error that says so, and soon.

use crate::calls::of_one_hour;
use crate::proxy::{Proxy, cancellation, refusal};
use crate::records::{Maker, everything};
use crate::server::{SECRET, Server, impatient_client, open_at, open_with};
use hp_store::{PredictionStore, StoreError};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// More than the store's own limit, for a busy machine.
const SOON: Duration = Duration::from_secs(15);

/// The messages of an error and its sources.
fn messages(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    assert!(!text.contains(SECRET), "{text}");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_table_is_not_set_up() {
    let server = Server::start().await;
    let error = server.open(&server.uri).await.unwrap_err();
    assert!(matches!(error, StoreError::NotSetUp { .. }), "{error:?}");
    let text = messages(&error);
    for part in [server.uri.table.as_str(), "eu-west-1", "hp log init"] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_is_an_error_soon() {
    let server = Server::with_table().await;
    let gone = Arc::new(AtomicBool::new(false));
    let is_gone = gone.clone();
    let proxy = Proxy::start(server.address, move |_| {
        // An answer that is none: the connection ends.
        assert!(!is_gone.load(Ordering::Relaxed), "gone");
        None
    })
    .await;
    let store = open_at(proxy.address, &server.uri).await.unwrap();
    let records = of_one_hour(&mut Maker::new(1), 2);
    gone.store(true, Ordering::Relaxed);
    let start = Instant::now();
    let error = store.put(records.into()).await.unwrap_err();
    assert!(messages(&error).contains("cannot be written"), "{error:?}");
    let error = store.list(&everything(5)).await.unwrap_err();
    assert!(messages(&error).contains("cannot be read"), "{error:?}");
    assert!(store.check().await.is_err());
    assert!(start.elapsed() < SOON);

    // Nobody is there.
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let error = open_with(&impatient_client(address), &server.uri)
        .await
        .unwrap_err();
    assert!(messages(&error).contains("cannot be reached"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_an_error_soon() {
    let server = Server::with_table().await;
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = silent.local_addr().unwrap();
    let start = Instant::now();
    let error = open_with(&impatient_client(address), &server.uri)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::TimedOut { .. }), "{error:?}");
    assert!(start.elapsed() < SOON);
    assert!(messages(&error).contains(&server.uri.table));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_says_what_can_be_done() {
    let cases = [
        (
            refusal("AccessDeniedException", "not authorized to perform"),
            "the role needs dynamodb:BatchWriteItem",
        ),
        (
            refusal(
                "UnrecognizedClientException",
                "The security token is invalid",
            ),
            "access is denied",
        ),
        (
            refusal("ProvisionedThroughputExceededException", "too much"),
            "more `shards`",
        ),
        (cancellation("ThrottlingError"), "throttles"),
        (cancellation("TransactionConflict"), "same hour"),
        (
            cancellation("ValidationError"),
            "TransactionCanceledException",
        ),
        (
            refusal("ResourceNotFoundException", "no table"),
            "hp log init",
        ),
        (
            refusal("ValidationException", "bad"),
            "ValidationException: bad",
        ),
    ];
    for (answer, expected) in cases {
        let server = Server::with_table().await;
        let proxy = Proxy::start(server.address, move |call| {
            let is_write = call.operation == "TransactWriteItems";
            is_write.then(|| answer.clone())
        })
        .await;
        let store = open_at(proxy.address, &server.uri).await.unwrap();
        let records = of_one_hour(&mut Maker::new(2), 1);
        let start = Instant::now();
        let text = messages(&store.put(records.into()).await.unwrap_err());
        assert!(start.elapsed() < SOON);
        for part in [expected, &server.uri.table, "eu-west-1"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
