//! The rows of a tree that grows: which of them a node has, and their targets as integers.
//!
//! Integer targets make every sum of a node exact, in whatever order it is added up: equal splits
//! have equal gains to the last bit, so `random_state` alone decides between them, and neither the
//! order of the rows nor rounding does.

mod orders;

use super::bins::Bins;
use super::region::Region;
use super::scale::{Scale, power_of_two};
use super::totals::{Sample, Totals};

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

    fn order(&self, region: Region, feature: usize) -> &[u32] {
        &self.orders[feature * self.rows.len()..][region.start..region.end]
    }
}

fn local(entry: u32) -> usize {
    (entry & 0xffff) as usize
}

#[allow(clippy::cast_possible_truncation, reason = "the upper half is a code")]
fn code(entry: u32) -> u16 {
    (entry >> 16) as u16
}
