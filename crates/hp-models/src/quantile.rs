//! Quantile regression: the minimum of the pinball loss with an L1 penalty.
//!
//! The linear program is first solved approximately by an interior-point method (Portnoy and
//! Koenker, 1997, "The Gaussian hare and the Laplacian tortoise"), whose cost grows linearly with
//! the rows. Simplex steps then end on a vertex, where the plane passes through as many rows as it
//! has coefficients: the minimum up to rounding, for which edges that fall by less than 1e-10 of a
//! row's price and residuals below 1e-11 of the largest coefficient are taken. Of many rows only
//! those near the plane are looked at one by one, which the same paper calls preprocessing.

mod columns;
mod interior_point;
mod preprocessing;
mod program;
mod steps;
mod vertex;

use crate::least_squares::Centred;
use crate::{Fit, FitError, LinearModel, Progress};
use columns::Columns;
use hp_core::method::QuantileParams;
use ndarray::{ArrayView1, ArrayView2};
use preprocessing::Preprocessed;
use program::Program;
use steps::Steps;
use vertex::Vertex;

/// Share of the loss that the duality gap may have where the simplex steps begin.
const NEAR: f64 = 1e-5;

/// Fits `x` `[rows, features]` and `y` `[rows]`. Columns that follow from those before them get
/// the coefficient 0 when there is no penalty to decide.
///
/// # Errors
/// When a number is not finite or overflows, or `progress` stops the fit.
pub(crate) fn fit(
    params: &QuantileParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    progress: &dyn Progress,
) -> Result<Fit, FitError> {
    let data = Centred::new(x, y, params.fit_intercept)?;
    let columns = Columns::new(params, &data)?;
    if columns.width() == 0 {
        return LinearModel::new(vec![0.0; x.ncols()], 0.0).into_fit(0, Vec::new());
    }
    let mut steps = Steps::new(progress);
    let end = match preprocessing::solve_by_few(&columns, &mut steps)? {
        Preprocessed::Solved(beta) => End {
            beta,
            problem: None,
        },
        Preprocessed::OfNoUse => solve(&Program::whole(&columns), &mut steps)?,
    };
    let n_iter = steps.count;
    let warnings = end.problem.map(|problem| {
        format!("quantile regression stopped after {n_iter} steps next to the minimum: {problem}")
    });
    let (coef, constant) = columns.coefficients(&end.beta);
    data.shifted_model(&coef, constant)
        .into_fit(n_iter, warnings.into_iter().collect())
}

/// Where a program's solution ended, and why not at the minimum.
struct End {
    /// `[columns]`.
    beta: Vec<f64>,
    problem: Option<&'static str>,
}

fn solve(program: &Program, steps: &mut Steps<'_>) -> Result<End, FitError> {
    let beta = interior_point::solve(program, NEAR, steps)?;
    descend(program, beta, steps)
}

/// Goes to the minimum by simplex steps.
fn descend(program: &Program, beta: Vec<f64>, steps: &mut Steps<'_>) -> Result<End, FitError> {
    let Some(mut vertex) = Vertex::near(program, &beta) else {
        return Ok(End {
            beta,
            problem: Some("features are almost collinear"),
        });
    };
    let is_optimal = vertex.descend(steps)?;
    Ok(End {
        beta: vertex.coordinates(),
        problem: (!is_optimal).then_some("the steps did not come to an end"),
    })
}
