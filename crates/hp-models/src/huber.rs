//! Placeholder.
use crate::{Fit, FitError, Progress};
use hp_core::method::HuberParams;
use ndarray::{ArrayView1, ArrayView2};
pub(crate) fn fit(_p: &HuberParams, _x: ArrayView2<'_, f64>, _y: ArrayView1<'_, f64>, _g: &dyn Progress) -> Result<Fit, FitError> { Err(FitError::NoRows) }
