//! The minimum over many rows from a few of them.
//!
//! A sample tells where the plane lies to within its standard error. Rows further off keep their
//! side, and all on one side enter the program as their sum alone; the minimum of this smaller
//! program is that of the whole once every row is found on the side it was counted on.

mod sides;

use super::columns::Columns;
use super::program::Program;
use super::steps::Steps;
use super::vertex::shift;
use super::{descend, interior_point, solve};
use crate::FitError;
use crate::tiles::dot;
use sides::Sides;

/// Fewer rows than these are solved at once.
const FEW_ROWS: usize = 4000;

/// Rows of the sample are so many times `(columns · rows)^⅔`, a size at which it takes about as long
/// as the rows it leaves open.
const SAMPLE: f64 = 0.6;

/// Share of the loss that the duality gap of the sample may have.
const SAMPLE_TOLERANCE: f64 = 1e-3;

/// Rows nearer to the sample's plane than so many standard errors are looked at one by one.
const BAND: f64 = 2.5;

/// Most programs that are tried.
const MOST_ROUNDS: usize = 5;

/// What came of it.
pub(super) enum Preprocessed {
    /// The minimum over all rows `[columns]`.
    Solved(Vec<f64>),
    /// All rows have to be looked at.
    OfNoUse,
}

/// Solves the program of all rows, if some of them are enough.
///
/// # Errors
/// When `steps` are stopped.
pub(super) fn solve_by_few<'a>(
    columns: &'a Columns<'a>,
    steps: &mut Steps<'_>,
) -> Result<Preprocessed, FitError> {
    let rows = columns.data.rows();
    if rows < FEW_ROWS.max(20 * columns.width()) {
        return Ok(Preprocessed::OfNoUse);
    }
    let Some(sample) = Sample::new(columns, steps)? else {
        return Ok(Preprocessed::OfNoUse);
    };
    let (mut beta, mut band) = (sample.beta, sample.band);
    let mut sides = Sides::of(columns, &beta, band);
    let mut is_near = false;
    for _ in 0..MOST_ROUNDS {
        if sides.kept().len() > rows / 2 {
            break;
        }
        let program = Program::of_rows(columns, sides.kept(), sides.pooled(), 1.0);
        let end = if is_near {
            descend(&program, beta, steps)?
        } else {
            solve(&program, steps)?
        };
        if end.problem.is_some() {
            break;
        }
        beta = end.beta;
        let strays = sides.strays(&beta);
        if strays.is_empty() {
            return Ok(Preprocessed::Solved(beta));
        }
        is_near = strays.len() <= sides.kept().len() / 2;
        if is_near {
            sides.keep(strays);
        } else {
            band *= 2.0;
            sides = Sides::of(columns, &beta, band);
        }
    }
    Ok(Preprocessed::OfNoUse)
}

/// Where the plane of a few rows lies.
struct Sample {
    beta: Vec<f64>,
    /// How near to it rows may change sides, for a row of length 1.
    band: f64,
}

impl Sample {
    /// Draws one row from each of many stretches; `None` when they would have to be too many, or
    /// when the columns are not independent in them.
    fn new(columns: &Columns<'_>, steps: &mut Steps<'_>) -> Result<Option<Self>, FitError> {
        let (rows, width) = (columns.data.rows(), columns.width());
        let size = whole(SAMPLE * ((width * rows) as f64).powf(2.0 / 3.0));
        if size > rows / 4 {
            return Ok(None);
        }
        let start = |stretch: usize| stretch * rows / size;
        let draw = |stretch: usize| {
            let (first, end) = (start(stretch), start(stretch + 1));
            first + whole((shift(stretch) - 1.0) * (end - first) as f64)
        };
        let drawn: Vec<usize> = (0..size).map(draw).collect();
        let share = size as f64 / rows as f64;
        let program = Program::of_rows(columns, &drawn, Vec::new(), share);
        if !program.has_independent_columns() {
            return Ok(None);
        }
        let beta = interior_point::solve(&program, SAMPLE_TOLERANCE, steps)?;

        // The density of the rows near the plane, which its standard error is divided by, is also
        // that with which rows fill the band.
        let deviation = (columns.quantile * (1.0 - columns.quantile)).sqrt();
        let within = 2.0 * BAND * deviation * (width as f64 / size as f64).sqrt();
        let residuals = program.residuals(&beta);
        let relative = |place: usize| {
            let row = program.design.row(place);
            residuals[place].abs() / dot(&row[..width], &row[..width]).sqrt()
        };
        let mut distances: Vec<f64> = (0..size).map(relative).collect();
        let last = (size - 1).min(width + whole(within * size as f64));
        let (_, band, _) = distances.select_nth_unstable_by(last, f64::total_cmp);
        let band = *band;
        Ok(Some(Self { beta, band }))
    }
}

