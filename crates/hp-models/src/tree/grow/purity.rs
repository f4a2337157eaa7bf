//! Which nodes of a growing tree can be split at all, and the integer targets to tell their rows
//! apart.

use super::growth::Growth;
use crate::tree::frontier::Fresh;
use crate::tree::region::Region;
use crate::tree::rounding::{PureNodes, rounded_impurities};
use crate::tree::samples::Samples;
use crate::tree::totals::Totals;

impl Growth<'_, '_> {
    /// The root with integer targets; `None` when all targets are equal.
    pub(super) fn root(&mut self, region: Region, weight: u32) -> Option<Fresh> {
        let samples = &mut self.grower.samples;
        let scale = samples.quantise((region, 0), weight, self.targets)?;
        self.grown.exponent = -scale.exponent;
        Some(Fresh {
            node: 0,
            region,
            depth: 0,
            totals: totals(samples, region, 0),
            scale,
            feature: 0,
            only_target: None,
        })
    }

    /// Whether the limits let a node be split, before any split is known.
    pub(super) fn may_split(&self, fresh: &Fresh) -> bool {
        let limits = self.grower.limits;
        fresh.depth < limits.max_depth && fresh.totals.count() as usize >= limits.min_samples_split
    }

    /// The node with integer targets that tell its rows apart; `None` when it is pure.
    pub(super) fn refine(&mut self, mut fresh: Fresh) -> Option<Fresh> {
        let (mut low, mut high) = self.range(&fresh);
        if fresh.scale.is_coarse(low, high) {
            let samples = &mut self.grower.samples;
            let weight = fresh.totals.weight();
            fresh.scale = samples.quantise((fresh.region, fresh.feature), weight, self.targets)?;
            fresh.totals = totals(samples, fresh.region, fresh.feature);
            (low, high) = self.range(&fresh);
        }
        let weight = f64::from(fresh.totals.weight());
        // Two rows alone have this impurity, so that most nodes need no exact one.
        let least = (high - low) as f64 * (high - low) as f64 / (2.0 * weight);
        let is_impure = fresh.scale.squares(least) > 2.0 * f64::EPSILON
            || fresh.scale.squares(self.squares(&fresh) / weight) > f64::EPSILON;
        is_impure.then_some(fresh)
    }

    /// The pure node `fresh`, the left (0) or right (1) child of `parent`, when it is to be split all
    /// the same.
    pub(super) fn split_by_rounding(
        &self,
        fresh: Fresh,
        parent: &Fresh,
        side: usize,
    ) -> Option<Fresh> {
        if self.grower.pure_nodes == PureNodes::Leaf {
            return None;
        }
        let left_count = match side {
            0 => fresh.totals.count(),
            _ => parent.totals.count() - fresh.totals.count(),
        };
        let samples = &self.grower.samples;
        let targets = || {
            let members = samples.members(parent.region, fresh.feature);
            members.map(|sample| self.targets[sample.row as usize])
        };
        let impurity = rounded_impurities(targets, left_count as usize)[side];
        let only_target = samples
            .members(fresh.region, fresh.feature)
            .next()
            .map(|sample| self.targets[sample.row as usize]);
        (impurity > f64::EPSILON).then_some(Fresh {
            only_target,
            ..fresh
        })
    }

    /// The least and the largest integer target of a node.
    fn range(&self, fresh: &Fresh) -> (i64, i64) {
        let samples = &self.grower.samples;
        if samples.are_signs() {
            let count = i64::from(fresh.totals.count());
            let has_both = fresh.totals.sum.abs() < count;
            let sign = fresh.totals.sum.signum();
            return if has_both { (-1, 1) } else { (sign, sign) };
        }
        let members = samples.members(fresh.region, fresh.feature);
        members.fold((i64::MAX, i64::MIN), |(low, high), sample| {
            (low.min(sample.target), high.max(sample.target))
        })
    }

    /// The weighted sum of the squared distances of the integer targets of a node from their mean.
    fn squares(&self, fresh: &Fresh) -> f64 {
        let mean = fresh.totals.sum as f64 / f64::from(fresh.totals.weight());
        let samples = &self.grower.samples;
        let members = samples.members(fresh.region, fresh.feature);
        members.fold(0.0, |squares, sample| {
            let error = sample.target as f64 - mean;
            squares + f64::from(sample.weight) * error * error
        })
    }
}

fn totals(samples: &Samples, region: Region, feature: usize) -> Totals {
    let mut totals = Totals::default();
    for sample in samples.members(region, feature) {
        totals.add(sample.totals());
    }
    totals
}
