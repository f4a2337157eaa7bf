//! The verdict on a window: which columns no longer look like their training data.
//!
//! A fixed threshold on any statistic means something else for every number of rows, and one test
//! per column finds something by chance in every other window. So the statistic of each column is
//! compared with what it would be if the same rows were told apart at random, the p-values of all
//! columns are corrected together, and a difference that is real but too small to matter is no
//! alarm either.

mod column;
mod measure;
mod settings;

pub use settings::DriftSettings;

use super::permutation::{Labels, Random};
use super::{StatisticsError, q_values};
use column::Compared;
use hp_core::reference::Distribution;
use serde::Serialize;
use std::collections::BTreeMap;

/// A column of the rows to judge.
#[derive(Debug, Clone, Copy)]
pub struct WindowColumn<'a> {
    /// What the model remembers of it.
    pub reference: &'a Distribution,
    /// Its values `[rows]`; one that is not finite is missing.
    pub values: &'a [f64],
}

/// How a column stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDrift {
    /// Rows of the window with a value.
    pub rows: usize,
    /// Rows of the window without one.
    pub missing: usize,
    /// Rows whose value is below the smallest or above the largest of the reference.
    pub out_of_range: usize,
    /// The verdict.
    pub state: DriftState,
}

/// The verdict on a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DriftState {
    /// There are too few rows to say anything.
    NeedsMore {
        /// How many are missing.
        rows: usize,
    },
    /// There are enough.
    Measured(Drift),
}

/// How far a column is from its reference, and whether that is more than chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// The test that decides.
    pub test: Test,
    /// Its statistic.
    pub statistic: f64,
    /// The share of permutations whose statistic is at least as large.
    pub p_value: f64,
    /// The p-value corrected for all columns that were measured together.
    pub q_value: f64,
    /// How much the values differ, whatever the number of rows.
    pub effect: Effect,
    /// The effect that 95 % of windows of this size without drift stay below.
    pub effect_by_chance: f64,
    /// The largest difference of the distribution functions (Kolmogorov–Smirnov).
    pub kolmogorov_smirnov: f64,
    /// The population stability index.
    pub population_stability_index: f64,
    /// How many rows were compared: all with a value, or a random sample of them.
    pub rows_compared: usize,
    /// Whether the q-value is small enough and the effect large enough.
    pub alarm: bool,
}

/// The test that decides on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Anderson–Darling, for numbers.
    AndersonDarling,
    /// Chi-square of homogeneity, for few whole numbers and constants.
    ChiSquare,
}

/// A difference that does not depend on the number of rows but for noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "measure", content = "size", rename_all = "snake_case")]
pub enum Effect {
    /// The Wasserstein distance in units of the standard deviation of the reference.
    Wasserstein(f64),
    /// Cramér's V of the shares of each value, from 0 to 1.
    CramersV(f64),
}

impl Effect {
    /// The size, in the unit of its measure.
    #[must_use]
    pub fn size(self) -> f64 {
        match self {
            Self::Wasserstein(size) | Self::CramersV(size) => size,
        }
    }
}

impl ColumnDrift {
    /// Whether the column has drifted.
    #[must_use]
    pub fn alarm(&self) -> bool {
        matches!(&self.state, DriftState::Measured(drift) if drift.alarm)
    }
}

/// Judges all `columns` of a window together, in their order. The same `seed` gives the same bits.
///
/// A window of more than `settings.max_rows` rows is represented by so many of them, drawn by the
/// seed. The cost grows with the rows compared, and with the square of the number of columns once
/// these are so many that more permutations are needed to reach a q-value of `settings.alpha`.
///
/// # Errors
/// Settings outside their ranges.
pub fn drift(
    columns: &[WindowColumn<'_>],
    settings: &DriftSettings,
    seed: u64,
) -> Result<Vec<ColumnDrift>, StatisticsError> {
    settings.check()?;
    let mut compared = Vec::new();
    let mut places = Vec::new();
    let mut verdicts = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let values = present(column.values);
        let rows = values.len();
        verdicts.push(ColumnDrift {
            rows,
            missing: column.values.len() - rows,
            out_of_range: out_of_range(column.reference, &values),
            state: DriftState::NeedsMore {
                rows: settings.min_rows.saturating_sub(rows),
            },
        });
        if rows >= settings.min_rows {
            let sample = sample(values, settings.max_rows, seed);
            compared.push(Compared::new(column.reference, &sample)?);
            places.push(place);
        }
    }
    permute(&mut compared, settings.blocks(columns.len()), seed);
    let p_values: Vec<_> = compared.iter().map(Compared::p_value).collect();
    let q_values = q_values(&p_values)?;
    for ((place, column), q_value) in places.into_iter().zip(compared).zip(q_values) {
        verdicts[place].state = DriftState::Measured(column.verdict(q_value, settings));
    }
    Ok(verdicts)
}

fn present(values: &[f64]) -> Vec<f64> {
    let present = values.iter().filter(|value| value.is_finite());
    present.copied().collect()
}

fn out_of_range(reference: &Distribution, values: &[f64]) -> usize {
    let range = reference.min()..=reference.max();
    let outside = values.iter().filter(|value| !range.contains(value));
    outside.count()
}

/// At most `most` of `values`: the same places in columns of equal length.
fn sample(mut values: Vec<f64>, most: usize, seed: u64) -> Vec<f64> {
    if values.len() > most {
        Random::new(seed, 0).draw(&mut values, most);
        values.truncate(most);
    }
    values
}

/// Gives every column `blocks` blocks of permutations. Columns with as many rows share the labels:
/// each is compared with its own permutations only, and labels are dear.
fn permute(columns: &mut [Compared], blocks: usize, seed: u64) {
    for block in 1..=blocks as u64 {
        let mut drawn = BTreeMap::new();
        for column in &mut *columns {
            let (reference, window) = column.sizes();
            let labels = drawn
                .entry((reference, window))
                .or_insert_with(|| Labels::draw(reference, window, &mut Random::new(seed, block)));
            column.permute(labels);
        }
    }
}
