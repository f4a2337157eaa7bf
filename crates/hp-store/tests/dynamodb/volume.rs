//! Answers of more than 1 MB and sums of many hours come in several pages.

use crate::calls::{counted, of_one_hour};
use crate::records::{Maker, VERSIONS, everything, time};
use crate::server::Server;
use hp_store::{PredictionStore, RecordQuery, Source};
use jiff::{Timestamp, ToSpan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_beyond_a_megabyte_are_complete() {
    let server = Server::with_table().await;
    let store = server.open(&server.uri).await.unwrap();
    let mut records = of_one_hour(&mut Maker::new(1), 40);
    let names: Vec<_> = ["a", "b"].map(|name| name.repeat(40_000)).into();
    for (index, record) in records.iter_mut().enumerate() {
        record.inputs.names = names.clone().into();
        record.source = if index < 3 {
            Source::Batch
        } else {
            Source::Api
        };
    }
    store.put(records.clone().into()).await.unwrap();
    assert_eq!(counted(&store).await, (40, 0));
    let page = store.list(&everything(100)).await.unwrap();
    assert!(page.records.iter().eq(records.iter().rev()));
    // Found only in the last answer.
    let rare = RecordQuery {
        source: Some(Source::Batch),
        model_version: Some(VERSIONS[0]),
        ..everything(2)
    };
    let page = store.list(&rare).await.unwrap();
    assert!(page.records.iter().eq(records[1..3].iter().rev()));
    assert_eq!(page.next, Some(records[1].id));
    assert_eq!(store.prune(time("09T00:00:00")).await.unwrap(), 40);
    assert!(
        store
            .list(&everything(100))
            .await
            .unwrap()
            .records
            .is_empty()
    );
}

/// More hours than one answer about days holds, the old ones pruned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_hours_are_complete() {
    let server = Server::with_table().await;
    let store = server.open(&server.uri).await.unwrap();
    let mut maker = Maker::new(2);
    let start = time("01T00:30:00");
    let hour = |hours: i32| -> Timestamp { start.saturating_add(hours.hours()).unwrap() };
    let records: Vec<_> = (0..300).map(|hours| maker.record(hour(hours))).collect();
    store.put(records.clone().into()).await.unwrap();
    let page = store.list(&everything(1_000)).await.unwrap();
    assert!(page.records.iter().eq(records.iter().rev()));
    assert_eq!(store.prune(hour(50)).await.unwrap(), 50);
    let old = RecordQuery {
        to: Some(hour(60)),
        ..everything(20)
    };
    let page = store.list(&old).await.unwrap();
    assert!(page.records.iter().eq(records[50..60].iter().rev()));
    assert_eq!(page.next, None);
}
