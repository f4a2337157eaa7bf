"""The rows of the comparison: what is fitted on what, by whom, and what hp aims at."""

from dataclasses import dataclass

# Of every data set.
FEATURES = 12
# Rows that are predicted at once.
BULK = 100_000


@dataclass(frozen=True)
class Aim:
    """hp is at least `times` as fast as one peer, or as the best of them; or it takes at most `seconds`."""

    times: float = None
    of: str = "the best"
    seconds: float = None


@dataclass(frozen=True)
class Row:
    """A measurement that hp and `peers` make side by side."""

    title: str
    # "fit" times fitting, "predict" the predictions for the held-out rows, "one row" those of the trio.
    task: str
    data: str
    # The family of the method and its parameters, under scikit-learn's names.
    method: dict
    peers: tuple
    aim: Aim
    # Fits, or predictions, in each process, the first of which warms up when there are more than two.
    repeats: int = 1
    # Processes of each side, taken in turn.
    rounds: int = 3
    # The share by which the loss of hp may be above the best peer's.
    tolerance: float = 0.01
    # A peer that takes longer than these seconds is stopped.
    patience: float = 300.0
    # Also compare the whole process, and hold its memory to this share of the best peer's.
    memory: float = None
    # Peers that get one round.
    slow: tuple = ()

    @property
    def key(self):
        return f"{self.task}: {self.title}, {self.data}"

    @property
    def train_rows(self):
        kind, _, rows = self.data.partition("-")
        return int(rows) if kind == "friedman" else 404


SKLEARN, ONEDAL, SMARTCORE = "scikit-learn", "oneDAL", "smartcore"
LIGHTGBM, XGBOOST = "LightGBM", "XGBoost"
PFN, STATSMODELS = "pinball-qr pfn", "statsmodels"
ONNX, TREELITE, TL2CGEN, LLEAVES = "onnxruntime", "treelite", "tl2cgen", "lleaves"
DAAL4PY = "daal4py model builder"

ALL = {"family": "all"}
TRIO = {"family": "trio"}
FOREST = {"family": "forest", "n_estimators": 100}
QUANTILE = {"loss": "quantile", "alpha": 0.9, "n_estimators": 100, "learning_rate": 0.1}
DEPTH_3 = {"family": "boosting", **QUANTILE, "max_depth": 3}
LEAVES_31 = {"family": "hist", **QUANTILE, "max_leaf_nodes": 31}
SQUARED = {**LEAVES_31, "loss": "squared_error"}
QR = {"family": "quantile", "quantile": 0.9, "alpha": 0}
HUBER = {"family": "huber", "epsilon": 1.35, "alpha": 0.0001, "max_iter": 100}
LINEAR = {"family": "linear"}
RIDGE = {"family": "ridge", "alpha": 1.0}


def fit(title, data, method, peers, aim, **more):
    return Row(title, "fit", data, method, peers, aim, **more)


def predict(title, data, method, peers, times):
    return Row(title, "predict", data, method, peers, Aim(times), repeats=12, tolerance=0.05)


FOREST_TITLE = "Random Forest, 100 full trees"
DEPTH_3_TITLE = "Gradient Boosting quantile, 100 × depth 3"
HIST_TITLE = "boosting, histogram, 31 leaves, 100 rounds, quantile"
SQUARED_TITLE = "boosting, histogram, 31 leaves, 100 rounds, squared error"

