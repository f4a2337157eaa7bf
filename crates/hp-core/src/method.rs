//! The configuration of every method, with scikit-learn's parameter names, meanings and defaults.

use serde::{Deserialize, Serialize};

/// A regressor and its parameters, checked and ready to be fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "estimator")]
pub enum MethodConfig {
    /// Ordinary least squares.
    LinearRegression(LinearParams),
    /// Least squares with an L2 penalty.
    Ridge(RidgeParams),
    /// Linear regression that is robust to outliers.
    HuberRegressor(HuberParams),
    /// Linear regression of a conditional quantile.
    QuantileRegressor(QuantileParams),
    /// Averaged trees on bootstrap samples.
    RandomForestRegressor(ForestParams),
    /// Trees fitted one after another to the gradient of a loss.
    GradientBoostingRegressor(BoostingParams),
}

/// Parameters of ordinary least squares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinearParams {
    /// Whether to fit a constant term.
    pub fit_intercept: bool,
    /// Singular values of the features up to this share of the largest count as zero; at least 0.
    #[serde(default = "linear_tol")]
    pub tol: f64,
}

impl Default for LinearParams {
    fn default() -> Self {
        Self {
            fit_intercept: true,
            tol: linear_tol(),
        }
    }
}

fn linear_tol() -> f64 {
    1e-6
}

/// Parameters of ridge regression: minimises `‖y − Xw − c‖² + alpha·‖w‖²`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RidgeParams {
    /// Strength of the L2 penalty, at least 0.
    pub alpha: f64,
    /// Whether to fit a constant term, which is not penalised.
    pub fit_intercept: bool,
}

impl Default for RidgeParams {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            fit_intercept: true,
        }
    }
}

/// Parameters of Huber regression: minimises over `w`, `c` and the scale `σ > 0`
/// `Σ (σ + H((yᵢ − xᵢw − c)/σ)·σ) + alpha·‖w‖²`, where `H(z)` is `z²` up to `epsilon` and
/// `2·epsilon·|z| − epsilon²` beyond.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HuberParams {
    /// Scaled residual from which on a row counts linearly, at least 1.
    pub epsilon: f64,
    /// Strength of the L2 penalty, at least 0.
    pub alpha: f64,
    /// Most iterations of the solver.
    pub max_iter: usize,
    /// The solver stops when the largest component of the gradient is below this.
    pub tol: f64,
    /// Whether to fit a constant term.
    pub fit_intercept: bool,
}

impl Default for HuberParams {
    fn default() -> Self {
        Self {
            epsilon: 1.35,
            alpha: 1e-4,
            max_iter: 100,
            tol: 1e-5,
            fit_intercept: true,
        }
    }
}

/// Parameters of quantile regression: minimises `mean pinball loss + alpha·‖w‖₁`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuantileParams {
    /// The quantile to estimate, strictly between 0 and 1.
    pub quantile: f64,
    /// Strength of the L1 penalty, at least 0.
    pub alpha: f64,
    /// Whether to fit a constant term, which is not penalised.
    pub fit_intercept: bool,
}

impl Default for QuantileParams {
    fn default() -> Self {
        Self {
            quantile: 0.5,
            alpha: 1.0,
            fit_intercept: true,
        }
    }
}

/// A number of rows or features, absolute or as a share of those there are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// This many.
    Count(usize),
    /// This share of all, above 0; more than 1 makes sense for bootstrap samples only.
    Fraction(f64),
}

/// How many features are looked at for each split.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaxFeatures {
    /// All of them.
    All,
    /// The square root of their number.
    Sqrt,
    /// The base-2 logarithm of their number.
    Log2,
    /// A count, or `max(1, ⌊fraction · features⌋)`.
    #[serde(untagged)]
    Amount(Amount),
}

