//! The conditions of promotion as the model configuration has them.

use crate::failure::{Code, Failure};
use hp_core::config::ModelConfig;
use hp_registry::gate::{Gate, GateError};
use std::collections::BTreeMap;
use std::path::Path;

/// The conditions by alias. Each must be readable, so that a slip is told before an alias is moved.
pub(in super::super) fn conditions(
    file: &Path,
    config: &ModelConfig,
) -> Result<BTreeMap<String, Gate>, Failure> {
    let written = config.promotion.iter();
    let read = written.map(|(alias, condition)| {
        let gate = condition.parse().map_err(|error| {
            unreadable(Code::Configuration, error)
                .context(format!("`promotion.{alias}` of `{}`", file.display()))
        })?;
        Ok((alias.clone(), gate))
    });
    read.collect()
}

/// The failure of a condition that cannot be read.
pub(super) fn unreadable(code: Code, error: GateError) -> Failure {
    let hint = error.hint();
    Failure::new(code, error.into()).perhaps_hint(hint)
}