ROWS = [
    fit(
        "all eight methods", "boston", ALL, (SKLEARN,), Aim(40, SKLEARN), repeats=9, tolerance=0.05
    ),
    fit(
        FOREST_TITLE,
        "boston",
        FOREST,
        (SKLEARN, ONEDAL, SMARTCORE),
        Aim(4),
        repeats=15,
        tolerance=0.05,
    ),
    fit(
        FOREST_TITLE,
        "friedman-10000",
        FOREST,
        (SKLEARN, ONEDAL, SMARTCORE),
        Aim(2),
        repeats=3,
        slow=(SMARTCORE,),
    ),
    fit(
        FOREST_TITLE,
        "friedman-100000",
        FOREST,
        (SKLEARN, ONEDAL),
        Aim(2),
        memory=0.5,
        slow=(SKLEARN,),
    ),
    fit(
        FOREST_TITLE,
        "friedman-1000000",
        FOREST,
        (ONEDAL,),
        Aim(2),
        memory=0.5,
        rounds=1,
        patience=900,
    ),
    fit(DEPTH_3_TITLE, "boston", DEPTH_3, (SKLEARN,), Aim(40, SKLEARN), repeats=15, tolerance=0.05),
    fit(DEPTH_3_TITLE, "friedman-10000", DEPTH_3, (SKLEARN,), Aim(40, SKLEARN), repeats=3),
    fit(
        HIST_TITLE,
        "boston",
        LEAVES_31,
        (SKLEARN, LIGHTGBM, LIGHTGBM + ", 1 thread", XGBOOST),
        Aim(5),
        repeats=15,
        tolerance=0.05,
    ),
    fit(HIST_TITLE, "friedman-10000", LEAVES_31, (SKLEARN, LIGHTGBM, XGBOOST), Aim(3), repeats=9),
    fit(HIST_TITLE, "friedman-100000", LEAVES_31, (SKLEARN, LIGHTGBM, XGBOOST), Aim(2), repeats=3),
    fit(
        HIST_TITLE,
        "friedman-1000000",
        LEAVES_31,
        (SKLEARN, LIGHTGBM, XGBOOST),
        Aim(2),
        memory=1.0,
        slow=(XGBOOST,),
    ),
    fit(SQUARED_TITLE, "friedman-1000000", SQUARED, (LIGHTGBM, XGBOOST), Aim(1)),
    fit("Quantile Regression", "boston", QR, (SKLEARN, PFN, STATSMODELS), Aim(1), repeats=15),
    fit(
        "Quantile Regression",
        "friedman-10000",
        QR,
        (SKLEARN, PFN, STATSMODELS),
        Aim(1),
        repeats=5,
        slow=(SKLEARN,),
    ),
    fit(
        "Quantile Regression",
        "friedman-100000",
        QR,
        (SKLEARN, PFN, STATSMODELS),
        Aim(1),
        repeats=3,
        slow=(SKLEARN, STATSMODELS),
    ),
    fit(
        "Quantile Regression",
        "friedman-1000000",
        QR,
        (PFN, STATSMODELS),
        Aim(1),
        repeats=3,
        slow=(STATSMODELS,),
    ),
    fit("Huber", "friedman-100000", HUBER, (SKLEARN,), Aim(5, SKLEARN), repeats=5),
    fit("Huber", "friedman-1000000", HUBER, (SKLEARN,), Aim(5, SKLEARN), repeats=3),
    fit("Linear", "friedman-1000000", LINEAR, (SKLEARN, ONEDAL), Aim(1), repeats=9),
    fit("Ridge", "friedman-1000000", RIDGE, (SKLEARN, ONEDAL), Aim(1), repeats=9),
    Row(
        "the served trio",
        "one row",
        "boston",
        TRIO,
        (SKLEARN, ONNX, SMARTCORE + ", forest alone"),
        Aim(seconds=3e-6),
        repeats=2000,
    ),
    predict(
        "forest of 100 trees",
        "boston-bulk",
        FOREST,
        (SKLEARN, DAAL4PY, ONNX, TL2CGEN, TREELITE),
        2,
    ),
    predict(
        "forest of 100 trees",
        "friedman-10000",
        FOREST,
        (SKLEARN, DAAL4PY, ONEDAL, ONNX),
        2,
    ),
    predict(
        "100 boosted trees of 31 leaves",
        "friedman-100000",
        LEAVES_31,
        (SKLEARN, DAAL4PY, LLEAVES, XGBOOST, TL2CGEN, ONNX, LIGHTGBM),
        1.5,
    ),
    predict("100 boosted trees of depth 3", "friedman-10000", DEPTH_3, (SKLEARN, ONNX), 4),
]
