//! Calls to an API that answers as told.

#![expect(clippy::unwrap_used, reason = "a failure fails the test")]

use hp_simulate::{Client, ClientError, Pace, Plan, Sampler, SimulatedRow, Summary, Target};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use std::future::pending;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const SCHEMA: &str = r#"{
    "features": [{ "name": "AGE", "dtype": "float", "min": 0, "max": 100 }],
    "target": { "name": "MEDV", "dtype": "float" }
}"#;

/// The answer to a request: `None` gives none for as long as the test runs.
type Answer = fn(&str) -> Option<(u16, String)>;

/// An API on a free port, and the requests it has got so far.
struct Api {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Api {
    fn new(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = seen.clone();
                thread::spawn(move || serve(stream, answer, &seen));
            }
        });
        Self { url, requests }
    }

    fn client(&self) -> Client {
        client(&self.url, Duration::from_secs(20))
    }
}

fn serve(stream: TcpStream, answer: Answer, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).ok().filter(|n| *n > 0)?;
        }
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let request = head + &String::from_utf8(body).unwrap();
        seen.lock().unwrap().push(request.clone());
        let Some((status, body)) = answer(&request) else {
            thread::sleep(Duration::from_mins(1));
            return None;
        };
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

fn client(url: &str, timeout: Duration) -> Client {
    let key = Some("secret".to_owned());
    let url = url.to_owned();
    Client::new(&Target { url, key, timeout }).unwrap()
}

fn rows(count: usize, bad: f64) -> Vec<SimulatedRow> {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let plan = Plan {
        drift: Vec::new(),
        bad,
    };
    let sampler = Sampler::uniform(&schema, plan).unwrap();
    let mut rng = StdRng::seed_from_u64(3);
    sampler.rows(&mut rng).take(count).collect()
}

fn pace(concurrency: usize) -> Pace {
    Pace {
        every: Duration::from_micros(100),
        concurrency: concurrency.try_into().unwrap(),
    }
}

async fn run(client: &Client, rows: Vec<SimulatedRow>, concurrency: usize) -> Summary {
    let rows = rows.into_iter();
    client
        .run(pace(concurrency), rows, pending(), &mut |_| ())
        .await
}

/// Judges rows of [`SCHEMA`] as the API does.
fn honest(request: &str) -> Option<(u16, String)> {
    let body = request.split_once("\r\n\r\n")?.1;
    let row: hp_core::record::RawRow = serde_json::from_str(body).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let valid = row.check(&schema, 0).problems.is_empty();
    Some((if valid { 200 } else { 422 }, "{}".to_owned()))
}

