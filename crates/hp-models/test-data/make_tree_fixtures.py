"""Writes oracle_trees.json and gbr_trees_rs42.json, scikit-learn's answers about trees, next to this
file.

Needs scikit-learn 1.9 and reads boston_rs42.json from the same folder.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

HERE = Path(__file__).parent
SEEDS = 20
SEEDS_OF_FOREST = 100
SEEDS_OF_QUANTILES = 150
QUANTILES = (0.1, 0.9)

TREES = {
    "leaves_of_5": {"min_samples_leaf": 5},
    "depth_3": {"max_depth": 3, "min_samples_leaf": 4},
    "split_of_15_percent": {"min_samples_split": 0.15, "min_samples_leaf": 4},
    "leaf_of_4.1_percent": {"min_samples_leaf": 0.041},
    "best_first": {"max_leaf_nodes": 12, "min_samples_leaf": 3},
    "best_first_shallow": {"max_leaf_nodes": 12, "max_depth": 4, "min_samples_leaf": 3},
    "impurity_decrease": {"min_impurity_decrease": 0.15, "min_samples_leaf": 4},
}
BOOSTERS = {
    "squared_error": {"n_estimators": 30, "min_samples_leaf": 6},
    "slow": {"n_estimators": 40, "min_samples_leaf": 6, "learning_rate": 0.03, "max_depth": 2},
    "leaf_nodes": {"n_estimators": 20, "min_samples_leaf": 6, "max_leaf_nodes": 5},
}
FORESTS_OF_SEEDS = {
    "default": {},
    "sqrt": {"max_features": "sqrt"},
    "half_samples": {"max_samples": 0.5},
    "leaf_nodes": {"max_leaf_nodes": 20},
    "leaves_of_4": {"min_samples_leaf": 4},
}
BOOSTERS_OF_SEEDS = {
    "subsample": {"subsample": 0.5},
    "third_of_features": {"max_features": 0.3},
    "early": {"n_estimators": 300, "n_iter_no_change": 5, "tol": 0.01},
}


def synthetic(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(160, 4)).round(3)
    x[:, 3] = rng.integers(0, 5, size=160)
    y = 3 * x[:, 0] + np.sin(3 * x[:, 1]) + x[:, 3] * x[:, 2] + rng.normal(size=160)
    return x[:120], y[:120], x[120:]


def same_for_all_seeds(make, x, y, x_test):
    """A model whose predictions no seed changes: no tie decides about them."""
    models = [make(seed).fit(x, y) for seed in range(SEEDS)]
    for model in models:
        np.testing.assert_allclose(model.predict(x_test), models[0].predict(x_test), rtol=1e-12)
    return models[0]


def exact():
    """The answers on the first data set for which no tie decides about any of them."""
    for seed in range(100):
        try:
            return exact_on(*synthetic(seed))
        except AssertionError:
            continue
    raise RuntimeError("every data set has ties")


def exact_on(x, y, x_test):
    trees = {}
    for name, params in TREES.items():
        tree = same_for_all_seeds(
            lambda seed: DecisionTreeRegressor(random_state=seed, **params), x, y, x_test
        )
        trees[name] = {
            "nodes": tree.tree_.node_count,
            "predictions": tree.predict(x_test).tolist(),
            "feature_importances": tree.feature_importances_.tolist(),
        }
    boosters = {}
    for name, params in BOOSTERS.items():
        booster = same_for_all_seeds(
            lambda seed: GradientBoostingRegressor(random_state=seed, **params), x, y, x_test
        )
        boosters[name] = {
            "predictions": booster.predict(x_test).tolist(),
            "feature_importances": booster.feature_importances_.tolist(),
        }
    return {
        "x_train": x.tolist(),
        "y_train": y.tolist(),
        "x_test": x_test.tolist(),
        "trees": trees,
        "boosters": boosters,
    }


def boston():
    data = json.loads((HERE / "boston_rs42.json").read_text())
    return [np.array(data[key]) for key in ("x_train", "y_train", "x_test", "y_test")]


def band(values):
    return {"mean": float(np.mean(values)), "std": float(np.std(values))}


def bands():
    x, y, x_test, y_test = boston()

    def rmse(model):
        return np.sqrt(np.mean((model.predict(x_test) - y_test) ** 2))

    forests = {}
    for name, params in FORESTS_OF_SEEDS.items():
        models = [
            RandomForestRegressor(random_state=seed, oob_score=True, n_jobs=2, **params).fit(x, y)
            for seed in range(SEEDS)
        ]
        importances = np.array([model.feature_importances_ for model in models])
        forests[name] = {
            "rmse": band([rmse(model) for model in models]),
            "oob_score": band([model.oob_score_ for model in models]),
            "feature_importances": importances.mean(axis=0).tolist(),
        }
    boosters = {}
    for name, params in BOOSTERS_OF_SEEDS.items():
        models = [
            GradientBoostingRegressor(random_state=seed, **params).fit(x, y)
            for seed in range(SEEDS)
        ]
        boosters[name] = {
            "rmse": band([rmse(model) for model in models]),
            "n_estimators": band([model.n_estimators_ for model in models]),
        }
    return {"seeds": SEEDS, "forests": forests, "boosters": boosters}


def wide_bands():
    """The errors of default models over many seeds."""
    x, y, x_test, y_test = boston()

    def spread(errors):
        return {"seeds": len(errors), **band(errors), "min": min(errors), "max": max(errors)}

    def forest_rmse(seed):
        model = RandomForestRegressor(random_state=seed, n_jobs=2).fit(x, y)
        return float(np.sqrt(np.mean((model.predict(x_test) - y_test) ** 2)))

    def pinball_loss(quantile, seed):
        errors = y_test - quantile_booster(quantile, seed).fit(x, y).predict(x_test)
        return float(np.mean(np.maximum(quantile * errors, (quantile - 1) * errors)))

    losses = {
        quantile: [pinball_loss(quantile, seed) for seed in range(SEEDS_OF_QUANTILES)]
        for quantile in QUANTILES
    }
    return {
        "forest": spread([forest_rmse(seed) for seed in range(SEEDS_OF_FOREST)]),
        "quantile_boosters": {
            str(quantile): {"all": spread(of_all), "first": spread(of_all[:SEEDS])}
            for quantile, of_all in losses.items()
        },
    }


def quantile_booster(quantile, seed):
    return GradientBoostingRegressor(loss="quantile", alpha=quantile, random_state=seed)


def dumped(booster, x):
    trees = [tree.tree_ for tree in booster.estimators_[:, 0]]
    return {
        "init": float(booster.init_.predict(x[:1])[0]),
        "learning_rate": booster.learning_rate,
        "trees": [
            {
                "feature": tree.feature.tolist(),
                "threshold": tree.threshold.tolist(),
                "left": tree.children_left.tolist(),
                "right": tree.children_right.tolist(),
                "value": tree.value[:, 0, 0].tolist(),
            }
            for tree in trees
        ],
    }


def quantile_trees():
    x, y, _, _ = boston()
    return {f"q{quantile}": dumped(quantile_booster(quantile, 42).fit(x, y), x) for quantile in QUANTILES}


def main():
    (HERE / "gbr_trees_rs42.json").write_text(json.dumps(quantile_trees()))
    oracle = {"exact": exact(), "bands": bands(), "wide_bands": wide_bands()}
    (HERE / "oracle_trees.json").write_text(json.dumps(oracle, indent=1) + "\n")


if __name__ == "__main__":
    main()
