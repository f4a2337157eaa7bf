//! Placeholder.
use crate::{Fit, FitError, Progress};
use hp_core::method::QuantileParams;
use ndarray::{ArrayView1, ArrayView2};
pub(crate) fn fit(_p: &QuantileParams, _x: ArrayView2<'_, f64>, _y: ArrayView1<'_, f64>, _g: &dyn Progress) -> Result<Fit, FitError> { Err(FitError::NoRows) }
