"""The peer: the published API in FastAPI, in front of scikit-learn, onnxruntime or no model.

    PEER=sklearn|onnx|none PEER_FOLDER=… uvicorn fastapi_app:app

Without a model it answers a constant, which shows what the framework alone costs.
"""

import os
import pathlib
from datetime import datetime, timezone

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

FOLDER = pathlib.Path(os.environ["PEER_FOLDER"])
PEER = os.environ["PEER"]
ROLES = ["prediction", "lower", "upper"]


class Row(BaseModel):
    CRIM: float
    ZN: float
    INDUS: float
    CHAS: int
    NOX: float
    RM: float
    AGE: float
    DIS: float
    RAD: int
    TAX: int
    PTRATIO: float
    LSTAT: float


def sklearn_trio():
    saved = joblib.load(FOLDER / "trio.joblib")
    columns, models = scaling(saved["scaler"]), saved["models"]

    def predict(row):
        x = columns(row)
        return [models[role].predict(x)[0] for role in ROLES]

    return predict


def onnx_trio():
    import onnxruntime

    saved = joblib.load(FOLDER / "trio.joblib")["scaler"]
    columns = scaling(saved)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(FOLDER / "trio.onnx"), options)
    outputs = [output.name for output in session.get_outputs()]

    def predict(row):
        values = session.run(outputs, {"X": columns(row).astype(np.float32)})
        return [value.item() for value in values]

    return predict


def scaling(saved):
    """From a row to the matrix `[1, features]` that the models take."""

    def columns(row):
        x = np.array([list(row.values())], dtype=float)
        x[:, saved["columns"]] = (x[:, saved["columns"]] - saved["mean"]) / saved["scale"]
        return x

    return columns


predict = {"sklearn": sklearn_trio, "onnx": onnx_trio, "none": lambda: lambda row: (25.4, 24.0, 30.25)}[
    PEER
]()
app = FastAPI()


@app.post("/v1/predict")
async def predict_row(row: Row):
    data = row.model_dump()
    prediction, lower, upper = predict(data)
    return {
        "input_data": data,
        "prediction": {"Lower_Interval": lower, "Prediction": prediction, "Upper_Interval": upper},
        "interval_width": upper - lower,
        "is_uncertain": not lower <= prediction <= upper,
        "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S"),
    }
