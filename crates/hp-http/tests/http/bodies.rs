//! Bodies that are too large, too slow or none.

use crate::support::{SHORT, Server, echo, request};
use hp_http::Limits;
use tokio::io::AsyncWriteExt;

const LIMIT: usize = 1000;

async fn server() -> Server {
    Server::with_limits(Limits {
        body_bytes: LIMIT,
        ..Limits::default()
    })
    .await
}

fn chunked(chunks: [&str; 2]) -> String {
    let chunks = chunks.map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    request("POST /echo", &["transfer-encoding: chunked"]) + &chunks.concat() + "0\r\n\r\n"
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_taken() {
    let server = server().await;
    let body = "x".repeat(LIMIT);
    assert_eq!(server.ask(echo(&body)).await.body, body);
    assert_eq!(server.ask(echo("")).await.body, "");
    let (front, back) = body.split_at(300);
    assert_eq!(server.ask(chunked([front, back])).await.body, body);
}

#[tokio::test]
async fn a_body_in_many_pieces_is_put_together() {
    let server = Server::with_limits(Limits::default()).await;
    let body: String = ('a'..='w').cycle().take(150_000).collect();
    let answer = server.ask(echo(&body.repeat(6))).await;
    assert!(answer.body == body.repeat(6), "{} bytes", answer.body.len());
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_however_it_comes() {
    let server = server().await;
    let body = "x".repeat(LIMIT + 1);
    let detail = "Request body is larger than 1000 bytes";
    server.ask(echo(&body)).await.assert_error(413, detail);
    let (front, back) = body.split_at(300);
    server
        .ask(chunked([front, back]))
        .await
        .assert_error(413, detail);
}

#[tokio::test]
async fn a_client_that_asks_first_is_refused_before_it_sends() {
    let server = server().await;
    let headers = ["content-length: 100000", "expect: 100-continue"];
    let answer = server.ask(request("POST /echo", &headers)).await;
    answer.assert_error(413, "Request body is larger than 1000 bytes");
}

#[tokio::test]
async fn a_client_that_sends_ten_megabytes_gets_to_see_the_answer() {
    let server = Server::with_limits(Limits::default()).await;
    let answer = server.ask(echo(&"x".repeat(10 << 20))).await;
    answer.assert_error(413, "Request body is larger than 1048576 bytes");
    assert_eq!(answer.header("connection"), Some("close"));
}

#[tokio::test]
async fn a_slow_body_is_cut() {
    let server = Server::with_limits(Limits {
        body_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut client = server.connect().await;
    client
        .send(request("POST /echo", &["content-length: 10"]) + "12345")
        .await;
    client.answer().await.assert_error(408, "Request Timeout");
    assert!(client.closed().await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_none_is_refused() {
    let server = server().await;
    let broken = request("POST /echo", &["transfer-encoding: chunked"]) + "zz\r\n";
    server.ask(broken).await.assert_error(400, "Bad Request");
    let mut client = server.connect().await;
    client
        .send(request("POST /echo", &["content-length: 10"]) + "12345")
        .await;
    client.0.shutdown().await.unwrap();
    client.answer().await.assert_error(400, "Bad Request");
}
