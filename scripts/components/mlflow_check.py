"""Reads with MLflow's own client what hp sent, and compares it with the run folders.

mlflow_check.py sent ARTIFACTS        every run there is on the server once and with everything
mlflow_check.py alias ALIAS VERSION   the alias means this version
"""

import hashlib
import json
import math
import sys
import tempfile
from pathlib import Path

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.models import Model

client = MlflowClient()


def runs_of(experiment, run_id):
    found = client.search_runs([experiment.experiment_id], f"tags.`hp.run_id` = '{run_id}'")
    parents = [run for run in found if "mlflow.parentRunId" not in run.data.tags]
    children = {run.data.tags["hp.method"]: run for run in found if run not in parents}
    assert len(parents) == 1 and len(found) == 1 + len(children), f"{run_id}: {len(found)} runs"
    return parents[0], children


def check_metrics(remote, expected):
    for name, value in expected.items():
        assert math.isclose(remote.data.metrics[name], value, rel_tol=1e-12), name


def check_parent(remote, run, artifacts, folder):
    tags = remote.data.tags
    assert remote.info.status == run["status"]
    assert remote.info.end_time >= remote.info.start_time
    assert tags["mlflow.source.name"] == "hp train"
    assert tags["hp.data_fingerprint"] == run["data"]["fingerprint"]
    assert tags["mlflow.note.content"].count("\n| ") >= len(run["methods"])
    check_metrics(remote, run["metrics"])
    (data,) = [entry.dataset for entry in remote.inputs.dataset_inputs]
    assert data.name == run["data"]["name"] and run["data"]["fingerprint"].startswith(data.digest)
    columns = json.loads(data.schema)["mlflow_colspec"]
    assert [column["name"] for column in columns] == [name for name, _ in run["data"]["columns"]]
    sent = {"run.json": folder / "run.json", "manifest.json": folder / "manifest.json"}
    evaluation = artifacts / f"{run['model_version']}.evaluation.json"
    if evaluation.exists():
        sent["evaluation.json"] = evaluation
    names = {file.path for file in client.list_artifacts(remote.info.run_id)}
    assert names >= sent.keys(), names
    with tempfile.TemporaryDirectory() as there:
        for name, path in sent.items():
            got = client.download_artifacts(remote.info.run_id, name, there)
            assert Path(got).read_bytes() == path.read_bytes(), name


def check_child(remote, parent, method):
    assert remote.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert remote.info.run_name == method["name"] and remote.info.status == "FINISHED"
    assert remote.data.params.keys() >= method["parameters"].keys()
    check_metrics(remote, method["metrics"])
    scores = method["cross_validation"]
    history = client.get_metric_history(remote.info.run_id, f"cv_{scores['metric']}_fold")
    points = sorted((point.step, point.value) for point in history)
    assert points == list(enumerate(scores["scores"])), points


def check_measured(model, expected, data):
    """The newest value of each metric of a logged model, and what it was measured on."""
    newest = {}
    for metric in sorted(model.metrics, key=lambda metric: (metric.step, metric.timestamp)):
        newest[metric.key] = metric
    assert newest.keys() >= expected.keys(), f"{model.name}: {sorted(newest)}"
    for name, value in expected.items():
        assert math.isclose(newest[name].value, value, rel_tol=1e-12), name
    for metric in newest.values():
        assert metric.dataset_name == data["name"], metric
        assert data["fingerprint"].startswith(metric.dataset_digest), metric
        assert not metric.key.endswith("seconds"), metric


def check_models(experiment, run, artifacts):
    found = client.search_logged_models([experiment.experiment_id], f"tags.`hp.run_id` = '{run['id']}'")
    assert len(found) == len(run["methods"]) + 1, len(found)
    assert {str(model.status) for model in found} == {"READY"}, found
    (whole,) = [model for model in found if "hp.method" not in model.tags]
    check_measured(whole, run["metrics"], run["data"])
    of_method = {model.tags.get("hp.method"): model for model in found}
    for method in run["methods"]:
        check_measured(of_method[method["name"]], method["metrics"], run["data"])
    version = artifacts / run["model_version"]
    with tempfile.TemporaryDirectory() as there:
        got = Path(download_artifacts(artifact_uri=f"models:/{whole.model_id}", dst_path=there))
        for path in version.iterdir():
            assert (got / path.name).read_bytes() == path.read_bytes(), path.name
        model = Model.load(str(got))
    assert model.flavors["hp"]["model_version"] == run["model_version"]
    names = [name for name, _ in run["data"]["columns"]][:-1]
    assert model.signature.inputs.input_names() == names
    digest = hashlib.sha256((version / "manifest.json").read_bytes()).hexdigest()
    filters = f"name = 'hp' and tags.`hp.manifest_sha256` = '{digest}'"
    (registered,) = client.search_model_versions(filters)
    assert registered.source == f"models:/{whole.model_id}"
    assert registered.tags["hp.model_version"] == run["model_version"]


def check_sent(artifacts):
    experiment = client.get_experiment_by_name("hp")
    folders = sorted(path.parent for path in artifacts.glob("runs/*/run.json"))
    assert folders, "no runs"
    for folder in folders:
        run = json.loads((folder / "run.json").read_text())
        parent, children = runs_of(experiment, run["id"])
        assert children.keys() == {method["name"] for method in run["methods"]}
        check_parent(parent, run, artifacts, folder)
        for method in run["methods"]:
            check_child(children[method["name"]], parent, method)
        check_models(experiment, run, artifacts)
    print(f"{len(folders)} runs with everything")


def check_alias(alias, version):
    found = client.get_model_version_by_alias("hp", alias)
    assert found.tags["hp.model_version"] == version, found
    print(f"{alias} is {version}, number {found.version}")


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "sent":
        check_sent(Path(rest[0]))
    else:
        check_alias(*rest)
