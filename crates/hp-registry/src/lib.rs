//! Which models there are and where each came from: runs, model versions, aliases. All of it lies
//! beside the versions and needs no server; `mlflow` tells a tracking server about it and fetches
//! versions from there.

pub mod mlflow;
pub mod reference;
pub mod run;

pub mod aliases;
pub mod compare;
pub mod gate;
pub mod runs;

mod error;
mod json_file;
mod resolve;

pub use error::RegistryError;
pub use resolve::resolve;
