"""Makes boston.json and oracle.json.

    python make_fixtures.py BOSTON_CSV      # scikit-learn 1.9.1, numpy 2.4.6
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, QuantileRegressor, Ridge
from sklearn.metrics import mean_pinball_loss, root_mean_squared_error
from sklearn.model_selection import KFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
FLOATS = "CRIM ZN INDUS NOX RM AGE DIS PTRATIO LSTAT".split()

with open(sys.argv[1], newline="") as file:
    rows = list(csv.DictReader(file))
names = [name.upper() for name in rows[0] if name not in ("b", "medv")]
x = np.array([[float(row[name.lower()]) for name in names] for row in rows])
y = np.array([float(row["medv"]) for row in rows])
train, test = train_test_split(np.arange(len(y)), test_size=0.2, random_state=42)
columns = [names.index(name) for name in FLOATS]


def pipeline(model):
    """Scales the float columns on the rows it is fitted on, and leaves the others."""
    scale = ColumnTransformer([("scale", StandardScaler(), columns)], remainder="passthrough")
    return make_pipeline(scale, model)


def pinball(q):
    return lambda true, predicted: mean_pinball_loss(true, predicted, alpha=q)


def quantile(q):
    # On the second fold two vertices are optimal for 0.9; this solver ends in the one that hp finds.
    return QuantileRegressor(quantile=q, alpha=0, solver="highs-ipm")


models = {
    "LinearRegression": ("Linear Regression", LinearRegression(), root_mean_squared_error),
    "Ridge": ("Ridge Regression", Ridge(), root_mean_squared_error),
    "QuantileRegressor_q0.1": ("Lower Estimator_QR", quantile(0.1), pinball(0.1)),
    "QuantileRegressor_q0.9": ("Upper Estimator_QR", quantile(0.9), pinball(0.9)),
}
oracle = {"test_pred": {}, "cross_validation": {}, "out_of_fold": {}}
for name, (method, model, score) in models.items():
    fitted = pipeline(model).fit(x[train], y[train])
    oracle["test_pred"][name] = fitted.predict(x[test]).tolist()
    scores = []
    for fit, validate in KFold(5).split(train):
        fold = pipeline(model).fit(x[train][fit], y[train][fit])
        scores.append(score(y[train][validate], fold.predict(x[train][validate])))
    oracle["cross_validation"][method] = scores
    out_of_fold = cross_val_predict(pipeline(model), x[train], y[train], cv=KFold(5))
    oracle["out_of_fold"][method] = out_of_fold.tolist()

data = {name: x[:, i].tolist() for i, name in enumerate(names)} | {"MEDV": y.tolist()}
(HERE / "boston.json").write_text(json.dumps(data) + "\n")
(HERE / "oracle.json").write_text(json.dumps(oracle) + "\n")
