//! The answers to the questions of the page.

use crate::sample::{Known, NOW, QUESTIONS, Sample, known, model, record, uncertain, version};
use hp_store::{PredictionRecord, Source};
use serde_json::{Value, json};

/// Four records of today, of which one is uncertain and one wide, and two of the day before.
fn some() -> Vec<PredictionRecord> {
    let mut wide = record(30, 6.0, 1.0);
    wide.prediction.upper = 48.0;
    wide.source = Source::Simulation;
    vec![
        known(record(10, 6.0, 0.0), 21.0),
        uncertain(known(record(20, 6.5, 0.0), 20.0), 24.0),
        wide,
        record(40, 5.0, 0.0),
        record(30 * 60, 6.0, 0.0),
        record(31 * 60, 6.0, 0.0),
    ]
}

fn card(overview: &Value, name: &str) -> Value {
    let card = &overview["cards"][name];
    json!([
        card["value"],
        card["previous"],
        card["change"],
        card["relative"]
    ])
}

#[tokio::test]
async fn cards_compare_with_the_period_before() {
    let sample = Sample::new(some()).await;
    let overview = sample.ask("/api/overview?range=24h").await;
    assert_eq!(card(&overview, "total"), json!([4.0, 2.0, 2.0, 1.0]));
    assert_eq!(
        card(&overview, "share_uncertain"),
        json!([0.25, 0.0, 0.25, null])
    );
    assert_eq!(
        card(&overview, "outside_limits"),
        json!([1.0, 0.0, 1.0, null])
    );
    assert_eq!(
        card(&overview, "over_threshold"),
        json!([1.0, 0.0, 1.0, null])
    );
    assert_eq!(
        card(&overview, "mean_width"),
        json!([10.5, 4.0, 6.5, 1.625])
    );
    assert_eq!(
        card(&overview, "mean_prediction"),
        json!([21.0, 20.0, 1.0, 0.05])
    );
    assert_eq!(overview["freshness"]["age_seconds"], 600.0);
    assert_eq!(overview["freshness"]["stale"], false);
    let narrow = sample.ask("/api/overview?range=24h&threshold=3").await;
    assert_eq!(card(&narrow, "over_threshold")[0], 4.0);
    for (filter, count) in [
        ("certainty=uncertain", 1.0),
        ("certainty=certain", 3.0),
        ("source=simulation", 1.0),
        ("version=v1.0.0", 4.0),
        ("version=v2.0.0", 0.0),
    ] {
        let overview = sample
            .ask(&format!("/api/overview?range=24h&{filter}"))
            .await;
        assert_eq!(card(&overview, "total")[0], count, "{filter}");
    }
    let days = sample
        .ask("/api/overview?from=2024-09-07&to=2024-09-07")
        .await;
    assert_eq!(days["window"]["to"], "2024-09-08T00:00:00Z");
    assert_eq!(card(&days, "total")[0], 2.0);
}

#[tokio::test]
async fn a_series_has_points_or_buckets() {
    let sample = Sample::new(some()).await;
    let series = sample.ask("/api/series?range=24h").await;
    let points = series["points"].as_array().unwrap();
    assert_eq!((points.len(), &series["bucket"]), (4, &json!("none")));
    assert_eq!((&series["total"], &series["shown"]), (&json!(4), &json!(4)));
    assert_eq!(points[1]["over"], true);
    assert_eq!(points[2]["uncertain"], true);
    assert_eq!(points[3]["actual"], 21.0);
    assert!(points.is_sorted_by_key(|point| point["time"].as_str().unwrap().to_owned()));
    let days = sample.ask("/api/series?range=7d&bucket=day").await;
    let buckets = days["buckets"].as_array().unwrap();
    let counts: Vec<_> = buckets.iter().map(|bucket| &bucket["count"]).collect();
    assert_eq!(counts, [2, 4]);
    assert_eq!(buckets[1]["mean_width"], 10.5);
    assert_eq!(buckets[1]["mean_upper"], 28.5);
    assert_eq!(days["shown"], 6);
}