/// How one tree grows; shared by forest and boosting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreeParams {
    /// Deepest level of a leaf, the root being level 0; no limit when `None`.
    pub max_depth: Option<usize>,
    /// Fewest rows of a node that may be split; a fraction means `⌈fraction · rows⌉`, at least 2.
    pub min_samples_split: Amount,
    /// Fewest rows of a leaf; a fraction means `⌈fraction · rows⌉`.
    pub min_samples_leaf: Amount,
    /// Most leaves; when given, the best node is split first.
    pub max_leaf_nodes: Option<usize>,
    /// Features looked at for each split.
    pub max_features: MaxFeatures,
    /// Least weighted decrease of impurity that a split must bring.
    pub min_impurity_decrease: f64,
    /// Which values of a feature are looked at as thresholds.
    #[serde(default)]
    pub tree_method: TreeMethod,
    /// Most groups of neighbouring values of a feature, from 2 to 65536, where not every value is looked
    /// at.
    #[serde(default = "max_bins")]
    pub max_bins: usize,
}

fn max_bins() -> usize {
    256
}

/// Which values of a feature are looked at as thresholds, under `XGBoost`'s names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TreeMethod {
    /// `Exact` up to 65,536 rows in the forest and 20,000 in boosting, `Hist` for more.
    #[default]
    Auto,
    /// Every value.
    Exact,
    /// The limits of at most `max_bins` groups, each of about as many rows. With more than 256,
    /// boosting grows them with the slower exact engine.
    Hist,
}

impl Default for TreeParams {
    fn default() -> Self {
        Self {
            max_depth: None,
            min_samples_split: Amount::Count(2),
            min_samples_leaf: Amount::Count(1),
            max_leaf_nodes: None,
            max_features: MaxFeatures::All,
            min_impurity_decrease: 0.0,
            tree_method: TreeMethod::Auto,
            max_bins: max_bins(),
        }
    }
}

/// Parameters of the random forest; splits minimise the squared error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForestParams {
    /// Number of trees, at least 1.
    pub n_estimators: usize,
    /// How each tree grows.
    #[serde(flatten)]
    pub tree: TreeParams,
    /// Whether each tree sees a bootstrap sample of the rows instead of all of them.
    pub bootstrap: bool,
    /// Size of a bootstrap sample; as many as there are rows when `None`.
    pub max_samples: Option<Amount>,
    /// Whether to compute the R² score on the rows that a tree has not seen.
    pub oob_score: bool,
    /// Seed of everything random.
    pub random_state: u32,
}

impl Default for ForestParams {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            tree: TreeParams::default(),
            bootstrap: true,
            max_samples: None,
            oob_score: false,
            random_state: 0,
        }
    }
}

/// The loss that boosting minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoostingLoss {
    /// Half the squared error.
    SquaredError,
    /// The absolute error.
    AbsoluteError,
    /// Squared up to the `alpha` quantile of the absolute errors, linear beyond.
    Huber,
    /// The pinball loss at `alpha`.
    Quantile,
}

/// Parameters of gradient boosting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoostingParams {
    /// The loss to minimise.
    pub loss: BoostingLoss,
    /// The quantile that `loss: quantile` and `loss: huber` go by, strictly between 0 and 1.
    pub alpha: f64,
    /// Factor on the contribution of each tree, at least 0.
    pub learning_rate: f64,
    /// Number of trees, at least 1.
    pub n_estimators: usize,
    /// Share of the rows each tree is fitted on, drawn without replacement; above 0, at most 1.
    pub subsample: f64,
    /// How each tree grows.
    #[serde(flatten)]
    pub tree: TreeParams,
    /// Stop when the validation loss has not improved by `tol` in this many trees.
    pub n_iter_no_change: Option<usize>,
    /// Share of the rows set aside for `n_iter_no_change`.
    pub validation_fraction: f64,
    /// Least improvement that counts for `n_iter_no_change`.
    pub tol: f64,
    /// Seed of everything random.
    pub random_state: u32,
}

impl Default for BoostingParams {
    fn default() -> Self {
        Self {
            loss: BoostingLoss::SquaredError,
            alpha: 0.9,
            learning_rate: 0.1,
            n_estimators: 100,
            subsample: 1.0,
            tree: TreeParams {
                max_depth: Some(3),
                ..TreeParams::default()
            },
            n_iter_no_change: None,
            validation_fraction: 0.1,
            tol: 1e-4,
            random_state: 0,
        }
    }
}
