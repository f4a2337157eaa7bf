"""Puts the prediction API of `hp` and its peers under the same load and prints one table.

    python bench/serving/load.py HP IMAGE_HP PEERS_FOLDER [--seconds S] [--dynamodb ENDPOINT]

IMAGE_HP is the binary of the container image. Every server runs alone, on this machine, beside the
load generator (wrk, one thread).
"""

import argparse
import dataclasses
import http.client
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ROW = ROOT / "input.json"
CONNECTIONS = [1, 16, 64]
STARTS = 11


@dataclasses.dataclass
class Server:
    """A server to measure: how it is called, started and configured."""

    name: str
    command: list
    environment: dict
    folder: pathlib.Path = ROOT


def main():
    options = arguments()
    print("requests/s (p50 / p99 ms) at 1, 16 and 64 connections; first answer, and memory after the load")
    with tempfile.TemporaryDirectory() as work:
        for server in servers(options, pathlib.Path(work)):
            print(measure(server, options.seconds), flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("hp")
    parser.add_argument("image_hp")
    parser.add_argument("peers")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--dynamodb")
    return parser.parse_args()


def servers(options, work):
    for peer, title in [("none", "no model"), ("sklearn", "scikit-learn"), ("onnx", "onnxruntime")]:
        for workers in [1, 2]:
            yield Server(
                f"FastAPI, {title}, {workers} worker{'s' * (workers > 1)}",
                [sys.executable, "-m", "uvicorn", "fastapi_app:app", "--port", "PORT"]
                + ["--no-access-log", "--log-level", "warning", "--workers", str(workers)],
                {"PEER": peer, "PEER_FOLDER": options.peers, "OMP_NUM_THREADS": "1"},
                HERE,
            )
    stores = {
        "log off": "none",
        "SQLite, durable": f"sqlite://{work}/predictions.db",
    }
    environment = {
        "HP_SPOOL": f"{work}/spool.ndjson",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }
    if options.dynamodb:
        place = f"dynamodb://hp_bench?region=eu-west-1&endpoint={options.dynamodb}"
        subprocess.run([options.hp, "log", "init", "--store", place], env=os.environ | environment, check=True)
        stores["DynamoDB Local"] = place
    for title, store in stores.items():
        for name, hp, threads in [("hp", options.hp, 1), ("hp", options.hp, 2), ("hp of the image", options.image_hp, 2)]:
            yield Server(
                f"{name}, {title}, {threads} thread{'s' * (threads > 1)}",
                [hp, "serve", "--port", "PORT", "--log-level", "warn", "--threads", str(threads)],
                environment | {"HP_STORE": store},
            )


def measure(server, seconds):
    first = statistics.median(first_answer(server) for _ in range(STARTS))
    with Running(server) as running:
        load(running.port, 16, 1)
        cells = [cell(*load(running.port, connections, seconds)) for connections in CONNECTIONS]
        memory = running.memory()
    return f"{server.name:42}" + "".join(f"{text:>26}" for text in cells) + f"{first:9.1f} ms{memory:8.1f} MB"


def first_answer(server):
    with Running(server) as running:
        return running.first


class Running:
    """A server that has given its first answer, until the end of the block."""

    def __init__(self, server):
        self.port = free_port()
        command = [word.replace("PORT", str(self.port)) for word in server.command]
        start = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=server.folder,
            env=os.environ | server.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self.answers():
            if self.process.poll() is not None or time.perf_counter() - start > 60:
                self.stop()
                sys.exit(f"{server.name} does not answer: {' '.join(command)}")
            time.sleep(0.0002)
        self.first = (time.perf_counter() - start) * 1e3

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/v1/predict", ROW.read_bytes(), {"Content-Type": "application/json"})
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def memory(self):
        """Resident megabytes of the process and those it started."""
        pids = [self.process.pid]
        for pid in pids:
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            pids += [int(child) for child in children]
        sizes = [pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in pids]
        return sum(map(int, sizes)) * os.sysconf("SC_PAGESIZE") / 1e6

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        # Workers are in the session of the process that started them.
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def load(port, connections, seconds):
    """Requests per second, and the 50th and 99th percentile of latency in milliseconds."""
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
        + ["-s", str(HERE / "post.lua"), f"http://127.0.0.1:{port}/v1/predict"],
        env=os.environ | {"ROW": str(ROW)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"not every request succeeded:\n{output}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    return rate, percentile(output, 50), percentile(output, 99)


def percentile(output, share):
    number, unit = re.search(rf"{share}%\s+([\d.]+)(us|ms|s)\b", output).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def cell(rate, p50, p99):
    return f"{rate:,.0f} ({p50:.3g} / {p99:.3g})"


if __name__ == "__main__":
    main()
