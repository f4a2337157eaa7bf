//! The `config` of each method: scikit-learn's keys, ranges and defaults.

use super::Role;
use crate::method::{
    Amount, BoostingLoss, BoostingParams, ForestParams, HuberParams, LinearParams, MaxFeatures,
    MethodConfig, QuantileParams, RidgeParams, TreeMethod, TreeParams,
};
use crate::yaml::{Bounds, Mapping, Node, Problems};
use serde_saphyr::Spanned;

/// A method name that the configuration may use.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) role: Role,
    estimator: Estimator,
}

#[derive(Clone, Copy)]
enum Estimator {
    Linear,
    Ridge,
    Huber,
    Quantile,
    Forest,
    Boosting,
}

/// Keys that only say how scikit-learn executes.
const EXECUTION: [&str; 4] = ["copy_X", "n_jobs", "verbose", "warm_start"];

/// Every method name with its role.
pub(super) const KNOWN: [Known; 9] = [
    known("Linear Regression", Role::Main, Estimator::Linear),
    known("Ridge Regression", Role::Main, Estimator::Ridge),
    known("Huber Regressor", Role::Main, Estimator::Huber),
    known("Random Forest Regressor", Role::Main, Estimator::Forest),
    known(
        "Gradient Boosting Regressor",
        Role::Main,
        Estimator::Boosting,
    ),
    known("Upper Estimator_QR", Role::Upper, Estimator::Quantile),
    known("Lower Estimator_QR", Role::Lower, Estimator::Quantile),
    known("Upper Estimator_GBR", Role::Upper, Estimator::Boosting),
    known("Lower Estimator_GBR", Role::Lower, Estimator::Boosting),
];

const fn known(name: &'static str, role: Role, estimator: Estimator) -> Known {
    Known {
        name,
        role,
        estimator,
    }
}

/// Reads the `config` of a known method: its parameters, and the keys given that have no effect.
pub(super) fn read<'a>(
    known: &Known,
    config: &'a Spanned<Node>,
    problems: &'a Problems<'a>,
) -> Option<(MethodConfig, Vec<String>)> {
    let what = format!("the `config` of `{}`", known.name);
    let mut keys = Mapping::open(what, config, problems)?;
    let mut ignored = Vec::new();
    ignore(&mut keys, &EXECUTION, &mut ignored);
    let params = match known.estimator {
        Estimator::Linear => {
            only_default(&mut keys, problems, &[("positive", Node::Bool(false))]);
            MethodConfig::LinearRegression(linear(&mut keys))
        }
        Estimator::Ridge => {
            ignore(
                &mut keys,
                &["max_iter", "tol", "random_state"],
                &mut ignored,
            );
            only_default(&mut keys, problems, &[("positive", Node::Bool(false))]);
            MethodConfig::Ridge(ridge(&mut keys))
        }
        Estimator::Huber => MethodConfig::HuberRegressor(huber(&mut keys)),
        Estimator::Quantile => {
            ignore(&mut keys, &["solver_options"], &mut ignored);
            MethodConfig::QuantileRegressor(quantile(&mut keys))
        }
        Estimator::Forest => {
            let fixed = [
                ("min_weight_fraction_leaf", Node::Float(0.0)),
                ("ccp_alpha", Node::Float(0.0)),
                ("monotonic_cst", Node::Null),
            ];
            only_default(&mut keys, problems, &fixed);
            MethodConfig::RandomForestRegressor(forest(&mut keys))
        }
        Estimator::Boosting => {
            let fixed = [
                ("min_weight_fraction_leaf", Node::Float(0.0)),
                ("ccp_alpha", Node::Float(0.0)),
                ("init", Node::Null),
            ];
            only_default(&mut keys, problems, &fixed);
            let params = boosting(&mut keys);
            if known.role != Role::Main && params.loss != BoostingLoss::Quantile {
                let message = format!(
                    "`{}` estimates a quantile: set `loss: quantile`",
                    known.name
                );
                problems.report(keys.place(), message);
            }
            MethodConfig::GradientBoostingRegressor(params)
        }
    };
    keys.finish();
    Some((params, ignored))
}

/// Reads `random_state`; `null` means the default, since every training must be reproducible.
pub(super) fn random_state(keys: &mut Mapping<'_>, default: u32) -> u32 {
    let Some(value) = keys.get("random_state") else {
        return default;
    };
    let seed = match value.value {
        Node::Null => return default,
        Node::Integer(seed) => u32::try_from(seed).ok(),
        _ => None,
    };
    seed.unwrap_or_else(|| {
        keys.refuse("random_state", value, "an integer in [0, 4294967295]");
        default
    })
}

