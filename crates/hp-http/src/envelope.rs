//! The outermost layer: what every answer has, whoever gave it.

use crate::error::{Hidden, HttpError, plain_error};
use crate::request_id::{RequestIds, X_REQUEST_ID};
use crate::traffic::{Exchange, InProgress, RouteTraffic};
use crate::{access_log, panics};
use axum::extract::{MatchedPath, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tower::{Layer, Service};

/// Names requests, counts and logs them, catches panics, and gives answers their common form.
#[derive(Debug, Clone, Default)]
pub(crate) struct EnvelopeLayer {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    ids: RequestIds,
    in_progress: InProgress,
}

impl<S> Layer<S> for EnvelopeLayer {
    type Service = Envelope<S>;

    fn layer(&self, inner: S) -> Envelope<S> {
        Envelope {
            inner,
            shared: Arc::clone(&self.shared),
            traffic: Arc::default(),
        }
    }
}

/// A route in its envelope.
#[derive(Debug, Clone)]
pub(crate) struct Envelope<S> {
    inner: S,
    shared: Arc<Shared>,
    traffic: Arc<RouteTraffic>,
}

impl<S> Service<Request> for Envelope<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        let entered = self.shared.in_progress.enter();
        let traffic = Arc::clone(&self.traffic);
        let (id, id_header) = self.shared.ids.name(request.headers());
        let method = request.method().clone();
        let route = request.extensions().get::<MatchedPath>().cloned();
        request.extensions_mut().insert(id.clone());
        let answer = panics::catch(|| self.inner.call(request));
        Box::pin(async move {
            let mut response = match answer {
                Ok(answer) => unwound(answer).await,
                Err(panic) => HttpError::internal(panic).into_response(),
            };
            let exchange = Exchange {
                method: &method,
                handler: route.as_ref().map_or("none", MatchedPath::as_str),
                status: response.status(),
                elapsed: started.elapsed(),
            };
            traffic.count(&exchange);
            if let Some(Hidden(reason)) = response.extensions_mut().remove() {
                access_log::write_hidden(&exchange, &id, &*reason);
            }
            access_log::write(&exchange, &id);
            let mut response = in_shape(response);
            add_headers(response.headers_mut(), id_header);
            drop(entered);
            Ok(response)
        })
    }
}

/// The answer of `answer`, also when that panics.
async fn unwound(answer: impl Future<Output = Result<Response, Infallible>>) -> Response {
    let mut answer = pin!(answer);
    let polled = poll_fn(|cx| {
        let poll = panics::catch(|| answer.as_mut().poll(cx));
        poll.map_or_else(|panic| Poll::Ready(Err(panic)), |poll| poll.map(Ok))
    });
    match polled.await {
        Ok(Ok(response)) => response,
        Err(panic) => HttpError::internal(panic).into_response(),
    }
}

/// Replaces the bare or plain text answer of a router or extractor to a wrong request by the JSON
/// shape of all errors. What a handler formed itself, as JSON or a page, is left alone.
fn in_shape(response: Response) -> Response {
    let status = response.status();
    let wrong = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(CONTENT_TYPE);
    if !wrong || kind.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain")) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let (shape, body) = plain_error(status).into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.extend(shape.headers);
    Response::from_parts(parts, body)
}

/// Browsers must not guess types, and nothing is kept by caches unless its handler says so.
fn add_headers(headers: &mut HeaderMap, id: HeaderValue) {
    headers.insert(X_REQUEST_ID, id);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(CACHE_CONTROL).or_insert(no_store);
}
