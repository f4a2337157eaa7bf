"""A log with very many predictions: the page is there at once, asks only for what is looked at, and every control answers."""

import json
import random
import sqlite3
import subprocess
import time

import log

# More than any machine should need, so that only a page that hangs fails; what it needs is printed.
GENEROUS = 60
DAYS = 89
# The tables of the first format. What later ones hold besides is made from them when the log is opened, as with any old log.
TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA application_id = 0x6870504c;
    PRAGMA user_version = 1;
    CREATE TABLE predictions (
        id TEXT PRIMARY KEY, model_version TEXT NOT NULL, data_fingerprint TEXT NOT NULL, inputs TEXT NOT NULL,
        lower REAL, prediction REAL, upper REAL, source TEXT NOT NULL, latency_us INTEGER NOT NULL, actual REAL, actual_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX predictions_of_version ON predictions (model_version, id);
    CREATE TABLE hours (
        start INTEGER NOT NULL, model_version TEXT NOT NULL, source TEXT NOT NULL, count INTEGER NOT NULL, uncertain INTEGER NOT NULL,
        sum_width REAL, sum_prediction REAL, actuals INTEGER NOT NULL, covered INTEGER NOT NULL, sum_absolute_error REAL,
        sum_squared_error REAL, PRIMARY KEY (start, model_version, source)
    ) STRICT, WITHOUT ROWID;
"""
HOURS = """
    INSERT INTO hours SELECT hour(id), model_version, source, COUNT(*), SUM(prediction < lower OR prediction > upper),
    SUM(upper - lower), SUM(prediction), COUNT(actual), COALESCE(SUM(lower <= actual AND actual <= upper), 0),
    COALESCE(SUM(ABS(actual - prediction)), 0.0), COALESCE(SUM((actual - prediction) * (actual - prediction)), 0.0)
    FROM predictions GROUP BY 1, 2, 3
"""


def many_predictions_are_shown_and_filtered(scene):
    many = int(scene.given.many)
    path = scene.scratch / "many.db"
    began = time.monotonic()
    _fill(path, many, log.read(scene.given.log))
    subprocess.run([scene.hp, "log", "init", "--store", f"sqlite://{path}"], check=True, capture_output=True)
    _tell(f"{many:,} predictions made", time.monotonic() - began)
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        count = lambda where, *values: connection.execute(f"SELECT COUNT(*) FROM predictions WHERE {where}", values).fetchone()[0]
        days = lambda number: log.at(time.time() - number * log.DAY)
        with scene.monitor(f"sqlite://{path}") as url:
            began = time.monotonic()
            scene.page.open(url)
            scene.page.until("the figures", lambda: scene.card("total") > 0)
            _tell("figures of the last 30 days", time.monotonic() - began)
            paint = scene.page.run("return performance.getEntriesByType('paint').find((it) => it.name === 'first-contentful-paint').startTime / 1000")
            _tell("first paint", paint)
            assert paint < GENEROUS
            scene.page.quiet()
            began = time.monotonic()
            scene.page.open(f"{url}?range=90d")
            scene.expect_card("total", many)
            _tell("figures", time.monotonic() - began)
            scene.page.until("the charts", lambda: scene.page.run("return document.querySelectorAll('.main-svg').length >= 2"))
            _tell("charts", time.monotonic() - began)
            scene.page.quiet()
            _only_what_is_seen_is_asked(scene)
            assert sum(scene.traces("interval-width").values()) <= 5000
            assert scene.page.seen("#overview .note"), "nothing says that not all are drawn"
            scene.page.picture(scene.pictures / "many.png")
            for name, select, total in (
                ("24 h", '#range input[value="24h"] + span', lambda: count("id >= ?", days(1))),
                ("7 d", '#range input[value="7d"] + span', lambda: count("id >= ?", days(7))),
                ("90 d", '#range input[value="90d"] + span', lambda: many),
                ("uncertain", '#certainty input[value="uncertain"] + span', lambda: count("(prediction < lower OR prediction > upper)")),
                ("daily", '#bucket input[value="day"] + span', lambda: scene.card("total")),
                ("all", '#certainty input[value=""] + span', lambda: many),
            ):
                _time(scene, name, lambda: scene.page.click(select))
                expected = total()
                assert abs(scene.card("total") - expected) <= many / 10_000, (name, scene.card("total"), expected)
            _time(scene, "threshold", lambda: scene.page.click("#more"))
            assert scene.card("over_threshold") == count("upper - lower > 23")
            for tab in ("records", "uncertain", "inputs", "outcomes", "overview"):
                _time(scene, f"view {tab}", lambda: scene.page.click(f"#tab-{tab}"))
            scene.page.click("#tab-records")
            scene.page.quiet()
            _time(scene, "sorted by width", lambda: scene.page.click('[data-sort="width"]'))
            _time(scene, "last page", lambda: scene.page.click('[data-go="Last"]'))
            _hurried(scene, count)


def _only_what_is_seen_is_asked(scene):
    asked = scene.page.run(
        """return performance.getEntriesByType('resource').filter((it) => it.name.includes('/api/'))
            .map((it) => [new URL(it.name).pathname.split('/').pop(), it.startTime, it.responseEnd])"""
    )
    assert {name for name, _, _ in asked} <= {"overview", "series", "settings", "newest"}, asked
    began = {name: start for name, start, _ in reversed(asked)}
    ended = {name: end for name, _, end in reversed(asked)}
    assert began["series"] < ended["overview"] and began["overview"] < ended["series"], f"one waits for the other: {asked}"


def _hurried(scene, count):
    """Of many questions in a row only the last one matters."""
    scene.page.click("#tab-overview")
    scene.page.quiet()
    scene.page.run("for (let i = 0; i < 12; i += 1) document.querySelector('#more').click()")
    _time(scene, "twelve thresholds at once", lambda: None)
    assert scene.card("over_threshold") == count("upper - lower > 35")


def _time(scene, name, act):
    scene.page.run("performance.clearResourceTimings()")
    began = time.monotonic()
    act()
    scene.page.quiet()
    seconds = time.monotonic() - began
    _tell(f"{name}: answered in {_answered(scene):.2f} s, drawn", seconds)
    assert seconds < GENEROUS, f"{name}: {seconds:.1f} s"


def _answered(scene):
    """The seconds from the first question of the page to the last answer; 0 when there was none."""
    return scene.page.run(
        """const asked = performance.getEntriesByType('resource').filter((it) => it.name.includes('/api/') && !it.name.includes('/newest'))
        return asked.length ? (Math.max(...asked.map((it) => it.responseEnd)) - Math.min(...asked.map((it) => it.startTime))) / 1000 : 0"""
    )


def _tell(name, seconds):
    print(f"       {name}: {seconds:.2f} s", flush=True)


def _fill(path, many, records):
    chance = random.Random(1)
    end = time.time() - 60
    step = DAYS * log.DAY / many
    likes = [(it["model_version"], it["data_fingerprint"], json.dumps(it["inputs"]), it["lower"], it["prediction"], it["upper"], it["source"], it["latency_us"]) for it in records]

    def rows():
        for number in range(many):
            moment = end - (many - 1 - number) * step
            like = chance.choice(likes)
            # Outcomes are known of one in forty.
            known = (None, None) if number % 40 else (like[4] + chance.gauss(0, 2), round(moment * 1000))
            yield log.identity(moment, number), *like, *known

    with sqlite3.connect(path) as connection:
        connection.create_function("hour", 1, lambda id: log.milliseconds(id) // 3_600_000 * 3600, deterministic=True)
        connection.executescript(TABLES)
        connection.executemany(f"INSERT INTO predictions VALUES ({','.join('?' * 11)})", rows())
        connection.execute(HOURS)
