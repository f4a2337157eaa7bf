//! The rows of a tree that grows: which of them a node has, and their targets as integers.
//!
//! Integer targets make every sum of a node exact, in whatever order it is added up: equal splits
//! have equal gains to the last bit, so `random_state` alone decides between them, and neither the
//! order of the rows nor rounding does.

mod orders;

use super::bins::Bins;
use super::few_rows::FEW;
use super::region::Region;
use super::scale::{Scale, power_of_two};
use super::split::{Integer, Singles};
use super::totals::{Sample, Totals};
use std::ops::Range;

/// The rows of a tree that grows. The samples of an unsorted node are `rows[start..end]`. Those of
/// a sorted node stay where they are and are listed, by ascending code of each feature, in
/// `orders[feature][start..end]` as `code << 16 | position after base`. Two kinds of lists are not
/// kept up: those of features that are constant in the node, and in a node of at most [`FEW`] rows
/// all but that of the feature its parent was split on.
#[derive(Debug, Default)]
pub(super) struct Samples {
    rows: Vec<Sample>,
    /// Whether all of them have weight 1.
    are_single: bool,
    /// Whether they have weight 1 and all targets are ±1.
    are_signs: bool,
    /// The targets of sorted nodes where they are ±1.
    signs: Vec<i8>,
    /// What each row adds to the totals of its node, once centred.
    totals: Vec<Totals>,
    orders: Vec<u32>,
    /// By position after base.
    goes_left: Vec<bool>,
    spilled: Vec<u32>,
    spilled_rows: Vec<Sample>,
    position_of_row: Vec<u32>,
}

/// How a node is divided.
#[derive(Debug)]
pub(super) struct Division {
    pub(super) region: Region,
    /// A feature in whose order the samples are.
    pub(super) order: usize,
    /// The feature that decides.
    pub(super) feature: usize,
    /// Largest code that goes left.
    pub(super) below: u16,
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
        self.are_single = self.rows.iter().all(|sample| sample.weight == 1);
        self.are_signs = false;
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

    /// What to take the targets of a node with these totals relative to.
    pub(super) fn centre_of(&self, totals: Totals) -> i64 {
        if self.are_signs { 0 } else { totals.centre() }
    }

    /// Takes the targets of a sorted `region`, in the order of `feature`, relative to `centre`.
    pub(super) fn centre(&mut self, region: Region, feature: usize, centre: i64) {
        if self.are_signs {
            return;
        }
        let base = region.base.unwrap_or_default();
        let total = self.rows.len();
        self.totals.resize(total, Totals::default());
        let order = &self.orders[feature * total..][region.start..region.end];
        for &entry in order {
            let position = base + local(entry);
            self.totals[position] = self.rows[position].totals_around(centre);
        }
    }

