"""Measures scikit-learn at what `hp` does: the same eight methods on the same rows.

    python bench/peers.py [--quick]

Prints one line per median, `group/name <tab> nanoseconds`, with the names of the benchmarks of hp.
`n_jobs` is scikit-learn's default, one thread, except where the name says otherwise. BLAS gets one
thread too, unless the environment says otherwise: on matrices this small, more are slower.
"""

import csv
import itertools
import os
import pathlib
import statistics
import sys
import time
import warnings

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import HuberRegressor, LinearRegression, QuantileRegressor, Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

DATA = pathlib.Path(__file__).parent.parent / "data/raw/boston.csv"
INTEGERS = ["chas", "rad", "tax"]  # not scaled
DROPPED = "b"
TARGET = "medv"

# The methods of configs/model_config.yaml.
FOREST = RandomForestRegressor(n_estimators=100, oob_score=True, random_state=42)
BOOSTING = GradientBoostingRegressor(loss="quantile", n_estimators=100, max_depth=3, random_state=42)
METHODS = {
    "Linear Regression": LinearRegression(),
    "Ridge Regression": Ridge(alpha=1.0),
    "Huber Regressor": HuberRegressor(epsilon=1.35, alpha=0.0001, max_iter=100),
    "Random Forest Regressor": FOREST,
    "Upper Estimator_QR": QuantileRegressor(quantile=0.9, alpha=0, solver="highs"),
    "Lower Estimator_QR": QuantileRegressor(quantile=0.1, alpha=0, solver="highs"),
    "Upper Estimator_GBR": clone(BOOSTING).set_params(alpha=0.9),
    "Lower Estimator_GBR": clone(BOOSTING).set_params(alpha=0.1),
}

# The trio that cross-validation chooses among them.
SERVED = ["Random Forest Regressor", "Lower Estimator_QR", "Upper Estimator_GBR"]
BULK = 100_000


def main():
    seconds = 0.3 if "--quick" in sys.argv[1:] else 2.0
    # Huber stops at max_iter and says so at every fit.
    warnings.simplefilter("ignore")
    rows = Rows()
    print(f"peer\tscikit-learn {sklearn.__version__}")

    def fit(method):
        return clone(method).fit(rows.x_train, rows.y_train)

    def report(key, function):
        print(f"{key}\t{median_nanoseconds(function, seconds):.1f}", flush=True)

    for name, method in METHODS.items():
        report(f"fit/{name}", lambda: fit(method))
    report("fit/all eight", lambda: [fit(method) for method in METHODS.values()])
    parallel = clone(FOREST).set_params(n_jobs=-1)
    report("fit/Random Forest Regressor, n_jobs=-1", lambda: fit(parallel))

    for name, method in METHODS.items():
        fitted = fit(method)
        held_out = itertools.cycle(rows.x_test[:, None, :])
        report(f"predict one row/{name}", lambda: fitted.predict(next(held_out)))

    trio = [fit(METHODS[name]) for name in SERVED]
    order = splitmix(np.arange(BULK, dtype=np.uint64)) % np.uint64(len(rows.raw))
    bulk = rows.raw[order]

    def predict_in_bulk():
        x = rows.transform(bulk)
        return [model.predict(x) for model in trio]

    report("predict in bulk/served trio, 100,000 rows", predict_in_bulk)
    trio[0].set_params(n_jobs=-1)
    report("predict in bulk/served trio, 100,000 rows, n_jobs=-1", predict_in_bulk)


class Rows:
    """Boston Housing, split and scaled as `hp` does it."""

    def __init__(self):
        with open(DATA, newline="") as file:
            table = list(csv.DictReader(file))
        names = [name for name in table[0] if name not in (DROPPED, TARGET)]
        self.raw = np.array([[float(row[name]) for name in names] for row in table])
        y = np.array([float(row[TARGET]) for row in table])
        train, test, self.y_train, _ = train_test_split(
            self.raw, y, test_size=0.2, random_state=42
        )
        self.scaled = [column for column, name in enumerate(names) if name not in INTEGERS]
        self.scaler = StandardScaler().fit(train[:, self.scaled])
        self.x_train, self.x_test = self.transform(train), self.transform(test)

    def transform(self, raw):
        x = raw.copy()
        x[:, self.scaled] = self.scaler.transform(x[:, self.scaled])
        return x


def splitmix(index):
    """The finaliser of SplitMix64, by which the benchmark of hp orders its rows too."""
    z = (index + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def median_nanoseconds(function, seconds):
    """The median over about `seconds` of calls, at least three, after one that warms up."""
    function()
    times = []
    stop = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < stop:
        start = time.perf_counter_ns()
        function()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
