//! Sums of products down columns, several at once so that the processor's units stay busy.
//!
//! The order of additions is written out, so that vectors of any width give the same bits.

/// Columns on either side whose products are summed at once: as many sums as there are registers.
const BLOCK: usize = 3;

/// A sum over the even rows and one over the odd, as one instruction adds them.
type Sum = [f64; 2];

/// Sums of products of the columns on the left with those on the right, `[left, right]`; only
/// entries whose column is not beyond their row are kept.
#[derive(Debug, Clone)]
pub(crate) struct Products {
    right: usize,
    sums: Vec<Sum>,
}

impl Products {
    /// Starts from zero.
    pub(crate) fn zeros(left: usize, right: usize) -> Self {
        Self {
            right,
            sums: vec![[0.0; 2]; left * right],
        }
    }

    /// Adds the products of the columns of two tiles of one height.
    pub(crate) fn add(&mut self, left: &[f64], right: &[f64]) {
        let rights = self.right;
        let height = right.len() / rights.max(1);
        if height == 0 {
            return;
        }
        let lefts = left.len() / height;
        for i in (0..lefts).step_by(BLOCK) {
            let rows = columns_from(left, i, height);
            for j in (0..rights.min(i + BLOCK)).step_by(BLOCK) {
                let sums = block(rows, columns_from(right, j, height));
                for (i, sums) in (i..lefts).zip(sums.as_chunks::<BLOCK>().0) {
                    for (j, [even, odd]) in (j..rights.min(i + 1)).zip(sums) {
                        let sum = &mut self.sums[i * rights + j];
                        *sum = [sum[0] + even, sum[1] + odd];
                    }
                }
            }
        }
    }

    /// The sum of the column `left` with the column `right`.
    pub(crate) fn of(&self, left: usize, right: usize) -> f64 {
        let [even, odd] = self.sums[left * self.right + right];
        even + odd
    }

    /// The sums of the column `left` with those on the right.
    pub(crate) fn row(&self, left: usize) -> impl Iterator<Item = f64> {
        (0..self.right).map(move |right| self.of(left, right))
    }

    /// The sums over all parts, in their order.
    pub(crate) fn added(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|mut total, part| {
            for (sum, [even, odd]) in total.sums.iter_mut().zip(part.sums) {
                *sum = [sum[0] + even, sum[1] + odd];
            }
            total
        })
    }
}

/// The columns of a tile from the one at `first` on, the last again where there are too few.
fn columns_from(tile: &[f64], first: usize, height: usize) -> [&[f64]; BLOCK] {
    let last = tile.len() / height - 1;
    std::array::from_fn(|offset| &tile[(first + offset).min(last) * height..][..height])
}

/// The sums of three columns times three others. Its result are the sums as they lie in registers:
/// to add even and odd here would make the compiler shuffle them in the loop.
#[inline(never)]
fn block(left: [&[f64]; BLOCK], right: [&[f64]; BLOCK]) -> [Sum; BLOCK * BLOCK] {
    let pairs = left[0].len() / 2;
    let [a, b, c] = left.map(|column| &column.as_chunks::<2>().0[..pairs]);
    let [d, e, f] = right.map(|column| &column.as_chunks::<2>().0[..pairs]);
    let mut sums = [[0.0; 2]; BLOCK * BLOCK];
    for k in 0..pairs {
        add_product(&mut sums[0], a[k], d[k]);
        add_product(&mut sums[1], a[k], e[k]);
        add_product(&mut sums[2], a[k], f[k]);
        add_product(&mut sums[3], b[k], d[k]);
        add_product(&mut sums[4], b[k], e[k]);
        add_product(&mut sums[5], b[k], f[k]);
        add_product(&mut sums[6], c[k], d[k]);
        add_product(&mut sums[7], c[k], e[k]);
        add_product(&mut sums[8], c[k], f[k]);
    }
    sums
}

fn add_product(sum: &mut Sum, left: Sum, right: Sum) {
    for lane in 0..2 {
        sum[lane] += left[lane] * right[lane];
    }
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
