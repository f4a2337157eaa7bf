"""Prints what criterion measured as one table: medians and how certain they are.

    python3 bench/figures.py CRITERION_FOLDER [PEERS_FILE]

The folder is criterion's; the file is the output of peers.py, and adds its medians and how many
times as long they are.
"""

import json
import pathlib
import sys

TITLES = {
    "fit": "fit on 404 rows of 12 features",
    "train": "train: fit on 404 rows, then on 5 folds",
    "predict one row": "predict one row",
    "predict in bulk": "predict in bulk",
    "artifact": "artifact",
}

NAME_WIDTH = 40


def main():
    groups = read_criterion(pathlib.Path(sys.argv[1]))
    peer, others = read_peers(sys.argv[2]) if len(sys.argv) > 2 else (None, {})
    for group in sorted(groups, key=list(TITLES).index):
        rows = {name: hp_cells(*measured) for name, measured in groups[group].items()}
        peers = others.get(group, {})
        header = ["median", "95% interval"]
        if group == "predict in bulk":
            header.append("throughput")
        if peers:
            header += [peer, "times hp"]
            for name, nanoseconds in peers.items():
                mine = groups[group].get(name)
                times = ratio(nanoseconds, mine[0]["point_estimate"]) if mine else ""
                blank = [""] * (len(header) - 2)
                rows.setdefault(name, blank).extend([time(nanoseconds), times])
        print_table(TITLES[group], header, rows)
        print()


def read_criterion(folder):
    """Medians and throughputs by group and name, in the order they were measured."""
    files = sorted(folder.rglob("new/benchmark.json"), key=lambda file: file.stat().st_mtime_ns)
    if not files:
        sys.exit(f"{folder} holds no measurements")
    groups = {}
    for file in files:
        benchmark = json.loads(file.read_text())
        median = json.loads(file.with_name("estimates.json").read_text())["median"]
        names = groups.setdefault(benchmark["group_id"], {})
        names[benchmark["function_id"]] = median, benchmark["throughput"]
    return groups


def read_peers(path):
    """The peer's name, and its medians in nanoseconds by group and name."""
    peer, groups = "peer", {}
    for line in pathlib.Path(path).read_text().splitlines():
        key, value = line.split("\t")
        if key == "peer":
            peer = value
        else:
            group, name = key.split("/", 1)
            groups.setdefault(group, {})[name] = float(value)
    return peer, groups


def hp_cells(median, throughput):
    interval = median["confidence_interval"]
    cells = [
        time(median["point_estimate"]),
        f"{time(interval['lower_bound'])} – {time(interval['upper_bound'])}",
    ]
    if throughput and "Elements" in throughput:
        per_second = throughput["Elements"] / median["point_estimate"] * 1e9
        cells.append(f"{per_second / 1e6:.2f} million/s")
    return cells


def time(nanoseconds):
    """Three significant digits in the unit that suits them."""
    units = {"s": 1e9, "ms": 1e6, "µs": 1e3, "ns": 1}
    unit = next((unit for unit, size in units.items() if nanoseconds >= 0.9995 * size), "ns")
    number = nanoseconds / units[unit]
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{digits}f} {unit}"


def ratio(theirs, ours):
    times = theirs / ours
    return f"{times:.1f}" if times < 99.95 else f"{times:,.0f}"


def print_table(title, header, rows):
    lines = [[title, *header]] + [[name, *cells] for name, cells in rows.items()]
    columns = max(map(len, lines))
    lines = [line + [""] * (columns - len(line)) for line in lines]
    _, *widths = [max(map(len, column)) for column in zip(*lines)]
    for name, *cells in lines:
        cells = [cell.rjust(max(width, 9)) for cell, width in zip(cells, widths)]
        print("  ".join([name.ljust(NAME_WIDTH), *cells]).rstrip())


if __name__ == "__main__":
    main()
