//! Nodes of a few rows: sorting them anew, four features at once, takes less time than keeping them
//! sorted.
//!
//! The code of a row and the row's place in the node make one number, which rides in the bits of an
//! f32: four of these are compared and exchanged by two instructions. Networks of exchanges sort
//! without a branch.

use super::bins::{Bins, Codes};
use super::totals::{Sample, Totals};

/// Most rows of such a node.
pub(super) const FEW: usize = 16;

/// Features that are sorted at once.
const LANES: usize = 4;

/// Bits of a key that say where in the node a row is.
const PLACE_BITS: u32 = FEW.ilog2();

/// The bits of 2^23. Floats from there to 2^24 compare like the 23 lowest of their bits.
const FLOAT: u32 = 0x4b00_0000;

/// Beyond the key of any row.
const NO_ROW: f32 = f32::INFINITY;

/// The rows of a node of at most [`FEW`] rows.
#[derive(Debug, Default)]
pub(super) struct FewRows {
    rows: Vec<u32>,
    totals: [Totals; FEW],
    /// For each group of features their keys, sorted once they are asked for.
    groups: Vec<Keys<FEW>>,
    is_sorted: Vec<bool>,
}

/// Keys of `N` rows and some features, `code << PLACE_BITS | place` in the bits of a float.
type Keys<const N: usize> = [[f32; LANES]; N];

