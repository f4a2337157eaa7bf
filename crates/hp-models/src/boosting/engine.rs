//! Which engine grows the trees of a fit.

use super::loss::Loss;
use crate::tree::{Bins, Grower, Grown, HistGrower, InBag, Limits, Random, is_exact};
use hp_core::method::TreeParams;
use ndarray::ArrayView2;
use std::ops::ControlFlow;

/// Most rows for which `tree_method: auto` means `exact`.
pub(super) const EXACT_ROWS: usize = 20_000;

/// Rows from which on several threads pay.
pub(super) const PARALLEL: usize = 1 << 14;

/// What grows the trees of a fit.
#[derive(Debug)]
pub(super) enum Engine<'a> {
    /// Looks at every value of a feature, or at the limits of groups of values where `Hist` cannot.
    Exact {
        grower: Box<Grower<'a>>,
        gradients: Vec<f64>,
    },
    /// Looks at the limits of at most 256 groups of values.
    Hist(Box<HistGrower<'a>>),
}

impl<'a> Engine<'a> {
    pub(super) fn exact(bins: &'a Bins, limits: &'a Limits, loss: Loss) -> Self {
        Self::Exact {
            grower: Box::new(Grower::new(bins, limits, loss.pure_nodes())),
            gradients: Vec::new(),
        }
    }

    /// The engine for `params`, when it is not the exact one.
    pub(super) fn hist(
        params: &TreeParams,
        x: ArrayView2<'_, f64>,
        limits: &'a Limits,
    ) -> Option<Self> {
        let wanted = !is_exact(params, x.nrows(), EXACT_ROWS);
        let fits = HistGrower::fits(x.nrows(), params.max_bins);
        (wanted && fits).then(|| Self::Hist(Box::new(HistGrower::new(x, params.max_bins, limits))))
    }

    /// Grows a tree on the rows `in_bag` towards the negative gradients at `residuals`
    /// `[rows]`; `None` when `proceed`, which a large tree asks now and then, breaks.
    pub(super) fn grow(
        &mut self,
        in_bag: InBag<'_>,
        (residuals, loss): (&[f64], Loss),
        random: &mut Random,
        proceed: &dyn Fn() -> ControlFlow<()>,
    ) -> Option<Grown> {
        match self {
            Self::Hist(grower) => {
                grower.grow(in_bag, (residuals, loss.direction()), random, proceed)
            }
            Self::Exact { grower, gradients } => {
                gradients.clear();
                gradients.extend(residuals.iter().map(|&r| loss.negative_gradient(r)));
                grower.grow(in_bag, gradients, random, proceed)
            }
        }
    }

    /// Whether the rows of every leaf ascend, and are worth several threads.
    pub(super) fn is_tiled(&self, grown: &Grown) -> bool {
        matches!(self, Self::Hist(_)) && grown.rows.len() >= PARALLEL
    }
}
