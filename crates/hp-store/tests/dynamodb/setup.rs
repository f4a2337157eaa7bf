//! Creating and checking the table, expiry, and the models of one table.

use crate::calls::{counted, of_one_hour, true_value};
use crate::records::{Maker, everything, whole_month};
use crate::server::{Server, client};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use hp_store::dynamodb::{DynamoDbStore, create_with_client, template};
use hp_store::{Attached, Clock, DynamoDbUri, PredictionStore, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_created_once() {
    let server = Server::start().await;
    let first = server.create().await.unwrap();
    assert!(first.new);
    assert!(
        first.notes.iter().all(|note| note.contains("recovery")),
        "{first:?}"
    );
    let again = server.create().await.unwrap();
    assert!(!again.new);
    assert!(
        again.notes.iter().all(|note| note.contains("recovery")),
        "{again:?}"
    );
    server
        .open(&server.uri)
        .await
        .unwrap()
        .check()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_told() {
    let server = Server::start().await;
    let create = async |table: &str, sort: &str| {
        let mut call = client(server.address).create_table().table_name(table);
        for (name, kind) in [("pk", KeyType::Hash), (sort, KeyType::Range)] {
            let attribute = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S);
            let key = KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind);
            call = call.attribute_definitions(attribute.build().unwrap());
            call = call.key_schema(key.build().unwrap());
        }
        call.billing_mode(BillingMode::PayPerRequest)
            .send()
            .await
            .unwrap();
    };
    create(&server.uri.table, "sk").await;
    let found = create_with_client(&client(server.address), &server.uri)
        .await
        .unwrap();
    assert!(!found.new);
    for part in ["deletion protection", "expiry", "recovery"] {
        assert!(
            found.notes.iter().any(|note| note.contains(part)),
            "{part}: {found:?}"
        );
    }
    let other = DynamoDbUri {
        table: format!("{}_other", server.uri.table),
        ..server.uri.clone()
    };
    create(&other.table, "time").await;
    let error = create_with_client(&client(server.address), &other)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
}

#[test]
fn the_template_has_what_create_does() {
    let uri = "dynamodb://predictions".parse().unwrap();
    let hp_store::StoreUri::DynamoDb(uri) = uri else {
        panic!("{uri:?}");
    };
    let template: serde_json::Value = serde_json::from_str(&template(&uri)).unwrap();
    let properties = &template["Resources"]["PredictionLog"]["Properties"];
    assert_eq!(properties["TableName"], "predictions");
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["DeletionProtectionEnabled"], true);
    assert_eq!(
        properties["TimeToLiveSpecification"]["AttributeName"],
        "ttl"
    );
    let recovery = &properties["PointInTimeRecoverySpecification"];
    assert_eq!(recovery["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["KeySchema"][1]["AttributeName"], "sk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_shards_cannot_change() {
    let server = Server::with_table().await;
    let with_shards = |shards| DynamoDbUri {
        shards,
        ..server.uri.clone()
    };
    let error = server.open(&with_shards(4)).await.unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert!(error.to_string().contains("`shards=1`"), "{error}");
    server.open(&with_shards(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn models_of_one_table_do_not_meet() {
    let server = Server::with_table().await;
    let of = |model: &str, shards| DynamoDbUri {
        model: model.to_owned(),
        shards,
        ..server.uri.clone()
    };
    let first = server.open(&of("first", 1)).await.unwrap();
    let second = server.open(&of("second", 2)).await.unwrap();
    let records = of_one_hour(&mut Maker::new(1), 5);
    first.put(records.clone().into()).await.unwrap();
    second.put(records[..2].into()).await.unwrap();
    assert_eq!(counted(&first).await, (5, 0));
    assert_eq!(counted(&second).await, (2, 0));
    assert_eq!(second.list(&everything(9)).await.unwrap().records.len(), 2);
    assert_eq!(second.get(records[4].id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_records_are_gone_before_they_are_removed() {
    let server = Server::with_table().await;
    let uri = DynamoDbUri {
        ttl_days: Some(2),
        ..server.uri.clone()
    };
    // Servers remove what has expired by their own clock.
    let now = Arc::new(AtomicI64::new(Timestamp::now().as_second()));
    let shown = now.clone();
    let clock: Clock =
        Arc::new(move || Timestamp::from_second(shown.load(Ordering::Relaxed)).unwrap());
    let client = client(server.address);
    let store = DynamoDbStore::with_client(&client, &uri, clock)
        .await
        .unwrap();
    let mut maker = Maker::new(2);
    let record = maker.record(Timestamp::now());
    let actual = true_value(Timestamp::now());
    store.put([record.clone()].into()).await.unwrap();
    now.fetch_add(2 * 86_400 - 60, Ordering::Relaxed);
    assert_eq!(store.get(record.id).await.unwrap(), Some(record.clone()));
    assert_eq!(store.list(&everything(9)).await.unwrap().records.len(), 1);
    now.fetch_add(120, Ordering::Relaxed);
    assert_eq!(store.get(record.id).await.unwrap(), None);
    assert!(store.list(&everything(9)).await.unwrap().records.is_empty());
    let attached = store.attach(record.id, actual).await.unwrap();
    assert_eq!(attached, Attached::Unknown);
    // Its id is still known.
    store.put([record].into()).await.unwrap();
    let for_ever = server.open(&server.uri).await.unwrap();
    let query = hp_store::AggregateQuery {
        from: Timestamp::UNIX_EPOCH,
        to: Timestamp::MAX,
        ..whole_month(hp_store::Bucket::Day)
    };
    let aggregates = for_ever.aggregate(&query).await.unwrap();
    assert_eq!(aggregates.iter().map(|a| a.count).sum::<u64>(), 1);
}
