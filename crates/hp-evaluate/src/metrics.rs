//! Pure functions from observed and predicted values to one number. Definitions and values are those
//! of `sklearn.metrics` and, for intervals, of the conformal prediction literature.

mod error;
mod interval;
mod point;

pub use error::MetricError;
pub use interval::{coverage, crossings, mean_interval_width, proportion_interval};
pub use point::{
    mean_absolute_error, mean_squared_error, pinball_loss, r2_score, root_mean_squared_error,
};
