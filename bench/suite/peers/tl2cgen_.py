"""tl2cgen: the trees as C, compiled."""

import pathlib
import tempfile

import tl2cgen

from suite.peers import treelite_


def predictor(fitted, x, threads):
    library = pathlib.Path(tempfile.mkdtemp()) / "trees.so"
    tl2cgen.export_lib(
        treelite_.model(fitted),
        toolchain="gcc",
        libpath=library,
        params={"parallel_comp": 16},
        nthread=threads,
    )
    predict = tl2cgen.Predictor(library, nthread=threads).predict
    rows = tl2cgen.DMatrix(x)
    return lambda: predict(rows).ravel()
