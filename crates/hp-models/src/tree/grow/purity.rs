//! Which nodes of a growing tree can be split at all, and the integer targets to tell their rows apart.

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
        fresh.depth < limits.max_depth && fresh.totals.count as usize >= limits.min_samples_split
    }

    /// The node with integer targets that tell its rows apart; `None` when it is pure.
    pub(super) fn refine(&mut self, mut fresh: Fresh) -> Option<Fresh> {
        let mut spread = self.spread(&fresh);
        if fresh.scale.is_coarse(spread.low, spread.high) {
            let samples = &mut self.grower.samples;
            let weight = fresh.totals.weight;
            fresh.scale = samples.quantise((fresh.region, fresh.feature), weight, self.targets)?;
            fresh.totals = totals(samples, fresh.region, fresh.feature);
            spread = self.spread(&fresh);
        }
        let impurity = spread.squares / f64::from(fresh.totals.weight);
        (fresh.scale.squares(impurity) > f64::EPSILON).then_some(fresh)
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
            0 => fresh.totals.count,
            _ => parent.totals.count - fresh.totals.count,
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

    fn spread(&self, fresh: &Fresh) -> Spread {
        let mean = fresh.totals.sum as f64 / f64::from(fresh.totals.weight);
        let mut spread = Spread {
            low: i64::MAX,
            high: i64::MIN,
            squares: 0.0,
        };
        let samples = &self.grower.samples;
        samples
            .members(fresh.region, fresh.feature)
            .for_each(|sample| {
                let error = sample.target as f64 - mean;
                spread.squares += f64::from(sample.weight) * error * error;
                spread.low = spread.low.min(sample.target);
                spread.high = spread.high.max(sample.target);
            });
        spread
    }
}

struct Spread {
    low: i64,
    high: i64,
    /// Weighted sum of the squared distances from the mean.
    squares: f64,
}

fn totals(samples: &Samples, region: Region, feature: usize) -> Totals {
    let mut totals = Totals::default();
    for sample in samples.members(region, feature) {
        totals.add(sample.totals());
    }
    totals
}
