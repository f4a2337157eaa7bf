//! The stages of boosting: from the predictions so far to one more tree.

use super::loss::{Loss, inverted_cdf_quantile};
use super::validation::Validation;
use super::{GradientBoosting, Rows};
use crate::forest::normalised;
use crate::tree::{
    Bins, Ensemble, Grower, Grown, InBag, Limits, Random, Tree, power_of_two, share_of,
};
use crate::{FitError, Progress};
use hp_core::method::BoostingParams;

/// Fits the trees to `train`, until there are as many as wanted or the loss on `held_out` no longer
/// falls.
pub(super) fn boost<'a>(
    params: &'a BoostingParams,
    train: &Rows<'_>,
    held_out: Option<Rows<'a>>,
    progress: &dyn Progress,
) -> Result<GradientBoosting, FitError> {
    let bins = Bins::new(train.x);
    let limits = Limits::new(&params.tree, train.x.nrows(), train.x.ncols());
    let loss = Loss::new(params);
    let start = loss.start(&train.y);
    let grower = Grower::new(&bins, &limits, loss.pure_nodes());
    let mut stages = Stages::new(params, train, grower, start);
    let mut validation = held_out.map(|rows| Validation::new(rows, params, start));

    let mut trees = Vec::new();
    for index in 0..params.n_estimators {
        let tree = stages.next_tree()?;
        let goes_on = match &mut validation {
            None => true,
            Some(validation) => validation.accepts(&tree),
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
    grower: Grower<'a>,
    pub(super) predictions: Vec<f64>,
    gradients: Vec<f64>,
    residuals: Vec<f64>,
    importances: Importances,
    random: Random,
}

impl<'a, 'x> Stages<'a, 'x> {
    /// Begins with the same prediction for every row.
    pub(super) fn new(
        params: &'a BoostingParams,
        train: &'a Rows<'x>,
        grower: Grower<'a>,
        start: f64,
    ) -> Self {
        Self {
            params,
            loss: Loss::new(params),
            train,
            grower,
            predictions: vec![start; train.y.len()],
            gradients: vec![0.0; train.y.len()],
            residuals: Vec::new(),
            importances: Importances::new(train.x.ncols()),
            random: Random::new(params.random_state, 0),
        }
    }

    /// Fits one more tree and adds it to the predictions.
    fn next_tree(&mut self) -> Result<Tree, FitError> {
        let counts = self.subsample();
        let in_bag = counts.as_deref().map_or(InBag::All, InBag::Counts);
        let grown = self.grow(in_bag)?;
        self.importances.add(&grown);
        self.add_to_in_bag(&grown);
        let tree = grown.into_tree();
        if let Some(counts) = counts {
            self.add_to_out_of_bag(&tree, &counts);
        }
        Ok(tree)
    }

    /// Grows a tree towards the gradients and gives its leaves the values that minimise the loss.
    pub(super) fn grow(&mut self, in_bag: InBag<'_>) -> Result<Grown, FitError> {
        let Self {
            loss,
            predictions,
            residuals,
            ..
        } = self;
        let y = &self.train.y;
        for ((gradient, &target), &prediction) in
            self.gradients.iter_mut().zip(y).zip(predictions.iter())
        {
            *gradient = loss.negative_gradient(target, prediction);
            if !(target - prediction).is_finite() {
                return Err(FitError::Numerical("the residuals overflow".into()));
            }
        }
        let mut grown = self.grower.grow(in_bag, &self.gradients, &mut self.random);
        if let Loss::Quantile(quantile) = *loss {
            grown.set_leaf_values(|rows| {
                residuals.clear();
                let of_leaf = rows.iter().map(|&row| row as usize);
                residuals.extend(of_leaf.map(|row| y[row] - predictions[row]));
                inverted_cdf_quantile(residuals, quantile)
            });
        }
        Ok(grown)
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
        for (value, rows) in grown.leaf_values() {
            for &row in rows {
                self.predictions[row as usize] += self.params.learning_rate * value;
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
