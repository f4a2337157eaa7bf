//! The figures and the access log.

use crate::events::Events;
use crate::support::{Server, echo, request};
use hp_http::{Protection, Recorder};

#[tokio::test]
async fn requests_are_counted_by_the_route_that_matched() {
    let figures = Recorder::default();
    let _guard = metrics::set_default_local_recorder(&figures);
    let server = Server::start(Protection::default()).await;
    for name in ["a", "b", "c"] {
        server
            .ask(request(&format!("GET /hello/{name}"), &[]))
            .await;
        server
            .ask(request(&format!("GET /nothing/{name}"), &[]))
            .await;
        server
            .ask(request(&format!("BREW{name} /livez"), &[]))
            .await;
    }
    server.ask(echo("x")).await;
    server.ask(request("GET /panic", &[])).await;

    let text = figures.render();
    let count = |handler: &str, method: &str, status: u16| {
        let labels = format!("handler=\"{handler}\",method=\"{method}\",status=\"{status}\"");
        let line = format!("http_requests_total{{{labels}}} ");
        let value = text.lines().find_map(|found| found.strip_prefix(&line));
        value
            .unwrap_or_else(|| panic!("no {line} in {text}"))
            .to_owned()
    };
    assert_eq!(count("/hello/{name}", "GET", 200), "3");
    assert_eq!(count("none", "GET", 404), "3");
    assert_eq!(count("/livez", "OTHER", 405), "3");
    assert_eq!(count("/echo", "POST", 200), "1");
    assert_eq!(count("/panic", "GET", 500), "1");
    let series = text
        .lines()
        .filter(|line| line.starts_with("http_requests_total{"));
    assert_eq!(series.count(), 5, "{text}");
    assert!(text.contains("http_requests_in_progress 0"), "{text}");
    let seconds = "http_request_duration_seconds_count{handler=\"/hello/{name}\",method=\"GET\"} 3";
    assert!(text.contains(seconds), "{text}");
}

#[tokio::test]
async fn a_request_in_progress_is_seen() {
    let figures = Recorder::default();
    let _guard = metrics::set_default_local_recorder(&figures);
    let server = Server::start(Protection::default()).await;
    let mut client = server.connect().await;
    client.send(request("GET /wait", &[])).await;
    server.gate.reached.notified().await;
    assert!(figures.render().contains("http_requests_in_progress 1"));
    server.gate.open.notify_one();
    client.answer().await;
    assert!(figures.render().contains("http_requests_in_progress 0"));
}

#[tokio::test]
async fn each_request_is_one_line_without_what_clients_make_up() {
    let events = Events::record();
    let server = Server::start(Protection::default()).await;
    server
        .ask(request(
            "GET /hello/secret?token=secret",
            &["x-api-key: secret"],
        ))
        .await;
    server.ask(request("BREWSECRET /livez", &[])).await;
    let made_up = [
        "answered",
        "method=\"OTHER\"",
        "path=\"/livez\"",
        "status=405",
    ];
    assert_eq!(events.with(&made_up).len(), 1);
    assert!(events.with(&["BREW"]).is_empty());
    let lines = events.with(&["answered", "method=\"GET\""]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in [
        "INFO",
        "method=\"GET\"",
        "path=\"/hello/{name}\"",
        "status=200",
        "ms=",
        "request_id=",
    ] {
        assert!(lines[0].contains(part), "{lines:?}");
    }
    assert!(events.with(&["secret"]).is_empty());
}
