"""Writes oracle_losses.json, scikit-learn's boosters with the absolute error and Huber's loss, next
to this file.

Needs scikit-learn 1.9.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor

SEEDS = 12
BOOSTERS = {
    "absolute_error": {"loss": "absolute_error", "n_estimators": 6},
    "huber_0.9": {"loss": "huber", "alpha": 0.9, "n_estimators": 25},
    "huber_0.5": {"loss": "huber", "alpha": 0.5, "n_estimators": 12},
}


def synthetic(seed):
    """Data with outliers, so that the losses differ."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(160, 4)).round(3)
    y = 3 * x[:, 0] + np.sin(3 * x[:, 1]) + x[:, 2] * x[:, 3] + rng.standard_t(2, size=160)
    return x[:120], y[:120], x[120:]


def booster(params, data_seed):
    """The answers on made-up data, unless some tie decides about them."""
    x, y, x_test = synthetic(data_seed)
    models = [
        GradientBoostingRegressor(
            max_depth=2, min_samples_leaf=6, random_state=seed, **params
        ).fit(x, y)
        for seed in range(SEEDS)
    ]
    for model in models:
        np.testing.assert_allclose(model.predict(x_test), models[0].predict(x_test), rtol=1e-12)
    return {
        "parameters": params,
        "x_train": x.tolist(),
        "y_train": y.tolist(),
        "x_test": x_test.tolist(),
        "start": float(models[0].init_.constant_.ravel()[0]),
        "predictions": models[0].predict(x_test).tolist(),
        "feature_importances": models[0].feature_importances_.tolist(),
    }


def first_without_ties(params):
    for seed in range(1000):
        try:
            return booster(params, seed)
        except AssertionError:
            continue
    raise RuntimeError(f"every data set has ties with {params}")


def main():
    oracle = {name: first_without_ties(params) for name, params in BOOSTERS.items()}
    path = Path(__file__).with_name("oracle_losses.json")
    path.write_text(json.dumps(oracle, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
