"""lleaves: LightGBM's trees compiled by LLVM."""

import pathlib
import tempfile

import lleaves


def predictor(fitted, x, threads):
    file = pathlib.Path(tempfile.mkdtemp()) / "model.txt"
    fitted.booster_.save_model(file)
    model = lleaves.Model(model_file=str(file))
    model.compile()
    return lambda: model.predict(x, n_jobs=threads)
