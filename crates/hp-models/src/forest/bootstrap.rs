//! The rows that each tree of a forest is grown on.

use crate::FitError;
use crate::tree::{Random, share_of};
use hp_core::method::{Amount, ForestParams};

/// How rows are drawn.
#[derive(Debug)]
pub(super) struct Bootstrap {
    rows: usize,
    /// Draws per tree; every row once without drawing when `None`.
    draws: Option<usize>,
}

impl Bootstrap {
    /// Checks the parameters against each other and the number of rows. Like scikit-learn's, a
    /// sample may be larger than the training set.
    pub(super) fn new(params: &ForestParams, rows: usize) -> Result<Self, FitError> {
        let draws = match (params.bootstrap, params.max_samples) {
            (false, Some(_)) => return Err(problem("max_samples", "needs `bootstrap`")),
            (false, None) if params.oob_score => {
                return Err(problem("oob_score", "needs `bootstrap`"));
            }
            (false, None) => None,
            (true, None) => Some(rows),
            (true, Some(Amount::Count(count))) => Some(count),
            (true, Some(Amount::Fraction(fraction))) => Some(share_of(rows, fraction)),
        };
        if draws == Some(0) || draws.unwrap_or(rows) > u32::MAX as usize {
            return Err(problem("max_samples", "must be from 1 to 4294967295 rows"));
        }
        Ok(Self { rows, draws })
    }

    /// How often each row is drawn `[rows]`; `None` when every row is taken once.
    pub(super) fn draw(&self, random: &mut Random) -> Option<Vec<u32>> {
        let draws = self.draws?;
        let mut counts = vec![0; self.rows];
        for _ in 0..draws {
            counts[random.below(self.rows)] += 1;
        }
        Some(counts)
    }
}

/// Which rows a tree has seen, one bit each.
#[derive(Debug)]
pub(super) struct InBagRows(Vec<u64>);

impl InBagRows {
    pub(super) fn new(counts: &[u32]) -> Self {
        let words = counts.chunks(64).map(|counts| {
            let bits = counts.iter().enumerate();
            bits.fold(0, |word, (bit, &count)| word | u64::from(count > 0) << bit)
        });
        Self(words.collect())
    }

    pub(super) fn contains(&self, row: usize) -> bool {
        self.0[row / 64] >> (row % 64) & 1 == 1
    }
}

fn problem(parameter: &'static str, problem: &str) -> FitError {
    FitError::Parameter {
        parameter,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: usize, max_samples: Amount) -> Result<u32, FitError> {
        let params = ForestParams {
            max_samples: Some(max_samples),
            ..ForestParams::default()
        };
        let bootstrap = Bootstrap::new(&params, rows)?;
        let counts = bootstrap.draw(&mut Random::new(0, 0));
        Ok(counts.into_iter().flatten().sum())
    }

    #[test]
    fn a_sample_may_be_larger_than_the_training_set() {
        assert_eq!(drawn(11, Amount::Fraction(1.5)), Ok(16));
        assert_eq!(drawn(11, Amount::Fraction(1.0)), Ok(11));
        assert_eq!(drawn(11, Amount::Fraction(0.01)), Ok(1));
        assert_eq!(drawn(11, Amount::Count(40)), Ok(40));
        assert!(drawn(11, Amount::Fraction(1e300)).is_err());
    }
}