    /// The samples of a sorted and centred `region` by ascending code of `feature`, each with its
    /// code.
    pub(super) fn by_code(
        &self,
        region: Region,
        feature: usize,
    ) -> impl Iterator<Item = (u16, Totals)> + '_ {
        let totals = &self.totals[region.base.unwrap_or_default()..];
        let order = self.order(region, feature).iter();
        order.map(move |&entry| (code(entry), totals[local(entry)]))
    }

    /// Like [`by_code`](Self::by_code), of a tree whose rows all have weight 1.
    pub(super) fn singles(&self, region: Region, feature: usize) -> impl Singles + '_ {
        Listed {
            order: self.order(region, feature),
            targets: &self.totals[region.base.unwrap_or_default()..],
            target: |totals: &Totals| totals.sum,
        }
    }

    /// Like [`singles`](Self::singles), of a tree whose targets are ±1.
    pub(super) fn signs(&self, region: Region, feature: usize) -> impl Singles<Target = i32> + '_ {
        Listed {
            order: self.order(region, feature),
            targets: &self.signs[region.base.unwrap_or_default()..],
            target: |&sign: &i8| i32::from(sign),
        }
    }

    /// Whether all rows of the tree have weight 1.
    pub(super) fn are_single(&self) -> bool {
        self.are_single
    }

    /// Whether all rows of the tree have weight 1 and a target of ±1.
    pub(super) fn are_signs(&self) -> bool {
        self.are_signs
    }

    /// Whether a sorted `region` has more than one code of `feature`.
    pub(super) fn varies(&self, region: Region, feature: usize) -> bool {
        let order = self.order(region, feature);
        code(order[0]) != code(order[order.len() - 1])
    }

    /// The samples of an unsorted `region`.
    pub(super) fn unsorted(&self, region: Region) -> &[Sample] {
        &self.rows[region.start..region.end]
    }

    /// Makes the integer targets of a region, given with a feature in whose order it is, from
    /// `targets` `[rows]`: ±1 where all of the tree can be, else as large as they may be for sums over
    /// `weight` rows to fit i64. `None` when all targets are equal.
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
        if let Some(scale) = self.quantise_as_signs(region, (low, high), targets) {
            return Some(scale);
        }
        let centre = low / 2.0 + high / 2.0;
        let scale = Scale::of_range(low, high, weight);
        let factor = power_of_two(scale.exponent);
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
        Some(scale)
    }

    /// Makes -1 of `low` and 1 of `high` in all of the tree, if all of it has weight 1 and one of these
    /// `targets` and if there is a scale for that.
    fn quantise_as_signs(
        &mut self,
        region: Region,
        (low, high): (f64, f64),
        targets: &[f64],
    ) -> Option<Scale> {
        let scale = Scale::of_signs(low, high)?;
        let is_sign = |sample: &Sample| {
            let target = targets[sample.row as usize];
            target <= low || target >= high
        };
        self.are_signs = self.are_single
            && region.base.is_none()
            && region.len() == self.rows.len()
            && self.rows.iter().all(is_sign);
        if !self.are_signs {
            return None;
        }
        for sample in &mut self.rows {
            let is_low = targets[sample.row as usize] <= low;
            sample.target = if is_low { -1 } else { 1 };
        }
        Some(scale)
    }

    /// Divides a region so that its first samples are those that go left, in the order of the feature
    /// that decides. A sorted region is only divided in that order, where it already is unless it has
    /// few rows; [`divide_orders`](Self::divide_orders) does the rest.
    pub(super) fn divide(&mut self, division: &Division, bins: &Bins) {
        if division.region.base.is_none() {
            self.divide_rows(division, bins);
        } else if division.region.len() <= FEW {
            self.sort_few(division, bins);
        }
    }

    fn divide_rows(&mut self, division: &Division, bins: &Bins) {
        let samples = &mut self.rows[division.region.start..division.region.end];
        self.spilled_rows.resize(samples.len(), Sample::default());
        let (mut kept, mut spilled) = (0, 0);
        for index in 0..samples.len() {
            let sample = samples[index];
            let goes_left = bins.code(sample.row, division.feature) <= division.below;
            // Both writes are made and one of them is kept: there is no branch to predict.
            samples[kept] = sample;
            self.spilled_rows[spilled] = sample;
            kept += usize::from(goes_left);
            spilled += usize::from(!goes_left);
        }
        samples[kept..].copy_from_slice(&self.spilled_rows[..spilled]);
    }

    #[allow(clippy::cast_possible_truncation, reason = "a position has 16 bits")]
    fn sort_few(&mut self, division: &Division, bins: &Bins) {
        let region = division.region;
        let samples = &self.rows[region.base.unwrap_or_default()..];
        let mut entries = [0; FEW];
        for (slot, &entry) in entries.iter_mut().zip(self.order(region, division.order)) {
            let position = local(entry);
            let code = bins.code(samples[position].row, division.feature);
            *slot = u32::from(code) << 16 | position as u32;
        }
        let entries = &mut entries[..region.len()];
        entries.sort_unstable();
        let order = &mut self.orders[division.feature * self.rows.len()..];
        order[region.start..region.end].copy_from_slice(entries);
    }

    fn order(&self, region: Region, feature: usize) -> &[u32] {
        &self.orders[feature * self.rows.len()..][region.start..region.end]
    }
}

/// Samples of weight 1 in the order of a feature.
struct Listed<'a, T, F> {
    order: &'a [u32],
    targets: &'a [T],
    target: F,
}

impl<T, I: Integer, F: Fn(&T) -> I> Singles for Listed<'_, T, F> {
    type Target = I;

    fn len(&self) -> usize {
        self.order.len()
    }

    fn code(&self, rank: usize) -> u16 {
        code(self.order[rank])
    }

    fn targets(&self, ranks: Range<usize>) -> impl Iterator<Item = I> {
        let entries = self.order[ranks].iter();
        entries.map(|&entry| (self.target)(&self.targets[local(entry)]))
    }
}

fn local(entry: u32) -> usize {
    (entry & 0xffff) as usize
}

#[allow(clippy::cast_possible_truncation, reason = "the upper half is a code")]
fn code(entry: u32) -> u16 {
    (entry >> 16) as u16
}
