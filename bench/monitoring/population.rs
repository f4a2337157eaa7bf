//! Rows of Boston Housing, of which references and windows are drawn.

use hp_bench::Result;
use hp_core::reference::Distribution;
use hp_core::table::Table;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;

/// Rows of a reference: those that Boston Housing is trained on.
pub(crate) const REFERENCE_ROWS: usize = 404;

/// A column that is changed has more different values than this.
const MANY: usize = 300;

/// All rows by columns: twelve features and the target, which stands for the predictions.
#[derive(Debug)]
pub(crate) struct Population {
    columns: Vec<Vec<f64>>,
    moments: Vec<Distribution>,
    /// The columns that are changed in turn.
    changeable: Vec<usize>,
}

/// What happens to one column of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// So many standard deviations are added.
    Shift(f64),
    /// The distances from the mean grow so that the variance doubles.
    DoubledVariance,
}

/// A reference and a window of one trial.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) reference: Vec<Distribution>,
    pub(crate) window: Vec<Vec<f64>>,
    /// The changed column.
    pub(crate) changed: usize,
}

impl Population {
    pub(crate) fn of(table: &Table) -> Self {
        let columns: Vec<_> = table
            .features
            .iter()
            .chain([&table.target])
            .cloned()
            .collect();
        let many = |values: &Vec<f64>| {
            let distinct: BTreeSet<_> = values.iter().map(|value| value.to_bits()).collect();
            distinct.len() > MANY
        };
        let moments = columns.iter().map(|values| Distribution::of("", values));
        Self {
            moments: moments.filter_map(std::result::Result::ok).collect(),
            changeable: (0..columns.len())
                .filter(|&place| many(&columns[place]))
                .collect(),
            columns,
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// A reference of its own and a window, both whole rows drawn with replacement.
    pub(crate) fn trial(&self, number: u64, rows: usize, change: Change) -> Result<Trial> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(number);
        let reference = self.reference(&mut rng)?;
        Ok(Trial {
            reference,
            ..self.window(number, rows, change, &mut rng)
        })
    }

    /// A reference of whole rows drawn with replacement.
    pub(crate) fn reference(&self, rng: &mut Xoshiro256PlusPlus) -> Result<Vec<Distribution>> {
        let columns = self.draw(REFERENCE_ROWS, rng);
        let distributions = columns.iter().map(|values| Distribution::of("", values));
        Ok(distributions.collect::<std::result::Result<_, _>>()?)
    }

    /// A window without a reference.
    pub(crate) fn window(
        &self,
        number: u64,
        rows: usize,
        change: Change,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Trial {
        let mut window = self.draw(rows, rng);
        let turn = usize::try_from(number).unwrap_or_default() % self.changeable.len();
        let changed = self.changeable[turn];
        let (mean, std) = (self.moments[changed].mean(), self.moments[changed].std());
        for value in &mut window[changed] {
            *value = match change {
                Change::None => *value,
                Change::Shift(deviations) => *value + deviations * std,
                Change::DoubledVariance => mean + (*value - mean) * 2_f64.sqrt(),
            };
        }
        Trial {
            reference: Vec::new(),
            window,
            changed,
        }
    }

    fn draw(&self, rows: usize, rng: &mut Xoshiro256PlusPlus) -> Vec<Vec<f64>> {
        let all = self.columns[0].len();
        let rows: Vec<_> = (0..rows).map(|_| rng.random_range(0..all)).collect();
        let drawn = |values: &Vec<f64>| rows.iter().map(|&row| values[row]).collect();
        self.columns.iter().map(drawn).collect()
    }
}
