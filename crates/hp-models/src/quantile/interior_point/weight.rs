//! The dual weight of one row and what changes with it.

use super::Lengths;
use crate::quantile::program::Prices;

/// The weight of a row lies between `−below` and `above`; `low` and `high` are its distances to the
/// two, `under` and `over` their multipliers, whose difference `over − under` is the row's residual.
#[derive(Debug, Clone)]
pub(super) struct Weight {
    prices: Prices,
    low: f64,
    high: f64,
    under: f64,
    over: f64,
    per_low: f64,
    per_high: f64,
    /// Of the row in the linear system.
    pub(super) factor: f64,
    /// Changes to make, that of `high` being the opposite of that of `low`.
    change: Change,
}

#[derive(Debug, Clone, Copy, Default)]
struct Change {
    low: f64,
    under: f64,
    over: f64,
}

impl Weight {
    /// Weight zero.
    pub(super) fn start(residual: f64, prices: Prices, margin: f64) -> Self {
        Self {
            prices,
            low: prices.below,
            high: prices.above,
            under: margin + (-residual).max(0.0),
            over: margin + residual.max(0.0),
            per_low: 0.0,
            per_high: 0.0,
            factor: 0.0,
            change: Change::default(),
        }
    }

    /// Makes the changes, as far as `lengths` say.
    pub(super) fn go(&mut self, lengths: Lengths) {
        self.low += lengths.primal * self.change.low;
        self.high -= lengths.primal * self.change.low;
        self.under += lengths.dual * self.change.under;
        self.over += lengths.dual * self.change.over;
        self.per_low = 1.0 / self.low;
        self.per_high = 1.0 / self.high;
        self.factor = 1.0 / (self.under * self.per_low + self.over * self.per_high);
    }

    /// What the row adds to the duality gap.
    pub(super) fn gap(&self) -> f64 {
        self.low * self.under + self.high * self.over
    }

    /// What its residual costs.
    pub(super) fn loss(&self) -> f64 {
        let residual = self.over - self.under;
        (self.prices.above * residual).max(-self.prices.below * residual)
    }

    /// The row's weight on the right-hand side of the predictor, which takes both products to zero.
    /// What rounding has left of `designᵀ · weight = 0` is taken back on the way.
    pub(super) fn first_pull(&self) -> f64 {
        self.factor * (self.over - self.under) + (self.low - self.prices.below)
    }

    /// Sets the changes to those of the predictor, `moved` being how far the plane moves at the row.
    pub(super) fn predict(&mut self, moved: f64, reach: &mut Reach) {
        let low = self.factor * ((self.over - self.under) - moved);
        let (by_low, by_high) = (low * self.per_low, low * self.per_high);
        self.change = Change {
            low,
            under: -self.under * (1.0 + by_low),
            over: self.over * (by_high - 1.0),
        };
        reach.primal = reach.primal.max(-by_low).max(by_high);
        reach.dual = reach.dual.max(1.0 + by_low).max(1.0 - by_high);
        self.extend(reach);
    }

    /// The row's weight on the right-hand side of the corrector, which takes both products to
    /// `centring`, counting what the predictor neglects. Keeps how far they have to go.
    pub(super) fn second_pull(&mut self, centring: f64) -> f64 {
        let Change { low, under, over } = self.change;
        self.change.under = self.low * self.under - centring + low * under;
        self.change.over = self.high * self.over - centring - low * over;
        let pull = self.change.over * self.per_high - self.change.under * self.per_low;
        self.factor * pull + (self.low - self.prices.below)
    }

    /// Sets the changes to those of the corrector.
    pub(super) fn correct(&mut self, moved: f64, reach: &mut Reach) {
        let Change { under, over, .. } = self.change;
        let pull = over * self.per_high - under * self.per_low;
        let low = self.factor * (pull - moved);
        self.change = Change {
            low,
            under: -(under + self.under * low) * self.per_low,
            over: (self.over * low - over) * self.per_high,
        };
        reach.primal = reach
            .primal
            .max(-low * self.per_low)
            .max(low * self.per_high);
        let (under, over) = (self.change.under / self.under, self.change.over / self.over);
        reach.dual = reach.dual.max(-under).max(-over);
        self.extend(reach);
    }

    fn extend(&self, reach: &mut Reach) {
        let Change { low, under, over } = self.change;
        reach.gap += self.gap();
        reach.by_primal += low * (self.under - self.over);
        reach.by_dual += self.low * under + self.high * over;
        reach.by_both += low * (under - over);
    }
}

/// How far all weights can go, and what becomes of the duality gap on the way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reach {
    /// The largest share of its distance to the boundary that a full step takes.
    primal: f64,
    dual: f64,
    gap: f64,
    by_primal: f64,
    by_dual: f64,
    by_both: f64,
}

impl Reach {
    /// Of the rows of both.
    pub(super) fn joined(self, other: Self) -> Self {
        Self {
            primal: self.primal.max(other.primal),
            dual: self.dual.max(other.dual),
            gap: self.gap + other.gap,
            by_primal: self.by_primal + other.by_primal,
            by_dual: self.by_dual + other.by_dual,
            by_both: self.by_both + other.by_both,
        }
    }

    /// `share` of the way to the boundary, or all of the step.
    pub(super) fn lengths(&self, share: f64) -> Lengths {
        Lengths {
            primal: (share / self.primal).min(1.0),
            dual: (share / self.dual).min(1.0),
        }
    }

    /// The duality gap after a step.
    pub(super) fn gap(&self, Lengths { primal, dual }: Lengths) -> f64 {
        self.gap + primal * self.by_primal + dual * self.by_dual + primal * dual * self.by_both
    }
}
