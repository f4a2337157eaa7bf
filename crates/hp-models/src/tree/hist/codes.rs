//! A training matrix with every value coded by its group.

use super::groups::{Groups, rounded};
use crate::tree::keys::{key_of_threshold, threshold_of};
use crate::tree::random::Random;
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

/// Features whose codes lie side by side.
pub(super) const BLOCK: usize = 16;

/// Most stretches of rows that the groups of a feature are made from a value each of.
const SAMPLE: usize = 200_000;

/// Values below which comparing them sorts sooner than counting their bits.
const FEW: usize = 1 << 12;

/// Rows that are coded at once.
const CHUNK: usize = 1 << 14;

/// A coded training matrix, twice: by row for adding up histograms, by column for dividing nodes.
#[derive(Debug)]
pub(super) struct Codes {
    groups: Vec<Groups>,
    /// Of each 16 features `[rows][16]`.
    blocks: Vec<Vec<[u8; BLOCK]>>,
    /// Of each feature `[rows]`.
    columns: Vec<Vec<u8>>,
}

/// Some rows while they are coded.
struct Chunk<'a> {
    x: ArrayView2<'a, f64>,
    blocks: Vec<&'a mut [[u8; BLOCK]]>,
    columns: Vec<&'a mut [u8]>,
}

impl Codes {
    /// Codes `x` `[rows, features]`, which is not empty, by at most `most` groups of each feature.
    pub(super) fn new(x: ArrayView2<'_, f64>, most: usize) -> Self {
        let (rows, features) = x.dim();
        let group = |feature| Groups::new(&sample(x, feature), most);
        let parallel = rows > CHUNK;
        let groups: Vec<Groups> = if parallel {
            (0..features).into_par_iter().map(group).collect()
        } else {
            (0..features).map(group).collect()
        };
        let mut codes = Self {
            groups,
            blocks: vec![vec![[0; BLOCK]; rows]; features.div_ceil(BLOCK)],
            columns: vec![vec![0; rows]; features],
        };
        let mut blocks: Vec<_> = codes
            .blocks
            .iter_mut()
            .map(|b| b.chunks_mut(CHUNK))
            .collect();
        let mut columns: Vec<_> = codes
            .columns
            .iter_mut()
            .map(|c| c.chunks_mut(CHUNK))
            .collect();
        let chunks = x.axis_chunks_iter(Axis(0), CHUNK).map(|x| Chunk {
            x,
            blocks: blocks.iter_mut().filter_map(Iterator::next).collect(),
            columns: columns.iter_mut().filter_map(Iterator::next).collect(),
        });
        let groups = &codes.groups;
        if parallel {
            let chunks: Vec<_> = chunks.collect();
            chunks.into_par_iter().for_each(|chunk| chunk.code(groups));
        } else {
            chunks.for_each(|chunk| chunk.code(groups));
        }
        codes
    }

    pub(super) fn n_features(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn groups(&self, feature: usize) -> &Groups {
        &self.groups[feature]
    }

    pub(super) fn blocks(&self) -> &[Vec<[u8; BLOCK]>] {
        &self.blocks
    }

    pub(super) fn column(&self, feature: usize) -> &[u8] {
        &self.columns[feature]
    }
}

impl Chunk<'_> {
    fn code(mut self, groups: &[Groups]) {
        for (row, values) in self.x.outer_iter().enumerate() {
            for (feature, (&value, groups)) in values.iter().zip(groups).enumerate() {
                let code = groups.code(rounded(value));
                self.blocks[feature / BLOCK][row][feature % BLOCK] = code;
                self.columns[feature][row] = code;
            }
        }
    }
}

/// The ascending values of `feature` in one row drawn from each of equally long stretches, and the
/// least and the largest of all; every value when they are few.
fn sample(x: ArrayView2<'_, f64>, feature: usize) -> Vec<f32> {
    let column = x.column(feature);
    let rows = column.len();
    let step = rows.div_ceil(SAMPLE).max(1);
    // Equally spaced rows would miss values that come back with the same period.
    let mut random = Random::new(0, 0);
    let drawn = (0..rows)
        .step_by(step)
        .map(|first| column[first + random.below(step.min(rows - first))]);
    let mut values: Vec<f32> = drawn.map(rounded).collect();
    if step > 1 {
        let ends = column
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
                (low.min(value), high.max(value))
            });
        values.extend([ends.0, ends.1].map(rounded));
    }
    sort(&mut values);
    values
}

/// Sorts `values` by their bits, eleven at a time, when they are many.
fn sort(values: &mut Vec<f32>) {
    const DIGITS: usize = 1 << 11;
    if values.len() < FEW {
        return values.sort_unstable_by(f32::total_cmp);
    }
    let mut keys: Vec<u32> = values.iter().copied().map(key_of_threshold).collect();
    let mut sorted = vec![0; keys.len()];
    for shift in [0, 11, 22] {
        let digit = |key: u32| (key >> shift) as usize % DIGITS;
        let mut places = [0; DIGITS];
        for &key in &keys {
            places[digit(key)] += 1;
        }
        let mut first = 0;
        for place in &mut places {
            first += std::mem::replace(place, first);
        }
        for &key in &keys {
            let place = &mut places[digit(key)];
            sorted[*place] = key;
            *place += 1;
        }
        std::mem::swap(&mut keys, &mut sorted);
    }
    values.clear();
    values.extend(keys.into_iter().map(threshold_of));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn few_values_are_all_in_the_sample() {
        let rows = 3000;
        let x = Array2::from_shape_fn((rows, 1), |(row, _)| (row * 7919 % rows) as f64);
        let all: Vec<f32> = (0..3000_u16).map(f32::from).collect();
        assert_eq!(sample(x.view(), 0), all);
    }

    #[test]
    fn many_values_are_sorted_as_few_are() {
        for count in [FEW - 10, FEW, 50_000] {
            let bits = (0..u32::MAX)
                .take(count)
                .map(|index| index.wrapping_mul(0x9e37_79b9));
            let some = bits.map(f32::from_bits).filter(|value| value.is_finite());
            let mut values: Vec<f32> = some.chain([0.0, -0.0, 0.0, f32::MAX, f32::MIN]).collect();
            let mut expected = values.clone();
            expected.sort_by(f32::total_cmp);
            sort(&mut values);
            assert!(
                values
                    .iter()
                    .map(|v| v.to_bits())
                    .eq(expected.iter().map(|v| v.to_bits()))
            );
        }
    }

    #[test]
    fn a_single_extreme_among_many_values_is_in_the_sample() {
        let rows = 2 * SAMPLE;
        for extreme in (0..8).map(|index| index * 50_003) {
            let x = Array2::from_shape_fn((rows, 1), |(row, _)| f64::from(row == extreme));
            let values = sample(x.view(), 0);
            assert_eq!(
                (values[0], values[values.len() - 1]),
                (0.0, 1.0),
                "{extreme}"
            );
        }
    }
}