/// The whole part of a number of rows.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count is neither negative nor beyond an integer"
)]
fn whole(rows: f64) -> usize {
    rows as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::least_squares::Centred;
    use hp_core::method::QuantileParams;
    use ndarray::{Array1, Array2};

    const ROWS: usize = 6000;

    fn uniform(row: usize, column: usize) -> f64 {
        shift(row * 8 + column) - 1.0
    }

    /// Compares the losses of the whole program at the minimum of a few rows and at that of all.
    fn assert_same_minimum(params: &QuantileParams, target: impl Fn(&[f64], usize) -> f64) {
        let x = Array2::from_shape_fn((ROWS, 3), |(row, column)| uniform(row, column));
        let y = Array1::from_shape_fn(ROWS, |row| target(&x.row(row).to_vec(), row));
        let data = Centred::new(x.view(), y.view(), params.fit_intercept).unwrap();
        let columns = Columns::new(params, &data).unwrap();
        let few = solve_by_few(&columns, &mut Steps::new(&Silent)).unwrap();
        let Preprocessed::Solved(few) = few else {
            panic!("a few rows are enough");
        };
        let program = Program::whole(&columns);
        let all = solve(&program, &mut Steps::new(&Silent)).unwrap();
        assert_eq!(all.problem, None);
        let (few, all) = (loss(&program, &few), loss(&program, &all.beta));
        assert!((few - all).abs() <= 1e-12 * all, "{few} {all}");
    }

    fn loss(program: &Program, beta: &[f64]) -> f64 {
        let residuals = program.residuals(beta);
        let costs = residuals.iter().zip(&program.prices);
        costs
            .map(|(r, prices)| (prices.above * r).max(-prices.below * r))
            .sum()
    }

    fn params(quantile: f64, alpha: f64, fit_intercept: bool) -> QuantileParams {
        QuantileParams {
            quantile,
            alpha,
            fit_intercept,
        }
    }

    #[test]
    fn a_few_rows_have_the_minimum_of_all() {
        for (quantile, alpha, fit_intercept) in [
            (0.1, 0.0, true),
            (0.5, 0.0, false),
            (0.9, 1e-3, true),
            (0.9, 1e-2, true),
        ] {
            let params = params(quantile, alpha, fit_intercept);
            assert_same_minimum(&params, |x, row| {
                x[0] - x[1] + (1.0 + x[2]) * uniform(row, 5)
            });
        }
    }

    #[test]
    fn rows_that_depend_on_their_place_change_nothing() {
        let params = params(0.9, 0.0, true);
        assert_same_minimum(&params, |x, row| {
            row as f64 / 500.0 + x[0] * uniform(row, 6)
        });
        assert_same_minimum(&params, |x, row| {
            x[1] + 0.1 * uniform(row, 5) + 50.0 * (row / 5900) as f64 * uniform(row, 7)
        });
    }

    #[test]
    fn outliers_and_ties_change_nothing() {
        let params = params(0.3, 0.0, true);
        assert_same_minimum(&params, |x, row| x[0] + 1.0 / (0.01 + uniform(row, 5)));
        assert_same_minimum(&params, |x, row| (100.0 * (x[0] + uniform(row, 5))).floor());
    }
}
