//! A server in front of DynamoDB that writes down each call and can answer instead.

use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A call as DynamoDB sees it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) body: Value,
}

/// An answer: a status and a body.
pub(crate) type Answer = (u16, Value);

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Proxy {
    /// Starts a proxy before the server at `upstream`, which gets what `answer` does not answer.
    pub(crate) async fn start(
        upstream: SocketAddr,
        mut answer: impl FnMut(&Call) -> Option<Answer> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let log = calls.clone();
        let answer = Arc::new(Mutex::new(move |call: &Call| answer(call)));
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (log, answer) = (log.clone(), answer.clone());
                tokio::spawn(async move {
                    let decide = |call: &Call| {
                        log.lock().unwrap().push(call.clone());
                        (answer.lock().unwrap())(call)
                    };
                    // A client that goes away ends its connection only.
                    drop(relay(client, upstream, decide).await);
                });
            }
        });
        Self { address, calls }
    }

    /// The calls since the last time.
    pub(crate) fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

/// The body with which DynamoDB refuses a call.
pub(crate) fn refusal(code: &str, message: &str) -> Answer {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    let body = serde_json::json!({"__type": kind, "message": message, "Message": message});
    (400, body)
}

/// The body with which DynamoDB cancels a transaction of two items for a reason of the second.
pub(crate) fn cancellation(code: &str) -> Answer {
    let (status, mut body) = refusal("TransactionCanceledException", "cancelled");
    let reason = |code: &str| serde_json::json!({"Code": code, "Message": "because"});
    body["CancellationReasons"] = Value::Array(vec![reason("None"), reason(code)]);
    (status, body)
}

async fn relay(
    mut client: TcpStream,
    upstream: SocketAddr,
    decide: impl FnOnce(&Call) -> Option<Answer>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let (head, body) = loop {
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
        let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&request[..end]).to_string();
        let length: usize = header(&head, "content-length").unwrap().parse().unwrap();
        while request.len() < end + 4 + length {
            client.read_buf(&mut request).await?;
        }
        break (head, request.split_off(end + 4));
    };
    let target = header(&head, "x-amz-target").unwrap();
    let call = Call {
        operation: target.rsplit('.').next().unwrap().to_owned(),
        body: serde_json::from_slice(&body).unwrap(),
    };
    let response = match decide(&call) {
        Some((status, body)) => {
            let body = body.to_string();
            let length = body.len();
            format!(
                "HTTP/1.1 {status} Answer\r\ncontent-type: application/x-amz-json-1.0\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .into_bytes()
        }
        None => forward(&head, &body, upstream).await?,
    };
    client.write_all(&response).await?;
    client.shutdown().await
}

async fn forward(head: &str, body: &[u8], upstream: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    let lines = head
        .lines()
        .filter(|line| !line.to_lowercase().starts_with("connection:"));
    let mut request = lines.collect::<Vec<_>>().join("\r\n").into_bytes();
    request.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    request.extend_from_slice(body);
    server.write_all(&request).await?;
    let mut response = Vec::new();
    server.read_to_end(&mut response).await?;
    Ok(response)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    field.map(|(_, value)| value.trim())
}