/// Accepts keys that have no effect here, and remembers those given.
fn ignore(keys: &mut Mapping<'_>, names: &[&'static str], ignored: &mut Vec<String>) {
    for &name in names {
        if keys.get(name).is_some() {
            ignored.push(name.to_owned());
        }
    }
}

/// Accepts keys whose default is the only value supported.
fn only_default(keys: &mut Mapping<'_>, problems: &Problems<'_>, fixed: &[(&'static str, Node)]) {
    for (name, default) in fixed {
        let Some(value) = keys.get(name) else {
            continue;
        };
        let given = match value.value {
            Node::Integer(number) => Node::Float(number as f64),
            ref other => other.clone(),
        };
        if given != *default {
            let message = format!(
                "`{name}` is supported at its default only, {}",
                default.describe()
            );
            problems.report(value.referenced, message);
        }
    }
}

fn linear(keys: &mut Mapping<'_>) -> LinearParams {
    let default = LinearParams::default();
    LinearParams {
        fit_intercept: keys.boolean("fit_intercept", default.fit_intercept),
        tol: keys.float("tol", default.tol, Bounds::at_least(0.0)),
    }
}

fn ridge(keys: &mut Mapping<'_>) -> RidgeParams {
    let default = RidgeParams::default();
    let solvers = [
        "auto",
        "svd",
        "cholesky",
        "lsqr",
        "sparse_cg",
        "sag",
        "saga",
        "lbfgs",
    ];
    any_solver(keys, &solvers);
    RidgeParams {
        alpha: keys.float("alpha", default.alpha, Bounds::at_least(0.0)),
        fit_intercept: keys.boolean("fit_intercept", default.fit_intercept),
    }
}

fn huber(keys: &mut Mapping<'_>) -> HuberParams {
    let default = HuberParams::default();
    HuberParams {
        epsilon: keys.float("epsilon", default.epsilon, Bounds::at_least(1.0)),
        alpha: keys.float("alpha", default.alpha, Bounds::at_least(0.0)),
        max_iter: keys.integer("max_iter", default.max_iter, 0),
        tol: keys.float("tol", default.tol, Bounds::at_least(0.0)),
        fit_intercept: keys.boolean("fit_intercept", default.fit_intercept),
    }
}

fn quantile(keys: &mut Mapping<'_>) -> QuantileParams {
    let default = QuantileParams::default();
    let solvers = [
        "highs",
        "highs-ds",
        "highs-ipm",
        "interior-point",
        "revised simplex",
    ];
    any_solver(keys, &solvers);
    let open_unit = Bounds::above(0.0).and_below(1.0);
    QuantileParams {
        quantile: keys.float("quantile", default.quantile, open_unit),
        alpha: keys.float("alpha", default.alpha, Bounds::at_least(0.0)),
        fit_intercept: keys.boolean("fit_intercept", default.fit_intercept),
    }
}

/// Every solver of scikit-learn reaches the same solution; here one solver does, exactly.
fn any_solver(keys: &mut Mapping<'_>, names: &[&str]) {
    let choices: Vec<_> = names.iter().map(|&name| (name, ())).collect();
    keys.choice("solver", (), &choices);
}

fn forest(keys: &mut Mapping<'_>) -> ForestParams {
    let default = ForestParams::default();
    keys.choice("criterion", (), &[("squared_error", ())]);
    ForestParams {
        n_estimators: keys.integer("n_estimators", default.n_estimators, 1),
        tree: tree(keys, &default.tree),
        bootstrap: keys.boolean("bootstrap", default.bootstrap),
        max_samples: keys
            .get("max_samples")
            .filter(|value| value.value != Node::Null)
            .map(|value| amount(keys, ("max_samples", value), 1, Bounds::above(0.0))),
        oob_score: keys.boolean("oob_score", default.oob_score),
        random_state: random_state(keys, default.random_state),
    }
}

fn boosting(keys: &mut Mapping<'_>) -> BoostingParams {
    let default = BoostingParams::default();
    let losses = [
        ("squared_error", BoostingLoss::SquaredError),
        ("absolute_error", BoostingLoss::AbsoluteError),
        ("huber", BoostingLoss::Huber),
        ("quantile", BoostingLoss::Quantile),
    ];
    let criteria = [("squared_error", ()), ("friedman_mse", ())];
    // Both order the candidate splits of a node in the same way.
    keys.choice("criterion", (), &criteria);
    let open_unit = Bounds::above(0.0).and_below(1.0);
    BoostingParams {
        loss: keys.choice("loss", default.loss, &losses),
        alpha: keys.float("alpha", default.alpha, open_unit),
        learning_rate: keys.float(
            "learning_rate",
            default.learning_rate,
            Bounds::at_least(0.0),
        ),
        n_estimators: keys.integer("n_estimators", default.n_estimators, 1),
        subsample: keys.float(
            "subsample",
            default.subsample,
            Bounds::above(0.0).and_at_most(1.0),
        ),
        tree: tree(keys, &default.tree),
        n_iter_no_change: keys.optional_integer("n_iter_no_change", None, 1),
        validation_fraction: keys.float(
            "validation_fraction",
            default.validation_fraction,
            open_unit,
        ),
        tol: keys.float("tol", default.tol, Bounds::at_least(0.0)),
        random_state: random_state(keys, default.random_state),
    }
}

fn tree(keys: &mut Mapping<'_>, default: &TreeParams) -> TreeParams {
    let share = Bounds::above(0.0).and_at_most(1.0);
    let tree_methods = [
        ("auto", TreeMethod::Auto),
        ("exact", TreeMethod::Exact),
        ("hist", TreeMethod::Hist),
    ];
    TreeParams {
        max_depth: keys.optional_integer("max_depth", default.max_depth, 1),
        min_samples_split: match keys.get("min_samples_split") {
            Some(value) => amount(keys, ("min_samples_split", value), 2, share),
            None => default.min_samples_split,
        },
        min_samples_leaf: match keys.get("min_samples_leaf") {
            Some(value) => {
                let share = Bounds::above(0.0).and_below(1.0);
                amount(keys, ("min_samples_leaf", value), 1, share)
            }
            None => default.min_samples_leaf,
        },
        max_leaf_nodes: keys.optional_integer("max_leaf_nodes", default.max_leaf_nodes, 2),
        max_features: max_features(keys, default.max_features),
        min_impurity_decrease: keys.float(
            "min_impurity_decrease",
            default.min_impurity_decrease,
            Bounds::at_least(0.0),
        ),
        tree_method: keys.choice("tree_method", default.tree_method, &tree_methods),
        max_bins: max_bins(keys, default.max_bins),
    }
}

fn max_bins(keys: &mut Mapping<'_>, default: usize) -> usize {
    let Some(value) = keys.get("max_bins") else {
        return default;
    };
    let count = match value.value {
        Node::Integer(count) => usize::try_from(count).ok(),
        _ => None,
    };
    count
        .filter(|count| (2..=1 << 16).contains(count))
        .unwrap_or_else(|| {
            keys.refuse("max_bins", value, "an integer in [2, 65536]");
            default
        })
}

fn amount(
    keys: &Mapping<'_>,
    (key, value): (&str, &Spanned<Node>),
    at_least: usize,
    share: Bounds,
) -> Amount {
    let amount = match value.value {
        Node::Integer(count) => usize::try_from(count)
            .ok()
            .filter(|&count| count >= at_least)
            .map(Amount::Count),
        Node::Float(fraction) if share.contains(fraction) => Some(Amount::Fraction(fraction)),
        _ => None,
    };
    amount.unwrap_or_else(|| {
        let expected = format!("an integer of at least {at_least} or a number in {share}");
        keys.refuse(key, value, &expected);
        Amount::Count(at_least)
    })
}

fn max_features(keys: &mut Mapping<'_>, default: MaxFeatures) -> MaxFeatures {
    let Some(value) = keys.get("max_features") else {
        return default;
    };
    match &value.value {
        Node::Null => MaxFeatures::All,
        Node::Text(text) if text == "sqrt" => MaxFeatures::Sqrt,
        Node::Text(text) if text == "log2" => MaxFeatures::Log2,
        Node::Text(_) => {
            keys.refuse("max_features", value, "`sqrt`, `log2`, `null` or a number");
            default
        }
        _ => {
            let share = Bounds::above(0.0).and_at_most(1.0);
            MaxFeatures::Amount(amount(keys, ("max_features", value), 1, share))
        }
    }
}
