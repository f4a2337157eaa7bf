//! The two configuration files, checked.

mod data;
mod estimator;
mod model;

pub use data::{Card, DataConfig, Download, Location, Rename, Source, Split};
pub use model::{Method, ModelConfig, Role, ServingPins, is_alias};
