//! The rows of a tree that grows: which of them a node has, and their targets as integers.
//!
//! Integer targets make every sum of a node exact, in whatever order it is added up: equal splits
//! have equal gains to the last bit, so `random_state` alone decides between them, and neither the
//! order of the rows nor rounding does.

use super::bins::Bins;

/// Integer targets of a node that differ by less than this are made anew from the node's own range.
const COARSE: i64 = 1 << 24;

/// A row in a tree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    pub(super) row: u32,
    /// How often the row was drawn.
    pub(super) weight: u32,
    /// The target, centred and scaled; see [`Samples::quantise`].
    pub(super) target: i64,
}

/// Exact totals of some samples.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    /// Sum of weight times integer target.
    pub(super) sum: i64,
    /// Sum of weights.
    pub(super) weight: u32,
    /// Number of distinct rows.
    pub(super) count: u32,
}

impl Totals {
    pub(super) fn add(&mut self, other: Totals) {
        self.sum += other.sum;
        self.weight += other.weight;
        self.count += other.count;
    }

    pub(super) fn without(self, part: Totals) -> Totals {
        Totals {
            sum: self.sum - part.sum,
            weight: self.weight - part.weight,
            count: self.count - part.count,
        }
    }
}

impl Sample {
    pub(super) fn totals(self) -> Totals {
        Totals {
            sum: i64::from(self.weight) * self.target,
            weight: self.weight,
            count: 1,
        }
    }
}

/// The samples of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) end: usize,
    /// For a node with sorted rows, where the samples of the node begin that was sorted first.
    pub(super) base: Option<usize>,
}

impl Region {
    /// The parts of `self` left and right of its first `left` samples.
    pub(super) fn cut(self, left: usize) -> [Region; 2] {
        let middle = self.start + left;
        let mut parts = [self; 2];
        parts[0].end = middle;
        parts[1].start = middle;
        parts
    }
}

/// Where integer targets come from: `(target − centre) · 2^exponent`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) exponent: i32,
}

impl Scale {
    /// A sum of squared integers in units of the target squared; may overflow to infinity.
    pub(super) fn squares(self, sum: f64) -> f64 {
        let unit = power_of_two(-self.exponent);
        sum * unit * unit
    }
}

/// The rows of a tree that grows. The samples of an unsorted node are `rows[start..end]`. Those of
/// a sorted node stay where they are and are listed, by ascending code of each feature, in
/// `orders[feature][start..end]` as `code << 16 | position after base`.
#[derive(Debug, Default)]
pub(super) struct Samples {
    rows: Vec<Sample>,
    orders: Vec<u32>,
    goes_left: Vec<bool>,
    spilled: Vec<u32>,
    spilled_rows: Vec<Sample>,
    position_of_row: Vec<u32>,
}

impl Samples {
    /// Starts a tree on rows with their weights, in ascending order; a row of weight 0 is left out.
    pub(super) fn restart(&mut self, rows: impl Iterator<Item = (u32, u32)>) -> Region {
        self.rows.clear();
        self.rows.extend(
            rows.filter(|&(_, weight)| weight > 0)
                .map(|(row, weight)| Sample {
                    row,
                    weight,
                    target: 0,
                }),
        );
        Region {
            start: 0,
            end: self.rows.len(),
            base: None,
        }
    }

