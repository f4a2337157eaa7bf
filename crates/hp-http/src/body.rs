//! A request's body, read whole within its size and time before the handler runs.

use crate::Limits;
use crate::error::{HttpError, plain_error, retryable_error};
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Bytes of the largest body, of a request or an answer, whose memory is bounded by the number of
/// connections alone.
pub(crate) const SMALL: usize = 64 << 10;

/// What one body may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance<'a> {
    /// Bytes of the body.
    pub(crate) bytes: usize,
    /// Time for all of it to arrive.
    pub(crate) time: Duration,
    /// Bytes of all bodies that are not [`SMALL`] together, a permit each.
    pub(crate) room: &'a Semaphore,
}

/// A body, and the room that it takes up if it is a large one.
#[derive(Debug)]
pub(crate) struct Intake<'a> {
    pub(crate) body: Bytes,
    pub(crate) room: Option<SemaphorePermit<'a>>,
}

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It has more bytes than this.
    TooLarge(usize),
    TooSlow,
    /// The client left, or what it sent is no body.
    Broken,
    /// Other large bodies take up all the room.
    NoRoom,
}

/// Reads `body`.
///
/// # Errors
/// When the body is too large, too slow or broken, or there is no room for it.
pub(crate) async fn read<'a>(
    body: &mut Body,
    allowance: Allowance<'a>,
) -> Result<Intake<'a>, BodyError> {
    timeout(allowance.time, collect(body, allowance))
        .await
        .unwrap_or(Err(BodyError::TooSlow))
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

impl BodyError {
    /// Whether more of the body may come.
    pub(crate) fn leaves_a_rest(self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::NoRoom)
    }
}

impl IntoResponse for BodyError {
    fn into_response(self) -> Response {
        let response = match self {
            Self::TooLarge(limit) => {
                let detail = format!("Request body is larger than {limit} bytes");
                HttpError::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response()
            }
            Self::TooSlow => plain_error(StatusCode::REQUEST_TIMEOUT),
            Self::Broken => plain_error(StatusCode::BAD_REQUEST),
            Self::NoRoom => retryable_error(StatusCode::SERVICE_UNAVAILABLE),
        };
        // Where the next request begins is not known.
        ([(CONNECTION, "close")], response).into_response()
    }
}

async fn collect<'a>(body: &mut Body, allowance: Allowance<'a>) -> Result<Intake<'a>, BodyError> {
    let too_large = BodyError::TooLarge(allowance.bytes);
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |announced| announced > allowance.bytes) {
        return Err(too_large);
    }
    let mut received = Received::default();
    let mut room = None;
    while let Some(data) = next(body).await {
        received.push(data?);
        if received.len() > allowance.bytes {
            return Err(too_large);
        }
        if received.len() > SMALL {
            widen(&mut room, allowance.room, received.len())?;
        }
    }
    Ok(Intake {
        body: received.into_bytes(),
        room,
    })
}

/// Makes `taken` as many permits of `room` as a body has `bytes`.
fn widen<'a>(
    taken: &mut Option<SemaphorePermit<'a>>,
    room: &'a Semaphore,
    bytes: usize,
) -> Result<(), BodyError> {
    let missing = bytes - taken.as_ref().map_or(0, SemaphorePermit::num_permits);
    let missing = u32::try_from(missing).map_err(|_| BodyError::NoRoom)?;
    let more = room
        .try_acquire_many(missing)
        .map_err(|_| BodyError::NoRoom)?;
    match taken {
        Some(taken) => taken.merge(more),
        None => *taken = Some(more),
    }
    Ok(())
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

async fn next(body: &mut Body) -> Option<Result<Bytes, BodyError>> {
    loop {
        if body.is_end_stream() {
            return None;
        }
        let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => return Some(Ok(data)),
            // Trailers are of no use here.
            Ok(Err(_)) => {}
            Err(_) => return Some(Err(BodyError::Broken)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, BodyError, SMALL, read};
    use axum::body::Body;
    use std::time::Duration;
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn large_bodies_share_their_room_and_small_ones_need_none() {
        let room = Semaphore::new(3 * SMALL);
        let allowance = Allowance {
            bytes: 2 * SMALL,
            time: Duration::from_secs(20),
            room: &room,
        };
        let large = || Body::from(vec![0; 2 * SMALL]);
        let first = read(&mut large(), allowance).await.unwrap();
        let second = read(&mut large(), allowance).await;
        assert_eq!(second.unwrap_err(), BodyError::NoRoom);
        let small = read(&mut Body::from(vec![0; SMALL]), allowance).await;
        assert_eq!(small.unwrap().body.len(), SMALL);
        drop(first);
        assert!(read(&mut large(), allowance).await.is_ok());
        assert_eq!(room.available_permits(), 3 * SMALL);
    }
}
