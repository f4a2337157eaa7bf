//! The description of the API in OpenAPI 3.1, made from the schema of the model that serves.

mod operation;
mod schemas;

pub(crate) use operation::Operation;

use crate::resources;
use hp_artifact::Manifest;
use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::schema::{
    Array, ArrayBuilder, ArrayItems, ComponentsBuilder, ObjectBuilder, Type,
};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Info, OpenApiBuilder, Ref, RefOr, Schema};

/// What the description says beside the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Face {
    /// Whether clients must show a key.
    pub(crate) keys_required: bool,
    /// Whether numbers outside their range are predicted.
    pub(crate) allow_out_of_range: bool,
}

/// The description while the resources add themselves to it.
pub(crate) struct Description<'a> {
    /// The model.
    pub(crate) manifest: &'a Manifest,
    face: Face,
    paths: Paths,
}

impl Description<'_> {
    /// Adds what `POST path` does.
    pub(crate) fn post(&mut self, path: &str, operation: Operation) {
        self.add(path, HttpMethod::Post, operation);
    }

    /// Adds what `GET path` does.
    pub(crate) fn get(&mut self, path: &str, operation: Operation) {
        self.add(path, HttpMethod::Get, operation);
    }

    fn add(&mut self, path: &str, method: HttpMethod, operation: Operation) {
        let operation = operation.build(self.face.keys_required);
        let item = PathItem::new(method, operation);
        self.paths.paths.insert(path.to_owned(), item);
    }
}

/// The description as JSON.
pub(crate) fn render(manifest: &Manifest, face: Face) -> Result<Vec<u8>, serde_json::Error> {
    let mut description = Description {
        manifest,
        face,
        paths: Paths::new(),
    };
    resources::describe(&mut description);
    let document = OpenApiBuilder::new()
        .info(info(manifest))
        .paths(description.paths)
        .components(Some(components(manifest, face)))
        .security(face.keys_required.then(requirements))
        .build();
    serde_json::to_vec(&document)
}

/// The component called `name`.
pub(crate) fn component(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

/// A list of `items`.
pub(crate) fn list_of(items: RefOr<Schema>) -> RefOr<Schema> {
    Array::new(items).into()
}

/// The lines of a text, CSV or NDJSON, as the list of `items` that they hold, one at least: without
/// any, the text would be empty. OpenAPI 3.1 has no closer words for such texts.
pub(crate) fn lines_of(items: RefOr<Schema>) -> RefOr<Schema> {
    let items = ArrayItems::RefOrSchema(Box::new(items));
    ArrayBuilder::new().items(items).min_items(Some(1)).into()
}

/// Any text.
pub(crate) fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// The row that the manifest has as an example.
pub(crate) fn example(manifest: &Manifest) -> Value {
    Value::from(manifest.example.clone())
}

/// A true value for a prediction, as an example.
pub(crate) fn example_feedback(manifest: &Manifest) -> Value {
    schemas::example_feedback(&manifest.schema.target)
}

/// An answer that says in a word what is wrong.
pub(crate) fn error() -> RefOr<Schema> {
    component("Error")
}

fn info(manifest: &Manifest) -> Info {
    let target = &manifest.schema.target;
    let mut title = format!("Predictions of {}", target.name);
    if !target.description.is_empty() {
        title = format!("{title}, {}", target.description);
    }
    let mut info = Info::new(title, manifest.model_version.to_string());
    let unit = match target.unit.as_str() {
        "" => String::new(),
        unit => format!(" in {unit}"),
    };
    info.description = Some(format!(
        "Each prediction{unit} comes with a lower and an upper limit. It is certain when it lies \
         within them, otherwise uncertain. Model {} of the data set `{}`.",
        manifest.model_version, manifest.data.name
    ));
    info
}

fn components(manifest: &Manifest, face: Face) -> Components {
    let mut builder = ComponentsBuilder::new();
    for (name, schema) in schemas::all(manifest, face.allow_out_of_range) {
        builder = builder.schema(name, schema);
    }
    if face.keys_required {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let header = ApiKey::Header(ApiKeyValue::new("x-api-key"));
        builder = builder
            .security_scheme("bearer", SecurityScheme::Http(bearer))
            .security_scheme("apiKey", SecurityScheme::ApiKey(header));
    }
    builder.build()
}

/// Either way of showing a key will do.
fn requirements() -> [SecurityRequirement; 2] {
    ["bearer", "apiKey"].map(|scheme| SecurityRequirement::new(scheme, [] as [&str; 0]))
}
