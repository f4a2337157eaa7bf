"""The parts of hp that no peer has, measured by criterion (`bench/benches`)."""

import json
import os
import shutil

from suite.processes import must
from suite.report import NAME_WIDTH, time

TITLES = {
    "fit": "fit on 404 rows of 12 features",
    "train": "train: fit on 404 rows, then on 5 folds",
    "predict one row": "predict one row",
    "predict in bulk": "predict in bulk",
    "artifact": "artifact",
}

QUICK = ["--sample-size", "10", "--warm-up-time", "0.1", "--measurement-time", "0.4"]


def measure(root, home, quick):
    """Runs every benchmark; gives a table of the medians with how certain they are, and throughputs."""
    shutil.rmtree(home, ignore_errors=True)
    command = ["cargo", "bench", "--locked", "-p", "hp-bench"]
    for name in ("fit", "predict", "artifact"):
        command += ["--bench", name]
    environment = {**os.environ, "CRITERION_HOME": str(home)}
    must([*command, "--", *(QUICK if quick else [])], cwd=root, env=environment)
    groups = read(home)
    tables = [table(group, groups[group]) for group in TITLES if group in groups]
    return "\n\n".join(tables)


def read(home):
    """Medians and throughputs by group and name, in the order they were measured."""
    files = sorted(home.rglob("new/benchmark.json"), key=lambda file: file.stat().st_mtime_ns)
    groups = {}
    for file in files:
        benchmark = json.loads(file.read_text())
        median = json.loads(file.with_name("estimates.json").read_text())["median"]
        names = groups.setdefault(benchmark["group_id"], {})
        names[benchmark["function_id"]] = median, benchmark["throughput"]
    return groups


def table(group, names):
    lines = [TITLES[group]]
    for name, (median, throughput) in names.items():
        interval = median["confidence_interval"]
        low, high = interval["lower_bound"] / 1e9, interval["upper_bound"] / 1e9
        middle = median["point_estimate"] / 1e9
        cells = [time(middle).rjust(9), f"{time(low)} – {time(high)}".rjust(21)]
        if throughput and "Elements" in throughput:
            cells.append(f"{throughput['Elements'] / middle / 1e6:.2f} million/s")
        lines.append("  ".join(["  " + name.ljust(NAME_WIDTH + 8), *cells]))
    return "\n".join(lines)
