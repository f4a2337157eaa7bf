//! One column against its permutations.

use super::super::kolmogorov_smirnov::largest_difference;
use super::super::permutation::{BLOCK, Labels};
use super::super::sample::Pool;
use super::super::{StatisticsError, population_stability_index};
use super::measure::{Measure, Sums};
use super::{Drift, DriftSettings};
use hp_core::reference::Distribution;

/// The share of permutations, in per cent, that [`Drift::effect_by_chance`] is not below.
const CHANCE: usize = 95;

/// Statistics that are equal but for rounding count as equal.
const ROUNDING: f64 = 1e-12;

/// A column that is being compared: its statistics, and those of its permutations so far.
#[derive(Debug)]
pub(super) struct Compared {
    pool: Pool,
    population_stability_index: f64,
    measure: Measure,
    observed: Sums,
    permuted: Sums,
}

impl Compared {
    /// Compares the `window` with its reference.
    ///
    /// # Errors
    /// A window without finite values.
    pub(super) fn new(reference: &Distribution, window: &[f64]) -> Result<Self, StatisticsError> {
        let pool = Pool::new(reference.values(), window)?;
        let measure = if reference.distinct().is_some() {
            Measure::of_few_values(&pool)
        } else {
            Measure::of_numbers(&pool, reference.std())
        };
        let mut observed = Sums::new(1);
        for (place, step) in measure.steps().enumerate() {
            // No pool has as many rows as this could not hold.
            let count = i32::try_from(step.window).unwrap_or(i32::MAX);
            measure.add(place, &[count], &mut observed);
        }
        measure.end(&mut observed);
        Ok(Self {
            population_stability_index: population_stability_index(reference, window)?,
            pool,
            measure,
            observed,
            permuted: Sums::default(),
        })
    }

    /// Rows of the reference and of the window.
    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.pool.reference, self.pool.window)
    }

    /// Measures a block of permutations.
    pub(super) fn permute(&mut self, labels: &Labels) {
        let mut sums = Sums::new(BLOCK);
        let ends = self.measure.steps().map(|step| step.end);
        labels.sweep(ends, |place, counts| {
            self.measure.add(place, counts, &mut sums);
        });
        self.measure.end(&mut sums);
        self.permuted.extend(sums);
    }

    /// The share of permutations, the observed rows among them, whose statistic is at least as
    /// large; never 0 (Phipson and Smyth, Statistical Applications in Genetics 9, 2010).
    pub(super) fn p_value(&self) -> f64 {
        let least = self.observed.statistics[0] * (1.0 - ROUNDING);
        let permuted = &self.permuted.statistics;
        let as_large = permuted.iter().filter(|statistic| **statistic >= least);
        (1 + as_large.count()) as f64 / (1 + permuted.len()) as f64
    }

    /// The verdict, given the corrected p-value.
    pub(super) fn verdict(mut self, q_value: f64, settings: &DriftSettings) -> Drift {
        let p_value = self.p_value();
        let size = self.observed.effects[0];
        let effects = &mut self.permuted.effects;
        effects.sort_unstable_by(f64::total_cmp);
        let place = (CHANCE * effects.len()).div_ceil(100);
        Drift {
            test: self.measure.test(),
            statistic: self.observed.statistics[0],
            p_value,
            q_value,
            effect: self.measure.effect(size),
            effect_by_chance: effects[place.saturating_sub(1)],
            kolmogorov_smirnov: largest_difference(&self.pool),
            population_stability_index: self.population_stability_index,
            rows_compared: self.pool.window,
            alarm: q_value <= settings.alpha && size >= settings.min_effect,
        }
    }
}