#[tokio::test]
async fn a_new_version_is_marked() {
    let mut newer = record(5, 6.0, 0.0);
    newer.model_version = version("v1.1.0");
    let mut records = some();
    records.push(newer);
    let sample = Sample::new(records).await;
    for (query, time) in [
        ("range=24h", "2024-09-08T11:55:00Z"),
        ("range=24h&bucket=hour", "2024-09-08T11:00:00Z"),
    ] {
        let series = sample.ask(&format!("/api/series?{query}")).await;
        let expected = json!([{"time": time, "kind": "model", "label": "v1.1.0"}]);
        assert_eq!(series["markers"], expected);
    }
}

#[tokio::test]
async fn records_are_sorted_and_paged() {
    let sample = Sample::new(some()).await;
    let first = sample.ask("/api/records?sort=width&size=2").await;
    assert_eq!((&first["total"], &first["page"]), (&json!(6), &json!(1)));
    assert_eq!(first["columns"], json!(["rooms", "river"]));
    assert_eq!(first["rows"][0]["width"], 30.0);
    assert_eq!(first["rows"][0]["inputs"], json!({"rooms": 6, "river": 1}));
    let oldest = sample.ask("/api/records?order=asc&size=2&page=3").await;
    assert_eq!(oldest["rows"][1]["time"], "2024-09-08T11:50:00Z");
    assert_eq!(oldest["rows"][1]["error"], 1.0);
    let worst = sample.ask("/api/records?sort=excess&size=1").await;
    assert_eq!(worst["rows"][0]["excess"], 2.0);
    let beyond = sample.ask("/api/records?page=1000000000&size=500").await;
    assert_eq!(beyond["rows"], json!([]));
}

#[tokio::test]
async fn a_record_lies_among_the_training_rows() {
    let far = record(1, 9.0, 1.0);
    let sample = Sample::new(vec![far.clone()]).await;
    let detail = sample.ask(&format!("/api/records/{}", far.id)).await;
    let [rooms, river] = detail["inputs"].as_array().unwrap().as_slice() else {
        panic!("two inputs in {detail}");
    };
    assert_eq!(
        (&rooms["out_of_range"], &rooms["percentile"]),
        (&json!(true), &json!(1.0))
    );
    assert_eq!((&rooms["min"], &rooms["unit"]), (&json!(4.0), &json!("1")));
    assert_eq!(rooms["histogram"]["bin"], 19);
    assert_eq!(river["percentile"], 0.95);
    assert_eq!(river["histogram"]["values"], json!([0.0, 1.0]));
    assert_eq!(detail["record"]["prediction"], 20.0);
    assert_eq!(detail["latency_us"], 120);
}

/// As many records as `rooms`, a minute apart.
fn with_rooms(rooms: impl IntoIterator<Item = f64>) -> Vec<PredictionRecord> {
    let minutes = (1..).zip(rooms);
    minutes
        .map(|(minute, rooms)| record(minute, rooms, f64::from(u8::from(minute % 10 == 0))))
        .collect()
}

#[tokio::test]
async fn rows_unlike_the_training_alarm() {
    let like = with_rooms((0..100).map(|row| 4.0 + f64::from(row) / 25.0));
    let inputs = Sample::new(like).await.ask("/api/inputs").await;
    assert_eq!(
        (&inputs["reference"], &inputs["needs"]),
        (&json!(true), &Value::Null)
    );
    let rooms = &inputs["features"][0];
    assert_eq!(
        (&rooms["state"], &rooms["alarm"]),
        (&json!("measured"), &json!(false))
    );
    assert_eq!(
        rooms["histogram"]["reference"],
        rooms["histogram"]["window"]
    );
    // Its predictions are all the same.
    assert_eq!(inputs["alarms"], json!(["prediction"]));

    let unlike = with_rooms((0..60).map(|row| 7.0 + f64::from(row) / 25.0));
    let inputs = Sample::new(unlike).await.ask("/api/inputs").await;
    assert_eq!(inputs["alarms"], json!(["rooms", "prediction"]));
    let rooms = &inputs["features"][0];
    assert_eq!(
        (&rooms["test"], &rooms["rows"]),
        (&json!("anderson_darling"), &json!(60))
    );
    assert_eq!(rooms["effect"]["measure"], "wasserstein");
    assert!(rooms["effect"]["size"].as_f64().unwrap() > 1.0);
    assert_eq!(rooms["out_of_range"], 35);
    assert_eq!(inputs["features"][1]["effect"]["measure"], "cramers_v");
}

