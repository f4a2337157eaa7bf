"""Prediction logs made to order: records in the JSON form of a spool, which `hp log replay` delivers to any store.

As a program it gives the predictions of a log a past: `log.py HP FROM TO` delivers those of one SQLite file to another,
spread in their order over some days until a few minutes ago.
"""

import json
import math
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DAY = 86400
DAYS = 21
UNTIL = 180


def main(hp, source, target):
    records = read(source)
    end = time.time() - UNTIL
    for record, moment in zip(records, moments(len(records), DAYS * DAY, end), strict=True):
        record["id"] = at(moment) + record["id"][10:]
        if record["actual"] is not None:
            record["actual_time"] = rfc3339(moment + 3600)
    deliver(hp, f"sqlite://{target}", records)


def read(path):
    """The records of a SQLite file, oldest first."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as log:
        log.row_factory = sqlite3.Row
        rows = [dict(row) for row in log.execute("SELECT * FROM predictions ORDER BY id")]
    for row in rows:
        row["inputs"] = json.loads(row["inputs"])
        moment = row.pop("actual_ms")
        row["actual_time"] = None if moment is None else rfc3339(moment / 1000)
    return rows


def deliver(hp, store, records, environment=None):
    """Adds records to a store, which is made if it is not there."""
    with tempfile.NamedTemporaryFile("w", suffix=".spool") as spool:
        spool.writelines(json.dumps(record) + "\n" for record in records)
        spool.flush()
        subprocess.run([hp, "log", "init", "--store", store], check=True, capture_output=True, env=environment)
        subprocess.run([hp, "log", "replay", spool.name, "--store", store], check=True, capture_output=True, env=environment)


def moments(count, seconds, end):
    """More at noon than at midnight, as people ask."""
    chance = random.Random(1)
    kept = []
    while len(kept) < count:
        moment = end - chance.random() * seconds
        if chance.random() < 0.55 - 0.45 * math.cos((moment % DAY) / DAY * 2 * math.pi):
            kept.append(moment)
    return sorted(kept)[:-1] + [end]


def identity(moment, number=0):
    """A ULID of this moment, in seconds since 1970."""
    return f"{at(moment)}{number:016d}"


def at(moment):
    """The first ten characters of a ULID of this moment."""
    milliseconds = round(moment * 1000)
    return "".join(ALPHABET[milliseconds >> shift & 31] for shift in range(45, -1, -5))


def milliseconds(id):
    """The moment of a ULID, in milliseconds since 1970."""
    value = 0
    for letter in id[:10]:
        value = value << 5 | ALPHABET.index(letter)
    return value


def rfc3339(moment):
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    main(*sys.argv[1:])
