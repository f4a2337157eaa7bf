"""Times whole `hp` processes: wall time and peak memory, median of several runs.

    python3 bench/processes.py target/release/hp
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 15


def measure(command):
    """Wall milliseconds and peak mebibytes of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - start) * 1e3
    if status != 0:
        sys.exit(f"{command} failed:\n{error.decode()}")
    return wall, usage.ru_maxrss / 1024


def report(name, command, prepare=lambda: None):
    runs = []
    for round_ in range(ROUNDS + 1):
        prepare()
        run = measure(command)
        if round_ > 0:  # the first one warms the file cache
            runs.append(run)
    walls, peaks = zip(*runs)
    print(f"{name:28} {statistics.median(walls):8.1f} ms  [{min(walls):.1f} – {max(walls):.1f}]"
          f"  {max(peaks):6.1f} MiB peak")


def main():
    hp = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        os.environ["HP_DATA_DIR"] = f"{work}/data"
        os.environ["HP_ARTIFACTS"] = f"{work}/artifacts"
        clean = lambda: subprocess.run(["rm", "-rf", f"{work}/data", f"{work}/artifacts"], check=True)
        print(f"whole processes, median of {ROUNDS} runs [fastest – slowest]")
        report("hp run --offline, from empty", [hp, "run", "--offline"], clean)
        report("hp run --offline, unchanged", [hp, "run", "--offline"])
        report("hp predict --json, one row", [hp, "predict", "--json", "input.json"])


main()
