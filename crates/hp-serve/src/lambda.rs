//! The API on AWS Lambda: the same router behind a function URL, API Gateway or a load balancer, and
//! the simulation when a schedule calls.
//!
//! Records are kept before an answer is given, as everywhere; what else is to be done is done before
//! the answer too, because the process is frozen after it. Behind a REST API the name of the stage
//! is part of the path unless `AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH` is set for the function.

use crate::api::Api;
use crate::body;
use crate::given::Given;
use crate::resources::answer;
use axum::Router;
use axum::response::Response;
use hp_core::record::RawRow;
use hp_http::HttpError;
use hp_simulate::{Plan, SampleError, Sampler};
use hp_store::Source;
use lambda_http::aws_lambda_events::encodings::Body;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt, service_fn};
use serde::Deserialize;
use std::sync::Arc;
use tower::ServiceExt;

/// Lambda's events could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum LambdaError {
    /// Lambda's runtime API failed.
    #[error("the events of Lambda cannot be received")]
    Runtime(#[source] lambda_http::Error),
    /// The event is neither a request nor a schedule.
    #[error("the event is neither an HTTP request nor a scheduled event")]
    UnknownEvent,
    /// The schema does not say which rows could come.
    #[error("no row can be simulated")]
    Sample(#[source] SampleError),
    /// The simulated row was not predicted.
    #[error("the simulated row was refused: {0}")]
    Refused(String),
}

/// The API as a function of Lambda's events.
#[derive(Debug, Clone)]
pub struct LambdaHandler {
    api: Arc<Api>,
    router: Router,
}

/// Answers Lambda's events until Lambda ends the process.
///
/// # Errors
/// Lambda's runtime API fails.
pub async fn run_lambda(api: Arc<Api>, router: Router) -> Result<(), LambdaError> {
    let handler = LambdaHandler::new(api, router);
    let service = service_fn(move |request| {
        let handler = handler.clone();
        async move { handler.answer(request).await.map_err(boxed) }
    });
    lambda_http::run(service)
        .await
        .map_err(LambdaError::Runtime)
}

impl LambdaHandler {
    /// Requests go to `router`, schedules to `api`.
    #[must_use]
    pub fn new(api: Arc<Api>, router: Router) -> Self {
        Self { api, router }
    }

    /// Answers one event.
    ///
    /// # Errors
    /// The event is unknown, or a simulated row was not predicted and kept; Lambda counts both as
    /// failed. A request always has an answer.
    pub async fn answer(&self, request: Request) -> Result<Response, LambdaError> {
        let context = request.request_context_ref();
        let response = if matches!(context, Some(RequestContext::PassThrough)) {
            self.scheduled(request.body()).await
        } else {
            let request = request.map(axum::body::Body::new);
            let Ok(response) = self.router.clone().oneshot(request).await;
            Ok(response)
        };
        self.api.settle().await;
        response
    }

    async fn scheduled(&self, event: &Body) -> Result<Response, LambdaError> {
        let event: Event = serde_json::from_slice(event).unwrap_or_default();
        if event.detail_type.as_deref() != Some("Scheduled Event") {
            return Err(LambdaError::UnknownEvent);
        }
        let row = self.api.simulated_row().map_err(LambdaError::Sample)?;
        let given = Given::new(&self.api, Source::Simulation, |model| {
            Ok(body::judged(&row, &model.manifest.schema))
        })
        .await;
        let json = given.and_then(|given| given.cloud()).map_err(refused)?;
        Ok(answer("application/json", json))
    }
}

impl Api {
    /// A row that could come, drawn from the ranges of the schema.
    fn simulated_row(&self) -> Result<RawRow, SampleError> {
        let model = self.model();
        let sampler = Sampler::uniform(&model.manifest.schema, Plan::default())?;
        let fields = self.with_rng(|mut rng| sampler.row(&mut rng));
        let fields = fields.into_iter();
        Ok(RawRow(
            fields
                .map(|(name, value)| (name, value.to_string()))
                .collect(),
        ))
    }
}

/// What an event of a schedule says of itself.
#[derive(Debug, Default, Deserialize)]
struct Event {
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
}

fn refused(error: HttpError) -> LambdaError {
    LambdaError::Refused(match error {
        HttpError::Validation(details) => {
            let messages = details.into_iter().map(|detail| detail.msg);
            messages.collect::<Vec<_>>().join(", ")
        }
        HttpError::Status { detail, .. } | HttpError::Unavailable(detail) => detail,
        HttpError::Internal(error) => hp_core::cause::chain(&*error),
    })
}

/// Lambda shows the text of the error only, so it has all of it.
fn boxed(error: LambdaError) -> lambda_http::Error {
    hp_core::cause::chain(&error).into()
}
