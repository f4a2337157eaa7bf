//! The connections of a web face: from accepting them to a graceful end.

use crate::Limits;
use crate::server::addresses::Addresses;
use crate::server::stream::{Phase, TimedStream};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{sleep, timeout};
use tower::Service;

mod addresses;
mod descriptors;
mod patience;
mod stream;

/// Answers the connections of `listener` with `router`, which should be
/// [`protect`](crate::protect)ed, by HTTP/1.1 until `shutdown` completes.
///
/// Then nothing more is accepted, idle connections are closed, and requests that have arrived or
/// begun to arrive on an accepted connection are answered within `limits.grace`; what is left then
/// is cut. Connections that wait to be accepted are reset.
///
/// Fewer connections than `limits.connections` are accepted, and a warning is logged, when the
/// process may not open that many file descriptors.
/// A request has the address of its client as `ConnectInfo<SocketAddr>` in its extensions.
///
/// # Errors
/// When `listener` does not listen. Failures to accept, such as a lack of file descriptors, are
/// logged and outlasted.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    mut limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    limits.connections = descriptors::affordable(limits.connections);
    tracing::debug!(address = %listener.local_addr()?, "accepting connections");
    let mut connections = Connections::new(router, limits);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let room = connections.room().await;
            (accept(&listener).await, room)
        };
        tokio::select! {
            ((stream, peer), room) = accepted => connections.start(stream, peer, room),
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    connections.finish().await;
    Ok(())
}

struct Connections {
    router: Router,
    limits: Limits,
    http: http1::Builder,
    room: Arc<Semaphore>,
    addresses: Arc<Addresses>,
    tasks: JoinSet<()>,
    graceful: GracefulShutdown,
}

impl Connections {
    fn new(router: Router, limits: Limits) -> Self {
        Self {
            http: builder(&limits),
            room: Arc::new(Semaphore::new(
                limits.connections.clamp(1, Semaphore::MAX_PERMITS),
            )),
            addresses: Arc::new(Addresses::new(limits.of_one_address())),
            tasks: JoinSet::new(),
            graceful: GracefulShutdown::new(),
            router,
            limits,
        }
    }

    /// Waits until one more connection may be open; `None` never happens, as the room is never closed.
    async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    fn start(&mut self, stream: TcpStream, peer: SocketAddr, room: Option<OwnedSemaphorePermit>) {
        while self.tasks.try_join_next().is_some() {}
        let Some(entered) = self.addresses.enter(peer.ip()) else {
            tracing::debug!(%peer, "closed a connection of an address that has too many");
            return;
        };
        // Without it a small answer may wait for the client's acknowledgement; it works without.
        let _ = stream.set_nodelay(true);
        let phase = Arc::new(Phase::default());
        let stream = TimedStream::new(stream, Arc::clone(&phase), &self.limits);
        let router = self.router.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let answering = phase.answering();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().call(request);
            async move {
                let _answering = answering;
                answer.await
            }
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let watcher = self.graceful.watcher();
        self.tasks.spawn(async move {
            let mut connection = connection;
            let ended = match begin(&mut connection).await {
                Poll::Ready(ended) => ended,
                Poll::Pending => watcher.watch(connection).await,
            };
            if let Err(error) = ended {
                tracing::debug!(%peer, %error, "a connection broke off");
            }
            drop((room, entered));
        });
    }

    async fn finish(mut self) {
        let closed = self.graceful.shutdown();
        if timeout(self.limits.grace, closed).await.is_err() {
            while self.tasks.try_join_next().is_some() {}
            let connections = self.tasks.len();
            tracing::warn!(connections, "cut what did not finish in time");
        }
    }
}

/// Lets a connection read what is there already, so that the end, should it come just now, does not
/// take it for idle. At the first turn a socket may not know yet that it can be read; it does when
/// the runtime has asked the system in between.
async fn begin<C: Future + Unpin>(connection: &mut C) -> Poll<C::Output> {
    for _ in 0..2 {
        let ended = poll_fn(|cx| Poll::Ready(Pin::new(&mut *connection).poll(cx))).await;
        if ended.is_ready() {
            return ended;
        }
        yield_now().await;
    }
    Poll::Pending
}

fn builder(limits: &Limits) -> http1::Builder {
    /// For a body as it comes in; hyper's own 400 KB would be 4 GB for 10,000 connections.
    const BUFFER_BYTES: usize = 64 << 10;
    const HYPERS_HEADERS: usize = 100;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        // The stream measures this time itself, and apart from that between two requests.
        .header_read_timeout(None)
        .half_close(true)
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes.max(BUFFER_BYTES));
    if limits.headers != HYPERS_HEADERS {
        // Any number of its own costs hyper an allocation for each request.
        http.max_headers(limits.headers);
    }
    http
}

/// The next connection, however long it takes.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let mut pause = Duration::from_millis(10);
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client left before its turn came.
            Err(error)
                if [ConnectionAborted, ConnectionRefused, ConnectionReset]
                    .contains(&error.kind()) => {}
            // Likely no file descriptor is left: one is free again when a connection closes.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Connections;
    use crate::Limits;
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn a_request_that_came_just_before_the_end_is_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";
        client.write_all(request).await.unwrap();

        let router = Router::new().route("/", get(|| async { "in time" }));
        let mut connections = Connections::new(router, Limits::default());
        let room = connections.room().await;
        let (stream, peer) = listener.accept().await.unwrap();
        connections.start(stream, peer, room);
        connections.finish().await;

        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("in time"), "{answer:?}");
    }
}
