//! Quantile regression: the exact minimum of the pinball loss, with an L1 penalty.
//!
//! The linear program is first solved approximately by an interior-point method (Portnoy and
//! Koenker, 1997, "The Gaussian hare and the Laplacian tortoise"), whose cost grows linearly with
//! the rows. Simplex steps then end on an exact vertex, where the plane passes through as many
//! rows as it has coefficients.

mod interior_point;
mod program;
mod vertex;

use crate::least_squares::Centred;
use crate::{Fit, FitError, LinearModel, Progress};
use hp_core::method::QuantileParams;
use interior_point::InteriorPoint;
use ndarray::{ArrayView1, ArrayView2};
use program::Program;
use vertex::Vertex;

/// Fits `x` `[rows, features]` and `y` `[rows]`. Columns that follow from those before them get
/// the coefficient 0 when there is no penalty to decide.
///
/// # Errors
/// When a number overflows or `progress` stops the fit.
pub(crate) fn fit(
    params: &QuantileParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    progress: &dyn Progress,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept);
    let program = Program::new(params, &data);
    if program.columns() == 0 {
        return LinearModel::new(vec![0.0; x.ncols()], 0.0).into_fit(0, Vec::new());
    }
    let inner = InteriorPoint::solve(&program, progress)?;
    let mut n_iter = inner.n_iter;
    let mut warnings = Vec::new();
    let beta = match Vertex::near(&program, &inner.beta) {
        Some(mut vertex) => {
            let pivots = vertex.descend(progress)?;
            n_iter += pivots.count;
            if !pivots.optimal {
                warnings.push(format!(
                    "quantile regression stopped after {n_iter} steps next to the minimum"
                ));
            }
            vertex.coordinates()
        }
        None => {
            warnings.push(
                "quantile regression stopped next to the minimum, since features are almost \
                 collinear"
                    .to_owned(),
            );
            inner.beta
        }
    };
    let (coef, constant) = program.coefficients(&beta);
    data.shifted_model(&coef, constant).into_fit(n_iter, warnings)
}
