"""Writes metrics.json and oracle_evaluation.json beside itself.

Usage: python make_fixtures.py PARITY_JSON   (numpy, scikit-learn 1.9.1, statsmodels)
"""

import json
import pathlib
import sys

import numpy as np
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

HERE = pathlib.Path(__file__).parent
QUANTILES = [0.0, 0.05, 0.1, 0.5, 0.9, 1.0]


def point_case(name, y, p):
    # Few digits, so that every JSON parser reads exactly the numbers that were measured.
    y, p = (np.array([float(f"{value:.12g}") for value in values]) for values in (y, p))
    return {
        "name": name,
        "y_true": y.tolist(),
        "y_pred": p.tolist(),
        "mean_squared_error": metrics.mean_squared_error(y, p),
        "root_mean_squared_error": metrics.root_mean_squared_error(y, p),
        "mean_absolute_error": metrics.mean_absolute_error(y, p),
        "r2_score": metrics.r2_score(y, p),
        "pinball_loss": [
            {"alpha": a, "value": metrics.mean_pinball_loss(y, p, alpha=a)} for a in QUANTILES
        ],
    }


def metric_cases():
    rng = np.random.default_rng(7)
    y = rng.normal(22, 9, 57).round(4)
    points = [
        point_case("normal", y, y + rng.normal(0, 3, 57).round(4)),
        point_case("large offset", y + 1e6, y + 1e6 + rng.normal(0, 3, 57).round(4)),
        point_case("tiny", y * 1e-12, y * 1.1e-12),
        point_case("worse than the mean", [1, 2, 3], [3, 2, -4]),
        point_case("constant, missed", [0.25, 0.25, 0.25], [0.25, 0.25, 0.5]),
        point_case("constant, perfect", [0.25, 0.25, 0.25], [0.25, 0.25, 0.25]),
        point_case("perfect", [1, 2, 3], [1, 2, 3]),
    ]
    shares = [(80, 102), (0, 5), (5, 5), (1, 1), (9000, 10000)]
    proportions = [
        {"share": k / n, "rows": n, "interval": proportion_confint(k, n, method="wilson")}
        for k, n in shares
    ]
    return {"points": points, "proportions": proportions}


def oracle_evaluation(parity):
    models = parity["models"]
    published = {
        "Linear Regression": ("LinearRegression", "main", None),
        "Ridge Regression": ("Ridge", "main", None),
        "Huber Regressor": ("HuberRegressor_converged", "main", None),
        "Random Forest Regressor": ("RandomForest", "main", None),
        "Upper Estimator_QR": ("QuantileRegressor_q0.9", "upper", 0.9),
        "Lower Estimator_QR": ("QuantileRegressor_q0.1", "lower", 0.1),
        "Upper Estimator_GBR": ("GradientBoosting_q0.9", "upper", 0.9),
        "Lower Estimator_GBR": ("GradientBoosting_q0.1", "lower", 0.1),
    }
    methods = [
        {
            "name": name,
            "role": role,
            "quantile": quantile,
            "predictions": models[key]["test_pred"],
            "feature_importances": models[key].get("feature_importances"),
            "metrics": models[key]["metrics"],
        }
        for name, (key, role, quantile) in published.items()
    ]
    return {
        "feature_names": parity["features"],
        "y_true": parity["y_test"],
        "methods": methods,
        "intervals": parity["intervals"],
    }


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1) + "\n")


write("metrics.json", metric_cases())
write("oracle_evaluation.json", oracle_evaluation(json.load(open(sys.argv[1]))))
