//! Which requests reach a handler.

use crate::body::{self, Allowance, Intake};
use crate::error::{HttpError, plain_error, retryable_error};
use crate::rate::{Client, Rates};
use crate::{Limits, Protection, sending};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::{Layer, Service};

/// Lets requests in by key, rate, size, time and number.
#[derive(Debug, Clone)]
pub(crate) struct AdmissionLayer {
    gate: Arc<Gate>,
}

impl AdmissionLayer {
    /// The layer for one web face; its routes share the rates and places.
    pub(crate) fn new(protection: Protection) -> Self {
        let limits = &protection.limits;
        let gate = Gate {
            rates: limits.requests_per_second.map(Rates::new),
            places: semaphore(limits.concurrency),
            open_places: semaphore(OPEN_PLACES),
            body_room: Semaphore::new(limits.large_bodies_bytes()),
            protection,
        };
        Self {
            gate: Arc::new(gate),
        }
    }
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = Admission<S>;

    fn layer(&self, inner: S) -> Admission<S> {
        let gate = Arc::clone(&self.gate);
        Admission { inner, gate }
    }
}

/// A route behind the gate.
#[derive(Debug, Clone)]
pub(crate) struct Admission<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S> Service<Request> for Admission<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The clone stays behind: only the service that was asked for readiness may be called.
        let spare = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, spare);
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            let answer = gate.answer(request, inner);
            let answer = timeout(gate.limits().request_timeout, answer).await;
            Ok(answer.unwrap_or_else(|_| plain_error(StatusCode::GATEWAY_TIMEOUT)))
        })
    }
}

/// Enough for any number of health checks, and few enough for whoever calls them without a key.
const OPEN_PLACES: usize = 128;
/// Health checks have no body.
const OPEN_BODY_BYTES: usize = 4 << 10;

#[derive(Debug)]
struct Gate {
    protection: Protection,
    rates: Option<Rates>,
    places: Arc<Semaphore>,
    /// Those of the open paths, which the load on the others must not take.
    open_places: Arc<Semaphore>,
    /// Bytes that large bodies may take together, those still arriving included.
    body_room: Semaphore,
}

impl Gate {
    fn limits(&self) -> &Limits {
        &self.protection.limits
    }

    async fn answer<S>(&self, request: Request, mut inner: S) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let open = self.protection.open_paths.contains(&request.uri().path());
        let admitted = if open { Ok(()) } else { self.check(&request) };
        let (parts, mut body) = request.into_parts();
        if let Err(denied) = admitted {
            body::discard(body, &parts.headers, self.limits()).await;
            return denied.into_response();
        }
        let Intake { body, room } = match body::read(&mut body, self.allowance(open)).await {
            Ok(intake) => intake,
            Err(error) => {
                if error.leaves_a_rest() {
                    body::discard(body, &parts.headers, self.limits()).await;
                }
                return error.into_response();
            }
        };
        let places = if open {
            &self.open_places
        } else {
            &self.places
        };
        let Ok(place) = Arc::clone(places).try_acquire_owned() else {
            return retryable_error(StatusCode::SERVICE_UNAVAILABLE);
        };
        let request = Request::from_parts(parts, Body::from(body));
        let Ok(response) = inner.call(request).await;
        drop(room);
        if open {
            // A page that nobody reads must not keep a health check from its answer.
            return response;
        }
        sending::hold(response, place)
    }

    /// What a body may take.
    fn allowance(&self, open: bool) -> Allowance<'_> {
        let limits = self.limits();
        Allowance {
            bytes: if open {
                limits.body_bytes.min(OPEN_BODY_BYTES)
            } else {
                limits.body_bytes
            },
            time: limits.body_timeout,
            room: &self.body_room,
        }
    }

    /// Whether the client may ask, and not too often. Wrong keys are counted too: they cannot be
    /// tried out any faster.
    fn check(&self, request: &Request) -> Result<(), Denied> {
        let keys = &self.protection.keys;
        let key = keys.find(request.headers());
        let client = || key.map_or_else(|| at_address(request), Client::Key);
        let rates = self.rates.as_ref();
        if rates.is_some_and(|rates| !rates.admit(client())) {
            return Err(Denied::TooMany);
        }
        if keys.is_empty() || key.is_some() {
            Ok(())
        } else {
            Err(Denied::NotAuthenticated)
        }
    }
}

/// Why a client may not ask.
#[derive(Debug, Clone, Copy)]
enum Denied {
    TooMany,
    NotAuthenticated,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Self::TooMany => retryable_error(StatusCode::TOO_MANY_REQUESTS),
            Self::NotAuthenticated => {
                let error = HttpError::new(StatusCode::UNAUTHORIZED, "Not authenticated");
                ([(WWW_AUTHENTICATE, "Bearer")], error).into_response()
            }
        }
    }
}

fn at_address(request: &Request) -> Client {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(Client::Unknown, |ConnectInfo(peer)| Client::at(peer.ip()))
}

fn semaphore(places: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)))
}
