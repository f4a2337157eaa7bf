"""What is shown against what the log says."""

import json
import sqlite3
import subprocess

from log import milliseconds
from scene import UNCERTAIN


def cards_equal_the_log(scene):
    scene.show()
    scene.expect_card("total", scene.count())
    scene.expect_card("outside_limits", scene.count(UNCERTAIN))
    scene.expect_card("over_threshold", scene.count("upper - lower > 22"))
    scene.expect_card("share_uncertain", round(100 * scene.count(UNCERTAIN) / scene.count(), 1))
    stats = subprocess.run([scene.hp, "log", "stats", "--from", "60d", "--format", "json", "--store", f"sqlite://{scene.given.log}"], check=True, capture_output=True).stdout
    lines = json.loads(stats)
    lines = lines if isinstance(lines, list) else next(value for value in lines.values() if isinstance(value, list))
    scene.expect_card("total", sum(line["predictions"] for line in lines))
    scene.expect_card("outside_limits", sum(line["uncertain"] for line in lines))


def predictions_are_aggregated(scene):
    scene.show()
    assert scene.traces("prediction")["uncertain"] == scene.count(UNCERTAIN)
    widths = scene.traces("interval-width")
    assert widths["width"] + widths["over the threshold"] == scene.count(), widths
    assert widths["over the threshold"] == scene.count("upper - lower > 22"), widths
    markers = [it["text"] for it in scene.layout("prediction")["annotations"]]
    assert "v1.1.0" in markers, markers
    for bucket, length in (("hour", 3600), ("day", 86400), ("week", 604800)):
        scene.page.click(f'#bucket input[value="{bucket}"] + span')
        scene.page.quiet()
        with sqlite3.connect(scene.given.log) as log:
            records = log.execute("SELECT id, model_version FROM predictions WHERE model_version = 'v1.0.0'").fetchall()
        # Weeks begin on Mondays, the epoch was a Thursday.
        shift = 4 * 86400 if bucket == "week" else 0
        buckets = {(milliseconds(id) // 1000 - shift) // length for id, _ in records}
        scene.page.until(f"{len(buckets)} points by {bucket}", lambda: scene.traces("interval-width").get("v1.0.0") == len(buckets))
        assert f"bucket={bucket}" in scene.page.query()


def every_view_has_its_figures(scene):
    scene.show("?tab=uncertain")
    scene.page.until("12 features", lambda: len(scene.page.all("#uncertain [data-feature]")) == 12)
    assert len(scene.page.all("#uncertain .records tbody tr")) == 10
    worst = f"{scene.one(f'SELECT MAX(MAX(lower - prediction, prediction - upper)) FROM predictions WHERE {UNCERTAIN}'):.2f}"
    assert scene.page.text("#uncertain tbody tr td:nth-child(6)") == worst
    # The newest rows are those that were shifted.
    scene.show("?tab=inputs&range=24h&version=v1.1.0")
    scene.page.until("the verdict", lambda: "RM" in scene.page.text("#verdict") and "LSTAT" in scene.page.text("#verdict"))
    assert len(scene.page.all("#inputs [data-column]")) == 14
    scene.show("?tab=outcomes")
    scene.expect_card("actuals", scene.count("actual IS NOT NULL"))
    covered = scene.count("lower <= actual AND actual <= upper") / scene.count("actual IS NOT NULL")
    scene.expect_card("coverage", round(100 * covered, 1))
    scene.expect_card("mae", round(scene.one("SELECT AVG(ABS(actual - prediction)) FROM predictions"), 2))
    scene.show("?tab=outcomes&certainty=uncertain&range=24h")
    scene.page.until("how to send true values", lambda: "/v1/feedback" in scene.page.text("#no-outcomes"))


def new_predictions_appear(scene):
    scene.show()
    scene.traces("prediction")
    scene.page.click("#chart-prediction .tools button:nth-child(1)")
    scene.page.until("zoomed", lambda: scene.layout("prediction")["xaxis"]["autorange"] is False)
    zoomed = scene.layout("prediction")["xaxis"]["range"]
    record = scene.one("SELECT MAX(id) FROM predictions")
    scene.page.run("history.pushState(null, '', '?record=' + arguments[0]); dispatchEvent(new PopStateEvent('popstate'))", record)
    scene.page.until("the record", lambda: scene.page.seen("#detail .facts"))
    scene.page.run("window.stayed = true; scrollTo(0, 300)")
    place = scene.page.run("return scrollY")
    before = scene.card("total")
    subprocess.run([scene.hp, "simulate", "--url", scene.given.api, "--count", "7", "--from", scene.given.data], check=True, capture_output=True)
    scene.expect_card("total", before + 7)
    assert scene.page.run("return window.stayed"), "the page was loaded anew"
    assert scene.page.seen("#detail .facts"), "the dialog was closed"
    assert scene.layout("prediction")["xaxis"]["range"] == zoomed, "the zoom was lost"
    assert scene.page.run("return scrollY") == place, "the page was scrolled"
