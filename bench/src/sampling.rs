//! How criterion samples.

use criterion::Criterion;
use std::time::Duration;

/// Short sampling that the command line may change, without plots.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .nresamples(10_000)
        .configure_from_args()
}
