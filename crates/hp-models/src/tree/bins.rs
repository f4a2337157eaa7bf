//! The features of a training set as small codes that compare like the values do.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

/// Values closer than this are the same value, as in scikit-learn.
const FEATURE_THRESHOLD: f32 = 1e-7;

/// Most codes of a feature.
const MAX_BINS: usize = 1 << 16;

/// A training matrix, each feature rounded to f32 and coded by the rank of its value.
#[derive(Debug)]
pub(crate) struct Bins {
    columns: Vec<Column>,
    n_rows: usize,
}

/// One coded feature. A feature with more distinct values than codes shares a code among
/// neighbouring values, about as many rows for each.
#[derive(Debug)]
pub(crate) struct Column {
    /// Code of each row.
    codes: Vec<u16>,
    /// Rows by ascending code, then by row.
    order: Vec<u32>,
    /// Smallest value of each code.
    lower: Vec<f32>,
    /// Largest value of each code.
    upper: Vec<f32>,
    /// Whether some neighbouring codes are so close that they count as the same value.
    has_close_codes: bool,
}

impl Bins {
    /// Codes `x` `[rows, features]`, which has at most 2^32 rows and only finite values. A value
    /// beyond the range of f32 counts as the largest f32 of its sign.
    pub(crate) fn new(x: ArrayView2<'_, f64>) -> Self {
        let columns = (0..x.ncols())
            .into_par_iter()
            .map(|feature| Column::new(x.column(feature)))
            .collect();
        Self {
            columns,
            n_rows: x.nrows(),
        }
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(crate) fn n_features(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn column(&self, feature: usize) -> &Column {
        &self.columns[feature]
    }

    /// The largest number of codes of a feature.
    pub(super) fn max_codes(&self) -> usize {
        let codes = self.columns.iter().map(|column| column.lower.len());
        codes.max().unwrap_or_default()
    }
}

impl Column {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a row fits u32, its key is cut in two halves, codes stay below 2^16"
    )]
    fn new(values: ArrayView1<'_, f64>) -> Self {
        let mut keys: Vec<u64> = values
            .iter()
            .enumerate()
            .map(|(row, &value)| (u64::from(sort_key(value)) << 32) | row as u64)
            .collect();
        keys.sort_unstable();

        let mut column = Self {
            codes: vec![0; keys.len()],
            order: keys.iter().map(|&key| key as u32).collect(),
            lower: Vec::new(),
            upper: Vec::new(),
            has_close_codes: false,
        };
        let distinct = 1 + keys.windows(2).filter(|k| k[0] >> 32 != k[1] >> 32).count();
        let mut current = None;
        let mut first_of_value = 0;
        for (rank, &key) in keys.iter().enumerate() {
            if rank > 0 && keys[rank - 1] >> 32 != key >> 32 {
                first_of_value = rank;
            }
            let quantile = if distinct <= MAX_BINS {
                first_of_value
            } else {
                first_of_value * MAX_BINS / keys.len()
            };
            let value = value_of((key >> 32) as u32);
            if current != Some(quantile) {
                current = Some(quantile);
                column.lower.push(value);
                column.upper.push(value);
            }
            let code = column.lower.len() - 1;
            column.upper[code] = value;
            column.codes[key as u32 as usize] = code as u16;
        }
        column.has_close_codes = (1..column.lower.len())
            .any(|code| column.lower[code] <= column.upper[code - 1] + FEATURE_THRESHOLD);
        column
    }

    pub(super) fn code(&self, row: u32) -> u16 {
        self.codes[row as usize]
    }

    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    pub(super) fn n_codes(&self) -> usize {
        self.lower.len()
    }

    /// Whether `above`, a larger code than `below`, is another value as scikit-learn sees it.
    pub(super) fn separates(&self, below: u16, above: u16) -> bool {
        !self.has_close_codes
            || self.lower[above as usize] > self.upper[below as usize] + FEATURE_THRESHOLD
    }

    /// The midpoint between two codes, as f32 rounded towards −∞. For every f32 `x`, `x <= m` holds
    /// exactly when `x` is at most the largest f32 that is not above `m`, so rows go the same way
    /// as with scikit-learn's f64 threshold.
    #[allow(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
    pub(super) fn threshold(&self, below: u16, above: u16) -> f32 {
        let low = f64::from(self.upper[below as usize]);
        let high = f64::from(self.lower[above as usize]);
        let midpoint = low / 2.0 + high / 2.0;
        let rounded = midpoint as f32;
        if f64::from(rounded) > midpoint {
            rounded.next_down()
        } else {
            rounded
        }
    }
}

/// A number that sorts like `value` rounded to f32; both zeros are one.
#[allow(
    clippy::cast_possible_truncation,
    reason = "trees see features rounded to f32"
)]
fn sort_key(value: f64) -> u32 {
    let rounded = (value as f32).clamp(f32::MIN, f32::MAX) + 0.0;
    let bits = rounded.to_bits();
    if bits >> 31 == 0 { bits | SIGN } else { !bits }
}

fn value_of(sort_key: u32) -> f32 {
    f32::from_bits(if sort_key >> 31 == 0 {
        !sort_key
    } else {
        sort_key ^ SIGN
    })
}

const SIGN: u32 = 1 << 31;

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    fn column(values: impl IntoIterator<Item = f64>) -> Column {
        Column::new(values.into_iter().collect::<Array1<f64>>().view())
    }

    #[test]
    fn codes_rank_the_distinct_values() {
        let column = column([3.0, -1.0, 0.0, 3.0, -0.0, 1e300, -1e300]);
        assert_eq!(column.codes, [3, 1, 2, 3, 2, 4, 0]);
        assert_eq!(column.order, [6, 1, 2, 4, 0, 3, 5]);
        assert_eq!(column.lower, [f32::MIN, -1.0, 0.0, 3.0, f32::MAX]);
    }

    #[test]
    fn thresholds_lie_between_the_values_and_never_above_their_midpoint() {
        let low = 1.0_f32;
        let high = low.next_up();
        let column = column([f64::from(low), f64::from(high), 2.0]);
        assert!(!column.separates(0, 1), "1 + 1e-7 rounds to the upper one");
        assert!(column.separates(1, 2));
        assert_eq!(column.threshold(0, 1).to_bits(), low.to_bits());
        let midpoint = f64::midpoint(f64::from(high), 2.0);
        assert!(f64::from(column.threshold(1, 2)) <= midpoint);
        assert!(f64::from(column.threshold(1, 2).next_up()) > midpoint);
    }

    #[test]
    fn more_values_than_codes_share_them_evenly() {
        let rows = 100_000;
        let column = column((0..rows).map(f64::from));
        assert!(column.n_codes() <= MAX_BINS && column.n_codes() > MAX_BINS / 2);
        assert!(column.codes.is_sorted());
        let widths = column.upper.iter().zip(&column.lower);
        assert!(
            widths
                .map(|(upper, lower)| upper - lower)
                .all(|width| width <= 1.0)
        );
    }
}
