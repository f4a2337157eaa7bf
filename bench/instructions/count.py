"""Compares the instructions that small fits and single predictions take with the bounds of bounds.json.

    python3 bench/instructions/count.py PROGRAM [--update]

PROGRAM is the binary `instructions` of hp-bench, built for release. Counts do not depend on how busy a
machine is, only on the code, the compiler and the processor's kind: where these are not those of the
bounds, the status is 77 and nothing is said of the code. `--update` writes the counts as the new bounds.
"""

import json
import os
import pathlib
import platform
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
    place = {"compiler": compiler(), "machine": platform.machine()}
    if "--update" in sys.argv[2:]:
        bounds = {**place, "counts": measure(sys.argv[1])}
        BOUNDS.write_text(json.dumps(bounds, indent=2) + "\n")
        print(f"wrote {BOUNDS}")
        return
    bounds = json.loads(BOUNDS.read_text())
    for what, here in place.items():
        if bounds[what] != here:
            print(f"not compared: the bounds are of {bounds[what]}, and this is {here}")
            sys.exit(77)
    counts, bounds = measure(sys.argv[1]), bounds["counts"]
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


def compiler():
    return subprocess.run(
        ["rustc", "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()


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
