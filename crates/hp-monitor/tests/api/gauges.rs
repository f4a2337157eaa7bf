//! What Prometheus is told.

use crate::sample::{Sample, known, record};

#[tokio::test]
async fn gauges_tell_the_figures_of_the_window() {
    let records = (0..30).map(|minute| known(record(minute, 7.9, 0.0), 21.0));
    let sample = Sample::new(records.collect()).await;
    let reply = sample.get("/metrics").await;
    assert_eq!(
        reply.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = reply.text();
    for line in [
        "# TYPE hp_monitor_predictions gauge",
        "hp_monitor_up 1",
        "hp_monitor_predictions{window=\"24h\"} 30",
        "hp_monitor_uncertain_ratio{window=\"24h\"} 0",
        "hp_monitor_interval_width_mean{window=\"24h\"} 4",
        "hp_monitor_newest_age_seconds 0",
        "hp_monitor_drift_alarm{feature=\"rooms\",window=\"24h\"} 1",
        "hp_monitor_drift_alarm{feature=\"river\",window=\"24h\"} 0",
        "hp_monitor_coverage_ratio{window=\"24h\"} 1",
        "hp_monitor_absolute_error_mean{window=\"24h\"} 1",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
    }
}

#[tokio::test]
async fn figures_without_a_value_have_no_line() {
    let reply = Sample::new(Vec::new()).await.get("/metrics").await;
    assert!(
        reply
            .text()
            .contains("hp_monitor_predictions{window=\"24h\"} 0\n")
    );
    for name in ["interval_width_mean", "coverage", "newest_age", "drift"] {
        assert!(!reply.text().contains(name), "{name} in {}", reply.text());
    }
}
