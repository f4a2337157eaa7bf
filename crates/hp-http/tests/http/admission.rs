//! Keys, rates, places and time.

use crate::support::{Answer, LARGE, SHORT, Server, echo, request};
use hp_http::{ApiKeys, Limits, Protection};
use std::num::NonZeroU32;

fn with_keys(limits: Limits) -> Protection {
    Protection {
        limits,
        keys: ApiKeys::parse("first,second").unwrap(),
        open_paths: &["/livez"],
        cors: None,
    }
}

fn one_per_second() -> Limits {
    Limits {
        requests_per_second: NonZeroU32::new(1),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_key_opens_what_is_closed() {
    let server = Server::start(with_keys(Limits::default())).await;
    for header in ["authorization: Bearer first", "x-api-key: second"] {
        let answer = server.ask(request("GET /hello/you", &[header])).await;
        assert_eq!(answer.body, "you");
    }
}

#[tokio::test]
async fn without_a_key_only_open_paths_answer() {
    let server = Server::start(with_keys(Limits::default())).await;
    let wrong = [
        "authorization: Bearer third",
        "authorization: Basic first",
        "x-api-key: firs",
        "a: b",
    ];
    for header in wrong {
        for what in [
            "GET /hello/you",
            "GET /nothing",
            "POST /livez/../echo",
            "GET /livez/",
        ] {
            let answer = server.ask(request(what, &[header])).await;
            answer.assert_error(401, "Not authenticated");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert_eq!(server.ask(request("GET /livez", &[])).await.body, "alive");
}

#[tokio::test]
async fn the_body_of_a_refused_request_does_not_hide_the_refusal() {
    let server = Server::start(with_keys(Limits::default())).await;
    let answer = server.ask(echo(&"x".repeat(4 << 20))).await;
    answer.assert_error(401, "Not authenticated");
}

/// The answers to requests sent at once, which take no second, however busy the machine is.
async fn answers(server: &Server, headers: &[&str]) -> Vec<Answer> {
    let mut client = server.connect().await;
    let requests = headers
        .iter()
        .map(|header| request("GET /hello/you", &[header]));
    client.send(requests.collect::<String>()).await;
    let mut answers = Vec::new();
    for _ in headers {
        answers.push(client.answer().await);
    }
    answers
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_to_wait() {
    let server = Server::with_limits(one_per_second()).await;
    let answers = answers(&server, &["a: b", "a: b"]).await;
    assert_eq!(answers[0].status, 200);
    answers[1].assert_error(429, "Too Many Requests");
    assert_eq!(answers[1].header("retry-after"), Some("1"));
}

#[tokio::test]
async fn each_key_has_a_rate_and_wrong_keys_share_that_of_their_address() {
    let server = Server::start(with_keys(one_per_second())).await;
    let keys = ["first", "second", "first", "wrong", "wronger"];
    let headers = keys.map(|key| format!("x-api-key: {key}"));
    let answers = answers(&server, &headers.each_ref().map(String::as_str)).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 429, 401, 429]);
    for _ in 0..3 {
        assert_eq!(server.ask(request("GET /livez", &[])).await.status, 200);
    }
}

#[tokio::test]
async fn a_request_without_a_place_is_shed_at_once() {
    let limits = Limits {
        concurrency: 1,
        ..Limits::default()
    };
    let protection = Protection {
        limits,
        open_paths: &["/livez"],
        ..Protection::default()
    };
    let server = Server::start(protection).await;
    let mut first = server.connect().await;
    first.send(request("GET /wait", &[])).await;
    server.gate.reached.notified().await;
    let answer = server.ask(echo("x")).await;
    answer.assert_error(503, "Service Unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(server.ask(request("GET /livez", &[])).await.body, "alive");
    server.gate.open.notify_one();
    assert_eq!(first.answer().await.body, "waited");
    assert_eq!(server.ask(echo("x")).await.body, "x");
}

#[tokio::test]
async fn a_slow_body_holds_no_place() {
    let server = Server::with_limits(Limits {
        concurrency: 1,
        ..Limits::default()
    })
    .await;
    let mut slow = server.connect().await;
    slow.send(request("POST /echo", &["content-length: 10"]) + "12345")
        .await;
    assert_eq!(server.ask(echo("x")).await.body, "x");
    slow.send("67890").await;
    assert_eq!(slow.answer().await.body, "1234567890");
}

#[tokio::test]
async fn a_large_body_holds_no_place_until_it_is_complete() {
    let server = Server::with_limits(Limits {
        concurrency: 1,
        ..Limits::default()
    })
    .await;
    let mut slow = server.connect().await;
    let body = "x".repeat(300_000);
    let whole = echo(&body);
    let (most, rest) = whole.split_at(whole.len() - 1);
    slow.send(most).await;
    // Long enough for the server to have it.
    for _ in 0..20 {
        assert_eq!(server.ask(echo("x")).await.body, "x");
    }
    slow.send(rest).await;
    assert_eq!(slow.answer().await.body, body);
}

#[tokio::test]
async fn a_large_answer_holds_its_place_until_it_is_sent() {
    let server = Server::with_limits(Limits {
        concurrency: 1,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client.send(request("GET /large", &[])).await;
    client.0.readable().await.unwrap();
    server
        .ask(echo("x"))
        .await
        .assert_error(503, "Service Unavailable");
    assert_eq!(client.answer().await.body.len(), LARGE);
    client.send(echo("x")).await;
    assert_eq!(client.answer().await.body, "x");
}

#[tokio::test]
async fn what_is_open_takes_little() {
    let server = Server::start(Protection {
        open_paths: &["/livez", "/wait"],
        ..with_keys(Limits::default())
    })
    .await;
    let length = format!("content-length: {}", 4097);
    let large = request("POST /livez", &[&length]) + &"x".repeat(4097);
    let detail = "Request body is larger than 4096 bytes";
    server.ask(large).await.assert_error(413, detail);

    let mut waiting = Vec::new();
    for _ in 0..128 {
        let mut client = server.connect().await;
        client.send(request("GET /wait", &[])).await;
        server.gate.reached.notified().await;
        waiting.push(client);
    }
    let answer = server.ask(request("GET /livez", &[])).await;
    answer.assert_error(503, "Service Unavailable");
    let answer = server
        .ask(request("GET /hello/you", &["x-api-key: first"]))
        .await;
    assert_eq!(answer.body, "you");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let server = Server::with_limits(Limits {
        request_timeout: SHORT,
        concurrency: 1,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client.send(request("GET /wait", &[])).await;
    client.answer().await.assert_error(504, "Gateway Timeout");
    // Its place is free again.
    client.send(echo("x")).await;
    assert_eq!(client.answer().await.body, "x");
}
