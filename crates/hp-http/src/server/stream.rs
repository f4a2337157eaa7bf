//! A TCP connection that does not wait for ever.

use crate::Limits;
use crate::server::patience::Patience;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How far the current request of a connection is. While it is being answered the client need not
/// send anything, and what it does send, the body, has a time limit of its own.
#[derive(Debug, Default)]
pub(super) struct Phase(AtomicU8);

const WAITING: u8 = 0;
const ANSWERING: u8 = 1;
const ANSWERED: u8 = 2;

impl Phase {
    /// The headers of a request are complete; it is answered when what is returned is dropped.
    pub(super) fn answering(self: &Arc<Self>) -> Answering {
        self.0.store(ANSWERING, Ordering::Relaxed);
        Answering(Arc::clone(self))
    }

    fn is_answering(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ANSWERING
    }

    /// Whether a request was answered since this was last asked.
    fn was_answered(&self) -> bool {
        let answered = self.0.load(Ordering::Relaxed) == ANSWERED;
        if answered {
            self.0.store(WAITING, Ordering::Relaxed);
        }
        answered
    }
}

/// A request being answered.
#[derive(Debug)]
pub(super) struct Answering(Arc<Phase>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.store(ANSWERED, Ordering::Relaxed);
    }
}

/// A connection that fails with `TimedOut` when the headers of a request take too long to arrive, when
/// it lies idle for too long between two requests, or when the client takes too long over an answer.
pub(super) struct TimedStream {
    stream: TcpStream,
    phase: Arc<Phase>,
    header_timeout: Duration,
    idle_timeout: Duration,
    /// When the headers must be complete, or something of them must have come.
    read_by: Option<Instant>,
    read_timer: Timer,
    patience: Patience,
    write_timer: Timer,
    /// Whether a part of the headers has come.
    begun: bool,
}

impl TimedStream {
    /// The time for the first headers begins now.
    pub(super) fn new(stream: TcpStream, phase: Arc<Phase>, limits: &Limits) -> Self {
        Self {
            stream,
            phase,
            header_timeout: limits.header_timeout,
            idle_timeout: limits.idle_timeout,
            read_by: Some(Instant::now() + limits.header_timeout),
            read_timer: Timer::default(),
            patience: Patience::new(limits.write_timeout),
            write_timer: Timer::default(),
            begun: true,
        }
    }

    /// Fails when nothing came in time, which starts with the first attempt to read that finds nothing.
    fn poll_nothing_to_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.phase.is_answering() {
            return Poll::Pending;
        }
        if self.phase.was_answered() {
            self.begun = false;
            self.read_by = None;
        }
        let time = if self.begun {
            self.header_timeout
        } else {
            self.idle_timeout
        };
        let by = *self.read_by.get_or_insert_with(|| Instant::now() + time);
        ready!(self.read_timer.poll(by, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Something came; unless it is more of the same headers or a body, headers begin with it.
    fn has_read(&mut self) {
        if self.phase.was_answered() || !self.begun {
            self.begun = true;
            self.read_by = None;
        }
    }

    fn poll_written(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(done) = written {
            let bytes = done.as_ref().map_or(0, |&bytes| bytes);
            self.patience.resume(bytes, Instant::now);
            return Poll::Ready(done);
        }
        let by = self.patience.stall(Instant::now);
        ready!(self.write_timer.poll(by, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Pending => self.poll_nothing_to_read(cx),
            read @ Poll::Ready(_) => {
                self.has_read();
                read
            }
        }
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.poll_written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.poll_written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A timer that is set anew only when it must ring earlier than it would, or has rung too early:
/// a busy connection moves its deadline with every request, and leaves the timer alone.
#[derive(Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Completes at `by`.
    fn poll(&mut self, by: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(by)));
        if by < sleep.deadline() {
            sleep.as_mut().reset(by);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if sleep.deadline() >= by {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(by);
        }
    }
}
