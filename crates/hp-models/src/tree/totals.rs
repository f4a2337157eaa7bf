//! One row of a tree, and what some rows add up to.

/// A row in a tree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    pub(super) row: u32,
    /// How often the row was drawn.
    pub(super) weight: u32,
    /// The target, centred and scaled; see [`Samples::quantise`](super::samples::Samples::quantise).
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
