"""Fits the served trio with scikit-learn and saves it for the peers, as joblib and as ONNX.

python bench/serving/prepare.py FOLDER
"""

import pathlib
import sys

import joblib
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite.peers import onnx_, scikit
from suite.sets import Rows, make

ROLES = ["prediction", "lower", "upper"]


def main():
    folder = pathlib.Path(sys.argv[1])
    make(folder / "boston")
    rows = Rows(folder / "boston")
    methods = [scikit.METHODS[name].fit(rows.x_train, rows.y_train) for name in scikit.TRIO]
    models = dict(zip(ROLES, methods))
    scaler = {"columns": rows.scaled, "mean": rows.scaler.mean_, "scale": rows.scaler.scale_}
    joblib.dump({"scaler": scaler, "models": models}, folder / "trio.joblib")
    onnx.save(onnx_.merged(models, rows.x_train[:1].astype("float32")), folder / "trio.onnx")


if __name__ == "__main__":
    main()
