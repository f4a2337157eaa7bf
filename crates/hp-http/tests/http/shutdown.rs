//! A graceful end.

use crate::support::{DEADLINE, SHORT, Server, request};
use hp_http::Limits;
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn what_was_accepted_is_answered_and_nothing_else() {
    let server = Server::with_limits(Limits::default()).await;
    let mut idle = server.connect().await;
    idle.send(request("GET /livez", &[])).await;
    idle.answer().await;
    let mut silent = server.connect().await;
    let mut busy = server.connect().await;
    busy.send(request("GET /wait", &[])).await;
    server.gate.reached.notified().await;

    server.stop.send(()).unwrap();
    assert!(idle.closed().await.is_empty());
    assert!(silent.closed().await.is_empty());
    assert!(TcpStream::connect(server.address).await.is_err());
    assert!(!server.task.is_finished());

    server.gate.open.notify_one();
    assert_eq!(busy.answer().await.body, "waited");
    assert!(busy.closed().await.is_empty());
    timeout(DEADLINE, server.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn what_takes_longer_than_the_grace_is_cut() {
    let server = Server::with_limits(Limits {
        grace: SHORT,
        ..Limits::default()
    })
    .await;
    let mut busy = server.connect().await;
    busy.send(request("GET /wait", &[])).await;
    server.gate.reached.notified().await;
    server.stop.send(()).unwrap();
    timeout(DEADLINE, server.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(busy.closed().await.is_empty());
}

#[tokio::test]
async fn an_end_is_possible_while_no_connection_may_open() {
    let server = Server::with_limits(Limits {
        connections: 1,
        ..Limits::default()
    })
    .await;
    let mut only = server.connect().await;
    only.send(request("GET /livez", &[])).await;
    only.answer().await;
    server.stop.send(()).unwrap();
    timeout(DEADLINE, server.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}
