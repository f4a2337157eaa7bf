//! A small web face, a server for it, and a client that can misbehave.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Extension, Router};
use hp_http::{HttpError, Limits, Protection, RequestId, protect, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
/// A limit that a test waits for.
pub(crate) const SHORT: Duration = Duration::from_millis(250);

/// Bytes of an answer that no socket takes at once.
pub(crate) const LARGE: usize = 64 << 20;

/// Lets a handler wait until the test says so.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    /// A handler waits at the gate.
    pub(crate) reached: Arc<Notify>,
    /// It may go on.
    pub(crate) open: Arc<Notify>,
}

pub(crate) fn router(gate: &Gate) -> Router {
    Router::new()
        .route("/echo", post(|body: Bytes| async { body }))
        .route(
            "/hello/{name}",
            get(|Path(name): Path<String>| async { name }),
        )
        .route(
            "/id",
            get(|Extension(id): Extension<RequestId>| async { id.0 }),
        )
        .route("/livez", get(|| async { "alive" }))
        .route("/large", get(|| async { vec![b'x'; LARGE] }))
        .route("/wait", get(wait))
        .route("/panic", get(panics))
        .route("/internal", get(internal))
        .route(
            "/unavailable",
            get(|| async { HttpError::Unavailable("the disk is full".to_owned()) }),
        )
        .with_state(gate.clone())
}

async fn wait(State(gate): State<Gate>) -> &'static str {
    gate.reached.notify_one();
    gate.open.notified().await;
    "waited"
}

async fn panics() {
    panic!("the secret is 42");
}

async fn internal() -> HttpError {
    let source = std::io::Error::other("password 1234");
    HttpError::Internal(Box::new(Wrapper(source)))
}

/// A server of [`router`] on a free port of this machine.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) gate: Gate,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start(protection: Protection) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Gate::default();
        let (stop, stopped) = oneshot::channel();
        let limits = protection.limits.clone();
        let router = protect(router(&gate), protection);
        let task = tokio::spawn(serve(listener, router, limits, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            gate,
            stop,
            task,
        }
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        Self::start(Protection {
            limits,
            ..Protection::default()
        })
        .await
    }

    pub(crate) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    /// Connects from another address of this machine.
    pub(crate) async fn connect_from(&self, address: &str) -> Client {
        let socket = TcpSocket::new_v4().unwrap();
        let address = SocketAddr::new(address.parse().unwrap(), 0);
        socket.bind(address).unwrap();
        Client(socket.connect(self.address).await.unwrap())
    }

    /// Sends `request` over a new connection, and reads one answer.
    pub(crate) async fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }
}

/// One connection.
pub(crate) struct Client(pub TcpStream);

impl Client {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads one answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        let reading = async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let byte = self.0.read_u8().await;
                head.push(byte.unwrap_or_else(|error| {
                    panic!(
                        "no answer but {:?}: {error}",
                        String::from_utf8_lossy(&head)
                    )
                }));
            }
            let mut answer = Answer::parse(&String::from_utf8(head).unwrap());
            let length = answer
                .header("content-length")
                .map_or(0, |text| text.parse().unwrap());
            let mut body = vec![0; length];
            self.0.read_exact(&mut body).await.unwrap();
            answer.body = String::from_utf8(body).unwrap();
            answer
        };
        timeout(DEADLINE, reading).await.expect("an answer in time")
    }

    /// Waits until the server closes the connection: what it still sent.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let reading = self.0.read_to_end(&mut rest);
        // A reset is an end, too.
        let _ = timeout(DEADLINE, reading).await.expect("an end in time");
        rest
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn parse(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            status: status.parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            body: String::new(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Asserts that this is the JSON error `status` with `detail`.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, detail: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.body, format!("{{\"detail\":\"{detail}\"}}"));
        assert_eq!(self.header("content-type"), Some("application/json"));
    }
}

/// `METHOD PATH` with more header lines.
pub(crate) fn request(what: &str, headers: &[&str]) -> String {
    let first = [format!("{what} HTTP/1.1"), "host: test".to_owned()];
    let headers = headers.iter().map(|&line| line.to_owned());
    let lines: Vec<String> = first.into_iter().chain(headers).collect();
    lines.join("\r\n") + "\r\n\r\n"
}

/// A POST of `body` to `/echo`.
pub(crate) fn echo(body: &str) -> String {
    let length = format!("content-length: {}", body.len());
    request("POST /echo", &[&length]) + body
}

#[derive(Debug)]
struct Wrapper(std::io::Error);

impl std::fmt::Display for Wrapper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the model cannot be read")
    }
}

impl std::error::Error for Wrapper {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
