//! A training matrix with every value coded by its group.

use super::groups::{Groups, rounded};
use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

/// Features whose codes lie side by side.
pub(super) const BLOCK: usize = 16;

/// Most values that the groups of a feature are made from.
const SAMPLE: usize = 200_000;

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

    /// The largest number of groups of a feature.
    pub(super) fn most_groups(&self) -> usize {
        self.groups
            .iter()
            .map(Groups::len)
            .max()
            .unwrap_or_default()
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

/// The ascending values of `feature` in equally spaced rows, all of them when they are few.
fn sample(x: ArrayView2<'_, f64>, feature: usize) -> Vec<f32> {
    let step = x.nrows().div_ceil(SAMPLE).max(1);
    let column = x.column(feature);
    let every = Slice::new(0, None, step.cast_signed());
    let sampled = column.slice_axis(Axis(0), every);
    let mut values: Vec<f32> = sampled.iter().map(|&value| rounded(value)).collect();
    values.sort_unstable_by(f32::total_cmp);
    values
}
