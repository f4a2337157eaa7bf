//! One problem of the input, as FastAPI tells it.

use serde::Serialize;
use serde_json::Value;

/// One problem of the input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// The kind of problem: `missing`, `float_parsing`, `extra_forbidden` …
    pub r#type: &'static str,
    /// Where it is, from the outside in: `["body", 1, "crim"]`.
    pub loc: Vec<Location>,
    /// What is wrong, for a person.
    pub msg: String,
    /// What was given instead.
    pub input: Value,
    /// The numbers behind `msg`, such as `{"ge": 0.0}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Value>,
}

/// One step on the way to a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Location {
    /// A part of the request, or a key.
    Name(String),
    /// A row, or an offset in the text.
    Index(usize),
}

impl From<&str> for Location {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Location {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Location {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}
