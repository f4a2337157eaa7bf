//! A request's body, read whole within its size and time before the handler runs.

use crate::Limits;
use crate::error::{HttpError, later, refusal};
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::future::poll_fn;
use std::pin::Pin;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// A body, and the place that its request was given among those in work if it needs one.
pub(crate) struct Intake<'a> {
    pub(crate) body: Bytes,
    pub(crate) place: Option<SemaphorePermit<'a>>,
}

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    TooLarge,
    TooSlow,
    /// The client left, or what it sent is no body.
    Broken,
    NoPlace,
}

/// Reads `body` and takes a place among `places`.
///
/// # Errors
/// When the body is too large, too slow or broken, or no place is free.
pub(crate) async fn read<'a>(
    body: &mut Body,
    limits: &Limits,
    places: Option<&'a Semaphore>,
) -> Result<Intake<'a>, Refused> {
    let reading = collect(body, limits.body_bytes, places);
    timeout(limits.body_timeout, reading)
        .await
        .unwrap_or(Err(Refused::TooSlow))
}

/// Lets the rest of a refused body arrive, within reason: a client that is still sending when the
/// connection is closed would never see the answer. One that asked first whether to send is not
/// waited for.
pub(crate) async fn discard(mut body: Body, headers: &HeaderMap, limits: &Limits) {
    const WITHIN_REASON: usize = 16 << 20;
    if body.is_end_stream() || headers.contains_key(EXPECT) {
        return;
    }
    let arriving = async {
        let mut arrived = 0;
        while let Some(Ok(data)) = next(&mut body).await {
            arrived += data.len();
            if arrived > WITHIN_REASON {
                break;
            }
        }
    };
    // Too late is as good as done: the connection is closed either way.
    let _ = timeout(limits.body_timeout, arriving).await;
}

impl Refused {
    /// The answer.
    pub(crate) fn into_response(self, limits: &Limits) -> Response {
        let response = match self {
            Self::TooLarge => {
                let detail = format!("Request body is larger than {} bytes", limits.body_bytes);
                HttpError::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response()
            }
            Self::TooSlow => refusal(StatusCode::REQUEST_TIMEOUT),
            Self::Broken => refusal(StatusCode::BAD_REQUEST),
            Self::NoPlace => return later(StatusCode::SERVICE_UNAVAILABLE),
        };
        // Where the next request begins is not known.
        ([(CONNECTION, "close")], response).into_response()
    }
}

async fn collect<'a>(
    body: &mut Body,
    limit: usize,
    places: Option<&'a Semaphore>,
) -> Result<Intake<'a>, Refused> {
    /// A larger body needs a place before it is complete, so that the memory for bodies is bounded by
    /// the places for large ones and the connections for small ones.
    const SMALL: usize = 64 << 10;
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |announced| announced > limit) {
        return Err(Refused::TooLarge);
    }
    let mut received = Received::default();
    let mut place = None;
    while let Some(data) = next(body).await {
        received.push(data?);
        if received.len() > limit {
            return Err(Refused::TooLarge);
        }
        if place.is_none() && received.len() > SMALL {
            place = take(places)?;
        }
    }
    if place.is_none() {
        place = take(places)?;
    }
    let body = received.into_bytes();
    Ok(Intake { body, place })
}

/// What has arrived of a body. Nearly every body comes in one piece, which is not copied.
#[derive(Default)]
struct Received {
    first: Bytes,
    /// The whole, the first piece included, once there is a second one.
    joined: Vec<u8>,
}

impl Received {
    fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(&data);
    }

    fn len(&self) -> usize {
        self.joined.len().max(self.first.len())
    }

    fn into_bytes(self) -> Bytes {
        if self.joined.is_empty() {
            self.first
        } else {
            self.joined.into()
        }
    }
}

/// A place among `places`; `None` where none is needed.
fn take(places: Option<&Semaphore>) -> Result<Option<SemaphorePermit<'_>>, Refused> {
    let place = places.map(Semaphore::try_acquire).transpose();
    place.map_err(|_| Refused::NoPlace)
}

async fn next(body: &mut Body) -> Option<Result<Bytes, Refused>> {
    loop {
        if body.is_end_stream() {
            return None;
        }
        let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => return Some(Ok(data)),
            // Trailers are of no use here.
            Ok(Err(_)) => {}
            Err(_) => return Some(Err(Refused::Broken)),
        }
    }
}
