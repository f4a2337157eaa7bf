"""Makes splits.json and boston_rs42.json.

    python make_fixtures.py BOSTON_CSV      # scikit-learn 1.9.1, numpy 2.4.6
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
FLOATS = "CRIM ZN INDUS NOX RM AGE DIS PTRATIO LSTAT".split()


def splits():
    cases = []
    for n, size, seed in [
        (506, 0.2, 42), (506, 0.2, 0), (506, 0.25, 7), (2, 0.5, 1), (3, 0.2, 3),
        (10, 0.1, 4294967295), (1000, 0.33, 123456789), (70000, 0.0001, 5), (17, 0.999 - 0.06, 2),
    ]:
        train, test = train_test_split(np.arange(n), test_size=size, random_state=seed)
        case = {"n_rows": n, "test_size": size, "random_state": seed, "test": test.tolist()}
        if n <= 1000:
            case["train"] = train.tolist()
        else:
            case["train_front"] = train[:50].tolist()
        cases.append(case)
    folds = [
        {"n_rows": n, "folds": k, "validation": [v.tolist() for _, v in KFold(k).split(np.arange(n))]}
        for n, k in [(404, 5), (7, 3), (4, 4), (10, 2)]
    ]
    return {"splits": cases, "k_folds": folds}


def boston(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name.upper() for name in rows[0] if name not in ("b", "medv")]
    x = np.array([[float(row[name.lower()]) for name in names] for row in rows])
    train, test = train_test_split(np.arange(len(rows)), test_size=0.2, random_state=42)
    columns = [names.index(name) for name in FLOATS]
    scaler = StandardScaler().fit(x[train][:, columns])
    scaled = x.copy()
    scaled[:, columns] = scaler.transform(x[:, columns])
    return {
        "features": names,
        "x": x.tolist(),
        "train": train.tolist(),
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
        "x_test_scaled_first": scaled[test[:5]].tolist(),
    }


(HERE / "splits.json").write_text(json.dumps(splits()) + "\n")
(HERE / "boston_rs42.json").write_text(json.dumps(boston(sys.argv[1])) + "\n")
