"""onnxruntime, on graphs that skl2onnx and onnxmltools make."""

import onnx
import onnxruntime
from onnx import compose
from skl2onnx import to_onnx

from suite.peers import scikit


def session(graph, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def predictor(fitted, x, threads):
    x = x.astype("float32")
    run = session(graph(fitted, x[:1]), threads).run
    return lambda: run(None, {"X": x})[0].ravel()


def graph(fitted, x):
    if hasattr(fitted, "booster_"):
        from onnxmltools import convert_lightgbm
        from onnxmltools.convert.common.data_types import FloatTensorType

        shape = [("X", FloatTensorType([None, x.shape[1]]))]
        return convert_lightgbm(fitted, initial_types=shape)
    return to_onnx(fitted, x)


def merged(models, x):
    """One graph with the input `X` and an output for each model, by role, so that one call does all."""
    whole = None
    for role, model in models.items():
        part = compose.add_prefix(to_onnx(model, x), f"{role}_", rename_inputs=False)
        if whole is None:
            whole = part
            continue
        whole.graph.node.extend(part.graph.node)
        whole.graph.initializer.extend(part.graph.initializer)
        whole.graph.output.extend(part.graph.output)
    onnx.checker.check_model(whole)
    return whole


def trio_call(rows):
    """A call that predicts the next held-out row, already scaled, with all three in one graph."""
    models = {
        role: scikit.METHODS[name].fit(rows.x_train, rows.y_train)
        for role, name in zip(["prediction", "lower", "upper"], scikit.TRIO)
    }
    x = rows.x_test.astype("float32")
    run = session(merged(models, x[:1]), 1).run
    position = 0

    def call():
        nonlocal position
        position = (position + 1) % len(x)
        return run(None, {"X": x[position : position + 1]})

    return call
