//! Names that would be code if someone forgot to escape them.

use crate::sample::{Known, NOW, QUESTIONS, Sample, model, record, time, version};
use hp_monitor::report::Report;
use hp_monitor::view::{Range, Selection, When};
use std::sync::Arc;

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&\n=cmd|' /C calc'!A0";

fn text() -> String {
    HOSTILE.to_owned()
}

async fn sample() -> Sample {
    let mut model = model();
    model.data_name = text();
    model.schema.target.unit = text();
    model.schema.features[0].name = text();
    model.schema.features[0].description = text();
    model.reference.as_mut().unwrap().features[0].name = text();
    let records = (0..30).map(|minute| {
        let mut record = record(minute, 6.0, 0.0);
        record.inputs.names = Arc::from([HOSTILE.to_owned(), "river".to_owned()]);
        record.git_commit = Some(Arc::from(HOSTILE));
        record
    });
    Sample::with(
        records.collect(),
        Known(vec![(version("v1.0.0"), model)]),
        "",
    )
    .await
}

#[tokio::test]
async fn json_carries_it_as_it_is() {
    let sample = sample().await;
    for question in QUESTIONS {
        let reply = sample.get(question).await;
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        reply.json();
    }
    let inputs = sample.ask("/api/inputs").await;
    assert_eq!(inputs["features"][0]["name"], HOSTILE);
    let id = record(0, 6.0, 0.0).id;
    let detail = sample.ask(&format!("/api/records/{id}")).await;
    assert_eq!(detail["inputs"][0]["name"], HOSTILE);
    assert_eq!(detail["git_commit"], HOSTILE);
}

#[tokio::test]
async fn csv_quotes_it_and_gauges_escape_it() {
    let sample = sample().await;
    let csv = sample.get("/api/export").await;
    assert!(
        csv.text()
            .contains("\"</script><img src=x onerror=alert(1)>\"\"'&\n=cmd")
    );
    let metrics = sample.get("/metrics").await;
    let lines = metrics.text().lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        assert!(line.starts_with("hp_monitor_"), "{line}");
    }
    assert!(metrics.text().contains("alert(1)>\\\"'&\\n=cmd"));
}

#[tokio::test]
async fn a_report_escapes_it() {
    let sample = sample().await;
    let selection = Selection::new(When::Last(Range::All), 22.0);
    let report = Report::new(&sample.monitor, &selection).await.unwrap();
    let html = report.html();
    assert!(
        !html.contains("<img") && !html.contains("</script"),
        "{html}"
    );
    assert!(html.contains("&lt;/script&gt;&lt;img src=x"), "{html}");
    assert_eq!(
        report.window.to,
        time(NOW) + jiff::SignedDuration::from_millis(1)
    );
}
