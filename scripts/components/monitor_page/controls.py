"""Every control changes what it should, and the address with it."""

import time
from datetime import datetime, timedelta, timezone

from log import at
from scene import UNCERTAIN
from selenium.webdriver.common.keys import Keys


def the_threshold_is_raised_lowered_and_typed(scene):
    scene.show()
    for selector, threshold in (("#more", 23), ("#more", 24), ("#less", 23)):
        scene.page.click(selector)
        scene.expect_card("over_threshold", scene.count(f"upper - lower > {threshold}"))
        assert f"threshold={threshold}" in scene.page.query(), scene.page.query()
        lines = [shape["y0"] for shape in scene.layout("interval-width")["shapes"]]
        assert threshold in lines, lines
    field = scene.page.find("#threshold")
    field.clear()
    field.send_keys("10.5")
    scene.expect_card("over_threshold", scene.count("upper - lower > 10.5"))
    assert "threshold=10.5" in scene.page.query()


def every_filter_selects(scene):
    scene.show()
    days = lambda number: at(time.time() - number * 86400)
    for range_, since in (("24h", days(1)), ("7d", days(7)), ("90d", days(90)), ("all", "")):
        scene.page.click(f'#range input[value="{range_}"] + span')
        scene.expect_card("total", scene.count("id >= ?", since))
        assert f"range={range_}" in scene.page.query()
    scene.page.click('#certainty input[value="uncertain"] + span')
    scene.expect_card("total", scene.count(UNCERTAIN))
    scene.page.click('#certainty input[value="certain"] + span')
    scene.expect_card("total", scene.count(f"NOT {UNCERTAIN}"))
    scene.page.click('#certainty input[value=""] + span')
    for version in ("v1.0.0", "v1.1.0"):
        scene.page.choose("#version", version)
        scene.expect_card("total", scene.count("model_version = ?", version))
    scene.page.choose("#version", "")
    scene.page.choose("#source", "batch")
    scene.expect_card("total", scene.count("source = 'batch'"))
    scene.page.until("what to do without predictions", lambda: scene.page.seen("#empty"))
    scene.page.click("#reset")
    scene.expect_card("total", scene.count())
    today = datetime.now(timezone.utc).date()
    first, last = today - timedelta(days=12), today - timedelta(days=5)
    _date(scene, "#from", first)
    _date(scene, "#to", last)
    midnight = lambda day: at(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp())
    scene.expect_card("total", scene.count("id >= ? AND id < ?", midnight(first), midnight(last + timedelta(days=1))))
    assert f"from={first}" in scene.page.query() and f"to={last}" in scene.page.query(), scene.page.query()


def a_link_shows_what_was_seen(scene):
    query = "?range=7d&threshold=20&bucket=day&certainty=uncertain&version=v1.1.0&tab=records&sort=width&order=asc"
    scene.show(query)
    state = """return [document.querySelector('#range input:checked').value, document.querySelector('#threshold').value,
        document.querySelector('#bucket input:checked').value, document.querySelector('#certainty input:checked').value,
        document.querySelector('#version').value, document.querySelector('[aria-selected=true]').dataset.tab,
        document.querySelector('th[aria-sort=ascending]')?.textContent.trim().split(' ')[0]]"""
    expected = ["7d", "20.00", "day", "uncertain", "v1.1.0", "records", "Width"]
    scene.page.until("the same view", lambda: scene.page.run(state) == expected)
    scene.page.click("#tab-outcomes")
    scene.page.until("the tab in the address", lambda: "tab=outcomes" in scene.page.query())
    scene.page.driver.back()
    scene.page.until("the step back", lambda: scene.page.run(state) == expected)
    scene.page.driver.refresh()
    scene.page.until("the same after a reload", lambda: scene.page.run(state) == expected)


def absurd_addresses_are_refused_in_words(scene):
    for query, names in (
        ("?threshold=-1&bucket=year", ("threshold", "bucket")),
        ("?from=2024-09-08&to=2024-09-07", ("to",)),
        ("?range=1e99&version=%3Cscript%3E&source=%00&certainty=maybe", ("range", "version", "source", "certainty")),
        ("?tab=records&page=0&size=1e9&sort=__proto__&order=up", ("page", "size", "sort", "order")),
        (f"?version={'x' * 4000}", ("version",)),
    ):
        scene.page.open(f"{scene.url}{query}")
        scene.page.until(f"why not {query}", lambda: all(f"{name}:" in scene.page.text("#banner") for name in names))
        scene.page.click("#banner button")
        scene.page.until("all is well", lambda: not scene.page.seen("#banner"))
        scene.expect_card("total", scene.count())
    scene.complaints_but(422)


def what_an_address_does_not_name_is_left_alone(scene):
    scene.show("?tab=constructor&unknown=1&record=..%2F..%2Fnewest")
    scene.page.until("what is wrong with the record", lambda: scene.page.seen("#detail .bad"))
    assert scene.page.find("[aria-selected=true]").get_attribute("id") == "tab-overview"
    scene.page.keys(Keys.ESCAPE)
    scene.page.until("no dialog", lambda: not scene.page.seen("#detail"))
    scene.expect_card("total", scene.count())
    scene.complaints_but(422)


def a_page_beyond_the_last_leads_back(scene):
    scene.show("?tab=records&page=90000")
    scene.page.until("which page it is", lambda: "page 90,000 of" in scene.page.text(".pager"))
    scene.page.click('[data-go="Previous"]')
    rest = scene.count() % 50 or 50
    scene.page.until("the last page", lambda: len(scene.page.all(".records tbody tr")) == rest)


def _date(scene, selector, day):
    scene.page.choose(selector, str(day))
    scene.page.quiet()
