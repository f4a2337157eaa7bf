"""scikit-learn. It also fits the models that others only predict with."""

import warnings

import numpy as np
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import HuberRegressor, LinearRegression, QuantileRegressor, Ridge

# The methods of configs/model_config.yaml, the served trio last.
BOOSTING = {"loss": "quantile", "n_estimators": 100, "max_depth": 3, "random_state": 42}
METHODS = {
    "Linear Regression": LinearRegression(),
    "Ridge Regression": Ridge(alpha=1.0),
    "Huber Regressor": HuberRegressor(epsilon=1.35, alpha=0.0001, max_iter=100),
    "Upper Estimator_QR": QuantileRegressor(quantile=0.9, alpha=0, solver="highs"),
    "Lower Estimator_GBR": GradientBoostingRegressor(alpha=0.1, **BOOSTING),
    "Random Forest Regressor": RandomForestRegressor(
        n_estimators=100, oob_score=True, random_state=42
    ),
    "Lower Estimator_QR": QuantileRegressor(quantile=0.1, alpha=0, solver="highs"),
    "Upper Estimator_GBR": GradientBoostingRegressor(alpha=0.9, **BOOSTING),
}
TRIO = list(METHODS)[-3:]

# Huber stops at max_iter and says so at every fit.
warnings.simplefilter("ignore")


def estimator(method, threads):
    family, params = method["family"], {k: v for k, v in method.items() if k != "family"}
    if family == "all":
        return All()
    if family == "forest":
        return RandomForestRegressor(n_jobs=threads, random_state=42, **params)
    if family == "boosting":
        return GradientBoostingRegressor(random_state=42, **params)
    if family == "hist":
        params["max_iter"] = params.pop("n_estimators")
        params["quantile"] = params.pop("alpha")
        return HistGradientBoostingRegressor(early_stopping=False, **params)
    linear = {
        "quantile": QuantileRegressor,
        "huber": HuberRegressor,
        "linear": LinearRegression,
        "ridge": Ridge,
    }
    return linear[family](**params)


class All:
    """All eight methods, one after the other, with the loss of the forest."""

    def fit(self, x, y):
        for method in METHODS.values():
            method.fit(x, y)
        return self

    def predict(self, x):
        return METHODS["Random Forest Regressor"].predict(x)


def trees(fitted):
    """The trees of an ensemble, in any of scikit-learn's shapes; none if it keeps them otherwise."""
    return np.ravel(getattr(fitted, "estimators_", []))


def visits(fitted, x):
    """Nodes that a row visits in all trees, on average."""
    return float(sum(tree.decision_path(x).nnz for tree in trees(fitted)) / len(x))


def trio_call(rows):
    """A call that predicts the next held-out row with all three: scaled, then each of the models."""
    models = [METHODS[name].fit(rows.x_train, rows.y_train) for name in TRIO]
    raw = rows.x_test.copy()
    raw[:, rows.scaled] = rows.scaler.inverse_transform(raw[:, rows.scaled])
    position = 0

    def call():
        nonlocal position
        position = (position + 1) % len(raw)
        row = rows.transform(raw[position : position + 1].copy())
        return [model.predict(row) for model in models]

    return call
