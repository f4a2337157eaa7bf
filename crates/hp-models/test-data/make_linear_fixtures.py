"""Makes the fixtures of the linear models: boston_rs42.json (which the trees share),
oracle_linear.json and quantile_penalised.json.

Usage: python make_linear_fixtures.py RAW_CSV ORACLE_JSON

RAW_CSV is Boston Housing with the columns crim .. lstat, medv; ORACLE_JSON holds what
scikit-learn 1.9.1 gives on it (indices of the split, coefficients, predictions, metrics).
Numbers are written with full precision, so that reading them back gives the same doubles.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.linear_model import QuantileRegressor
from sklearn.linear_model._huber import _huber_loss_and_gradient
from sklearn.metrics import mean_pinball_loss
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
MODELS = [
    "LinearRegression",
    "Ridge",
    "HuberRegressor_converged",
    "QuantileRegressor_q0.1",
    "QuantileRegressor_q0.9",
]


def write(name, value):
    (HERE / name).write_text(json.dumps(value) + "\n")


def boston(raw, oracle):
    raw = raw.rename(columns=str.upper)
    x = raw[oracle["features"]].astype(float)
    y = raw[oracle["target"]].to_numpy(float)
    train, test = oracle["train_indices"], oracle["test_indices"]
    x_train, x_test = x.iloc[train].copy(), x.iloc[test].copy()
    floats = oracle["float_features"]
    scaler = StandardScaler().fit(x_train[floats])
    x_train[floats] = scaler.transform(x_train[floats])
    x_test[floats] = scaler.transform(x_test[floats])
    return {
        "features": oracle["features"],
        "x_train": x_train.to_numpy().tolist(),
        "y_train": y[train].tolist(),
        "x_test": x_test.to_numpy().tolist(),
        "y_test": y[test].tolist(),
    }


def penalised(data):
    x, y = np.array(data["x_train"]), np.array(data["y_train"])
    cases = []
    for alpha in [0.001, 0.01, 0.1, 1.0]:
        for quantile in [0.05, 0.25, 0.5, 0.75, 0.95]:
            for fit_intercept in [True, False]:
                model = QuantileRegressor(
                    quantile=quantile, alpha=alpha, fit_intercept=fit_intercept, solver="highs"
                ).fit(x, y)
                loss = mean_pinball_loss(y, model.predict(x), alpha=quantile)
                cases.append(
                    {
                        "alpha": alpha,
                        "quantile": quantile,
                        "fit_intercept": fit_intercept,
                        "coef": model.coef_.tolist(),
                        "intercept": float(model.intercept_),
                        "objective": float(loss + alpha * np.abs(model.coef_).sum()),
                    }
                )
    return cases


def huber_minimum(data, oracle):
    """The minimum of scikit-learn's objective, with standardised columns: its own coordinates
    are so ill-conditioned that the oracle stops at a value 1e-5 higher."""
    x, y = np.array(data["x_train"]), np.array(data["y_train"])
    mean, scale, weights = x.mean(axis=0), x.std(axis=0), np.ones(len(y))
    features = x.shape[1]

    def unscaled(z):
        coef = z[:features] / scale
        return np.r_[coef, z[features] - coef @ mean, z[features + 1]]

    def objective(z):
        value, slope = _huber_loss_and_gradient(unscaled(z), x, y, 1.35, 1e-4, weights)
        by_coef = (slope[:features] - mean * slope[features]) / scale
        return value, np.r_[by_coef, slope[features:]]

    coef = np.array(oracle["coef"])
    start = np.r_[coef * scale, oracle["intercept"] + coef @ mean, oracle["sigma"]]
    bounds = [(None, None)] * (features + 1) + [(1e-9, None)]
    options = {"maxiter": 10000, "ftol": 1e-16, "gtol": 1e-10}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    solution = unscaled(found.x)
    return {
        "coef": solution[:features].tolist(),
        "intercept": float(solution[features]),
        "sigma": float(solution[features + 1]),
        "objective": float(found.fun),
    }


def main():
    raw, oracle = pd.read_csv(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    data = boston(raw, oracle)
    write("boston_rs42.json", data)
    expected = {name: oracle["models"][name] for name in MODELS}
    expected["huber_minimum"] = huber_minimum(data, expected["HuberRegressor_converged"])
    write("oracle_linear.json", expected)
    write("quantile_penalised.json", penalised(data))


if __name__ == "__main__":
    main()
