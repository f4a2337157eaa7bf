"""Measures scikit-learn at what `hp` does: the same eight methods on the same rows.

    python bench/peers.py [--quick]

Prints one line per median, `group/name <tab> nanoseconds`, with the names of the benchmarks of hp.
`n_jobs` is scikit-learn's default, one thread, except where the name says otherwise.
"""

import csv
import itertools
import pathlib
import statistics
import sys
import time
import warnings

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


def main():
    seconds = 0.3 if "--quick" in sys.argv[1:] else 2.0
    # Huber stops at max_iter and says so at every fit.
    warnings.simplefilter("ignore")
    x_train, x_test, y_train = rows()
    print(f"peer\tscikit-learn {sklearn.__version__}")

    def report(key, function):
        print(f"{key}\t{median_nanoseconds(function, seconds):.1f}", flush=True)

    for name, method in METHODS.items():
        report(f"fit/{name}", lambda: clone(method).fit(x_train, y_train))
    report("fit/all eight", lambda: [clone(m).fit(x_train, y_train) for m in METHODS.values()])
    parallel = clone(FOREST).set_params(n_jobs=-1)
    report("fit/Random Forest Regressor, n_jobs=-1", lambda: clone(parallel).fit(x_train, y_train))

    for name, method in METHODS.items():
        fitted = clone(method).fit(x_train, y_train)
        held_out = itertools.cycle(x_test[:, None, :])
        report(f"predict one row/{name}", lambda: fitted.predict(next(held_out)))


def rows():
    """Scaled features `[rows, 12]` of the training and the held-out rows, and the training target."""
    with open(DATA, newline="") as file:
        table = list(csv.DictReader(file))
    names = [name for name in table[0] if name not in (DROPPED, TARGET)]
    x = np.array([[float(row[name]) for name in names] for row in table])
    y = np.array([float(row[TARGET]) for row in table])
    x_train, x_test, y_train, _ = train_test_split(x, y, test_size=0.2, random_state=42)
    scaled = [column for column, name in enumerate(names) if name not in INTEGERS]
    scaler = StandardScaler().fit(x_train[:, scaled])
    for part in (x_train, x_test):
        part[:, scaled] = scaler.transform(part[:, scaled])
    return x_train, x_test, y_train


def median_nanoseconds(function, seconds):
    """The median over about `seconds` of calls, at least five, after one that warms up."""
    function()
    times = []
    stop = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < stop:
        start = time.perf_counter_ns()
        function()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
