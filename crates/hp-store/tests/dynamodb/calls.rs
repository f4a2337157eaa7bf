//! Which calls are made, and what happens when DynamoDB puts some of them off.

use crate::proxy::{Call, Proxy, cancellation, refusal};
use crate::records::{Maker, VERSIONS, everything, time, whole_month};
use crate::server::{Server, open_at};
use hp_store::dynamodb::ACTIONS;
use hp_store::{Actual, Bucket, PredictionRecord, PredictionStore, Source, StoreError};
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Records of one hour, version and source.
pub(crate) fn of_one_hour(maker: &mut Maker, count: usize) -> Vec<PredictionRecord> {
    let mut records = maker.records(count, time("08T16:00:00"), time("08T17:00:00"));
    for record in &mut records {
        record.model_version = VERSIONS[0];
        record.source = Source::Api;
    }
    records
}

/// A true value that came at `time`.
pub(crate) fn true_value(time: Timestamp) -> Actual {
    Actual { value: 21.5, time }
}

/// The number of predictions and of true values that the sums of the month say.
pub(crate) async fn counted(store: &dyn PredictionStore) -> (u64, u64) {
    let aggregates = store.aggregate(&whole_month(Bucket::Day)).await.unwrap();
    let count =
        |(n, y), aggregate: &hp_store::Aggregate| (n + aggregate.count, y + aggregate.actuals);
    aggregates.iter().fold((0, 0), count)
}

