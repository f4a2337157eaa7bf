//! Which models there are and where each came from: runs, model versions, aliases. All of it lies
//! beside the versions and needs no server; `mlflow` tells a tracking server about it and fetches
//! versions from there.

pub mod reference;
pub mod run;
