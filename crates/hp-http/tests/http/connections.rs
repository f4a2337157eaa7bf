//! Clients that are slow, in a hurry, half gone, or do not speak HTTP.

use crate::support::{DEADLINE, LARGE, SHORT, Server, echo, request};
use hp_http::{Limits, Protection};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn slow_headers_are_cut() {
    let server = Server::with_limits(Limits {
        header_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut silent = server.connect().await;
    let mut slow = server.connect().await;
    slow.send("GET /livez HTTP/1.1\r\nhost: te").await;
    assert!(silent.closed().await.is_empty());
    assert!(slow.closed().await.is_empty());
}

#[tokio::test]
async fn headers_that_trickle_in_are_cut_all_the_same() {
    let server = Server::with_limits(Limits {
        header_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    // An answer first: the second request has no more time than the first.
    client.send(request("GET /livez", &[])).await;
    client.answer().await;
    let started = Instant::now();
    while client.0.write_all(b"x").await.is_ok() && started.elapsed() < DEADLINE {
        let _ = timeout(SHORT / 10, client.0.readable()).await;
        let mut byte = [0];
        if matches!(client.0.try_read(&mut byte), Ok(0)) {
            break;
        }
    }
    assert!(
        started.elapsed() >= SHORT,
        "cut after {:?}",
        started.elapsed()
    );
    assert!(started.elapsed() < DEADLINE);
}

#[tokio::test]
async fn an_idle_connection_has_a_time_of_its_own() {
    let limits = Limits {
        header_timeout: SHORT,
        ..Limits::default()
    };
    let server = Server::with_limits(limits.clone()).await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.send(request("GET /livez", &[])).await;
        assert_eq!(client.answer().await.body, "alive");
        let idle = timeout(SHORT * 3, client.closed()).await;
        assert!(idle.is_err(), "closed after the time for headers");
    }
    let server = Server::with_limits(Limits {
        idle_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client.send(request("GET /livez", &[])).await;
    assert_eq!(client.answer().await.body, "alive");
    assert!(client.closed().await.is_empty());
}

#[tokio::test]
async fn waiting_for_an_answer_is_not_idling() {
    let server = Server::with_limits(Limits {
        header_timeout: SHORT,
        idle_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client.send(request("GET /wait", &[])).await;
    server.gate.reached.notified().await;
    assert!(timeout(SHORT * 3, client.closed()).await.is_err());
    server.gate.open.notify_one();
    assert_eq!(client.answer().await.body, "waited");
}

#[tokio::test]
async fn a_body_has_more_time_than_headers() {
    let server = Server::with_limits(Limits {
        header_timeout: SHORT,
        idle_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client
        .send(request("POST /echo", &["content-length: 4"]) + "ab")
        .await;
    assert!(timeout(SHORT * 3, client.closed()).await.is_err());
    client.send("cd").await;
    assert_eq!(client.answer().await.body, "abcd");
}

#[tokio::test]
async fn a_half_closed_client_still_gets_its_answer() {
    let server = Server::start(Protection::default()).await;
    let mut client = server.connect().await;
    client.send(request("GET /wait", &[])).await;
    client.0.shutdown().await.unwrap();
    server.gate.reached.notified().await;
    server.gate.open.notify_one();
    assert_eq!(client.answer().await.body, "waited");
    assert!(client.closed().await.is_empty());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(Protection::default()).await;
    let mut client = server.connect().await;
    let bodies: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let requests: String = bodies.iter().map(|body| echo(body)).collect();
    client.send(requests).await;
    for body in bodies {
        assert_eq!(client.answer().await.body, body);
    }
}

#[tokio::test]
async fn garbage_is_refused_and_harms_nobody() {
    let server = Server::start(Protection::default()).await;
    for garbage in [
        "\x16\x03\x01\x02\0\x01\0\x01\n\n",
        "GET\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
    ] {
        assert_eq!(server.ask(garbage).await.status, 400, "{garbage:?}");
    }
    assert_eq!(server.ask(request("GET /livez", &[])).await.body, "alive");
}

#[tokio::test]
async fn too_large_headers_are_refused() {
    let server = Server::with_limits(Limits {
        header_bytes: 1000,
        headers: 5,
        ..Limits::default()
    })
    .await;
    let large = format!("x-large: {}", "x".repeat(1000));
    assert_eq!(
        server.ask(request("GET /livez", &[&large])).await.status,
        431
    );
    assert_eq!(
        server.ask(request("GET /livez", &["x: 1"; 5])).await.status,
        431
    );
    assert_eq!(
        server.ask(request("GET /livez", &["x: 1"; 4])).await.status,
        200
    );
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits() {
    let server = Server::with_limits(Limits {
        connections: 1,
        ..Limits::default()
    })
    .await;
    let mut first = server.connect().await;
    first.send(request("GET /livez", &[])).await;
    first.answer().await;
    let mut second = server.connect().await;
    second.send(request("GET /livez", &[])).await;
    assert!(timeout(SHORT, second.answer()).await.is_err());
    drop(first);
    assert_eq!(second.answer().await.body, "alive");
}

#[tokio::test]
async fn the_address_of_the_client_is_known() {
    // Two addresses of this machine are two clients, each with a rate of its own.
    let server = Server::with_limits(Limits {
        requests_per_second: std::num::NonZeroU32::new(1),
        ..Limits::default()
    })
    .await;
    let mut clients = [
        server.connect().await,
        server.connect_from("127.0.0.2").await,
    ];
    for client in &mut clients {
        client.send(request("GET /livez", &[])).await;
        assert_eq!(client.answer().await.status, 200);
    }
}

#[tokio::test]
async fn one_address_leaves_connections_to_others() {
    let server = Server::with_limits(Limits {
        connections: 3,
        connections_per_address: Some(2),
        header_timeout: DEADLINE * 2,
        ..Limits::default()
    })
    .await;
    let mut greedy = [server.connect().await, server.connect().await];
    for client in &mut greedy {
        client.send(request("GET /livez", &[])).await;
        assert_eq!(client.answer().await.body, "alive");
    }
    let mut third = server.connect().await;
    assert!(third.closed().await.is_empty());
    let mut other = server.connect_from("127.0.0.2").await;
    other.send(request("GET /livez", &[])).await;
    assert_eq!(other.answer().await.body, "alive");

    // One that left makes room, as soon as the server has seen it leave.
    drop(greedy);
    let back = async {
        loop {
            let mut client = server.connect().await;
            let _ = client
                .0
                .write_all(request("GET /livez", &[]).as_bytes())
                .await;
            if client.0.read_u8().await.is_ok() {
                break;
            }
        }
    };
    timeout(DEADLINE, back).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up() {
    let server = Server::with_limits(Limits {
        concurrency: 1,
        write_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client.send(request("GET /large", &[])).await;
    client.0.readable().await.unwrap();
    // The place of its request is free only then.
    let free = async { while server.ask(echo("x")).await.status == 503 {} };
    timeout(DEADLINE, free).await.unwrap();
    // Everything that the sockets held is less than the answer.
    let mut arrived = 0;
    let mut piece = vec![0; 1 << 20];
    while let Ok(bytes @ 1..) = client.0.read(&mut piece).await {
        arrived += bytes;
    }
    assert!(arrived < LARGE, "{arrived} bytes");
}

#[tokio::test]
async fn a_large_answer_has_more_time_than_an_idle_connection() {
    let server = Server::with_limits(Limits {
        idle_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client.send(request("GET /large", &[])).await;
    client.0.readable().await.unwrap();
    sleep(SHORT * 3).await;
    assert_eq!(client.answer().await.body.len(), LARGE);
    assert!(client.closed().await.is_empty());
}
