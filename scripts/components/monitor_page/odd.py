"""Logs that nobody hopes for, and what the page makes of them."""

import json
import subprocess
import time

import log
from proxy import Prefix
from selenium.webdriver.common.keys import Keys

HOUR = 3600
DAY = 24 * HOUR
MARKUP = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"&'


def an_empty_log_says_what_to_do(scene):
    store = f"sqlite://{scene.scratch}/empty.db"
    log.deliver(scene.hp, store, [])
    with scene.monitor(store) as url:
        scene.page.open(url)
        scene.page.until("what to do", lambda: scene.page.seen("#empty") and "hp simulate" in scene.page.text("#empty"))
        scene.page.picture(scene.pictures / "empty.png")
        # One record appears on its own.
        log.deliver(scene.hp, store, [scene.like(time.time() - 5)])
        scene.expect_card("total", 1)
        assert not scene.page.seen("#empty")


def one_record_is_shown(scene):
    with scene.log_of("one", [scene.like(time.time() - 60)]) as url:
        scene.show("", url)
        scene.expect_card("total", 1)
        assert scene.change("total") == "none in the period before"
        assert sum(scene.traces("interval-width").values()) == 1
        for view in scene.views():
            assert scene.page.seen(f"#{view}")
        assert "/v1/feedback" in scene.page.text("#no-outcomes")
        scene.page.click("#tab-inputs")
        scene.page.until("how many more", lambda: "19 more" in scene.page.text("#verdict"))
        for bucket in ("hour", "week"):
            scene.show(f"?bucket={bucket}", url)
            assert scene.traces("interval-width")["v1.1.0"] == 1


def a_gap_of_a_month_is_not_drawn_over(scene):
    # Three weeks of two predictions a day, a month of none, and four days of ten.
    now = time.time()
    before = [scene.like(now - 35 * DAY - number * DAY / 2, number) for number in range(42)]
    since = [scene.like(now - 60 - number * DAY / 10, number) for number in range(40)]
    with scene.log_of("gap", before + since) as url:
        scene.show("?range=90d&bucket=day", url)
        scene.expect_card("total", 82)
        widths = scene.drawn("interval-width")["v1.1.0"]
        gaps = [place for place, width in enumerate(widths) if width is None]
        assert len(gaps) == 1 and 21 <= gaps[0] <= 22, widths
        assert not any(it["mean_width"] is None for it in json.loads(scene.page.run("return fetch('api/series?range=90d&bucket=day').then((it) => it.text())"))["buckets"])
        scene.page.picture(scene.pictures / "gap.png")
        scene.show("?range=90d", url)
        assert sum(scene.traces("interval-width").values()) == 82


def little_before_is_no_share(scene):
    now = time.time()
    for name, many, words in (("few", 3, "before: 3"), ("some", 20, "▲ +380 (×20) vs before")):
        before = [scene.like(now - 7.5 * DAY - number * HOUR, number) for number in range(many)]
        since = [scene.like(now - 60 - number * 60, number) for number in range(400)]
        with scene.log_of(name, before + since) as url:
            scene.show("?range=7d", url)
            scene.expect_card("total", 400)
            assert scene.change("total") == words, scene.change("total")


def a_clock_in_the_future_is_told(scene):
    now = time.time()
    records = [scene.like(now - number * HOUR, number) for number in range(1, 31)]
    with scene.log_of("future", [*records, scene.like(now + 3 * DAY)]) as url:
        scene.show("", url)
        scene.page.until("what is wrong", lambda: "3 days in the future" in scene.page.text("#age"))
        assert "warn" in scene.page.find("#age").get_attribute("class")
        scene.expect_card("total", 30)
        scene.page.picture(scene.pictures / "future.png")
        scene.page.click('#range input[value="all"] + span')
        scene.expect_card("total", 31)
        for view in scene.views():
            assert scene.page.seen(f"#{view}")


def a_log_that_is_written_at_full_rate_is_shown_and_used(scene):
    scene.show("?range=24h")
    before = scene.count()
    start = scene.card("total")
    command = [scene.hp, "simulate", "--url", scene.given.api, "--count", "4000", "--rate", "250", "--from", scene.given.data, "--seed", "9"]
    writer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        seen = set()
        # The page follows, and is used meanwhile.
        while writer.poll() is None:
            for view in scene.views():
                seen.add(scene.card("total"))
            scene.page.click("#more")
        assert writer.returncode == 0
    finally:
        writer.kill()
        writer.wait()
    assert len(seen) > 2, f"the page stood still at {seen}"
    written = scene.count() - before
    assert written == 4000, written
    scene.page.click("#tab-overview")
    scene.expect_card("total", start + written)
    scene.page.until("the note that not all are drawn", lambda: scene.page.seen("#overview .note") or scene.card("total") <= 5000)