    /// The samples of `region`; of a sorted one in the order of `feature`.
    pub(super) fn members(
        &self,
        region: Region,
        feature: usize,
    ) -> impl Iterator<Item = &Sample> + '_ {
        let (unsorted, base) = match region.base {
            None => (&self.rows[region.start..region.end], 0),
            Some(base) => (&[][..], base),
        };
        let entries = match region.base {
            None => &[][..],
            Some(_) => self.order(region, feature),
        };
        let sorted = entries.iter();
        unsorted
            .iter()
            .chain(sorted.map(move |&entry| &self.rows[base + local(entry)]))
    }

    /// The samples of a sorted `region` by ascending code of `feature`, each with its code.
    pub(super) fn by_code(
        &self,
        region: Region,
        feature: usize,
    ) -> impl Iterator<Item = (u16, Totals)> + '_ {
        let samples = &self.rows[region.base.unwrap_or_default()..];
        let order = self.order(region, feature).iter();
        order.map(move |&entry| (code(entry), samples[local(entry)].totals()))
    }

    /// The smallest and the largest code of `feature` in a sorted `region`.
    pub(super) fn code_range(&self, region: Region, feature: usize) -> (u16, u16) {
        let order = self.order(region, feature);
        (code(order[0]), code(order[order.len() - 1]))
    }

    /// Makes the integer targets of a region, given with a feature in whose order it is, from
    /// `targets` `[rows]`: as large as they may be for sums over `weight` rows to fit i64. `None`
    /// when all targets are equal.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the scale keeps integer targets below 2^61"
    )]
    pub(super) fn quantise(
        &mut self,
        (region, feature): (Region, usize),
        weight: u32,
        targets: &[f64],
    ) -> Option<Scale> {
        let (low, high) = self
            .members(region, feature)
            .map(|sample| targets[sample.row as usize])
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), target| {
                (low.min(target), high.max(target))
            });
        if low >= high {
            return None;
        }
        let centre = low / 2.0 + high / 2.0;
        let spread = (high - centre).max(centre - low);
        let weight_bits = i32::try_from(weight.ilog2()).unwrap_or(31) + 1;
        // A spread of less than 2^-950 is no impurity, whatever its scale.
        let exponent = (61 - weight_bits - exponent_above(spread)).min(1000);
        let factor = power_of_two(exponent);
        let quantise = |sample: &mut Sample| {
            sample.target = ((targets[sample.row as usize] - centre) * factor) as i64;
        };
        match region.base {
            None => self.rows[region.start..region.end]
                .iter_mut()
                .for_each(quantise),
            Some(base) => {
                let order = &self.orders[feature * self.rows.len()..];
                for &entry in &order[region.start..region.end] {
                    quantise(&mut self.rows[base + local(entry)]);
                }
            }
        }
        Some(Scale { exponent })
    }

    /// Whether a node whose integer targets lie between `low` and `high` needs finer ones.
    pub(super) fn is_coarse(low: i64, high: i64, scale: Scale) -> bool {
        high - low < COARSE && scale.exponent < 1000
    }

    /// Sorts the rows of `region`, at most 2^16, by every feature, unless they are.
    pub(super) fn sort(&mut self, region: &mut Region, bins: &Bins) {
        if region.base.is_some() {
            return;
        }
        let count = region.end - region.start;
        self.orders.resize(bins.n_features() * self.rows.len(), 0);
        region.base = Some(region.start);
        if count * 4 >= bins.n_rows() {
            self.sort_by_filtering(*region, bins);
        } else {
            self.sort_by_comparing(*region, bins);
        }
    }

    /// Divides `region` so that its first samples are those whose code of `feature` is at most
    /// `last_left`. A sorted region is only divided in the order of `feature`, where it already is;
    /// [`divide_orders`](Self::divide_orders) does the rest.
    pub(super) fn divide(&mut self, region: Region, feature: usize, last_left: u16, bins: &Bins) {
        if region.base.is_some() {
            return;
        }
        let column = bins.column(feature);
        let samples = &mut self.rows[region.start..region.end];
        self.spilled_rows.resize(samples.len(), Sample::default());
        let (mut kept, mut spilled) = (0, 0);
        for index in 0..samples.len() {
            let sample = samples[index];
            let goes_left = column.code(sample.row) <= last_left;
            // Both writes are made and one of them is kept: there is no branch to predict.
            samples[kept] = sample;
            self.spilled_rows[spilled] = sample;
            kept += usize::from(goes_left);
            spilled += usize::from(!goes_left);
        }
        samples[kept..].copy_from_slice(&self.spilled_rows[..spilled]);
    }

    /// Divides the orders of a sorted `region` by what `feature`, whose first `left` samples go left,
    /// says about each sample. Each part stays sorted.
    pub(super) fn divide_orders(&mut self, region: Region, feature: usize, left: usize) {
        if region.base.is_none() {
            return;
        }
        let total = self.rows.len();
        self.goes_left
            .resize(total.max(self.goes_left.len()), false);
        let decided = &self.orders[feature * total..][region.start..region.end];
        for (rank, &entry) in decided.iter().enumerate() {
            self.goes_left[local(entry)] = rank < left;
        }
        self.spilled.resize(total.max(self.spilled.len()), 0);
        let features = self.orders.chunks_exact_mut(total).enumerate();
        for (_, order) in features.filter(|&(other, _)| other != feature) {
            let order = &mut order[region.start..region.end];
            let (mut kept, mut spilled) = (0, 0);
            for index in 0..order.len() {
                let entry = order[index];
                let goes_left = self.goes_left[local(entry)];
                order[kept] = entry;
                self.spilled[spilled] = entry;
                kept += usize::from(goes_left);
                spilled += usize::from(!goes_left);
            }
            order[kept..].copy_from_slice(&self.spilled[..spilled]);
        }
    }

    fn order(&self, region: Region, feature: usize) -> &[u32] {
        &self.orders[feature * self.rows.len()..][region.start..region.end]
    }

    /// Takes the order of all rows and leaves out those that are not in `region`.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a sorted region has at most 2^16 samples"
    )]
    fn sort_by_filtering(&mut self, region: Region, bins: &Bins) {
        const ABSENT: u32 = u32::MAX;
        self.position_of_row.clear();
        self.position_of_row.resize(bins.n_rows(), ABSENT);
        let members = &self.rows[region.start..region.end];
        self.spilled
            .resize(self.spilled.len().max(members.len() + 1), 0);
        for (position, sample) in members.iter().enumerate() {
            self.position_of_row[sample.row as usize] = position as u32;
        }
        let total = self.rows.len();
        for (feature, order) in self.orders.chunks_exact_mut(total).enumerate() {
            let column = bins.column(feature);
            let mut kept = 0;
            for &row in column.order() {
                let position = self.position_of_row[row as usize];
                // Written in any case and kept or overwritten: there is no branch to predict.
                self.spilled[kept] = u32::from(column.code(row)) << 16 | (position & 0xffff);
                kept += usize::from(position != ABSENT);
            }
            order[region.start..region.end].copy_from_slice(&self.spilled[..kept]);
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "a sorted region has at most 2^16 samples"
    )]
    fn sort_by_comparing(&mut self, region: Region, bins: &Bins) {
        let total = self.rows.len();
        let members = &self.rows[region.start..region.end];
        for (feature, order) in self.orders.chunks_exact_mut(total).enumerate() {
            let column = bins.column(feature);
            let order = &mut order[region.start..region.end];
            for (position, (slot, sample)) in order.iter_mut().zip(members).enumerate() {
                *slot = u32::from(column.code(sample.row)) << 16 | position as u32;
            }
            order.sort_unstable();
        }
    }
}

fn local(entry: u32) -> usize {
    (entry & 0xffff) as usize
}

#[allow(clippy::cast_possible_truncation, reason = "the upper half is a code")]
fn code(entry: u32) -> u16 {
    (entry >> 16) as u16
}

/// The smallest `e` with `value < 2^e`, for a positive `value` that is not subnormal.
#[allow(
    clippy::cast_possible_truncation,
    reason = "eleven bits of an f64 are its exponent"
)]
fn exponent_above(value: f64) -> i32 {
    (value.to_bits() >> 52) as i32 - 1022
}

/// `2^exponent` for an `exponent` of at most 1023; 0 when it is too small for a normal number.
pub(crate) fn power_of_two(exponent: i32) -> f64 {
    let biased = u64::try_from(exponent + 1023).unwrap_or_default();
    f64::from_bits(biased << 52)
}
