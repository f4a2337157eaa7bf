//! The versions that a gate compares.

use crate::reference::Alias;
use crate::run::Metrics;
use hp_core::fingerprint::Fingerprint;
use std::fmt;

/// Names that are aliases even while they mean nothing.
const COMMON: [&str; 2] = ["champion", "challenger"];

/// How good a version is.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Its metrics on the held-out rows.
    pub metrics: Metrics,
    /// The digest of the data set that those rows are of.
    pub data: Fingerprint,
}

/// The versions that aliases mean.
#[derive(Clone, Copy)]
pub struct Rivals<'a> {
    /// The alias that is moved.
    pub moved: &'a Alias,
    /// The aliases that mean a version.
    pub aliases: &'a [Alias],
    /// The scores of the version that an alias means; `None` when it means none.
    pub scores: &'a dyn Fn(&Alias) -> Option<Scores>,
}

impl Rivals<'_> {
    /// Whether `alias` may mean nothing.
    pub(super) fn may_be_open(&self, alias: &Alias) -> bool {
        alias == self.moved || COMMON.contains(&alias.as_str())
    }
}

impl fmt::Debug for Rivals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rivals")
            .field("moved", self.moved)
            .field("aliases", &self.aliases)
            .finish_non_exhaustive()
    }
}
