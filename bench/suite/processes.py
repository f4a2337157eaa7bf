"""Running a program to its end, with a limit: what it says, how long it takes and the memory it needs."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass


@dataclass
class Run:
    """A process that has ended."""

    stdout: str
    stderr: str
    status: int
    # Seconds from start to end.
    wall: float
    # The peak of resident memory in MiB.
    peak: float
    stopped: bool = False


def run(command, patience=None, stdin="", **options):
    """Runs a command, and stops it after `patience` seconds."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as given:
        given.write(stdin.encode())
        given.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=said, stderr=told, **options)
        stopped = threading.Event()
        timer = threading.Timer(patience or 1e6, lambda: (stopped.set(), process.kill()))
        timer.daemon = True
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        told.seek(0)
        return Run(
            stdout=said.read().decode(),
            stderr=told.read().decode(),
            status=process.returncode,
            wall=wall,
            peak=usage.ru_maxrss / 1024,
            stopped=stopped.is_set(),
        )


def must(command, **options):
    """Runs a command that cannot be done without."""
    done = run(command, **options)
    if done.status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    return done
