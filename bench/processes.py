"""Times whole `hp` processes: wall time and peak memory, medians of several runs.

    python3 bench/processes.py target/release/hp [--quick]
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    hp = os.path.abspath(sys.argv[1])
    rounds = 5 if "--quick" in sys.argv[2:] else 15
    run = [hp, "run", "--offline"]
    with tempfile.TemporaryDirectory() as work:
        folders = {"HP_DATA_DIR": f"{work}/data", "HP_ARTIFACTS": f"{work}/artifacts"}
        os.environ.update(folders)

        def empty():
            for folder in folders.values():
                shutil.rmtree(folder, ignore_errors=True)

        # A child's peak is never below the memory of the process that started it.
        _, floor = measure(["true"])
        print(f"{f'whole process, {rounds} runs':40}     median    fastest – slowest  peak memory")
        for name, command, prepare in [
            ("hp run --offline, from empty", run, empty),
            ("hp run --offline, unchanged", run, lambda: None),
            ("hp predict --json, one row", [hp, "predict", "--json", "input.json"], lambda: None),
        ]:
            walls, peaks = zip(*repeat(rounds, command, prepare))
            wall, peak = statistics.median(walls), statistics.median(peaks)
            memory = f"{peak:.1f} MiB" if peak > 1.02 * floor else f"< {floor:.1f} MiB"
            spread = f"{min(walls):.1f} – {max(walls):.1f} ms"
            print(f"{name:40}  {wall:6.1f} ms  {spread:>17}  {memory:>11}", flush=True)


def repeat(rounds, command, prepare):
    """Wall times and peaks of `rounds` runs, after one that warms the file cache."""
    runs = []
    for _ in range(rounds + 1):
        prepare()
        runs.append(measure(command))
    return runs[1:]


def measure(command):
    """Wall milliseconds and peak mebibytes of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - start) * 1e3
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{error.decode()}")
    return wall, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