#[tokio::test]
async fn too_little_for_a_verdict_is_said() {
    let few = with_rooms([6.0; 12]);
    let inputs = Sample::new(few.clone()).await.ask("/api/inputs").await;
    assert_eq!(
        inputs["needs"],
        "8 more predictions are needed for a verdict"
    );
    assert_eq!(inputs["features"][0]["state"], "needs_more");

    let mut old = model();
    old.reference = None;
    let known = Known(vec![(version("v1.0.0"), old)]);
    let inputs = Sample::with(few.clone(), known, "")
        .await
        .ask("/api/inputs")
        .await;
    assert_eq!(inputs["reference"], false);
    assert!(
        inputs["needs"].as_str().unwrap().contains("train it again"),
        "{inputs}"
    );

    let inputs = Sample::with(few, Known(vec![]), "")
        .await
        .ask("/api/inputs")
        .await;
    assert!(
        inputs["needs"].as_str().unwrap().contains("--artifacts"),
        "{inputs}"
    );
}

#[tokio::test]
async fn uncertainty_is_traced_to_its_input() {
    let mut records = with_rooms((0..100).map(|row| 4.0 + f64::from(row) / 25.0));
    for (place, record) in records.iter_mut().enumerate().skip(70) {
        record.prediction.prediction = 22.0 + place as f64;
    }
    let sample = Sample::new(records).await;
    let answer = sample.ask("/api/uncertain?certainty=certain").await;
    let features = answer["features"].as_array().unwrap();
    assert_eq!(features[0]["name"], "rooms");
    assert!(features[0]["strength"].as_f64().unwrap() > 0.9, "{answer}");
    let last = features[0]["bins"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["share"], &last["to"]), (&json!(1.0), &Value::Null));
    assert_eq!(
        (&answer["uncertain"], &answer["sampled"]),
        (&json!(30), &json!(100))
    );
    assert_eq!(answer["worst"][0]["excess"], 99.0);
    assert_eq!(answer["worst"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn outcomes_compare_certain_with_uncertain() {
    let sample = Sample::new(some()).await;
    let outcomes = sample.ask("/api/outcomes?range=24h&bucket=hour").await;
    assert_eq!(
        (&outcomes["total"], &outcomes["actuals"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(
        outcomes["certain"],
        json!({"count": 1, "mae": 1.0, "rmse": 1.0})
    );
    assert_eq!(
        outcomes["uncertain"],
        json!({"count": 1, "mae": 4.0, "rmse": 4.0})
    );
    assert_eq!(outcomes["coverage"]["value"], 1.0);
    assert_eq!(outcomes["coverage"]["nominal"], 0.8);
    assert_eq!(outcomes["rolling"][0]["start"], "2024-09-08T11:00:00Z");
    assert_eq!(outcomes["rolling"][0]["mae"], 2.5);
    let none = sample.ask("/api/outcomes?source=simulation").await;
    assert!(none["hint"].as_str().unwrap().contains("/v1/feedback"));
    assert_eq!(none["rolling"], json!([]));
}

#[tokio::test]
async fn rolling_figures_follow_outcomes_in_a_row() {
    let records = (1..=60).map(|minute| {
        let record = record(minute, 6.0, 0.0);
        // The older half is far off.
        known(record, if minute > 30 { 30.0 } else { 20.0 })
    });
    let sample = Sample::new(records.collect()).await;
    let outcomes = sample.ask("/api/outcomes").await;
    let rolling = outcomes["rolling"].as_array().unwrap();
    assert_eq!((&outcomes["rolling_rows"], rolling.len()), (&json!(20), 41));
    assert_eq!(rolling[0]["mae"], 10.0);
    assert_eq!(rolling[40]["coverage"], 1.0);
    assert_eq!(rolling[0]["start"], "2024-09-08T11:00:00Z");
    assert_eq!(rolling[40]["end"], "2024-09-08T11:59:00Z");
}

#[tokio::test]
async fn the_page_learns_what_it_can_ask() {
    let settings = Sample::new(some()).await.ask("/api/settings").await;
    assert_eq!(settings["title"], "boston");
    assert_eq!(
        settings["target"],
        json!({"name": "price", "unit": "1000 $"})
    );
    assert_eq!(settings["features"][1]["dtype"], "integer");
    assert_eq!(settings["default_threshold"], 22.0);
    assert_eq!(settings["versions"], json!(["v1.0.0"]));
    assert!(settings["freshness"]["newest"].is_string());
    assert_eq!(
        (&settings["store"], &settings["now"]),
        (&json!("memory"), &json!(NOW))
    );
}

#[tokio::test]
async fn an_empty_log_has_answers() {
    let sample = Sample::new(Vec::new()).await;
    for question in QUESTIONS {
        for range in ["24h", "7d", "30d", "90d", "all"] {
            for bucket in ["none", "hour", "day", "week"] {
                let answer = sample
                    .ask(&format!("{question}?range={range}&bucket={bucket}"))
                    .await;
                assert_eq!(answer["freshness"]["newest"], Value::Null, "{question}");
            }
        }
    }
    assert_eq!(sample.ask("/api/newest").await, json!({"newest": null}));
}

#[tokio::test]
async fn one_record_and_one_in_the_far_future_have_answers() {
    let mut far = record(0, 6.0, 0.0);
    far.id = hp_store::PredictionId::first_at(crate::sample::time("9990-01-01T00:00:00Z"));
    for records in [vec![record(0, 6.0, 0.0)], vec![record(0, 6.0, 0.0), far]] {
        let sample = Sample::new(records.clone()).await;
        for question in QUESTIONS {
            for bucket in ["none", "hour", "week"] {
                sample
                    .ask(&format!("{question}?range=all&bucket={bucket}"))
                    .await;
            }
        }
        let all = sample.ask("/api/overview?range=all").await;
        assert_eq!(all["cards"]["total"]["value"], records.len() as f64);
        let month = sample.ask("/api/overview").await;
        assert_eq!(month["cards"]["total"]["value"], 1.0);
        let ahead = &month["freshness"]["ahead_seconds"];
        assert_eq!(ahead.is_null(), records.len() == 1, "{month}");
    }
}

#[tokio::test]
async fn a_gap_of_a_month_is_no_bucket() {
    let sample = Sample::new(vec![record(5, 6.0, 0.0), record(50 * 24 * 60, 6.0, 0.0)]).await;
    let series = sample.ask("/api/series?range=90d&bucket=day").await;
    assert_eq!(series["buckets"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_new_is_seen_at_once() {
    let sample = Sample::new(some()).await;
    let newest = sample.get("/api/newest").await;
    let tag = newest.header("etag").to_owned();
    let again = sample
        .get_with("/api/newest", &[("if-none-match", &tag)])
        .await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let before = sample.ask("/api/overview?range=24h").await;
    sample.put(record(0, 6.0, 0.0)).await;
    let again = sample
        .get_with("/api/newest", &[("if-none-match", &tag)])
        .await;
    assert_eq!(again.status, 200);
    let after = sample.ask("/api/overview?range=24h").await;
    assert_eq!(card(&before, "total")[0], 4.0);
    assert_eq!(card(&after, "total")[0], 5.0);
}

#[tokio::test]
async fn versions_with_other_features_stand_side_by_side() {
    let mut other = record(45, 6.0, 0.0);
    other.model_version = version("v2.0.0");
    other.inputs.names = std::sync::Arc::from(["area".to_owned()]);
    other.inputs.values = vec![120.0];
    let mut records = with_rooms([6.0; 30]);
    records.push(other);
    let sample = Sample::new(records).await;
    let page = sample.ask("/api/records?size=500").await;
    assert_eq!(page["columns"], json!(["rooms", "river", "area"]));
    // The newest record decides which version is judged.
    let inputs = sample.ask("/api/inputs").await;
    assert_eq!(
        (&inputs["version"], &inputs["window_rows"]),
        (&json!("v1.0.0"), &json!(30))
    );
    let inputs = sample.ask("/api/inputs?version=v2.0.0").await;
    assert_eq!(inputs["window_rows"], 1);
    let uncertain = sample.ask("/api/uncertain").await;
    assert_eq!(uncertain["features"].as_array().unwrap().len(), 3);
    let csv = sample.get("/api/export").await;
    let header = csv.text().lines().next().unwrap();
    assert!(header.contains("source,rooms,river,area,lower"), "{header}");
}
