//! The statistics of monitoring, as pure functions of slices: no clock, no files, randomness by seed.
//!
//! A value that is not finite counts as missing everywhere. Definitions are SciPy's where it has
//! them.

mod bins;
mod error;
mod sample;

mod anderson_darling;
mod homogeneity;
mod kolmogorov_smirnov;
mod stability;
mod wasserstein;

mod drift;
mod false_discovery;
mod permutation;

mod change;
mod outcomes;
mod proportion;
mod uncertain;

pub use anderson_darling::anderson_darling;
pub use bins::Bins;
pub use change::Change;
pub use drift::{ColumnDrift, Drift, DriftSettings, DriftState, Effect, Test, WindowColumn, drift};
pub use error::StatisticsError;
pub use false_discovery::q_values;
pub use homogeneity::{ChiSquare, chi_square};
pub use kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
pub use outcomes::{Outcome, Performance, rolling};
pub use proportion::{Proportion, clopper_pearson};
pub use stability::{ZERO_SHARE, population_stability_index};
pub use uncertain::{BinShare, uncertain_by_bin};
pub use wasserstein::wasserstein_distance;
