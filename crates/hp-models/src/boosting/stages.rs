//! The stages of boosting: from the predictions so far to one more tree.

use super::engine::{EXACT_ROWS, Engine, PARALLEL};
use super::loss::Loss;
use super::validation::Validation;
use super::{GradientBoosting, Rows, tiles};
use crate::forest::normalised;
use crate::tree::{
    Bins, Ensemble, Grown, InBag, Limits, Random, Tree, max_codes, power_of_two, share_of,
};
use crate::{FitError, Progress};
use hp_core::method::BoostingParams;
use rayon::prelude::*;
use std::ops::ControlFlow;

/// Rows from which on trees are grown by several threads.
const POOLED: usize = 1 << 11;

/// Fits the trees to `train`, until there are as many as wanted or the loss on `held_out` no longer
/// falls.
pub(super) fn boost<'a>(
    params: &'a BoostingParams,
    train: &Rows<'_>,
    held_out: Option<Rows<'a>>,
    progress: &dyn Progress,
) -> Result<GradientBoosting, FitError> {
    if train.y.len() < POOLED {
        return boost_here(params, train, held_out, progress);
    }
    // A thread of the pool hands work to the others more quickly than one outside of it.
    rayon::scope(|_| boost_here(params, train, held_out, progress))
}

fn boost_here<'a>(
    params: &'a BoostingParams,
    train: &Rows<'_>,
    held_out: Option<Rows<'a>>,
    progress: &dyn Progress,
) -> Result<GradientBoosting, FitError> {
    let limits = Limits::new(&params.tree, train.x.nrows(), train.x.ncols());
    let loss = Loss::new(params);
    let start = loss.start(&train.y);
    let bins;
    let engine = if let Some(engine) = Engine::hist(&params.tree, train.x, &limits) {
        engine
    } else {
        let max_codes = max_codes(&params.tree, train.x.nrows(), EXACT_ROWS);
        bins = Bins::new(train.x, max_codes);
        Engine::exact(&bins, &limits, loss)
    };
    let mut stages = Stages::new(params, train, engine, start);
    let mut validation = held_out.map(|rows| Validation::new(rows, params, start));

    let mut trees = Vec::new();
    for index in 0..params.n_estimators {
        let proceed = || progress.advance(index, params.n_estimators);
        let tree = stages.next_tree(&proceed)?;
        let goes_on = match &mut validation {
            None => true,
            Some(validation) => validation.accepts(&tree, stages.loss),
        };
        trees.push(tree);
        if progress.advance(index + 1, params.n_estimators).is_break() {
            return Err(FitError::Interrupted);
        }
        if !goes_on {
            break;
        }
    }
    if !stages.predictions.iter().all(|value| value.is_finite()) {
        return Err(FitError::Numerical("the predictions overflow".into()));
    }
    Ok(GradientBoosting {
        n_features: train.x.ncols(),
        ensemble: Ensemble::new(trees, start, params.learning_rate),
        feature_importances: normalised(stages.importances.sums),
    })
}

/// The training rows and what the ensemble so far predicts for them.
pub(super) struct Stages<'a, 'x> {
    params: &'a BoostingParams,
    loss: Loss,
    train: &'a Rows<'x>,
    engine: Engine<'a>,
    pub(super) predictions: Vec<f64>,
    residuals: Vec<f64>,
    residuals_by_leaf: Vec<f64>,
    importances: Importances,
    random: Random,
}

impl<'a, 'x> Stages<'a, 'x> {
    /// Begins with the same prediction for every row.
    pub(super) fn new(
        params: &'a BoostingParams,
        train: &'a Rows<'x>,
        engine: Engine<'a>,
        start: f64,
    ) -> Self {
        Self {
            params,
            loss: Loss::new(params),
            train,
            engine,
            predictions: vec![start; train.y.len()],
            residuals: vec![0.0; train.y.len()],
            residuals_by_leaf: Vec::new(),
            importances: Importances::new(train.x.ncols()),
            random: Random::new(params.random_state, 0),
        }
    }

    /// Fits one more tree and adds it to the predictions.
    fn next_tree(&mut self, proceed: &dyn Fn() -> ControlFlow<()>) -> Result<Tree, FitError> {
        let counts = self.subsample();
        let in_bag = counts.as_deref().map_or(InBag::All, InBag::Counts);
        let grown = self.grow(in_bag, proceed)?;
        self.importances.add(&grown);
        self.add_to_in_bag(&grown);
        let tree = grown.into_tree();
        if let Some(counts) = counts {
            self.add_to_out_of_bag(&tree, &counts);
        }
        Ok(tree)
    }

    /// Grows a tree towards the gradients and gives its leaves the values that minimise the loss.
    pub(super) fn grow(
        &mut self,
        in_bag: InBag<'_>,
        proceed: &dyn Fn() -> ControlFlow<()>,
    ) -> Result<Grown, FitError> {
        self.find_residuals()?;
        self.loss = self.loss.at_stage(&self.residuals);
        let towards = (&self.residuals[..], self.loss);
        let grown = self.engine.grow(in_bag, towards, &mut self.random, proceed);
        let mut grown = grown.ok_or(FitError::Interrupted)?;
        let values = self.leaf_values(&grown);
        grown.set_leaf_values(values);
        Ok(grown)
    }

