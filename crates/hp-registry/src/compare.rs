//! Two runs side by side: their metrics with the better one, and what they were made from.

mod change;
mod metric;

pub use change::Change;
pub use metric::{MetricPair, Side};

use crate::run::{Run, RunId};
use serde::Serialize;

/// What two runs have in common and what not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The first run.
    pub a: RunId,
    /// The second run.
    pub b: RunId,
    /// Whether they held out rows of the same data set. If not, no metric on these rows is better
    /// than the other.
    pub same_data: bool,
    /// Their metrics: of the served trio, then of each method.
    pub metrics: Vec<MetricPair>,
    /// What differs in methods and their parameters.
    pub parameters: Vec<Change>,
    /// What differs in the data.
    pub data: Vec<Change>,
    /// What differs in the code.
    pub code: Vec<Change>,
}

/// Compares `a` with `b`; a change leads from `a` to `b`.
#[must_use]
pub fn compare(a: &Run, b: &Run) -> Comparison {
    Comparison {
        a: a.id,
        b: b.id,
        same_data: a.data.fingerprint == b.data.fingerprint,
        metrics: metric::pairs(a, b),
        parameters: change::of_parameters(a, b),
        data: change::of_data(a, b),
        code: change::of_code(a, b),
    }
}
