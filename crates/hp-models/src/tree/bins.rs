//! The features of a training set as small codes that compare like the values do.

use super::grouping::Grouping;
use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

/// Values closer than this are the same value, as in scikit-learn.
const FEATURE_THRESHOLD: f32 = 1e-7;

/// Rows whose codes are brought together at a time.
const BLOCK: usize = 1024;

/// A training matrix, each feature rounded to f32 and coded by the rank of its value.
#[derive(Debug)]
pub(crate) struct Bins {
    codes: Codes,
    columns: Vec<Column>,
    n_rows: usize,
}

/// The codes of all values, row by row `[rows, features]`.
#[derive(Debug)]
pub(super) enum Codes {
    /// No feature has more than 256 codes.
    Narrow(Vec<u8>),
    /// Some feature has more.
    Wide(Vec<u16>),
}

/// One coded feature. A feature with more distinct values than codes shares a code among
/// neighbouring values, about as many rows for each.
#[derive(Debug)]
pub(super) struct Column {
    /// Smallest value of each code.
    lower: Vec<f32>,
    /// Largest value of each code.
    upper: Vec<f32>,
    /// Whether each code is one value, and some neighbours are so close that they count as the same.
    has_close_codes: bool,
    /// `code << 16 | row` of all rows in ascending order; empty when they are more than 2^16.
    sorted: Vec<u32>,
}

impl Bins {
    /// Most codes of a feature.
    pub(crate) const MAX_CODES: usize = 1 << 16;

    /// Codes `x` `[rows, features]`, which has at most 2^32 rows and only finite values, with at most
    /// `max_codes` codes for a feature. A value beyond the range of f32 counts as the largest f32 of
    /// its sign.
    pub(crate) fn new(x: ArrayView2<'_, f64>, max_codes: usize) -> Self {
        let max_codes = max_codes.min(Self::MAX_CODES);
        let (columns, codes): (Vec<_>, Vec<_>) = (0..x.ncols())
            .into_par_iter()
            .map(|feature| Column::new(x.column(feature), max_codes))
            .unzip();
        let is_narrow = columns.iter().all(|column| column.n_codes() <= 1 << 8);
        Self {
            codes: if is_narrow {
                Codes::Narrow(row_by_row(&codes, x.nrows(), |code| code.to_le_bytes()[0]))
            } else {
                Codes::Wide(row_by_row(&codes, x.nrows(), |code| code))
            },
            columns,
            n_rows: x.nrows(),
        }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(super) fn n_features(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn code(&self, row: u32, feature: usize) -> u16 {
        let place = row as usize * self.columns.len() + feature;
        match &self.codes {
            Codes::Narrow(codes) => u16::from(codes[place]),
            Codes::Wide(codes) => codes[place],
        }
    }

    /// Whether the columns tell the order of their rows.
    pub(super) fn is_sorted(&self) -> bool {
        self.n_rows <= 1 << 16
    }

    /// The codes row by row `[rows, features]`.
    pub(super) fn codes(&self) -> &Codes {
        &self.codes
    }

    pub(super) fn column(&self, feature: usize) -> &Column {
        &self.columns[feature]
    }
}

impl Column {
    /// The column and the code of each row.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a row fits u32, its key is cut in two halves, codes stay below 2^16"
    )]
    fn new(values: ArrayView1<'_, f64>, max_codes: usize) -> (Self, Vec<u16>) {
        let mut keys: Vec<u64> = values
            .iter()
            .enumerate()
            .map(|(row, &value)| (u64::from(sort_key(value)) << 32) | row as u64)
            .collect();
        keys.sort_unstable();

        let mut column = Self {
            lower: Vec::new(),
            upper: Vec::new(),
            has_close_codes: false,
            sorted: Vec::new(),
        };
        let mut codes = vec![0; keys.len()];
        let runs = keys.chunk_by(|a, b| a >> 32 == b >> 32);
        let distinct = runs.clone().count();
        let mut grouping = Grouping::new(distinct, keys.len(), max_codes);
        for run in runs {
            let value = value_of((run[0] >> 32) as u32);
            if grouping.begins(run.len()) {
                column.lower.push(value);
                column.upper.push(value);
            }
            let code = column.lower.len() - 1;
            column.upper[code] = value;
            for &key in run {
                codes[key as u32 as usize] = code as u16;
            }
        }
        column.has_close_codes = distinct <= max_codes
            && (1..column.lower.len())
                .any(|code| column.lower[code] <= column.upper[code - 1] + FEATURE_THRESHOLD);
        if keys.len() <= 1 << 16 {
            let rows = keys.iter().map(|&key| key as u32);
            let entries = rows.map(|row| u32::from(codes[row as usize]) << 16 | row);
            column.sorted = entries.collect();
        }
        (column, codes)
    }