impl FewRows {
    /// Takes the rows of a node, their targets relative to `centre`.
    pub(super) fn load<'a>(
        &mut self,
        samples: impl Iterator<Item = &'a Sample>,
        centre: i64,
        bins: &Bins,
    ) {
        self.rows.clear();
        for (totals, sample) in self.totals.iter_mut().zip(samples) {
            *totals = sample.totals_around(centre);
            self.rows.push(sample.row);
        }
        let n_groups = bins.n_features().div_ceil(LANES);
        self.groups.resize(n_groups, [[NO_ROW; LANES]; FEW]);
        self.is_sorted.clear();
        self.is_sorted.resize(n_groups, false);
    }

    /// Sorts the rows by `feature` and tells whether it has more than one code.
    pub(super) fn sort(&mut self, feature: usize, bins: &Bins) -> bool {
        let group = feature / LANES;
        if !self.is_sorted[group] {
            self.is_sorted[group] = true;
            match bins.codes() {
                Codes::Narrow(codes) => self.sort_group(group, codes, bins.n_features()),
                Codes::Wide(codes) => self.sort_group(group, codes, bins.n_features()),
            }
        }
        let keys = self.keys(feature);
        code(keys[0][feature % LANES]) != code(keys[keys.len() - 1][feature % LANES])
    }

    /// The rows by ascending code of `feature`, by which they are sorted, each with its code.
    pub(super) fn by_code(&self, feature: usize) -> impl Iterator<Item = (u16, Totals)> + '_ {
        let keys = self.keys(feature).iter();
        keys.map(move |lanes| {
            let key = lanes[feature % LANES];
            (code(key), self.totals[key.to_bits() as usize % FEW])
        })
    }

    fn keys(&self, feature: usize) -> &[[f32; LANES]] {
        &self.groups[feature / LANES][..self.rows.len()]
    }

    /// Sorts a group of features, given the codes of all rows `[rows, features]`.
    fn sort_group<C: Copy + Into<u32>>(&mut self, group: usize, codes: &[C], n_features: usize) {
        let rows = self.rows.iter().map(|&row| {
            let row = row as usize * n_features;
            &codes[row..row + n_features][group * LANES..]
        });
        let keys = &mut self.groups[group];
        match self.rows.len() {
            0..=4 => sort(keys, rows, sort_4),
            5..=8 => sort(keys, rows, sort_8),
            _ => sort(keys, rows, sort_16),
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a code has 16 bits")]
fn code(key: f32) -> u16 {
    ((key.to_bits() ^ FLOAT) >> PLACE_BITS) as u16
}

/// Makes the keys of at most `N` rows from the codes of a group of features, and sorts them.
fn sort<'a, const N: usize, C: Copy + Into<u32> + 'a>(
    keys: &mut Keys<FEW>,
    rows: impl Iterator<Item = &'a [C]>,
    network: fn(&mut Keys<N>),
) {
    let Some(keys) = keys.first_chunk_mut::<N>() else {
        return;
    };
    keys.fill([NO_ROW; LANES]);
    for ((place, codes), keys) in (0..).zip(rows).zip(&mut *keys) {
        let key = |&code: &C| f32::from_bits(FLOAT | code.into() << PLACE_BITS | place);
        match codes.first_chunk::<LANES>() {
            Some(codes) => *keys = codes.each_ref().map(key),
            None => {
                for (slot, code) in keys.iter_mut().zip(codes) {
                    *slot = key(code);
                }
            }
        }
    }
    network(keys);
}

fn exchange<const N: usize>(keys: &mut Keys<N>, first: usize, second: usize) {
    let (low, high) = (keys[first], keys[second]);
    for lane in 0..LANES {
        let (a, b) = (low[lane], high[lane]);
        keys[first][lane] = if a < b { a } else { b };
        keys[second][lane] = if a < b { b } else { a };
    }
}

/// A function that sorts by the exchanges listed.
macro_rules! network {
    ($name:ident, $rows:literal, $($first:literal $second:literal),+) => {
        fn $name(keys: &mut Keys<$rows>) {
            let mut sorted = *keys;
            $(exchange(&mut sorted, $first, $second);)+
            *keys = sorted;
        }
    };
}

network!(sort_4, 4, 0 1, 2 3, 0 2, 1 3, 1 2);

network!(
    sort_8, 8, 0 2, 1 3, 4 6, 5 7, 0 4, 1 5, 2 6, 3 7, 0 1, 2 3, 4 5, 6 7, 2 4, 3 5, 1 4, 3 6, 1 2, 3 4,
    5 6
);

network!(
    sort_16, 16, 0 13, 1 12, 2 15, 3 14, 4 8, 5 6, 7 11, 9 10, 0 5, 1 7, 2 9, 3 4, 6 13, 8 14, 10 15,
    11 12, 0 1, 2 3, 4 5, 6 8, 7 9, 10 11, 12 13, 14 15, 0 2, 1 3, 4 10, 5 11, 6 7, 8 9, 12 14, 13 15,
    1 2, 3 12, 4 6, 5 7, 8 10, 9 11, 13 14, 1 4, 2 6, 5 8, 7 10, 9 13, 11 14, 2 4, 3 6, 9 12, 11 13,
    3 5, 6 8, 7 9, 10 12, 3 4, 5 6, 7 8, 9 10, 11 12, 6 7, 8 9
);

#[cfg(test)]
mod tests {
    use super::*;

    /// A network that sorts all zeros and ones sorts everything.
    fn assert_sorts<const N: usize>(sort: fn(&mut Keys<N>)) {
        for bits in 0..1_u32 << N {
            let mut keys = [[0.0; LANES]; N];
            for (place, lanes) in keys.iter_mut().enumerate() {
                for (lane, key) in lanes.iter_mut().enumerate() {
                    *key = f32::from(u8::from(bits >> ((place + lane) % N) & 1 == 1));
                }
            }
            sort(&mut keys);
            for lane in 0..LANES {
                assert!(keys.is_sorted_by_key(|lanes| lanes[lane]), "{bits:b}");
            }
        }
    }

    #[test]
    fn networks_sort() {
        assert_sorts(sort_4);
        assert_sorts(sort_8);
        assert_sorts(sort_16);
    }

    #[test]
    fn rows_come_by_code_with_their_totals() {
        let values = ndarray::Array2::from_shape_fn((700, 6), |(row, feature)| {
            (row * (7 + feature) % [700, 350, 7, 1, 5, 700][feature]) as f64
        });
        for max_codes in [Bins::MAX_CODES, 200] {
            let bins = Bins::new(values.view(), max_codes);
            let mut few = FewRows::default();
            for count in [2, 4, 5, 8, 9, 16, 3] {
                let samples: Vec<Sample> = (0..count)
                    .map(|row| Sample {
                        row: row * 41,
                        weight: 1 + row % 3,
                        target: i64::from(row) - 5,
                    })
                    .collect();
                few.load(samples.iter(), 3, &bins);
                for feature in 0..6 {
                    let mut expected: Vec<_> = samples
                        .iter()
                        .map(|sample| (bins.code(sample.row, feature), sample.totals_around(3)))
                        .collect();
                    expected.sort_by_key(|&(code, _)| code);
                    let varies = expected[0].0 != expected[expected.len() - 1].0;
                    assert_eq!(few.sort(feature, &bins), varies);
                    let actual: Vec<_> = few.by_code(feature).collect();
                    assert_eq!(actual, expected);
                }
            }
        }
    }
}
