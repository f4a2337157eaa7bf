//! The random forest: the mean of trees that were grown on bootstrap samples.

mod bootstrap;
mod out_of_bag;

use crate::tree::{
    Bins, Ensemble, Grower, InBag, InvalidModel, Limits, Random, Tree, assert_columns,
    check_ensemble, check_finite, max_codes,
};
use crate::{Fit, FitError, FittedModel, Progress, Regressor, finite};
use bootstrap::{Bootstrap, InBagRows};
use hp_core::method::ForestParams;
use ndarray::{Array1, ArrayView1, ArrayView2};
use out_of_bag::OutOfBag;
use rayon::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Most rows that the automatic tree method takes for the exact one.
const EXACT_ROWS: usize = 1 << 16;

/// A fitted random forest.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomForest {
    n_features: usize,
    ensemble: Ensemble,
    feature_importances: Vec<f64>,
    oob_score: Option<f64>,
}

impl RandomForest {
    /// Puts a forest together from an untrusted source.
    ///
    /// # Errors
    /// When there are no trees, a tree asks for a feature that does not exist, there is not one
    /// importance per feature, or a number is not finite.
    pub fn from_parts(
        n_features: usize,
        trees: Vec<Tree>,
        feature_importances: Vec<f64>,
        oob_score: Option<f64>,
    ) -> Result<Self, InvalidModel> {
        check_ensemble(n_features, &trees, &feature_importances)?;
        check_finite("the out-of-bag score", oob_score.as_slice())?;
        Ok(Self {
            n_features,
            ensemble: Ensemble::new(trees, 0.0, 1.0),
            feature_importances,
            oob_score,
        })
    }

    /// The trees, in the order in which their leaves are added up.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        self.ensemble.trees()
    }

    /// Share of each feature in the decrease of the squared error, the mean over the trees
    /// `[features]`. Sums to 1, or is all 0 when no tree has a split.
    #[must_use]
    pub fn feature_importances(&self) -> &[f64] {
        &self.feature_importances
    }

    /// R² on the training rows, each predicted by the trees that were grown without it; present when
    /// it was asked for and there are such rows.
    #[must_use]
    pub fn oob_score(&self) -> Option<f64> {
        self.oob_score
    }
}

impl Regressor for RandomForest {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        assert_columns(x.ncols(), self.n_features);
        Array1::from_vec(self.ensemble.of_rows(x)) / self.trees().len() as f64
    }

    fn predict_row(&self, row: &[f64]) -> f64 {
        assert_columns(row.len(), self.n_features);
        self.ensemble.of_row(row) / self.trees().len() as f64
    }
}

/// Fits a random forest on `x` `[rows, features]` and `y` `[rows]`. Features are rounded to f32;
/// those beyond its range count as the largest f32 of their sign.
///
/// # Errors
/// When a number is not finite, the parameters do not go together, targets are so large that their
/// sum overflows, or `progress` stops the fit.
pub(crate) fn fit(
    params: &ForestParams,
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    progress: &dyn Progress,
) -> Result<Fit, FitError> {
    finite::check(x, y)?;
    let bootstrap = Bootstrap::new(params, x.nrows())?;
    let targets = y.to_vec();
    let largest = targets
        .iter()
        .fold(0.0_f64, |most, target| most.max(target.abs()));
    if !(largest * params.n_estimators as f64).is_finite() {
        return Err(FitError::Numerical(
            "the sum of the targets overflows".into(),
        ));
    }
    let training = Training {
        bins: &Bins::new(x, max_codes(&params.tree, x.nrows(), EXACT_ROWS)),
        limits: &Limits::new(&params.tree, x.nrows(), x.ncols()),
        targets: &targets,
        bootstrap: &bootstrap,
        params,
    };
    let planted = training.plant(progress)?;
    let feature_importances = mean_importances(&planted, x.ncols());
    let (trees, in_bag): (Vec<_>, Vec<_>) = planted
        .into_iter()
        .map(|planted| (planted.tree, planted.in_bag))
        .unzip();

    let mut warnings = Vec::new();
    let oob_score = match in_bag.into_iter().collect::<Option<Vec<_>>>() {
        Some(in_bag) => {
            let out_of_bag = OutOfBag {
                trees: &trees,
                in_bag: &in_bag,
                x,
                y: &targets,
            };
            out_of_bag.score(&mut warnings, progress)?
        }
        None => None,
    };
    let model = RandomForest {
        n_features: x.ncols(),
        ensemble: Ensemble::new(trees, 0.0, 1.0),
        feature_importances,
        oob_score,
    };
    Ok(Fit {
        model: FittedModel::Forest(model),
        n_iter: params.n_estimators,
        warnings,
    })
}

