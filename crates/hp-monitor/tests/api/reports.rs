//! Reports, and what a policy says of them.

use crate::sample::{Sample, known, record, uncertain};
use hp_monitor::policy::What::{Met, NeedsMore, Well};
use hp_monitor::policy::{Alert, Policy, Verdict, What};
use hp_monitor::report::Report;
use hp_monitor::view::{Range, Selection, When};
use hp_store::PredictionRecord;

async fn report(records: Vec<PredictionRecord>) -> Report {
    let sample = Sample::new(records).await;
    let selection = Selection::new(When::Last(Range::Day), 22.0);
    Report::new(&sample.monitor, &selection).await.unwrap()
}

fn judge(policy: &str, report: &Report) -> Verdict {
    Verdict::new(&policy.parse::<Policy>().unwrap(), report, 20)
}

fn whats(verdict: &Verdict) -> Vec<What> {
    verdict
        .findings
        .iter()
        .map(|finding| finding.what)
        .collect()
}

const POLICY: &str = "uncertain>0.2,width>22,over>10%,drift,coverage<0.7,mae>3,rmse>3";

/// Forty predictions with drifted rooms, a quarter of them uncertain, all intervals missing.
fn unwell() -> Vec<PredictionRecord> {
    let records = (0..40).map(|minute| known(record(minute, 7.9, 0.0), 40.0));
    let records = records.enumerate().map(|(place, record)| {
        if place % 4 == 0 {
            uncertain(record, 30.0)
        } else {
            record
        }
    });
    records.collect()
}

#[tokio::test]
async fn conditions_are_met_or_not() {
    let report = report(unwell()).await;
    let verdict = judge(POLICY, &report);
    assert_eq!(whats(&verdict), [Met, Well, Well, Met, Met, Met, Met]);
    assert!(verdict.is_alert());
    let reasons: Vec<_> = verdict
        .findings
        .iter()
        .map(|finding| &*finding.reason)
        .collect();
    assert_eq!(reasons[0], "uncertain is 0.25 of 40 predictions");
    assert!(reasons[3].starts_with("rooms, "), "{}", reasons[3]);
    assert_eq!(reasons[4], "coverage is 0 of 40 true values");
    assert_eq!(
        whats(&judge("predictions<100,age>60,age<=60", &report)),
        [Met, Well, Met]
    );
}

#[tokio::test]
async fn too_few_rows_meet_nothing() {
    let report = report(vec![known(uncertain(record(1, 7.9, 0.0), 60.0), 0.0)]).await;
    let verdict = judge(POLICY, &report);
    assert!(whats(&verdict).iter().all(|what| *what == NeedsMore));
    assert!(!verdict.is_alert());
    assert_eq!(
        verdict.findings[0].reason,
        "uncertain needs 19 more predictions"
    );
    assert_eq!(
        verdict.findings[4].reason,
        "coverage needs 19 more true values"
    );
}

#[tokio::test]
async fn an_empty_log_meets_only_what_counts() {
    let report = report(Vec::new()).await;
    let verdict = judge(
        "uncertain>0.2,predictions<1,age>60,drift,coverage<1",
        &report,
    );
    assert_eq!(
        whats(&verdict),
        [NeedsMore, Met, NeedsMore, NeedsMore, NeedsMore]
    );
    assert!(report.html().contains("the log is empty"));
}

#[tokio::test]
async fn a_change_of_state_is_told_once() {
    let report = report(unwell()).await;
    let verdict = judge("uncertain>0.2,width>22", &report);
    let time = jiff::Timestamp::UNIX_EPOCH;
    let alert = Alert::new(&report, &verdict, &[], time).unwrap();
    assert_eq!((alert.state, alert.met.len()), ("alert", 1));
    assert_eq!(alert.text, "boston: uncertain is 0.25 of 40 predictions");
    let told = ["uncertain>0.2".to_owned()];
    assert_eq!(Alert::new(&report, &verdict, &told, time), None);
    let well = judge("width>22", &report);
    assert_eq!(Alert::new(&report, &well, &[], time), None);
    let resolved = Alert::new(&report, &well, &told, time).unwrap();
    assert_eq!((resolved.state, resolved.met.len()), ("resolved", 0));
}

#[tokio::test]
async fn a_page_of_its_own_holds_the_figures() {
    let html = report(unwell()).await.html();
    for part in [
        "<h1>Predictions of boston</h1>",
        "<th scope=\"row\">Predictions</th>\n<td>40</td>",
        "drifted",
        "The intervals held 0.0 % of the true values",
        "the model promises 80.0 %",
    ] {
        assert!(html.contains(part), "{part} in\n{html}");
    }
    assert!(!html.contains("<script") && !html.contains("http"));
}
