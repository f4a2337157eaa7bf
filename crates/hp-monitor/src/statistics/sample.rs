//! Two samples, pooled and sorted: what every two-sample statistic is computed from.

use super::StatisticsError;

/// The distinct values of two samples with how many rows of each lie at or below them.
///
/// Every statistic here is a function of the *discrepancies*: at each distinct value, with `i` rows
/// of the pool at or below it and `k` of them from the window, `k·N − i·n`, which is `n·m` times the
/// difference of the two empirical distribution functions. They are whole numbers, so that ties
/// between a statistic and its permutations are exact.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    /// Rows of the reference, `m`.
    pub(super) reference: usize,
    /// Rows of the window, `n`.
    pub(super) window: usize,
    /// The distinct values, ascending.
    pub(super) steps: Vec<Step>,
}

/// A distinct value of a pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The value.
    pub(super) value: f64,
    /// Rows of the pool at or below it, `i`.
    pub(super) end: usize,
    /// Rows of the window at or below it, `k`.
    pub(super) window: usize,
}

impl Pool {
    /// Pools two samples.
    ///
    /// # Errors
    /// A sample without finite values.
    pub(super) fn new(reference: &[f64], window: &[f64]) -> Result<Self, StatisticsError> {
        let labelled = |values: &[f64], label: usize| {
            let finite = values.iter().filter(|value| value.is_finite());
            // Adding zero makes one value of the two zeros.
            let labelled = finite.map(|value| (value + 0.0, label));
            labelled.collect::<Vec<_>>()
        };
        let (mut rows, new) = (labelled(reference, 0), labelled(window, 1));
        let (m, n) = (rows.len(), new.len());
        if m == 0 || n == 0 {
            return Err(StatisticsError::Empty);
        }
        rows.extend(new);
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut steps: Vec<Step> = Vec::new();
        let mut below = 0;
        for (place, (value, label)) in rows.into_iter().enumerate() {
            below += label;
            let step = Step {
                value,
                end: place + 1,
                window: below,
            };
            match steps.last_mut() {
                Some(last) if last.value.total_cmp(&value).is_eq() => *last = step,
                _ => steps.push(step),
            }
        }
        Ok(Self {
            reference: m,
            window: n,
            steps,
        })
    }

    /// Rows of both samples, `N`.
    pub(super) fn rows(&self) -> usize {
        self.reference + self.window
    }

    /// `|k·N − i·n|` at every step.
    pub(super) fn discrepancies(&self) -> impl Iterator<Item = u64> {
        let (rows, window) = (self.rows() as u64, self.window as u64);
        let steps = self.steps.iter();
        steps.map(move |step| (step.window as u64 * rows).abs_diff(step.end as u64 * window))
    }

    /// `n·m`, by which a discrepancy is divided to become a difference of distribution functions.
    pub(super) fn scale(&self) -> f64 {
        self.reference as f64 * self.window as f64
    }
}
