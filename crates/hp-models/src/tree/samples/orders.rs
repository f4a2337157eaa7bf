//! Nodes whose rows are kept sorted by every feature.

use super::{Samples, local};
use crate::tree::bins::Bins;
use crate::tree::region::Region;

impl Samples {
    /// Sorts the rows of `region`, at most 2^16, by every feature, unless they are.
    pub(in crate::tree) fn sort(&mut self, region: &mut Region, bins: &Bins) {
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

    /// Divides the orders of a sorted `region` by what `feature`, whose first `left` samples go left,
    /// says about each sample. Each part stays sorted.
    pub(in crate::tree) fn divide_orders(&mut self, region: Region, feature: usize, left: usize) {
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
