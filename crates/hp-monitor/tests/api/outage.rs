//! A store that fails, hangs, and comes back.

use crate::sample::{QUESTIONS, Sample, record};
use hp_monitor::view::{Range, Selection, When};
use std::sync::atomic::Ordering;

async fn sample() -> Sample {
    Sample::new((0..30).map(|minute| record(minute, 6.0, 0.0)).collect()).await
}

#[tokio::test]
async fn the_last_good_answer_is_given_with_its_age() {
    let sample = sample().await;
    for question in QUESTIONS {
        sample.ask(question).await;
    }
    sample.store.down.store(true, Ordering::Relaxed);
    sample.wait(100);
    for question in QUESTIONS {
        let answer = sample.ask(question).await;
        let freshness = &answer["freshness"];
        assert_eq!(freshness["stale"], true, "{question}");
        assert_eq!(freshness["answered"], "2024-09-08T12:00:00Z");
        assert_eq!(freshness["age_seconds"], 100.0);
        let error = freshness["error"].as_str().unwrap();
        assert!(error.contains("dynamodb://log"), "{error}");
    }
    // Another question has no answer yet.
    let reply = sample.get("/api/overview?range=7d").await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.header("retry-after"), "2");
    assert!(
        reply.json()["detail"]
            .as_str()
            .unwrap()
            .contains("cannot be read")
    );
    assert_eq!(sample.get("/api/newest").await.status, 503);
    let metrics = sample.get("/metrics").await;
    assert!(
        metrics.text().contains("hp_monitor_up 0\n"),
        "{}",
        metrics.text()
    );

    sample.store.down.store(false, Ordering::Relaxed);
    sample.wait(3);
    let answer = sample.ask("/api/overview").await;
    assert_eq!(answer["freshness"]["stale"], false);
    assert_eq!(
        sample.ask("/api/overview?range=7d").await["freshness"]["stale"],
        false
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_given_up() {
    let sample = sample().await;
    sample.ask("/api/overview").await;
    sample.store.hangs.store(true, Ordering::Relaxed);
    sample.wait(10);
    let before = tokio::time::Instant::now();
    // The time for a request ends no sooner than the time for the store.
    let answer = sample.monitor.newest().await.unwrap_err();
    assert!(answer.to_string().contains("within 30 s"), "{answer}");
    assert!(before.elapsed().as_secs() >= 30);
}

#[tokio::test(start_paused = true)]
async fn while_it_fails_not_every_question_waits() {
    let sample = sample().await;
    let selection = Selection::new(When::Last(Range::Month), 22.0);
    sample.monitor.overview(&selection).await.unwrap();
    sample.store.hangs.store(true, Ordering::Relaxed);
    sample.wait(10);
    let before = tokio::time::Instant::now();
    for _ in 0..3 {
        let answer = sample.monitor.overview(&selection).await.unwrap();
        assert!(answer.freshness.stale);
    }
    assert_eq!(before.elapsed().as_secs(), 30);
}
