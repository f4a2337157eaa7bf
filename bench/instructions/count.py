"""Compares the instructions that small fits and single predictions take with the bounds of bounds.json.

    python3 bench/instructions/count.py PROGRAM [--update]

PROGRAM is the binary `instructions` of hp-bench, built for release. Counts do not depend on how busy a
machine is, only on the code and, a little, on the compiler. `--update` writes them as the new bounds.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

BOUNDS = pathlib.Path(__file__).with_name("bounds.json")
# The share by which a count may be above its bound; below it by more, the bound has lost its use.
TOLERANCE = 0.05
# The held-out rows of Boston Housing.
ROWS = 102
ONE_ROW = "served trio, one row"


def main():
    counts = measure(sys.argv[1])
    if "--update" in sys.argv[2:]:
        BOUNDS.write_text(json.dumps(counts, indent=2) + "\n")
        print(f"wrote {BOUNDS}")
        return
    bounds = json.loads(BOUNDS.read_text())
    if counts.keys() != bounds.keys():
        sys.exit("the cases are not those of bounds.json: update it with --update")
    slower = False
    for name, count in counts.items():
        share = count / bounds[name] - 1
        word = "ok"
        if share > TOLERANCE:
            slower, word = True, "TOO MANY"
        elif share < -TOLERANCE:
            word = "fewer: tighten the bound with --update"
        print(f"{name:26} {count:>14,}  {share:+7.1%}  {word}")
    if slower:
        sys.exit(
            "more instructions than bounds.json allows; if that is meant, update it with --update"
        )


def measure(program):
    """Instructions by case, without those that only prepare it."""
    listed = subprocess.run([program, "list"], check=True, capture_output=True, text=True)
    methods = listed.stdout.splitlines()
    nothing = instructions(program, "nothing")
    counts = {name: instructions(program, name) - nothing for name in methods}
    rows = instructions(program, "trio, rows") - instructions(program, "trio")
    return {**counts, ONE_ROW: rows // ROWS}


def instructions(program, case):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, case]
    # One thread: how several share the work changes from run to run.
    environment = {"PATH": os.environ["PATH"], "RAYON_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not collected:
        sys.exit(f"{case} could not be counted:\n{done.stderr}")
    return int(collected[1])


if __name__ == "__main__":
    main()