/// What all trees of a forest are grown from.
struct Training<'a> {
    bins: &'a Bins,
    limits: &'a Limits,
    targets: &'a [f64],
    bootstrap: &'a Bootstrap,
    params: &'a ForestParams,
}

/// What is kept of a tree once it is grown.
struct Planted {
    tree: Tree,
    importances: Vec<f64>,
    /// The rows that it has seen, when they are asked for.
    in_bag: Option<InBagRows>,
}

impl Training<'_> {
    /// Grows all trees, each with a stream of random numbers of its own, so that it is the same on
    /// any thread.
    fn plant(&self, progress: &dyn Progress) -> Result<Vec<Planted>, FitError> {
        let total = self.params.n_estimators;
        let done = AtomicUsize::new(0);
        let is_stopped = AtomicBool::new(false);
        let proceed = || {
            if progress.advance(done.load(Relaxed), total).is_break() {
                is_stopped.store(true, Relaxed);
            }
            if is_stopped.load(Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        (0..total)
            .into_par_iter()
            .map_init(
                || Grower::of_forest(self.bins, self.limits),
                |grower, index| {
                    let planted = self.plant_one(grower, index, &proceed);
                    let planted = planted.ok_or(FitError::Interrupted)?;
                    done.fetch_add(1, Relaxed);
                    match proceed() {
                        ControlFlow::Continue(()) => Ok(planted),
                        ControlFlow::Break(()) => Err(FitError::Interrupted),
                    }
                },
            )
            .collect()
    }

    /// Grows tree number `index`; `None` when `proceed` breaks.
    fn plant_one(
        &self,
        grower: &mut Grower<'_>,
        index: usize,
        proceed: &dyn Fn() -> ControlFlow<()>,
    ) -> Option<Planted> {
        let stream = u32::try_from(index).unwrap_or(u32::MAX);
        let mut random = Random::new(self.params.random_state, stream);
        let counts = self.bootstrap.draw(&mut random);
        let in_bag = counts.as_deref().map_or(InBag::All, InBag::Counts);
        let mut grown = grower.grow(in_bag, self.targets, &mut random, proceed)?;
        let kept = counts.filter(|_| self.params.oob_score);
        Some(Planted {
            importances: std::mem::take(&mut grown.importances),
            tree: grown.into_tree(),
            in_bag: kept.map(|counts| InBagRows::new(&counts)),
        })
    }
}

/// The mean over the trees that have splits of each tree's importances, all scaled to sum to 1.
fn mean_importances(trees: &[Planted], n_features: usize) -> Vec<f64> {
    let mut mean = vec![0.0; n_features];
    for tree in trees {
        let total: f64 = tree.importances.iter().sum();
        if total > 0.0 {
            for (mean, importance) in mean.iter_mut().zip(&tree.importances) {
                *mean += importance / total;
            }
        }
    }
    normalised(mean)
}

/// `importances` scaled to sum to 1 unless all are 0.
pub(crate) fn normalised(mut importances: Vec<f64>) -> Vec<f64> {
    let total: f64 = importances.iter().sum();
    if total > 0.0 {
        for importance in &mut importances {
            *importance /= total;
        }
    }
    importances
}
