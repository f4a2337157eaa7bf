//! The selection as a file.

use crate::sample::{Sample, record, uncertain};

#[tokio::test]
async fn csv_holds_the_selection() {
    let mut records: Vec<_> = (0..2_500).map(|minute| record(minute, 6.0, 0.0)).collect();
    records[7] = uncertain(record(7, 6.0, 0.0), 30.0);
    let sample = Sample::new(records).await;
    let all = sample.get("/api/export").await;
    assert_eq!(all.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        all.header("content-disposition"),
        "attachment; filename=\"predictions.csv\""
    );
    assert_eq!(all.text().lines().count(), 2_501);
    let one = sample
        .get("/api/export?certainty=uncertain&format=csv")
        .await;
    let lines: Vec<_> = one.text().lines().collect();
    assert_eq!(lines.len(), 2, "{}", one.text());
    assert!(
        lines[1].contains(",6,0,18,30,22,4,true,120,"),
        "{}",
        lines[1]
    );
    let hour = sample.get("/api/export?from=2024-09-08T11:00:00Z").await;
    assert_eq!(hour.text().lines().count(), 62);
}

#[tokio::test]
async fn an_empty_selection_is_a_header() {
    let empty = Sample::new(Vec::new()).await.get("/api/export").await;
    assert_eq!(empty.text().lines().count(), 1);
}

#[tokio::test]
async fn what_this_build_cannot_write_is_refused() {
    let sample = Sample::new(Vec::new()).await;
    assert_eq!(sample.get("/api/export?format=parquet").await.status, 501);
}
