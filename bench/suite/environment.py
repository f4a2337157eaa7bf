"""What a comparison needs before it starts: the programs, the peers' Python, the data sets; and what it ran on."""

import datetime
import json
import platform
import shlex
import sys

from suite.processes import must


def build_hp(root):
    must(["cargo", "build", "--locked", "--release", "--bin", "hp"], cwd=root)


def benchmark(root, name):
    """The program of a benchmark of hp-bench, built."""
    command = ["cargo", "bench", "--locked", "-p", "hp-bench", "--bench", name, "--no-run"]
    messages = must([*command, "--message-format=json"], cwd=root).stdout.splitlines()
    # The binaries of the package are built beside it.
    built = (json.loads(message) for message in messages)
    return next(m["executable"] for m in built if m.get("executable") and m["target"]["name"] == name)


def peers(root, home):
    """A Python of its own with the peers, in the folder `home`."""
    wanted = (root / "bench/requirements.txt").read_text()
    installed = home / "installed"
    if not installed.exists() or installed.read_text() != wanted:
        must([sys.executable, "-m", "venv", "--clear", home])
        pip = [home / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
        must([*pip, "-r", root / "bench/requirements.txt"])
        installed.write_text(wanted)
    return home / "bin/python"


def data_set(root, python, folder):
    """Makes a data set, unless it is there."""
    if not (folder / "data_config.yaml").exists():
        must([python, "-m", "suite.sets", folder], cwd=root / "bench")


def about(root, python, threads):
    """When, on what, with which threads and versions."""
    with open("/proc/cpuinfo") as lines, open("/proc/meminfo") as memory:
        models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        kibibytes = int(memory.readline().split()[1])
    probe = must([python, "-m", "suite.bandwidth", str(threads)], cwd=root / "bench")
    return {
        "date": datetime.date.today().isoformat(),
        "command": shlex.join(["bench/run", *sys.argv[1:]]),
        "cores": len(models),
        "processor": models[0] if models else platform.machine(),
        "memory_gib": round(kibibytes / 2**20),
        "bandwidth": float(probe.stdout),
        "threads": threads,
        "versions": versions(root, python),
    }


def versions(root, python):
    """The compiler, Python, and the peers as they are installed."""
    pinned = (root / "bench/requirements.txt").read_text().splitlines()
    names = [line.partition("==")[0] for line in pinned if "==" in line]
    asked = (
        "import sys, json, platform, importlib.metadata as packages\n"
        "found = {name: packages.version(name) for name in sys.argv[1:]}\n"
        "print(json.dumps({'Python': platform.python_version(), **found}))"
    )
    found = json.loads(must([python, "-c", asked, *names]).stdout)
    return {"rustc": must(["rustc", "--version"]).stdout.split()[1], **found, "smartcore": "0.7"}