def versions_with_other_features_are_shown_together(scene):
    now = time.time()
    old = [scene.like(now - DAY - number * HOUR, number, model_version="v1.0.0") for number in range(30)]
    # Of this version there is no artifact any more, and its features are others.
    inputs = [{"RM": 6 + number / 10, "AREA": 80 + number, "garden": None if number % 3 else 1} for number in range(30)]
    new = [scene.like(now - 60 - number * 60, number, model_version="v9.0.0", inputs=given) for number, given in enumerate(inputs)]
    with scene.log_of("features", old + new) as url:
        scene.show("?tab=records", url)
        scene.expect_card("total", 60)
        titles = scene.page.run("return [...document.querySelectorAll('.records thead th')].map((it) => it.textContent)")
        assert {"RM", "AREA", "garden", "LSTAT"} <= set(titles), titles
        cell = f"#records tbody tr td:nth-child({titles.index('LSTAT') + 1})"
        assert scene.page.text(cell) == "–", scene.page.text(cell)
        scene.page.click(".records .link")
        scene.page.until("its own inputs", lambda: [it.text for it in scene.page.all("#detail .inputs tbody th")] == ["RM", "AREA", "garden"])
        scene.page.keys(Keys.ESCAPE)
        for view in scene.views():
            assert scene.page.seen(f"#{view}")
        scene.show("?tab=uncertain", url)
        assert {"RM", "AREA", "LSTAT"} <= {it.get_attribute("data-feature") for it in scene.page.all("#uncertain [data-feature]")}
        for version, total in (("v9.0.0", 30), ("v1.0.0", 30)):
            scene.show(f"?tab=inputs&version={version}", url)
            scene.expect_card("total", total)
            assert scene.page.text("#verdict"), version


def hostile_text_stays_text(scene):
    """Every word that an answer carries is markup, wherever it comes from."""

    with Prefix(scene.url, rewrite=_hostile) as proxy:
        record = scene.one("SELECT MAX(id) FROM predictions")
        for query in ("", "?bucket=day", f"?record={record}"):
            scene.show(query, proxy.url)
            for view in () if "record" in query else scene.views():
                if view == "overview":
                    scene.page.until("the charts", lambda: scene.page.all("#chart-prediction .main-svg"))
        scene.page.until("the record", lambda: MARKUP in scene.page.text("#detail .inputs") and MARKUP in scene.page.text("#detail .origin"))
        assert MARKUP in scene.page.text("#subject") and MARKUP in scene.page.text("#version")
        hit = scene.page.run("return [window.hit ?? 0, document.querySelectorAll('main img, dialog img, header img, main script').length]")
        assert hit == [0, 0], hit
        scene.page.open("about:blank")


def hostile_names_in_the_log_stay_text(scene):
    with scene.log_of("hostile", [scene.like(time.time() - 5, inputs={MARKUP: 1.5, "__proto__": 2}, git_commit=MARKUP)]) as url:
        scene.show("", url)
        for view in scene.views():
            assert scene.page.seen(f"#{view}")
        scene.page.click("#tab-records")
        scene.page.until("its name as text", lambda: MARKUP in scene.page.text(".records thead"))
        scene.page.click(".records .link")
        scene.page.until("the record", lambda: MARKUP in scene.page.text("#detail .inputs"))
        assert scene.page.run("return window.hit ?? document.querySelectorAll('main img, dialog img').length") == 0


# Fields whose text follows from rules, such as times.
RULED = {"id", "time", "from", "to", "start", "end", "bucket", "kind", "state", "test", "measure", "newest", "newest_time", "answered", "now", "actual_time", "dtype"}


def _hostile(body):
    def turn(value, name=""):
        if isinstance(value, dict):
            return {name: turn(it, name) for name, it in value.items()}
        if isinstance(value, list):
            return [turn(it, name) for it in value]
        if isinstance(value, str) and name not in RULED:
            return MARKUP
        return value

    return json.dumps(turn(json.loads(body))).encode()
