"""One peer at one row of the table, in a process of its own: a case on standard input, times on standard output.

python -m suite.worker <CASE.json
"""

import importlib
import json
import os
import sys
import time

import numpy as np

from suite.sets import Rows

# Who fits a family for those who only predict.
FITTERS = {"hist": "lightgbm_"}


def main():
    case = json.load(sys.stdin)
    # Some peers talk on standard output, from C too.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    peer = importlib.import_module(f"suite.peers.{case['module']}")
    rows = Rows(case["data"])
    times, y_pred, visits = TASKS[case["task"]](case, peer, rows)
    answer = {
        "seconds": times,
        "visits": visits,
    }
    if y_pred is not None:
        answer["score"] = loss(case["method"], rows.y_test, np.asarray(y_pred, dtype=float))
    answers.write(json.dumps(answer))


def fit(case, peer, rows):
    model = peer.estimator(case["method"], case["threads"])
    times = timed(lambda: model.fit(rows.x_train, rows.y_train), case["repeats"])
    return times, model.predict(rows.x_test), None


def predict(case, peer, rows):
    fitter = peer
    if not hasattr(peer, "estimator"):
        module = FITTERS.get(case["method"]["family"], "scikit")
        fitter = importlib.import_module(f"suite.peers.{module}")
    fitted = fitter.estimator(case["method"], case["threads"]).fit(rows.x_train, rows.y_train)
    if fitter is peer:
        call = lambda: fitted.predict(rows.x_test)
    else:
        call = peer.predictor(fitted, rows.x_test, case["threads"])
    times = timed(call, case["repeats"])
    # A part of the rows is enough for the mean.
    visits = fitter.visits(fitted, rows.x_test[:1000]) if hasattr(fitter, "visits") else None
    return times, call(), visits


def one_row(case, peer, rows):
    call = peer.trio_call(rows)
    return timed(call, case["repeats"]), None, None


TASKS = {"fit": fit, "predict": predict, "one row": one_row}


def timed(call, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def loss(method, y_true, y_pred):
    """The pinball loss of a quantile, else the root mean squared error."""
    error = y_true - y_pred
    quantile = method.get("quantile")
    if method.get("loss") == "quantile":
        quantile = method["alpha"]
    if quantile is None:
        return float(np.sqrt(np.mean(error**2)))
    return float(np.mean(np.maximum(quantile * error, (quantile - 1) * error)))


if __name__ == "__main__":
    main()
