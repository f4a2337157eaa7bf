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
    if program.width() == 0 {
        return LinearModel::new(vec![0.0; x.ncols()], 0.0).into_fit(0, Vec::new());
    }
    let inner = InteriorPoint::solve(&program, progress)?;
    let mut n_iter = inner.n_iter;
    let mut beta = inner.beta;
    let mut problem = Some("features are almost collinear");
    if let Some(mut vertex) = Vertex::near(&program, &beta) {
        let pivots = vertex.descend(progress)?;
        n_iter += pivots.count;
        problem = (!pivots.optimal).then_some("the steps did not come to an end");
        beta = vertex.coordinates();
    }
    let warnings = problem.map(|problem| {
        format!("quantile regression stopped after {n_iter} steps next to the minimum: {problem}")
    });
    let (coef, constant) = program.coefficients(&beta);
    data.shifted_model(&coef, constant)
        .into_fit(n_iter, warnings.into_iter().collect())
}
