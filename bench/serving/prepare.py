"""Fits the served trio with scikit-learn and saves it for the peers, as joblib and as ONNX.

    python bench/serving/prepare.py FOLDER
"""

import pathlib
import sys

import joblib
import onnx
from onnx import compose
from skl2onnx import to_onnx
from sklearn.base import clone

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from peers import METHODS, SERVED, Rows

ROLES = ["prediction", "lower", "upper"]


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = Rows()
    models = [clone(METHODS[name]).fit(rows.x_train, rows.y_train) for name in SERVED]
    scaler = {"columns": rows.scaled, "mean": rows.scaler.mean_, "scale": rows.scaler.scale_}
    joblib.dump({"scaler": scaler, "models": dict(zip(ROLES, models))}, folder / "trio.joblib")
    onnx.save(merged(models, rows), folder / "trio.onnx")


def merged(models, rows):
    """One graph with the input `X` and an output for each role, so that one call does all."""
    x = rows.x_train[:1].astype("float32")
    graphs = []
    for role, model in zip(ROLES, models):
        graph = to_onnx(model, x)
        graphs.append(compose.add_prefix(graph, f"{role}_", rename_inputs=False))
    whole = graphs[0]
    for other in graphs[1:]:
        whole.graph.node.extend(other.graph.node)
        whole.graph.initializer.extend(other.graph.initializer)
        whole.graph.output.extend(other.graph.output)
    onnx.checker.check_model(whole)
    return whole


if __name__ == "__main__":
    main()
