"""Gives the predictions of a log a past: spreads them, in their order, over some days until a few minutes ago.

The log must not be written to meanwhile. Its hourly sums are made anew from the records.
"""

import argparse
import math
import random
import sqlite3
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", help="the SQLite file")
    parser.add_argument("--days", type=float, default=21)
    parser.add_argument("--until", type=float, default=180, help="seconds before now")
    arguments = parser.parse_args()
    with sqlite3.connect(arguments.log) as log:
        spread(log, arguments.days * 86400, time.time() - arguments.until)
        sum_up(log)


def spread(log, seconds, end):
    ids = [id for (id,) in log.execute("SELECT id FROM predictions ORDER BY id")]
    times = moments(len(ids), seconds, end)
    # Old and new ids may overlap, so every record steps aside first.
    log.execute("UPDATE predictions SET id = 'x' || id")
    renamed = [(at(moment) + id[10:], "x" + id, round(moment * 1000) + 3_600_000) for moment, id in zip(times, ids)]
    log.executemany("UPDATE predictions SET id = ? WHERE id = ?", [(new, old) for new, old, _ in renamed])
    log.executemany("UPDATE predictions SET actual_ms = ? WHERE id = ? AND actual IS NOT NULL", [(ms, new) for new, _, ms in renamed])


def moments(count, seconds, end):
    """More at noon than at midnight, as people ask."""
    chance = random.Random(1)
    kept = []
    while len(kept) < count:
        moment = end - chance.random() * seconds
        if chance.random() < 0.55 - 0.45 * math.cos((moment % 86400) / 86400 * 2 * math.pi):
            kept.append(moment)
    return sorted(kept)[:-1] + [end]


def at(moment):
    """The first ten characters of a ULID of this moment."""
    milliseconds = round(moment * 1000)
    return "".join(ALPHABET[milliseconds >> shift & 31] for shift in range(45, -1, -5))


def sum_up(log):
    log.create_function("hour", 1, lambda id: milliseconds(id) // 3_600_000 * 3600, deterministic=True)
    log.execute("DELETE FROM hours")
    log.execute(
        """INSERT INTO hours SELECT hour(id), model_version, source, COUNT(*),
        SUM(prediction < lower OR prediction > upper), SUM(upper - lower), SUM(prediction), COUNT(actual),
        COALESCE(SUM(lower <= actual AND actual <= upper), 0), COALESCE(SUM(ABS(actual - prediction)), 0.0),
        COALESCE(SUM((actual - prediction) * (actual - prediction)), 0.0)
        FROM predictions GROUP BY 1, 2, 3"""
    )


def milliseconds(id):
    value = 0
    for letter in id[:10]:
        value = value << 5 | ALPHABET.index(letter)
    return value


if __name__ == "__main__":
    main()
