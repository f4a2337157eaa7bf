"""The data sets, each a folder with a CSV file and the data configuration by which hp fetches it.

    python -m suite.sets FOLDER...        each named like its data set

Boston Housing comes from the bundled copy. `boston-bulk` has its training rows, and 100,000 rows drawn
from all of it to predict. `friedman-N` is Friedman #1 in 12 columns with N(0, 1) noise: N rows to
train on and the same 100,000 to predict for every N.
"""

import csv
import json
import pathlib
import sys

import numpy as np
import pandas
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from suite.table import BULK

RAW = pathlib.Path(__file__).parents[2] / "data/raw/boston.csv"
INTEGERS = {"chas", "rad", "tax"}
DROPPED, TARGET = "b", "medv"
SEED = 42


def main():
    for folder in sys.argv[1:]:
        make(pathlib.Path(folder))


def make(folder):
    """Makes the data set that the folder is called after."""
    kind, _, rows = folder.name.partition("-")
    if kind == "friedman":
        names, train, test = friedman(int(rows))
    else:
        names, train, test = boston(bulk=rows == "bulk")
    write(folder, names, dealt(train, test), len(test))


def friedman(n):
    """Names, training rows and test rows; the target is the last column."""
    rng = np.random.default_rng(20240908)
    rows = BULK + 1_000_000
    x = rng.random((rows, 12))
    curved = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    y = curved + 10 * x[:, 3] + 5 * x[:, 4] + rng.standard_normal(rows)
    table = np.column_stack([x, y])
    names = [f"x{column}" for column in range(1, 13)] + ["y"]
    return names, table[BULK : BULK + n], table[:BULK]


def boston(bulk):
    with open(RAW, newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in (DROPPED, TARGET)] + [TARGET]
    table = np.array([[float(row[name]) for name in names] for row in rows])
    train, test = train_test_split(table, test_size=0.2, random_state=SEED)
    if bulk:
        # Drawn in an order that no branch predictor can learn.
        test = table[np.random.default_rng(SEED).integers(len(table), size=BULK)]
    return names, train, test


def dealt(train, test):
    """The rows in the order from which the split by `SEED` gives back exactly these two sides."""
    order = np.random.RandomState(SEED).permutation(len(train) + len(test))
    table = np.empty((len(order), train.shape[1]))
    table[order[: len(test)]] = test
    table[order[len(test) :]] = train
    return table


def write(folder, names, table, test_rows):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder.absolute() / f"{folder.name}.csv"
    frame = pandas.DataFrame(table, columns=names)
    integers = INTEGERS.intersection(names)
    frame.astype(dict.fromkeys(integers, int)).to_csv(file, index=False)
    columns = [
        {"name": column, "dtype": "integer" if column in integers else "float"} for column in names
    ]
    # The number of test rows is rounded up.
    split = {"test_size": (test_rows - 0.5) / len(table), "random_state": SEED}
    config = {
        "version": 1,
        "name": folder.name,
        "sources": [{"path": str(file)}],
        "target": names[-1],
        "columns": columns,
        "split": split,
    }
    (folder / "data_config.yaml").write_text(json.dumps(config, indent=2))


class Rows:
    """A data set as every peer sees it: read from the file of hp, split and scaled as hp does it."""

    def __init__(self, folder):
        config = json.loads((pathlib.Path(folder) / "data_config.yaml").read_text())
        frame = pandas.read_csv(config["sources"][0]["path"], float_precision="round_trip")
        y = frame.pop(config["target"]).to_numpy(dtype=float)
        x = frame.to_numpy(dtype=float)
        del frame
        x_train, x_test, self.y_train, self.y_test = train_test_split(x, y, **config["split"])
        del x
        columns = config["columns"][:-1]
        self.scaled = [i for i, column in enumerate(columns) if column["dtype"] == "float"]
        self.scaler = StandardScaler().fit(x_train[:, self.scaled])
        self.x_train, self.x_test = self.transform(x_train), self.transform(x_test)

    def transform(self, x):
        """Scales the rows in place; row-major, as every peer reads them fastest."""
        x = np.ascontiguousarray(x)
        x[:, self.scaled] = self.scaler.transform(x[:, self.scaled])
        return x


if __name__ == "__main__":
    main()
