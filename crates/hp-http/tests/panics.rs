//! Panics as events, in a process of their own: the hook is the whole process's.
#![allow(clippy::unwrap_used, reason = "tests may fail")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use hp_http::{Protection, log_panics, protect};
use std::io;
use std::panic::take_hook;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn panics() {
    panic!("in a handler");
}

#[test]
fn each_panic_is_one_event() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log_panics();
    log_panics();

    let router = protect(Router::new().route("/", get(panics)), Protection::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let answer = runtime.block_on(router.oneshot(Request::new(Body::empty())));
    let thread = std::thread::spawn(|| panic!("in a {}", "thread")).join();
    // What fails from here on is told as usual.
    drop(take_hook());

    assert_eq!(answer.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(thread.is_err());
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told = |message: &str| {
        let mut found = lines
            .iter()
            .filter(|line| line["fields"]["message"] == message);
        let fields = found.next().unwrap()["fields"].clone();
        assert!(found.next().is_none(), "{text}");
        fields
    };
    let failed = told("failed")["error"].as_str().unwrap().to_owned();
    assert!(failed.starts_with("panic at "), "{failed}");
    assert!(failed.contains("panics.rs:"), "{failed}");
    assert!(failed.ends_with(": in a handler"), "{failed}");
    let panicked = told("panicked");
    assert_eq!(panicked["error"], "in a thread");
    assert!(panicked["place"].as_str().unwrap().contains("panics.rs:"));
}