#[tokio::test]
async fn every_row_is_sent_once_with_key_and_source() {
    let api = Api::new(honest);
    let rows = rows(200, 0.2);
    let bad = rows.iter().filter(|row| row.defect.is_some()).count() as u64;
    let mut seen = 0;
    let client = api.client();
    let summary = client
        .run(
            pace(4),
            rows.clone().into_iter(),
            pending(),
            &mut |summary| {
                seen += 1;
                assert_eq!(summary.done(), seen);
            },
        )
        .await;
    assert_eq!((summary.sent, summary.failed, seen), (200, 0, 200));
    assert_eq!((summary.refused, summary.statuses[&422]), (bad, bad));
    assert_eq!(summary.statuses[&200], 200 - bad);
    assert_eq!(summary.latencies.count(), 200);

    let requests = api.requests.lock().unwrap();
    let mut bodies: Vec<_> = requests
        .iter()
        .map(|request| {
            assert!(
                request.starts_with("post /v1/predict http/1.1"),
                "{request}"
            );
            for header in [
                "x-hp-source: simulation",
                "authorization: bearer secret",
                "content-type: application/json",
            ] {
                assert!(request.contains(header), "{request}");
            }
            request.split_once("\r\n\r\n").unwrap().1.to_owned()
        })
        .collect();
    let mut expected: Vec<_> = rows
        .iter()
        .map(|row| json!(row.fields).to_string())
        .collect();
    bodies.sort();
    expected.sort();
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn unexpected_answers_are_counted_by_reason() {
    let api = Api::new(|_| Some((500, r#"{"detail":"Internal Server Error"}"#.to_owned())));
    let summary = run(&api.client(), rows(5, 0.0), 1).await;
    assert_eq!((summary.failed, summary.statuses[&500]), (5, 5));
    let reasons: Vec<_> = summary
        .failures
        .iter()
        .map(|f| (f.reason.as_str(), f.count))
        .collect();
    assert_eq!(reasons, [(r#"500: {"detail":"Internal Server Error"}"#, 5)]);

    let api = Api::new(|_| Some((200, String::new())));
    let summary = run(&api.client(), rows(30, 1.0), 2).await;
    assert_eq!((summary.failed, summary.refused), (30, 0));
    let first = &summary.failures[0].reason;
    assert!(
        first.starts_with("200 instead of 422 for a row with"),
        "{first}"
    );

    // Each answer has a reason of its own, and not all are kept.
    let api = Api::new(|request| Some((500, request.to_owned())));
    let summary = run(&api.client(), rows(30, 0.0), 1).await;
    assert_eq!(summary.failed, 30);
    assert!(summary.failures.len() <= 10);
}

#[tokio::test]
async fn a_call_without_answer_is_a_failure() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = client(&format!("http://{free}"), Duration::from_secs(20));
    let summary = run(&nobody, rows(3, 0.0), 1).await;
    assert_eq!((summary.failed, summary.unanswered), (3, 3));
    assert!(summary.is_unreachable());
    let reason = &summary.failures[0].reason;
    assert!(
        reason.contains("refused") && !reason.contains("http:"),
        "{reason}"
    );

    let api = Api::new(|_| None);
    let impatient = client(&api.url, Duration::from_millis(50));
    let summary = run(&impatient, rows(1, 0.0), 1).await;
    assert!(summary.is_unreachable());
    let reason = &summary.failures[0].reason;
    assert!(reason.contains("timed out"), "{reason}");
}

#[tokio::test]
async fn calls_do_not_wait_for_answers_but_for_free_places() {
    let api = Api::new(|_| None);
    // Each call ends with it, so it is the time that three have to begin in.
    let patient = client(&api.url, Duration::from_secs(2));
    let mut most = 0;
    let summary = patient
        .run(
            pace(3),
            rows(4, 0.0).into_iter(),
            pending(),
            &mut |summary| {
                most = most.max(summary.sent - summary.done() + 1);
            },
        )
        .await;
    assert_eq!((summary.sent, most), (4, 3));
}

#[tokio::test]
async fn stopping_ends_the_calls_and_waits_for_answers() {
    let api = Api::new(honest);
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let sampler = Sampler::uniform(&schema, Plan::default()).unwrap();
    let mut rng = StdRng::seed_from_u64(3);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut stop = Some(stop);
    let summary = api
        .client()
        .run(
            pace(4),
            sampler.rows(&mut rng),
            async {
                let _ = stopped.await;
            },
            &mut |summary| {
                if summary.done() == 10 {
                    drop(stop.take());
                }
            },
        )
        .await;
    assert!(summary.sent >= 10 && summary.done() == summary.sent);
    assert_eq!(summary.failed, 0);
}

#[tokio::test]
async fn the_schema_is_that_of_the_served_model() {
    let api = Api::new(|request| {
        assert!(request.starts_with("get /v1/model http/1.1"), "{request}");
        Some((
            200,
            format!(r#"{{"model_version":"v1.0.0","schema":{SCHEMA}}}"#),
        ))
    });
    let schema = api.client().schema().await.unwrap();
    assert_eq!(schema.feature_names().collect::<Vec<_>>(), ["AGE"]);

    let api = Api::new(|_| Some((200, "{}".to_owned())));
    let error = api.client().schema().await.unwrap_err();
    assert!(matches!(error, ClientError::NoModel { .. }), "{error}");

    let api = Api::new(|_| Some((401, r#"{"detail":"Unauthorized"}"#.to_owned())));
    let error = api.client().schema().await.unwrap_err().to_string();
    assert!(error.contains("/v1/model` answered 401: {"), "{error}");
}

#[tokio::test]
async fn an_address_below_a_path_is_kept() {
    let api = Api::new(|request| {
        assert!(
            request.starts_with("post /api/v1/predict http/1.1"),
            "{request}"
        );
        Some((200, String::new()))
    });
    let below = client(&format!("{}api/", api.url), Duration::from_secs(20));
    assert_eq!(run(&below, rows(1, 0.0), 1).await.failed, 0);
}

#[test]
fn other_addresses_and_keys_are_refused() {
    let new = |url: &str, key: &str| {
        let key = Some(key.to_owned());
        let (url, timeout) = (url.to_owned(), Duration::from_secs(1));
        Client::new(&Target { url, key, timeout }).map(|_| ())
    };
    for url in ["", "localhost:8000", "ftp://x", "http://", "x y"] {
        assert!(
            matches!(new(url, "k"), Err(ClientError::Url { .. })),
            "{url}"
        );
    }
    let error = new("http://127.0.0.1:1", "geheim\n").unwrap_err();
    assert!(matches!(error, ClientError::Key), "{error}");
    assert!(!format!("{error:?}").contains("geheim"));
}