    fn find_residuals(&mut self) -> Result<(), FitError> {
        let subtract = |((residuals, y), predictions): ((&mut [f64], &[f64]), &[f64])| {
            let mut finite = true;
            for ((residual, target), prediction) in residuals.iter_mut().zip(y).zip(predictions) {
                *residual = target - prediction;
                finite &= residual.is_finite();
            }
            finite
        };
        let (residuals, y, predictions) = (&mut self.residuals, &self.train.y, &self.predictions);
        let finite = if y.len() < PARALLEL {
            subtract(((residuals, y), predictions))
        } else {
            let residuals = residuals.par_chunks_mut(PARALLEL);
            let chunks = residuals.zip(y.par_chunks(PARALLEL));
            let chunks = chunks.zip(predictions.par_chunks(PARALLEL));
            chunks.map(subtract).reduce(|| true, |a, b| a && b)
        };
        if finite {
            Ok(())
        } else {
            Err(FitError::Numerical("the residuals overflow".into()))
        }
    }

    /// The values of the leaves that minimise the loss.
    fn leaf_values(&mut self, grown: &Grown) -> Vec<f64> {
        let (loss, residuals) = (self.loss, &self.residuals);
        let by_leaf = &mut self.residuals_by_leaf;
        if !self.engine.is_tiled(grown) {
            let of_leaf = |rows: &[u32]| {
                by_leaf.clear();
                by_leaf.extend(rows.iter().map(|&row| residuals[row as usize]));
                loss.leaf_value(by_leaf)
            };
            return grown.leaf_rows().map(of_leaf).collect();
        }
        tiles::gather(grown, residuals, by_leaf);
        let mut rest = &mut by_leaf[..];
        let mut leaves = Vec::new();
        for rows in grown.leaf_rows() {
            let (leaf, others) = rest.split_at_mut(rows.len());
            leaves.push(leaf);
            rest = others;
        }
        let leaves = leaves.into_par_iter().with_max_len(1);
        leaves.map(|residuals| loss.leaf_value(residuals)).collect()
    }

    /// How often each row is used, once or not at all; `None` when all are.
    fn subsample(&mut self) -> Option<Vec<u32>> {
        if self.params.subsample >= 1.0 {
            return None;
        }
        let rows = self.train.y.len();
        let drawn = share_of(rows, self.params.subsample);
        let mut order: Vec<usize> = (0..rows).collect();
        self.random.draw(&mut order, drawn);
        let mut counts = vec![0; rows];
        for &row in &order[..drawn] {
            counts[row] = 1;
        }
        Some(counts)
    }

    fn add_to_in_bag(&mut self, grown: &Grown) {
        let learning_rate = self.params.learning_rate;
        if self.engine.is_tiled(grown) {
            return tiles::add_leaves(grown, learning_rate, &mut self.predictions);
        }
        for (value, rows) in grown.leaf_values() {
            for &row in rows {
                self.predictions[row as usize] += learning_rate * value;
            }
        }
    }

    fn add_to_out_of_bag(&mut self, tree: &Tree, counts: &[u32]) {
        let x = self.train.x;
        for (row, prediction) in self.predictions.iter_mut().enumerate() {
            if counts[row] == 0 {
                let value = tree.value_at(x, row);
                *prediction += self.params.learning_rate * value;
            }
        }
    }
}

/// Sums of the importances of trees whose targets may differ by any power of two.
struct Importances {
    sums: Vec<f64>,
    /// The largest exponent so far; `sums` are divided by `4^exponent`.
    exponent: i32,
}

impl Importances {
    fn new(n_features: usize) -> Self {
        Self {
            sums: vec![0.0; n_features],
            exponent: i32::MIN / 2,
        }
    }

    fn add(&mut self, grown: &Grown) {
        // A tree without a split has no importances, and no unit that they could be in.
        if grown.nodes.len() == 1 {
            return;
        }
        let exponent = self.exponent.max(grown.exponent);
        let [old_unit, new_unit] =
            [self.exponent, grown.exponent].map(|own| power_of_two(own - exponent).powi(2));
        for (sum, importance) in self.sums.iter_mut().zip(&grown.importances) {
            *sum = *sum * old_unit + importance * new_unit;
        }
        self.exponent = exponent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Node;

    fn grown(n_nodes: usize, importances: [f64; 2], exponent: i32) -> Grown {
        Grown {
            nodes: vec![Node::Leaf { value: 0.0 }; n_nodes],
            leaves: Vec::new(),
            rows: Vec::new(),
            importances: importances.to_vec(),
            exponent,
        }
    }

    #[test]
    fn a_single_leaf_changes_no_importances() {
        let leaf = grown(1, [0.0, 0.0], 0);
        let [first, last] = [grown(3, [0.5, 0.25], -700), grown(5, [0.125, 1.0], -699)];
        let sum_of = |trees: &[&Grown]| {
            let mut importances = Importances::new(2);
            for tree in trees {
                importances.add(tree);
            }
            (importances.sums, importances.exponent)
        };
        let expected = sum_of(&[&first, &last]);
        assert_eq!(expected, (vec![0.25, 1.0625], -699));
        assert_eq!(sum_of(&[&leaf, &first, &leaf, &last, &leaf]), expected);
    }
}
