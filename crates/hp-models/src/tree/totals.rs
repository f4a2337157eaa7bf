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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// Sum of weight times integer target.
    pub(super) sum: i64,
    /// Sum of weights in the upper half, number of distinct rows in the lower: one addition for both.
    sizes: u64,
}

impl Totals {
    /// Those of `count` rows of weight 1 whose targets add up to `sum`.
    pub(super) fn of_singles(sum: i64, count: usize) -> Self {
        let count = count as u64;
        Self {
            sum,
            sizes: count << 32 | count,
        }
    }

    /// Close to the mean target.
    pub(super) fn centre(self) -> i64 {
        self.sum / i64::from(self.weight())
    }

    /// These totals with the targets taken relative to `centre`.
    pub(super) fn around(self, centre: i64) -> Totals {
        Totals {
            sum: self.sum - i64::from(self.weight()) * centre,
            ..self
        }
    }

    /// Sum of weights.
    pub(super) fn weight(self) -> u32 {
        (self.sizes >> 32) as u32
    }

    /// Number of distinct rows.
    #[allow(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    pub(super) fn count(self) -> u32 {
        self.sizes as u32
    }

    pub(super) fn add(&mut self, other: Totals) {
        self.sum += other.sum;
        self.sizes += other.sizes;
    }

    pub(super) fn without(self, part: Totals) -> Totals {
        Totals {
            sum: self.sum - part.sum,
            sizes: self.sizes - part.sizes,
        }
    }
}

impl Sample {
    pub(super) fn totals(self) -> Totals {
        self.totals_around(0)
    }

    /// The totals with the targets taken relative to `centre`.
    pub(super) fn totals_around(self, centre: i64) -> Totals {
        Totals {
            sum: i64::from(self.weight) * (self.target - centre),
            sizes: u64::from(self.weight) << 32 | 1,
        }
    }
}
