//! Nodes whose rows are kept sorted by every feature.

use super::{Division, Samples, code, local};
use crate::tree::bins::{Bins, Codes};
use crate::tree::few_rows::FEW;
use crate::tree::region::Region;
use crate::tree::totals::Totals;
use rayon::prelude::*;

/// What a position after the base is less than.
const PLACES: usize = 1 << 16;

impl Samples {
    /// Sorts the rows of `region`, at most 2^16, by every feature, unless they are. A few rows are
    /// only listed in the order of `feature`, whatever it is.
    pub(in crate::tree) fn sort(&mut self, region: &mut Region, feature: usize, bins: &Bins) {
        if region.base.is_some() {
            return;
        }
        let total = self.rows.len();
        self.orders.resize(bins.n_features() * total, 0);
        region.base = Some(region.start);
        if self.are_signs {
            self.take_signs(*region);
        }
        if region.len() <= FEW {
            let order = &mut self.orders[feature * total..][region.start..region.end];
            order
                .iter_mut()
                .zip(0..)
                .for_each(|(slot, position)| *slot = position);
        } else if region.len() == total && total * 4 >= bins.n_rows() && bins.is_sorted() {
            self.sort_by_filtering(bins);
        } else {
            self.sort_by_counting(*region, bins);
        }
    }

    /// Takes the targets of `region`, which are ±1.
    #[allow(clippy::cast_possible_truncation, reason = "the targets are ±1")]
    fn take_signs(&mut self, region: Region) {
        let range = region.start..region.end;
        self.signs.resize(self.rows.len(), 0);
        self.totals.resize(self.rows.len(), Totals::default());
        let taken = self.signs[range.clone()]
            .iter_mut()
            .zip(&mut self.totals[range.clone()]);
        for ((sign, totals), sample) in taken.zip(&self.rows[range]) {
            *sign = sample.target as i8;
            *totals = sample.totals();
        }
    }

    /// Divides the orders of a sorted region by what the feature whose first `left` samples go left
    /// says about each sample, on several threads if `in_parallel`. Each part stays sorted.
    pub(in crate::tree) fn divide_orders(
        &mut self,
        division: &Division,
        left: usize,
        in_parallel: bool,
    ) {
        let Division {
            region, feature, ..
        } = *division;
        if region.base.is_none() {
            return;
        }
        let total = self.rows.len();
        let decided = &self.orders[feature * total..][region.start..region.end];
        self.goes_left.resize(PLACES, false);
        let Some(goes_left) = self.goes_left.first_chunk_mut::<PLACES>() else {
            return;
        };
        for (rank, &entry) in decided.iter().enumerate() {
            goes_left[local(entry)] = rank < left;
        }
        let goes_left = &*goes_left;
        let divide = |spilled: &mut Vec<u32>, (other, order): (usize, &mut [u32])| {
            let order = &mut order[region.start..region.end];
            let is_constant = code(order[0]) == code(order[order.len() - 1]);
            if other != feature && !is_constant {
                divide_order(order, goes_left, spilled);
            }
        };
        if in_parallel {
            let orders = self.orders.par_chunks_exact_mut(total).enumerate();
            orders.for_each_init(Vec::new, divide);
        } else {
            let orders = self.orders.chunks_exact_mut(total).enumerate();
            orders.for_each(|order| divide(&mut self.spilled, order));
        }
    }

    /// Takes the order of all rows and leaves out those that are not in the tree.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a sorted region has at most 2^16 samples"
    )]
    fn sort_by_filtering(&mut self, bins: &Bins) {
        const ABSENT: u32 = u32::MAX;
        let total = self.rows.len();
        let orders = self.orders.chunks_exact_mut(total).enumerate();
        let orders = orders.map(|(feature, order)| (order, bins.column(feature).sorted()));
        if total == bins.n_rows() {
            orders.for_each(|(order, sorted)| order.copy_from_slice(sorted));
            return;
        }
        self.position_of_row.clear();
        self.position_of_row.resize(bins.n_rows(), ABSENT);
        for (position, sample) in self.rows.iter().enumerate() {
            self.position_of_row[sample.row as usize] = position as u32;
        }
        self.spilled.resize(self.spilled.len().max(total + 1), 0);
        for (order, sorted) in orders {
            let mut kept = 0;
            for &entry in sorted {
                let position = self.position_of_row[local(entry)];
                // Written in any case and kept or overwritten: there is no branch to predict.
                self.spilled[kept] = entry & 0xffff_0000 | position & 0xffff;
                kept += usize::from(position != ABSENT);
            }
            order.copy_from_slice(&self.spilled[..kept]);
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "a sorted region has at most 2^16 samples"
    )]
    fn sort_by_counting(&mut self, region: Region, bins: &Bins) {
        let total = self.rows.len();
        let members = &self.rows[region.start..region.end];
        self.spilled.resize(total.max(self.spilled.len()), 0);
        let entries = &mut self.spilled[..members.len()];
        for (feature, order) in self.orders.chunks_exact_mut(total).enumerate() {
            for (position, (slot, sample)) in entries.iter_mut().zip(members).enumerate() {
                *slot = u32::from(bins.code(sample.row, feature)) << 16 | position as u32;
            }
            let order = &mut order[region.start..region.end];
            sort_by_byte(2, entries, order);
            if let Codes::Wide(_) = bins.codes() {
                sort_by_byte(3, order, entries);
                order.copy_from_slice(entries);
            }
        }
    }
}

/// Moves the entries that go left to the front, each part in the order it had.
fn divide_order(order: &mut [u32], goes_left: &[bool; PLACES], spilled: &mut Vec<u32>) {
    spilled.resize(spilled.len().max(order.len()), 0);
    let right = &mut spilled[..order.len()];
    let (mut kept, mut gone) = (0, 0);
    for index in 0..order.len() {
        let entry = order[index];
        let goes_left = goes_left[local(entry)];
        // Both writes are made and one of them is kept: there is no branch to predict.
        order[kept] = entry;
        right[gone] = entry;
        kept += usize::from(goes_left);
        gone += usize::from(!goes_left);
    }
    order[kept..].copy_from_slice(&right[..gone]);
}

/// Puts `entries` in the order of one of their bytes, equal ones as they were.
fn sort_by_byte(byte: usize, entries: &[u32], sorted: &mut [u32]) {
    let value = |entry: u32| usize::from(entry.to_le_bytes()[byte]);
    let mut counts = [0; 256];
    for &entry in entries {
        counts[value(entry)] += 1;
    }
    let mut start = 0;
    let mut next = counts.map(|count| {
        start += count;
        start - count
    });
    for &entry in entries {
        let place: &mut usize = &mut next[value(entry)];
        sorted[*place] = entry;
        *place += 1;
    }
}
