//! Sums of products down columns, several at once so that the processor's units stay busy.
//!
//! The order of additions is written out, so that vectors of any width give the same bits.

/// Columns on either side whose products are summed at once: as many sums as there are registers.
const BLOCK: usize = 3;

/// A sum over the even rows and one over the odd, as one instruction adds them.
type Sum = [f64; 2];

/// Sums of products of neighbouring columns, `[left, right]`.
type Block<const LEFT: usize = BLOCK> = [[Sum; BLOCK]; LEFT];

/// Sums of products of the columns on the left with those on the right, `[left, right]`; only
/// entries whose column is not beyond their row are kept.
#[derive(Debug, Clone)]
pub(crate) struct Products {
    right: usize,
    /// By blocks of columns, `[left, right]`, with some of no meaning at the ends.
    blocks: Vec<Block>,
}

impl Products {
    /// Starts from zero.
    pub(crate) fn zeros(left: usize, right: usize) -> Self {
        Self {
            right,
            blocks: vec![Block::default(); left.div_ceil(BLOCK) * right.div_ceil(BLOCK)],
        }
    }

    /// Adds the products of the columns of two tiles of one height.
    pub(crate) fn add(&mut self, left: &[f64], right: &[f64]) {
        let height = right.len() / self.right.max(1);
        if height == 0 {
            return;
        }
        let lefts = left.len() / height;
        let rows = self.blocks.chunks_exact_mut(self.right.div_ceil(BLOCK));
        for (row, i) in rows.zip((0..lefts).step_by(BLOCK)) {
            let columns = columns_from(left, i, height);
            for (block, j) in row.iter_mut().zip((0..=i).step_by(BLOCK)) {
                let others = columns_from(right, j, height);
                match (lefts - i, columns) {
                    _ if i == j => add_triangle(block, columns, others),
                    (1, [a, _, _]) => add_rectangle(block, [a], others),
                    (2, [a, b, _]) => add_rectangle(block, [a, b], others),
                    _ => add_rectangle(block, columns, others),
                }
            }
        }
    }

    /// The sum of the column `left` with the column `right`.
    pub(crate) fn of(&self, left: usize, right: usize) -> f64 {
        let block = left / BLOCK * self.right.div_ceil(BLOCK) + right / BLOCK;
        let [even, odd] = self.blocks[block][left % BLOCK][right % BLOCK];
        even + odd
    }

    /// The sums of the column `left` with those on the right.
    pub(crate) fn row(&self, left: usize) -> impl Iterator<Item = f64> {
        (0..self.right).map(move |right| self.of(left, right))
    }

    /// The sums over all parts, in their order.
    pub(crate) fn added(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|mut total, part| {
            for (sums, more) in total.blocks.iter_mut().zip(&part.blocks) {
                add_block(sums, more);
            }
            total
        })
    }
}

fn add_block<const LEFT: usize>(sums: &mut Block, more: &Block<LEFT>) {
    for (sums, more) in sums.iter_mut().zip(more) {
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum = [sum[0] + more[0], sum[1] + more[1]];
        }
    }
}

/// The columns of a tile from the one at `first` on, the last again where there are too few.
fn columns_from(tile: &[f64], first: usize, height: usize) -> [&[f64]; BLOCK] {
    let last = tile.len() / height - 1;
    std::array::from_fn(|offset| &tile[(first + offset).min(last) * height..][..height])
}

/// Adds the products of columns with others to `block`. They are summed in registers first: even and
/// odd rows apart, so that the loop need not shuffle them.
#[inline(never)]
fn add_rectangle<const LEFT: usize>(
    block: &mut Block,
    left: [&[f64]; LEFT],
    right: [&[f64]; BLOCK],
) {
    let (pairs, left, right) = in_pairs(left, right);
    let mut sums = [[[0.0; 2]; BLOCK]; LEFT];
    for k in 0..pairs {
        for i in 0..LEFT {
            for j in 0..BLOCK {
                add_product(&mut sums[i][j], left[i][k], right[j][k]);
            }
        }
    }
    add_block(block, &sums);
}

/// The same for each column times the others up to the one at its place.
#[inline(never)]
fn add_triangle(block: &mut Block, left: [&[f64]; BLOCK], right: [&[f64]; BLOCK]) {
    let (pairs, left, right) = in_pairs(left, right);
    let mut sums = [[[0.0; 2]; BLOCK]; BLOCK];
    for k in 0..pairs {
        for i in 0..BLOCK {
            for j in 0..=i {
                add_product(&mut sums[i][j], left[i][k], right[j][k]);
            }
        }
    }
    add_block(block, &sums);
}

/// Columns of one height in pairs of rows, of which there are as many as said.
fn in_pairs<'a, const LEFT: usize>(
    left: [&'a [f64]; LEFT],
    right: [&'a [f64]; BLOCK],
) -> (usize, [&'a [Sum]; LEFT], [&'a [Sum]; BLOCK]) {
    let pairs = right[0].len() / 2;
    (
        pairs,
        left.map(|column| &column.as_chunks().0[..pairs]),
        right.map(|column| &column.as_chunks().0[..pairs]),
    )
}

fn add_product(sum: &mut Sum, left: Sum, right: Sum) {
    for lane in 0..2 {
        sum[lane] += left[lane] * right[lane];
    }
}

/// The sum of a column.
pub(crate) fn sum(column: &[f64]) -> f64 {
    let (fours, rest) = column.as_chunks::<4>();
    let mut sums = [0.0_f64; 4];
    for four in fours {
        for lane in 0..4 {
            sums[lane] += four[lane];
        }
    }
    let [a, b, c, d] = sums;
    ((a + b) + (c + d)) + rest.iter().sum::<f64>()
}

/// The dot product of two columns, as long as the shorter.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let length = left.len().min(right.len());
    let (lefts, last_left) = left[..length].as_chunks::<8>();
    let (rights, last_right) = right[..length].as_chunks::<8>();
    let mut sums = [0.0_f64; 8];
    for (left, right) in lefts.iter().zip(rights) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let rest = last_left.iter().zip(last_right);
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest.map(|(a, b)| a * b).sum::<f64>()
}

/// Adds to `totals` `[rows]` the columns of a tile times `weights` `[columns]`.
pub(crate) fn add_combination(tile: &[f64], weights: &[f64], totals: &mut [f64]) {
    let height = tile.len() / weights.len().max(1);
    if height == 0 {
        return;
    }
    for (columns, weights) in tile.chunks(4 * height).zip(weights.chunks(4)) {
        if let [a, b, c, d] = *weights {
            let (first, last) = columns.split_at(2 * height);
            let (first, last) = (first.split_at(height), last.split_at(height));
            let firsts = first.0.iter().zip(first.1);
            let lasts = last.0.iter().zip(last.1);
            for (total, ((p, q), (r, s))) in totals.iter_mut().zip(firsts.zip(lasts)) {
                *total += (p * a + q * b) + (r * c + s * d);
            }
        } else {
            for (column, weight) in columns.chunks_exact(height).zip(weights) {
                for (total, value) in totals.iter_mut().zip(column) {
                    *total += value * weight;
                }
            }
        }
    }
}
