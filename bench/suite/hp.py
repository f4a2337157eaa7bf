"""hp, driven as its users do: it fetches a data set, trains by a configuration and says how long that took."""

import json
import os
import shutil
import tempfile

from suite.processes import must, run

# What hp calls the families of methods.
NAMES = {
    "forest": "Random Forest Regressor",
    "huber": "Huber Regressor",
    "linear": "Linear Regression",
    "quantile": "Upper Estimator_QR",
    "ridge": "Ridge Regression",
}
# A version needs a method of each role; only the one that is asked for is tried.
COMPANIONS = ["Linear Regression", "Upper Estimator_QR", "Lower Estimator_QR"]


class Hp:
    """The binary, and the folder where its configurations and data sets are."""

    def __init__(self, root, target, work, threads):
        self.root, self.work, self.target = root, work, target
        self.binary = target / "release/hp"
        self.environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}

    def fetch(self, data):
        """Fetches a data set, unless it is there."""
        folder = self.work / data
        if not (folder / f"fetched/{data}.manifest.json").exists():
            must([self.binary, "fetch", *self.of(data)], env=self.environment)

    def of(self, data):
        folder = self.work / data
        return ["--data-config", folder / "data_config.yaml", "--data-dir", folder / "fetched"]

    def measure(self, row, repeats, patience):
        """The times of one process at a row of the table, as a worker gives those of a peer."""
        if row.task == "one row":
            return self.one_row()
        command = [self.binary, "train", *self.of(row.data), "--timings", "json"]
        command += ["--trial", str(repeats)]
        if row.method["family"] == "all":
            command += ["--config", self.root / "configs/model_config.yaml"]
        else:
            name, config = configured(row.method)
            file = self.work / "model_config.yaml"
            file.write_text(json.dumps(config, indent=2))
            command += ["--config", file, "--method", name]
        done = run(command, patience=patience, env=self.environment)
        if done.status != 0:
            return done, None
        answer = json.loads(done.stdout)
        methods = answer["methods"]
        times = zip(*(method["predict" if row.task == "predict" else "fit"] for method in methods))
        scores = {method["name"]: method["score"] for method in methods}
        score = scores.get(NAMES["forest"], methods[0]["score"])
        return done, {"seconds": [sum(round) for round in times], "score": score}

    def one_row(self):
        """The median of criterion, as a single time."""
        home = self.work / "criterion"
        shutil.rmtree(home, ignore_errors=True)
        command = ["cargo", "bench", "--locked", "-p", "hp-bench", "--bench", "predict"]
        environment = {**self.environment, "CRITERION_HOME": str(home)}
        done = run([*command, "--", "predict one row/served trio$"], cwd=self.root, env=environment)
        if done.status != 0:
            return done, None
        estimates = next(home.rglob("new/estimates.json"))
        seconds = json.loads(estimates.read_text())["median"]["point_estimate"] / 1e9
        return done, {"seconds": [seconds]}

    def processes(self, rounds):
        """Whole processes with Boston Housing, after one of each that warms the file cache."""
        with tempfile.TemporaryDirectory() as work:
            folders = {"HP_DATA_DIR": f"{work}/data", "HP_ARTIFACTS": f"{work}/artifacts"}
            options = {"cwd": self.root, "env": {**self.environment, **folders}}

            def empty():
                for folder in folders.values():
                    shutil.rmtree(folder, ignore_errors=True)

            pipeline = [self.binary, "run", "--offline"]
            measured = {}
            for name, command, before in [
                ("hp run, from empty", pipeline, empty),
                ("hp run, unchanged", pipeline, lambda: None),
                (
                    "hp predict, one row",
                    [self.binary, "predict", "--json", "input.json"],
                    lambda: None,
                ),
            ]:
                runs = []
                for _ in range(rounds + 1):
                    before()
                    runs.append(must(command, **options))
                measured[name] = {
                    "wall": [run.wall for run in runs[1:]],
                    "peak": [run.peak for run in runs[1:]],
                }
        return measured


def configured(method):
    """The name of a method, and a model configuration with it."""
    params = {key: value for key, value in method.items() if key != "family"}
    if method["family"] == "hist":
        # The other libraries' leaves have at least 20 rows each, and no tree is limited in depth.
        params |= {"tree_method": "hist", "max_depth": None, "min_samples_leaf": 20}
    if method["family"] in ("hist", "boosting"):
        quantile = method["loss"] == "quantile"
        name = "Upper Estimator_GBR" if quantile else "Gradient Boosting Regressor"
    else:
        name = NAMES[method["family"]]
    if method["family"] in ("forest", "boosting", "hist"):
        params["random_state"] = 42
    companions = [other for other in COMPANIONS if other != name]
    methods = [{"name": name, "config": params}] + [
        {"name": other, "config": {"quantile": 0.1} if other.startswith("Lower") else {}}
        for other in companions
    ]
    return name, {"model_versions": "v1.0.0", "Methods": methods}
