//! YAML text → a tree that knows where each value stands → checked values. Every problem of a file
//! is collected, with its line, column and snippet, before the file is refused.

mod error;
mod mapping;
mod node;

pub use error::{ConfigError, Problem};
pub(crate) use mapping::{Bounds, Mapping, Problems};
pub(crate) use node::{Entry, Node, parse};
