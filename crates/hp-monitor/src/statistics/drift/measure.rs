//! How a statistic and an effect are summed up over a pool, for many ways to label it at once.

use super::super::anderson_darling::weights;
use super::super::homogeneity::bins;
use super::super::sample::{Pool, Step};
use super::super::wasserstein::gaps;
use super::{Effect, Test};

/// The deciding statistic and the effect of a column, as sums over the steps of its pool.
#[derive(Debug)]
pub(super) struct Measure {
    rows: i32,
    window: i32,
    steps: Vec<Step>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// What the square of each discrepancy counts for Anderson–Darling, and its magnitude for the
    /// Wasserstein distance.
    Numbers { weights: Vec<f64>, gaps: Vec<f64> },
    /// Each step is a bin of neighbouring values.
    FewValues,
}

/// Sums of a number of labellings `[labellings]`.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// The statistics.
    pub(super) statistics: Vec<f64>,
    /// The effects.
    pub(super) effects: Vec<f64>,
    /// Rows of the window up to the step before.
    before: Vec<i32>,
}

impl Sums {
    /// Sums of `labellings` before the first step.
    pub(super) fn new(labellings: usize) -> Self {
        Self {
            statistics: vec![0.0; labellings],
            effects: vec![0.0; labellings],
            before: vec![0; labellings],
        }
    }

    /// Appends the sums of other labellings.
    pub(super) fn extend(&mut self, other: Self) {
        self.statistics.extend(other.statistics);
        self.effects.extend(other.effects);
    }
}

impl Measure {
    /// Anderson–Darling, and the Wasserstein distance in units of `std`.
    pub(super) fn of_numbers(pool: &Pool, std: f64) -> Self {
        Self::new(
            pool,
            pool.steps.clone(),
            Kind::Numbers {
                weights: weights(pool),
                gaps: gaps(pool, std),
            },
        )
    }

    /// Chi-square of homogeneity, and Cramér's V of the shares.
    pub(super) fn of_few_values(pool: &Pool) -> Self {
        Self::new(pool, bins(pool), Kind::FewValues)
    }

    fn new(pool: &Pool, steps: Vec<Step>, kind: Kind) -> Self {
        Self {
            rows: whole(pool.rows()),
            window: whole(pool.window),
            steps,
            kind,
        }
    }

    /// The places at which something is added.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter()
    }

    /// Adds the step at `place`, up to which `counts[labelling]` rows belong to the window.
    pub(super) fn add(&self, place: usize, counts: &[i32], sums: &mut Sums) {
        match &self.kind {
            Kind::Numbers { weights, gaps } => {
                let expected = whole(self.steps[place].end) * self.window;
                let (weight, gap) = (weights[place], gaps[place]);
                let totals = sums.statistics.iter_mut().zip(&mut sums.effects);
                for (count, (statistic, effect)) in counts.iter().zip(totals) {
                    let discrepancy = f64::from(count * self.rows - expected);
                    *statistic += discrepancy * discrepancy * weight;
                    *effect += discrepancy.abs() * gap;
                }
            }
            Kind::FewValues => self.add_bin(place, counts, sums),
        }
    }

    /// Adds a bin to `Σ d² / (c·n·m)`, the chi-square of two samples, and to
    /// `½ Σ (p − q)² / (p + q)`, where `c` rows of the pool are in the bin and `d / (n·m)` is the
    /// difference of its shares.
    fn add_bin(&self, place: usize, counts: &[i32], sums: &mut Sums) {
        let before = place.checked_sub(1).map_or(0, |last| self.steps[last].end);
        let pooled = whole(self.steps[place].end - before);
        let reference = self.rows - self.window;
        let scale = f64::from(reference) * f64::from(self.window);
        for (labelling, &count) in counts.iter().enumerate() {
            let inside = count - sums.before[labelling];
            sums.before[labelling] = count;
            let square = f64::from(inside * self.rows - pooled * self.window).powi(2) / scale;
            let shares = inside * reference + (pooled - inside) * self.window;
            sums.statistics[labelling] += square / f64::from(pooled);
            sums.effects[labelling] += square / f64::from(shares) / 2.0;
        }
    }

    /// Completes the sums after the last step.
    pub(super) fn end(&self, sums: &mut Sums) {
        if matches!(self.kind, Kind::FewValues) {
            for effect in &mut sums.effects {
                *effect = effect.sqrt();
            }
        }
    }

    /// The test that this is.
    pub(super) fn test(&self) -> Test {
        match self.kind {
            Kind::Numbers { .. } => Test::AndersonDarling,
            Kind::FewValues => Test::ChiSquare,
        }
    }

    /// A size as the effect that it is.
    pub(super) fn effect(&self, size: f64) -> Effect {
        match self.kind {
            Kind::Numbers { .. } => Effect::Wasserstein(size),
            Kind::FewValues => Effect::CramersV(size),
        }
    }
}

/// A number of rows. The limits of the settings and of a reference keep the product of two of them
/// far below the largest `i32`.
fn whole(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}
