//! An answer on its way to the client.

use crate::body::SMALL;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::Response;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::OwnedSemaphorePermit;

/// Keeps the `place` of a request until its answer is sent, if that is not a small one: the memory
/// for answers that clients do not read is bounded by the places too.
pub(crate) fn hold(response: Response<Body>, place: OwnedSemaphorePermit) -> Response<Body> {
    let bytes = response.body().size_hint().upper();
    if bytes.is_some_and(|bytes| bytes <= SMALL as u64) {
        return response;
    }
    let place = Arc::new(place);
    response.map(|body| Body::new(Held { body, place }))
}

/// A body that holds a place, as does every piece of it until it is written.
struct Held {
    body: Body,
    place: Arc<OwnedSemaphorePermit>,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        frame.map_ok(|frame| {
            frame.map_data(|data| {
                let place = Arc::clone(&self.place);
                Bytes::from_owner(Piece {
                    data,
                    _place: place,
                })
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A piece of a body. The connection has the bytes until the last of them is written.
struct Piece {
    data: Bytes,
    _place: Arc<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}
