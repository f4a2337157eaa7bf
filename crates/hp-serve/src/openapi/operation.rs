//! One operation: what it takes and everything it can answer.

use super::{component, text};
use serde_json::Value;
use utoipa::openapi::path::{Operation as Described, OperationBuilder};
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::response::{Response, Responses};
use utoipa::openapi::{Content, RefOr, Required, Schema};

/// What any operation can answer, with the reason.
const ALWAYS: [(&str, &str); 4] = [
    (
        "429",
        "Too many requests of this client; `Retry-After` says when to come again",
    ),
    (
        "500",
        "A fault of the server; its log has the reason under the `x-request-id`",
    ),
    (
        "503",
        "Too many requests at once, or something that is needed is down",
    ),
    ("504", "It took too long"),
];

/// What an operation with a body can answer beside.
const WITH_BODY: [(&str, &str); 2] = [
    ("408", "The body did not come in time"),
    ("413", "The body is too large"),
];

/// An operation, built up by its resource.
pub(crate) struct Operation {
    builder: OperationBuilder,
    body: RequestBody,
    success: Response,
    responses: Responses,
    open: bool,
}

impl Operation {
    /// The operation `id`; `summary` is its line in the list.
    pub(crate) fn new(id: &str, summary: &str) -> Self {
        let operation = Self {
            builder: OperationBuilder::new()
                .operation_id(Some(id))
                .summary(Some(summary)),
            body: RequestBody::new(),
            success: Response::new("Success"),
            responses: Responses::new(),
            open: false,
        };
        operation.fails_always(&ALWAYS)
    }

    /// Says more about it.
    pub(crate) fn description(self, text: &str) -> Self {
        let builder = self.builder.description(Some(text));
        Self { builder, ..self }
    }

    /// Adds a form of the body, with an example.
    pub(crate) fn accepts(
        mut self,
        media_type: &str,
        schema: RefOr<Schema>,
        example: Value,
    ) -> Self {
        let mut content = Content::new(Some(schema));
        content.example = Some(example);
        self.body
            .content
            .insert(media_type.to_owned(), content.into());
        self
    }

    /// Adds a form of the answer.
    pub(crate) fn answers(mut self, media_type: &str, schema: RefOr<Schema>) -> Self {
        let content = Content::new(Some(schema));
        self.success
            .content
            .insert(media_type.to_owned(), content.into());
        self
    }

    /// Adds a header that a client may send.
    pub(crate) fn may_have(mut self, header: &str, reason: &str) -> Self {
        let parameter = ParameterBuilder::new()
            .name(header)
            .parameter_in(ParameterIn::Header)
            .description(Some(reason))
            .required(Required::False)
            .schema(Some(text()));
        self.builder = self.builder.parameter(parameter);
        self
    }

    /// Adds an answer that is not a success.
    pub(crate) fn fails(mut self, status: &str, reason: &str, schema: RefOr<Schema>) -> Self {
        let mut response = Response::new(reason);
        let content = Content::new(Some(schema));
        response
            .content
            .insert("application/json".to_owned(), content.into());
        self.responses
            .responses
            .insert(status.to_owned(), response.into());
        self
    }

    /// Needs no key.
    pub(crate) fn open(self) -> Self {
        Self { open: true, ..self }
    }

    /// The operation as it is written.
    pub(super) fn build(mut self, keys_required: bool) -> Described {
        if keys_required && !self.open {
            self = self.fails("401", "There is no valid key", component("Error"));
        }
        if !self.body.content.is_empty() {
            let reason = "The input is invalid: every problem of it";
            self = self
                .fails("422", reason, component("HTTPValidationError"))
                .fails_always(&WITH_BODY);
            self.body.required = Some(Required::True);
            self.builder = self.builder.request_body(Some(self.body));
        }
        let mut responses = self.responses;
        responses
            .responses
            .insert("200".to_owned(), self.success.into());
        let builder = self.builder.responses(responses);
        if keys_required && self.open {
            builder.securities(Some([])).build()
        } else {
            builder.build()
        }
    }

    fn fails_always(self, reasons: &[(&str, &str)]) -> Self {
        reasons.iter().fold(self, |operation, (status, reason)| {
            operation.fails(status, reason, component("Error"))
        })
    }
}