/// The IAM actions that a call needs.
fn actions(call: &Call) -> Vec<String> {
    if call.operation != "TransactWriteItems" {
        return vec![format!("dynamodb:{}", call.operation)];
    }
    let items = call.body["TransactItems"].as_array().unwrap();
    let parts = items
        .iter()
        .flat_map(|item| item.as_object().unwrap().keys());
    parts.map(|part| format!("dynamodb:{part}Item")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_listed_actions_are_used() {
    let server = Server::with_table().await;
    let proxy = Proxy::start(server.address, |_| None).await;
    let uri = hp_store::DynamoDbUri {
        model: "other".to_owned(),
        ..server.uri
    };
    let store = open_at(proxy.address, &uri).await.unwrap();
    let mut maker = Maker::new(1);
    let records = of_one_hour(&mut maker, 3);
    store.check().await.unwrap();
    store.put(records.clone().into()).await.unwrap();
    store.get(records[0].id).await.unwrap().unwrap();
    let actual = true_value(time("09T00:00:00"));
    store.attach(records[0].id, actual).await.unwrap();
    assert_eq!(store.list(&everything(2)).await.unwrap().records.len(), 2);
    assert_eq!(counted(&store).await, (3, 1));
    assert_eq!(store.prune(time("09T00:00:00")).await.unwrap(), 3);

    let calls = proxy.take_calls();
    let used: BTreeSet<_> = calls.iter().flat_map(actions).collect();
    let listed: BTreeSet<_> = ACTIONS.iter().map(|&action| action.to_owned()).collect();
    assert_eq!(used, listed);
    let transactions = calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems");
    let tokens: BTreeSet<_> = transactions
        .map(|call| call.body["ClientRequestToken"].as_str().unwrap())
        .collect();
    assert_eq!(tokens.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deletions_that_are_put_off_are_repeated() {
    let server = Server::with_table().await;
    let mut put_off = 2;
    let proxy = Proxy::start(server.address, move |call| {
        if call.operation != "BatchWriteItem" || put_off == 0 {
            return None;
        }
        put_off -= 1;
        let body = serde_json::json!({"UnprocessedItems": call.body["RequestItems"]});
        Some((200, body))
    })
    .await;
    let store = open_at(proxy.address, &server.uri).await.unwrap();
    let records = of_one_hour(&mut Maker::new(2), 30);
    store.put(records.into()).await.unwrap();
    proxy.take_calls();
    assert_eq!(store.prune(time("09T00:00:00")).await.unwrap(), 30);
    let calls = proxy.take_calls();
    let deletions = calls
        .iter()
        .filter(|call| call.operation == "BatchWriteItem");
    assert_eq!(deletions.count(), 4);
    assert!(store.list(&everything(5)).await.unwrap().records.is_empty());
    assert_eq!(counted(&store).await, (30, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_and_throttles_are_waited_out() {
    let server = Server::with_table().await;
    let mut refusals = [
        refusal("ThrottlingException", "slow down"),
        cancellation("TransactionConflict"),
        cancellation("ThrottlingError"),
        cancellation("ProvisionedThroughputExceeded"),
        refusal("ProvisionedThroughputExceededException", "slow down"),
        cancellation("TransactionConflict"),
    ]
    .into_iter();
    let proxy = Proxy::start(server.address, move |call| {
        let is_write = call.operation == "TransactWriteItems";
        is_write.then(|| refusals.next()).flatten()
    })
    .await;
    let store = open_at(proxy.address, &server.uri).await.unwrap();
    let mut maker = Maker::new(3);
    let records = of_one_hour(&mut maker, 1);
    store.put(records.clone().into()).await.unwrap();
    let actual = true_value(time("09T00:00:00"));
    store.attach(records[0].id, actual).await.unwrap();
    assert_eq!(counted(&store).await, (1, 1));
    let calls = proxy.take_calls();
    let writes = calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems");
    assert_eq!(writes.count(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_together_is_written_together() {
    let server = Server::with_table().await;
    let proxy = Proxy::start(server.address, |_| None).await;
    let store = Arc::new(open_at(proxy.address, &server.uri).await.unwrap());
    let records = of_one_hour(&mut Maker::new(4), 64);
    let puts: Vec<_> = records
        .into_iter()
        .map(|record| {
            let store = store.clone();
            tokio::spawn(async move { store.put([record].into()).await.unwrap() })
        })
        .collect();
    for put in puts {
        put.await.unwrap();
    }
    assert_eq!(counted(store.as_ref()).await, (64, 0));
    let calls = proxy.take_calls();
    let writes = calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems");
    let count = writes.count();
    assert!(count < 32, "{count} transactions");
}

/// Stores of several processes change the same sums.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_writers_of_an_hour_count_everything_once() {
    let server = Server::with_table().await;
    let records = of_one_hour(&mut Maker::new(8), 40);
    let mut writers = Vec::new();
    for writer in 0..4 {
        let store = server.open(&server.uri).await.unwrap();
        // Each record is put by two of them.
        let part: Vec<_> = records
            .iter()
            .skip(writer % 2)
            .step_by(2)
            .cloned()
            .collect();
        writers.push(tokio::spawn(async move {
            for record in part {
                store.put([record.clone()].into()).await.unwrap();
                let actual = true_value(time("09T00:00:00"));
                store.attach(record.id, actual).await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let store = server.open(&server.uri).await.unwrap();
    assert_eq!(counted(&store).await, (40, 40));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_records_do_not_keep_others_from_being_written() {
    let server = Server::with_table().await;
    let proxy = Proxy::start(server.address, |_| None).await;
    let store = open_at(proxy.address, &server.uri).await.unwrap();
    let records = of_one_hour(&mut Maker::new(5), 250);
    let known: Vec<_> = [3, 77, 78, 249].map(|index| records[index].clone()).into();
    store.put(known.into()).await.unwrap();
    store.put(records.clone().into()).await.unwrap();
    assert_eq!(counted(&store).await, (250, 0));
    let page = store.list(&everything(300)).await.unwrap();
    assert!(page.records.iter().eq(records.iter().rev()));
    for call in proxy.take_calls() {
        let items = call.body["TransactItems"].as_array().map_or(0, Vec::len);
        assert!(items <= 100);
    }
}

/// A record that DynamoDB refuses for its size is alone in that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_record_does_not_keep_those_of_other_calls_from_being_written() {
    let server = Server::with_table().await;
    let store = Arc::new(server.open(&server.uri).await.unwrap());
    let mut records = of_one_hour(&mut Maker::new(6), 8);
    let long = "x".repeat(450_000);
    records[4].inputs.names = [long, "RM".to_owned()].into();
    let puts: Vec<_> = records
        .into_iter()
        .map(|record| {
            let store = store.clone();
            tokio::spawn(async move { store.put([record].into()).await })
        })
        .collect();
    let mut kept = Vec::new();
    for put in puts {
        let outcome = put.await.unwrap();
        let refused = matches!(outcome, Err(StoreError::Refused { .. }));
        assert!(outcome.is_ok() || refused, "{outcome:?}");
        kept.push(outcome.is_ok());
    }
    assert_eq!(kept, [true, true, true, true, false, true, true, true]);
    assert_eq!(counted(store.as_ref()).await, (7, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_days_are_not_read() {
    let server = Server::with_table().await;
    let proxy = Proxy::start(server.address, |_| None).await;
    let store = open_at(proxy.address, &server.uri).await.unwrap();
    let mut maker = Maker::new(7);
    let long_ago = time("01T00:00:00")
        .saturating_sub((24 * 1_000).hours())
        .unwrap();
    let records = [maker.record(long_ago), maker.record(time("08T16:00:00"))];
    store.put(records.clone().into()).await.unwrap();
    proxy.take_calls();
    let page = store.list(&everything(10)).await.unwrap();
    assert!(page.records.iter().eq(records.iter().rev()));
    // The sums, and two days.
    assert_eq!(proxy.take_calls().len(), 3);
}