    /// `code << 16 | row` of all rows in ascending order, unless they are more than 2^16.
    pub(super) fn sorted(&self) -> &[u32] {
        &self.sorted
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

/// The codes of all columns, made smaller by `convert`, row by row.
fn row_by_row<C: Copy + Default + Send>(
    columns: &[Vec<u16>],
    n_rows: usize,
    convert: impl Fn(u16) -> C + Sync,
) -> Vec<C> {
    let n_features = columns.len();
    let mut codes = vec![C::default(); n_rows * n_features];
    let blocks = codes
        .par_chunks_mut((BLOCK * n_features).max(1))
        .enumerate();
    blocks.for_each(|(block, codes)| {
        for (feature, column) in columns.iter().enumerate() {
            let slots = codes[feature..].iter_mut().step_by(n_features);
            for (slot, &code) in slots.zip(&column[block * BLOCK..]) {
                *slot = convert(code);
            }
        }
    });
    codes
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

    fn column(values: impl IntoIterator<Item = f64>) -> (Column, Vec<u16>) {
        let values: Array1<f64> = values.into_iter().collect();
        Column::new(values.view(), Bins::MAX_CODES)
    }

    #[test]
    fn a_frequent_value_leaves_the_codes_to_the_others() {
        let zeros = std::iter::repeat_n(0.0, 9000);
        let values: Array1<f64> = zeros.chain((1..=1000).map(f64::from)).collect();
        let (column, codes) = Column::new(values.view(), 101);
        assert_eq!(column.n_codes(), 101);
        assert_eq!(
            (codes[8999], codes[9000], codes[9009], codes[9010]),
            (0, 1, 1, 2)
        );
    }

    #[test]
    fn codes_that_share_values_are_told_apart_however_close() {
        let values: Array1<f64> = (0..1000).map(|rank| f64::from(rank) * 1e-9).collect();
        let (shared, _) = Column::new(values.view(), 100);
        assert!((1..100).all(|code| shared.separates(code - 1, code)));
        let (single, _) = Column::new(values.view(), 1000);
        assert!((1..1000).all(|code| !single.separates(code - 1, code)));
    }

    #[test]
    fn codes_rank_the_distinct_values() {
        let (column, codes) = column([3.0, -1.0, 0.0, 3.0, -0.0, 1e300, -1e300]);
        assert_eq!(codes, [3, 1, 2, 3, 2, 4, 0]);
        assert_eq!(column.lower, [f32::MIN, -1.0, 0.0, 3.0, f32::MAX]);
    }

    #[test]
    fn thresholds_lie_between_the_values_and_never_above_their_midpoint() {
        let low = 1.0_f32;
        let high = low.next_up();
        let (column, _) = column([f64::from(low), f64::from(high), 2.0]);
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
        let (column, codes) = column((0..rows).map(f64::from));
        assert!(column.n_codes() <= Bins::MAX_CODES && column.n_codes() > Bins::MAX_CODES / 2);
        assert!(codes.is_sorted());
        let widths = column.upper.iter().zip(&column.lower);
        assert!(
            widths
                .map(|(upper, lower)| upper - lower)
                .all(|width| width <= 1.0)
        );
    }
}
