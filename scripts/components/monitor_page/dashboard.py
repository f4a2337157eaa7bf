"""The dashboard for Grafana: it is what Grafana's own schema says, and asks only for what is told."""

import json
import re
import urllib.request
from pathlib import Path

import promql_parser
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

PATH = Path(__file__).parents[3] / "deploy/grafana/dashboard.json"
# What Grafana fills in.
VARIABLES = {"$__rate_interval": "5m", "$window": "24h"}


def the_dashboard_keeps_to_the_schema(_):
    written = json.loads(PATH.read_text())
    understood = json.loads(JSONEncoder().encode(Dashboard.from_json(written)))
    lost = [path for path, value in _leaves(written) if value not in (None, "", False, [], {}) and _at(understood, path) != value]
    assert not lost, f"not understood by the schema: {lost}"
    panels = _panels(written)
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids), ids
    for panel in panels:
        place = panel["gridPos"]
        assert 0 <= place["x"] and place["x"] + place["w"] <= 24, panel["title"]
        assert panel["type"] == "row" or panel["targets"], panel["title"]


def every_metric_of_the_dashboard_is_told(scene):
    # The newest true values are older than a day.
    with scene.monitor(f"sqlite://{scene.given.log}", "--metrics-range", "30d") as url:
        told = _labels(f"{url}metrics") | _labels(f"{scene.given.api}/metrics")
    dashboard = json.loads(PATH.read_text())
    asked = {}
    for panel in _panels(dashboard):
        for target in panel.get("targets", []):
            asked[target["expr"]] = panel["title"]
    assert len(asked) > 20, asked
    for expression, title in asked.items():
        text = expression
        for variable, value in VARIABLES.items():
            text = text.replace(variable, value)
        for name, labels in _selectors(promql_parser.parse(text)):
            assert name in told, f"{title}: nobody tells {name}"
            assert labels <= told[name], f"{title}: {name} has {told[name]}, not {labels}"
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            name, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()
            assert label in told[name], f"{name} has {told[name]}, not {label}"


def _panels(dashboard):
    return [panel for top in dashboard["panels"] for panel in (top, *top.get("panels", []))]


def _labels(url):
    """The labels of every metric that is told at `url`."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        lines = [line for line in answer.read().decode().splitlines() if line and not line.startswith("#")]
    found = {}
    for line in lines:
        found.setdefault(re.match(r"\w+", line)[0], set()).update(re.findall(r'(\w+)="', line))
    return found


def _selectors(expression):
    """The metrics of an expression, with the labels that it names."""
    if isinstance(expression, promql_parser.VectorSelector):
        return [(expression.name, {it.name for it in expression.matchers.matchers} - {"__name__"})]
    found = []
    grouped = set(getattr(getattr(expression, "modifier", None), "labels", []))
    for part in ("expr", "vector_selector", "lhs", "rhs", "args"):
        inner = getattr(expression, part, None)
        for it in inner if isinstance(inner, list) else [inner] if inner is not None else []:
            found += _selectors(it)
    return [(name, labels | grouped) for name, labels in found]


def _leaves(value, path=()):
    if isinstance(value, dict):
        return [leaf for name, it in value.items() for leaf in _leaves(it, (*path, name))]
    if isinstance(value, list):
        return [leaf for place, it in enumerate(value) for leaf in _leaves(it, (*path, place))]
    return [(path, value)]


def _at(value, path):
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
