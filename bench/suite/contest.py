"""Measuring a row of the table: hp and each peer in turn, a process each, for several rounds."""

import json
from dataclasses import asdict, dataclass, field

from suite.peers import MODULES
from suite.processes import run

# Seconds for reading the data and predicting, beside what is measured.
AROUND = 60


@dataclass
class Measured:
    """One side of a row."""

    # Of every fit or prediction, without those that warm up.
    seconds: list = field(default_factory=list)
    score: float = None
    # Of every process: seconds from start to end, and MiB of memory at most.
    wall: list = field(default_factory=list)
    peak: list = field(default_factory=list)
    # Nodes that a row visits in all trees.
    visits: float = None
    # The seconds after which it was stopped, or why it failed.
    over: float = None
    failed: str = None

    def add(self, done, answer):
        if done.stopped:
            return
        if answer is None:
            words = [line for line in done.stderr.splitlines() if line.strip()]
            self.failed = next((line for line in reversed(words) if "hint:" not in line), "no word")
            return
        seconds = answer["seconds"]
        self.seconds += seconds[1:] if len(seconds) > 2 else seconds
        self.wall.append(done.wall)
        self.peak.append(done.peak)
        self.score = answer.get("score")
        self.visits = answer.get("visits")


class Contest:
    """hp and the peers' Python and programs."""

    def __init__(self, hp, python, smartcore, threads):
        self.hp, self.python, self.smartcore, self.threads = hp, python, smartcore, threads

    def measure(self, row, quick):
        """The result of a row, ready for JSON."""
        sides = {name: Measured() for name in ("hp", *row.peers)}
        for round in range(1 if quick else row.rounds):
            for name, side in sides.items():
                slow = name in row.slow
                if side.over or side.failed or (slow and round > 0):
                    continue
                repeats = 1 if slow else row.repeats
                patience = row.patience
                if quick:
                    repeats, patience = -(-repeats // 5), 20
                limit = patience * repeats + AROUND
                done, answer = self.run(name, row, repeats, limit)
                side.add(done, answer)
                if done.stopped:
                    side.over = patience
        threads, train_rows = self.threads, row.train_rows
        row = {"key": row.key, **asdict(row), "threads": threads, "train_rows": train_rows}
        return {**row, "sides": {n: asdict(s) for n, s in sides.items()}}

    def run(self, name, row, repeats, patience):
        if name == "hp":
            return self.hp.measure(row, repeats, patience)
        data = self.hp.work / row.data
        peer, _, variant = name.partition(", ")
        if peer == "smartcore":
            task = "row" if row.task == "one row" else "fit"
            done = run([self.smartcore, task, data, str(repeats)], patience=patience)
        else:
            threads = 1 if variant == "1 thread" else self.threads
            case = {
                "module": MODULES[peer],
                "task": row.task,
                "method": row.method,
                "data": str(data),
                "threads": threads,
                "repeats": repeats,
            }
            limits = {name: str(threads) for name in THREADS}
            done = run(
                [self.python, "-m", "suite.worker"],
                patience=patience,
                stdin=json.dumps(case),
                cwd=self.hp.root / "bench",
                env={**self.hp.environment, **limits},
            )
        return done, json.loads(done.stdout) if done.status == 0 else None


# How BLAS and OpenMP are told the number of threads.
THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]
